"""Several sprints at once, against every schedule tried."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import prod
from random import Random

import pytest

from debtplan.core.horizon import Bank, Horizon, Span, unroll
from debtplan.core.problem import AtMost, Candidate, Problem, Status
from debtplan.core.proof import verify
from debtplan.engines import make_engine

ENGINE = make_engine()
Schedule = dict[str, Span]


def drawn(rng: Random) -> tuple[Problem, Horizon]:
    keys = [f"k{n}" for n in range(rng.randint(2, 5))]
    candidates = [
        Candidate(
            key,
            Fraction(rng.randint(0, 8)),
            tuple((m, rng.choice((0.1, 0.3, 0.5))) for m in ("m", "n") if rng.random() < 0.7),
            (("web", Fraction(rng.randint(1, 4))),) if rng.random() < 0.4 else (),
            tuple(rng.sample(keys[:place], min(place, 1))) if rng.random() < 0.4 else (),
        )
        for place, key in enumerate(keys)
    ]
    sprints = rng.randint(1, 3)
    banks = [Bank(s, s, Fraction(rng.randint(1, 6))) for s in range(1, sprints + 1)]
    if sprints > 1 and rng.random() < 0.6:
        banks.append(Bank(1, sprints, Fraction(rng.randint(2, 10))))
    roles = ((("web", Fraction(rng.randint(1, 4))),) if rng.random() < 0.5 else (),) * sprints
    rules = []
    if rng.random() < 0.4:
        rules.append(AtMost("either", tuple(rng.sample(keys, 2)), 1))
    if rng.random() < 0.4:
        rules.append(AtMost("busy", tuple(keys), rng.randint(1, 2), is_each_sprint=True))
    problem = Problem.of(
        candidates,
        {"m": float(rng.randint(0, 100)), "n": float(rng.randint(0, 100))},
        Fraction(99),
        at_most=rules,
        pinned=[key for key in keys if rng.random() < 0.1],
        forbidden=[key for key in keys if rng.random() < 0.1],
    )
    growth = {"m": 1.1} if rng.random() < 0.5 else {}
    return problem, Horizon(sprints, tuple(banks), roles, rng.randint(sprints, 6), growth)


def spans(one: Candidate, horizon: Horizon) -> Iterator[Span]:
    """Yield the shortest spans that end in each sprint, a sprint's part within its share."""
    for last in range(1, horizon.sprints + 1):
        for length in range(1, last + 1):
            first, share = last - length + 1, Fraction(1, length)
            sprints = range(first, last + 1)
            limits = [dict(horizon.roles[s - 1]) for s in sprints]
            if all(one.points * share <= horizon.most(s) for s in sprints) and all(
                points * share <= limit.get(role, points * share)
                for limit in limits
                for role, points in one.roles
            ):
                yield Span(one.key, first, last)
                break


def part(one: Candidate, span: Span, sprint: int) -> Fraction:
    inside = span.first <= sprint <= span.last
    return one.points / (span.last - span.first + 1) if inside else Fraction(0)


def is_allowed(problem: Problem, horizon: Horizon, found: Schedule) -> bool:
    items = {one.key: one for one in problem.candidates}
    waits = all(
        other in found and found[other].last <= span.last
        for key, span in found.items()
        for other in items[key].requires
    )
    pinned_now = all(key in found and found[key].first == 1 for key in problem.pinned)
    return (
        waits
        and pinned_now
        and not set(found) & set(problem.forbidden)
        and all(spent(items, found, bank) <= bank.limit for bank in horizon.banks)
        and all(is_busy_enough(problem, horizon, found, s) for s in range(1, horizon.sprints + 1))
        and all(
            sum(key in rule.keys for key in found) <= rule.limit
            for rule in problem.at_most
            if not rule.is_each_sprint
        )
    )


def spent(items: dict[str, Candidate], found: Schedule, bank: Bank) -> Fraction:
    sprints = range(bank.first, bank.last + 1)
    parts = (part(items[key], span, s) for key, span in found.items() for s in sprints)
    return sum(parts, Fraction(0))


def is_busy_enough(problem: Problem, horizon: Horizon, found: Schedule, sprint: int) -> bool:
    """The roles and rules of one sprint hold."""
    length = {key: one.last - one.first + 1 for key, one in found.items()}
    busy = [
        one
        for one in problem.candidates
        if one.key in found and found[one.key].first <= sprint <= found[one.key].last
    ]
    roles = all(
        sum(p / length[one.key] for one in busy for r, p in one.roles if r == role) <= limit
        for role, limit in horizon.roles[sprint - 1]
    )
    return roles and all(
        sum(one.key in rule.keys for one in busy) <= rule.limit
        for rule in problem.at_most
        if rule.is_each_sprint
    )


