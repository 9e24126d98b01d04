"""Many problems at once have the answers that the engine and brute force give."""

from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import combinations
from pickle import dumps, loads
from random import Random
from time import perf_counter
from typing import TypeVar

import numpy as np
import pytest

from benchmarks.instances import backlog, small_problem
from debtplan.core.delta import apply_delta, find_delta
from debtplan.core.explain import answer, forced_problems
from debtplan.core.flips import Flips
from debtplan.core.problem import Candidate, Problem, Selection, Status, relief
from debtplan.core.proof import verify
from debtplan.engines import closing, make_engine, near, relaxation
from debtplan.engines.closing import Closing, Start
from debtplan.engines.explorer import Explorer
from debtplan.engines.frame import Flags, make_frame, whole_box
from debtplan.engines.indexed import index_problem
from debtplan.engines.near import Near
from debtplan.engines.relaxation import Relaxation
from tests.closely import answer_closely
from tests.engines.brute import TIE, brute_force
from tests.engines.test_after import with_ways

T = TypeVar("T")

ENGINE = make_engine("milp")
EXPLORER = Explorer("milp", "auto", 60.0)


def repacked(one: T) -> T:
    """The same, as another process gets it."""
    found: T = loads(dumps(one))  # noqa: S301 -- our own
    return found


def explored(base: Problem, *problems: Problem, is_first: bool = False) -> list[Selection]:
    """The explorer's answers, each portion taken through a pickle as by a worker."""
    known = ENGINE.select(base).chosen
    portions = EXPLORER.portions(
        base, known, (find_delta(base, one) for one in problems), is_first=is_first
    )
    return [one for portion in portions for one in repacked(portion)()]


def world(rng: Random, problem: Problem, *, is_repriced: bool = False) -> Problem:
    """The problem with other harms and removals, and other points where asked."""
    candidates = [
        replace(
            one,
            removals=tuple((m, min(0.99, r * rng.uniform(0.2, 1.8))) for m, r in one.removals),
            points=one.points * rng.randint(80, 130) / 100 if is_repriced else one.points,
        )
        for one in problem.candidates
    ]
    harms = tuple((metric, harm * rng.uniform(0.5, 1.5)) for metric, harm in problem.harms)
    return replace(problem, candidates=tuple(candidates), harms=harms)


