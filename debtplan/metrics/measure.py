"""From figures as people write them to a measure: exactly one form, or the reason why not."""

import re
from dataclasses import dataclass

from pydantic import ValidationError

from debtplan.core.reading import (
    Bands,
    Buckets,
    Counts,
    Findings,
    Measure,
    Percentiles,
    Rate,
)

NEEDED = (
    "bad and total, rate, good and needs_improvement and poor, two or more percentiles, "
    "buckets and total, or found"
)
"""What a reading can be made of, in words."""

MEAN_ALONE = (
    "a mean alone, which says nothing about how many users wait too long; "
    "give percentiles or buckets"
)

_PERCENTILE = re.compile(r"p([0-9]{1,2}(?:\.[0-9]{1,6})?)", re.IGNORECASE)


class MeasureError(ValueError):
    """The figures make no measure; `str()` is a phrase that follows "is".

    Attributes:
        field: The figure it is about.
    """

    def __init__(self, field: str, problem: str) -> None:
        """Keep the field beside the phrase."""
        super().__init__(problem)
        self.field = field


@dataclass(frozen=True)
class Figures:
    """Figures of one reading; None or empty is not given.

    Attributes:
        percentiles: (rank in (0, 1), value) pairs in any order.
        buckets: (bound, cumulative count) pairs in any order.
        mean: Given only to be refused with its reason.
        found: How many things a scan found.
    """

    bad: float | None = None
    total: float | None = None
    recovered: float | None = None
    rate: float | None = None
    good: float | None = None
    needs_improvement: float | None = None
    poor: float | None = None
    percentiles: tuple[tuple[float, float], ...] = ()
    buckets: tuple[tuple[float, float], ...] = ()
    mean: float | None = None
    found: float | None = None

    def forms(self) -> tuple[str, ...]:
        """Return the forms that figures are given for, in a fixed order."""
        given = {
            "counts": self.bad is not None,
            "rate": self.rate is not None,
            "bands": any(one is not None for one in (self.good, self.needs_improvement, self.poor)),
            "percentiles": bool(self.percentiles),
            "buckets": bool(self.buckets),
            "findings": self.found is not None,
        }
        return tuple(form for form, is_given in given.items() if is_given)


def measure_of(figures: Figures) -> Measure:
    """Return the measure the figures make.

    Raises:
        MeasureError: No form or several, or figures that contradict each other.
    """
    forms = figures.forms()
    if not forms:
        raise _nothing(figures)
    if len(forms) > 1:
        raise MeasureError(_FIELD[forms[1]], f"given in {len(forms)} forms ({' and '.join(forms)})")
    if figures.recovered is not None and forms != ("counts",):
        raise MeasureError("recovered", "given without bad and total")
    try:
        return _make(forms[0], figures)
    except ValidationError as error:
        raise MeasureError(_FIELD[forms[0]], f"refused: {first_problem(error)}") from None


def percentile_rank(name: str) -> float | None:
    """Return 0.95 for "p95" and 0.999 for "p99.9", None for what is no percentile's name."""
    found = _PERCENTILE.fullmatch(name.strip())
    rank = round(float(found[1]) / 100, 10) if found else 0.0
    return rank if rank > 0 else None


def first_problem(error: ValidationError) -> str:
    """Return the first problem of a refused record, as a phrase."""
    first = error.errors(include_url=False, include_context=False)[0]
    text = first["msg"].removeprefix("Value error, ")
    text = text[:1].lower() + text[1:]
    place = ".".join(str(part) for part in first["loc"] if part not in _FIELD)
    return f"{place}: {text}" if place else text


_FIELD = {
    "counts": "bad",
    "rate": "rate",
    "bands": "good",
    "percentiles": "percentiles",
    "buckets": "buckets",
    "findings": "found",
}


def _nothing(figures: Figures) -> MeasureError:
    if figures.mean is not None:
        return MeasureError("mean", MEAN_ALONE)
    if figures.total is not None:
        return MeasureError("bad", "not given beside total")
    return MeasureError("bad", f"not given; a reading needs {NEEDED}")


def _make(form: str, figures: Figures) -> Measure:
    if form == "counts":
        total = _given(figures.total, "total")
        return Counts(bad=figures.bad or 0.0, total=total, recovered=figures.recovered or 0.0)
    if form == "rate":
        return Rate(bad_share=_share(figures.rate or 0.0, "rate"))
    if form == "bands":
        return Bands(
            good=_given(figures.good, "good"),
            needs_improvement=_given(figures.needs_improvement, "needs_improvement"),
            poor=_given(figures.poor, "poor"),
        )
    if form == "percentiles":
        return _percentiles(figures.percentiles)
    if form == "findings":
        return Findings(found=figures.found or 0.0)
    bounds, counts = zip(*sorted(figures.buckets), strict=True)
    return Buckets(bounds=bounds, counts=counts, total=_given(figures.total, "total"))


def _percentiles(pairs: tuple[tuple[float, float], ...]) -> Percentiles:
    if len(pairs) == 1:
        problem = "one percentile alone; two or more tell how many users wait too long"
        raise MeasureError("percentiles", problem)
    ranks, values = zip(*sorted(pairs), strict=True)
    if min(values) <= 0:
        raise MeasureError("percentiles", "0 or less, which no waiting time is")
    return Percentiles(ranks=ranks, values=values)


def _given(value: float | None, field: str) -> float:
    if value is None:
        raise MeasureError(field, f"not given; a reading needs {NEEDED}")
    if field == "total" and value == 0:
        raise MeasureError(field, "0; a time without users has no reading")
    return value


def _share(value: float, field: str) -> float:
    if value > 1:
        raise MeasureError(field, f"above 1; write {value / 100:g} for {value:g}%")
    return value
