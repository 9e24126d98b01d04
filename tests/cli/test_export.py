"""`debtplan export`: tidy tables as CSV and Parquet, the same every time, safe in a spreadsheet."""

import csv
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from debtplan.core import tidy_rows
from debtplan.core.item import ItemState
from debtplan.core.source import Record
from debtplan.core.tidy import TABLES, Cell, Kind, Rows
from debtplan.errors import InputError, UsageError
from debtplan.render.tidy import render_tidy
from debtplan.store import SqlStore, open_store
from debtplan.warehouse.parquet import write_parquet
from tests import plans
from tests.builders import item
from tests.cli.shop import DAY, Shop
from tests.store import evidence, samples

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

READ: Mapping[Kind, Callable[[str], object]] = {
    Kind.TEXT: str,
    Kind.NUMBER: float,
    Kind.WHOLE: int,
    Kind.ANSWER: lambda cell: {"true": True, "false": False}[cell],
    Kind.INSTANT: datetime.fromisoformat,
    Kind.DAY: date.fromisoformat,
}


def fill(store: SqlStore) -> None:
    """Keep one of everything."""
    closed = item("a", state=ItemState.DONE, closed_at=NOON, labels=("x", "y"))
    given: list[Record] = [
        closed,
        evidence.tally(),
        evidence.overlap(),
        evidence.note(1),
        evidence.release(1),
        samples.reading(1),
    ]
    store.save_source(samples.state(), given)
    store.save_plan(plans.empty())
    store.approve(plans.empty().plan_id, "Ada", NOON)
    store.save_forecasts([evidence.forecast(1)])
    store.save_verdicts([evidence.verdict(1)])
    store.save_placebos([evidence.placebo(1)])


def exported(shop: Shop, *words: str, folder: str = "out") -> dict[str, bytes]:
    done = shop.run("export", folder, "--as-of", DAY, *words)
    assert done.code == 0, done.said
    return {one.name: one.read_bytes() for one in sorted((shop.folder / folder).iterdir())}


def csv_of(name: str, rows: Rows) -> list[dict[str, str]]:
    text = render_tidy(TABLES[name], rows)
    return list(csv.DictReader(text.splitlines()))


def parquet_of(file: Path) -> list[dict[str, Any]]:
    duckdb = pytest.importorskip("duckdb", reason="no duckdb: install debtplan[evidence]")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.read_parquet(str(file))
        # Instants as texts: handing them over takes a package more.
        wanted = ", ".join(
            f'strftime("{name}", \'%Y-%m-%dT%H:%M:%S.%fZ\') AS "{name}"'
            if "TIME" in str(kind)
            else f'"{name}"'
            for name, kind in zip(found.columns, found.types, strict=True)
        )
        rows = found.project(wanted)
        return [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]


def test_every_table_is_written_with_its_columns(shop: Shop) -> None:
    shop.run("sync")
    found = exported(shop)
    assert set(found) == {f"{name}.csv" for name in TABLES}
    for name, table in TABLES.items():
        head = found[f"{name}.csv"].decode().partition("\r\n")[0]
        assert head.split(",") == [field.name for field in table.fields]


