"""The report in Markdown: for a comment, a wiki or a pull request. Users' text stays text."""

import re
from collections.abc import Iterator, Sequence

from debtplan.core.plan import Plan
from debtplan.core.text import clean_line, safe_url
from debtplan.render.card import Card
from debtplan.render.check import say_basis
from debtplan.render.facts import Facts
from debtplan.render.number import full, instant, percent
from debtplan.render.story import Story, tell
from debtplan.render.verdicts import CLAIM_MEANING, VERDICT_HEAD, verdict_cells
from debtplan.render.waiting import say_hopes

SHOWN = 15
"""Passed-over items that are listed; the rest is counted."""

_BREAK = "\u200b"
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>|~$&^]")
_MENTION = re.compile(r"[@#]|://|(?i:\b(?:www\.|GH-))")
_START = re.compile(r"^(\d{1,9})([.)])(?=\s|$)|^([-+=:!(])")


class MarkdownRenderer:
    """See `Renderer`."""

    name = "markdown"
    suffix = ".md"

    def render(self, plan: Plan) -> str:
        """See `Renderer.render`."""
        story = tell(plan)
        blocks = [
            *_answer(story),
            *_chosen(story),
            *_after(story),
            *_causes(story),
            *_waiting(story),
            *_sure(story),
            *_changed(story),
            *_unknown(story),
            *_worked(story),
            *_end(story),
        ]
        return "\n\n".join(block for block in blocks if block) + "\n"


def escape(text: str, limit: int = 2_000) -> str:
    """Return text that Markdown shows as it is: no mention, link, markup, HTML or table break.

    A zero-width space behind @, #, :// and www. keeps GitHub and GitLab from linking.
    """
    line = _SPECIAL.sub(lambda found: f"\\{found.group()}", clean_line(text, limit))
    line = _MENTION.sub(lambda found: found.group() + _BREAK, line)
    return _START.sub(lambda found: "".join((found[1] or "", "\\", found[2] or found[3])), line)


def _answer(story: Story) -> Iterator[str]:
    yield f"# {escape(story.heading)}"
    yield f"**{escape(story.points.claim)} {escape(story.spared)}**"
    said = (story.people, story.sure, story.displaced)
    yield "  \n".join(escape(finding.claim) for finding in said if finding.claim)
    stats = [
        f"* {escape(one.label)}: **{escape(one.figure)}** ({escape(one.meaning)})"
        for one in story.strip
    ]
    yield "\n".join(stats)


def _chosen(story: Story) -> Iterator[str]:
    if not story.cards:
        return
    yield "## What we do, and for whom"
    for card in story.cards:
        yield "\n".join(_card(card))


def _after(story: Story) -> Iterator[str]:
    if story.after.sprints:
        yield "## What comes after, if nothing changes"
        yield escape(story.after.ahead.claim)
        lines = ((sprint.name, line) for sprint in story.after.sprints for line in sprint.lines)
        yield "\n".join(f"* {escape(f'{name}: {line}')}" for name, line in lines)
    if story.after.enabling:
        yield "## Beside the reserve"
        yield escape(story.after.pot.claim)
        yield "\n".join(f"* {escape(line)}" for line in story.after.enabling)


def _card(card: Card) -> Iterator[str]:
    yield f"### {_link(card.name, card.url)} {escape(card.title)}"
    yield ""
    yield f"{escape(card.story)} {escape(card.pain)}".rstrip()
    yield ""
    yield f"* **{escape(card.worth)}**"
    if card.tags:
        yield f"* {escape(', '.join(card.tags))}"
    for why in card.why:
        yield f"* Why: {escape(why.claim)}"
    for line in card.evidence:
        yield f"* Evidence: {escape(line)}"
    for total in card.sums:
        yield f"* The sum: {escape(total.claim)}"
    yield f"* {escape(card.chosen.claim)} {escape(card.without.claim)}"


def _causes(story: Story) -> Iterator[str]:
    if story.causes.lines:
        yield "## How do we know?"
        yield "\n".join(f"* {escape(line)}" for line in story.causes.lines)


