"""What knowing a number is worth, against every set tried in every world."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from debtplan.core.explain import answer
from debtplan.core.gaps import (
    ESTIMATE,
    LINK,
    MEASURED_READING,
    METRIC_READING,
    SHARE,
    order,
    with_worths,
    without_worths,
)
from debtplan.core.harm import INTERVAL_Z
from debtplan.core.information import QUANTILES, Unknown, find_unknowns, quantile_of, worth_of
from debtplan.core.inputs import Inputs
from debtplan.core.item import DebtItem
from debtplan.core.link import Claim
from debtplan.core.plan import MeasureFirst
from debtplan.core.problem import Problem, Selection, Status, relief
from tests.builders import claim, inputs, item, metric, program_of, reading, share
from tests.core.worlds import allowed_sets
from tests.engines.brute import brute_force

Z = {0.1: -1.2815515655, 0.3: -0.5244005127, 0.5: 0.0, 0.7: 0.5244005127, 0.9: 1.2815515655}


def solved(problem: Problem) -> Selection:
    """The best set, every one tried."""
    best = brute_force(problem)
    assert best.chosen is not None
    return Selection(Status.OPTIMAL, best.chosen, best.value, best.value, 0.0, "brute")


def today(made: Inputs) -> tuple[Problem, tuple[str, ...]]:
    """The program of the inputs, and its best set."""
    _, program = program_of(made)
    return program.problem, solved(program.problem).chosen


def worths(made: Inputs) -> dict[tuple[str, str], float | None]:
    """What every unknown is worth, by key and lack, every problem solved by brute force."""
    appraisal, program = program_of(made)
    chosen = solved(program.problem).chosen
    found = find_unknowns(made, appraisal, program, chosen)
    return {
        (one.key, one.missing if one.missing != SHARE else one.why.split()[3].strip(",")): answer(
            worth_of(one, chosen), solved
        )
        for one in found
    }


def best_of(problem: Problem) -> float:
    """The most that any allowed set is worth."""
    return max(relief(problem, one) for one in allowed_sets(problem))


def with_share(made: Inputs, key: str, name: str, part: float) -> Inputs:
    claims = tuple(
        one.model_copy(update={"share": share(part)})
        if (one.item, one.metric) == (key, name)
        else one
        for one in made.claims
    )
    return made.model_copy(update={"claims": claims})


def wide(key: str, name: str, low: float, likely: float, high: float) -> Claim:
    return claim(key, name).model_copy(update={"share": share(low, likely, high)})


def random_inputs(seed: int, **more: Any) -> Inputs:
    """Four items with wide shares on two metrics, and a reserve of 6 points."""
    draw = Random(seed)
    items: list[DebtItem] = []
    claims: list[Claim] = []
    for number in range(4):
        key = f"A-{number}"
        needed = (f"A-{draw.randrange(number)}",) if number and draw.random() < 0.3 else ()
        items.append(item(key, draw.choice([1, 2, 3, 4]), prerequisites=needed))
        for name in draw.sample(["m", "n"], draw.choice([1, 2])):
            low, likely, high = sorted(round(draw.uniform(0.05, 0.9), 2) for _ in range(3))
            claims.append(wide(key, name, low, likely, high))
    return inputs(items, claims, {"m": 800.0, "n": 500.0}, **more)


@pytest.mark.parametrize("seed", range(25))
def test_a_share_is_worth_what_every_set_in_every_world_says(seed: int) -> None:
    made = random_inputs(seed)
    _, chosen = today(made)
    found = worths(made)
    for one in made.claims:
        assert one.share is not None
        parts = (one.share.low, one.share.likely, one.share.high)
        expected = 0.0
        for chance, part in zip((1 / 6, 4 / 6, 1 / 6), parts, strict=True):
            world, _ = today(with_share(made, one.item, one.metric, part))
            expected += chance * (best_of(world) - relief(world, chosen))
        # An item that no plan can hold is asked nothing.
        assert found.get((one.item, one.metric), 0.0) == pytest.approx(expected, abs=1e-6), one


@pytest.mark.parametrize("seed", range(15))
def test_an_estimate_is_worth_what_every_set_in_every_world_says(seed: int) -> None:
    plain = random_inputs(seed)
    key = f"jira:A-{seed % 4}"

    def sized(points: float | None) -> Inputs:
        items = tuple(
            one.model_copy(update={"points": points}) if one.key == key else one
            for one in plain.items
        )
        return plain.model_copy(update={"items": items})

    made = sized(None)
    _, chosen = today(made)
    estimates = sorted(one.points for one in made.items if one.points)
    expected = 0.0
    for at in QUANTILES:
        world, _ = today(sized(quantile_of(estimates, at)))
        expected += (best_of(world) - relief(world, chosen)) / len(QUANTILES)
    assert worths(made)[key, ESTIMATE] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seed", range(15))
def test_a_link_is_worth_half_of_what_the_team_s_values_per_point_bring(seed: int) -> None:
    base = random_inputs(seed)
    points = [1.0, 2.0, 5.0][seed % 3]
    made = base.model_copy(update={"items": (*base.items, item("Z-9", points))})
    appraisal, program = program_of(made)
    problem = program.problem
    per_point = sorted(
        appraisal.values[one.key].ux_value / float(one.points) for one in problem.candidates
    )
    rest = replace(problem, ceiling=problem.ceiling - int(points))
    expected = 0.0
    for at in QUANTILES:
        worth = quantile_of(per_point, at) * points
        gain = best_of(rest) + worth - best_of(problem)
        expected += max(0.0, gain) * 0.5 / len(QUANTILES)
    assert worths(made)["jira:Z-9", LINK] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seed", range(10))
def test_a_stated_reading_is_worth_what_its_interval_says(seed: int) -> None:
    made = random_inputs(seed)
    readings = tuple(
        one.model_copy(update={"stated_by": "Ann"}) if one.metric == "n" else one
        for one in (reading("m", 28_000 * 0.09), reading("n", 40, 600))
    )
    made = made.model_copy(update={"readings": readings})
    appraisal, program = program_of(made)
    problem, chosen = program.problem, solved(program.problem).chosen
    one = appraisal.harms["n"]
    assert one.harm is not None
    assert one.low is not None
    assert one.high is not None
    deviation = (one.high - one.low) / (2 * INTERVAL_Z)
    expected = 0.0
    for at in QUANTILES:
        harm = max(0.0, one.harm + deviation * Z[at])
        world = replace(
            problem, harms=tuple((m, harm if m == "n" else h) for m, h in problem.harms)
        )
        expected += (best_of(world) - relief(world, chosen)) / len(QUANTILES)
    assert worths(made)["n", MEASURED_READING] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seed", range(10))
def test_a_missing_reading_is_worth_what_the_team_s_harms_bring(seed: int) -> None:
    made = random_inputs(seed)
    unread = made.model_copy(
        update={
            "readings": tuple(one for one in made.readings if one.metric == "m"),
            "metrics": (*made.metrics, metric("o", sessions_per_sprint=10_000)),
        }
    )
    appraisal, program = program_of(unread)
    chosen = solved(program.problem).chosen
    harm = appraisal.weighted["m"]
    rewritten = made.model_copy(
        update={"readings": tuple(reading(m, 28_000 * (harm / 1e4 + 0.01)) for m in ("m", "n"))}
    )
    world, _ = today(rewritten)
    world = replace(
        world, ceiling=program.problem.ceiling, harms=tuple((m, harm) for m, _ in world.harms)
    )
    expected = best_of(world) - relief(world, chosen)
    linked = any(one.metric == "n" for one in made.claims)
    found = worths(unread)
    if linked:
        assert found["n", METRIC_READING] == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert ("o", METRIC_READING) not in found  # nothing would relieve it


def test_nothing_is_worth_more_than_its_bound_or_less_than_nothing() -> None:
    for seed in range(40):
        base = random_inputs(seed)
        items = (*base.items, item("Z-8", None), item("Z-9", 2))
        made = base.model_copy(
            update={"items": items, "claims": (*base.claims, wide("Z-8", "m", 0.1, 0.5, 0.9))}
        )
        appraisal, program = program_of(made)
        chosen = solved(program.problem).chosen
        for one in find_unknowns(made, appraisal, program, chosen):
            worth = answer(worth_of(one, chosen), solved)
            if worth is not None:
                assert 0.0 <= worth <= one.bound + 1e-6, one


def test_it_is_zero_where_no_answer_changes_the_plan() -> None:
    made = inputs([item("A-1", 6)], [wide("A-1", "m", 0.2, 0.5, 0.9)])
    assert worths(made) == {("jira:A-1", "m"): 0.0}


def test_a_share_that_is_one_number_is_no_question() -> None:
    assert worths(inputs([item("A-1", 3)], [claim("A-1", "m", 0.5)])) == {}


def test_an_item_that_others_wait_for_is_worth_what_it_unlocks() -> None:
    made = inputs(
        [item("A-1", None), item("A-2", 2, prerequisites=["A-1"]), item("A-3", 2)],
        [claim("A-2", "m", 0.5), claim("A-3", "m", 0.1)],
    )
    found = worths(made)["jira:A-1", ESTIMATE]
    assert found is not None
    assert found > 0


def test_without_any_estimate_nothing_can_be_told() -> None:
    made = inputs([item("A-1", None)], [claim("A-1", "m", 0.5)])
    assert worths(made) == {("jira:A-1", ESTIMATE): None}


def test_a_link_cannot_be_weighed_where_the_team_has_none() -> None:
    assert worths(inputs([item("A-1", 2)])) == {("jira:A-1", LINK): None}


def unknowns(made: Inputs) -> Iterator[Unknown]:
    appraisal, program = program_of(made)
    yield from find_unknowns(made, appraisal, program, solved(program.problem).chosen)


def test_each_says_what_it_takes() -> None:
    made = inputs(
        [item("A-1", 2), item("A-2", None), item("A-3", 2)],
        [wide("A-1", "m", 0.1, 0.5, 0.9), claim("A-2", "m", 0.5)],
    )
    takes = {one.missing: one.takes for one in unknowns(made)}
    assert takes[ESTIMATE] == "estimate it"
    assert takes[LINK] == "look at `debtplan links suggest`, or one spike of a day"
    assert "error code or endpoint" in takes[SHARE]


def test_the_order_of_the_inputs_changes_nothing() -> None:
    made = random_inputs(3)
    turned = made.model_copy(
        update={
            "items": made.items[::-1],
            "claims": made.claims[::-1],
            "metrics": made.metrics[::-1],
        }
    )
    assert [one.order for one in unknowns(made)] == [one.order for one in unknowns(turned)]


@pytest.mark.parametrize(
    ("numbers", "at", "found"),
    [
        ([5.0], 0.9, 5.0),
        ([1.0, 3.0], 0.5, 2.0),
        ([1.0, 2.0, 8.0], 0.75, 5.0),
        ([0.0, 10.0], 0.1, 1.0),
    ],
)
def test_a_quantile_lies_between_the_two_nearest(
    numbers: Sequence[float], at: float, found: float
) -> None:
    assert quantile_of(numbers, at) == pytest.approx(found)


def row(key: str, missing: str = LINK, worth: float | None = None) -> MeasureFirst:
    return MeasureFirst(key=key, title=key, missing=missing, why="why", worth=worth)


def test_rows_are_ordered_by_worth_and_those_not_computed_come_last() -> None:
    measured = [
        row("b", worth=0.0),
        row("c", worth=7.0),
        row("a", SHARE, 9.0),
        row("z", SHARE, 0.0),
    ]
    found = with_worths([row("a"), row("b"), row("c")], measured)
    assert [(one.key, one.missing, one.worth) for one in found] == [
        ("a", SHARE, 9.0), ("c", LINK, 7.0), ("b", LINK, 0.0), ("a", LINK, None),
    ]  # fmt: skip
    assert list(found) == sorted(found, key=order)
    plain = without_worths(found)
    assert [(one.key, one.worth) for one in plain] == [("a", None), ("b", None), ("c", None)]
    assert plain == without_worths(with_worths([row("a"), row("b"), row("c")], ()))
