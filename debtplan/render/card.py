"""What is said of a chosen item: for whom, why, on what evidence, and the sum behind its value."""

from collections.abc import Mapping
from dataclasses import dataclass

from debtplan.core.flow import TIMED, MetricKind, UxMetric
from debtplan.core.item import DebtItem
from debtplan.core.natural import in_order
from debtplan.core.plan import Chosen, Finding, PlanTerm
from debtplan.core.reading import Counts
from debtplan.core.text import clean_line, safe_url
from debtplan.render.evidence import say_evidence
from debtplan.render.facts import UNSIMULATED, Facts
from debtplan.render.number import (
    about,
    enough,
    listed,
    percent,
    plain,
    sentence,
    some,
    span,
    window_days,
)

VITALS = {"lcp": "slow loading", "inp": "slow reactions", "cls": "jumping layout"}


@dataclass(frozen=True, slots=True)
class Card:
    """A chosen item in words.

    Attributes:
        name: Key as people say it.
        story: The user story; or that nobody wrote one.
        has_story: False where nobody did.
        pain: What hurts today; empty where nobody wrote it down.
        worth: What it should spare, for how many points.
        tags: Roles, kind of debt, order.
        why: One finding a metric it touches, largest first.
        evidence: Grade and its reasons, then the pieces.
        sums: The products that make the value.
        chosen: Why it is in, and how often it stays in.
        without: What its loss would cost.
        metric: Metric of the chart; None where nothing is linked.
        told_by: Name of the earlier card that shows the same chart; empty for the first.
    """

    key: str
    name: str
    title: str
    url: str | None
    story: str
    has_story: bool
    pain: str
    worth: str
    tags: tuple[str, ...]
    why: tuple[Finding, ...]
    evidence: tuple[str, ...]
    sums: tuple[Finding, ...]
    chosen: Finding
    without: Finding
    metric: str | None
    told_by: str


def write_card(facts: Facts, one: Chosen, told: Mapping[str, str]) -> Card:
    """Return a chosen item in words.

    Args:
        facts: The plan.
        one: The item.
        told: By metric that an earlier card spoke of, the name of that card's item.
    """
    item = facts.items.get(one.key)
    story = item.story if item else None
    main = facts.main_term(one)
    terms = sorted(one.terms, key=lambda term: (-term.ux_value, term.metric))
    return Card(
        key=one.key,
        name=facts.name(one.key),
        title=clean_line(one.title) or "(no title)",
        url=safe_url(one.url),
        story=clean_line(story.sentence(), 600)
        if story
        else "Nobody has written down whom this helps.",
        has_story=story is not None,
        pain=sentence(f"Today {clean_line(story.pain, 600)}") if story and story.pain else "",
        worth=_worth(facts, one),
        tags=_tags(facts, one, item),
        why=tuple(say_why(facts, term, told.get(term.metric, "")) for term in terms),
        evidence=tuple(line for term in terms for line in _evidence(facts, one, term)),
        sums=tuple(say_sum(facts, term) for term in terms),
        chosen=_chosen(facts, one),
        without=_without(facts, one),
        metric=main.metric if main else None,
        told_by=told.get(main.metric, "") if main else "",
    )


def say_why(facts: Facts, term: PlanTerm, told_by: str = "") -> Finding:
    """Return what hurts, and how many, beside the goal.

    Args:
        facts: The plan.
        term: The item's term for a metric.
        told_by: Name of the item whose card said it already; empty for the first.
    """
    metric = facts.metrics.get(term.metric)
    harm = facts.harm(term.metric)
    figures = {} if harm.harm is None else {"harm": harm.harm}
    if metric is None:
        claim = "What was measured is not in this plan."
    elif told_by:
        claim = f"The same users as with {told_by}, at {facts.step(metric)}."
    else:
        likely, digits = "", 2
        if harm.low is not None and harm.harm is not None and harm.high is not None:
            digits = enough(harm.low, harm.harm, harm.high)
            likely = f"likely {span(harm.low, harm.high, digits)}; "
        size = f"{about(harm.sample_size)} observations, " if harm.sample_size else ""
        size += window_days(facts.appraisal.window)
        claim = (
            f"{say_metric(facts, metric)} That is {some(harm.harm, 'frustrated sessions', digits)} "
            f"a sprint beyond it ({likely}{size})."
        )
    return Finding(claim=claim, figures=figures, source=term.metric)


def say_metric(facts: Facts, metric: UxMetric) -> str:
    """Return what a metric shows in its window, beside its goal: the title of its chart."""
    harm = facts.harm(metric.id)
    if harm.share is None:
        return sentence(f"{facts.metric_name(metric.id)} is not known")
    share, step = percent(harm.share), facts.step(metric)
    least = "at least " if harm.is_bound else ""
    goal = facts.reference_words(metric, harm.goal)
    vital = VITALS.get(str(metric.vital), "the page")
    shown = {
        MetricKind.DROP_OFF: f"{share} of sessions are lost at {step}",
        MetricKind.ERROR_RATE: f"{share} of attempts at {step} fail{_mended(facts, metric)}",
        MetricKind.CSAT: f"{share} of answers about {step} are unhappy",
        MetricKind.TICKET_RATE: f"judging by tickets, {share} of sessions at {step} are hurt",
        MetricKind.WEB_VITAL: f"{share} of visits at {step} are frustrated by {vital}",
        MetricKind.ADOPTION: f"{share} of components at {step} are not from the design system",
        MetricKind.RAGE_CLICKS: f"{share} of sessions at {step} have a rage click",
    }.get(metric.kind, f"{share} of sessions at {step} are frustrated by waiting")
    if metric.kind in TIMED:
        goal += f" (Apdex {1 - harm.share:.2f} against {metric.target or 0:.2f})"
    return sentence(f"{least}{shown}; {goal}")


