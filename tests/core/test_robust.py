"""The set for the bad worlds against every set: equal, or within the stated bound."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from debtplan.core.problem import Candidate, Problem, Selection, Status
from debtplan.core.proof import rows
from debtplan.core.risk import cvar
from debtplan.core.robust import MEETS, Hedge, Hedged
from debtplan.core.sample import Sample
from debtplan.engines import make_engine
from tests.core.problems import problems
from tests.core.worlds import allowed_sets, best_cvar, worlds_of
from tests.engines.brute import brute_force

ALPHAS = st.sampled_from([0.1, 0.2, 0.35, 0.5, 1.0])


def exhaustive(problem: Problem) -> Selection:
    """Every set tried: an engine that owes nothing to the engines."""
    best = brute_force(problem)
    if best.chosen is None:
        return Selection(Status.INFEASIBLE, (), None, None, None, "brute")
    return Selection(Status.OPTIMAL, best.chosen, best.value, best.value * (1 + 1e-9), 0.0, "brute")


def hedged(sample: Sample, alpha: float, most: int = 10_000) -> Hedged:
    """The search, from the first allowed set there is."""
    start = next(allowed_sets(sample.problem))
    return Hedge(sample, alpha, exhaustive, lambda solves: solves >= most).run(start)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), ALPHAS, st.integers(0, 999))
@pytest.mark.slow
def test_no_allowed_set_does_better_in_the_bad_worlds(
    problem: Problem, alpha: float, seed: int
) -> None:
    assume(next(allowed_sets(problem), None) is not None)
    sample = worlds_of(problem, 7, seed)
    best, found = best_cvar(sample, alpha), hedged(sample, alpha)
    assert found.is_met
    assert found.value == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert found.value == cvar(sample.reliefs(found.chosen), alpha)
    assert all(check.holds for check in rows(problem, found.chosen))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), ALPHAS, st.integers(0, 999), st.integers(1, 6))
@pytest.mark.slow
def test_wherever_it_is_stopped_the_bound_holds_and_the_set_is_allowed(
    problem: Problem, alpha: float, seed: int, most: int
) -> None:
    assume(next(allowed_sets(problem), None) is not None)
    sample = worlds_of(problem, 6, seed)
    best, found = best_cvar(sample, alpha), hedged(sample, alpha, most)
    slack = 1e-9 * max(1.0, best)
    assert found.value <= best + slack
    assert found.bound >= best - slack
    assert found.is_met == (found.bound <= found.value + MEETS * max(1.0, found.value))
    assert all(check.holds for check in rows(problem, found.chosen))


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), st.integers(0, 999))
def test_the_real_engine_finds_the_same(problem: Problem, seed: int) -> None:
    assume(next(allowed_sets(problem), None) is not None)
    sample = worlds_of(problem, 6, seed)
    engine = make_engine("milp")
    start = engine.select(problem).chosen
    found = Hedge(sample, 0.3, engine.any_best, lambda solves: solves >= 500).run(start)
    assert found.is_met
    assert found.value == pytest.approx(best_cvar(sample, 0.3), rel=1e-6, abs=1e-6)


def gamble() -> Sample:
    """A bet that relieves 1,000 in half of the worlds, and a sure item of 400; one of them fits."""

    def problem(bet: float) -> Problem:
        candidates = [
            Candidate("bet", Fraction(2), (("m", bet),)),
            Candidate("sure", Fraction(2), (("n", 0.4),)),
        ]
        return Problem.of(candidates, {"m": 1_000.0, "n": 1_000.0}, Fraction(2))

    return Sample(problem(0.5), [problem(0.99), problem(0.01)] * 5)


def test_a_sure_item_goes_before_a_larger_bet_where_the_bad_worlds_decide() -> None:
    found = hedged(gamble(), 0.2)
    assert found.chosen == ("sure",)
    assert found.value == pytest.approx(400)
    assert found.bound == pytest.approx(400)


def test_over_all_worlds_the_bet_is_the_better_choice() -> None:
    found = hedged(gamble(), 1.0)
    assert found.chosen == ("bet",)
    assert found.value == pytest.approx(500)


def test_two_opposite_bets_need_branching_for_no_mixture_can_be_chosen() -> None:
    def problem(a: float, b: float) -> Problem:
        candidates = [
            Candidate("a", Fraction(1), (("m", a),)),
            Candidate("b", Fraction(1), (("n", b),)),
        ]
        return Problem.of(candidates, {"m": 1_000.0, "n": 1_000.0}, Fraction(1))

    sample = Sample(problem(0.5, 0.5), [problem(0.9, 0.1), problem(0.1, 0.9)])
    once = hedged(sample, 0.5, most=1)
    found = hedged(sample, 0.5)
    assert found.is_met
    assert found.value == pytest.approx(100)
    assert once.bound >= 100
    assert found.solves > 2
