"""Rage clicks from raw events: whose session had one at a step, the same on every engine."""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.flow import Flow, UxMetric
from debtplan.core.reading import Counts, Reading, Window
from debtplan.core.tally import Overlap
from debtplan.errors import InputError
from debtplan.warehouse.duckdb import DuckDbRunner
from debtplan.warehouse.events import Warehouse
from debtplan.warehouse.live import LiveEvents
from debtplan.warehouse.options import EventColumns, WarehouseTable
from tests.store.conftest import postgresql, server  # noqa: F401 - fixtures
from tests.warehouse import engines
from tests.warehouse.engines import Open
from tests.warehouse.test_contract import ENGINES

START = datetime(2026, 11, 2, tzinfo=UTC)
NOW = START + timedelta(days=10)
WINDOW = Window(start_on=START.date(), end_on=(START + timedelta(days=2)).date())
STEPS = ("cart", "shipping", "payment")
FLOW = Flow(id="checkout", steps=STEPS)
FIELDS = {"session": "text", "event": "text", "at": "timestamp"}
RAGE = "$rageclick"


def rows() -> list[dict[str, Any]]:
    """Return events of 60 sessions over two days: steps in order, rage clicks anywhere."""
    drawn = random.Random(7)
    found = []
    for number in range(60):
        begin = START + timedelta(days=number % 2, hours=8, minutes=number)
        seconds = 0
        for step in STEPS[: drawn.randint(1, 3)]:
            found.append((number, step, begin + timedelta(seconds=seconds)))
            for _ in range(drawn.choice((0, 0, 1, 2))):
                seconds += drawn.randint(1, 9)
                found.append((number, RAGE, begin + timedelta(seconds=seconds)))
            seconds += drawn.randint(10, 60)
        if number % 9 == 0:
            found.append((number, RAGE, begin - timedelta(seconds=5)))
    return [{"session": f"s{n}", "event": event, "at": at} for n, event, at in found]


def counted(events: Sequence[Mapping[str, Any]], step: str) -> dict[int, tuple[int, int]]:
    """Return, by day, sessions that met a step, and those with a rage click before the next.

    As told by the first and the last rage click of a session only.
    """
    sessions: dict[str, list[Mapping[str, Any]]] = {}
    for one in events:
        sessions.setdefault(one["session"], []).append(one)
    following = STEPS[STEPS.index(step) + 1] if step != STEPS[-1] else None
    days: dict[int, tuple[int, int]] = {}
    for own in sessions.values():
        times = {one["event"]: one["at"] for one in own if one["event"] != RAGE}
        if step not in times:
            continue
        rages = sorted(one["at"] for one in own if one["event"] == RAGE)
        end = times.get(following or "", datetime.max.replace(tzinfo=UTC))
        bad = any(times[step] <= at < end for at in (rages[:1] + rages[-1:]))
        day = (min(one["at"] for one in own) - START).days
        met, raged = days.get(day, (0, 0))
        days[day] = (met + 1, raged + bad)
    return days


def metric(step: str, kind: str = "rage_clicks", **more: Any) -> UxMetric:
    fields = {"id": f"{kind}-{step}", "flow": "checkout", "step": step, "kind": kind}
    goal = {"reference": 0.1} if kind == "drop_off" else {"target": 0.01}
    return UxMetric.model_validate({**fields, **goal, **more})


def settings(**more: Any) -> WarehouseTable:
    columns = EventColumns(session="session")
    given = {"path": "unused.parquet", "table": "clicks", "columns": columns}
    return WarehouseTable.model_validate({**given, **more})


@pytest.fixture(scope="module", params=ENGINES)
def connect(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Open]:
    opened: AbstractContextManager[Open]
    if request.param == "postgres":
        url = request.getfixturevalue("server")
        opened = engines.postgres(url, "clicks", rows(), FIELDS)
    else:
        folder = tmp_path_factory.mktemp("rage")
        opened = getattr(engines, request.param)(folder, "clicks", rows(), FIELDS)
    with opened as found:
        yield found


