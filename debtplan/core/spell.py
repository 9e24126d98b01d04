"""Metrics over two spans of days that follow each other, alone and together.

The frustrated share of everyone is the mean of the segments' shares, weighted by their parts of the
sessions; `kitagawa` splits its change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum, sqrt

from debtplan.core.flow import UxMetric
from debtplan.core.frustration import frustrated_share, misfit
from debtplan.core.reading import Reading, Window, midnight

LEAST_CHANGE = 0.05
"""Part of a share by which it has to change to be worth a word."""

COVERED = 0.5
"""Part of a span's days that need readings, on both sides."""

SLACK = 0.02
"""Part by which the segments may hold more sessions than everyone: sources differ a little."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A metric over a span.

    Attributes:
        bad: Frustrated sessions.
        total: Sessions.
        variance: Of the share: the larger of the binomial one and that between readings.
    """

    bad: float
    total: float
    variance: float

    @property
    def share(self) -> float:
        """Frustrated share, in [0, 1]."""
        return self.bad / self.total


@dataclass(frozen=True, slots=True)
class Part:
    """A segment before and after."""

    metric: str
    title: str
    before: Spell
    after: Spell

    @property
    def change(self) -> float:
        """Of the share."""
        return self.after.share - self.before.share

    @property
    def z(self) -> float:
        """The change in standard errors; 0 where nothing is known of its error."""
        error = sqrt(self.before.variance + self.after.variance)
        return self.change / error if error > 0 else 0.0

    @property
    def is_small(self) -> bool:
        """Whether the change is too small to be worth a word."""
        return abs(self.change) < LEAST_CHANGE * max(self.before.share, self.after.share)


def kitagawa(parts: Sequence[Part]) -> tuple[float, float]:
    """Return the parts of the whole's change that are the segments' own, and the mix of sessions.

    They add up to the change of the whole's share.
    """
    before = fsum(one.before.total for one in parts)
    after = fsum(one.after.total for one in parts)
    within = mix = 0.0
    for one in parts:
        w_before, w_after = one.before.total / before, one.after.total / after
        within += one.change * (w_before + w_after) / 2
        mix += (w_after - w_before) * (one.before.share + one.after.share) / 2
    return within, mix


@dataclass(frozen=True, slots=True)
class Spans:
    """Two spans that follow each other, and their words."""

    start: datetime
    middle: datetime
    end: datetime
    words: str


def spans_of(window: Window) -> tuple[Spans, ...]:
    """Return the window after the one before it, and its second half after its first."""
    start, end = midnight(window.start_on), midnight(window.end_on)
    length = end - start
    half = start + timedelta(days=window.days // 2)
    last = window.end_on - timedelta(days=1)
    days = f"{window.start_on} to {last}"
    return (
        Spans(start - length, start, end, f"{days} against the {window.days} days before"),
        Spans(start, half, end, f"from {half.date()} on against the days since {window.start_on}"),
    )


def read_part(metric: UxMetric, readings: Sequence[Reading], spans: Spans) -> Part | None:
    """Return a metric before and after; None where a span cannot be told. See `_spell`."""
    before = _spell(metric, readings, spans.start, spans.middle)
    after = _spell(metric, readings, spans.middle, spans.end)
    if before is None or after is None:
        return None
    return Part(metric.id, metric.title, before, after)


def _spell(
    metric: UxMetric, readings: Sequence[Reading], start: datetime, end: datetime
) -> Spell | None:
    """Return a metric over a span; None where its sizes are not known or too few days have any."""
    inside = [one for one in readings if start <= one.start_at and one.end_at <= end]
    if not inside or any(misfit(metric, one) or one.stated_by for one in inside):
        return None
    shares = [frustrated_share(metric, one) for one in inside]
    sizes = [one.sample_size or 0.0 for one in shares]
    covered = sum(((one.end_at - one.start_at) for one in inside), timedelta())
    if covered < COVERED * (end - start) or not all(sizes):
        return None
    total = fsum(sizes)
    bad = fsum(one.share * size for one, size in zip(shares, sizes, strict=True))
    return Spell(bad, total, _variance([one.share for one in shares], sizes, bad / total))


def _variance(shares: Sequence[float], sizes: Sequence[float], mean: float) -> float:
    """Return the variance of a mean share: binomial, or between readings where that is more."""
    total = fsum(sizes)
    binomial = mean * (1 - mean) / total
    if len(shares) < 3:  # noqa: PLR2004 - two readings say nothing about how readings differ
        return binomial
    squares = fsum((s * (one - mean)) ** 2 for one, s in zip(shares, sizes, strict=True))
    return max(binomial, squares / total**2 * len(shares) / (len(shares) - 1))


def add_parts(parts: Sequence[Part]) -> Part:
    """Return all segments together."""
    name = "+".join(sorted(one.metric for one in parts))
    before = _together([one.before for one in parts])
    after = _together([one.after for one in parts])
    return Part(name, "all of them", before, after)


def _together(spells: Sequence[Spell]) -> Spell:
    total = fsum(one.total for one in spells)
    variance = fsum(one.variance * (one.total / total) ** 2 for one in spells)
    return Spell(fsum(one.bad for one in spells), total, variance)


def rest_of(total: Part, parts: Sequence[Part]) -> tuple[Part, ...] | None:
    """Return the users of the whole that no segment holds, none, or None where that cannot be."""
    left = []
    for whole, spells in (
        (total.before, [one.before for one in parts]),
        (total.after, [one.after for one in parts]),
    ):
        size = whole.total - fsum(one.total for one in spells)
        bad = whole.bad - fsum(one.bad for one in spells)
        if size < -SLACK * whole.total:
            return None
        left.append((size, bad, whole.total))
    if any(size <= SLACK * whole for size, _, whole in left):
        return ()
    if any(not 0 <= bad <= size for size, bad, _ in left):
        return None
    (n_before, b_before, _), (n_after, b_after, _) = left
    spells = [
        Spell(b, n, b / n * (1 - b / n) / n) for b, n in ((b_before, n_before), (b_after, n_after))
    ]
    return (Part("", "the others", spells[0], spells[1]),)
