"""What every source of readings promises, whatever its type."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from debtplan.core.item import Skipped
from debtplan.core.reading import Reading
from debtplan.errors import InputError
from debtplan.metrics import METRICS
from debtplan.metrics.options import ReadingTable

DAY = '{"form": "counts", "bad": 1, "total": 9}'
SCANS = {"2026-11-02.json": "", "2026-10-31.json": "[1]", "2026-11-01.json": ""}
"""One file a scan; the text of a type stands in for the empty ones."""

SCANNED: dict[str, tuple[str, dict[str, object]]] = {
    "axe": ('{"violations": []}', {}),
    "lighthouse": (
        '{"audits": {}, "categories": {"accessibility": {"score": 1, "auditRefs": []}}}',
        {},
    ),
    "pa11y": ("[]", {}),
    "react-scanner": ('{"Button": 3}', {"system": ["Button"]}),
    "stylelint": ('[{"warnings": []}]', {}),
}
FILES: dict[str, tuple[str, str, dict[str, object]]] = {
    **{
        kind: ("scans", text, {"type": kind, "metric": "m", **own})
        for kind, (text, own) in SCANNED.items()
    },
    "csv": (
        "r.csv",
        "metric,date,bad,total\nm,2026-11-02,1,9\nm,2026-11-01,x,9\nm,2026-10-31,1,9\n",
        {},
    ),
    "json": (
        "r.json",
        (
            '[{"metric": "m", "start_at": "2026-11-02", "end_at": "2026-11-03", '
            f'"measure": {DAY}}}, {{"metric": "m", "measure": {DAY}}}, '
            '{"metric": "m", "start_at": "2026-11-01", "end_at": "2026-11-02", '
            f'"measure": {DAY}}}]'
        ),
        {},
    ),
    "tickets": (
        "t.csv",
        "created_at\n2026-11-02\nsoon\n2026-11-01\n",
        {"metric": "m", "sessions_per_day": 9},
    ),
    "csat": (
        "c.csv",
        "answered_at,score\n2026-11-02,1\n2026-11-01,bad\n2026-10-31,4\n",
        {"metric": "m"},
    ),
}


def table_of(kind: str, folder: Path, **options: object) -> ReadingTable:
    """Write the small file of a type and return its table."""
    name, text, own = FILES[kind]
    if kind in SCANNED:
        (folder / name).mkdir(exist_ok=True)
        for file, other in SCANS.items():
            (folder / name / file).write_text(other or text, encoding="utf-8")
    else:
        (folder / name).write_text(text, encoding="utf-8")
    return ReadingTable.model_validate({"path": name, **own, **options})


def test_every_type_of_the_settings_is_registered_and_tried() -> None:
    assert set(METRICS) == set(FILES) == {"csv", "json", "tickets", "csat", *SCANNED}


@pytest.mark.parametrize("kind", METRICS)
def test_readings_are_aware_utc_named_and_oldest_first(kind: str, tmp_path: Path) -> None:
    source = METRICS[kind]("mine", table_of(kind, tmp_path), tmp_path)
    readings = [one for one in source.read() if isinstance(one, Reading)]
    assert source.name == "mine"
    assert [one.start_at for one in readings] == sorted(one.start_at for one in readings)
    assert len(readings) == 2
    for one in readings:
        assert (one.metric, one.source) == ("m", "mine")
        assert one.start_at.utcoffset() == one.end_at.utcoffset() == timedelta(0)
        assert one.fetched_at is None


@pytest.mark.parametrize("kind", METRICS)
def test_a_bad_record_is_listed_with_its_place_and_the_rest_is_read(
    kind: str, tmp_path: Path
) -> None:
    source = METRICS[kind]("mine", table_of(kind, tmp_path), tmp_path)
    (skipped,) = [one for one in source.read() if isinstance(one, Skipped)]
    assert skipped.ref.startswith(FILES[kind][0])
    assert skipped.reason


@pytest.mark.parametrize("kind", METRICS)
def test_stop_refuses_before_anything_is_yielded(kind: str, tmp_path: Path) -> None:
    source = METRICS[kind]("mine", table_of(kind, tmp_path, on_error="stop"), tmp_path)
    with pytest.raises(InputError):
        next(iter(source.read()))


@pytest.mark.parametrize("kind", METRICS)
def test_reading_twice_gives_the_same(kind: str, tmp_path: Path) -> None:
    source = METRICS[kind]("mine", table_of(kind, tmp_path), tmp_path)
    assert list(source.read()) == list(source.read())


@pytest.mark.parametrize("kind", METRICS)
def test_a_file_that_is_not_there_is_an_error(kind: str, tmp_path: Path) -> None:
    table = table_of(kind, tmp_path).model_copy(update={"path": "gone.csv"})
    with pytest.raises(InputError, match="does not exist"):
        list(METRICS[kind]("mine", table, tmp_path).read())


@pytest.mark.slow
def test_naming_the_types_loads_none_of_them() -> None:
    code = (
        "import sys; from debtplan.metrics import METRICS; "
        "own = ('csv', 'json', 'events', 'scan'); "
        "print([m for m in own if f'debtplan.metrics.{m}' in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
