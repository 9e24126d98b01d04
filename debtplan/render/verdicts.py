"""Verdicts in words: one row a forecast, and how good the forecasts were."""

from collections.abc import Iterator, Mapping

from debtplan.core.calibration import LEAST_VERDICTS
from debtplan.core.drift import say_part
from debtplan.core.natural import Place, natural
from debtplan.core.outcomes import OutcomeRow, Outcomes, Pending
from debtplan.core.text import clean_line
from debtplan.core.undone import UndoneRow
from debtplan.core.verdict import Outcome
from debtplan.render.number import UNKNOWN, day

WORDS: Mapping[Outcome, str] = {
    Outcome.MOVED: "moved",
    Outcome.NOT_MOVED: "not moved",
    Outcome.WORSE: "worse",
    Outcome.CANNOT_TELL: "cannot tell",
}
"""Verdicts for people."""

VERDICT_HEAD = ("Item", "Metric", "Grade", "Claimed", "Came", "95% sure", "Verdict")

UNDONE = "Approved, and not there in time"

UNDONE_HEAD = ("Item", "Metric", "Was due", "Claimed", "By itself", "95% sure")

UNDONE_MEANING = (
    "Work that came later or never: no success and no failure. By itself: part of what the metric "
    "hurts beyond its goal that went away in the days after, without the work; below 0 where it "
    "grew."
)

CLAIM_MEANING = "Claimed and came: part of what the metric hurts beyond its goal that goes away."


def for_people(found: Outcomes) -> Outcomes:
    """Return the same outcomes as they are listed: by day, and of one day by key."""

    def by_key(one: OutcomeRow | UndoneRow | Pending) -> tuple[Place, Place]:
        return natural(one.item), natural(one.metric)

    rows = sorted(found.rows, key=lambda one: (one.released_on or one.judged_on, by_key(one)))
    undone = sorted(found.undone, key=lambda one: (one.due_on, by_key(one)))
    pending = sorted(found.pending, key=by_key)
    lists = {"rows": tuple(rows), "undone": tuple(undone), "pending": tuple(pending)}
    return found.model_copy(update=lists)


def verdict_cells(one: OutcomeRow) -> tuple[str, ...]:
    """Return a forecast beside what happened, in the columns of `VERDICT_HEAD`."""
    span = UNKNOWN
    if one.realised_low is not None and one.realised_high is not None:
        span = f"{say_part(one.realised_low)} to {say_part(one.realised_high)}"
    return (
        short_name(one.item),
        clean_line(one.metric_title or one.metric),
        one.grade.value,
        say_part(one.claimed),
        UNKNOWN if one.realised is None else say_part(one.realised),
        span,
        WORDS[one.outcome],
    )


def undone_cells(one: UndoneRow) -> tuple[str, ...]:
    """Return a forecast whose work did not come, in the columns of `UNDONE_HEAD`."""
    span = UNKNOWN
    if one.changed_low is not None and one.changed_high is not None:
        span = f"{say_part(one.changed_low)} to {say_part(one.changed_high)}"
    return (
        short_name(one.item),
        clean_line(one.metric_title or one.metric),
        f"{day(one.due_on)} {one.due_on.year}",
        say_part(one.claimed),
        UNKNOWN if one.changed is None else say_part(one.changed),
        span,
    )


def short_name(key: str) -> str:
    """Return an item's key without its source."""
    return clean_line(key.partition(":")[2] or key)


def say_honesty(found: Outcomes) -> Iterator[str]:
    """Yield coverage, Brier score, and what metrics do by themselves, in words."""
    yield from say_coverage(found)
    score = found.brier
    if score is not None and score.forecasts >= LEAST_VERDICTS:
        better = "better" if score.score < score.base else "no better"
        yield (
            f"At least {score.at_least:.0%} of the claim came in {score.happened:.0%} of them. The "
            f"chances given for that score {score.score:.2f} (Brier; 0 is perfect), {better} than "
            f"the {score.base:.2f} of always saying the usual rate."
        )
    if found.drift_line:
        yield found.drift_line


def say_coverage(found: Outcomes) -> Iterator[str]:
    """Yield how many forecasts came out within their own interval; of too few nothing."""
    one = found.coverage
    if one is not None and one.forecasts >= LEAST_VERDICTS:
        yield (
            f"{one.share:.0%} of {one.forecasts} forecasts came out within their own interval; "
            f"{one.expected:.0%} should."
        )