def test_what_the_store_holds_is_in_the_tables(shop: Shop) -> None:
    with open_store("sqlite:///debtplan.db", shop.folder) as store:
        fill(store)
    found = exported(shop)
    rows = {
        name: list(csv.DictReader(found[f"{name}.csv"].decode().splitlines())) for name in TABLES
    }
    assert (rows["items"][0]["labels"], rows["items"][0]["closed_at"]) == (
        "x; y",
        "2026-03-02T12:00:00Z",
    )
    assert (rows["readings"][0]["bad"], rows["readings"][0]["total"]) == ("3", "40")
    assert rows["readings"][0]["good"] == ""
    assert {row["metric"] for row in rows["harm"]} == {"pay-errors", "find-errors"}
    assert rows["harm"][0]["harm"] != ""
    assert rows["tallies"][0]["bad_with"] == "8"
    assert [(row["metric"], float(row["frustrated"])) for row in rows["overlaps"]] == [
        ("errors", 30),
        ("loss", 50),
    ]
    whole = {(row["step"], float(row["union"]), float(row["sessions"])) for row in rows["overlaps"]}
    assert whole == {("shipping", 60, 400)}
    assert (rows["notes"][0]["seen"], rows["notes"][0]["of"]) == ("5", "8")
    assert [(row["item"], row["is_assumed"]) for row in rows["releases"]] == [
        ("jira:a", "true"),
        ("", "false"),
    ]
    assert (rows["forecasts"][0]["removal"], rows["forecasts"][0]["grade"]) == ("0.2", "C")
    assert (rows["verdicts"][0]["effect"], rows["verdicts"][0]["outcome"]) == ("-0.05", "moved")
    assert (rows["placebos"][0]["realised"], rows["placebos"][0]["due_on"]) == (
        "0.05",
        "2026-11-27",
    )


@pytest.mark.slow
def test_a_plan_gives_a_row_for_every_item_chosen_or_not(shop: Shop) -> None:
    shop.run("sync")
    shop.run("plan", "--as-of", DAY)
    with open_store("sqlite:///debtplan.db", shop.folder) as store:
        ((plan_id, _),) = store.plan_ids()
        plan = store.plan(plan_id)
        store.approve(plan_id, "Ada", NOON)
    assert plan is not None
    text = exported(shop)["plans.csv"].decode()
    rows = list(csv.DictReader(text.splitlines()))
    chosen = [row["key"] for row in rows if row["decision"] == "chosen"]
    assert chosen == [one.key for one in sorted(plan.chosen, key=lambda one: one.order)]
    passed = {one.key for one in plan.passed_over}
    assert {row["key"] for row in rows} == {*chosen, *passed}
    assert {row["approved_at"] for row in rows} == {"2026-03-02T12:00:00Z"}
    assert "Ada" not in text
    by_key = {one.key: one for one in plan.chosen}
    assert float(rows[0]["ux_value"]) == by_key[rows[0]["key"]].ux_value


@pytest.mark.slow
def test_the_same_store_gives_the_same_bytes(shop: Shop) -> None:
    shop.run("sync")
    assert exported(shop, "--format", "both") == exported(shop, "--format", "both", folder="two")


@pytest.mark.slow
def test_parquet_holds_what_csv_holds(shop: Shop) -> None:
    with open_store("sqlite:///debtplan.db", shop.folder) as store:
        fill(store)
    shop.run("sync")
    exported(shop, "--format", "both")
    for name, table in TABLES.items():
        text = (shop.folder / "out" / f"{name}.csv").read_bytes().decode()
        rows = list(csv.DictReader(text.splitlines()))
        found = parquet_of(shop.folder / "out" / f"{name}.parquet")
        assert len(found) == len(rows), name
        for said, kept in zip(rows, found, strict=True):
            for field in table.fields:
                cell, value = said[field.name], kept[field.name]
                if value is None or value == "":
                    assert cell == "", (name, field)
                    continue
                if field.kind is Kind.INSTANT:
                    value = datetime.fromisoformat(value)
                assert READ[field.kind](cell) == value, (name, field)


def test_odd_texts_come_back_whole_from_parquet(tmp_path: Path) -> None:
    texts = ["", "null", "NULL", 'a,b\n"c"', "'", "\u00e4 \U0001f468", "=1+1", "\\N", "-1", "\x01"]
    rows = [
        {field.name: None for field in TABLES["notes"].fields} | {"id": str(n), "text": text}
        for n, text in enumerate(texts)
    ]
    place = tmp_path / 'it\'s "here".parquet'
    write_parquet(place, TABLES["notes"], rows)
    assert [row["text"] for row in parquet_of(place)] == texts
    assert [one.name for one in tmp_path.iterdir()] == [place.name]