def value(problem: Problem, horizon: Horizon, found: Schedule) -> float:
    total = 0.0
    items = {one.key: dict(one.removals) for one in problem.candidates}
    for metric, harm in problem.harms:
        growth = horizon.growth.get(metric, 1.0)
        for s in range(1, horizon.benefit_sprints + 1):
            left = prod(
                1 - items[key].get(metric, 0.0) for key, span in found.items() if span.last <= s
            )
            total += harm * growth**s * (1 - left)
    return total / horizon.benefit_sprints


def best_of_all(problem: Problem, horizon: Horizon) -> float | None:
    choices = [[None, *spans(one, horizon)] for one in problem.candidates]
    schedules = ({one.key: one for one in pick if one} for pick in product(*choices))
    values = [
        value(problem, horizon, one) for one in schedules if is_allowed(problem, horizon, one)
    ]
    return max(values, default=None)


def pulls_together(problem: Problem, found: Schedule) -> bool:
    """Pinned items are planned with what they require in the coming sprint, too."""
    requires = {one.key: one.requires for one in problem.candidates}
    stack = list(problem.pinned)
    while stack:
        key = stack.pop()
        if found[key].first > 1:
            return False
        stack += requires[key]
    return True


def check(seed: int) -> None:
    problem, horizon = drawn(Random(seed))
    unrolled = unroll(problem, horizon)
    best = best_of_all(problem, horizon)
    found = ENGINE.select(unrolled.problem)
    if not unrolled.is_possible or found.status is Status.INFEASIBLE:
        # What a pin pulls in is begun now; without pins there always is an empty schedule.
        assert problem.pinned, seed
        return
    assert verify(unrolled.problem, found).holds, seed
    schedule = {span.key: span for span in unrolled.schedule(found)}
    assert is_allowed(problem, horizon, schedule), seed
    assert found.value == pytest.approx(value(problem, horizon, schedule)), seed
    assert best is not None, seed
    if not problem.pinned:
        assert found.value == pytest.approx(best), seed
    else:
        assert pulls_together(problem, schedule), seed


@pytest.mark.parametrize("block", range(4))
def test_the_schedule_is_the_best_of_all(block: int) -> None:
    for seed in range(block * 25, block * 25 + 25):
        check(seed)


@pytest.mark.soak
def test_the_schedule_is_the_best_of_all_many_times() -> None:
    for seed in range(5_000):
        check(seed)


def item(key: str, points: int, removal: float, *requires: str) -> Candidate:
    return Candidate(key, Fraction(points), (("m", removal),), requires=requires)


def horizon(sprints: int, most: int, **others: object) -> Horizon:
    banks = tuple(Bank(s, s, Fraction(most)) for s in range(1, sprints + 1))
    return Horizon(sprints, banks, ((),) * sprints, 6, **others)  # type: ignore[arg-type]


def test_what_is_worth_more_comes_first() -> None:
    problem = Problem.of([item("a", 3, 0.1), item("b", 3, 0.4)], {"m": 100.0}, Fraction(3))
    unrolled = unroll(problem, horizon(2, 3))
    assert unrolled.schedule(ENGINE.select(unrolled.problem)) == (Span("b", 1, 1), Span("a", 2, 2))


def test_an_item_larger_than_a_sprint_is_spread_over_the_fewest_that_hold_it() -> None:
    problem = Problem.of([item("a", 5, 0.9), item("b", 1, 0.1)], {"m": 100.0}, Fraction(3))
    unrolled = unroll(problem, horizon(3, 3))
    spans_ = unrolled.schedule(ENGINE.select(unrolled.problem))
    assert Span("a", 1, 2) in spans_
    apart = unroll(problem, horizon(3, 3, is_spread=False))
    assert [one.key for one in apart.schedule(ENGINE.select(apart.problem))] == ["b"]


def test_one_sprint_is_worth_what_the_problem_of_one_sprint_is() -> None:
    problem = Problem.of([item("a", 3, 0.1), item("b", 3, 0.4)], {"m": 100.0}, Fraction(3))
    unrolled = unroll(problem, horizon(1, 3))
    assert ENGINE.select(unrolled.problem).value == ENGINE.select(problem).value


def test_a_prerequisite_is_finished_no_later() -> None:
    problem = Problem.of([item("a", 3, 0.1), item("b", 3, 0.9, "a")], {"m": 100.0}, Fraction(3))
    unrolled = unroll(problem, horizon(2, 3))
    assert unrolled.schedule(ENGINE.select(unrolled.problem)) == (Span("a", 1, 1), Span("b", 2, 2))


def test_a_pin_that_fits_no_sprint_is_said() -> None:
    problem = Problem.of([item("a", 9, 0.1)], {"m": 100.0}, Fraction(9), pinned=["a"])
    assert not unroll(problem, horizon(2, 3)).is_possible


def test_growing_harm_counts_more_later() -> None:
    growing = horizon(2, 3, growth={"m": 1.2})
    weights = growing.weights("m")
    assert weights == pytest.approx((1.2 / 6, sum(1.2**s for s in range(2, 7)) / 6))
    assert sum(horizon(2, 3).weights("m")) == pytest.approx(1.0)
