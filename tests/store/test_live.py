"""What live sources need: pages with marks, sightings, kept answers, notices, a lock."""

import subprocess
import sys

import pytest

from debtplan.core.capacity import OpenSprint
from debtplan.core.item import DebtItem, Skipped
from debtplan.core.source import Batch, Changes, Mark, Sighting, SourceStatus
from debtplan.errors import LockedError, StoreError
from debtplan.store import SqlStore, open_store
from tests.store.samples import NOON, item, reading, sprint, state

MARK = Mark(source="jira", part="OMNI", scope="all")
ODD = Skipped(ref="jira:OMNI-9", reason="has no title")


@pytest.fixture
def begun(store: SqlStore) -> SqlStore:
    """A store that knows the source `jira`."""
    store.save_source(state(status=SourceStatus.FAILED), (), is_complete=False)
    return store


def page(*records: DebtItem | Skipped, **more: object) -> Batch:
    seen = tuple((one.key[10:], one.key) for one in records if isinstance(one, DebtItem))
    return Batch(records=records, sightings=seen, **more)  # type: ignore[arg-type]


def test_a_page_and_its_mark_are_kept_together(begun: SqlStore) -> None:
    after = MARK.model_copy(update={"since": NOON, "resume": "id:7", "newest": NOON})
    changes = begun.save_batch(page(item(1), item(2), ODD), after)
    assert changes == Changes(added=2)
    assert begun.items() == (item(1), item(2))
    assert begun.marks("jira") == (after,)
    assert begun.skipped() == (ODD,)
    assert begun.count("jira") == (2, 1)
    assert begun.marks("github") == ()


def test_a_page_that_cannot_be_kept_moves_no_mark(begun: SqlStore) -> None:
    begun.save_batch(page(item(1)), MARK)
    bad = item(2).model_copy(update={"points": -1.0})
    with pytest.raises(StoreError):
        begun.save_batch(page(bad), MARK.model_copy(update={"since": NOON}))
    assert begun.marks("jira") == (MARK,)
    assert begun.items() == (item(1),)


def test_pages_add_up_and_the_later_record_counts(begun: SqlStore) -> None:
    begun.save_batch(page(item(1), item(2)), MARK)
    changes = begun.save_batch(page(item(2, points=8.0), item(3)), MARK)
    assert changes == Changes(added=1, updated=1)
    assert [one.points for one in begun.items()] == [3, 8, 3]


def test_a_record_with_a_new_key_takes_its_old_item_with_it(begun: SqlStore) -> None:
    begun.save_batch(page(item(1)), MARK)
    moved = item(5)
    changes = begun.save_batch(Batch((moved,), (("1", moved.key),)), MARK)
    assert changes == Changes(added=1, gone=("jira:OMNI-1",))
    assert begun.items() == (moved,)
    assert begun.sightings("jira", "OMNI") == (
        Sighting(source="jira", id="1", part="OMNI", key="jira:OMNI-5"),
    )


def test_a_remark_goes_when_its_record_can_be_used(begun: SqlStore) -> None:
    other = Skipped(ref="jira:OMNI-8", reason="label 'ux:' is not understood")
    begun.save_batch(page(ODD, other), MARK)
    begun.save_batch(page(item(9)), MARK)
    assert begun.skipped() == (other,)
    begun.save_batch(page(ODD), MARK)
    assert begun.skipped() == (other, ODD)


def test_another_sources_key_stays_with_it(begun: SqlStore) -> None:
    begun.save_source(state("csv"), [item(1)])
    begun.save_batch(page(item(1, points=5.0)), MARK)
    assert begun.items() == (item(1),)
    assert "already" in begun.skipped()[0].reason


def test_a_census_counts_and_removes(begun: SqlStore) -> None:
    begun.save_batch(page(item(1), item(2), item(3)), MARK)
    one, two, three = begun.sightings("jira", "OMNI")
    changes = begun.save_census([one.model_copy(update={"missing": 1})], [two])
    assert changes == Changes(gone=("jira:OMNI-2",))
    assert begun.items() == (item(1), item(3))
    assert [seen.missing for seen in begun.sightings("jira", "OMNI")] == [1, 0]
    assert begun.seen("jira", "OMNI") == (2, 1)
    assert begun.seen_ids("jira", "OMNI") == {"1", "3"}
    begun.save_batch(page(item(1)), MARK)
    assert begun.sightings("jira", "OMNI") == (one, three)


