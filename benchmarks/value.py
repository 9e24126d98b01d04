"""What plans are truly worth: debtplan and four usual rules on simulated backlogs, and an oracle.

Every method sees the same estimates, readings and claims, keeps the same rules (the reserve, roles,
prerequisites, alternatives) and is then worked off in its own order at the true costs: what no
longer fits stays unfinished and relieves nobody. The oracle knows costs and removals beforehand.

The usual rules get more than they have in practice: harm in frustrated sessions for reach and cost
of delay, on a continuous scale, and an item together with what it needs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from fractions import Fraction
from math import fsum
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean, median

from benchmarks.figure import Figure, at_most
from benchmarks.world import World, make_world, true_relief
from debtplan.core.appraisal import Appraisal, appraise
from debtplan.core.exact import exact
from debtplan.core.link import Grade
from debtplan.core.problem import Candidate, Problem, Status
from debtplan.core.program import write_program
from debtplan.engines import make_engine
from debtplan.engines.indexed import Indexed, index_problem

BACKLOGS = 1_000
PART = 50
WORKERS = 2
RESERVE = 0.15

CONFIDENCE = {Grade.A: 1.0, Grade.B: 1.0, Grade.C: 0.8, Grade.D: 0.5, Grade.E: 0.5}
"""RICE's 100%, 80% and 50% (Intercom 2016) for high, medium and low confidence."""

PERCENTILES = (5, 25, 50, 75, 95)

Result = dict[str, tuple[float, float]]
"""By method: true value, and the value that it claimed."""

Ranked = tuple[list[str], float]
"""Keys in the order of work, and the value claimed for them."""


def measure(_data: Path | None = None) -> Iterator[Figure]:
    """Yield each method's share of the oracle's value, how often debtplan is worse, and claims."""
    parts = [range(start, start + PART) for start in range(0, BACKLOGS, PART)]
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        results = [one for part in pool.map(_run, parts) for one in part]
    results = [one for one in results if one["oracle"][0] > 0]
    yield from figures(results)


def figures(results: Sequence[Result]) -> Iterator[Figure]:
    """Yield what the results say, as medians with the distribution beside them."""
    what = f"of {len(results)} backlogs, seeds 0-{BACKLOGS - 1}"
    for name in METHODS:
        shares = [one[name][0] / one["oracle"][0] for one in results]
        said = f"{_spread(shares)}, mean {fmean(shares):.3f}, {what}"
        yield at_most(
            "value", f"{name}: part of the oracle's value, median", median(shares), None, "", said
        )
    for name in METHODS:
        claims = [one[name][1] / one[name][0] for one in results if one[name][0] > 0]
        said = f"{_spread(claims)}; {len(results) - len(claims)} relieved nobody"
        yield at_most(
            "value", f"{name}: claimed / true, median", median(claims), None, "ratio", said
        )
    for name in METHODS:
        if name == "debtplan":
            continue
        pairs = [(one["debtplan"][0], one[name][0]) for one in results]
        worse, better = (sum(a < b for a, b in pairs), sum(a > b for a, b in pairs))
        total = fsum(a for a, _ in pairs) / fsum(b for _, b in pairs)
        said = (
            f"better in {better}, equal in {len(pairs) - worse - better}; all summed: {total:.3f}"
        )
        part = worse / len(pairs)
        yield at_most("value", f"debtplan worse than {name}", part, None, "backlogs", said)


def compare(seed: int) -> Result:
    """Return what each method gets on a seed's backlog, and what it claimed."""
    world = make_world(seed)
    appraisal = appraise(world.inputs)
    problem = write_program(world.inputs, appraisal, RESERVE).problem
    found = {"oracle": _oracle(world, problem)}
    for name, rank in METHODS.items():
        order, claimed = rank(world, appraisal, problem)
        finished = _work_off(world, problem, order)
        found[name] = (true_relief(world, finished), claimed)
    return found


def _run(seeds: Iterable[int]) -> list[Result]:
    return [compare(seed) for seed in seeds]


def _spread(numbers: Sequence[float]) -> str:
    ordered = sorted(numbers)
    at = (ordered[round(one / 100 * (len(ordered) - 1))] for one in PERCENTILES)
    return "P5-25-50-75-95 " + ", ".join(f"{one:.3g}" for one in at)


def _debtplan(_world: World, _appraisal: Appraisal, problem: Problem) -> Ranked:
    selection = make_engine("milp").select(problem)
    assert selection.status is Status.OPTIMAL
    return _by_worth(problem, selection.chosen), selection.value or 0.0


def _greedy(_world: World, _appraisal: Appraisal, problem: Problem) -> Ranked:
    """Value per point, grades and overlaps counted: debtplan's own numbers without the program."""
    selection = make_engine("greedy").select(problem)
    return _by_worth(problem, selection.chosen), selection.value or 0.0


def _wsjf(_world: World, appraisal: Appraisal, problem: Problem) -> Ranked:
    """Cost of delay over job size; the cost is the harm times the share that was claimed."""
    return _fill(problem, _claims(appraisal, lambda _: 1.0))


