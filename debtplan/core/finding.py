"""Warnings that belong beside a plan: what is unknown, out of reach, assumed, or not proven."""

from fractions import Fraction
from math import expm1, fsum, log1p

from debtplan.core.appraisal import Appraisal
from debtplan.core.few import few, not_named
from debtplan.core.inputs import Inputs
from debtplan.core.item import ItemState
from debtplan.core.measured import why_unmeasured
from debtplan.core.natural import in_order, natural
from debtplan.core.plan import Finding, Reason
from debtplan.core.problem import Candidate, Selection, Status
from debtplan.core.program import Program
from debtplan.core.risk import Risk
from debtplan.core.simpson import find_reversals
from debtplan.core.still_open import find_still_open
from debtplan.core.together import find_together
from debtplan.core.unconfirmed import find_unconfirmed

REACH = 0.5
"""Below this part of a metric's harm, all its items together are said to leave it out of reach."""

LEAST_LOST = 1e-6
"""Part of the value below which nothing is said to be given up: that much is rounding."""


def find_warnings(
    inputs: Inputs,
    appraisal: Appraisal,
    program: Program,
    selection: Selection,
    begun: float = 0.0,
) -> tuple[Finding, ...]:
    """Return the warnings in a fixed order: plan, reserve, metrics, assumptions.

    Args:
        inputs: All that the plan is made from.
        appraisal: What everything is worth.
        program: The program of the coming sprint.
        selection: What that sprint finishes.
        begun: Its points for items that a later sprint finishes.
    """
    return (
        *find_together(inputs),
        *(_proof(selection) if inputs.risk.measure is Risk.EXPECTED else ()),
        *_kept(program, selection),
        *_over(inputs),
        *_floor(inputs, program, selection, begun),
        *_started(inputs, program, selection),
        *find_still_open(inputs, selection),
        *_kept_for(program, selection),
        *(() if begun else _all_too_large(inputs, appraisal, program, selection)),
        *_unknown(inputs, appraisal),
        *_out_of_reach(inputs, appraisal),
        *_bounds(inputs, appraisal),
        *_reversals(inputs, appraisal),
        *_unmeasured(inputs, appraisal),
        *_assumptions(inputs, appraisal, selection),
        *find_unconfirmed(appraisal, selection),
    )


def _titles(inputs: Inputs) -> dict[str, str]:
    """Return the metrics' names for people, by id."""
    return {metric.id: metric.title for metric in inputs.metrics}


def _proof(selection: Selection) -> list[Finding]:
    if selection.status is Status.FEASIBLE:
        claim = "The time limit passed before the plan was proven best"
        figures = {"gap": selection.gap} if selection.gap is not None else {}
        return [Finding(claim=claim, figures=figures, source="solver")]
    if selection.status is Status.GREEDY:
        claim = (
            "The solver gave nothing in time; "
            "this is the plan that sorting by value per point gives"
        )
        return [Finding(claim=claim, source="solver")]
    return []


def _kept(program: Program, selection: Selection) -> list[Finding]:
    """Return what keeping the approved plan gives up, where it gives up anything."""
    problem = program.problem
    if not problem.is_kept or selection.bound is None or selection.value is None:
        return []
    lost = selection.bound - selection.value
    if selection.status is not Status.OPTIMAL or lost <= LEAST_LOST * max(1.0, selection.bound):
        return []
    kept = len(set(selection.chosen).intersection(problem.kept or ()))
    claim = (
        f"Kept {kept} item{'' if kept == 1 else 's'} of the approved plan; the best plan would "
        f"relieve {_digits(lost)} sessions more a sprint (keep_within allows "
        f"{problem.keep_within:.3g} of the value)"
    )
    figures = {"items": float(kept), "lost": lost, "keep_within": problem.keep_within}
    return [Finding(claim=claim, figures=figures, source="approved plan")]


