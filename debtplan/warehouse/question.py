"""What a metric asks of the events: who met the step, and whom of them it frustrated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from debtplan.core.flow import EVERYONE, TIMED, Flow, MetricKind, UxMetric
from debtplan.errors import UsageError
from debtplan.warehouse.options import Test, WarehouseTable
from debtplan.warehouse.phrase import (
    above,
    all_of,
    any_of,
    at_most,
    below,
    column,
    is_known,
    is_unknown,
    minus,
    number,
    one_of,
    plus,
    when,
)

COUNTED = (
    MetricKind.DROP_OFF,
    MetricKind.ERROR_RATE,
    MetricKind.RAGE_CLICKS,
    *sorted(TIMED),
)
"""Kinds that can be counted from events."""


@dataclass(frozen=True, slots=True)
class Question:
    """A metric, and where its figures stand in the table of sessions (see `facts`).

    Attributes:
        number: Its place among the questions.
        step: Number of its step among all steps.
        later: Numbers of the steps after it, in order.
        segment: Tests of its segment; empty for everyone.
        codes: Error codes that count; empty is any.
        value: The column that holds its time; "" where it is the time to the next step.
        window_us: Microseconds within which the next step has to be entered.
    """

    metric: UxMetric
    number: int
    step: int
    later: tuple[int, ...]
    segment: Mapping[str, Test]
    codes: tuple[str, ...] = ()
    value: str = ""
    window_us: int = 0

    @property
    def met(self) -> exp.Expr:
        """The sessions that it is about: they entered the step, and a time is known where needed.

        The segment is not part of it.
        """
        entered = is_known(column(f"t{self.step}"))
        return is_known(self.time) if self.is_timed else entered

    @property
    def is_timed(self) -> bool:
        """Whether it is about a time."""
        return self.metric.kind in TIMED

    @property
    def is_raging(self) -> bool:
        """Whether it is about rage clicks."""
        return self.metric.kind is MetricKind.RAGE_CLICKS

    @property
    def time(self) -> exp.Expr:
        """A timed metric's time: the unit's own for a column, microseconds between steps."""
        if self.value:
            return column(f"v{self.number}")
        here, following = column(f"t{self.step}"), column(f"t{self.later[0]}")
        inside = all_of(
            (at_most(here, following), at_most(following, plus(here, number(self.window_us))))
        )
        return when(inside, minus(following, here))

    @property
    def scale(self) -> float:
        """What its time is divided by to be in the metric's unit."""
        if self.value:
            return 1.0
        return 1_000.0 if self.metric.unit == "ms" else 1_000_000.0

    @property
    def failed(self) -> exp.Expr:
        """Whether a session met an error at the step."""
        return is_known(column(f"x{self.number}"))

    @property
    def recovered(self) -> exp.Expr:
        """Whether it later had the step without error, or a later step."""
        last = column(f"x{self.number}")
        return any_of(at_most(last, column(f"{one}{self.number}")) for one in ("y", "z"))

    @property
    def raged(self) -> exp.Expr:
        """Whether its first or its last rage click fell between this step and the next.

        One in the middle of several, with others before this step and after it, is not seen.
        """
        here = column(f"t{self.step}")

        def inside(at: exp.Expr) -> exp.Expr:
            if not self.later:
                return at_most(here, at)
            following = column(f"t{self.later[0]}")
            ends = (is_unknown(following), below(following, here), below(at, following))
            return all_of((at_most(here, at), any_of(ends)))

        return any_of(inside(column(f"{one}{self.number}")) for one in ("x", "y"))

    @property
    def weight(self) -> exp.Expr:
        """Twice how frustrated a session is: 0, 1 or 2; only of sessions that meet it."""
        two, one, zero = number(2), number(1), number(0)
        if self.metric.kind is MetricKind.DROP_OFF:
            limit = plus(column(f"t{self.step}"), number(self.window_us))
            reached = any_of(at_most(column(f"t{other}"), limit) for other in self.later)
            return when(reached, zero, two)
        if self.metric.kind is MetricKind.ERROR_RATE:
            mended = when(self.recovered, one, two)
            return when(self.failed, mended, zero)
        if self.metric.kind is MetricKind.RAGE_CLICKS:
            return when(self.raged, two, zero)
        unit = 1_000.0 if self.metric.unit == "ms" else 1.0
        satisfied = (self.metric.threshold_s or 0.0) * unit * self.scale
        bound = _whole if not self.value else number
        slow = when(above(self.time, bound(satisfied)), one, zero)
        return when(above(self.time, bound(4 * satisfied)), two, slow)


