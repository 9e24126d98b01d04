"""What to find out first: solved by the engine, few at a time, and told in the plan."""

from dataclasses import replace

import pytest

from debtplan.core.explain import answer
from debtplan.core.gaps import LINK, SHARE
from debtplan.core.information import find_unknowns, worth_of
from debtplan.core.inputs import Inputs
from debtplan.core.plan import MeasureFirst
from debtplan.core.problem import Selection, Status
from debtplan.workflows.information import value_information
from debtplan.workflows.plan import make_plan, solve
from debtplan.workflows.verify import verify_plan
from tests.builders import claim, inputs, item, plan_of, planner, share
from tests.core.test_information import random_inputs
from tests.engines.brute import brute_force


def measured(made: Inputs, most: int = 30) -> tuple[MeasureFirst, ...]:
    maker = planner()
    return value_information(solve(made, maker), maker, most)


def shop(links: int = 12) -> Inputs:
    """Two linked items and so many without a link, in a reserve that holds some of them."""
    items = [item("A-1", 3), item("A-2", 3), *(item(f"Z-{n}", 1 + n % 3) for n in range(links))]
    return inputs(items, [claim("A-1", "m", 0.5), claim("A-2", "m", 0.2)])


@pytest.mark.parametrize("seed", range(6))
def test_the_engine_gives_what_trying_every_set_gives(seed: int) -> None:
    made = random_inputs(seed)
    case = solve(made, planner())
    chosen = case.selection.chosen
    by_force = {}
    for one in find_unknowns(made, case.appraisal, case.program, chosen):
        by_force[one.key, one.why] = answer(
            worth_of(one, chosen),
            lambda problem: Selection(
                Status.OPTIMAL, (), brute_force(problem).value, None, 0.0, "brute"
            ),
        )
    for row in measured(made):
        assert row.worth == pytest.approx(by_force[row.key, row.why], abs=1e-6)


def test_the_most_worth_comes_first_and_idle_weak_numbers_are_left_out() -> None:
    rows = measured(random_inputs(1))
    assert rows == tuple(sorted(rows, key=lambda row: -(row.worth or 0.0)))
    assert all(row.worth for row in rows if row.missing == SHARE)


def test_only_so_many_are_solved_and_the_rest_is_not_called_worthless() -> None:
    rows = measured(shop(), 3)
    assert [row.worth is not None for row in rows] == [True] * 3 + [False] * 9
    assert {row.missing for row in rows} == {LINK}


def test_where_the_time_is_over_nothing_has_a_worth() -> None:
    maker = replace(planner(), explain_limit_s=-1.0).started()
    made = shop()
    rows = value_information(solve(made, maker), maker)
    assert len(rows) == 12
    assert all(row.worth is None for row in rows)


def test_a_plan_says_what_is_worth_most_and_proves_it_again() -> None:
    made = shop()
    plan = plan_of(made)
    known = [row for row in plan.measure_first if row.worth is not None]
    assert len(known) == 8
    best = {row.key: row.worth for row in measured(made)}
    for row in known:
        assert row.worth == pytest.approx(best[row.key])
        assert row.takes
    assert all(check.holds for check in verify_plan(plan, planner()))


def test_a_worth_that_was_changed_by_hand_is_found_out() -> None:
    plan = plan_of(shop())
    first, *rest = plan.measure_first
    forged = plan.model_copy(
        update={"measure_first": (first.model_copy(update={"worth": 9e9}), *rest)}
    )
    assert not all(check.holds for check in verify_plan(forged, planner()))


def test_a_plan_that_explains_nothing_weighs_nothing_and_is_proven_all_the_same() -> None:
    plan = make_plan(shop(), planner(limit=0))
    assert [row.worth for row in plan.measure_first] == [None] * 12
    assert all(check.holds for check in verify_plan(plan, planner()))


def test_an_approved_plan_that_gave_something_up_is_no_measure() -> None:
    base = random_inputs(2)
    kept = base.model_copy(update={"kept": ("jira:A-0",), "keep_within": 0.9})
    assert measured(kept) == measured(base)


def test_shuffled_inputs_give_the_same_rows() -> None:
    made = shop()
    turned = made.model_copy(update={"items": made.items[::-1], "claims": made.claims[::-1]})
    assert measured(turned) == measured(made)


def test_an_unlinked_item_matters_where_it_could_take_another_s_place() -> None:
    cheap = inputs([item("A-1", 6), item("Z-1", 6)], [claim("A-1", "m", 0.5)])
    (row,) = measured(cheap)
    assert row.worth == 0.0  # its value per point would be that of A-1 itself
    wide = claim("A-1", "m").model_copy(update={"share": share(0.1, 0.5, 0.9)})
    both = cheap.model_copy(
        update={"claims": (wide, claim("Z-1", "m", 0.45)), "items": cheap.items}
    )
    (row,) = measured(both)
    assert (row.key, row.missing) == ("jira:A-1", SHARE)
    # 1,000 sessions, grade C: low is worth 50 where Z-1 is worth 225, at one chance in six.
    assert row.worth == pytest.approx((225 - 50) / 6)
