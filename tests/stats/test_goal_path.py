"""Chances of a goal: the filter against dense algebra, the futures against what must be so."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from math import log
from random import Random

import numpy as np
import pytest

from benchmarks import goals
from debtplan.core.headway import headway_of, questions
from debtplan.core.outlook import Lift, Outlook, logit
from debtplan.core.reading import Window
from debtplan.stats.goal_path import DAMPING, _removal, chances, filtered
from tests.core.tracks import course, seen, stepped

END = date(2027, 3, 1)


def outlook(
    weeks: tuple[float | None, ...], limit: float = 0.32, breaks: frozenset[int] = frozenset()
) -> Outlook:
    """Weekly levels, and three months ahead."""
    months = tuple(
        Window(start_on=END + timedelta(days=30 * n), end_on=END + timedelta(days=30 * (n + 1)))
        for n in range(3)
    )
    return Outlook(weeks, END, breaks, months, limit, "test")


def wander(seed: int, count: int, drift: float = 0.0, noise: float = 0.02) -> tuple[float, ...]:
    """Weeks around 40% that drift and scatter."""
    draw = Random(seed)
    return tuple(logit(0.4) + drift * n + draw.gauss(0, noise) for n in range(count))


@pytest.mark.parametrize("moves", list(product((0.0, 0.6), (0.0, 0.3))))
def test_the_filter_weighs_weeks_as_their_joint_normal_density_does(
    moves: tuple[float, float],
) -> None:
    weeks = (*wander(3, 9), None, *wander(4, 6))
    fit = filtered(outlook(weeks), moves)
    count = len(weeks)
    step = np.array([[1.0, 1.0], [0.0, DAMPING]])
    spread = np.diag([moves[0] ** 2, moves[1] ** 2])
    state = np.diag([1.0, moves[1] ** 2 / (1 - DAMPING**2)])
    covariance = np.zeros((count, count))
    states = [state]
    for _ in range(count - 1):
        states.append(step @ states[-1] @ step.T + spread)
    for a in range(count):
        for b in range(a, count):
            both = (np.linalg.matrix_power(step, b - a) @ states[a])[0, 0]
            covariance[a, b] = covariance[b, a] = both + (a == b)
    known = [n for n in range(1, count) if weeks[n] is not None]
    off = np.array([(weeks[n] or 0.0) - (weeks[0] or 0.0) for n in known])
    inside = covariance[np.ix_(known, known)]
    squares = float(off @ np.linalg.solve(inside, off))
    _, size = np.linalg.slogdet(inside)
    assert fit.noise[0] == pytest.approx(squares)
    assert fit.noise[1] == len(known)
    assert fit.weight == pytest.approx(-size / 2 - len(known) / 2 * log(squares))
    ends = np.array(
        [(np.linalg.matrix_power(step, count - 1 - n) @ states[n])[0, 0] for n in known]
    )
    mean = (weeks[0] or 0.0) + ends @ np.linalg.solve(inside, off)
    assert fit.mean[0] == pytest.approx(mean)
    left = states[-1][0, 0] - ends @ np.linalg.solve(inside, ends)
    assert fit.spread[0] == pytest.approx(left)


def test_chances_never_fall_from_month_to_month_and_repeat() -> None:
    asked = outlook(wander(1, 26, drift=-0.008))
    found = chances(asked)
    assert found is not None
    assert list(found) == sorted(found)
    assert all(0 <= one <= 1 for one in found)
    assert found == chances(asked)


def test_a_level_at_the_goal_is_sure_and_one_far_off_is_not() -> None:
    sure, far = chances(outlook(wander(1, 30), 0.45)), chances(outlook(wander(1, 30), 0.2))
    assert sure is not None
    assert far is not None
    assert sure[0] > 0.99
    assert far[-1] < 0.02


def test_a_nearer_goal_is_never_less_likely() -> None:
    weeks = wander(5, 30, drift=-0.004)
    ends = [(chances(outlook(weeks, limit)) or (0,))[-1] for limit in (0.3, 0.34, 0.37, 0.4)]
    assert ends == sorted(ends)
    assert ends[0] < ends[-1]


def test_fewer_than_twelve_weeks_tell_nothing() -> None:
    assert chances(outlook(wander(1, 11))) is None
    gaps: tuple[float | None, ...] = (*wander(1, 11), None, None, None)
    assert chances(outlook(gaps)) is None
    assert chances(outlook(wander(1, 12))) is not None


def test_a_jump_at_a_release_is_no_trend() -> None:
    calm = [logit(0.4)] * 14 + [logit(0.34)] * 6
    weeks = tuple(one + Random(n).gauss(0, 0.005) for n, one in enumerate(calm))
    known = chances(outlook(weeks, 0.3, frozenset({13, 14})))
    blind = chances(outlook(weeks, 0.3))
    assert known is not None
    assert blind is not None
    assert known[-1] < blind[-1]
    assert known[-1] < 0.1


@pytest.mark.slow
def test_chances_are_kept_better_than_the_mean_would_be() -> None:
    pairs = [goals.judge(goals.draw_course(seed, is_busy=False)) for seed in range(1_000, 1_120)]
    told = [(chance, hit) for chance, hit in pairs if chance is not None]
    base = sum(hit for _, hit in told) / len(told)
    brier = sum((chance - hit) ** 2 for chance, hit in told) / len(told)
    assert brier < 0.7 * base * (1 - base)
    assert abs(sum(chance for chance, _ in told) / len(told) - base) < 0.08


@pytest.mark.slow
def test_the_chance_of_the_month_of_a_release_is_kept_by_its_interval() -> None:
    told = []
    for seed in range(80):
        draw = Random(f"month of a step {seed}")
        on = date(2027, 2, 1) + timedelta(days=draw.randint(2, 20))
        gone = draw.uniform(0.14, 0.26) * 28 / (END - on).days
        share = stepped((on, max(0.3, 1 - gone)))
        readings = course(lambda day: share(day) * draw.gauss(1, 0.03), END)  # noqa: B023 - at once
        last = headway_of(seen(readings, END, released_on=[on]))
        before = seen(readings, END - timedelta(days=4), released_on=[on])
        asked = questions(before, headway_of(before))[0]
        odds = chances(asked, 200)
        assert odds is not None
        told.append((odds[0], last.months[1].is_beyond))
    base = sum(hit for _, hit in told) / len(told)
    assert 0.1 < base < 0.9
    assert sum((chance - hit) ** 2 for chance, hit in told) / len(told) < 0.4 * base * (1 - base)
    assert abs(sum(chance for chance, _ in told) / len(told) - base) < 0.08


def lift(removal: float = 0.4, spread: float = 0.1, **more: object) -> Lift:
    fields = {
        "item": "jira:A-1",
        "metric": "loss",
        "due_on": END + timedelta(days=13),
        "step_days": 14,
        "chance": 1.0,
        "part": 0.5,
        "removal": removal,
        "spread": spread,
    }
    return Lift(**(fields | more))  # type: ignore[arg-type]


def lifted(asked: Outlook, *lifts: Lift) -> tuple[float, ...]:
    found = chances(replace(asked, lifts=lifts), 300)
    assert found is not None
    return found


def test_approved_work_changes_nothing_before_its_day_and_never_lowers_a_chance() -> None:
    for seed in range(6):
        asked = outlook(wander(seed, 20), limit=0.38)
        plain = chances(asked, 300)
        assert plain is not None
        late = lift(due_on=END + timedelta(days=34))  # a week that no day of month 1 is in
        found = lifted(asked, late)
        assert found[0] == plain[0]
        assert all(a >= b for a, b in zip(found, plain, strict=True))
        assert all(
            a >= b for a, b in zip(lifted(asked, late, lift(item="jira:A-2")), found, strict=True)
        )


def test_work_that_is_sure_takes_off_exactly_its_part() -> None:
    steady = outlook((logit(0.4),) * 26, limit=0.401 * 0.8)
    first = END - timedelta(days=1)
    sure = lifted(steady, lift(0.4, 0.0, due_on=first))
    assert sure == (1.0, 1.0, 1.0)
    short = replace(steady, limit=0.399 * 0.8)
    assert lifted(short, lift(0.4, 0.0, due_on=first)) == (0.0, 0.0, 0.0)


def test_two_items_on_one_metric_remove_no_session_twice() -> None:
    steady = outlook((logit(0.4),) * 26, limit=0.401 * (1 - 0.5 * 0.64))
    first = END - timedelta(days=1)
    pair = [lift(0.4, 0.0, item=f"jira:A-{n}", due_on=first) for n in (1, 2)]
    assert lifted(steady, *pair) == (1.0, 1.0, 1.0)
    assert lifted(replace(steady, limit=0.399 * (1 - 0.5 * 0.64)), *pair)[-1] == 0.0


def test_work_that_comes_half_the_time_helps_in_as_many_futures() -> None:
    steady = outlook((logit(0.4),) * 26, limit=0.33)
    found = lifted(steady, lift(0.4, 0.0, chance=0.5, step_days=400))
    assert found[0] == 0  # half of the month was over before it came
    assert found[-1] == pytest.approx(0.5, abs=0.08)


def test_draws_of_a_removal_keep_mean_and_spread() -> None:
    random = Random(3)
    drawn = [_removal(lift(0.2, 0.15), random) for _ in range(4_000)]
    assert np.mean(drawn) == pytest.approx(0.2, abs=0.01)
    assert np.std(drawn) == pytest.approx(0.15, abs=0.01)
    assert _removal(lift(0.2, 0.0), random) == 0.2
    assert all(0 <= _removal(lift(0.05, 5.0), random) <= 1 for _ in range(100))
