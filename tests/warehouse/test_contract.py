"""Every engine says what the plain reading of the same dirty events says."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.flow import Flow, Segment, UxMetric
from debtplan.core.reading import Counts, Percentiles, Reading, Window
from debtplan.core.tally import Overlap, Tally
from debtplan.warehouse.events import Warehouse
from debtplan.warehouse.options import EventColumns, WarehouseTable
from tests.store.conftest import postgresql, server  # noqa: F401 - fixtures
from tests.warehouse import engines
from tests.warehouse.dirty import END, FIELDS, NOW, SEED, START, STEPS, as_oracle, dirty_events
from tests.warehouse.engines import Open
from tests.warehouse.oracle import Oracle, Visit, Want, visits

ENGINES = (
    "duckdb",
    pytest.param("postgres", marks=pytest.mark.heavy),
    pytest.param("clickhouse", marks=pytest.mark.heavy),
    pytest.param("spark", marks=pytest.mark.heavy),
)

FLOW = Flow(id="checkout", steps=STEPS, segments=(Segment(id="abroad"), Segment(id="home")))
WINDOW = Window(start_on=START.date(), end_on=END.date())
MOST = 60

COLUMNS = EventColumns(
    id="id", user="user_id", anonymous="anonymous_id", received="received_at", sent="sent_at",
    original="original_timestamp", error="error_code", agent="agent",
)  # fmt: skip

WANTS = (
    Want("abroad-codes", "error_rate", "shipping", "US", codes=("ADDR_INVALID", "it's \\'")),
    Want("abroad-loss", "drop_off", "shipping", "US"),
    Want("cart-loss", "drop_off", "cart"),
    Want("pay-errors", "error_rate", "payment"),
    Want("pay-wait", "latency", "payment", value="wait_ms", threshold_s=0.3, unit="ms"),
    Want("ship-time", "completion_time", "shipping", threshold_s=25.0),
    Want("ship-time-ms", "completion_time", "shipping", "US", threshold_s=95.0, unit="ms"),
)


def settings(**changed: Any) -> WarehouseTable:
    given: dict[str, Any] = {
        "path": "unused.parquet",
        "table": "clicks",
        "columns": COLUMNS,
        "dimensions": ["country", "device", "error_code", "endpoint"],
        "segments": {"abroad": {"country": {"not": "US"}}, "home": {"country": "US"}},
        "errors": {"abroad-codes": ["ADDR_INVALID", "it's \\'"]},
        "values": {"pay-wait": "wait_ms"},
        "max_events": MOST,
    }
    return WarehouseTable(**(given | changed))


def metric(want: Want) -> UxMetric:
    given: dict[str, Any] = {"id": want.id, "flow": "checkout", "step": want.step}
    given |= {"kind": want.kind, "segment": "abroad" if want.country_not else "all"}
    given |= {"reference": 0.1} if want.kind == "drop_off" else {"target": 0.5}
    given |= {"threshold_s": want.threshold_s, "unit": want.unit} if want.threshold_s else {}
    return UxMetric.model_validate(given)


def warehouse(connect: Open, **changed: Any) -> Warehouse:
    return Warehouse("w", settings(**changed), tuple(map(metric, WANTS)), (FLOW,), connect)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("events")


@pytest.fixture(scope="module", params=ENGINES)
def connect(request: pytest.FixtureRequest, folder: Path) -> Iterator[Open]:
    """Each engine with the dirty events in its table `clicks`."""
    rows = dirty_events(SEED)
    opened: AbstractContextManager[Open]
    if request.param == "postgres":
        url = request.getfixturevalue("server")
        opened = engines.postgres(url, "clicks", rows, FIELDS)
    else:
        opened = getattr(engines, request.param)(folder, "clicks", rows, FIELDS)
    with opened as found:
        yield found


@pytest.fixture(scope="module")
def compared(connect: Open) -> list[Any]:
    """What each engine tells of the window as a whole."""
    return list(warehouse(connect).tallies(WINDOW, NOW))


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    return Oracle(visits(as_oracle(dirty_events(SEED)), START, END, NOW, most=MOST), STEPS)


def test_the_events_are_dirty_enough_to_tell_a_wrong_reading(oracle: Oracle) -> None:
    raw = dirty_events(SEED)
    assert len(oracle.visits) > 70
    assert any(_crosses_midnight(one) for one in oracle.visits)
    assert any(len(_codes(one)) > 1 for one in oracle.visits)
    ids = [one["id"] for one in raw if one["id"]]
    assert len(set(ids)) < len(ids)


def _codes(visit: Visit) -> set[str]:
    return {one["error_code"] for one in visit.at("shipping") if one["error_code"]}


def _crosses_midnight(visit: Visit) -> bool:
    return len({one["at"].date() for one in visit.events}) > 1


def measures(found: list[Reading]) -> dict[Any, Any]:
    by_day: dict[Any, Any] = {}
    for one in found:
        measure = one.measure
        assert one.source == "w"
        if isinstance(measure, Counts):
            figures: tuple[float, ...] = (measure.bad, measure.total, measure.recovered)
        else:
            assert isinstance(measure, Percentiles)
            figures = (one.sample_size or 0, *measure.values)
        by_day[one.metric, one.start_at] = figures
    return by_day


def test_daily_readings_are_those_of_the_plain_reading(connect: Open, oracle: Oracle) -> None:
    found = list(warehouse(connect).readings(WINDOW, NOW))
    wanted = {
        (want.id, day): figures for want in WANTS for day, figures in oracle.daily(want).items()
    }
    assert measures([one for one in found if isinstance(one, Reading)]) == wanted


def test_sessions_of_a_column_are_taken_as_they_are(connect: Open) -> None:
    columns = COLUMNS.model_copy(update={"session": "session_id"})
    found = list(warehouse(connect, columns=columns).readings(WINDOW, NOW))
    own = Oracle(
        visits(as_oracle(dirty_events(SEED)), START, END, NOW, idle=None, most=MOST), STEPS
    )
    wanted = {(want.id, day): figures for want in WANTS for day, figures in own.daily(want).items()}
    assert measures([one for one in found if isinstance(one, Reading)]) == wanted


def test_tallies_are_those_of_the_plain_reading(compared: list[Any], oracle: Oracle) -> None:
    found = [one for one in compared if isinstance(one, Tally)]
    seen: dict[Any, Any] = {}
    for one in found:
        cells = {
            part.name: (part.bad_with, part.total_with, part.bad_without, part.total_without)
            for part in one.strata
        }
        seen.setdefault((one.metric, one.dimension), {})[one.value] = cells
    for want in WANTS:
        for dimension in ("country", "device", "error_code", "endpoint"):
            strata = [one for one in ("device",) if one != dimension]
            strata += [] if want.country_not else ["segment"]
            is_mark = dimension in ("error_code", "endpoint")
            wanted = oracle.tallies(want, dimension, strata, is_mark=is_mark)
            named = {
                value: {_named(strata, kind): cell for kind, cell in cells.items()}
                for value, cells in wanted.items()
            }
            assert seen[want.id, dimension] == named, (want.id, dimension)


def _named(strata: list[str], kind: tuple[str, ...]) -> str:
    return ", ".join(f"{one} = {value or 'none'}" for one, value in zip(strata, kind, strict=True))


def test_overlaps_count_every_session_once(compared: list[Any], oracle: Oracle) -> None:
    found = [one for one in compared if isinstance(one, Overlap)]
    places = {
        ("shipping", "abroad"): ["abroad-codes", "abroad-loss", "ship-time-ms"],
        ("payment", "all"): ["pay-errors", "pay-wait"],
    }
    assert {(one.step, one.segment) for one in found} == set(places)
    for one in found:
        wants = [want for want in WANTS if want.id in places[one.step, one.segment]]
        wanted = oracle.overlap(wants)
        assert one.sessions == wanted["sessions"]
        assert one.frustrated == wanted["union"]
        assert {part.metric: part.frustrated for part in one.parts} == wanted["parts"]
        assert max(wanted["parts"].values()) < one.frustrated < sum(wanted["parts"].values())


def test_a_funnel_is_that_of_the_plain_reading(connect: Open, oracle: Oracle) -> None:
    found = warehouse(connect).funnel(FLOW, WINDOW, NOW, by="device")
    wanted = {}
    for device in ("", "desktop", "mobile"):
        for number, step in enumerate(STEPS):
            here = [one for one in oracle.visits if one.mark("device") == device]
            entered = [one for one in here if one.entered(step)]
            lost = Want("x", "drop_off", step)
            on = [one for one in entered if not oracle.weight(lost, one)]
            times = Want("x", "completion_time", step)
            known = number < len(STEPS) - 1
            taken = sorted(
                t for one in entered if known and (t := oracle.time(times, one)) is not None
            )
            middle = taken[(len(taken) + 1) // 2 - 1] if taken else None
            wanted[device, step] = (len(entered), len(on) if known else None, middle)
    seen = {(one.group, one.step): (one.entered, one.went_on, one.median_s) for one in found.steps}
    assert seen == wanted
