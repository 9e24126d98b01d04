"""Segment and RudderStack: a table an event, pages, columns that appear late."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.flow import Flow
from debtplan.core.item import Skipped
from debtplan.core.reading import Reading
from debtplan.errors import InputError
from debtplan.warehouse.duckdb import DuckDbRunner
from debtplan.warehouse.events import Warehouse
from debtplan.warehouse.layout import snake_case
from debtplan.warehouse.options import EventColumns, WarehouseTable
from tests.warehouse import engines
from tests.warehouse.dirty import END, FIELDS, NOW, SEED, START, STEPS, as_oracle, dirty_events
from tests.warehouse.oracle import Oracle, visits
from tests.warehouse.test_contract import FLOW, MOST, WANTS, WINDOW, measures, metric

EVENTS = {
    "cart": "Cart Viewed",
    "shipping": "ShippingInfo Entered",
    "payment": "Payment: started!",
    "done": "page:Thank you",
}
NAMES = {"at": "timestamp", "event": "name", "agent": "context_user_agent"}


def settings(**place: Any) -> WarehouseTable:
    return WarehouseTable(
        dataset="web",
        columns=EventColumns(error="error_code"),
        dimensions={"country": "country", "device": "device"},
        segments={"abroad": {"country": {"not": ("US",)}}},
        steps={f"checkout.{step}": (event,) for step, event in EVENTS.items()},
        errors={"abroad-codes": ("ADDR_INVALID", "it's \\'")},
        values={"pay-wait": "wait_ms"},
        max_events=MOST,
        **place,
    )


def tables() -> dict[str, list[dict[str, Any]]]:
    """Return the dirty events as Segment would keep them: what no step is, is a page."""
    found: dict[str, list[dict[str, Any]]] = {"pages": []}
    for one in dirty_events(SEED):
        event = EVENTS.get(one["event"], "page:Elsewhere")
        row = {NAMES.get(key, key): value for key, value in one.items()}
        named = "pages" if event.startswith("page:") else snake_case(event)
        row["name"] = event.removeprefix("page:")
        found.setdefault(named, []).append(row)
    return found


def fill(connection: Any, schema: str) -> None:
    """Make the tables; a column without any value is not there, as with Segment."""
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    kinds = {NAMES.get(key, key): kind for key, kind in FIELDS.items()}
    for named, rows in tables().items():
        kept = [key for key in kinds if any(row[key] is not None for row in rows)]
        kept = [key for key in kept if key not in ("session_id", "name") or named == "pages"]
        engines.fill(connection, f"{schema}.{named}", rows, {key: kinds[key] for key in kept})


def database(folder: Path) -> WarehouseTable:
    """A DuckDB database with a schema."""
    import duckdb

    with duckdb.connect(str(folder / "w.duckdb")) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        fill(connection, "web")
    return settings(url="duckdb:///w.duckdb", shape="segment")


def files(folder: Path) -> WarehouseTable:
    """A folder of Parquet files, each called like its table."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        fill(connection, "web")
        for named in tables():
            connection.execute(f"COPY web.{named} TO '{folder / named}.parquet'")
    return settings(path="*.parquet", shape="rudderstack")


@pytest.fixture(
    scope="module", params=[pytest.param(one, marks=pytest.mark.slow) for one in (database, files)]
)
def shaped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("shape")
    make: Callable[[Path], WarehouseTable] = request.param
    table = make(folder)
    path = table.path or table.url.removeprefix("duckdb:///")

    def opened() -> DuckDbRunner:
        return DuckDbRunner(table, folder, path)

    return Warehouse("w", table, tuple(map(metric, WANTS)), (FLOW,), opened)


def test_the_figures_are_those_of_the_plain_reading(shaped: Warehouse) -> None:
    oracle = Oracle(visits(as_oracle(dirty_events(SEED)), START, END, NOW, most=MOST), STEPS)
    found = [one for one in shaped.readings(WINDOW, NOW) if isinstance(one, Reading)]
    wanted = {
        (want.id, day): figures for want in WANTS for day, figures in oracle.daily(want).items()
    }
    assert measures(found) == wanted


def test_a_step_whose_event_has_no_table_is_named(shaped: Warehouse) -> None:
    flow = Flow(id="signup", steps=("Form Seen", "Sent"))
    with pytest.raises(InputError) as error:
        shaped.funnel(flow, WINDOW, NOW)
    assert "'Form Seen' is looked for in the table form_seen" in error.value.fix


def test_a_column_that_has_had_no_value_yet_is_a_remark(shaped: Warehouse) -> None:
    dimensions = {**shaped.table.dimensions, "plan": "context_traits_plan"}
    table = shaped.table.model_copy(update={"dimensions": dimensions})
    asked = Warehouse("w", table, shaped.metrics, shaped.flows, shaped.connect)
    remarks = [one for one in asked.readings(WINDOW, NOW) if isinstance(one, Skipped)]
    assert "no table has the column of 'plan' yet" in {one.reason for one in remarks}


@pytest.mark.parametrize(
    ("event", "named"),
    [
        ("Shipping Viewed", "shipping_viewed"),
        ("ShippingViewed", "shipping_viewed"),
        ("checkout: step #2 -- shipping!", "checkout_step_2_shipping"),
        ("payment", "payment"),
    ],
)
def test_an_event_has_a_table_in_snake_case(event: str, named: str) -> None:
    assert snake_case(event) == named
