"""Readings are read on from where the last run ended, a few days of it again; tallies are whole."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.flow import Flow, UxMetric
from debtplan.core.reading import Counts
from debtplan.core.source import SourceStatus
from debtplan.store import SqlStore, open_store
from debtplan.warehouse.duckdb import DuckDbRunner
from debtplan.warehouse.events import Warehouse
from debtplan.warehouse.live import LiveEvents, read_tallies
from debtplan.warehouse.options import EventColumns, WarehouseTable
from debtplan.workflows.feed import Feed, read_feed
from debtplan.workflows.synced import Synced
from debtplan.workflows.walk import Live, walk_live

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
FLOW = Flow(id="shop", steps=("cart", "pay"))
METRIC = UxMetric.model_validate(
    {"id": "loss", "flow": "shop", "step": "cart", "kind": "drop_off", "reference": 0.1}
)
COLUMNS = EventColumns(session="session", event="step", error="code")


class Shop:
    """A file of events that grows, and the store that is fed from it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "events.csv"
        self.lines = ["session,step,at,code"]
        self.now = NOW
        self.opened: list[str] = []
        self.store: SqlStore = open_store("sqlite://")
        self.table = WarehouseTable(
            path="events.csv", columns=COLUMNS, history_days=100, dimensions={"code": "code"}
        )
        self.folder = folder

    def session(self, on: date, *steps: str, code: str = "") -> None:
        name = f"s{len(self.lines)}"
        self.lines += [
            f"{name},{step},{on}T10:0{n}:00Z,{code}" for n, step in enumerate(steps or ("cart",))
        ]

    def warehouse(self) -> Warehouse:
        self.file.write_text("\n".join(self.lines) + "\n", encoding="utf-8")

        def opened() -> DuckDbRunner:
            self.opened.append("once")
            return DuckDbRunner(self.table, self.folder, self.table.path)

        return Warehouse("web", self.table, (METRIC,), (FLOW,), opened)

    def read(self) -> Synced:
        live = LiveEvents(self.warehouse(), lambda: self.now)
        return walk_live(Live(live), self.store, lambda: self.now)

    def compare(self) -> Synced:
        feed = Feed("web:tallies", read_tallies(self.warehouse(), lambda: self.now, 28))
        return read_feed(feed, self.store, lambda: self.now)

    def counts(self) -> dict[date, tuple[float, float]]:
        found = {}
        for one in self.store.readings():
            assert isinstance(one.measure, Counts)
            found[one.start_at.date()] = (one.measure.bad, one.measure.total)
        return found


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_the_last_day_and_what_is_older_than_the_history_do_not_count(shop: Shop) -> None:
    for back in (0, 1, 2, 101, 102, 103):
        shop.session(NOW.date() - timedelta(days=back))
    shop.read()
    days = [NOW.date() - timedelta(days=back) for back in (101, 2)]
    assert list(shop.counts()) == days


@pytest.mark.slow
def test_events_that_arrive_late_are_found_for_a_few_days(shop: Shop) -> None:
    near, far = date(2026, 6, 27), date(2026, 6, 20)
    shop.session(near)
    shop.session(far)
    shop.read()
    assert shop.counts() == {far: (1, 1), near: (1, 1)}
    shop.session(near, "cart", "pay")
    shop.session(far, "cart", "pay")
    shop.now += timedelta(days=1)
    shop.session(date(2026, 6, 29))
    shop.read()
    assert shop.counts() == {far: (1, 1), near: (1, 2), date(2026, 6, 29): (1, 1)}


def test_a_long_history_is_kept_month_by_month(shop: Shop) -> None:
    shop.session(date(2026, 4, 1))
    shop.session(date(2026, 6, 1))
    shop.read()
    assert len(shop.opened) == 4
    (mark,) = shop.store.marks("web")
    assert mark.since == datetime(2026, 6, 29, tzinfo=UTC)
    shop.opened.clear()
    shop.now += timedelta(days=1)
    shop.read()
    assert len(shop.opened) == 1


@pytest.mark.slow
def test_other_settings_read_everything_anew(shop: Shop) -> None:
    day = date(2026, 4, 1)
    shop.session(day, "cart", "pay")
    shop.read()
    assert shop.counts() == {day: (0, 1)}
    shop.table = shop.table.model_copy(update={"conversion_minutes": 0.5})
    shop.read()
    assert shop.counts() == {day: (1, 1)}


def test_a_failure_keeps_what_was_read(shop: Shop) -> None:
    shop.session(date(2026, 6, 1))
    shop.read()
    shop.table = shop.table.model_copy(update={"path": "gone.csv"})
    done = shop.read()
    assert done.state.status is SourceStatus.FAILED
    assert done.error is not None
    assert "gone.csv" in done.error.what
    assert len(shop.counts()) == 1


def test_tallies_that_are_no_longer_so_are_taken_out(shop: Shop) -> None:
    shop.session(date(2026, 6, 1), "cart", code="OLD")
    shop.session(date(2026, 6, 20), "cart", code="NEW")
    shop.compare()
    assert [one.value for one in shop.store.tallies()] == ["NEW", "OLD"]
    shop.now += timedelta(days=10)
    shop.compare()
    assert [one.value for one in shop.store.tallies()] == ["NEW"]


@pytest.mark.slow
def test_the_same_events_in_another_order_say_the_same(shop: Shop) -> None:
    for n in range(40):
        steps = ("cart", "pay") if n % 3 else ("cart",)
        shop.session(date(2026, 6, 1 + n % 20), *steps, code=f"C{n % 4}")
    shop.read()
    shop.compare()
    before: list[Any] = [*shop.store.readings(), *shop.store.tallies()]
    head, *lines = shop.lines
    shop.lines = [head, *reversed(lines)]
    shop.store = open_store("sqlite://")
    shop.read()
    shop.compare()
    assert [*shop.store.readings(), *shop.store.tallies()] == before


def test_doctor_looks_at_tables_and_columns_and_reads_nothing(shop: Shop) -> None:
    shop.session(date(2026, 6, 1))
    (well,) = LiveEvents(shop.warehouse(), lambda: NOW).probe()
    assert well.is_well
    assert well.what == "events.csv: 1 table of events, 1 metric"
    shop.table = shop.table.model_copy(update={"columns": EventColumns(session="visit")})
    (ill,) = LiveEvents(shop.warehouse(), lambda: NOW).probe()
    assert not ill.is_well
    assert "visit" in ill.what
    assert "session" in ill.fix
