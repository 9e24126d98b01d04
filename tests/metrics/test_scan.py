"""One file is one scan, one scan a reading of its day; a folder of them is a series."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.item import Skipped
from debtplan.core.reading import Findings, Reading
from debtplan.errors import InputError, UsageError
from debtplan.metrics.options import ReadingTable
from debtplan.metrics.scan import Scans, day_of


def styles(count: int) -> str:
    return json.dumps([{"source": "a.css", "warnings": [{"rule": "color-no-hex"}] * count}])


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        file = folder / "scans" / f"{name}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")


def read(folder: Path, **more: Any) -> tuple[list[Reading], list[Skipped]]:
    table = ReadingTable.model_validate({"path": "scans", "metric": "raw", **more})
    found = list(Scans("stylelint", table, folder).read())
    readings = [one for one in found if isinstance(one, Reading)]
    return readings, [one for one in found if isinstance(one, Skipped)]


def test_a_folder_of_dated_scans_is_a_series(tmp_path: Path) -> None:
    put(tmp_path, **{"2026-11-02": styles(3), "2026-11-01": styles(5), "2026-10-30": styles(0)})
    readings, skipped = read(tmp_path)
    assert [one.start_at.date().isoformat() for one in readings] == [
        "2026-10-30",
        "2026-11-01",
        "2026-11-02",
    ]
    assert [one.measure for one in readings] == [Findings(found=n) for n in (0, 5, 3)]
    assert {(one.metric, one.source) for one in readings} == {("raw", "stylelint")}
    assert readings[0].end_at == datetime(2026, 10, 31, tzinfo=UTC)
    assert not skipped


def test_of_two_scans_of_a_day_the_later_by_name_stands_and_the_other_is_listed(
    tmp_path: Path,
) -> None:
    put(tmp_path, **{"20261101T0400": styles(3), "20261101T1600": styles(5)})
    (reading,), (skipped,) = read(tmp_path)
    assert reading.measure == Findings(found=5)
    assert skipped.ref == "scans/20261101T0400.json"
    assert "which stands" in skipped.reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("", "is empty"),
        ('[{"source": "a", "warnings": NaN}]', "NaN"),
        ('{"violations": []}', "is no result of stylelint"),
    ],
)
def test_a_wrong_file_is_listed_and_the_others_are_read(
    text: str, said: str, tmp_path: Path
) -> None:
    put(tmp_path, **{"2026-11-01": styles(3), "2026-11-02": text})
    (reading,), (skipped,) = read(tmp_path)
    assert reading.measure == Findings(found=3)
    assert skipped.ref == "scans/2026-11-02.json"
    assert said in skipped.reason
    with pytest.raises(InputError, match="nothing was read") as error:
        read(tmp_path, on_error="stop")
    assert error.value.what.startswith("scans/2026-11-02.json ")
    assert said in error.value.what


def test_a_folder_of_another_scanner_s_files_is_an_error_that_names_the_first(
    tmp_path: Path,
) -> None:
    wrong = '{"violations": []}'
    put(tmp_path, **{"2026-11-01": wrong, "2026-11-02": wrong})
    with pytest.raises(InputError) as error:
        read(tmp_path)
    assert error.value.what == (
        "None of 2 files of [metrics.stylelint] can be used as a stylelint result: "
        "scans/2026-11-01.json is no result of stylelint, which is a list of files with warnings."
    )


def test_a_scan_without_a_day_is_told_where_to_put_it(tmp_path: Path) -> None:
    put(tmp_path, **{"latest": styles(3), "2026-11-02": styles(3)})
    _, (skipped,) = read(tmp_path)
    assert skipped.reason == (
        "does not say when it was scanned; put the day into its name: 2026-11-20.json"
    )


def test_a_table_without_a_metric_or_of_no_scanner_is_refused(tmp_path: Path) -> None:
    put(tmp_path, **{"2026-11-02": styles(3)})
    with pytest.raises(InputError, match="does not say which metric"):
        read(tmp_path, metric=None)
    table = ReadingTable(path="scans", metric="raw")
    with pytest.raises(UsageError, match="no scanner"):
        list(Scans("sass", table, tmp_path).read())


@pytest.mark.parametrize(
    ("scanned_at", "name", "day"),
    [
        ("2026-11-20T23:30:00-02:00", "2026-01-01.json", date(2026, 11, 21)),
        ("", "scans/2026-11-20.json", date(2026, 11, 20)),
        ("", "scans/20261120.json", date(2026, 11, 20)),
        ("", "scans/lint_2026_11_20-final.json", date(2026, 11, 20)),
        ("", "2026-11-20/styles.json", date(2026, 11, 20)),
        ("", "2026-11-20/styles-2026-11-21.json", date(2026, 11, 21)),
        ("", "v20261120.1/2026-02-31/2026-02-28.json", date(2026, 2, 28)),
    ],
)
def test_the_scanner_s_own_time_counts_before_the_file_s_name(
    scanned_at: str, name: str, day: date
) -> None:
    assert day_of(scanned_at, name) == day


@pytest.mark.parametrize("name", ["1202611203.json", "2026-13-01.json", "2026-02-31.json"])
def test_what_is_no_day_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="does not say when"):
        day_of("", name)