def _digits(number: float) -> str:
    """Return a number for a sentence, with one decimal below 10."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"  # noqa: PLR2004 - two digits


def _over(inputs: Inputs) -> list[Finding]:
    """Return a warning where the sprint is over on the day of the plan."""
    sprint = inputs.sprint
    if inputs.as_of.date() <= sprint.end_on:
        return []
    claim = (
        f"{sprint.name} ended on {sprint.end_on}, before the day of this plan; name the coming "
        f"sprint with --sprint, or under [team.{inputs.team}.sprint]"
    )
    return [Finding(claim=claim, source="sprint")]


def _floor(inputs: Inputs, program: Program, selection: Selection, begun: float) -> list[Finding]:
    used = begun + fsum(program.items[key].points or 0.0 for key in selection.chosen)
    floor = program.reserve.floor
    if used >= floor:
        return []
    filled = f"Only {used:g}" if used else "None"
    claim = (
        f"{filled} of at least {floor:g} {inputs.unit} could be filled with work of known "
        "value; estimate or link the items under 'measure first'"
    )
    return [Finding(claim=claim, figures={"used": used, "floor": floor}, source="reserve")]


def _started(inputs: Inputs, program: Program, selection: Selection) -> list[Finding]:
    """Return which items are in the plan because they are in progress."""
    pinned = set(program.problem.pinned) - set(inputs.rules.pinned)
    keys = in_order(
        key
        for key in pinned.intersection(selection.chosen)
        if program.items[key].state is ItemState.IN_PROGRESS
    )
    if not keys:
        return []
    are = "is in progress and goes" if len(keys) == 1 else "are in progress and go"
    claim = f"{', '.join(keys)} {are} first, whatever else would be worth more"
    return [Finding(claim=claim, figures={"items": float(len(keys))}, source="rules")]


def _kept_for(program: Program, selection: Selection) -> list[Finding]:
    """Return where a part of the reserve is kept for some work, and nobody can use all of it."""
    chosen = set(selection.chosen)
    picked = [one for one in program.problem.candidates if one.key in chosen]
    found = []
    for rule in program.rules:
        kept = program.problem.ceiling - rule.limit
        used = sum((one.points for one in picked if _is_free(one, rule.name)), Fraction(0))
        if rule.is_kept and used < kept:
            claim = f"Of {float(kept):g} points kept aside, {float(used):g} are used: of the rest, "
            claim += f"only the {rule.name} could take more"
            figures = {"kept": float(kept), "used": float(used)}
            found.append(Finding(claim=claim, figures=figures, source="reserve"))
    return found


def _is_free(one: Candidate, rule: str) -> bool:
    return all(name != rule for name, _ in one.roles)


def _all_too_large(
    inputs: Inputs, appraisal: Appraisal, program: Program, selection: Selection
) -> list[Finding]:
    """Return a warning where nothing is chosen because every valued item is too large."""
    sizes = [
        program.items[key].points or 0.0
        for key, barred in program.barred.items()
        if barred.reason is Reason.TOO_LARGE and key in appraisal.values
    ]
    if selection.chosen or not sizes or not program.capacity.points:
        return []
    smallest = min(sizes)
    claim = (
        f"Every item of known value costs more than the {program.reserve.available:g} "
        f"{inputs.unit} that this sprint can give; split one into phases, or raise sprint_max: the "
        f"smallest needs {smallest / program.capacity.points:.0%} of the capacity"
    )
    return [Finding(claim=claim, figures={"points": smallest}, source="reserve")]


def _unknown(inputs: Inputs, appraisal: Appraisal) -> list[Finding]:
    titles = _titles(inputs)
    return [
        Finding(claim=f"The harm of {titles[metric]} is not known: {harm.missing}", source=metric)
        for metric, harm in sorted(appraisal.harms.items())
        if harm.missing and not harm.only_speaks
    ] + [
        Finding(claim=f"{titles[metric]} speaks for no link: {harm.missing}", source=metric)
        for metric, harm in sorted(appraisal.harms.items())
        if harm.only_speaks and harm.level is None
    ]


def _out_of_reach(inputs: Inputs, appraisal: Appraisal) -> list[Finding]:
    """Return one warning for metrics whose goal stays far even if every linked item were done."""
    left: dict[str, float] = {}
    for value in appraisal.values.values():
        for term in value.terms:
            left[term.metric] = left.get(term.metric, 0.0) + log1p(-term.removal)
    far = [
        (appraisal.counted[metric.id], metric.title, -expm1(left[metric.id]))
        for metric in inputs.metrics
        if metric.id in left and appraisal.counted.get(metric.id, 0.0) > 0
    ]
    far = sorted((row for row in far if row[2] < REACH), reverse=True)
    if not far:
        return []
    named = few([f"{title} (at most {removed:.0%} less)" for _, title, removed in far])
    claim = f"Even all linked items together would leave these goals out of reach: {named}"
    return [Finding(claim=claim, figures={"metrics": float(len(far))}, source="ledger")]


def _bounds(inputs: Inputs, appraisal: Appraisal) -> list[Finding]:
    titles = _titles(inputs)
    return [
        Finding(
            claim=(
                f"The harm of {titles[metric]} is a lower bound: its histogram ends before four "
                "times T"
            ),
            figures={"harm": harm.harm or 0.0},
            source=metric,
        )
        for metric, harm in sorted(appraisal.harms.items())
        if harm.is_bound
    ]


def _reversals(inputs: Inputs, appraisal: Appraisal) -> list[Finding]:
    """Return where a segment and everyone disagree."""
    flows = {flow.id: flow for flow in inputs.flows}
    return [
        Finding(
            claim=one.say(),
            figures={
                "before": one.before,
                "after": one.after,
                "whole_before": one.whole_before,
                "whole_after": one.whole_after,
                "within": one.within,
                "mix": one.mix,
            },
            source=one.metric,
        )
        for one in find_reversals(inputs.metrics, flows, inputs.readings, appraisal.window)
    ]


def _unmeasured(inputs: Inputs, appraisal: Appraisal) -> list[Finding]:
    """Return one warning for links whose share would be measured, and was not."""
    why: dict[str, list[tuple[str, str]]] = {}
    done = {item.key for item in inputs.items if item.state is ItemState.DONE}
    for link in sorted(appraisal.links, key=lambda link: (natural(link.item), link.metric)):
        if link.selector is not None and not link.is_measured and link.item not in done:
            mark = (link.metric, link.selector)
            reason = (
                f"is not measured yet: {link.unmeasured}"
                if link.unmeasured
                else why_unmeasured(mark, inputs.tallies)
            )
            why.setdefault(reason, []).append((link.item, str(link.selector)))
    return [
        Finding(
            claim=f"The share of {few([f'{item} ({mark})' for item, mark in marked])} {reason}",
            figures={"links": float(len(marked))} | not_named(item for item, _ in marked),
            source="links",
        )
        for reason, marked in sorted(why.items())
    ]


def _assumptions(inputs: Inputs, appraisal: Appraisal, selection: Selection) -> list[Finding]:
    assumed = in_order(
        {link.item for link in appraisal.links if link.is_assumed and link.item in selection.chosen}
    )
    found = []
    if assumed:
        share = inputs.links.default_share
        claim = (
            f"The share of {', '.join(assumed)} is assumed ({share.low:.0%} to {share.high:.0%}, "
            f"likely {share.likely:.0%}); measure it before trusting the figure"
        )
        found.append(Finding(claim=claim, figures={"items": float(len(assumed))}, source="links"))
    sized = in_order(set(inputs.sized_by_rule).intersection(selection.chosen))
    if sized:
        claim = f"The points of {', '.join(sized)} are a rule's assumption; estimate them"
        found.append(Finding(claim=claim, figures={"items": float(len(sized))}, source="rules"))
    titles = _titles(inputs)
    stated = [titles[metric] for metric, harm in sorted(appraisal.harms.items()) if harm.is_stated]
    if stated:
        claim = f"The readings of {', '.join(stated)} were stated by hand, not measured"
        found.append(
            Finding(claim=claim, figures={"metrics": float(len(stated))}, source="metrics")
        )
    return found
