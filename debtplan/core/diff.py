"""What differs between two plans, item by item, each with its cause.

Causes are found by solving again, not guessed: from the old inputs to the new ones, group by group
(`core.swap`), and after each swap the plan is solved anew, with the old plan's items as the ones to
keep. An item's difference is caused by the first swap after which it stays to the end. Where the
plan before the swap would have been worth just as much after it, the cause is a tie.
"""

from collections.abc import Callable, Collection, Iterator, Sequence

from debtplan.core.because import explain_cause
from debtplan.core.change import Cause, Change, Compared, What
from debtplan.core.notice import compare_plans, told
from debtplan.core.plan import Chosen, Plan
from debtplan.core.problem import Problem, relief
from debtplan.core.proof import rows
from debtplan.core.replay import Replay

SAME = 1e-9
"""Values that differ by this part of themselves (of 1 for smaller ones) are equal."""


def is_tie(problem: Problem, before: Collection[str], after: Collection[str]) -> bool:
    """Tell whether the set from before is allowed and worth the same: nothing forced the change."""
    if not all(row.holds for row in rows(problem, tuple(sorted(before)))):
        return False
    value = relief(problem, after)
    return abs(relief(problem, before) - value) <= SAME * max(1.0, abs(value))


def compare(old: Plan, new: Plan, replays: Sequence[Replay]) -> tuple[Change, ...]:
    """Return every change of the coming sprint: what comes in, goes out, moves, is repriced.

    Args:
        old: The plan before.
        new: The plan now.
        replays: From the old plan as it stands to the new one as it stands; see `replay_of`.
    """
    return tuple(_changes(old, new, replays))


def compared_with(old: Plan, problem: Problem) -> Compared:
    """Return the plan that is compared with, and what its items would be worth now."""
    keys = tuple(sorted(one.key for one in old.chosen))
    broken = next((row.rule for row in rows(problem, keys) if not row.holds), "")
    return Compared(
        plan_id=old.plan_id,
        digest=old.digest,
        created_at=old.created_at,
        ux_value=old.ux_value,
        points=old.capacity.reserve.used,
        worth_now=None if broken else relief(problem, keys),
        broken=broken,
    )


def _changes(old: Plan, new: Plan, replays: Sequence[Replay]) -> Iterator[Change]:
    change = compare_plans(new, old)
    before, now = _planned(old), _planned(new)
    for one in change.entered:
        what = What.MOVED if one.key in before else What.ADDED
        yield _membership(one.key, what, before.get(one.key), now[one.key], replays)
    for one in change.left:
        what = What.MOVED if one.key in now else What.REMOVED
        yield _membership(one.key, what, before[one.key], now.get(one.key), replays)
    kept = {one.key for one in old.chosen}
    for one in new.chosen:
        if one.key in kept and _price(one) != _price(before[one.key]):
            yield _repriced(before[one.key], one, replays)


def _planned(plan: Plan) -> dict[str, Chosen]:
    """Return what is planned, in the coming sprint or a later one, by key."""
    return {one.key: one for one in (*plan.next, *plan.chosen)}


def _price(one: Chosen) -> tuple[float, float]:
    return round(one.points_now, 2), told(one.ux_value)


def _membership(
    key: str, what: What, old: Chosen | None, new: Chosen | None, replays: Sequence[Replay]
) -> Change:
    place = _first_to_stay(replays, lambda replay: key in replay.chosen)
    return _written(key, what, (old, new), replays, place)


def _repriced(old: Chosen, new: Chosen, replays: Sequence[Replay]) -> Change:
    def price(replay: Replay) -> tuple[float | None, float]:
        return replay.points.get(new.key), told(replay.values.get(new.key, 0.0))

    return _written(
        new.key, What.REPRICED, (old, new), replays, _first_to_stay(replays, price)
    )


def _first_to_stay(replays: Sequence[Replay], look: Callable[[Replay], object]) -> int:
    """Return the place of the first replay from which on all look as the last one does."""
    last = look(replays[-1])
    place = len(replays) - 1
    while place > 1 and look(replays[place - 1]) == last:
        place -= 1
    return place


def _written(
    key: str,
    what: What,
    sides: tuple[Chosen | None, Chosen | None],
    replays: Sequence[Replay],
    place: int,
) -> Change:
    old, new = sides
    shown = new or old
    before, after = replays[place - 1], replays[place]
    cause = Cause.TIE if after.is_tie and what is not What.REPRICED else after.cause
    return Change(
        key=key,
        title=shown.title if shown else key,
        url=shown.url if shown else None,
        what=what,
        cause=cause,
        detail=explain_cause(key, cause, before, after),
        difference=(new.ux_value if new else 0.0) - (old.ux_value if old else 0.0),
        points=new.points_now if new else None,
        points_before=old.points_now if old else None,
        is_proven=all(one.is_proven for one in replays[place - 1 :]),
    )
