"""Missing and weak numbers in a fixed order, with what finding them out takes and is worth."""

from collections.abc import Iterable

from debtplan.core.plan import MeasureFirst

LINK = "a link to a metric"
ESTIMATE = "an estimate"
READING = "a reading"
SHARE = "a measured share"
SURER_SHARE = "a surer share"
MEASURED_READING = "a measured reading"
METRIC_READING = "a reading of the metric"

WEAK = frozenset({SHARE, SURER_SHARE, MEASURED_READING})
"""What is there, but weak; the others are missing."""

TAKES = {
    LINK: "look at `debtplan links suggest`, or one spike of a day",
    ESTIMATE: "estimate it",
    READING: "add a counter on the metric's step",
}
"""What it takes to find out what an item lacks."""


def with_worths(
    rows: Iterable[MeasureFirst], measured: Iterable[MeasureFirst]
) -> tuple[MeasureFirst, ...]:
    """Return what items lack with what finding it out takes, and its worth where that is known.

    Weak numbers that are worth something come besides.
    """
    known = {(one.key, one.missing): one for one in measured}
    told = [row.model_copy(update={"takes": TAKES.get(row.missing, "")}) for row in rows]
    there = {(row.key, row.missing) for row in told}
    found = [
        row.model_copy(update={"worth": known[row.key, row.missing].worth})
        if (row.key, row.missing) in known
        else row
        for row in told
    ]
    found += [one for one in measured if (one.key, one.missing) not in there and one.worth]
    return tuple(sorted(found, key=order))


def without_worths(rows: Iterable[MeasureFirst]) -> tuple[MeasureFirst, ...]:
    """Return the rows as they are where nothing was weighed."""
    missing = [row for row in rows if row.missing not in WEAK and row.missing != METRIC_READING]
    return tuple(sorted((row.model_copy(update={"worth": None}) for row in missing), key=order))


def order(row: MeasureFirst) -> tuple[bool, float, str, str, str]:
    """Return a row's place: the most worth first, those not computed last."""
    return (row.worth is None, -round(row.worth or 0.0, 9), row.missing, row.key, row.why)
