"""The report in words, once for all forms: data, then findings, then sentences."""

import re
from dataclasses import dataclass

from debtplan.core.plan import Finding, Plan
from debtplan.core.text import clean_line
from debtplan.render import answer
from debtplan.render.ahead import After, write_after
from debtplan.render.card import Card, write_card
from debtplan.render.causes import Causes, write_causes
from debtplan.render.changed import ChangeLine, say_changes, write_changes
from debtplan.render.facts import Facts
from debtplan.render.measure import Gap, Unknown, write_gaps, write_unknowns
from debtplan.render.number import about, age, days, percent, plain, sentence, some, span
from debtplan.render.surety import COSTS, RISK, Surety, write_surety
from debtplan.render.waiting import (
    Waiting,
    count_reasons,
    say_common,
    say_frontier,
    write_waiting,
)
from debtplan.render.worked import Worked, write_worked

ALIKE = 3
"""So many remarks that differ only in row and cell are told one by one."""

_VARIED = re.compile(r"row \d+|'[^']*'(?= is )")


@dataclass(frozen=True, slots=True)
class Stat:
    """One figure of the strip: what it is, the figure, its meaning in one line."""

    label: str
    figure: str
    meaning: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source, its age and how it ended."""

    name: str
    age: str
    status: str
    detail: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the report says, in its order.

    Attributes:
        heading: Team, sprint and its days.
        points: How much goes to debt.
        relief: What it should spare users; `interval` belongs right behind it, in brackets.
        strip: Four figures.
        cards: Chosen items in the order of work.
        causes: How we know: what bad sessions have in common, what moves together.
        after: What comes after the sprint, and beside its reserve.
        changed: What this plan is held against; `changes` are those since.
        surety: How sure the plan is, and what else would do.
        common: Why most outranked items wait, one sentence; empty where they share nothing.
        reasons: How many items wait for each reason.
        notes: Warnings of the plan's makers.
        skipped: Every record that was left out or remarked on, with the reason.
        remarks: The same, where many are alike only the first of them.
        unknowns: Numbers that would change the plan, were they known.
        gaps: What items that cannot be valued yet lack, with why, and those items.
        worked: What came of earlier plans.
    """

    facts: Facts
    heading: str
    points: Finding
    relief: Finding
    interval: Finding
    people: Finding
    sure: Finding
    displaced: Finding
    baseline: Finding
    track: Finding
    proof: Finding
    frontier: Finding
    strip: tuple[Stat, ...]
    cards: tuple[Card, ...]
    causes: Causes
    after: After
    changed: Finding
    changes: tuple[ChangeLine, ...]
    surety: Surety
    waiting: tuple[Waiting, ...]
    common: str
    reasons: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]
    unknowns: tuple[Unknown, ...]
    gaps: tuple[Gap, ...]
    skipped: tuple[tuple[str, str], ...]
    remarks: tuple[tuple[str, str], ...]
    sources: tuple[SourceLine, ...]
    worked: Worked

    @property
    def answer(self) -> str:
        """The answer in one line: points, relief, interval."""
        return f"{self.points.claim} {self.spared}"

    @property
    def spared(self) -> str:
        """What the plan should spare users, with its interval."""
        if not self.interval.claim:
            return self.relief.claim
        return f"{self.relief.claim} ({self.interval.claim})."


def tell(plan: Plan) -> Story:
    """Return the report of a plan in words."""
    facts = Facts(plan)
    causes = write_causes(facts)
    return Story(
        facts=facts,
        heading=_heading(plan),
        points=answer.say_points(facts),
        relief=answer.say_relief(facts),
        interval=answer.say_interval(facts),
        people=answer.say_people(facts),
        sure=answer.say_sure(facts),
        displaced=answer.say_displaced(facts),
        baseline=answer.say_baseline(plan),
        track=answer.say_track(plan),
        proof=answer.say_proof(plan),
        frontier=say_frontier(facts),
        strip=_strip(facts),
        cards=_cards(facts),
        after=write_after(facts),
        changed=say_changes(facts),
        changes=write_changes(facts),
        causes=causes,
        surety=write_surety(facts),
        waiting=write_waiting(facts),
        common=say_common(facts),
        reasons=count_reasons(facts),
        notes=_notes(facts, causes),
        unknowns=write_unknowns(facts),
        gaps=write_gaps(facts),
        skipped=tuple((clean_line(o.ref), clean_line(o.reason, 600)) for o in plan.skipped),
        remarks=_remarks(plan),
        sources=_sources(plan),
        worked=write_worked(plan),
    )


