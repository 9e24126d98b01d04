"""Which items a release holds, and closings that stand for a release."""

from datetime import UTC, datetime, timedelta

from debtplan.core.contained import all_releases, closing_of, named_items, with_keys
from debtplan.core.item import ItemState
from debtplan.core.release import Release
from tests.builders import item

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def release(*items: str, day: int = 0) -> Release:
    return Release(id=f"log:{day}", released_at=NOON + timedelta(days=day), items=items)


def test_a_text_names_items_as_trackers_write_them() -> None:
    text = "OMNI-24: fixed; see acme/shop#7, https://github.com/acme/shop/issues/9, #8, UTF8, X-1-2"
    assert named_items(text) == ("OMNI-24", "acme/shop#7", "acme/shop#9")
    assert "acme/site#8" in named_items(text, "acme/site")


def test_short_names_become_keys_and_what_is_no_item_goes() -> None:
    (found,) = with_keys(
        [release("OMNI-24", "UTF-8", "jira:OMNI-1")], ["jira:OMNI-24", "jira:OMNI-1"]
    )
    assert found.items == ("jira:OMNI-1", "jira:OMNI-24")


def test_a_name_that_two_trackers_have_is_left_out() -> None:
    (found,) = with_keys([release("A-1")], ["jira:A-1", "csv:A-1"])
    assert found.items == ()


def test_a_release_of_a_whole_item_holds_its_phases() -> None:
    keys = ["jira:A-1", "jira:A-1/service", "jira:A-1/form"]
    whole, part = with_keys([release("A-1"), release("A-1/form")], keys)
    assert whole.items == tuple(sorted(keys))
    assert part.items == ("jira:A-1/form",)


def test_an_item_that_is_done_counts_from_its_closing_then_from_its_last_change() -> None:
    done = item("a", state=ItemState.DONE, closed_at=NOON, updated_at=NOON + timedelta(days=9))
    found = closing_of(done)
    assert found is not None
    assert (found.released_at, found.items, found.is_assumed) == (NOON, (done.key,), True)
    changed = closing_of(done.model_copy(update={"closed_at": None}))
    assert changed is not None
    assert changed.released_at == NOON + timedelta(days=9)
    assert closing_of(item("a", state=ItemState.DONE)) is None
    assert closing_of(item("a", closed_at=NOON)) is None


def test_a_closing_is_left_out_where_a_release_holds_the_item() -> None:
    items = [item(key, state=ItemState.DONE, closed_at=NOON) for key in ("a", "b")]
    found = all_releases([release("a", day=3)], items)
    assert [(one.items, one.is_assumed) for one in found] == [
        (("jira:b",), True),
        (("jira:a",), False),
    ]
