"""Prerequisites as a graph."""

from itertools import pairwise, permutations
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.graph import closure, dependents, find_cycles, work_order

GRAPHS = st.dictionaries(
    st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=3).map(tuple)
)


def is_cycle(cycle: tuple[str, ...], waits: dict[str, tuple[str, ...]]) -> bool:
    """Whether each waits for the next, and the last for the first."""
    following = (*cycle[1:], cycle[0])
    return all(b in waits.get(a, ()) for a, b in zip(cycle, following, strict=True))


def on_a_cycle(waits: dict[str, tuple[str, ...]]) -> set[str]:
    """Keys that reach themselves, by brute force."""
    keys = sorted({*waits, *(one for before in waits.values() for one in before)})
    return {
        key
        for key in keys
        for size in range(len(keys))
        if any(
            is_cycle((key, *others), waits)
            for others in permutations([one for one in keys if one != key], size)
        )
    }


def test_an_item_that_waits_for_itself_is_a_cycle() -> None:
    assert find_cycles({"a": ("a",), "b": ("a",)}) == (("a",),)


def test_each_group_gives_its_shortest_cycle_from_its_smallest_key() -> None:
    waits = {"d": ("c",), "c": ("d", "a"), "a": ("b",), "b": ("c",), "x": ("y",), "y": ("x",)}
    assert find_cycles(waits) == (("a", "b", "c"), ("x", "y"))


def test_a_graph_without_cycles_has_none() -> None:
    assert find_cycles({"a": ("b", "c"), "b": ("c",), "c": ()}) == ()


@given(GRAPHS)
@pytest.mark.slow
def test_cycles_are_real_and_none_is_missed(waits: dict[str, tuple[str, ...]]) -> None:
    cycles = find_cycles(waits)
    assert all(is_cycle(cycle, waits) for cycle in cycles)
    cyclic = on_a_cycle(waits)
    assert {key for cycle in cycles for key in cycle} <= cyclic
    broken = {key for cycle in cycles for key in cycle}
    assert bool(cycles) == bool(cyclic)
    assert all(set(closure([key], waits)) & broken for key in cyclic)


def test_a_chain_of_five_thousand_is_walked_in_a_moment() -> None:
    waits = {f"k{i:04}": (f"k{i + 1:04}",) for i in range(5_000)}
    started = perf_counter()
    assert find_cycles(waits) == ()
    order = work_order(list(waits), waits, lambda _: 0.0)
    assert order[0] == "k4999"
    assert order[-1] == "k0000"
    assert len(closure(["k0000"], waits)) == 5_001
    (cycle,) = find_cycles({**waits, "k5000": ("k0000",)})
    assert len(cycle) == 5_001
    assert perf_counter() - started < 2


@given(GRAPHS, st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 3)))
@pytest.mark.slow
def test_prerequisites_come_first_and_else_the_higher_rank(
    waits: dict[str, tuple[str, ...]], ranks: dict[str, int]
) -> None:
    order = work_order(sorted(waits), waits, lambda key: ranks.get(key, 0))
    assert sorted(order) == sorted(waits)
    cyclic = {key for key in waits if set(closure([key], waits)) & on_a_cycle(waits)}
    place = {key: i for i, key in enumerate(order)}
    for key, before in waits.items():
        for one in before:
            if one in place and key not in cyclic:
                assert place[one] < place[key]
    for first, second in pairwise(order):
        if ranks.get(first, 0) < ranks.get(second, 0):
            assert first in waits.get(second, ()) or second in cyclic or first in cyclic


@given(GRAPHS, st.randoms(use_true_random=False))
def test_the_order_of_the_keys_does_not_matter(
    waits: dict[str, tuple[str, ...]], random: Any
) -> None:
    names = list(waits)
    random.shuffle(names)
    other = {name: tuple(reversed(waits[name])) for name in names}
    assert find_cycles(waits) == find_cycles(other)
    assert work_order(sorted(waits), waits, lambda _: 1.0) == work_order(
        names, other, lambda _: 1.0
    )


@given(GRAPHS, st.sampled_from("abcdef"))
def test_the_closure_is_all_that_can_be_reached(
    waits: dict[str, tuple[str, ...]], start: str
) -> None:
    reached = {start}
    for _ in range(7):
        reached |= {one for key in reached for one in waits.get(key, ())}
    assert closure([start], waits) == tuple(sorted(reached))
    followers = dependents(waits)
    assert all(start in closure([one], followers) for one in reached)
