"""What surrounds a plan, by solving again: binding rules, other good plans, other weightings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from debtplan.core.alternatives import (
    NEAR,
    Agreement,
    Alternative,
    BindingRule,
    Weighting,
    agree,
)
from debtplan.core.appraisal import Appraisal
from debtplan.core.exact import exact
from debtplan.core.explain import Drop, rounded
from debtplan.core.inputs import Inputs
from debtplan.core.problem import Problem, Selection, Status, relief
from debtplan.core.program import Program, write_program
from debtplan.ports import Engine
from debtplan.workflows.many import Many
from debtplan.workflows.planner import Planner

MOST_NEAR = 3
"""Plans without one of the items that are told."""

NAMED = 4
"""Keys that a sentence names."""

MOST_DIFFERENT_S = 5.0
"""Time in seconds after which the most different plan found so far will do, and is called that."""

MOST_WEIGHTINGS = 24
"""Weightings that are planned."""

MOST_RULES = 60
"""Rules that are let out."""


@dataclass(frozen=True, slots=True)
class Surrounded:
    """A solved plan whose surroundings are asked for; `best` is its problem's best set."""

    inputs: Inputs
    appraisal: Appraisal
    program: Program
    problem: Problem
    best: Selection


def find_binding(case: Surrounded, many: Many) -> tuple[BindingRule, ...]:
    """Return the rules whose letting out by one gains value, what gains most first."""
    relaxed = list(_relaxations(case))[:MOST_RULES]
    answers = many.solve((problem for *_, problem in relaxed), len(relaxed), is_first=True)
    value, now = case.best.value or 0.0, set(case.best.chosen)
    found = []
    for (rule, more, _), answer in zip(relaxed, answers, strict=True):
        worth = rounded((answer.value or 0.0) - value, value)
        if worth > 0:
            there = set(answer.chosen)
            found.append(
                BindingRule(
                    rule=rule,
                    more=more,
                    worth=worth,
                    takes_in=tuple(sorted(there - now)),
                    leaves_out=tuple(sorted(now - there)),
                )
            )
    return tuple(sorted(found, key=lambda one: (-one.worth, one.rule)))


def _relaxations(case: Surrounded) -> Iterator[tuple[str, str, Problem]]:
    """Yield every rule that may bind, how far it is let out, and the problem then."""
    problem, unit = case.problem, case.inputs.unit
    capacity = exact(case.program.capacity.points or 1.0)
    single = unit.removesuffix("s")
    # Items that today's ceiling bars may compete then.
    roomier = write_program(
        case.inputs, case.appraisal, float((problem.ceiling + 1) / capacity)
    ).problem
    ceiling = problem.ceiling + 1
    yield (
        f"the reserve of {float(problem.ceiling):g} {unit}",
        f"1 {single} more",
        replace(roomier, ceiling=ceiling, keep_within=0.0),
    )
    for role, limit in problem.roles:
        pairs = ((name, most + (name == role)) for name, most in problem.roles)
        words = f"the {float(limit):g} {unit} of role {role}"
        yield words, f"1 {single} more", replace(problem, roles=tuple(pairs))
    taken = set(case.best.chosen)
    for rule in problem.at_most:
        if len(taken.intersection(rule.keys)) < rule.limit:
            continue
        others = (
            replace(one, limit=one.limit + 1) if one is rule else one for one in problem.at_most
        )
        yield rule.label, "1 item more", replace(problem, at_most=tuple(others))


def find_alternatives(
    case: Surrounded, drops: Mapping[str, Drop | None], planner: Planner
) -> tuple[Alternative, ...]:
    """Return plans within `NEAR` of the best: without one of its items, and the most different."""
    value = case.best.value or 0.0
    if value <= 0:
        return ()
    near: dict[tuple[str, ...], float] = {}
    for drop in drops.values():
        if drop is not None and drop.instead and 0 <= drop.loss <= NEAR * value:
            near[drop.instead] = value - drop.loss
    ranked = sorted(near.items(), key=lambda one: (-one[1], one[0]))
    found = [_told(case, "near_best", keys, worth) for keys, worth in ranked[:MOST_NEAR]]
    other = _most_different(case, planner)
    if other is not None and other.chosen not in {one.chosen for one in found}:
        found.append(other)
    return tuple(found)