@pytest.mark.parametrize(
    ("portion", "many"),
    [(100_000, 300), (1, 300), (100_000, 4)],
    ids=["at once", "part by part", "dived"],
)
@pytest.mark.parametrize("is_first", [False, True])
def test_closing_agrees_with_brute_force(
    portion: int,
    many: int,
    is_first: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(near, "PORTION", portion)
    monkeypatch.setattr(closing, "MANY", many)
    monkeypatch.setattr(closing, "DIVE", 3)
    monkeypatch.setattr(closing, "FEW", 0)
    monkeypatch.setattr(relaxation, "NEAREST", 4)
    closed = 0
    for seed in range(120):
        rng = Random(seed)
        problem = small_problem(rng, 9)
        if seed % 3 == 0:
            problem = with_ways(rng, problem)
        best = brute_force(problem)
        if best.chosen is None:
            continue
        indexed = index_problem(problem)
        one = Closing(make_frame(indexed), Start(), is_first=is_first)
        found = one.run([], perf_counter() + 60)
        if found is None or not found.is_proven:
            continue
        closed += 1
        assert found.value == pytest.approx(best.value, abs=TIE * max(1.0, best.value)), seed
        assert indexed.allows(found.best), seed
        if is_first:
            assert best.chosen in {indexed.keys(one) for one in found.equals}, seed
    assert closed > 80


@pytest.mark.parametrize("parts", [0, 30, 300])
@pytest.mark.parametrize("many", [0, 300], ids=["dived", "not dived"])
def test_a_closing_that_gives_up_tells_a_bound(
    parts: int, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "MANY", many)
    monkeypatch.setattr(closing, "DIVE", 3)
    monkeypatch.setattr(closing, "FEW", 0)
    monkeypatch.setattr(near, "PORTION", 7)
    monkeypatch.setattr(relaxation, "NEAREST", 4)
    given_up = proven = 0
    for seed in range(120):
        problem = small_problem(Random(seed), 10)
        best = brute_force(problem)
        indexed = index_problem(problem)
        if best.chosen is None or len(indexed.open) <= 3:
            continue
        found = Closing(make_frame(indexed), Start(parts)).run([], perf_counter() + 60)
        if found is None:
            continue
        margin = TIE * max(1.0, best.value)
        assert indexed.allows(found.best), seed
        assert found.value - margin <= best.value <= found.bound + margin, seed
        given_up += not found.is_proven
        proven += found.is_proven
    assert (proven if parts else given_up) > 10


def test_large_problems_are_answered_closely_and_say_how_closely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer_closely(monkeypatch)
    problem = backlog(Random(8), 60, 12, 0.2)
    worlds = [world(Random(seed), problem) for seed in range(8)]
    close = 0
    for one, found in zip(worlds, explored(problem, *worlds), strict=True):
        best = ENGINE.any_best(one).value
        assert found.value is not None
        assert found.bound is not None
        assert best is not None
        assert verify(one, found).holds
        assert found.value * (1 - 1e-9) <= best <= found.bound * (1 + 1e-9)
        if found.status is Status.FEASIBLE:
            close += 1
            assert found.gap is not None
            assert found.gap == pytest.approx((found.bound - found.value) / found.value)
            assert found.gap <= 0.5
    assert close > 4


def test_every_set_in_the_radius_is_found() -> None:
    found_many = 0
    for seed in range(60):
        rng = Random(seed)
        problem = small_problem(rng, 8)
        if seed % 3 == 0:
            problem = with_ways(rng, problem)
        indexed = index_problem(problem)
        if not indexed.is_feasible:
            continue
        frame = make_frame(indexed)
        box = whole_box(frame)
        priced = Relaxation(frame).price(box, 60.0)
        assert priced is not None
        offered: set[frozenset[int]] = set()
        radius = priced.most - 0.5 * priced.bound

        def offer(one: Flags, into: set[frozenset[int]] = offered) -> None:
            into.add(frozenset(np.flatnonzero(one).tolist()))

        assert Near(frame, box, priced).search(partial(float, radius), offer, perf_counter() + 60)
        for size in range(9):
            for one in map(frozenset, combinations(range(len(problem.keys)), size)):
                if indexed.allows(one):
                    value = indexed.value(one)
                    assert value <= priced.bound + 1e-9 * priced.most
                    assert one in offered or value < 0.5 * priced.bound + 1e-9, (seed, one)
                    found_many += one in offered
    assert found_many > 150


@pytest.mark.parametrize("is_repriced", [False, True])
def test_worlds_of_a_backlog_have_the_value_that_the_engine_proves(
    is_repriced: bool,  # noqa: FBT001
) -> None:
    rng = Random(11)
    base = backlog(Random(3), 60, 12, 0.2)
    worlds = [world(rng, base, is_repriced=is_repriced) for _ in range(12)]
    for problem, found in zip(worlds, explored(base, *worlds), strict=True):
        assert found.status is Status.OPTIMAL
        assert verify(problem, found).holds
        assert found.value == pytest.approx(ENGINE.any_best(problem).value, rel=TIE)


def test_the_first_of_equals_is_the_engines() -> None:
    for seed in range(150):
        problem = small_problem(Random(seed), 9, round_share=1.0)
        if brute_force(problem).chosen is None:
            continue
        (found,) = explored(problem, problem, is_first=True)
        assert found.chosen == brute_force(problem).chosen, seed


def test_what_no_plan_can_hold_is_infeasible() -> None:
    base = Problem.of([Candidate("a", Fraction(3), (("m", 0.5),))], {"m": 10.0}, Fraction(2))
    forced = replace(base, pinned=("a",))
    (found,) = explored(base, forced)
    assert found.status is Status.INFEASIBLE
    assert found.value is None


def test_a_problem_that_is_given_up_goes_to_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near, "MOST_PARTS", 0)
    base = backlog(Random(5), 40, 8, 0.2)
    (found,) = explored(base, base)
    assert found.status is Status.OPTIMAL
    assert found.value == pytest.approx(ENGINE.any_best(base).value, rel=TIE)


def test_what_relieves_nobody_is_in_no_answer() -> None:
    one = Candidate("a", Fraction(1), (("m", 0.5),))
    base = Problem.of([one, Candidate("b", Fraction(1))], {"m": 10.0}, Fraction(9))
    (found,) = explored(base, base)
    assert found.chosen == ("a",)


def test_answers_do_not_depend_on_the_portion_they_are_solved_in() -> None:
    rng = Random(2)
    base = backlog(Random(4), 40, 8, 0.2)
    worlds = [world(rng, base) for _ in range(8)]
    together = explored(base, *worlds)
    alone = [explored(base, one)[0] for one in reversed(worlds)]
    assert [one.chosen for one in together] == [one.chosen for one in reversed(alone)]


def test_a_delta_makes_the_problem_it_was_found_for() -> None:
    rng = Random(8)
    base = backlog(Random(6), 20, 5, 0.3)
    others = [
        base,
        world(rng, base),
        world(rng, base, is_repriced=True),
        replace(base, pinned=("item-00003",), forbidden=("item-00004",)),
        replace(base, ceiling=base.ceiling + 1),
        replace(base, candidates=base.candidates[:-1]),
        replace(base, roles=(("back", Fraction(3)),)),
    ]
    for other in others:
        assert apply_delta(base, repacked(find_delta(base, other))) == other


