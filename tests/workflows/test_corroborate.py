"""What moves together in readings: found, told."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from debtplan.core.chains import Moves
from debtplan.core.flow import Flow, UxMetric
from debtplan.core.movement import Movement, Shift
from debtplan.core.reading import Reading, Window
from debtplan.core.release import Release
from debtplan.workflows.corroborate import Corroboration, corroborate, latest_window
from tests.builders import NOW, metric, reading

MOVED = Movement(leader="a", follower="b", lag_days=1, correlation=0.5, p=0.01, q=0.05, days=90)
OTHER = MOVED.model_copy(update={"leader": "c", "follower": "d"})
SHIFT = Shift(metric="b", on=date(2026, 10, 14), before=0.1, after=0.2, p=0.002)
RELEASE = Release(id="r1", released_at=datetime(2026, 10, 12, tzinfo=UTC), name="Release 1")
WINDOW = Window(start_on=date(2026, 6, 1), end_on=date(2026, 11, 22))


def find(
    metrics: Sequence[UxMetric], flows: Sequence[Flow], readings: Iterable[Reading], window: Window
) -> Moves:
    assert (len(metrics), len(flows), len(list(readings)), window) == (2, 1, 1, WINDOW)
    return Moves(movements=(MOVED, OTHER), shifts=(SHIFT,), tried=7)


def found() -> Corroboration:
    pair = [metric("a"), metric("b")]
    return corroborate([RELEASE], pair, [Flow(id="shop")], [reading("a", 5)], WINDOW, find)


def test_what_is_found_is_told_with_its_chains_and_releases() -> None:
    made = found()
    assert [one.metrics for one in made.chains] == [("a", "b"), ("c", "d")]
    assert made.releases_of(SHIFT) == (RELEASE,)
    assert made.moves.tried == 7


def test_one_metric_s_part_holds_what_concerns_it() -> None:
    part = found().about("b")
    assert part.moves.movements == (MOVED,)
    assert part.moves.shifts == (SHIFT,)
    assert [one.metrics for one in part.chains] == [("a", "b")]
    assert found().about("c").moves.shifts == ()


def test_the_window_ends_with_the_readings_and_never_after_now() -> None:
    last = reading("a", 5, days_ago=40)
    old = latest_window([last, reading("a", 5, days_ago=90)], NOW, 180)
    assert old.end_on == last.end_at.date()
    assert old.days == 180
    fresh = latest_window([reading("a", 5, days_ago=0)], NOW, 28)
    assert fresh.end_on == (NOW - timedelta(days=1)).date()
    assert latest_window([], NOW, 28) == fresh
