"""A plan and failures as a message: the report's own sentences, and what changed."""

from collections.abc import Sequence

from debtplan.core.notice import (
    Failure,
    Line,
    Moved,
    Notice,
    NoticeKind,
    PlanChange,
    Section,
    compare_plans,
    failures_id,
)
from debtplan.core.plan import Plan
from debtplan.core.problem import Status
from debtplan.core.text import clean_line, safe_url
from debtplan.render.facts import Facts
from debtplan.render.number import counted, some
from debtplan.render.story import Story, tell

LATE = "This sprint had started when it was planned: a scheduled run was missed."

UNWELL = frozenset({"failed", "shrunk"})
"""States of a source whose data the plan is made without, or from before."""

LONGEST = 600
"""Characters of a sentence that names foreign words."""


def write_plan_notice(plan: Plan, last: Plan | None, *, is_late: bool = False) -> Notice:
    """Return the message about a plan.

    Args:
        plan: The plan.
        last: The plan that was told last, of which only the changes are told; None tells all.
        is_late: The sprint had started when it was planned.
    """
    story, change = tell(plan), compare_plans(plan, last)
    return Notice(
        kind=NoticeKind.PLAN,
        id=plan.digest,
        team=clean_line(plan.team, 80),
        sprint=plan.sprint,
        plan_id=plan.plan_id,
        is_late=is_late,
        subject=("Changed plan: " if last else "Plan: ") + story.heading,
        sentences=_sentences(plan, story, is_whole=last is None, is_late=is_late),
        sections=_sections(story, change),
        change=change,
    )


def write_failure_notice(failures: Sequence[Failure]) -> Notice:
    """Return the message about what an unattended run could not do."""
    cleaned = tuple(
        one.model_copy(update={"what": _foreign(one.what), "fix": _foreign(one.fix)})
        for one in failures
    )
    number = counted(len(cleaned), "thing")
    return Notice(
        kind=NoticeKind.FAILURE,
        id=failures_id(failures),
        subject=f"debtplan run: {number} could not be done",
        sentences=("A scheduled run did not do all of its work.",),
        sections=tuple(
            Section(
                title=clean_line(one.scope, 80), lines=(Line(text=one.what), Line(text=one.fix))
            )
            for one in cleaned
        ),
        failures=cleaned,
    )


def _foreign(text: str) -> str:
    return clean_line(text, LONGEST)


def _sentences(plan: Plan, story: Story, *, is_whole: bool, is_late: bool) -> tuple[str, ...]:
    said = [LATE] if is_late else []
    said.append(story.answer)
    if is_whole:
        said += [story.people.claim, story.sure.claim]
    if plan.chosen and plan.solver.status is not Status.OPTIMAL:
        said.append(story.proof.claim)
    said += [
        f"Partial data: {one.name} {one.status} ({one.age}). {one.detail}"
        for one in story.sources
        if one.status in UNWELL
    ]
    return tuple(one for one in said if one)


def _sections(story: Story, change: PlanChange) -> tuple[Section, ...]:
    facts = story.facts
    if change.is_first:
        lines = [
            Line(text=f"{card.name} {card.title}. {card.worth}.", url=safe_url(card.url))
            for card in story.cards
        ]
        return (Section(title="Chosen, in the order of work", lines=tuple(lines)),) if lines else ()
    parts = (
        ("Comes in", [_line(facts, one) for one in change.entered]),
        ("Goes out", [_line(facts, one) for one in change.left]),
        ("Has another size", [_line(facts, one) for one in change.resized]),
        ("Before", _figures(facts, change)),
    )
    return tuple(Section(title=title, lines=tuple(lines)) for title, lines in parts if lines)


def _line(facts: Facts, one: Moved) -> Line:
    points = facts.points(one.points)
    if one.points_before is not None:
        points = f"{points}, before {facts.points(one.points_before)}"
    text = f"{facts.name(one.key)} {clean_line(one.title)} ({points})"
    if one.detail:
        text += f": {facts.shortened(one.detail)}"
    return Line(text=text, url=safe_url(one.url))


def _figures(facts: Facts, change: PlanChange) -> list[Line]:
    lines = []
    if change.is_repointed:
        lines.append(Line(text=f"{facts.points(change.points_before)} went to debt"))
    if change.is_revalued:
        worth = some(change.ux_value_before, facts.sessions)
        lines.append(Line(text=f"{worth} a sprint were to be spared"))
    return lines
