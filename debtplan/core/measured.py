"""Shares that were measured: what the mark of a link explains of its metric's bad sessions.

A share claims a part of the metric's harm, which is what exceeds the goal. The measured fraction is
one of all bad sessions. Which of them are the ones beyond the goal nobody knows, so harm is taken
to fall in proportion: the smaller of the two readings where there is a goal above 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches

from debtplan.core.attributable import Attributable, attribute
from debtplan.core.record import Value
from debtplan.core.tally import Selector, Tally

SPREAD_Z = 3.0
"""Standard errors to each side of a measured share's low and high: PERT takes a sixth of their
distance for the standard deviation, so it comes out as the standard error. The 95% interval would
understate it by a third."""

Mark = tuple[str, Selector]
"""A metric's id and a mark at its step."""


class MeasuredShare(Value):
    """What a mark explains of a metric's bad sessions, and over which days that was counted.

    Attributes:
        start_on: First day of the window, UTC.
        end_on: The day after its last one.
        source: Name of the warehouse it was counted in.
    """

    selector: Selector
    found: Attributable
    start_on: date
    end_on: date
    source: str = ""

    @property
    def parts(self) -> tuple[float, float, float]:
        """Low, likely and high of the share, in [0, 1]; see `SPREAD_Z`.

        A fraction below 0 is a share of 0.

        Raises:
            ValueError: The fraction cannot be said.
        """
        low, high = self.found.interval(SPREAD_Z)
        likely = min(max(self.found.fraction or 0.0, 0.0), 1.0)
        return min(max(low, 0.0), likely), likely, min(max(high, likely), 1.0)

    def say(self) -> str:
        """Return fraction, interval and counts in words."""
        found = self.found
        if found.fraction is None or found.low is None or found.high is None:
            return f"cannot be measured by {self.selector}: {found.missing}"
        return (
            f"measured by {self.selector}: {found.fraction:.0%} of the bad sessions "
            f"({found.low:.0%} to {found.high:.0%}); {found.say()}"
        )


def measure_shares(
    marks: Iterable[Mark], tallies: Sequence[Tally], as_of: datetime
) -> dict[Mark, MeasuredShare]:
    """Return what is measured of the marks; those that nobody counted are not in it.

    Args:
        marks: Metrics with the selectors of their links.
        tallies: In any order.
        as_of: Counts that begin later are left out.
    """
    counted = {
        (one.metric, one.selector): one for one in latest_tallies(tallies, as_of)
    }  # one a mark
    return {
        mark: measure(counted[mark])
        for mark in sorted(set(marks), key=lambda one: (one[0], str(one[1])))
        if mark in counted
    }


def measure(tally: Tally) -> MeasuredShare:
    """Return what a tally's mark explains."""
    return MeasuredShare(
        selector=tally.selector,
        found=attribute(tally.strata),
        start_on=tally.start_at.date(),
        end_on=tally.end_at.date(),
        source=tally.source,
    )


def latest_tallies(tallies: Iterable[Tally], as_of: datetime) -> tuple[Tally, ...]:
    """Return one tally a metric and mark, by these: the latest, then the first by source's name."""
    best: dict[Mark, Tally] = {}
    for one in sorted(tallies, key=lambda one: (one.source, one.model_dump_json())):
        mark = (one.metric, one.selector)
        if one.start_at < as_of and (mark not in best or one.end_at > best[mark].end_at):
            best[mark] = one
    return tuple(
        best[mark] for mark in sorted(best, key=lambda m: (m[0], m[1].dimension, m[1].value))
    )


def why_unmeasured(mark: Mark, tallies: Iterable[Tally]) -> str:
    """Return why nothing is measured of a mark, as what is said of its share."""
    metric, selector = mark
    counted = {one.selector for one in tallies if one.metric == metric}
    dimensions = sorted({one.dimension for one in counted})
    if selector.dimension in dimensions:
        values = sorted(one.value for one in counted if one.dimension == selector.dimension)
        near = _nearest(selector.value, values)
        return f"is not measured yet: no session with {selector} was counted, or too few{near}"
    if dimensions:
        near = _nearest(selector.dimension, dimensions)
        known = f"what was counted ({', '.join(dimensions)})"
        return f"cannot be measured: {selector.dimension} is not among {known}{near}"
    return "is not measured yet: run `debtplan sync` with a warehouse"


def _nearest(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f", the nearest is {near[0]}" if near else ""


def claimed_apart(claimed: float, measured: Attributable) -> bool:
    """Tell whether a claimed share is far from the measured one.

    That is, outside of its 95% interval and off by more than a quarter of the larger.
    """
    if measured.fraction is None or measured.low is None or measured.high is None:
        return False
    found = max(measured.fraction, 0.0)
    outside = not measured.low <= claimed <= measured.high
    return outside and abs(claimed - found) > max(claimed, found) / 4


NO_SHARES: Mapping[Mark, MeasuredShare] = {}
"""Where nothing is counted of raw events."""
