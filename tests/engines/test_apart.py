"""The set that shares least with another one, held against all sets there are."""

from collections.abc import Iterator
from itertools import combinations
from random import Random
from time import perf_counter

import pytest

from benchmarks.instances import backlog, small_problem
from debtplan.engines import closing, make_engine, near, relaxation
from debtplan.engines.apart import Apart, most_apart
from debtplan.engines.closing import Start
from debtplan.engines.explorer import Explorer
from debtplan.engines.frame import make_frame
from debtplan.engines.indexed import Indexed, index_problem
from tests.engines.test_after import with_ways

NEVER = float("inf")


def allowed(indexed: Indexed) -> Iterator[frozenset[int]]:
    every = range(len(indexed.points))
    sets = (frozenset(one) for size in range(len(every) + 1) for one in combinations(every, size))
    return filter(indexed.allows, sets)


def drawn(seed: int) -> tuple[Indexed, frozenset[int], float] | None:
    """A problem, a best set of it, and what others have to be worth."""
    rng = Random(seed)
    problem = small_problem(rng, 9)
    indexed = index_problem(with_ways(rng, problem) if seed % 3 == 0 else problem)
    best = max(allowed(indexed), key=indexed.value, default=None)
    if best is None or not indexed.value(best):
        return None
    return indexed, best, rng.choice((0.5, 0.8, 0.98)) * indexed.value(best)


def apart(indexed: Indexed, known: frozenset[int], level: float, until: float = NEVER) -> Apart:
    return most_apart(make_frame(indexed), known, level, min(until, perf_counter() + 60), Start())


@pytest.mark.parametrize(
    ("few", "parts"), [(0, 10**6), (10, 10**6), (0, 3)], ids=["searched", "all tried", "given up"]
)
def test_no_set_that_is_worth_enough_shares_fewer(
    few: int, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "FEW", few)
    monkeypatch.setattr(near, "MOST_PARTS", parts)
    monkeypatch.setattr(relaxation, "NEAREST", 4)
    cases = proven = 0
    for seed in range(150):
        case = drawn(seed)
        if case is None:
            continue
        cases += 1
        indexed, known, level = case
        found = apart(indexed, known, level)
        assert indexed.allows(found.chosen), seed
        assert indexed.value(found.chosen) >= level * (1 - 1e-9), seed
        assert found.shared == len(found.chosen & known), seed
        enough = [one for one in allowed(indexed) if indexed.value(one) >= level]
        fewest = min(len(one & known) for one in enough)
        assert found.least <= fewest, seed
        if found.least == found.shared:
            proven += 1
            alike = [one for one in enough if len(one & known) == fewest]
            most = max(map(indexed.value, alike))
            assert found.shared == fewest, seed
            assert indexed.value(found.chosen) == pytest.approx(most, rel=1e-8), seed
    assert proven > (0.9 if parts > 3 else 0.2) * cases > 15


def test_without_time_the_known_set_stays_and_nothing_is_claimed() -> None:
    case = next(filter(None, map(drawn, range(10))))
    indexed, known, level = case
    found = apart(indexed, known, level, until=0.0)
    assert indexed.value(found.chosen) >= level
    assert found.least <= min(
        len(one & known) for one in allowed(indexed) if indexed.value(one) >= level
    )


def test_where_the_search_gives_up_the_bound_is_below_what_is_shared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = backlog(Random(3), 60, 12, 0.2)
    best = make_engine("milp").any_best(problem)
    assert best.value is not None
    monkeypatch.setattr(near, "MOST_PARTS", 1)
    keys, least = Explorer("milp", "auto", 60.0).apart(
        problem, best.chosen, 0.98 * best.value, 10.0
    )
    assert least <= len(set(keys) & set(best.chosen))


def test_a_backlog_has_another_plan_of_nearly_the_same_value() -> None:
    problem = backlog(Random(3), 60, 12, 0.2)
    best = make_engine("milp").any_best(problem)
    assert best.value is not None
    keys, least = Explorer("milp", "auto", 60.0).apart(
        problem, best.chosen, 0.98 * best.value, 10.0
    )
    indexed = index_problem(problem)
    position = {key: i for i, key in enumerate(problem.keys)}
    chosen = frozenset(position[key] for key in keys)
    assert indexed.allows(chosen)
    assert indexed.value(chosen) >= 0.98 * best.value * (1 - 1e-9)
    assert least == len(set(keys) & set(best.chosen)) < len(best.chosen)
