"""What items are worth: terms that add up, and shrinkage that only takes away."""

from collections.abc import Mapping
from itertools import pairwise
from math import exp, log
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.link import Grade, Link, LinkPolicy
from debtplan.core.value import ItemValue, shrink_factors, value_items
from tests.builders import harm, link, share

POLICY = LinkPolicy()


def values(
    links: list[Link], harms: Mapping[str, float], weights: Mapping[str, float] | None = None
) -> dict[str, ItemValue]:
    """The value of every item by key."""
    measured = {name: harm(name, one, 0.2) for name, one in harms.items()}
    weighed = weights or dict.fromkeys(harms, 1.0)
    return {one.item: one for one in value_items(links, harms, measured, weighed, POLICY)}


def test_a_link_to_a_metric_without_known_harm_gives_no_value_not_zero() -> None:
    assert values([link("a", "unknown")], {"m": 100}) == {}


def test_a_term_is_weight_times_harm_times_share_times_grade() -> None:
    one = link("a", "m", 0.4, Grade.C).model_copy(update={"share": share(0.1, 0.4, 0.7)})
    found = values([one], {"m": 1_000}, {"m": 2.0})["a"]
    (term,) = found.terms
    assert term.removal == pytest.approx(0.4 * 0.5)
    assert found.ux_value == pytest.approx(2 * 1_000 * 0.4 * 0.5)
    assert (found.claimed, found.shrink) == (found.ux_value, 1.0)


def test_no_item_removes_all_harm() -> None:
    policy = LinkPolicy(grades=dict.fromkeys(Grade, 1.0))
    (found,) = value_items([link("a", "m", 1.0)], {"m": 10}, {"m": harm("m", 10)}, {"m": 1}, policy)
    assert found.terms[0].removal == 0.99


def test_a_metric_at_its_goal_gives_the_value_zero() -> None:
    assert values([link("a", "m")], {"m": 0})["a"].ux_value == 0


LINKS = st.lists(
    st.builds(
        link,
        st.sampled_from("abcdefgh"),
        st.sampled_from("mno"),
        st.floats(0, 1),
        st.sampled_from(list(Grade)),
    ),
    min_size=1,
    max_size=16,
    unique_by=lambda one: (one.item, one.metric),
)
HARMS = st.fixed_dictionaries({name: st.floats(0, 1e6) for name in "mno"})


@given(LINKS, HARMS)
def test_terms_add_up_to_the_value_and_shrinking_never_adds(
    links: list[Link], harms: dict[str, float]
) -> None:
    for found in values(links, harms).values():
        assert found.ux_value == pytest.approx(sum(term.ux_value for term in found.terms))
        assert 0 < found.shrink <= 1
        assert found.ux_value <= found.claimed * (1 + 1e-12)
        assert found.ux_value == pytest.approx(found.claimed * found.shrink)
        for term in found.terms:
            factors = term.share * term.grade_factor * term.calibration * term.shrink
            assert term.removal == pytest.approx(min(factors, 0.99 * term.shrink))
            assert term.ux_value == pytest.approx(term.weight * term.harm * term.removal)


@given(LINKS, HARMS, st.sampled_from("mno"), st.floats(1, 100))
def test_a_worse_metric_never_lowers_what_an_item_claims(
    links: list[Link], harms: dict[str, float], worse: str, factor: float
) -> None:
    before = values(links, harms)
    after = values(links, {**harms, worse: harms[worse] * factor})
    for key, found in before.items():
        assert after[key].claimed >= found.claimed
        if len(before) < 5:
            assert after[key].ux_value >= found.ux_value


@given(LINKS, HARMS, st.data())
@pytest.mark.slow
def test_a_removed_link_removes_its_term_and_nothing_else(
    links: list[Link], harms: dict[str, float], data: Any
) -> None:
    gone = data.draw(st.sampled_from(links))
    before, after = values(links, harms), values([one for one in links if one != gone], harms)
    was = {(t.item, t.metric): t.harm * t.share * t.grade_factor
           for one in before.values() for t in one.terms}  # fmt: skip
    left = {(t.item, t.metric): t.harm * t.share * t.grade_factor
            for one in after.values() for t in one.terms}  # fmt: skip
    del was[gone.item, gone.metric]
    assert left == was


@given(LINKS, HARMS, st.randoms(use_true_random=False))
def test_the_order_of_links_does_not_matter(
    links: list[Link], harms: dict[str, float], random: Any
) -> None:
    other = list(links)
    random.shuffle(other)
    assert values(links, harms) == values(other, harms)


CLAIMED = st.dictionaries(st.text("abcdefghij", min_size=1, max_size=2), st.floats(0, 1e9))


@given(CLAIMED, st.floats(0.01, 3))
def test_a_factor_lies_above_0_and_never_above_1(claimed: dict[str, float], noise: float) -> None:
    factors = shrink_factors(claimed, dict.fromkeys(claimed, noise))
    assert set(factors) == set(claimed)
    assert all(0 < factor <= 1 for factor in factors.values())


@given(CLAIMED.filter(lambda one: sum(v > 0 for v in one.values()) < 5), st.floats(0.01, 3))
def test_fewer_than_five_values_do_not_shrink(claimed: dict[str, float], noise: float) -> None:
    assert set(shrink_factors(claimed, dict.fromkeys(claimed, noise)).values()) <= {1.0}


@given(
    st.lists(st.floats(1, 1e6), min_size=5, max_size=12), st.floats(0.01, 2),
    st.randoms(use_true_random=False),
)  # fmt: skip
@pytest.mark.slow
def test_shrinking_with_equal_noise_keeps_the_ranking(
    claimed: list[float], noise: float, random: Any
) -> None:
    random.shuffle(claimed)
    by_key = {str(i): one for i, one in enumerate(claimed)}
    factors = shrink_factors(by_key, dict.fromkeys(by_key, noise))
    shrunk = sorted((one, one * factors[key]) for key, one in by_key.items())
    for (_, low), (_, high) in pairwise(shrunk):
        assert low <= high * (1 + 1e-9)


def test_the_noisiest_high_claim_shrinks_most() -> None:
    claimed = {"a": 100.0, "b": 110.0, "c": 90.0, "d": 400.0, "e": 400.0}
    factors = shrink_factors(claimed, {"a": 0.3, "b": 0.3, "c": 0.3, "d": 0.3, "e": 1.2})
    assert factors["e"] < factors["d"] < 1
    assert factors["c"] == 1


def test_the_factor_is_the_posterior_mean_of_dersimonian_and_laird() -> None:
    claimed = {name: 10.0 ** (i + 1) for i, name in enumerate("abcde")}
    noise = 0.5
    ys = [log(one) for one in claimed.values()]
    mean, variance = sum(ys) / 5, noise**2
    spread = (sum((y - mean) ** 2 for y in ys) - 4 * variance) / 4
    kept = spread / (spread + variance)
    factors = shrink_factors(claimed, dict.fromkeys(claimed, noise))
    assert factors["e"] == pytest.approx(exp((1 - kept) * (mean - ys[4])))
    assert factors["a"] == 1


def test_values_without_spread_of_their_own_shrink_to_their_mean() -> None:
    claimed = {name: 100.0 + i for i, name in enumerate("abcde")}
    factors = shrink_factors(claimed, dict.fromkeys(claimed, 1.0))
    shrunk = [claimed[name] * factors[name] for name in "cde"]
    assert max(shrunk) - min(shrunk) < 0.1
