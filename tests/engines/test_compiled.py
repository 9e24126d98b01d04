"""The compiled loops: the same answers where nothing compiles them, or keeps what was compiled."""

import sys
from importlib.util import find_spec, module_from_spec
from random import Random
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from benchmarks.instances import small_problem
from debtplan.core.delta import Delta
from debtplan.engines import closing, near, relaxation
from debtplan.engines.compiled import compiled
from debtplan.engines.explorer import Explorer
from tests.engines.test_after import with_ways


def double(number: float) -> float:
    return 2 * number


def plain_walk(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The loops as they are where no compiler is installed."""
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "numba", None)
        spec = find_spec("debtplan.engines.walk")
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


def test_without_a_compiler_a_function_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    assert compiled(double) is double


def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def njit(function: Any = None, *, cache: bool = False) -> Any:
        asked.append(cache)
        if cache:
            msg = "cannot cache function: no locator available"
            raise RuntimeError(msg)
        return lambda number: function(number) + 1

    monkeypatch.setitem(sys.modules, "numba", SimpleNamespace(njit=njit))
    assert compiled(double)(2) == 5
    assert asked == [True, False]


@pytest.mark.slow
def test_compiled_or_not_the_answers_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "FEW", 0)
    monkeypatch.setattr(relaxation, "NEAREST", 4)
    plain, answers = plain_walk(monkeypatch), []
    assert not hasattr(plain.walk, "py_func")
    for loops in (near, plain):
        for name in ("walk", "dive", "tabled"):
            monkeypatch.setattr(near, name, getattr(loops, name))
        for many in (300, 4):
            monkeypatch.setattr(closing, "MANY", many)
            monkeypatch.setattr(closing, "DIVE", 3)
            answers.append([answer(seed) for seed in range(60)])
    assert answers[:2] == answers[2:]
    assert sum(chosen != () for chosen, _, _ in answers[0]) > 30


def answer(seed: int) -> tuple[tuple[str, ...], float | None, str]:
    rng = Random(seed)
    problem = small_problem(rng, 10)
    if seed % 3 == 0:
        problem = with_ways(rng, problem)
    (portion,) = Explorer("milp", "auto", 60.0).portions(problem, (), [Delta()], is_first=False)
    (found,) = portion()
    return found.chosen, found.value, found.backend
