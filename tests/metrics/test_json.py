"""Readings from JSON: what is refused and why, then the forms a file may have, then noise."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.item import Skipped
from debtplan.core.reading import Counts, Percentiles, Reading
from debtplan.errors import InputError
from debtplan.metrics.json import JsonReadings
from debtplan.metrics.options import ReadingTable

GOOD: dict[str, Any] = {
    "metric": "m",
    "start_at": "2026-11-01T00:00:00Z",
    "end_at": "2026-11-02T00:00:00Z",
    "measure": {"form": "counts", "bad": 4, "total": 100},
}


def read(folder: Path, content: object, **options: object) -> list[Reading | Skipped]:
    """Read what is given, as JSON or as it stands."""
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "readings.json").write_text(text, encoding="utf-8")
    table = ReadingTable.model_validate({"path": "readings.json", **options})
    return list(JsonReadings("export", table, folder).read())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"measure": {"form": "counts", "bad": 4, "total": 3}}, "4 bad of 3 in all"),
        ({"measure": {"form": "counts", "bad": "4", "total": 9}}, "valid number"),
        ({"measure": {"form": "counts", "bad": True, "total": 9}}, "valid number"),
        ({"measure": {"form": "mean", "value": 9}}, "form"),
        ({"start_at": None}, "start_at is not given as a text"),
        ({"start_at": 1_762_000_000}, "start_at is not given as a text"),
        ({"start_at": "soon"}, "start_at is not a date"),
        ({"start_at": ""}, "start_at is not known"),
        ({"end_at": "2026-11-01T00:00:00Z"}, "end_at is not after start_at"),
        ({"metric": None}, "metric"),
        ({"sample_size": -1}, "sample_size"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_reading_that_does_not_hold_is_skipped_with_its_place(
    tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    skipped, good = sorted(
        read(tmp_path, [{**GOOD, **change}, GOOD]), key=lambda one: isinstance(one, Reading)
    )
    assert isinstance(skipped, Skipped)
    assert skipped.ref == "readings.json reading 1"
    assert reason in skipped.reason
    assert isinstance(good, Reading)


def test_a_mean_alone_is_refused_with_the_reason(tmp_path: Path) -> None:
    (found,) = read(tmp_path, [{"metric": "m", "start_at": "2026-11-01", "value": 3}])
    assert isinstance(found, Skipped)
    assert "holds a mean alone, which says nothing" in found.reason


@pytest.mark.parametrize("content", ["{}", "3", '{"items": []}', "", "[", "[NaN]", "[1e999]"])
def test_a_document_that_holds_no_readings_is_an_error(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match=r"readings\.json"):
        read(tmp_path, content)


def test_what_is_no_object_is_skipped(tmp_path: Path) -> None:
    found = read(tmp_path, [None, 3, "x", []])
    assert len(found) == 4
    assert all(isinstance(one, Skipped) and "is no object" in one.reason for one in found)


def test_stop_refuses_the_whole_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="reading 2"):
        read(tmp_path, [GOOD, {}], on_error="stop")


@pytest.mark.parametrize("content", [[GOOD], {"readings": [GOOD]}, GOOD])
def test_a_list_an_object_of_readings_and_a_single_one_read_alike(
    tmp_path: Path, content: object
) -> None:
    (found,) = read(tmp_path, content)
    assert isinstance(found, Reading)
    assert found.measure == Counts(bad=4, total=100)
    assert found.source == "export"


def test_one_reading_a_line_is_read(tmp_path: Path) -> None:
    later = {**GOOD, "start_at": "2026-11-02T00:00:00Z", "end_at": "2026-11-03T00:00:00Z"}
    found = read(tmp_path, f"{json.dumps(later)}\n{json.dumps(GOOD)}\n")
    assert [one.start_at.day for one in found if isinstance(one, Reading)] == [1, 2]


def test_lists_become_tuples_and_times_utc(tmp_path: Path) -> None:
    measure = {"form": "percentiles", "ranks": [0.5, 0.95], "values": [1, 3.5]}
    record = {"start_at": "2026-11-01T02:00+02:00", "end_at": "2026-11-02", "measure": measure}
    (found,) = read(tmp_path, [record], metric="named-in-settings")
    assert isinstance(found, Reading)
    assert found.metric == "named-in-settings"
    assert found.measure == Percentiles(ranks=(0.5, 0.95), values=(1, 3.5))
    assert found.start_at == datetime(2026, 11, 1, tzinfo=UTC)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, JSON)), max_size=4))
@pytest.mark.slow
def test_any_list_gives_readings_or_reasons(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    for one in read(folder, [{**GOOD, **record} for record in records]):
        assert isinstance(one, Reading | Skipped)


def test_a_line_that_is_no_json_is_skipped_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "readings.jsonl").write_text(f"{json.dumps(GOOD)}\n{{oops\n", encoding="utf-8")
    source = JsonReadings("export", ReadingTable(path="readings.jsonl"), tmp_path)
    skipped, reading = source.read()
    assert isinstance(skipped, Skipped)
    assert skipped.ref == "readings.jsonl row 2"
    assert isinstance(reading, Reading)