def _mended(facts: Facts, metric: UxMetric) -> str:
    """Return how failures count that a retry mended, where there are any."""
    window = facts.appraisal.window
    mended = any(
        isinstance(one.measure, Counts) and one.measure.recovered > 0
        for one in facts.readings(metric.id)
        if window.holds(one)
    )
    return " (those that a retry mends count half)" if mended else ""


def _why_less(facts: Facts, term: PlanTerm, measured: float) -> str:
    """Return why an item's harm is less than what was measured."""
    beside = facts.plan.inputs.beside
    left = beside.left.get(term.metric, 1.0) if beside else 1.0
    twice = "people hurt twice count once"
    if left >= 1:
        return twice
    others = "what other teams' items relieve is taken off"
    return others if about(measured * left, 4) == about(term.harm, 4) else f"{twice}, and {others}"


def say_sum(facts: Facts, term: PlanTerm) -> Finding:
    """Return the product that makes a term, and why its harm is not all that was measured.

    `8,903 × 41% × 0.70 (grade B) = 2,550, shrunk to 2,300 as one of many estimates.`
    """
    share = percent(term.share, 3) + (" (assumed)" if term.is_assumed else "")
    measured = facts.harm(term.metric).harm or 0.0
    sessions = f"{about(term.harm, 4)} frustrated sessions"
    if about(measured, 4) != about(term.harm, 4):
        sessions += f" ({about(measured, 4)} measured, but {_why_less(facts, term, measured)})"
    parts = [sessions, share]
    parts.append(f"{term.grade_factor:.2f} (grade {term.grade})")
    if term.calibration != 1:
        parts.append(f"{term.calibration:.2f} (track record)")
    if facts.is_weighted:
        parts.append(f"{plain(term.weight)} (weight)")
    claim = f"{' × '.join(parts)} = "
    if term.shrink < 1:
        before = term.ux_value / term.shrink if term.shrink > 0 else 0.0
        claim += f"{about(before, 3)}, shrunk to {about(term.ux_value, 3)} as one of many estimates"
    else:
        claim += about(term.ux_value, 3)
    figures = {"harm": term.harm, "share": term.share, "ux_value": term.ux_value}
    return Finding(claim=f"{claim}.", figures=figures, source=term.metric)


def _evidence(facts: Facts, one: Chosen, term: PlanTerm) -> list[str]:
    link = facts.link(one.key, term.metric)
    if link is None:
        return [f"Grade {term.grade}."]
    first, *rest = say_evidence(facts, link)
    lead = f"{facts.metric_name(term.metric)}: " if len(one.terms) > 1 else ""
    return [f"{lead}{first}", *rest]


def _worth(facts: Facts, one: Chosen) -> str:
    points = facts.points(one.points)
    if round(one.points_now, 2) != round(one.points, 2):
        points += f", {plain(one.points_now)} of them in this sprint"
    if not one.terms:
        return f"What it spares users is not known; {points}"
    return f"Should spare {some(one.ux_value, facts.sessions)} a sprint, for {points}"


def _tags(facts: Facts, one: Chosen, item: DebtItem | None) -> tuple[str, ...]:
    tags: list[str] = []
    if item is None:
        return tuple(tags)
    if item.roles:
        tags.append(listed([clean_line(role.role, 60) for role in item.roles]))
    if item.debt_kind:
        tags.append(item.debt_kind.value)
    chosen = {other.key for other in facts.plan.chosen}
    before = [facts.name(key) for key in item.prerequisites if key in chosen]
    after = [
        facts.name(key)
        for key in in_order(chosen)
        if key in facts.items and one.key in facts.items[key].prerequisites
    ]
    if before:
        tags.append(f"must come after {listed(before)}")
    if after:
        tags.append(f"must come before {listed(after)}")
    return tuple(tags)


def _chosen(facts: Facts, one: Chosen) -> Finding:
    figures = {} if one.certainty is None else {"certainty": one.certainty}
    if one.is_pinned:
        claim = "The team pinned it, so it is in whatever it is worth."
    else:
        claim = "It belongs to the best set of items that fits the reserve."
    if one.certainty is None:
        why = UNSIMULATED if one.finishes_in > 1 else "nothing was simulated"
        claim += f" How often it stays chosen is not known: {why}."
    else:
        claim += f" It is chosen in {percent(one.certainty)} of simulated worlds."
    if one.money is not None:
        money = f"{about(one.money)} {clean_line(facts.plan.currency, 10)}".rstrip()
        claim += f" Worth about {money} a sprint, at the value per session that the team assumes."
        figures["money"] = one.money
    return Finding(claim=claim, figures=figures, source="simulated worlds")


def _without(facts: Facts, one: Chosen) -> Finding:
    if one.drop_loss is None:
        return Finding(claim="Without it: what would be lost is not known, it was not computed.")
    loss = f"{some(one.drop_loss, f'fewer {facts.sessions}')} spared a sprint"
    claim = f"Without it: {loss}" if one.drop_loss > 0 else "Without it: nothing is lost"
    if one.replaced_by:
        names = listed([facts.name(key) for key in in_order(one.replaced_by)[:5]])
        claim += f"; {names} would take its place"
    figures = {"drop_loss": one.drop_loss}
    return Finding(claim=f"{claim}.", figures=figures, source="solved again without it")