def _whole(value: float) -> exp.Expr:
    return number(round(value))


def matches(tests: Mapping[str, Test], names: Sequence[str]) -> exp.Expr:
    """Return that a session is in a segment, by the columns `s0`, `s1`, ... of its dimensions.

    Where a dimension is not known it is neither like a value nor unlike it.
    """
    found = []
    for one, test in sorted(tests.items()):
        value = column(f"s{names.index(one)}")
        if isinstance(test, Mapping):
            found += [is_known(value), exp.Not(this=one_of(value, test["not"]))]
        else:
            found += [is_known(value), one_of(value, test)]
    return all_of(found)


def ask_for(
    name: str, table: WarehouseTable, metrics: Sequence[UxMetric], flows: Sequence[Flow]
) -> tuple[Question, ...]:
    """Return what the metrics ask of the events of `[warehouse.NAME]`.

    Raises:
        UsageError: A metric is of no kind that events tell, or lacks what its kind needs.
    """
    places = steps_of(flows)
    ordered = sorted(metrics, key=lambda one: one.id)
    return tuple(_question(name, table, one, (n, places)) for n, one in enumerate(ordered))


def steps_of(flows: Sequence[Flow]) -> tuple[tuple[str, str], ...]:
    """Return (flow, step) of every step, by flow and in order; its place is its number."""
    return tuple((flow.id, step) for flow in sorted(flows, key=_id) for step in flow.steps)


def _id(flow: Flow) -> str:
    return flow.id


def _question(
    name: str,
    table: WarehouseTable,
    metric: UxMetric,
    where: tuple[int, tuple[tuple[str, str], ...]],
) -> Question:
    number_, places = where
    _check(name, table, metric, places)
    step = places.index((metric.flow, metric.step))
    later = tuple(at for at, (flow, _) in enumerate(places) if flow == metric.flow and at > step)
    value = table.values.get(metric.id, "")
    if metric.kind is MetricKind.LATENCY or (not later and not value):
        value = value or table.known.value
    problem = ""
    if metric.kind is MetricKind.DROP_OFF and not later:
        problem = f"is a drop_off at {metric.step}, the last step of its flow"
        fix = "Name the step before it: who enters that and not the last one is lost."
    elif metric.kind in TIMED and not later and not value:
        problem = f"measures the time from {metric.step}, after which no step comes"
        fix = f'Set values = {{ "{metric.id}" = "COLUMN" }} under [warehouse.{name}].'
    elif metric.kind is MetricKind.LATENCY and not value:
        problem = "is a latency, and no column holds its time"
        fix = f'Set values = {{ "{metric.id}" = "COLUMN" }} under [warehouse.{name}].'
    if problem:
        raise UsageError(f"The metric {metric.id} {problem}.", fix)
    return Question(
        metric=metric,
        number=number_,
        step=step,
        later=later,
        segment={} if metric.segment == EVERYONE else table.segments[metric.segment],
        codes=table.errors.get(metric.id, ()),
        value=value if metric.kind in TIMED else "",
        window_us=round(table.conversion_minutes * 60_000_000),
    )


def _check(
    name: str, table: WarehouseTable, metric: UxMetric, places: Sequence[tuple[str, str]]
) -> None:
    """Refuse a metric that the events cannot tell."""
    if metric.kind not in COUNTED:
        what = f"The metric {metric.id} is a {metric.kind}, which events do not tell."
        fix = f"Take another source, or one of the kinds {', '.join(COUNTED)}."
        raise UsageError(what, fix)
    if (metric.flow, metric.step) not in places:
        what = f"The metric {metric.id} is at the step {metric.step!r}, which its flow lacks."
        raise UsageError(what, f"List the steps of flow {metric.flow!r} in their order.")
    if metric.segment != EVERYONE and metric.segment not in table.segments:
        what = f"[warehouse.{name}] does not say who is in the segment {metric.segment!r}."
        known = ", ".join(sorted(table.segments)) or "none yet"
        fix = f"Add it: segments = {{ {metric.segment} = {{ DIMENSION = VALUE }} }} ({known})."
        raise UsageError(what, fix)
    if metric.kind is MetricKind.ERROR_RATE and not table.known.error:
        what = f"The metric {metric.id} is an error_rate, and no column tells of errors."
        raise UsageError(what, f'Set columns = {{ error = "COLUMN" }} under [warehouse.{name}].')
