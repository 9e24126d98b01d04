"""Simulated worlds: one seed, one answer; centred on what is expected."""

from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.appraisal import Appraisal, appraise
from debtplan.core.calibration import Calibration, Factor, Pooled
from debtplan.core.delta import apply_delta
from debtplan.core.inputs import Inputs
from debtplan.core.link import Grade
from debtplan.core.problem import relief
from debtplan.core.program import write_program
from debtplan.stats.draws import Draws
from tests.builders import claim, inputs, item, share


def two_items() -> Inputs:
    """Two items on one metric with shares that are not sure."""
    wide = claim("b", "m").model_copy(update={"share": share(0.1, 0.3, 0.9)})
    return inputs([item("a"), item("b"), item("c")], [claim("a", "m", 0.4), wide])


def appraised(made_from: Inputs) -> Appraisal:
    """What everything is worth."""
    return appraise(made_from)


def test_a_set_without_value_has_no_interval() -> None:
    appraisal = appraised(two_items())
    assert Draws().interval(appraisal, (), 1) is None
    assert Draws().interval(appraisal, ("jira:c",), 1) is None


def test_one_seed_gives_one_interval_and_another_seed_another() -> None:
    appraisal = appraised(two_items())
    first = Draws(200).interval(appraisal, ("jira:a", "jira:b"), 1)
    assert first == Draws(200).interval(appraisal, ("jira:b", "jira:a"), 1)
    assert first != Draws(200).interval(appraisal, ("jira:a", "jira:b"), 2)


def test_percentiles_rise_and_hold_the_expected_relief() -> None:
    made_from = two_items()
    appraisal = appraised(made_from)
    chosen = ("jira:a", "jira:b")
    found = Draws(2_000).interval(appraisal, chosen, 1)
    assert found is not None
    assert 0 <= found.p10 < found.p50 < found.p90
    expected = relief(write_program(made_from, appraisal).problem, chosen)
    assert found.p10 < expected < found.p90


@pytest.mark.parametrize("grade", ["A", "C", "E"])
def test_the_mean_of_many_worlds_is_the_expected_relief(grade: str) -> None:
    made_from = inputs([item("a")], [claim("a", "m", 0.5, grade=grade)])
    appraisal = appraised(made_from)
    problem = write_program(made_from, appraisal).problem
    worlds = [
        relief(apply_delta(problem, one), problem.keys)
        for one in Draws(1, 4_000).worlds(appraisal, problem, 3)
    ]
    assert mean(worlds) == pytest.approx(relief(problem, problem.keys), rel=0.05)


@given(st.sampled_from(list(Grade)), st.floats(0, 1), st.integers(0, 99))
def test_a_world_keeps_its_rules_and_no_removal_leaves_0_to_99_percent(
    grade: Grade, part: float, seed: int
) -> None:
    made_from = inputs([item("a"), item("b", prerequisites=("a",))], [claim("b", "m", part,
                       grade=grade)])  # fmt: skip
    appraisal = appraised(made_from)
    problem = write_program(made_from, appraisal).problem
    for one in Draws(1, 5).worlds(appraisal, problem, seed):
        world = apply_delta(problem, one)
        assert [(one.key, one.requires) for one in world.candidates] == [
            (one.key, one.requires) for one in problem.candidates
        ]
        assert all(one.points > 0 for one in world.candidates)
        assert world.ceiling == problem.ceiling
        assert all(0 <= r <= 0.99 for one in world.candidates for _, r in one.removals)
        assert all(value >= 0 for _, value in world.harms)


def test_worlds_of_one_seed_are_the_same() -> None:
    made_from = two_items()
    appraisal = appraised(made_from)
    problem = write_program(made_from, appraisal).problem
    first, again = (list(Draws(1, 9).worlds(appraisal, problem, 7)) for _ in range(2))
    assert first == again
    assert len(first) == 9
    assert len(set(map(str, first))) == 9


def corrected(width: float = 0.0, error: float = 0.0) -> Appraisal:
    """One item whose claims deliver half."""
    factors = tuple(Factor(grade=grade, factor=0.5, error=error, width=width) for grade in Grade)
    pooled = Pooled(name="all", mean=0.5, low=0.4, high=0.6, verdicts=9)
    known = Calibration(team="web", verdicts=9, delivered=pooled, factors=factors)
    made_from = inputs([item("a")], [claim("a", "m", 0.5)])
    return appraise(made_from.model_copy(update={"calibration": known}))


def test_what_verdicts_delivered_halves_the_removal_and_its_draws() -> None:
    plain = appraise(inputs([item("a")], [claim("a", "m", 0.5)]))
    half = corrected()
    assert half.values["jira:a"].ux_value == pytest.approx(plain.values["jira:a"].ux_value / 2)
    low, high = Draws(500).removals(plain, ["jira:a"], 1)["jira:a", "m"]
    halved = Draws(500).removals(half, ["jira:a"], 1)["jira:a", "m"]
    assert halved == pytest.approx((low / 2, high / 2))


def test_an_unsure_track_record_widens_the_draws_and_keeps_their_mean() -> None:
    def spread(appraisal: Appraisal) -> float:
        low, high = Draws(2_000).removals(appraisal, ["jira:a"], 1)["jira:a", "m"]
        return high - low

    assert spread(corrected(error=0.3)) > 1.1 * spread(corrected())
    assert spread(corrected(width=0.5)) > 1.1 * spread(corrected())
    noisy = corrected(error=0.3)
    assert noisy.values["jira:a"].terms[0].noise > corrected().values["jira:a"].terms[0].noise
    interval = Draws(4_000).interval(corrected(width=0.4), ["jira:a"], 1)
    assert interval is not None
    assert interval.p10 < corrected().values["jira:a"].ux_value < interval.p90