def _most_different(case: Surrounded, planner: Planner) -> Alternative | None:
    """Return the plan that shares least with the best one of all that are worth nearly as much."""
    now = set(case.best.chosen)
    level = (1 - NEAR) * (case.best.value or 0.0)
    if planner.explorer is not None:
        keys, least = planner.explorer.apart(
            case.problem, case.best.chosen, level, MOST_DIFFERENT_S
        )
        is_proven = len(now.intersection(keys)) <= least
    else:
        keys, is_proven = _kept_apart(case, planner.engine)
    if not keys or now.issuperset(keys):
        return None
    worth = relief(case.problem, frozenset(keys))
    return _told(case, "most_different", keys, worth, is_proven=is_proven)


def _kept_apart(case: Surrounded, engine: Engine) -> tuple[tuple[str, ...], bool]:
    """Return the same from the engine: near to all that is not chosen is far from what is."""
    now = set(case.best.chosen)
    # What relieves nobody makes no plan different.
    others = tuple(
        one.key for one in case.problem.candidates if one.removals and one.key not in now
    )
    found = engine.select(replace(case.problem, kept=others, keep_within=NEAR))
    return found.chosen, found.status is Status.OPTIMAL


def _told(
    case: Surrounded, kind: str, keys: tuple[str, ...], worth: float, *, is_proven: bool = True
) -> Alternative:
    now, value = set(case.best.chosen), case.best.value or 0.0
    takes_in = tuple(sorted(set(keys) - now))
    leaves_out = tuple(sorted(now - set(keys)))
    cost = {one.key: one.points for one in case.problem.candidates}
    share = min(1.0, worth / value)
    less = f"worth {1 - share:.1%} less" if share < 1 else "worth as much"
    if not is_proven:
        less += "; others may differ more"
    instead = f"{_named(takes_in)} instead of {_named(leaves_out)}"
    if not takes_in:
        instead = f"without {_named(leaves_out)}"
    return Alternative.model_validate(
        {
            "kind": kind,
            "ux_value": worth,
            "share": share,
            "points": float(sum((cost[key] for key in keys), Fraction(0))),
            "chosen": keys,
            "takes_in": takes_in,
            "leaves_out": leaves_out,
            "is_proven": is_proven,
            "words": f"{instead}: {less}",
        }
    )


def _named(keys: tuple[str, ...]) -> str:
    if not keys:
        return "nothing"
    names = ", ".join(keys[:NAMED])
    return names if len(keys) <= NAMED else f"{names} and {len(keys) - NAMED} more"


def weigh_otherwise(case: Surrounded, many: Many) -> Agreement | None:
    """Return what plans under other weightings agree on; None where there is nothing to weigh."""
    weightings = list(_weightings(case))[:MOST_WEIGHTINGS]
    if not weightings:
        return None
    problems = [_weighted(case, weights) for _, weights in weightings]
    answers = many.solve(problems, len(problems), is_first=True)
    found = [Weighting(name="as set", chosen=case.best.chosen, share=1.0)]
    for (name, _), problem, answer in zip(weightings, problems, answers, strict=True):
        ours, best = relief(problem, case.best.chosen), answer.value or 0.0
        share = min(1.0, ours / best) if best > 0 else 1.0
        found.append(Weighting(name=name, chosen=answer.chosen, share=share))
    return agree(tuple(found))


def _weightings(case: Surrounded) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield other weights by metric, each with its name; what changes no ratio is left out."""
    flow_of = {one.id: one.flow for one in case.inputs.metrics}
    flows = {one.id: one for one in case.inputs.flows}
    harmed = {flow_of[metric] for metric, harm in case.appraisal.counted.items() if harm > 0}
    ranked = [flows[name] for name in sorted(harmed)]
    metrics = case.appraisal.weights
    if len({one.weight for one in ranked}) > 1:
        yield "every flow alike", dict.fromkeys(metrics, 1.0)
    if len(ranked) > 1:
        for flow in ranked:
            doubled = {
                metric: weight * (2.0 if flow_of[metric] == flow.id else 1.0)
                for metric, weight in metrics.items()
            }
            yield f"{flow.title} counts double", doubled
    prices = {one.id: one.value_per_session for one in ranked}
    known = [price for price in prices.values() if price is not None]
    if len(known) == len(ranked) and len(ranked) > 1:
        yield "by money", {metric: prices.get(flow_of[metric]) or 0.0 for metric in metrics}


def _weighted(case: Surrounded, weights: Mapping[str, float]) -> Problem:
    counted = case.appraisal.counted
    harms = tuple((metric, counted[metric] * weights[metric]) for metric, _ in case.problem.harms)
    return replace(case.problem, harms=harms)
