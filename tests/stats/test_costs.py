"""Simulated costs: one seed, one answer; what they claim holds of teams with a planted truth."""

from collections.abc import Sequence
from fractions import Fraction
from math import exp, log
from random import Random
from statistics import fmean, median, pstdev

import pytest

from debtplan.core.appraisal import appraise
from debtplan.core.capacity import ClosedSprint
from debtplan.core.cost import Actual, CostModel, fit_costs
from debtplan.core.delta import apply_delta
from debtplan.core.inputs import Inputs, Rules
from debtplan.core.item import RolePoints
from debtplan.core.problem import Problem
from debtplan.core.program import write_program
from debtplan.stats.costs import draw_costs
from debtplan.stats.draws import Draws
from tests.builders import claim, inputs, item

SIZES = (1, 2, 3, 3, 5, 5, 8)
"""Estimates of the synthetic teams' items."""


def test_costs_have_the_models_centre_and_spread_and_share_a_part() -> None:
    model = CostModel(centre=0.1, team=0.3, item=0.4)
    worlds = list(draw_costs(model, (1.0, 2.0), 20_000, 5))
    first = [log(a) for a, _ in worlds]
    second = [log(b / 2) for _, b in worlds]
    assert fmean(first) == pytest.approx(0.1, abs=0.02)
    assert pstdev(first) == pytest.approx(0.5, rel=0.03)
    shared = fmean((a - 0.1) * (b - 0.1) for a, b in zip(first, second, strict=True))
    assert shared == pytest.approx(0.09, rel=0.1)


