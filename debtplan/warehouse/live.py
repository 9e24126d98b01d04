"""The two sources that a `[warehouse.NAME]` table is: daily readings, and tallies of a window.

Readings are read on from where the last run ended, a few days of it again, for late events. Tallies
and overlaps are of one window, and are read whole each time.
"""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

from debtplan.core.flow import MetricKind
from debtplan.core.item import Skipped
from debtplan.core.reading import Window, midnight, window_before
from debtplan.core.source import Batch, Mark, Probe, Record
from debtplan.errors import DebtplanError
from debtplan.ports import Census, Clock
from debtplan.warehouse.events import Warehouse
from debtplan.warehouse.layout import lay_out

PART = "readings"

CHUNK_DAYS = 31
"""Days that are read in one go, and kept before the next ones are read."""


class LiveEvents:
    """The daily readings of a warehouse; see `LiveSource`."""

    def __init__(self, warehouse: Warehouse, clock: Clock) -> None:
        """Ask the warehouse, once a time, for what the clock says is over."""
        self.name = warehouse.name
        self.warehouse = warehouse
        self.clock = clock

    def parts(self) -> tuple[str, ...]:
        """See `LiveSource.parts`."""
        return (PART,) if self.warehouse.metrics else ()

    def scope(self, part: str) -> str:
        """See `LiveSource.scope`."""
        del part
        asked = self.warehouse
        raging = any(one.kind is MetricKind.RAGE_CLICKS for one in asked.metrics)
        spare = _NO_MATTER if raging else _NO_MATTER | {"rage_clicks"}
        settings = asked.table.model_dump(mode="json", exclude=spare)
        metrics = [one.model_dump(mode="json") for one in asked.metrics]
        flows = [[flow.id, *flow.steps] for flow in asked.flows]
        return json.dumps([settings, metrics, flows], sort_keys=True)

    def walk(self, part: str, mark: Mark) -> Iterator[Batch]:
        """See `LiveSource.walk`: oldest first, some weeks at a time."""
        del part
        now = self.clock()
        table = self.warehouse.table
        whole = window_before(now, table.history_days)
        start = whole.start_on
        if mark.since is not None:
            start = max(start, mark.since.date() - timedelta(days=table.late_days))
        while start < whole.end_on:
            end = min(whole.end_on, start + timedelta(days=CHUNK_DAYS))
            window = Window(start_on=start, end_on=end)
            found = tuple(self.warehouse.readings(window, now))
            yield Batch(found, newest=midnight(end))
            start = end

    def census(self, part: str) -> Census | None:
        """See `LiveSource.census`: no day ever vanishes."""
        del part
        return None

    def probe(self) -> Iterator[Probe]:
        """See `LiveSource.probe`: every table and column in use is looked at, no event is read."""
        asked = self.warehouse
        try:
            questions = asked.questions()
            runner = asked.connect()
            try:
                values = [one.value for one in questions if one.value]
                with_rage = any(one.is_raging for one in questions)
                layout = lay_out(asked.table, asked.flows, runner, values, with_rage=with_rage)
            finally:
                runner.close()
        except DebtplanError as error:
            what = error.what.rstrip(".")
            yield Probe(part=self.name, is_well=False, what=what, fix=error.fix)
            return
        tables, metrics = len(layout.pieces), len(questions)
        said = f"{runner.place}: {tables} table{'' if tables == 1 else 's'} of events, "
        said += f"{metrics} metric{'' if metrics == 1 else 's'}"
        absent = ", ".join(layout.absent)
        fix = f"No table has the column of {absent} yet." if absent else ""
        yield Probe(part=self.name, is_well=True, what=said, fix=fix)

    def close(self) -> None:
        """See `LiveSource.close`: every reading lets go of its own connection."""


_NO_MATTER = {
    *("timeout_s", "memory_limit", "temp_directory", "history_days", "late_days"),
    *("compare", "strata"),
}
"""Settings that change no daily reading."""


def read_tallies(
    warehouse: Warehouse, clock: Clock, days: int
) -> Callable[[], Iterator[Record | Skipped]]:
    """Return what reads tallies and overlaps over the last `days` complete days."""

    def read() -> Iterator[Record | Skipped]:
        if warehouse.metrics or warehouse.compared:
            now = clock()
            yield from warehouse.tallies(window_before(now, days), now)

    return read
