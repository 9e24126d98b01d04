"""Which metrics may lead which, and what follows what."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.chains import (
    LEADING,
    Chain,
    build_chains,
    pairs_of,
    releases_before,
    say_chain,
    say_lag,
    share_counts,
)
from debtplan.core.flow import Flow, Segment
from debtplan.core.movement import Movement, Shift
from debtplan.core.release import Release
from tests.builders import metric

LOGIN = Flow(
    id="login",
    steps=("sign_in", "session"),
    segments=(Segment(id="abroad"), Segment(id="france", parent="abroad"), Segment(id="home")),
)
FLOWS = {"login": LOGIN}


def moved(leader: str, follower: str, lag: int = 0, q: float = 0.01, r: float = 0.5) -> Movement:
    return Movement(
        leader=leader, follower=follower, lag_days=lag, correlation=r, p=q / 2, q=q, days=100
    )


def test_what_users_do_is_never_compared_with_what_users_do() -> None:
    drop = metric("drop", kind="drop_off", target=None, reference=0.1)
    said = metric("said", kind="csat", target=0.85)
    errors = metric("errors")
    pairs, _ = pairs_of((drop, said, errors), ())
    assert [(one.first.id, one.second.id, one.is_one_way) for one in pairs] == [
        ("errors", "drop", True),
        ("errors", "said", True),
    ]


def test_of_two_technical_metrics_the_earlier_step_comes_first_and_either_may_lead() -> None:
    cut, failed = metric("a-cut", "login", "session"), metric("b-failed", "login", "sign_in")
    ((pair,), _) = pairs_of((cut, failed), (LOGIN,))
    assert (pair.first.id, pair.second.id) == ("b-failed", "a-cut")
    assert (pair.is_one_way, pair.is_one_flow) == (False, True)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("all", "france", True),
        ("abroad", "france", True),
        ("france", "france", True),
        ("home", "abroad", False),
        ("home", "france", False),
    ],
)
def test_a_segment_shares_its_counts_with_what_contains_it(
    one: str,
    other: str,
    expected: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    first, second = (
        metric(f"m{number}", "login", "sign_in", segment=name)
        for number, name in enumerate((one, other))
    )
    assert share_counts(first, second, FLOWS) is expected
    assert share_counts(second, first, FLOWS) is expected
    elsewhere = metric("m2", "login", "session", segment=other)
    assert not share_counts(first, elsewhere, FLOWS)


def test_a_way_over_another_metric_replaces_the_direct_one() -> None:
    found = build_chains(
        [moved("login", "cut"), moved("cut", "tickets", 3), moved("login", "tickets", 3)]
    )
    assert found == (Chain(metrics=("login", "cut", "tickets"), lags=(0, 3)),)
    assert found[0].lag_days == 3


def test_a_branch_gives_a_chain_each_longest_first() -> None:
    found = build_chains([moved("b", "c"), moved("a", "b"), moved("b", "d"), moved("x", "y", 1)])
    assert [one.metrics for one in found] == [("a", "b", "c"), ("a", "b", "d"), ("x", "y")]


def test_what_gets_better_while_the_other_gets_worse_is_in_no_chain() -> None:
    assert build_chains([moved("a", "b", r=-0.8)]) == ()


def test_a_circle_loses_its_weakest_link() -> None:
    found = build_chains(
        [moved("a", "b", q=0.01), moved("b", "c", q=0.02), moved("c", "a", q=0.09)]
    )
    assert [one.metrics for one in found] == [("a", "b", "c")]


NAMES = st.sampled_from("abcdef")


@given(st.lists(st.builds(moved, NAMES, NAMES, st.integers(0, 14)), max_size=14))
def test_chains_have_no_circles_follow_movements_and_miss_no_metric(rows: list[Movement]) -> None:
    rows = list({(one.leader, one.follower): one for one in rows}.values())
    chains = build_chains(rows)
    pairs = {(one.leader, one.follower): one.lag_days for one in rows}
    for chain in chains:
        assert len(set(chain.metrics)) == len(chain.metrics) >= 2
        for leader, follower, lag in zip(
            chain.metrics, chain.metrics[1:], chain.lags, strict=False
        ):
            assert pairs[leader, follower] == lag
    told = {name for chain in chains for name in chain.metrics}
    assert told == {name for pair in pairs if pair[0] != pair[1] for name in pair}
    assert chains == build_chains(rows[::-1])


def test_lags_and_chains_are_said_in_words() -> None:
    assert [say_lag(days) for days in (0, 1, 3)] == [
        "on the same day",
        "1 day before",
        "3 days before",
    ]
    chain = Chain(metrics=("login", "tickets"), lags=(1,))
    assert say_chain(chain, {"login": "Failed sign-ins"}) == "Failed sign-ins -> tickets, lag 1 day"
    assert say_chain(Chain(metrics=("a", "b"), lags=(0,)), {}) == "a -> b, the same day"


def test_releases_of_the_week_before_a_shift_and_of_the_day_after_stand_beside_it() -> None:
    shift = Shift(metric="m", on=date(2026, 10, 14), before=0.1, after=0.2, p=0.002)
    days = (6, 7, 10, 14, 15, 16)
    releases = [
        Release(id=f"r{day}", released_at=datetime(2026, 10, day, 9, tzinfo=UTC)) for day in days
    ]
    found = releases_before(shift, releases)
    assert [one.id for one in found] == ["r15", "r14", "r10", "r7"]


def test_technical_kinds_lead() -> None:
    assert {kind.value for kind in LEADING} == {"latency", "error_rate", "web_vital"}
