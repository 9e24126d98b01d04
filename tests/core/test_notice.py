from debtplan.core.notice import Delivery, compare_plans, failure_of, failures_id
from debtplan.core.plan import Plan
from debtplan.errors import NoPlanError, SourceError
from tests.builders import claim, inputs, item, plan_of


def plan(*sizes: float, harm: float = 1_000.0) -> Plan:
    """A plan of items 1, 2, ... with these points, the first ones worth more."""
    items = [item(f"W-{number}", size) for number, size in enumerate(sizes, 1)]
    claims = [claim(f"W-{n}", "m", 0.5 / n) for n in range(1, len(sizes) + 1)]
    return plan_of(inputs(items, claims, {"m": harm}), draws=2, worlds=1)


def test_the_first_plan_of_a_sprint_is_all_new() -> None:
    change = compare_plans(plan(3, 2), None)
    assert change.is_first
    assert change.is_news
    assert [one.key for one in change.entered] == ["jira:W-1", "jira:W-2"]
    assert change.left == change.resized == ()
    assert change.points_before is None


def test_items_that_come_in_and_go_out_are_named_with_the_reason() -> None:
    change = compare_plans(plan(7, 2, 3), plan(3, 2))
    assert [one.key for one in change.entered] == ["jira:W-3"]
    assert [one.key for one in change.left] == ["jira:W-1"]
    assert "can give" in change.left[0].detail or change.left[0].detail
    assert change.left[0].points == 3


def test_an_item_that_is_not_in_the_backlog_any_more_goes_out_and_says_so() -> None:
    before = plan(3, 2)
    items = [item("W-2", 2)]
    now = plan_of(inputs(items, [claim("W-2", "m", 0.25)]), draws=2, worlds=1)
    (left,) = compare_plans(now, before).left
    assert left.key == "jira:W-1"
    assert left.detail == "is not in the backlog any more"


def test_another_size_is_told_with_the_one_before() -> None:
    change = compare_plans(plan(4, 2), plan(3, 2))
    (resized,) = change.resized
    assert (resized.key, resized.points, resized.points_before) == ("jira:W-1", 4, 3)
    assert (change.points, change.points_before) == (6, 5)
    assert change.is_repointed


def test_the_same_plan_is_no_news() -> None:
    change = compare_plans(plan(3, 2), plan(3, 2))
    assert not change.is_news
    assert not change.is_repointed
    assert not change.is_revalued


def test_a_value_that_reads_the_same_is_no_news_and_one_that_does_not_is() -> None:
    base = plan(3, 2)
    near = base.model_copy(update={"ux_value": base.ux_value * 1.0001, "digest": "1" * 64})
    far = base.model_copy(update={"ux_value": base.ux_value * 1.2, "digest": "2" * 64})
    assert not compare_plans(near, base).is_news
    assert compare_plans(far, base).is_news


def test_a_failure_is_the_same_whatever_its_numbers_and_another_whatever_its_key() -> None:
    def mark(what: str) -> str:
        return failure_of("source jira", SourceError(what, "Wait.")).mark

    assert mark("81 of 90 records are gone.") == mark("1,082 of 1,100 records are gone.")
    assert mark("OMNI-12 is pinned.") != mark("OMNI-13 is pinned.")
    other = failure_of("source jira", NoPlanError("81 of 90 records are gone.", "Wait."))
    assert other.mark != mark("81 of 90 records are gone.")


def test_failures_have_one_id_in_any_order() -> None:
    one = failure_of("source jira", SourceError("It is down.", "Wait."))
    two = failure_of("team web", NoPlanError("No.", "Yes."), "web")
    assert failures_id([one, two]) == failures_id([two, one]) != failures_id([one])
    assert two.team == "web"


def test_the_words_for_a_delivery_are_those_of_the_account() -> None:
    assert {one.value for one in Delivery} == {"sent", "skipped", "failed", "unknown"}
