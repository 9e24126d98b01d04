"""Approvals, on each database: who approved what, and what is found by it."""

from datetime import timedelta

from debtplan.core.plan import Plan
from debtplan.store import SqlStore
from tests import plans
from tests.store.samples import NOON


def made(name: str, **more: object) -> Plan:
    """A plan with an id and digest of its own."""
    return plans.empty().model_copy(update={"plan_id": name, "digest": name, **more})


def test_nothing_is_approved_until_somebody_does(store: SqlStore) -> None:
    plan = made("a")
    store.save_plan(plan)
    assert store.approved_plan(plan.team) is None
    assert store.approve("a", "Ann", NOON)
    found = store.approved_plan(plan.team, plan.sprint.id)
    assert found is not None
    assert (found.plan, found.approved_by, found.approved_at) == (plan, "Ann", NOON)
    assert store.approved_plan("another") is None
    assert store.approved_plan(plan.team, "another") is None


def test_a_plan_that_was_never_kept_cannot_be_approved(store: SqlStore) -> None:
    assert not store.approve("a", "Ann", NOON)
    assert store.approved_plan(plans.empty().team) is None


def test_the_plan_approved_last_counts_whenever_it_was_made(store: SqlStore) -> None:
    old, new = made("old"), made("new", created_at=plans.AS_OF + timedelta(days=1))
    for plan in (old, new):
        store.save_plan(plan)
    store.approve("new", "Ann", NOON)
    store.approve("old", "Ben", NOON + timedelta(hours=1))
    found = store.approved_plan(old.team)
    assert found is not None
    assert (found.plan, found.approved_by) == (old, "Ben")
    store.approve("new", "Cas", NOON + timedelta(hours=2))
    found = store.approved_plan(old.team)
    assert found is not None
    assert (found.plan, found.approved_by) == (new, "Cas")


def test_the_same_plan_saved_again_stays_approved_and_another_one_does_not(store: SqlStore) -> None:
    plan = made("a")
    store.save_plan(plan)
    store.approve("a", "Ann", NOON)
    store.save_plan(plan.model_copy(update={"created_at": plan.created_at + timedelta(days=1)}))
    assert store.approved_plan(plan.team) is not None
    store.save_plan(plan.model_copy(update={"digest": "b"}))
    assert store.approved_plan(plan.team) is None


def test_an_approval_is_sealed_like_everything_else(store: SqlStore) -> None:
    store.save_plan(made("a"))
    store.approve("a", "Ann", NOON)
    store.check()