def _waiting(story: Story) -> Iterator[str]:
    if not story.waiting:
        return
    yield "## What we do not do, and what would change that"
    if story.common:
        yield escape(story.common)
    facts = story.facts
    rows = [
        (
            f"{_link(one.name, one.url)} {escape(one.title)}",
            full(one.ux_value),
            escape(facts.points(one.points)),
            escape(f"{one.reason}. {one.brief}".strip()),
            escape("; ".join(say_hopes(one))) or "not known",
        )
        for one in story.waiting[:SHOWN]
    ]
    value = f"Value ({facts.sessions} a sprint)"
    yield _table(("Item", value, "Points", "Why not", "What could bring it in"), rows)
    if len(story.waiting) > SHOWN:
        counts = ", ".join(f"{reason} ({number:,})" for reason, number in story.reasons)
        number = len(story.waiting)
        yield f"{number - SHOWN:,} more are passed over. All {number:,}: {counts}."


def _sure(story: Story) -> Iterator[str]:
    yield "## How much reserve is right?"
    yield f"{escape(story.frontier.claim)} {escape(story.baseline.claim)}"
    if story.surety.lines:
        yield "## How sure is that, and what else would do?"
        yield "\n".join(f"* {escape(line)}" for line in story.surety.lines)


def _changed(story: Story) -> Iterator[str]:
    if not story.changed.claim:
        return
    yield "## What changed since the plan before"
    yield escape(story.changed.claim)
    rows = [
        (
            f"{_link(one.name, one.url)} {escape(one.title)}",
            escape(one.what),
            escape(one.figures),
            escape(f"{one.cause}: {one.detail}"),
        )
        for one in story.changes
    ]
    if rows:
        yield _table(("Item", "What", "Figures", "Cause"), rows)


def _unknown(story: Story) -> Iterator[str]:
    if not (story.unknowns or story.gaps or story.skipped or story.notes):
        return
    yield "## What we do not know"
    lines = [f"* {escape(note)}" for note in story.notes]
    lines += [
        f"* Measure first: {escape(f'{one.name} {one.title}: {one.missing}, worth {one.worth}')} "
        f"{escape(story.facts.sessions)} a sprint. {escape(one.takes)}"
        for one in story.unknowns
    ]
    for gap in story.gaps[:SHOWN]:
        named = "; ".join(f"{name} {title}" for name, title in gap.items[:SHOWN])
        more = f"; and {len(gap.items) - SHOWN:,} more" if len(gap.items) > SHOWN else ""
        lines.append(f"* Cannot compete yet: {escape(gap.missing)} {escape(named + more, 5_000)}")
    lines += [
        f"* Left out or remarked on: {escape(ref)}: {escape(why)}"
        for ref, why in story.remarks[:SHOWN]
    ]
    if len(story.remarks) > SHOWN:
        lines.append(f"* {len(story.remarks) - SHOWN:,} more remarks in plan.json")
    yield "\n".join(lines)


def _worked(story: Story) -> Iterator[str]:
    yield "## Did it work?"
    yield "\n".join(f"* {escape(line)}" for line in story.worked.lines)
    found = story.worked.found
    if found is not None and found.rows:
        yield _table(VERDICT_HEAD, [[escape(c) for c in verdict_cells(o)] for o in found.rows])
        yield CLAIM_MEANING


def _end(story: Story) -> Iterator[str]:
    plan, facts = story.facts.plan, story.facts
    yield "## For those who check"
    rows = [
        (
            escape(row.pool),
            full(row.measured),
            full(row.claimed),
            full(row.relieved),
            escape(say_basis(row)),
        )
        for row in plan.ledger[:SHOWN]
    ]
    if rows:
        heads = ("Where", "Measured", "All items claim", "This plan relieves", "How known")
        yield _table(heads, rows)
    sources = "; ".join(f"{one.name} ({one.status}, {one.age})" for one in story.sources)
    capacity = f"{facts.points(plan.capacity.points)}, {plan.capacity.basis}"
    made = f"made {instant(plan.created_at)}"
    lines = [
        f"* {escape(story.proof.claim)} {escape(_bound(facts))}".rstrip(),
        f"* Capacity: {escape(capacity)}. Reserve: {escape(plan.capacity.reserve.basis)}.",
        f"* Sources: {escape(sources)}" if sources else "* Sources: none is on record",
        f"* Plan {escape(plan.plan_id)}, {made}, digest {escape(plan.digest)}",
    ]
    yield "\n".join(lines)


def _bound(facts: Facts) -> str:
    solver = facts.plan.solver
    if solver.bound is None or solver.gap is None:
        return f"{solver.backend or solver.engine}."
    return (
        f"{solver.backend or solver.engine}, bound {full(solver.bound)}, gap {percent(solver.gap)}."
    )


def _link(name: str, url: str | None) -> str:
    address = safe_url(url)
    return f"[{escape(name)}](<{address}>)" if address else escape(name)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
