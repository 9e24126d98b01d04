"""The examples of docs/warehouse.md hold: each is loaded as settings and reads events."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from debtplan.bootstrap.warehouses import make_warehouse
from debtplan.config.load import load_settings
from debtplan.core.reading import Counts, Percentiles, Reading, Window
from debtplan.core.tally import Tally
from debtplan.warehouse.events import Warehouse
from debtplan.warehouse.layout import snake_case
from tests.docs.page import DOCS, REPOSITORY, read_blocks, section
from tests.warehouse import engines

TEXT = (DOCS / "warehouse.md").read_text(encoding="utf-8")
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
WINDOW = Window(start_on=date(2026, 6, 1), end_on=date(2026, 6, 29))
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
FIELDS = {
    **dict.fromkeys(("id", "anonymous_id", "user_id", "context_country"), "text"),
    **dict.fromkeys(("timestamp", "received_at"), "timestamp"),
    "error_code": "text",
    "wait_ms": "double",
    "name": "text",
}


def example(heading: str) -> str:
    """Return the settings that stand under a heading of the page."""
    (block,) = (one for one in read_blocks(section(TEXT, heading)) if one.language == "toml")
    return block.text


def opened(folder: Path, heading: str, name: str) -> Warehouse:
    (folder / "debtplan.toml").write_text(example(heading), encoding="utf-8")
    return make_warehouse(load_settings(folder / "debtplan.toml"), name)


def visit(number: int, country: str, *events: tuple[str, str | None]) -> list[dict[str, Any]]:
    """Return the events of one session, a minute between them."""
    found = []
    for n, (event, code) in enumerate(events):
        at = NOON + timedelta(hours=number, minutes=n)
        row = dict.fromkeys(FIELDS) | {
            "id": f"e{number}-{n}", "anonymous_id": f"a{number}", "timestamp": at,
            "received_at": at, "context_country": country, "error_code": code,
            "wait_ms": 100.0 * (n + 1), "name": event.removeprefix("page:"), "event": event,
        }  # fmt: skip
        found.append(row)
    return found


def fill(connection: Any, rows: list[dict[str, Any]], schema: str) -> list[str]:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE SCHEMA {schema}")
    tables: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        page = row["event"].startswith("page:")
        tables.setdefault("pages" if page else snake_case(row["event"]), []).append(row)
    for name, mine in tables.items():
        engines.fill(connection, f"{schema}.{name}", mine, FIELDS)
    return sorted(tables)


@pytest.mark.slow
def test_the_example_of_segment_counts_sessions(tmp_path: Path) -> None:
    import duckdb

    cart, shipping, refused, done = (
        "Cart Viewed", "Shipping Viewed", "Address Rejected", "page:Thank You",
    )  # fmt: skip
    rows = [
        *visit(1, "US", (cart, None), (shipping, None), (done, None)),
        *visit(2, "FR", (cart, None), (shipping, None), (refused, "ADDR_INVALID")),
        *visit(3, "FR", (cart, None), (shipping, None), (refused, "ADDR_INVALID"), (done, None)),
        *visit(4, "DE", (cart, None), (shipping, None), (done, None)),
        *visit(5, "DE", (cart, None)),
    ]
    with duckdb.connect(str(tmp_path / "segment.duckdb")) as connection:
        fill(connection, rows, "website")
    warehouse = opened(tmp_path, "## Segment", "web")
    found = [one for one in warehouse.readings(WINDOW, NOW) if isinstance(one, Reading)]
    assert {one.metric: one.measure for one in found} == {
        "address-errors": Counts(bad=2, total=4, recovered=1),
        "lost-abroad": Counts(bad=1, total=3),
    }
    tallies = [one for one in warehouse.tallies(WINDOW, NOW) if isinstance(one, Tally)]
    (code,) = (
        one for one in tallies if one.metric == "lost-abroad" and one.value == "ADDR_INVALID"
    )
    (part,) = code.strata
    assert (part.bad_with, part.total_with, part.bad_without, part.total_without) == (1, 2, 0, 1)


def test_the_example_of_rudderstack_reads_exported_files(tmp_path: Path) -> None:
    import duckdb

    names = ("Cart Viewed", "Shipping Viewed", "Order Completed")
    rows = [one for n in (1, 2) for one in visit(n, "US", *((name, None) for name in names))]
    (tmp_path / "exports").mkdir()
    with duckdb.connect() as connection:
        for name in fill(connection, rows, "web"):
            connection.execute(f"COPY web.{name} TO '{tmp_path}/exports/{name}.parquet'")
    warehouse = opened(tmp_path, "## RudderStack", "web")
    found = [one for one in warehouse.readings(WINDOW, NOW) if isinstance(one, Reading)]
    times = {one.metric: one.measure for one in found}
    assert times["time-at-shipping"] == Percentiles(
        ranks=(0.5, 0.75, 0.95, 0.99), values=(60, 60, 60, 60)
    )
    assert times["address-wait"] == Percentiles(
        ranks=(0.5, 0.75, 0.95, 0.99), values=(200, 200, 200, 200)
    )


def test_the_example_of_a_table_is_that_of_the_sample() -> None:
    import tomllib

    said = tomllib.loads(example("## A table"))["warehouse"]["events"]
    real = tomllib.loads((REPOSITORY / "sample_data" / "debtplan.toml").read_text(encoding="utf-8"))
    assert said == real["warehouse"]["events"]
    header = csv.reader(["session_id,country,device,step,at,error_code"])
    assert set(said["columns"].values()) <= set(next(header))


@pytest.mark.parametrize("engine", ["ClickHouse", "Spark", "PostgreSQL", "DuckDB", "Trino"])
def test_every_engine_is_named(engine: str) -> None:
    assert engine in TEXT
