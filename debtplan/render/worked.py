"""Whether earlier work did what was promised, as the report of a plan tells it: section 6.

The rows, goals and sums are those of `debtplan outcomes`; only what a plan adds is written here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from debtplan.core.natural import natural
from debtplan.core.outcomes import Outcomes, Pending
from debtplan.core.plan import Plan
from debtplan.render.answer import say_track
from debtplan.render.goals import goal_details, goal_headline
from debtplan.render.number import counted, day, sentence
from debtplan.render.verdicts import for_people, say_coverage, short_name

ROWS = 20
"""Verdicts that a report shows, the newest; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Worked:
    """All that is said of it.

    Attributes:
        line: What forecasts delivered so far, in one sentence.
        found: Goals and verdicts, the newest of these; None where nobody looked.
        older: Verdicts beyond those.
        due: When the next verdicts are due, a sentence each.
    """

    line: str
    found: Outcomes | None
    older: int
    due: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """What is said beside the verdicts themselves, for forms without charts."""
        if self.found is None:
            return (self.line, *self.due)
        alarms = (f"Alarm: {one}" for one in self.found.alarms)
        goals = (f"{goal_headline(one)}. {goal_details(one)}" for one in self.found.goals)
        return (self.line, *alarms, *goals, *say_coverage(self.found), *self.due)


def write_worked(plan: Plan) -> Worked:
    """Return what came of earlier plans, as far as it was known when this one was made."""
    if plan.inputs.outcomes is None:
        return Worked(say_track(plan).claim, None, 0, (_first_due(plan, None),))
    found = for_people(plan.inputs.outcomes)
    return Worked(
        line=found.line,
        found=found.model_copy(update={"rows": found.rows[-ROWS:]}),
        older=max(0, len(found.rows) - ROWS),
        due=_due(plan, found),
    )


def _due(plan: Plan, found: Outcomes) -> tuple[str, ...]:
    """Return when the next verdicts are due; this plan's first where none is waited for."""
    today = found.as_of.date()
    ready = [one for one in found.pending if one.from_on is not None and one.from_on <= today]
    dated = [one for one in found.pending if one.from_on is not None and one.from_on > today]
    rest = len(found.pending) - len(ready) - len(dated)
    said = []
    if ready:
        said.append(
            f"{sentence(counted(len(ready), 'forecast'))[:-1]} can be judged now: "
            "`debtplan outcomes` does it."
        )
    if dated:
        said.append(_next(dated, is_first=not found.rows))
    if rest:
        many = counted(rest, "forecast")
        after = "" if found.verdict_days is None else f", {found.verdict_days} days after it"
        said.append(
            f"{sentence(many)[:-1]} cannot be judged yet: a verdict needs a release that names the "
            f"item, and is due{after or ' some weeks after it'}."
        )
    if not said and not found.rows:
        said.append(_first_due(plan, found.verdict_days))
    return tuple(said)


def _next(dated: Sequence[Pending], *, is_first: bool) -> str:
    first = min(dated, key=lambda one: (one.from_on or date.max, natural(one.item), one.metric))
    on = first.from_on or date.max
    which = "first" if is_first else "next"
    more = f"; {counted(len(dated), 'forecast')} wait for theirs" if len(dated) > 1 else ""
    name = short_name(first.item)
    return f"The {which} verdict, on {name}, is due on {day(on)} {on.year}{more}."


def _first_due(plan: Plan, days: int | None) -> str:
    """Return when what this plan promises could be judged."""
    frozen = "What this plan promises is frozen when it is approved, and judged after the release"
    if days is None or not plan.chosen:
        return f"{frozen}."
    end = plan.sprint.end_on
    on = end + timedelta(days=days)
    return (
        f"{frozen}: of an item that is live by {day(end)} {end.year}, the first verdict is due on "
        f"{day(on)} {on.year}, {days} days later."
    )