def test_one_seed_gives_the_same_costs_and_another_seed_others() -> None:
    model = fit_costs([], [])
    first, again, other = (list(draw_costs(model, (1.0, 3.0), 20, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_items_cost_their_estimate_on_average_over_ordinary_sprints() -> None:
    model = CostModel(team=0.0)
    drawn = draw_costs(model, (4.0,), 40_000, 3)
    assert fmean(cost for (cost,) in drawn) == pytest.approx(4.0, rel=0.02)


def worlds_of(made_from: Inputs, count: int = 40) -> tuple[Problem, list[Problem]]:
    """The problem, and its simulated worlds."""
    appraisal = appraise(made_from)
    problem = write_program(made_from, appraisal).problem
    drawn = Draws(1, count).worlds(appraisal, problem, 1)
    return problem, [apply_delta(problem, one) for one in drawn]


def test_a_world_scales_an_items_points_and_roles_by_one_ratio() -> None:
    roles = (RolePoints(role="web", points=2), RolePoints(role="ops", points=1))
    made_from = inputs(
        [item("a", 3, roles=roles), item("b", 2)],
        [claim("a", "m"), claim("b", "m")],
        rules=Rules(roles={"web": 5}),
    )
    _, worlds = worlds_of(made_from)
    ratios = set()
    for world in worlds:
        one = world.candidates[0]
        ratio = float(one.points) / 3
        ratios.add(ratio)
        assert dict(one.roles)["web"] == pytest.approx(2 * ratio, abs=0.02)
        assert dict(one.roles)["ops"] == pytest.approx(ratio, abs=0.02)
        assert world.roles == (("web", Fraction(5)),)
        assert world.ceiling == Fraction(6)
    assert len(ratios) > 30


def test_pinned_items_are_held_in_every_world_whatever_they_cost() -> None:
    roles = (RolePoints(role="web", points=2),)
    made_from = inputs(
        [item("a", 4, roles=roles, prerequisites=("b",)), item("b", 2), item("c", 1)],
        [claim(key, "m") for key in "abc"],
        rules=Rules(pinned=("jira:a",), roles={"web": 2}),
    )
    _, worlds = worlds_of(made_from)
    for world in worlds:
        least = sum(one.points for one in world.candidates if one.key != "jira:c")
        assert world.ceiling == max(Fraction(6), least)
        assert dict(world.roles)["web"] >= dict(world.candidates[0].roles)["web"]
    assert any(world.ceiling > 6 for world in worlds)


class Team:
    """A team with 100 units of effort a sprint, whose items take what they take.

    Effort of an item is its estimate times a ratio with the team's bias, its own spread, and the
    sprint's. What is not finished stays on top of the list; what is left over is filled up.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.swing, self.spread = random.uniform(0.05, 0.35), random.uniform(0.3, 0.6)
        self.bias, self.eagerness = random.uniform(-0.3, 0.6), random.uniform(0.9, 1.3)
        self.open: list[tuple[int, float]] = []
        self.closed: list[tuple[int, int]] = []

    def item(self) -> tuple[int, float]:
        estimate = self.random.choice(SIZES)
        return estimate, estimate * 2.5 * exp(self.bias + self.random.gauss(0, self.spread))

    def work(self) -> None:
        """Do a sprint: take on eagerness times the velocity, and note what was finished."""
        wanted = (self.velocity() if self.closed else 30) * self.eagerness
        planned, self.open = self.open, []
        while sum(estimate for estimate, _ in planned) < wanted:
            planned.append(self.item())
        committed = sum(estimate for estimate, _ in planned)
        left, done, pace = 100.0, 0, exp(self.random.gauss(0, self.swing))
        while left > 0:
            estimate, effort = planned.pop(0) if planned else self.item()
            if effort * pace <= left:
                left, done = left - effort * pace, done + estimate
            else:
                self.open.append((estimate, effort - left / pace))
                left = 0
        self.open += planned
        self.closed.append((committed, done))

    def velocity(self) -> float:
        return max(1.0, median(done for _, done in self.closed[-6:]))

    def sprints(self, count: int) -> list[ClosedSprint]:
        return [
            ClosedSprint(team="t", id=str(n), position=n, committed=committed, completed=done)
            for n, (committed, done) in enumerate(self.closed[-count:])
        ]

    def cost(self, estimates: Sequence[int]) -> float:
        """What items take in the coming sprint, in points of capacity."""
        pace = exp(self.random.gauss(0, self.swing))
        efforts = (
            one * 2.5 * exp(self.bias + self.random.gauss(0, self.spread)) for one in estimates
        )
        return pace * sum(efforts) * self.velocity() / 100

    def actuals(self, count: int) -> list[Actual]:
        chosen = [self.random.choice(SIZES) for _ in range(count)]
        return [
            Actual(key=f"k{n}", estimate=one, actual=self.cost([one]))
            for n, one in enumerate(chosen)
        ]


def coverage(teams: int, sprints: int, items: int) -> tuple[float, float]:
    """Share of teams whose next sprint's debt work cost within P10 and P90, and above P90."""
    random, inside, above = Random(11), 0, 0
    for seed in range(teams):
        team = Team(random)
        for _ in range(sprints + 8):
            team.work()
        model = fit_costs(team.sprints(sprints), team.actuals(items), SIZES)
        chosen = [random.choice((1, 2, 3, 5)) for _ in range(random.randint(1, 4))]
        sums = sorted(sum(costs) for costs in draw_costs(model, [*map(float, chosen)], 400, seed))
        cost = team.cost(chosen)
        inside += sums[40] <= cost <= sums[359]
        above += cost > sums[359]
    return inside / teams, above / teams


@pytest.mark.slow
@pytest.mark.parametrize(("sprints", "items"), [(6, 0), (12, 0), (26, 0), (12, 20), (12, 100)])
def test_four_teams_in_five_stay_within_p10_and_p90(sprints: int, items: int) -> None:
    inside, above = coverage(600, sprints, items)
    assert 0.75 <= inside <= 0.86
    assert 0.05 <= above <= 0.14


def test_about_four_teams_in_five_stay_within_p10_and_p90_in_a_short_run() -> None:
    inside, above = coverage(80, 12, 20)
    assert 0.7 <= inside <= 0.95
    assert 0.02 <= above <= 0.2