def test_nothing_to_choose_from_is_no_trouble() -> None:
    base = Problem.of([], {"m": 1.0}, Fraction(3))
    (found,) = explored(base, base)
    assert (found.status, found.chosen, found.value) == (Status.OPTIMAL, (), 0.0)


def test_prices_bound_every_set_that_holds_an_item_even_a_cheaper_one() -> None:
    for seed in range(60):
        problem = replace(small_problem(Random(seed), 8), pinned=())
        best = brute_force(problem)
        prices = EXPLORER.prices(problem, best.chosen or ())
        if prices is None or best.chosen is None:
            continue
        assert prices.bound >= best.value - 1e-6
        for one in problem.candidates:
            saved = one.points / 2
            cheap = replace(one, points=one.points - saved)
            others = tuple(cheap if two is one else two for two in problem.candidates)
            found = brute_force(replace(problem, candidates=others, pinned=(one.key,)))
            if found.chosen is not None:
                most = prices.most(one.key, problem.ceiling + saved)
                assert most >= found.value - 1e-6, (seed, one.key)


@pytest.mark.slow
def test_bounds_change_no_flip_point() -> None:
    told = 0
    for seed in range(25):
        rng = Random(seed)
        problem = with_ways(rng, backlog(rng, 12, 4, 0.2, 0.3))
        plan = ENGINE.select(problem)
        keys = [key for key in problem.keys if key not in plan.chosen]
        plain = Flips(problem, plan)
        quick = Flips(problem, plan, EXPLORER.prices(problem, plan.chosen))
        answer(quick.beside(keys), ENGINE.any_best)
        for key in keys[:4]:
            expected = answer(plain.points(key), ENGINE.any_best)
            assert answer(quick.points(key), ENGINE.any_best) == expected, (seed, key)
            told += expected is not None
    assert told > 10


def test_an_item_with_ways_is_forced_in_with_the_best_of_them() -> None:
    for seed in range(60):
        rng = Random(seed)
        problem = replace(with_ways(rng, small_problem(rng, 7)), forbidden=())
        for rule in problem.after:
            asked = forced_problems(problem, rule.key)
            values = [found.value for one in asked if (found := brute_force(one)).chosen]
            holding = [
                relief(problem, found.chosen or ())
                for found in [_best_with(problem, rule.key)]
                if found is not None
            ]
            if values and holding:
                assert max(values) == pytest.approx(holding[0], abs=1e-6), (seed, rule.key)
            elif asked:
                assert not values
                assert not holding


def _best_with(problem: Problem, key: str) -> Selection | None:
    """The best set that holds the key, by brute force: its value raised above all others."""
    extra = (*problem.harms, ("zz", 1e7))
    raised = tuple(
        replace(one, removals=(*one.removals, ("zz", 0.5))) if one.key == key else one
        for one in problem.candidates
    )
    best = brute_force(replace(problem, candidates=raised, harms=extra))
    if best.chosen is None or key not in best.chosen:
        return None
    return Selection(Status.OPTIMAL, best.chosen, best.value, None, None, "brute")


def test_the_first_of_equals_is_found_beside_an_item_that_is_far_too_large() -> None:
    for seed in range(40):
        rng = Random(seed)
        candidates = [
            Candidate(
                f"k{i:02}",
                Fraction(rng.randint(1, 6)),
                ((f"m{i:02}", rng.choice((0.25, 0.5, 0.125))),),
            )
            for i in range(11)
        ]
        candidates.append(Candidate("z", Fraction(240), (("m00", 0.5),)))
        harms = {f"m{i:02}": 100.0 * rng.choice((1, 2, 3)) for i in range(11)}
        problem = Problem.of(candidates, harms, Fraction(12))
        indexed = index_problem(problem)
        closing_ = Closing(make_frame(indexed), Start(), is_first=True)
        found = closing_.run((), perf_counter() + 60)
        assert found is not None
        if found.is_proven:
            assert brute_force(problem).chosen in {indexed.keys(one) for one in found.equals}, seed


def test_a_world_of_twins_has_the_same_answer_whatever_was_solved_before() -> None:
    for number, seed in enumerate((5836, 6934, 8003), 1):
        base = small_problem(Random(seed), 26, round_share=1.0)
        worlds = [world(Random(100 * seed + n), base) for n in range(4)]
        together = explored(base, *worlds)
        known = ENGINE.select(base).chosen
        for n, one in enumerate(worlds):
            # Another limit of time is another place to keep things at.
            alone = Explorer("milp", "auto", 60.0 + 10 * number + n + 1)
            deltas = [find_delta(base, one)]
            (portion,) = alone.portions(base, known, deltas, is_first=False)
            assert portion()[0].chosen == together[n].chosen


def test_an_opening_solves_nothing() -> None:
    base = backlog(Random(4), 40, 8, 0.2)
    assert repacked(EXPLORER.opening(base, ()))() == ()
