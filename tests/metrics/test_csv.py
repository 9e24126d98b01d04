"""Readings from tables: what is refused and why, then every form, then noise."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.item import Skipped
from debtplan.core.reading import (
    Bands,
    Buckets,
    Counts,
    Findings,
    Percentiles,
    Rate,
    Reading,
)
from debtplan.errors import InputError
from debtplan.metrics.csv import CsvReadings
from debtplan.metrics.options import ReadingTable


def read(folder: Path, text: str, **options: object) -> list[Reading | Skipped]:
    """Read the text as a file of readings."""
    (folder / "readings.csv").write_text(text, encoding="utf-8")
    table = ReadingTable.model_validate({"path": "readings.csv", **options})
    return list(CsvReadings("export", table, folder).read())


def only_reason(folder: Path, header: str, row: str) -> str:
    """Return why the only row is skipped."""
    (found,) = read(folder, f"metric,date,{header}\nm,2026-11-02,{row}\n")
    assert isinstance(found, Skipped)
    assert found.ref == "readings.csv row 2"
    return found.reason


@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        ("value", "412", "is a mean alone, which says nothing about how many users wait too long"),
        ("avg,sample_size", "412,90", "give percentiles or buckets"),
        ("total", "90", "column 'bad': '' is not given beside total"),
        ("bad,total", "11,10", "column 'bad': '11' is refused: 11 bad of 10 in all"),
        ("bad,total", "0,0", "column 'total': '0' is 0; a time without users"),
        ("bad,total", "-1,10", "column 'bad': '-1' is negative"),
        ("bad,total", "NaN,10", "column 'bad': 'NaN' is not a finite number"),
        ("bad,total", "inf,10", "column 'bad': 'inf' is not a finite number"),
        ("bad,total", "many,10", "column 'bad': 'many' is not a number"),
        ("bad,total,recovered", "4,10,5", "5 recovered of 4 bad"),
        ("rate,recovered", "0.1,5", "'recovered': '5' is given without bad and total"),
        ("rate", "2.1", "write 0.021 for 2.1%"),
        ("rate,p50,p95", "0.1,1,2", "given in 2 forms (rate and percentiles)"),
        ("p95", "1.2", "one percentile alone"),
        ("p50,p95", "3,2", "a higher percentile cannot be lower than a smaller one"),
        ("p50,p95", "0,2", "0 or less, which no waiting time is"),
        ("good,poor", "0.7,0.3", "'needs_improvement': '' is not given"),
        ("good,needs_improvement,poor", "0.7,0.2,0.3", "add up to 1.2, not 1"),
        ("le_1,le_2,total", "5,4,10", "bucket counts must be cumulative"),
        ("le_1,le_2", "4,5", "'total': '' is not given"),
        ("le_1,le_2,total", "4,-5,9", "column 'le_2': '-5' is negative"),
        ("le_1,le_2,total", "4,x,9", "column 'le_2': 'x' is not a number"),
        ("rate,sample_size", "0.1,0", "leave the cell empty where it is not known"),
        ("note", "hello", "not given; a reading needs bad and total, rate"),
    ],
)
def test_a_row_that_says_nothing_usable_is_skipped_with_column_value_and_reason(
    tmp_path: Path, header: str, row: str, reason: str
) -> None:
    assert reason in only_reason(tmp_path, header, row)


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        (",,", "column 'date': '' is empty; give date, or start_at and end_at"),
        ("02/11/2026,,", "is day and month in an order that nobody has said"),
        ("2026-W45,,", "is not a date: write it as 2026-03-31"),
        (",2026-11-02T00:00Z,", "'end_at': '' is empty; a span needs start_at and end_at"),
        (",,2026-11-02T00:00Z", "'start_at': '' is empty"),
        (",2026-11-02T10:00Z,2026-11-02T10:00Z", "is not after start_at"),
        (",2026-11-02T10:00-05:00,2026-11-02T12:00Z", "is not after start_at"),
        ("9999-12-31,,", "is no day that ends"),
    ],
)
def test_a_row_without_a_usable_time_is_skipped(tmp_path: Path, times: str, reason: str) -> None:
    text = f"metric,date,start_at,end_at,bad,total\nm,{times},1,2\n"
    (found,) = read(tmp_path, text)
    assert isinstance(found, Skipped)
    assert reason in found.reason


def test_a_file_without_metrics_is_refused_with_both_ways_out(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no column for metric[^\n]*\n.*metric = \"ID\""):
        read(tmp_path, "date,bad,total\n2026-11-02,1,2\n")


def test_an_empty_metric_cell_is_a_skipped_row(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "metric,date,bad,total\n,2026-11-02,1,2\n")
    assert isinstance(found, Skipped)
    assert "'metric': '' is empty; name a metric" in found.reason


def test_stop_refuses_the_whole_file_at_its_first_bad_row(tmp_path: Path) -> None:
    text = "metric,date,bad,total\nm,2026-11-01,1,2\nm,2026-11-02,3,2\n"
    with pytest.raises(InputError, match=r"row 3.*3 bad of 2 in all"):
        read(tmp_path, text, on_error="stop")


def test_a_missing_file_is_an_error_not_an_empty_source(tmp_path: Path) -> None:
    table = ReadingTable(path="nothing.csv")
    with pytest.raises(InputError, match=r"nothing\.csv does not exist"):
        list(CsvReadings("export", table, tmp_path).read())


def test_the_earlier_of_two_rows_with_one_start_is_skipped_and_names_the_later(
    tmp_path: Path,
) -> None:
    text = "metric,date,bad,total\nm,2026-11-02,1,10\nm,2026-11-02,2,10\n"
    skipped, reading = read(tmp_path, text)
    assert isinstance(skipped, Skipped)
    assert skipped.ref == "readings.csv row 2"
    assert skipped.reason.endswith("and so does readings.csv row 3, which stands")
    assert isinstance(reading, Reading)
    assert reading.measure == Counts(bad=2, total=10)


def test_a_day_inside_a_week_is_skipped_so_that_no_user_counts_twice(tmp_path: Path) -> None:
    text = (
        "metric,date,start_at,end_at,bad,total\n"
        "m,2026-11-04,,,1,10\n"
        "m,,2026-11-02,2026-11-09,7,70\n"
        "m,2026-11-09,,,1,10\n"
    )
    found = read(tmp_path, text)
    assert [type(one) for one in found] == [Reading, Skipped, Reading]
    assert isinstance(found[1], Skipped)
    assert "give days or weeks, not both" in found[1].reason


def test_every_form_becomes_its_measure(tmp_path: Path) -> None:
    text = (
        "metric,date,bad,total,recovered,rate,good,needs_improvement,poor,p50,p75,p95,"
        "le_0.5,LE_1,le_2,sample_size\n"
        "a,2026-11-02,4,100,1,,,,,,,,,,,\n"
        "b,2026-11-02,,,,0.04,,,,,,,,,,900\n"
        "c,2026-11-02,,,,,0.7,0.2,0.1,,,,,,,500\n"
        "d,2026-11-02,,,,,,,,310,520,1400,,,,40\n"
        "e,2026-11-02,,60,,,,,,,,,10,30,55,\n"
    )
    found = {one.metric: one for one in read(tmp_path, text) if isinstance(one, Reading)}
    assert found["a"].measure == Counts(bad=4, total=100, recovered=1)
    assert found["b"].measure == Rate(bad_share=0.04)
    assert found["b"].sample_size == 900
    assert found["c"].measure == Bands(good=0.7, needs_improvement=0.2, poor=0.1)
    assert found["d"].measure == Percentiles(ranks=(0.5, 0.75, 0.95), values=(310, 520, 1400))
    assert found["e"].measure == Buckets(bounds=(0.5, 1, 2), counts=(10, 30, 55), total=60)
    assert {one.source for one in found.values()} == {"export"}


def test_the_bucket_of_infinity_is_the_total(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "metric,date,le_1,le_+Inf\nm,2026-11-02,30,60\n")
    assert isinstance(found, Reading)
    assert found.measure == Buckets(bounds=(1,), counts=(30,), total=60)


def test_columns_are_mapped_for_buckets_too_and_sums_are_taken(tmp_path: Path) -> None:
    columns = {"le_0.5": "half", "le_1": "one", "total": ["fast", "slow"], "date": "Tag"}
    text = "Tag;half;one;fast;slow\n2026-11-02;10;20;20;5\n"
    (found,) = read(tmp_path, text, metric="m", columns=columns)
    assert isinstance(found, Reading)
    assert found.measure == Buckets(bounds=(0.5, 1), counts=(10, 20), total=25)


def test_an_instant_with_any_offset_becomes_utc_and_one_without_is_utc(tmp_path: Path) -> None:
    text = "metric,start_at,end_at,bad,total\nm,2026-11-02T00:00+12:45,2026-11-02T00:00,1,2\n"
    (found,) = read(tmp_path, text)
    assert isinstance(found, Reading)
    assert found.start_at == datetime(2026, 11, 1, 11, 15, tzinfo=UTC)
    assert found.end_at == datetime(2026, 11, 2, tzinfo=UTC)
    assert found.start_at.utcoffset() == found.end_at.utcoffset() == datetime.now(UTC).utcoffset()


def test_a_date_is_the_whole_day_in_utc(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "metric,date,rate\nm,2026-11-02,0.1\n")
    assert isinstance(found, Reading)
    assert (found.start_at, found.end_at) == (
        datetime(2026, 11, 2, tzinfo=UTC),
        datetime(2026, 11, 3, tzinfo=UTC),
    )


def test_readings_come_oldest_first_within_a_metric_whatever_the_file(tmp_path: Path) -> None:
    text = "metric,date,rate\nb,2026-11-03,0.1\na,2026-11-02,0.1\nb,2026-11-01,0.1\n"
    found = [
        (one.metric, one.start_at.day)
        for one in read(tmp_path, text)
        if not isinstance(one, Skipped)
    ]
    assert found == [("a", 2), ("b", 1), ("b", 3)]


CELL = st.one_of(
    st.sampled_from(
        ["", "0", "1", "12", "0.5", "-3", "1e400", "NaN", "1,5", "2026-11-02", '"', "m"]
    ),
    st.text(max_size=6),
)


@given(st.lists(st.lists(CELL, min_size=6, max_size=6), max_size=6))
def test_any_table_gives_readings_or_reasons_and_never_another_error(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    lines = [",".join(row) for row in rows]
    text = "\n".join(["metric,date,bad,total,p50,p95", *lines])
    (folder / "readings.csv").write_bytes(text.encode("utf-8", "surrogatepass"))
    table = ReadingTable(path="readings.csv")
    for one in CsvReadings("export", table, folder).read():
        assert isinstance(one, Reading | Skipped)
        assert not isinstance(one, Skipped) or one.reason


def test_hours_in_a_column_of_days_are_refused_not_taken_for_days(tmp_path: Path) -> None:
    text = "metric,date,bad,total\nm,2026-11-02 00:00:00,1,9\nm,2026-11-02 01:00:00,1,9\n"
    with pytest.raises(InputError, match=r"row 3 has a time of day[^\n]*\n.*span_hours = 1"):
        read(tmp_path, text)


@pytest.mark.parametrize("midnight", ["2026-11-02 00:00", "2026-11-02T00:00:00Z", "2.11.2026 0:00"])
def test_midnight_beside_a_day_is_the_whole_day(tmp_path: Path, midnight: str) -> None:
    (found,) = read(tmp_path, f"metric,date,bad,total\nm,{midnight},1,9\n")
    assert isinstance(found, Reading)
    assert (found.end_at - found.start_at).days == 1


@pytest.mark.parametrize("header", ["date", "timestamp", "start_at"])
def test_spans_without_an_end_are_as_long_as_the_settings_say(tmp_path: Path, header: str) -> None:
    text = f"metric,{header},bad,total\nm,2026-11-02 05:00,1,9\nm,2026-11-02 06:00,1,9\n"
    found = read(tmp_path, text, span_hours=1)
    assert [(one.start_at.hour, one.end_at.hour) for one in found if isinstance(one, Reading)] == [
        (5, 6),
        (6, 7),
    ]


def test_starts_alone_are_refused_with_the_setting_that_mends_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"when a reading starts[^\n]*\n.*span_hours"):
        read(tmp_path, "metric,timestamp,bad,total\nm,2026-11-02,1,9\n")


def test_a_file_without_any_time_is_refused_once_not_row_by_row(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column for date"):
        read(tmp_path, "metric,week,bad,total\nm,45,1,9\n")


def test_a_span_past_the_end_of_the_calendar_is_a_skipped_row(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "metric,date,bad,total\nm,9999-12-31,1,9\n", span_hours=48)
    assert isinstance(found, Skipped)


def test_buckets_may_be_named_as_a_monitoring_system_exports_them(tmp_path: Path) -> None:
    text = 'metric,date,"le=""0.5""","le=""2""","le=""+Inf"""\nm,2026-11-02,6,9,10\n'
    (found,) = read(tmp_path, text)
    assert isinstance(found, Reading)
    assert found.measure == Buckets(bounds=(0.5, 2), counts=(6, 9), total=10)


def test_shares_may_be_written_in_per_cent(tmp_path: Path) -> None:
    text = "metric,date,good,needs_improvement,poor\nm,2026-11-02,70%,20%,10%\n"
    (found,) = read(tmp_path, text)
    assert isinstance(found, Reading)
    assert found.measure == Bands(good=0.7, needs_improvement=0.2, poor=0.1)


def test_a_table_of_findings_tells_how_many_were_found(tmp_path: Path) -> None:
    text = "metric,date,violations\nraw,2026-11-02,41\nraw,2026-11-03,0\n"
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    found = list(CsvReadings("scans", ReadingTable(path="r.csv"), tmp_path).read())
    assert [one.measure for one in found if isinstance(one, Reading)] == [
        Findings(found=41),
        Findings(found=0),
    ]


@pytest.mark.parametrize("cell", ["nan", "-1", "many", "inf"])
def test_findings_that_are_no_number_are_told_with_their_column(cell: str, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(f"metric,date,found\nraw,2026-11-02,{cell}\n", encoding="utf-8")
    (skipped,) = CsvReadings("scans", ReadingTable(path="r.csv"), tmp_path).read()
    assert isinstance(skipped, Skipped)
    assert skipped.ref == "r.csv row 2"
    assert "found" in skipped.reason
