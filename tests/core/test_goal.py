"""Goals translated into harm, the least points for them, and the sprints they take."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from itertools import combinations
from math import prod
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.caveat import find_caveats
from debtplan.core.flow import UxMetric
from debtplan.core.frustration import goal_share
from debtplan.core.goal import (
    GoalStatus,
    Need,
    Wanted,
    number_after,
    own_number,
    parse_share,
    read_goal,
    share_at,
)
from debtplan.core.harm import Harm
from debtplan.core.least import (
    SLACK,
    budgets_between,
    chances,
    cost,
    ladder,
    least_points,
    metric_problem,
    reaches,
    removal_of,
    step_of,
)
from debtplan.core.ledger import Pool, PoolMember
from debtplan.core.pace import Limits, Work, fewest_sprints, lay_out, reserve_rooms
from debtplan.core.problem import AtMost, Candidate, Problem, Selection, Status
from debtplan.core.reading import window_before
from debtplan.core.reserve import ReservePolicy
from debtplan.engines import make_engine
from tests.builders import NOW, SPRINT, closed, metric, reading
from tests.core.problems import problems

ENGINE = make_engine("milp")

KINDS = (
    metric("fails"),
    metric("slow", kind="latency", threshold_s=1, target=0.9),
    metric("loss", kind="drop_off", target=None, reference=0.2),
    metric("happy", kind="csat", target=0.85),
    metric("vital", kind="web_vital", vital="lcp", target=0.75),
    metric("tickets", kind="ticket_rate", target=0.001, reporting_rate=0.02),
)


def harm_of(share: float, goal: float, **more: Any) -> Harm:
    """A measured harm on 1,000 sessions."""
    return Harm(
        metric="m", sessions=1_000, share=share, goal=goal,
        harm=1_000 * max(0.0, share - goal), **more,
    )  # fmt: skip


def need_of(wanted: Wanted, one: UxMetric | None = None, *, is_counted: bool = True) -> Need:
    """How a goal is read for a loss of 50%, of which 20% is normal."""
    return read_goal(one or KINDS[2], harm_of(0.5, 0.2), wanted, is_counted=is_counted)


@pytest.mark.parametrize("one", KINDS, ids=lambda one: one.kind.value)
@given(share=st.floats(0, 0.5))
def test_a_share_and_its_number_lead_back_to_each_other(one: UxMetric, share: float) -> None:
    assert share_at(one, own_number(one, share)) == pytest.approx(share, abs=1e-12)


@pytest.mark.parametrize("one", KINDS, ids=lambda one: one.kind.value)
def test_a_goal_at_the_target_asks_for_all_harm(one: UxMetric) -> None:
    normal = goal_share(one)
    normal = 0.2 if normal is None else normal
    target = 0.2 if one.target is None else one.target
    need = read_goal(one, harm_of(0.6, normal), Wanted(value=target), is_counted=True)
    assert need.status is GoalStatus.REACHABLE
    assert need.removal == pytest.approx(1)
    assert number_after(one, need, 1.0) == pytest.approx(target)
    assert number_after(one, need, 0.0) == pytest.approx(own_number(one, 0.6))


def test_a_relative_goal_is_a_share_of_the_metric_not_of_its_harm() -> None:
    need = need_of(Wanted(relative=-0.2))
    assert need.wanted == pytest.approx(0.4)
    assert need.removal == pytest.approx(0.1 / 0.3)
    assert number_after(KINDS[2], need, 0.1 / 0.3) == pytest.approx(0.4)


def test_a_change_of_a_score_is_of_what_is_bad_or_of_the_score_by_its_sign() -> None:
    slow = KINDS[1]
    less_bad = read_goal(slow, harm_of(0.4, 0.1), Wanted(relative=-0.25), is_counted=True)
    more = read_goal(slow, harm_of(0.4, 0.1), Wanted(relative=0.2), is_counted=True)
    assert (less_bad.today, less_bad.wanted) == pytest.approx((0.6, 0.7))
    assert more.wanted == pytest.approx(0.72)


def test_a_goal_beyond_the_target_cannot_be_shown() -> None:
    need = need_of(Wanted(value=0.1))
    assert need.status is GoalStatus.BEYOND
    assert need.removal == pytest.approx(0.4 / 0.3)
    assert "better than the target" in need.why
    unharmed = read_goal(KINDS[2], harm_of(0.1, 0.2), Wanted(value=0.05), is_counted=True)
    assert (unharmed.status, unharmed.removal) == (GoalStatus.BEYOND, None)


def test_a_goal_that_is_met_needs_nothing_whatever_is_known_of_its_harm() -> None:
    assert need_of(Wanted(value=0.5)).status is GoalStatus.MET
    assert need_of(Wanted(value=0.7), is_counted=False).removal == 0


def test_unknown_harm_and_harm_counted_elsewhere_are_said() -> None:
    missing = Harm(metric="m", missing="no reading of m is known")
    need = read_goal(KINDS[0], missing, Wanted(value=0.1), is_counted=False)
    assert (need.status, need.why) == (GoalStatus.UNKNOWN, "no reading of m is known")
    supporting = need_of(Wanted(value=0.3), is_counted=False)
    assert supporting.status is GoalStatus.UNKNOWN
    assert "only supports other metrics" in supporting.why


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (Wanted(), "either a change or a number"),
        (Wanted(relative=-0.1, value=0.1), "either a change or a number"),
        (Wanted(value=1.2), "no share in"),
        (Wanted(relative=-1.0), "leaves less than nothing"),
        (Wanted(relative=0.2), "makes loss no better"),
    ],
)
def test_what_is_no_goal_is_refused(wanted: Wanted, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        need_of(wanted)


@pytest.mark.parametrize(
    ("text", "share"),
    [("-20%", -0.2), ("\u221220 %", -0.2), ("0.25", 0.25), (" 43.5% ", 0.435), ("1", 1.0)],
)
def test_shares_are_read_as_people_write_them(text: str, share: float) -> None:
    assert parse_share(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["-20", "many", "nan", "inf%", "", "%", "20%%"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no share"):
        parse_share(text)


def test_what_is_approximate_is_said_in_words() -> None:
    def said(one: UxMetric, wanted: Wanted, **more: Any) -> str:
        harm = harm_of(0.5, 0.2, **more)
        need = read_goal(one, harm, wanted, is_counted=True)
        return " ".join(find_caveats(one, harm, wanted, need, (), ()))

    less = Wanted(relative=-0.1)
    assert "not of seconds" in said(KINDS[1], less)
    assert "lower bound" in said(KINDS[1], less, is_bound=True)
    assert "as if no visit were poor" in said(KINDS[4], Wanted(value=0.6))
    assert "leans on the product's mean" in said(KINDS[3], Wanted(value=0.7))
    assert "stated by hand" in said(KINDS[2], less, is_stated=True)
    assert said(KINDS[2], less) == ""
    mended = reading("fails", 100).model_copy(
        update={"measure": reading("fails", 100).measure.model_copy(update={"recovered": 5.0})}
    )
    need = read_goal(KINDS[0], harm_of(0.5, 0.2), less, is_counted=True)
    (retry,) = find_caveats(KINDS[0], harm_of(0.5, 0.2), less, need, [mended], ())
    assert "counts one half" in retry


def test_parts_with_metrics_of_their_own_are_said() -> None:
    pool = Pool(
        flow="shop", step="loss", segment="all", sessions=1_000, measured=100, inclusive=300,
        low=0, high=300, members=(PoolMember(metric="loss", own=300, counted=100),),
    )  # fmt: skip
    wanted = Wanted(relative=-0.1)
    (words,) = find_caveats(KINDS[2], harm_of(0.5, 0.2), wanted, need_of(wanted), (), [pool])
    assert "metrics of their own" in words


def allowed_sets(problem: Problem) -> Iterator[tuple[str, ...]]:
    """Every set that prerequisites, alternatives and bans allow."""
    requires = {one.key: set(one.requires) for one in problem.candidates}
    for size in range(len(problem.keys) + 1):
        for chosen in combinations(problem.keys, size):
            taken = set(chosen)
            if all(requires[key] <= taken for key in chosen) and all(
                len(taken & set(rule.keys)) <= rule.limit for rule in problem.at_most
            ):
                yield chosen


@given(problem=problems(), hundredths=st.integers(1, 99))
@pytest.mark.slow
def test_the_least_points_are_those_of_brute_force(problem: Problem, hundredths: int) -> None:
    single = metric_problem(problem, "m")
    needed = Fraction(hundredths, 100)
    removals = {one.key: dict(one.removals).get("m", 0.0) for one in problem.candidates}
    by_hand = [
        sum((one.points for one in problem.candidates if one.key in chosen), Fraction(0))
        for chosen in allowed_sets(problem)
        if 1 - prod(1 - Fraction(removals[key]) for key in chosen) >= needed - SLACK
    ]
    most = ENGINE.select(single)
    assert reaches(single, most.chosen, needed) == bool(by_hand)
    if by_hand:
        found = least_points(single, needed, most, ENGINE.any_best, ENGINE.select)
        assert found.points == min(by_hand)
        assert found.is_proven
        assert found.proven_above < found.points == cost(single, found.chosen)
        assert reaches(single, found.chosen, needed)
        assert found.chosen in set(allowed_sets(single))


@given(problem=problems(), hundredths=st.integers(1, 60))
@pytest.mark.slow
def test_a_ladder_climbs_and_holds_the_least_set(problem: Problem, hundredths: int) -> None:
    single = metric_problem(problem, "m")
    most, needed = ENGINE.select(single), Fraction(hundredths, 100)
    if not reaches(single, most.chosen, needed):
        return
    found = least_points(single, needed, most, ENGINE.any_best, ENGINE.select)
    last = cost(single, most.chosen)
    budgets = budgets_between(single, Fraction(0), last, 8)
    assert len(budgets) <= 9
    rungs = ladder(single, budgets, found.chosen, ENGINE.select)
    assert found.chosen in [rung.chosen for rung in rungs]
    removals = [removal_of(single, rung.chosen) for rung in rungs]
    assert removals == sorted(removals)
    assert removals[-1] >= removal_of(single, most.chosen) - SLACK
    assert all(rung.points == cost(single, rung.chosen) for rung in rungs)


def test_what_limits_one_sprint_does_not_limit_the_total() -> None:
    a, b, c = (Candidate(key, Fraction(3), (("m", 0.3),), (("web", Fraction(3)),)) for key in "abc")
    rules = [
        AtMost("two a sprint", ("a", "b"), 1, is_each_sprint=True),
        AtMost("b or c", ("b", "c"), 1),
    ]
    problem = Problem.of(
        [a, b, c], {"m": 10.0}, Fraction(3), roles={"web": Fraction(3)}, at_most=rules, pinned=["a"]
    )
    single = metric_problem(problem, "m")
    assert single.ceiling == 9
    assert (single.roles, single.pinned) == ((), ())
    assert [rule.label for rule in single.at_most] == ["b or c"]
    assert len(ENGINE.select(single).chosen) == 2


def test_the_step_of_estimates_is_their_greatest_common_part() -> None:
    sizes = [Fraction(3, 2), Fraction(3), Fraction(9, 4)]
    found = Problem.of([Candidate(str(n), size) for n, size in enumerate(sizes)], {}, Fraction(0))
    assert step_of(found) == Fraction(3, 4)
    assert step_of(Problem.of([], {}, Fraction(0))) == 1


def test_an_engine_that_proves_nothing_gives_no_proof() -> None:
    candidates = [Candidate(key, Fraction(1), (("m", 0.4),)) for key in "abc"]
    problem = Problem.of(candidates, {"m": 1.0}, Fraction(3))
    greedy = make_engine("greedy").select
    found = least_points(problem, Fraction(1, 2), greedy(problem), greedy, greedy)
    assert found.points == 2
    assert not found.is_proven
    assert found.proven_above == 0


def test_a_bound_that_leaves_the_goal_open_is_no_proof() -> None:
    """As after a time limit: nothing found within a budget, and nothing ruled out either."""
    candidates = [Candidate(key, Fraction(1), (("m", 0.4),)) for key in "abc"]
    problem = Problem.of(candidates, {"m": 1.0}, Fraction(3))

    def tired(asked: Problem) -> Selection:
        full = asked.ceiling == 3
        chosen = asked.keys if full else ()
        return Selection(Status.FEASIBLE, chosen, 0.0, 0.6, None, "test")

    found = least_points(problem, Fraction(1, 2), tired(problem), tired, tired)
    assert (found.chosen, found.is_proven) == (("a", "b", "c"), False)
    beyond = least_points(problem, Fraction(7, 10), tired(problem), tired, tired)
    assert beyond.is_proven


def test_chance_counts_the_worlds_in_which_the_fixed_goal_is_reached() -> None:
    def world(harm: float, removal: float) -> Problem:
        return Problem.of(
            [Candidate("a", Fraction(1), (("m", removal),))], {"m": harm}, Fraction(1)
        )

    worlds = [world(100, 0.5), world(100, 0.4), world(80, 0.4), world(120, 0.5)]
    # Of a harm of 100 at most 50 may be left; what is left is 50, 60, 48, 60.
    assert chances(worlds, "m", 100.0, [("a",), ()], 0.5) == (0.5, 0.0)
    assert chances([], "m", 100.0, [("a",)], 0.5) is None


def flat(room: float, most: float | None = None, **more: Any) -> Limits:
    """Every sprint holds as much."""
    return Limits(lambda _used: Fraction(room), Fraction(most or room), **more)


def laid(work: Sequence[Work], limits: Limits) -> list[list[tuple[str, float]]]:
    """What each sprint does, with its points."""
    loads = lay_out(work, limits)
    assert loads is not None
    return [[(part.key, float(part.points)) for part in load.parts] for load in loads]


def test_work_is_laid_out_in_order_and_what_fits_may_overtake() -> None:
    work = [Work("a", Fraction(4)), Work("b", Fraction(4)), Work("c", Fraction(2))]
    assert laid(work, flat(6)) == [[("a", 4), ("c", 2)], [("b", 4)]]


def test_what_waits_comes_after_in_the_same_sprint_or_later() -> None:
    work = [Work("a", Fraction(4), waits=("b",)), Work("b", Fraction(2))]
    assert laid(work, flat(6))[-1] == [("a", 4)]
    assert laid([work[1], work[0]], flat(6)) == [[("b", 2), ("a", 4)]]


def test_work_larger_than_any_sprint_is_spread() -> None:
    work = [Work("a", Fraction(8)), Work("b", Fraction(3))]
    assert laid(work, flat(5)) == [[("a", 5)], [("a", 3)], [("b", 3)]]
    loads = lay_out(work, flat(5))
    assert loads is not None
    assert [part.is_finished for load in loads for part in load.parts] == [False, True, True]


def test_roles_and_groups_limit_each_sprint() -> None:
    web = (("web", Fraction(3)),)
    work = [Work("a", Fraction(3), roles=web), Work("b", Fraction(3), roles=web)]
    assert len(laid(work, flat(10, roles={"web": Fraction(4)}))) == 2
    spread = [Work("a", Fraction(3), roles=web)]
    assert laid(spread, flat(10, roles={"web": Fraction(2)})) == [[("a", 2)], [("a", 1)]]
    pair = [Work(key, Fraction(1), groups=frozenset({"pay"})) for key in "ab"]
    assert len(laid(pair, flat(10, groups=1))) == 2
    assert lay_out(work, flat(10, roles={"web": Fraction(0)})) is None
    assert lay_out(work, flat(0)) is None


def test_the_rolling_window_is_an_account() -> None:
    policy = ReservePolicy(floor=0.1, ceiling=0.15, window=3, sprint_max=0.3)
    limits = reserve_rooms(40, policy, 3, ())
    work = [Work(str(n), Fraction(6)) for n in range(5)]
    loads = lay_out(work, limits)
    assert loads is not None
    # 18 points in any three sprints, 12 in one of them.
    assert [float(load.points) for load in loads] == [12, 6, 0, 12]
    assert fewest_sprints(Fraction(30), limits.rooms) == 4
    spent = [closed(n, debt_points=9) for n in (47, 48)]
    assert reserve_rooms(40, policy, 3, spent).rooms(()) == 0
    assert reserve_rooms(40, policy, 3, spent).rooms([Fraction(0)]) == 9
    unknown = reserve_rooms(40, policy, 3, [closed(48)])
    assert [unknown.rooms([Fraction(12)][:n]) for n in (0, 1)] == [12, 6]


@given(
    sizes=st.lists(st.integers(1, 14), min_size=1, max_size=6),
    window=st.integers(1, 4),
    spent=st.integers(0, 12),
)
@pytest.mark.slow
def test_every_window_keeps_the_ceiling_and_no_fewer_sprints_would_do(
    sizes: list[int], window: int, spent: int
) -> None:
    policy = ReservePolicy(floor=0.1, ceiling=0.15, window=window, sprint_max=0.3)
    history = [closed(48 - n, debt_points=0) for n in range(window - 1)]
    history[:1] = [closed(48, debt_points=spent)] if history else []
    limits = reserve_rooms(40, policy, window, history)
    loads = lay_out([Work(str(n), Fraction(size)) for n, size in enumerate(sizes)], limits)
    assert loads is not None
    before = [0] * (window - 2) + ([spent] if window > 1 else [])
    used = [*map(Fraction, before), *(load.points for load in loads)]
    for last in range(len(used)):
        inside = used[max(0, last - window + 1) : last + 1]
        assert sum(inside) <= max(6 * window, spent)
    assert all(load.points <= load.room <= 12 for load in loads)
    assert sum(load.points for load in loads) == sum(sizes)
    fewest = fewest_sprints(Fraction(sum(sizes)), limits.rooms)
    assert fewest is not None
    assert fewest <= len(loads)
    assert_greedy_is_never_behind(limits.rooms, [load.points for load in loads])


def assert_greedy_is_never_behind(
    rooms: Callable[[Sequence[Fraction]], Fraction], other: Sequence[Fraction]
) -> None:
    """Taking all there is in every sprint is ahead of any other way, sprint by sprint."""
    used: list[Fraction] = []
    for number in range(1, len(other) + 1):
        used.append(rooms(used))
        assert sum(used) >= sum(other[:number])


def test_a_whole_window_lies_behind_the_work_when_it_is_said_to_show() -> None:
    done_on = SPRINT.end_on
    shown = NOW.replace(year=done_on.year, month=done_on.month, day=done_on.day) + timedelta(
        days=28 + 2
    )
    assert window_before(shown, 28).start_on == done_on + timedelta(days=1)
    assert window_before(shown - timedelta(days=1), 28).start_on == done_on
