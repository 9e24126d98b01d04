"""The simulated backlogs: every method keeps the rules, the oracle is above all, truth is truth."""

from dataclasses import replace

import pytest

from benchmarks.value import METHODS, RESERVE, compare, figures
from benchmarks.world import make_world, true_relief
from debtplan.core.appraisal import appraise
from debtplan.core.program import write_program
from debtplan.engines.indexed import index_problem


@pytest.mark.parametrize("seed", [0, 3, 8])
@pytest.mark.slow
def test_every_method_keeps_the_rules_and_none_beats_the_oracle(seed: int) -> None:
    world = make_world(seed)
    appraisal = appraise(world.inputs)
    problem = write_program(world.inputs, appraisal, RESERVE).problem
    indexed = index_problem(problem)
    position = {key: i for i, key in enumerate(problem.keys)}
    for rank in METHODS.values():
        order, claimed = rank(world, appraisal, problem)
        assert len(set(order)) == len(order)
        assert indexed.allows(frozenset(position[key] for key in order))
        assert claimed > 0
        placed: set[str] = set()
        for key in order:
            placed.add(key)
            assert placed.issuperset(problem.candidates[position[key]].requires)
    found = compare(seed)
    best, bound = found["oracle"]
    assert best == pytest.approx(bound)
    assert all(true <= best * (1 + 1e-9) for true, _ in found.values())
    assert compare(seed) == found


def test_a_world_is_its_seed_s_and_seeds_differ() -> None:
    assert make_world(5) == make_world(5)
    assert make_world(5) != make_world(6)
    sizes = {len(make_world(seed).inputs.items) for seed in range(20)}
    assert min(sizes) < 60
    assert max(sizes) > 140


def test_what_is_relieved_in_truth_counts_overlaps_once() -> None:
    world = make_world(1)
    metric = next(iter(world.harms))
    known = {"a": {metric: 0.5}, "b": {metric: 0.5}, "c": {}}
    planted = replace(world, removals=known)
    assert true_relief(planted, {"a": None, "c": None}) == world.harms[metric] * 0.5
    assert true_relief(planted, {"a": None, "b": None}) == world.harms[metric] * 0.75


def test_a_rival_that_is_better_is_said_to_be() -> None:
    names = [*METHODS, "oracle"]
    results = [dict.fromkeys(names, (8.0, 16.0)) for _ in range(4)]
    results[0]["WSJF"] = (9.0, 18.0)
    for one in results:
        one["oracle"] = (10.0, 10.0)
    found = {one.figure: one for one in figures(results)}
    assert found["debtplan worse than WSJF"].value == 0.25
    assert found["debtplan worse than RICE"].value == 0.0
    assert found["debtplan: part of the oracle's value, median"].value == 0.8
    assert found["debtplan: claimed / true, median"].value == 2.0
