"""The figures of single days, on their way from a service's answer to readings."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from debtplan.core.decode import Json
from debtplan.core.text import clean_line
from debtplan.metrics.measure import Figures, percentile_rank

DAY_S = 86_400
ONE_DAY = timedelta(days=1)

PLAIN = ("bad", "total", "recovered", "rate", "good", "needs_improvement", "poor")
"""Figures that are one number a day."""

WHOLE = ""
"""Name of a query whose answer tells all figures by itself."""

_MOST_REMARKS = 5
_FIRST_YEAR, _LAST_YEAR = 1970, 9000
_LAST_S = (_LAST_YEAR - _FIRST_YEAR) * 366 * DAY_S


@dataclass(frozen=True)
class DayFigures:
    """What a service says about one day.

    Attributes:
        figures: Where they hold a `total` that their form does not count, it is the sample.
        problem: Why they are of no use; "" where they may be of some.
    """

    day: date
    figures: Figures = field(default_factory=Figures)
    problem: str = ""

    @property
    def is_idle(self) -> bool:
        """Whether nobody was there that day; shares of nothing may be anything then."""
        return not self.problem and self.figures.total == 0 and not self.figures.bad

    def oddity(self) -> str:
        """Return what is wrong with the first figure that no count, share or time can be; or ""."""
        named: tuple[tuple[str, float | None], ...] = (
            *((name, getattr(self.figures, name)) for name in PLAIN),
            *((f"p{100 * rank:g}", value) for rank, value in self.figures.percentiles),
            *((f"bucket {bound:g}", count) for bound, count in self.figures.buckets),
        )
        found = ((name, _odd(value)) for name, value in named if value is not None)
        return next((f"{name} is {why}" for name, why in found if why), "")


@dataclass
class Remarks:
    """What is to be said about a metric as a whole, gathered while its days are read."""

    said: dict[str, None] = field(default_factory=dict)
    missing: Counter[str] = field(default_factory=Counter)
    idle: list[date] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Keep a service's warning, or a sentence of ours, once."""
        self.said[clean_line(text)] = None

    def texts(self) -> Iterator[str]:
        """Yield one sentence each."""
        yield from list(self.said)[:_MOST_REMARKS]
        for figure, days in sorted(self.missing.items()):
            yield (
                f"{figure} gave nothing on {say_days(days)} on which others did, so these have no "
                f"reading; if nothing means none, let the query say 0"
            )
        if self.idle:
            yield (
                f"{say_days(len(self.idle))} without users have no reading, the last one "
                f"{max(self.idle)}"
            )


def join_figures(
    columns: Mapping[str, Mapping[date, float]],
    buckets: Mapping[date, tuple[tuple[float, float], ...]] | None,
    remarks: Remarks,
) -> Iterator[DayFigures]:
    """Yield the days on which every figure that was asked for is known.

    Args:
        columns: Figure -> day -> value; percentiles among them, `le_` buckets not.
        buckets: Day -> (bound, cumulative count) pairs; None where none were asked for.
        remarks: Hears which figure was missing on how many of the other days.
    """
    asked: list[tuple[str, frozenset[date]]] = [(n, frozenset(c)) for n, c in columns.items()]
    if buckets is not None:
        asked.append(("buckets", frozenset(buckets)))
    known = frozenset[date]().union(*(days for _, days in asked))
    for day in sorted(known):
        lacking = [name for name, days in asked if day not in days]
        if lacking:
            remarks.missing.update(lacking)
            continue
        values = {name: column[day] for name, column in columns.items()}
        yield DayFigures(day, figures_of(values, (buckets or {}).get(day, ())))


def figures_of(
    values: Mapping[str, float], buckets: tuple[tuple[float, float], ...] = ()
) -> Figures:
    """Return figures by their names; names that are none are left out.

    Args:
        values: By name: `PLAIN` ones, and percentiles such as `p95`.
        buckets: (bound, cumulative count) pairs; the one of infinity is the total.
    """
    ranked = [(percentile_rank(name), value) for name, value in values.items()]
    beyond = [count for bound, count in buckets if bound == math.inf]
    return Figures(
        bad=values.get("bad"),
        total=beyond[0] if beyond else values.get("total"),
        recovered=values.get("recovered"),
        rate=values.get("rate"),
        good=values.get("good"),
        needs_improvement=values.get("needs_improvement"),
        poor=values.get("poor"),
        percentiles=tuple((rank, value) for rank, value in ranked if rank is not None),
        buckets=tuple((bound, count) for bound, count in buckets if bound != math.inf),
    )


def instant_of(text: Json) -> datetime | None:
    """Return the instant of a text such as 2026-03-01T23:10:00Z, in its own offset or in UTC.

    None for what is none, and for years that no measurement has.
    """
    try:
        at = datetime.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        return None
    if not _FIRST_YEAR <= at.year < _LAST_YEAR:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def day_at(seconds: Json) -> date | None:
    """Return the day in UTC that begins so many seconds after 1970; None where none does."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    if not 0 <= seconds < _LAST_S or seconds % DAY_S:
        return None
    return date(_FIRST_YEAR, 1, 1) + timedelta(days=int(seconds // DAY_S))


def say_days(number: int) -> str:
    """Return how many days, in words."""
    return "1 day" if number == 1 else f"{number:,} days"


def _odd(value: float) -> str:
    """Return why no count, share or time has this value; "" where one may."""
    if math.isnan(value):
        return "not a number (NaN), as a division of 0 by 0 gives"
    if math.isinf(value):
        return "infinite, as a division by 0 gives"
    if value < 0:
        return f"{value:g}; no count, share or time is below 0"
    return ""
