"""Evidence of days after the one that is planned from does not count for it."""

from datetime import timedelta

import pytest

from debtplan.bootstrap.adapters import sample_folder
from debtplan.bootstrap.evidence import counted_by, known_by
from debtplan.config.assemble import Held
from debtplan.config.load import load_settings
from debtplan.config.settings import Loaded
from debtplan.core.movement import Movement, Shift
from debtplan.core.source import SourceState
from tests.builders import NOW
from tests.store.evidence import overlap, tally

MOVED = Movement(leader="a", follower="b", lag_days=1, correlation=0.5, p=0.01, q=0.05, days=90)
SHIFT = Shift(metric="b", on=NOW.date() - timedelta(days=40), before=0.1, after=0.2, p=0.002)


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load_settings(sample_folder() / "debtplan.toml")


def held_since(hours: int) -> Held:
    """Return what moves together, found when a source was read so long after `NOW`."""
    read = SourceState(name="log", fetched_at=NOW + timedelta(hours=hours))
    return Held(sources=(SourceState(name="csv"), read), movements=(MOVED,), shifts=(SHIFT,))


def test_counts_of_later_days_are_left_out_with_a_remark() -> None:
    end = NOW + timedelta(hours=1)
    held = Held(tallies=(tally(end_at=end),), overlaps=(overlap(end_at=end),))
    found = counted_by(held, NOW)
    assert (found.tallies, found.overlaps) == ((), ())
    (remark,) = found.skipped
    assert remark.ref == "events"
    assert "up to 2026-11-22" in remark.reason
    assert "`debtplan sync events:tallies --as-of 2026-11-23`" in remark.reason


def test_counts_up_to_the_very_moment_stay() -> None:
    held = Held(tallies=(tally(end_at=NOW),), overlaps=(overlap(end_at=NOW),))
    assert counted_by(held, NOW) == held


def test_what_moved_together_later_does_not_speak_for_an_earlier_day(loaded: Loaded) -> None:
    found = known_by(loaded, held_since(1), NOW)
    assert (found.movements, found.shifts) == ((), ())


def test_what_the_last_sync_found_counts_for_the_plans_after_it(loaded: Loaded) -> None:
    assert known_by(loaded, held_since(0), NOW) == held_since(0)