@pytest.mark.parametrize("step", STEPS)
def test_sessions_with_a_rage_click_at_a_step_are_counted_each_day(
    step: str, connect: Open
) -> None:
    warehouse = Warehouse("w", settings(), (metric(step),), (FLOW,), connect)
    found = [one for one in warehouse.readings(WINDOW, NOW) if isinstance(one, Reading)]
    told = {}
    for one in found:
        assert isinstance(one.measure, Counts)
        told[(one.start_at - START).days] = (one.measure.total, one.measure.bad)
    truth = counted(rows(), step)
    assert told == truth
    assert all(0 < raged < met for met, raged in truth.values())


def test_their_overlap_with_harm_is_not_counted_as_they_carry_none(connect: Open) -> None:
    losses = (metric("shipping"), metric("shipping", "drop_off"))
    warehouse = Warehouse("w", settings(), losses, (FLOW,), connect)
    assert not [one for one in warehouse.tallies(WINDOW, NOW) if isinstance(one, Overlap)]


def test_other_names_of_the_event_are_a_setting(connect: Open) -> None:
    for event, is_bad in (("cart", True), ("nothing", False)):
        table = settings(rage_clicks=event)
        warehouse = Warehouse("w", table, (metric("cart"),), (FLOW,), connect)
        found = [one for one in warehouse.readings(WINDOW, NOW) if isinstance(one, Reading)]
        assert len(found) == 2
        for one in found:
            assert isinstance(one.measure, Counts)
            assert one.measure.bad == (one.measure.total if is_bad else 0)


def test_metrics_of_other_kinds_are_not_read_anew_for_the_event_s_name() -> None:
    def scope(kind: str, **more: Any) -> str:
        asked = (metric("cart", kind),)
        warehouse = Warehouse("w", settings(**more), asked, (FLOW,), lambda: pytest.fail("asked"))
        return LiveEvents(warehouse, lambda: NOW).scope("readings")

    assert scope("drop_off") == scope("drop_off", rage_clicks="rage")
    assert scope("rage_clicks") != scope("rage_clicks", rage_clicks="rage")
    assert "rage_clicks" not in scope("drop_off")


def shaped(folder: Path, *names: str) -> Warehouse:
    """Return a schema with one Parquet file an event."""
    import duckdb

    events = rows()
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for event, named in zip((*STEPS, RAGE), (*STEPS, *names), strict=False):
            own = [
                {"session": one["session"], "timestamp": one["at"]}
                for one in events
                if one["event"] == event
            ]
            engines.fill(connection, named, own, {"session": "text", "timestamp": "timestamp"})
            connection.execute(f"COPY {named} TO '{folder / named}.parquet'")
    table = settings(path="*.parquet", shape="rudderstack", table="events")
    opened = lambda: DuckDbRunner(table, folder, "*.parquet")  # noqa: E731 - as engines have it
    return Warehouse("w", table, (metric("shipping"),), (FLOW,), opened)


def test_with_a_table_an_event_rage_clicks_have_one_too(tmp_path: Path) -> None:
    warehouse = shaped(tmp_path, "rageclick")
    found = [one for one in warehouse.readings(WINDOW, NOW) if isinstance(one, Reading)]
    told = [
        (one.measure.total, one.measure.bad) for one in found if isinstance(one.measure, Counts)
    ]
    truth = counted(rows(), "shipping")
    assert told == [truth[day] for day in sorted(truth)]


def test_where_no_table_has_rage_clicks_the_names_that_were_tried_are_told(
    tmp_path: Path,
) -> None:
    with pytest.raises(InputError) as error:
        list(shaped(tmp_path).readings(WINDOW, NOW))
    assert "no table of rage clicks: rage_click, rageclick, ui_multi_click" in error.value.what
    assert "rage_clicks" in error.value.fix
