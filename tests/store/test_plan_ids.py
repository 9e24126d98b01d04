"""Which plans are kept, and which of them were approved."""

from datetime import UTC, timedelta

from debtplan.ports import Store
from debtplan.store import SqlStore
from tests import plans


def test_plans_are_named_by_when_they_were_made(store: SqlStore) -> None:
    port: Store = store
    assert port.plan_ids() == ()
    first = plans.empty()
    later = first.created_at + timedelta(hours=1)
    newer = first.model_copy(update={"plan_id": "a", "digest": "a", "created_at": later})
    same = first.model_copy(update={"plan_id": "b", "digest": "b", "created_at": later})
    for plan in (same, newer, first):
        port.save_plan(plan)
    port.approve("a", "Ada", later)
    found = port.plan_ids()
    assert found == ((first.plan_id, None), ("a", later), ("b", None))
    assert found[1][1] is not None
    assert found[1][1].astimezone(UTC) == later
    assert [port.plan(plan_id) for plan_id, _ in found] == [first, newer, same]