def _heading(plan: Plan) -> str:
    team, sprint = clean_line(plan.team, 80), clean_line(plan.sprint.name, 80)
    called = team if "team" in team.lower() else f"{team} team"
    called = called[:1].upper() + called[1:]
    return f"{called} · {sprint} ({days(plan.sprint.start_on, plan.sprint.end_on)})"


def _strip(facts: Facts) -> tuple[Stat, ...]:
    plan = facts.plan
    rule = clean_line(plan.baseline.rule, 80)
    part = f"{percent(plan.baseline.share)} of this" if plan.chosen else "nothing"
    if plan.chosen and not answer.is_comparable(plan):
        part = "not known"
    track = answer.say_track(plan)
    delivered, of_what = "not calibrated yet", "fewer than five forecasts have been checked"
    if track.figures:
        delivered, of_what = percent(track.figures["mean"]), "of earlier claims came true"
    return (
        _reserve(facts),
        _relief(facts),
        Stat(f"If sorted by {rule}", part, "what the simple rule would have got"),
        Stat("Track record", delivered, of_what),
    )


def _reserve(facts: Facts) -> Stat:
    reserve, points = facts.plan.capacity.reserve, facts.plan.capacity.points
    part = f"{percent(reserve.used / points)} of the sprint; " if points > 0 else ""
    bounds = f"{plain(reserve.floor)}–{facts.points(reserve.ceiling)} are reserved"
    figure = f"{plain(reserve.used)} of {facts.points(reserve.available)}"
    return Stat("Reserve used", figure, part + bounds)


def _relief(facts: Facts) -> Stat:
    plan = facts.plan
    if not plan.chosen:
        return Stat("Relief", "none", "nothing is chosen")
    if plan.sessions <= 0 and any(one.terms for one in facts.begun):
        return Stat("Relief", "none yet", "what is begun is finished in a later sprint")
    if plan.sessions <= 0:
        return Stat("Relief", "not known", "nothing that is chosen is measured")
    far = "how far off is not known"
    if plan.interval:
        far = f"likely {span(plan.interval.p10, plan.interval.p90)}"
    meaning = f"{facts.sessions} a sprint spared a frustrating experience, {far}"
    if plan.money is not None:
        currency = clean_line(plan.currency, 10)
        meaning += f"; about {about(plan.money)} {currency}".rstrip() + ", as the team assumes"
    return Stat("Relief", some(plan.ux_value, "").strip(), meaning)


def _cards(facts: Facts) -> tuple[Card, ...]:
    told: dict[str, str] = {}
    cards = []
    for one in sorted(facts.plan.chosen, key=lambda chosen: (chosen.order, chosen.key)):
        cards.append(write_card(facts, one, told))
        for term in one.terms:
            told.setdefault(term.metric, facts.name(one.key))
    return tuple(cards)


def _notes(facts: Facts, causes: Causes) -> tuple[str, ...]:
    """Return the warnings, but for those that the report says at their own place."""
    drawn = {one.metric for one in causes.slopes}
    return tuple(
        sentence(facts.shortened(one.claim))
        for one in facts.plan.findings
        if one.source not in (COSTS, RISK) and not (one.source in drawn and "mix" in one.figures)
    )


def _remarks(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return what was left out or remarked on; of many that are alike the first, and how many."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in plan.skipped:
        ref, reason = clean_line(one.ref), clean_line(one.reason, 600)
        shape = _VARIED.sub("", reason) if _VARIED.search(reason) else f"{ref}\n{reason}"
        groups.setdefault(shape, []).append((ref, reason))
    rows: list[tuple[str, str]] = []
    for alike in groups.values():
        if len(alike) <= ALIKE:
            rows += alike
        else:
            ref, reason = alike[0]
            rows.append((ref, f"{reason} (and {len(alike) - 1:,} more like it)"))
    return tuple(rows)


def _sources(plan: Plan) -> tuple[SourceLine, ...]:
    return tuple(
        SourceLine(
            name=clean_line(one.name, 80),
            age="never read"
            if one.fetched_at is None
            else f"{age(one.fetched_at, plan.inputs.as_of)} old",
            status=clean_line(one.status, 40),
            detail=clean_line(one.detail, 600),
        )
        for one in plan.sources
    )