def _rice(_world: World, appraisal: Appraisal, problem: Problem) -> Ranked:
    """Reach times impact times confidence over effort."""
    return _fill(problem, _claims(appraisal, lambda grade: CONFIDENCE[grade]))


def _worst_first(_world: World, appraisal: Appraisal, problem: Problem) -> Ranked:
    """For the worst metric the items that promise most, then for the next, until nothing fits."""
    worth = _claims(appraisal, lambda _: 1.0)
    harms = appraisal.weighted
    terms = [term for value in appraisal.values.values() for term in value.terms]
    order = sorted(terms, key=lambda one: (-harms[one.metric], one.metric, -one.share, one.item))
    return _take(problem, [term.item for term in order], worth)


METHODS: dict[str, Callable[[World, Appraisal, Problem], Ranked]] = {
    "debtplan": _debtplan,
    "value per point": _greedy,
    "WSJF": _wsjf,
    "RICE": _rice,
    "worst metric first": _worst_first,
}


def _claims(appraisal: Appraisal, trust: Callable[[Grade], float]) -> dict[str, float]:
    """Return what items claim alone: harm times share times trust, no overlap, no shrinking."""
    return {
        key: fsum(appraisal.weighted[t.metric] * t.share * trust(t.grade) for t in value.terms)
        for key, value in appraisal.values.items()
    }


def _fill(problem: Problem, worth: dict[str, float]) -> Ranked:
    """Take by worth per point, best first."""
    points = {one.key: one.points for one in problem.candidates}
    order = sorted(points, key=lambda key: (-worth.get(key, 0.0) / float(points[key]), key))
    return _take(problem, order, worth)


def _take(problem: Problem, order: Sequence[str], worth: dict[str, float]) -> Ranked:
    """Go down a list once and take what fits, with what it needs."""
    indexed = index_problem(problem)
    position = {key: i for i, key in enumerate(problem.keys)}
    taken: dict[int, None] = dict.fromkeys(sorted(indexed.forced))
    for key in order:
        i = position.get(key)
        if i is None or i in taken or i in indexed.banned:
            continue
        bundle = indexed.bundle(i, taken, indexed.room(taken), indexed.banned)
        if bundle is not None:
            taken |= dict.fromkeys(_needed_first(indexed, bundle))
    keys = [problem.keys[i] for i in taken]
    return keys, fsum(worth.get(key, 0.0) for key in keys)


def _needed_first(indexed: Indexed, bundle: Sequence[int]) -> list[int]:
    found: list[int] = []
    rest = list(bundle)
    while rest:
        ready = [i for i in rest if not set(indexed.requires[i]) & set(rest) - {i}] or rest
        found += ready
        rest = [i for i in rest if i not in ready]
    return found


def _by_worth(problem: Problem, chosen: Sequence[str]) -> list[str]:
    """Return the keys by value per point alone, each after what it needs."""
    harms = dict(problem.harms)
    candidates = {one.key: one for one in problem.candidates}

    def worth(key: str) -> float:
        one = candidates[key]
        return fsum(harms[m] * removal for m, removal in one.removals) / float(one.points)

    order: dict[str, None] = {}
    for key in sorted(chosen, key=lambda key: (-worth(key), key)):
        stack = [key]
        while stack:
            waits = [one for one in candidates[stack[-1]].requires if one not in order]
            if waits and not set(waits) & set(stack):
                stack += waits
            else:
                order[stack.pop()] = None
    return list(order)


def _work_off(world: World, problem: Problem, order: Sequence[str]) -> dict[str, None]:
    """Return what gets finished when true costs are paid out of the same reserve and roles."""
    left = {"": float(problem.ceiling), **{role: float(most) for role, most in problem.roles}}
    candidates = {one.key: one for one in problem.candidates}
    finished: dict[str, None] = {}
    for key in order:
        one = candidates[key]
        spent = [("", one.points), *one.roles]
        costs = {role: float(points) * world.cost[key] for role, points in spent}
        fits = all(cost <= left.get(role, cost) for role, cost in costs.items())
        if fits and all(needed in finished for needed in one.requires):
            finished[key] = None
            for role in costs.keys() & left.keys():
                left[role] -= costs[role]
    return finished


def _oracle(world: World, problem: Problem) -> tuple[float, float]:
    """Return the most that any set can be worth in truth, with its proof's bound."""

    def in_truth(one: Candidate) -> Candidate:
        factor = exact(round(world.cost[one.key], 6))
        known = world.removals[one.key]
        return replace(
            one,
            points=one.points * factor,
            roles=tuple((role, points * factor) for role, points in one.roles),
            removals=tuple(sorted(known.items())),
        )

    truth = Problem.of(
        map(in_truth, problem.candidates),
        world.harms,
        problem.ceiling,
        roles={role: Fraction(most) for role, most in problem.roles},
        at_most=problem.at_most,
    )
    selection = make_engine("milp").any_best(truth)
    return selection.value or 0.0, selection.bound or 0.0
