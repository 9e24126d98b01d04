"""What every engine in `ENGINES` must do, whatever is behind it."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.instances import backlog, shuffled, small_problem
from debtplan.core.problem import AtMost, Candidate, Problem, Selection, Status, relief
from debtplan.core.proof import verify
from debtplan.engines import BACKENDS, ENGINES, make_engine
from debtplan.errors import UsageError
from debtplan.ports import Engine
from tests.engines.brute import TIE, brute_force

problems = st.randoms(use_true_random=False).map(small_problem)
every_engine = pytest.mark.parametrize("engine", [make_engine(name) for name in ENGINES])


def facts(selection: Selection) -> tuple[object, ...]:
    """What two runs on one problem must agree on: all but the wall time."""
    return tuple(getattr(replace(selection, seconds=0.0), name) for name in selection.__slots__)


@every_engine
@given(problem=problems)
def test_the_selection_holds_in_exact_arithmetic(engine: Engine, problem: Problem) -> None:
    selection = engine.select(problem)
    assert verify(problem, selection).failures == ()
    assert selection.chosen == tuple(sorted(selection.chosen))
    assert selection.engine == engine.name


@every_engine
@given(problem=problems)
@pytest.mark.slow
def test_any_best_is_worth_as_much_and_holds(engine: Engine, problem: Problem) -> None:
    selection, first = engine.any_best(problem), engine.select(problem)
    assert verify(problem, selection).failures == ()
    assert selection.status is first.status
    if first.value is not None:
        margin = TIE * max(1.0, first.value)
        assert selection.value == pytest.approx(first.value, abs=margin)


@every_engine
@given(problem=problems)
def test_infeasible_means_that_no_set_is_allowed(engine: Engine, problem: Problem) -> None:
    best = brute_force(problem)
    selection = engine.select(problem)
    assert (selection.status is Status.INFEASIBLE) == (best.chosen is None)
    if best.chosen is None:
        assert (selection.chosen, selection.value, selection.bound) == ((), None, None)


@every_engine
@given(problem=problems)
@pytest.mark.slow
def test_value_bound_and_gap_are_what_they_say(engine: Engine, problem: Problem) -> None:
    selection, best = engine.select(problem), brute_force(problem)
    if selection.value is None:
        return
    margin = TIE * max(1.0, best.value)
    assert selection.value == relief(problem, selection.chosen)
    assert selection.value <= best.value + margin
    if selection.bound is not None:
        assert selection.bound >= best.value - margin
    if selection.bound is not None and selection.gap is not None and selection.value > 0:
        assert selection.gap == (selection.bound - selection.value) / selection.value >= 0


@every_engine
@given(problem=problems, rng=st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    engine: Engine, problem: Problem, rng: Random
) -> None:
    assert facts(engine.select(problem)) == facts(engine.select(shuffled(rng, problem)))


@every_engine
def test_a_problem_without_candidates_chooses_nothing(engine: Engine) -> None:
    selection = engine.select(Problem.of([], {}, Fraction(5)))
    assert (selection.chosen, selection.value) == ((), 0.0)


@every_engine
def test_pins_that_do_not_fit_are_infeasible(engine: Engine) -> None:
    problem = Problem.of([Candidate("a", Fraction(3))], {}, Fraction(2), pinned=["a"])
    assert engine.select(problem).status is Status.INFEASIBLE


@every_engine
def test_a_pin_that_needs_a_forbidden_item_is_infeasible(engine: Engine) -> None:
    items = [Candidate("a", Fraction(1), requires=("b",)), Candidate("b", Fraction(1))]
    problem = Problem.of(items, {}, Fraction(9), pinned=["a"], forbidden=["b"])
    assert engine.select(problem).status is Status.INFEASIBLE


@every_engine
def test_items_that_need_each_other_come_together(engine: Engine) -> None:
    items = [
        Candidate("a", Fraction(1), (("m", 0.5),), requires=("b",)),
        Candidate("b", Fraction(1), requires=("a",)),
    ]
    assert engine.select(Problem.of(items, {"m": 10.0}, Fraction(2))).chosen == ("a", "b")
    assert engine.select(Problem.of(items, {"m": 10.0}, Fraction(1))).chosen == ()


@every_engine
def test_a_zero_point_item_with_value_is_always_taken(engine: Engine) -> None:
    items = [Candidate("a", Fraction(0), (("m", 0.1),)), Candidate("b", Fraction(1), (("m", 0.9),))]
    assert engine.select(Problem.of(items, {"m": 10.0}, Fraction(0))).chosen == ("a",)


@every_engine
def test_half_points_fill_the_reserve_to_the_brim(engine: Engine) -> None:
    items = [Candidate(f"t:{i}", Fraction(1, 2), ((f"m{i}", 0.5),)) for i in range(6)]
    problem = Problem.of(items, {f"m{i}": 10.0 for i in range(6)}, Fraction(5, 2))
    assert len(engine.select(problem).chosen) == 5


@every_engine
def test_alternatives_exclude_each_other(engine: Engine) -> None:
    items = [Candidate(key, Fraction(1), ((key, 0.5),)) for key in "abc"]
    harms = {"a": 1.0, "b": 3.0, "c": 2.0}
    problem = Problem.of(items, harms, Fraction(9), at_most=[AtMost("one of", tuple("abc"), 1)])
    assert engine.select(problem).chosen == ("b",)


@every_engine
def test_titles_and_keys_never_reach_the_solver(engine: Engine) -> None:
    keys = ("jira:A-1; drop", "github:o/r#7 [x]", "ключ", "a b\n-c*d/e>f")
    items = [Candidate(key, Fraction(1), (("metric 'm' +", 0.5),)) for key in keys]
    problem = Problem.of(items, {"metric 'm' +": 4.0}, Fraction(4))
    assert engine.select(problem).chosen == tuple(sorted(keys))


@every_engine
def test_a_selection_prints_nothing(engine: Engine, capfd: pytest.CaptureFixture[str]) -> None:
    engine.select(backlog(Random(1), 60, 8, 0.2))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", BACKENDS)
def test_every_backend_of_the_list_can_be_had(name: str) -> None:
    problem = Problem.of([Candidate("a", Fraction(1), (("m", 0.5),))], {"m": 4.0}, Fraction(1))
    selection = make_engine("milp", backend=name).select(problem)
    assert selection.chosen == ("a",)
    assert {"auto": "highs"}.get(name, name) in selection.backend.lower()


@pytest.mark.parametrize(
    ("name", "backend", "time_limit_s", "says"),
    [
        ("glpk", "highs", 1.0, "milp, greedy"),
        ("milp", "gurobi", 1.0, "auto, highs, cbc"),
        ("milp", "highs", 0.0, "above 0"),
        ("milp", "highs", float("nan"), "above 0"),
    ],
)
def test_an_unknown_name_is_told_the_known_ones(
    name: str, backend: str, time_limit_s: float, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        make_engine(name, backend=backend, time_limit_s=time_limit_s)