def test_numbers_keep_all_their_digits(tmp_path: Path) -> None:
    numbers = [0.1 + 0.2, 1e300, 5e-324, 123456789012.25, 3.0]
    blank: dict[str, Cell] = {field.name: None for field in TABLES["forecasts"].fields}
    rows = [blank | {"harm": number} for number in numbers]
    assert [float(row["harm"]) for row in csv_of("forecasts", rows)] == numbers
    write_parquet(tmp_path / "a.parquet", TABLES["forecasts"], rows)
    assert [row["harm"] for row in parquet_of(tmp_path / "a.parquet")] == numbers


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd", "-2+3", "\t=1", " =1", "\uff1d1"])
def test_no_text_of_a_csv_starts_a_formula(text: str) -> None:
    rows = tidy_rows.item_rows([item("a", title=text)])
    assert csv_of("items", rows)[0]["title"].startswith("'")


@pytest.mark.slow
def test_a_plan_of_another_debtplan_is_left_out_and_said_so(shop: Shop) -> None:
    from sqlalchemy import text

    from debtplan.store import table
    from debtplan.store.shelves import PLANS

    with open_store("sqlite:///debtplan.db", shop.folder) as store:
        kept = table.KeptPlan(
            plan_id="old", digest="d", team="shop", sprint_id="1", created_at=NOON, document="{}"
        )
        with store._database.writing() as connection:  # noqa: SLF001 - writes what nobody writes now
            PLANS.put(connection, [kept])
            assert connection.execute(text("SELECT count(*) FROM plan")).scalar() == 1
    done = shop.run("export", "out", "--as-of", DAY)
    assert done.code == 0
    assert "not written: plan old" in done.err
    assert (shop.folder / "out" / "plans.csv").read_text().count("\n") == 1


def test_files_of_other_names_are_left_alone(shop: Shop) -> None:
    shop.write("out/mine.csv", "mine")
    assert exported(shop)["mine.csv"] == b"mine"


def test_a_place_that_is_no_folder_is_told(shop: Shop) -> None:
    shop.write("out", "a file")
    done = shop.run("export", "out", "--as-of", DAY)
    assert done.code == InputError.exit_code
    assert "out cannot be made" in done.err


def test_a_parquet_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_parquet(tmp_path / "gone" / "a.parquet", TABLES["notes"], [])
    (tmp_path / "notes.parquet").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        write_parquet(tmp_path / "notes.parquet", TABLES["notes"], [])


def test_without_duckdb_csv_is_still_written(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert set(exported(shop)) == {f"{name}.csv" for name in TABLES}
    done = shop.run("export", "out", "--format", "parquet", "--as-of", DAY)
    assert done.code == UsageError.exit_code
    assert "pip install 'debtplan[evidence]'" in done.err


def test_every_cell_has_the_type_of_its_column() -> None:
    kinds: Mapping[Kind, tuple[type, ...]] = {
        Kind.TEXT: (str,),
        Kind.NUMBER: (float, int),
        Kind.WHOLE: (int,),
        Kind.ANSWER: (bool,),
        Kind.INSTANT: (datetime,),
        Kind.DAY: (date,),
    }
    made = {
        "forecasts": tidy_rows.forecast_rows([evidence.forecast(1)]),
        "notes": tidy_rows.note_rows([evidence.note(1)]),
        "overlaps": tidy_rows.overlap_rows([evidence.overlap()]),
        "placebos": tidy_rows.placebo_rows([evidence.placebo(1)]),
        "readings": tidy_rows.reading_rows([samples.reading(1)]),
        "tallies": tidy_rows.tally_rows([evidence.tally()]),
        "verdicts": tidy_rows.verdict_rows([evidence.verdict(1)]),
    }
    for name, rows in made.items():
        for field in TABLES[name].fields:
            for row in rows:
                assert row[field.name] is None or isinstance(row[field.name], kinds[field.kind])
