"""Choosing for the bad worlds: the set of largest CVaR, and what it costs and buys."""

from dataclasses import replace
from time import perf_counter

from debtplan import __version__
from debtplan.core.appraisal import Appraisal
from debtplan.core.chance import robust_words
from debtplan.core.decision import write_plan
from debtplan.core.delta import apply_delta
from debtplan.core.plan import Plan
from debtplan.core.problem import Problem, Selection, Status, relief
from debtplan.core.proof import verify
from debtplan.core.risk import Robust, cvar
from debtplan.core.robust import Hedge, Hedged
from debtplan.core.sample import Sample
from debtplan.errors import ProofError
from debtplan.workflows.explain import Case, explain
from debtplan.workflows.planner import Planner

FEWEST_WORLDS, MOST_WORLDS = 50, 100
"""Worlds that the plan is chosen in: at 20% the ten to twenty worst count."""

MOST_COPIES = 10_000
"""Items times worlds up to which more worlds than the fewest are drawn."""

CHECKED = 1000
"""Fresh worlds that the plan and the one of most expected relief are tried in."""

MOST_SOLVES = 400
"""Programs after which the search ends, whatever the time: the same on every machine."""

FRESH = 7919
"""What the seed of the fresh worlds lies above the plan's."""


def write_robust(case: Case, planner: Planner) -> tuple[Plan, Robust]:
    """Return the plan that is chosen for the bad worlds, and how it was chosen.

    It holds the coming sprint alone. What single items add is not found by solving again: their
    losses and flips would be about the expected relief, which is not what was optimised.

    Raises:
        ProofError: The chosen set breaks a rule; nothing of it is used.
    """
    case, robust = hedge(case, planner)
    rules = replace(case.selection, status=Status.FEASIBLE, gap=None)
    broken = verify(case.program.problem, rules).failures
    if broken:
        named = "; ".join(check.rule for check in broken)
        what = f"The set chosen for the bad worlds does not hold: {named}."
        raise ProofError(what, "Run again with another engine or backend under [plan].")
    made = write_plan(
        case.inputs,
        case.appraisal,
        case.program,
        (case.selection, planner.baseline.select(case.program.problem)),
        explain(case, planner, ()),
        (planner.clock(), __version__),
    )
    return made, robust


def hedge(case: Case, planner: Planner) -> tuple[Case, Robust]:
    """Return the case with the set of largest CVaR chosen, and how it compares.

    The rules are those of the coming sprint; points are the estimates. What is proven of the
    selection is about its CVaR, so its value, the expected relief, has no bound.

    Args:
        case: With the set of most expected relief.
        planner: What to solve and to draw with.
    """
    problem = replace(case.program.problem, kept=None)
    policy, started = case.inputs.risk, perf_counter()
    if case.program.problem.is_kept:
        case = replace(case, selection=planner.engine.select(problem))
    engine = planner.hedger or planner.engine
    sample = draw_sample(problem, case.appraisal, case.inputs.seed, planner)

    def solve(weighted: Problem) -> Selection:
        planner.progress("choosing for the bad worlds", 0, 0)
        return engine.any_best(weighted)

    def is_over(solves: int) -> bool:
        return solves >= MOST_SOLVES or perf_counter() - started >= planner.hedge_limit_s

    found = Hedge(sample, policy.alpha, solve, is_over).run(case.selection.chosen)
    robust = _compare(case, planner, sample, found)
    selection = Selection(
        status=robust.status,
        chosen=found.chosen,
        value=robust.expected,
        bound=None,
        gap=robust.gap,
        engine=case.selection.engine,
        backend=case.selection.backend,
        seconds=case.selection.seconds + perf_counter() - started,
        rounds=case.selection.rounds + found.solves,
    )
    return replace(case, selection=selection), robust


def draw_sample(problem: Problem, appraisal: Appraisal, seed: int, planner: Planner) -> Sample:
    """Return the worlds that a plan is chosen in, the same ones for the same seed."""
    room = MOST_COPIES // max(1, len(problem.candidates))
    count = max(FEWEST_WORLDS, min(MOST_WORLDS, room))
    drawn = planner.simulator.worlds(appraisal, problem, seed, count)
    return Sample(problem, tuple(apply_delta(problem, one) for one in drawn))


def _compare(case: Case, planner: Planner, sample: Sample, found: Hedged) -> Robust:
    """Return the chosen set beside the one of most expected relief."""
    problem, best, alpha = case.program.problem, case.selection, case.inputs.risk.alpha
    expected, most = relief(problem, found.chosen), best.value or 0.0
    fresh, other = _check(case, planner, (found.chosen, best.chosen))
    robust = Robust(
        alpha=alpha,
        worlds=sample.size,
        cvar=found.value,
        bound=max(found.bound, found.value),
        gap=_gap(found),
        status=Status.OPTIMAL if found.is_met else Status.FEASIBLE,
        expected=expected,
        is_same=found.chosen == best.chosen,
        expected_chosen=best.chosen,
        expected_best=most,
        expected_cvar=cvar(sample.reliefs(best.chosen), alpha),
        price=max(0.0, most - expected),
        checked=CHECKED,
        cvar_checked=fresh,
        expected_cvar_checked=other,
        gain=fresh - other,
        solves=found.solves,
        words="",
    )
    return robust.model_copy(update={"words": robust_words(robust)})


def _gap(found: Hedged) -> float | None:
    if found.value > 0:
        return max(0.0, found.bound - found.value) / found.value
    return 0.0 if found.is_met else None


def _check(
    case: Case, planner: Planner, sets: tuple[tuple[str, ...], tuple[str, ...]]
) -> tuple[float, float]:
    """Return the CVaR of two sets in fresh worlds, the same ones for both."""
    problem = case.program.problem
    held = {key for chosen in sets for key in chosen}
    small = replace(
        problem,
        candidates=tuple(one for one in problem.candidates if one.key in held),
        at_most=(),
        after=(),
        pinned=(),
        forbidden=(),
        kept=None,
    )
    drawn = planner.simulator.worlds(case.appraisal, small, case.inputs.seed + FRESH, CHECKED)
    sample = Sample(small, tuple(apply_delta(small, one) for one in drawn))
    first, second = (cvar(sample.reliefs(chosen), case.inputs.risk.alpha) for chosen in sets)
    return first, second
