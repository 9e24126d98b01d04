"""What linked items tell of others: counts that are shrunk, and never more than a few of them."""

from itertools import permutations
from math import isclose, log

from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.precedent import MOST_GAIN, Precedents

LINKED = [(("a", "b"), ("x",)), (("a",), ("x",)), (("c",), ("y",)), (("a", "c"), ("x", "y"))]
marks = st.lists(st.sampled_from("abcdef"), unique=True)


def test_a_mark_of_one_group_s_items_speaks_for_it_and_against_the_others() -> None:
    found = Precedents(LINKED, 2, 2.0)
    assert found.gain(["b"], "x") > 0 > found.gain(["b"], "y")
    assert found.gain(["unheard of"], "x") == 0.0
    assert found.hits(["a", "c", "d"], "y") == (("a", 1, 3), ("c", 2, 2))


def test_a_gain_is_what_the_shrunk_part_adds_to_the_usual_log_odds() -> None:
    found = Precedents(LINKED, 2, 2.0)
    usual = (3 + 0.5) / (4 + 2)
    part = (1 + 2 * usual) / (1 + 2)
    expected = log(part / (1 - part)) - log(usual / (1 - usual))
    assert isclose(found.gain(["b"], "x"), expected)


def test_only_the_two_strongest_marks_of_a_side_count() -> None:
    found = Precedents([(tuple("abcd"), ("x",)), ((), ("y",))], 2, 2.0)
    assert isclose(found.gain("abcd", "x"), found.gain("ab", "x"))
    assert isclose(found.gain("ab", "x"), 2 * found.gain("a", "x"))


def test_a_part_counts_one_item_more_and_takes_the_mark_that_says_most() -> None:
    found = Precedents(LINKED, 2, 2.0)
    assert found.part(["a"], "x") == 3 / 4
    assert found.part(["a", "b", "c"], "x") == 3 / 4
    assert found.part([], "x") == 0.0


@given(st.lists(st.tuples(marks, st.lists(st.sampled_from("xyz"), unique=True)), max_size=8), marks)
def test_any_counts_give_a_bounded_gain_whatever_the_order(
    linked: list[tuple[list[str], list[str]]], mine: list[str]
) -> None:
    first = Precedents(linked, 3, 4.0)
    again = Precedents(reversed(linked), 3, 4.0)
    for group in "xyz":
        assert abs(first.gain(mine, group)) <= MOST_GAIN
        assert 0 <= first.part(mine, group) < 1
        for some in list(permutations(mine))[:6]:
            assert isclose(again.gain(some, group), first.gain(mine, group), abs_tol=1e-9)