def test_a_state_leaves_records_and_remarks_of_pages(begun: SqlStore) -> None:
    begun.save_batch(page(item(1), ODD), MARK)
    begun.save_source(state(), (), is_complete=False)
    assert (begun.items(), begun.skipped()) == ((item(1),), (ODD,))


def test_a_forgotten_source_leaves_nothing(begun: SqlStore) -> None:
    begun.save_batch(page(item(1), ODD), MARK)
    begun.forget_source("jira")
    left = [begun.items(), begun.marks("jira"), begun.skipped(), begun.sources()]
    assert not any(left)
    assert begun.sightings("jira", "OMNI") == ()


def test_readings_and_sprints_come_in_pages_too(begun: SqlStore) -> None:
    ahead = OpenSprint(team="web", id="50", name="Sprint 50", is_active=False)
    batch = Batch(records=(reading(1), reading(2), sprint(4), ahead))
    assert begun.save_batch(batch, MARK) == Changes(added=4)
    again = Batch(records=(reading(2), reading(3), ahead))
    assert begun.save_batch(again, MARK) == Changes(added=1, unchanged=2)
    assert (len(begun.readings()), begun.open_sprints("web")) == (3, (ahead,))
    assert begun.open_sprints("app") == ()


def test_a_sprint_that_is_over_is_no_longer_ahead(begun: SqlStore) -> None:
    two = tuple(OpenSprint(team="web", id=str(n), name=f"Sprint {n}") for n in (50, 51))
    begun.save_batch(Batch(records=two, tells_ahead=True), MARK)
    begun.save_batch(Batch(records=(sprint(4),)), MARK)
    assert begun.open_sprints() == two
    begun.save_batch(Batch(records=two[1:], tells_ahead=True), MARK)
    assert begun.open_sprints() == two[1:]
    begun.save_batch(Batch(records=(), tells_ahead=True), MARK)
    assert begun.open_sprints() == ()


def test_remarks_on_a_metric_go_when_it_has_readings_again(begun: SqlStore) -> None:
    silent = Skipped(ref="loss", reason="gave no data")
    odd = Skipped(ref="loss on 2026-03-03", reason="is NaN")
    begun.save_batch(Batch(records=(silent, odd)), MARK)
    begun.save_batch(Batch(records=(reading(1),)), MARK)
    assert begun.skipped() == ()


@pytest.mark.slow
def test_a_large_page_is_kept_whole(begun: SqlStore) -> None:
    many = [item(number) for number in range(10, 1200)]
    assert begun.save_batch(page(*many), MARK).added == len(many)
    assert begun.save_batch(page(*many), MARK).unchanged == len(many)


def test_an_answer_is_recalled_until_a_newer_one_is_kept(store: SqlStore) -> None:
    assert store.recall("a") is None
    store.keep("a", 'W/"1"', b"\x00[1]")
    store.keep("a", 'W/"2"', b"[2]")
    store.keep("large", '"3"', b"x" * 2_000_000)
    assert store.recall("a") == ('W/"2"', b"[2]")
    assert store.recall("large") is None


def test_a_notice_is_being_sent_sent_or_forgotten(store: SqlStore) -> None:
    store.save_notice("d1", "slack", is_sent=False)
    store.save_notice("d1", "teams", is_sent=False)
    store.save_notice("d1", "slack", is_sent=True)
    store.save_notice("d2", "slack", is_sent=True)
    assert store.notices("d1") == {"slack": True, "teams": False}
    store.forget_notice("d1", "teams")
    assert store.notices("d1") == {"slack": True}


def test_one_run_holds_the_lock_and_the_next_gets_it(url: str) -> None:
    with open_store(url) as one, open_store(url) as other:
        with one.run_lock():
            with pytest.raises(LockedError, match="Another run"), other.run_lock():
                pass
            one.save_source(state(), [item(1)])
        with other.run_lock():
            pass


@pytest.mark.slow
def test_a_run_that_was_killed_holds_no_lock(url: str) -> None:
    open_store(url).close()
    program = (
        "import os, sys\n"
        "from debtplan.store import open_store\n"
        "with open_store(sys.argv[1]) as store, store.run_lock():\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, url], check=False)
    assert done.returncode == -9
    with open_store(url) as store, store.run_lock():
        pass
