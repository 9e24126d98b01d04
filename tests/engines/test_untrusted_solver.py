"""A solver that is wrong, lies or gives up: the engine checks, falls back, and says so."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, nan
from random import Random

import pytest

from benchmarks.instances import backlog, small_problem
from debtplan.core.problem import Problem, Selection, Status
from debtplan.core.proof import verify
from debtplan.engines import make_engine
from debtplan.engines.backend import make_backend
from debtplan.engines.milp import MilpEngine
from debtplan.engines.program import NOTHING, Answer, Backend, Program, Word

HIGHS = make_backend("highs")
PROBLEM = backlog(Random(4), 60, 8, 0.2)
GREEDY = make_engine("greedy").select(PROBLEM)
BEST = make_engine("milp").select(PROBLEM)

Say = Callable[[Program], Answer]


@dataclass
class ScriptedBackend:
    """A solver that says what it is told to; programs without whole columns may go to HiGHS."""

    say: Say
    relaxes: bool = True
    name: str = "scripted"
    second: Backend | None = None

    def solve(
        self,
        program: Program,
        time_limit_s: float,
        gap: float = 0.0,
        *,
        is_presolved: bool = True,
        nodes: int | None = None,
    ) -> Answer:
        if self.relaxes and not program.whole:
            return HIGHS.solve(program, time_limit_s, gap)
        return self.say(program)


def solve(say: Say, *, relaxes: bool = True, problem: Problem = PROBLEM) -> Selection:
    return MilpEngine(ScriptedBackend(say, relaxes), 5.0).select(problem)


def everything(word: Word, value: float) -> Say:
    return lambda program: Answer(word, (value,) * len(program.gains), bound=value)


LIES: dict[str, Say] = {
    "nothing": lambda _: NOTHING,
    "infeasible": lambda _: Answer(Word.INFEASIBLE),
    "optimal without a solution": lambda _: Answer(Word.OPTIMAL),
    "a solution of the wrong length": lambda _: Answer(Word.OPTIMAL, (1.0,)),
    "not a number": everything(Word.OPTIMAL, nan),
    "infinite": everything(Word.FEASIBLE, inf),
    "everything, which breaks the reserve": everything(Word.OPTIMAL, 1.0),
    "0.9999 of everything": everything(Word.OPTIMAL, 0.9999),
    "nothing chosen, called optimal": everything(Word.OPTIMAL, 0.0),
}


@pytest.mark.parametrize("say", LIES.values(), ids=LIES.keys())
def test_the_greedy_set_stands_in_with_a_true_bound(say: Say) -> None:
    selection = solve(say)
    assert selection.status is Status.GREEDY
    assert selection.value is not None
    assert GREEDY.value is not None
    assert BEST.value is not None
    assert selection.bound is not None
    assert GREEDY.value <= selection.value <= BEST.value < selection.bound < BEST.value * 1.05
    assert verify(PROBLEM, selection).failures == ()


@pytest.mark.parametrize("say", LIES.values(), ids=LIES.keys())
def test_without_a_relaxation_the_bound_is_what_everything_gives(say: Say) -> None:
    selection = solve(say, relaxes=False)
    assert (selection.status, selection.chosen) == (Status.GREEDY, GREEDY.chosen)
    assert selection.bound is not None
    assert BEST.value is not None
    assert selection.bound > BEST.value
    assert verify(PROBLEM, selection).failures == ()


@pytest.mark.parametrize("dual", [nan, inf, 1e300, 0.0])
def test_prices_that_mean_nothing_still_give_a_true_bound(dual: float) -> None:
    def say(program: Program) -> Answer:
        if program.whole:
            return HIGHS.solve(program, 5.0)
        zeros = (0.0,) * len(program.gains)
        return Answer(Word.OPTIMAL, zeros, (dual,) * len(program.rows))

    selection = solve(say, relaxes=False)
    assert (selection.status, selection.chosen) == (Status.OPTIMAL, BEST.chosen)


def test_values_a_hair_off_whole_numbers_are_rounded_and_checked() -> None:
    def say(program: Program) -> Answer:
        answer = HIGHS.solve(program, 5.0)
        off = tuple(min(max(value, 1e-4), 0.9999) for value in answer.values[: program.whole])
        return replace(answer, values=off + answer.values[program.whole :])

    selection = solve(say)
    assert (selection.status, selection.chosen) == (Status.OPTIMAL, BEST.chosen)


def test_a_solution_in_time_without_proof_is_feasible_with_its_gap() -> None:
    def say(program: Program) -> Answer:
        answer = HIGHS.solve(program, 5.0)
        is_solution = answer.word is Word.OPTIMAL and answer.bound is not None
        bound = (answer.bound or 0.0) + 50.0
        return replace(answer, word=Word.FEASIBLE, bound=bound) if is_solution else NOTHING

    selection = solve(say)
    assert selection.status is Status.FEASIBLE
    assert selection.value == pytest.approx(BEST.value)
    assert selection.gap is not None
    assert selection.gap > 0


def test_a_bound_below_a_known_set_is_not_believed() -> None:
    def say(program: Program) -> Answer:
        zeros = (0.0,) * len(program.gains)
        return Answer(Word.OPTIMAL, zeros, bound=-1e9)

    selection = solve(say)
    assert selection.status is Status.GREEDY
    assert selection.bound is not None
    assert BEST.value is not None
    assert selection.bound > BEST.value


@pytest.mark.parametrize("say", LIES.values(), ids=LIES.keys())
@pytest.mark.parametrize("seed", range(25))
def test_no_lie_makes_a_rule_break(say: Say, seed: int) -> None:
    problem = small_problem(Random(seed))
    for relaxes in (True, False):
        selection = solve(say, relaxes=relaxes, problem=problem)
        assert verify(problem, selection).failures == ()


def test_a_solver_that_is_wrong_about_rewritten_programs_is_asked_again_without() -> None:
    class Rewriter(ScriptedBackend):
        def solve(
            self,
            program: Program,
            time_limit_s: float,
            gap: float = 0.0,
            *,
            is_presolved: bool = True,
            nodes: int | None = None,
        ) -> Answer:
            if not is_presolved:
                return HIGHS.solve(program, time_limit_s, gap)
            return super().solve(program, time_limit_s, gap)

    wrong = Rewriter(everything(Word.OPTIMAL, 0.0))
    selection = MilpEngine(wrong, 5.0).select(PROBLEM)
    assert (selection.status, selection.chosen) == (Status.OPTIMAL, BEST.chosen)
