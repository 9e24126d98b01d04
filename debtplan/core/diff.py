"""What differs between two plans, item by item, each with its cause.

Causes are found by solving again, not guessed: from the old inputs to the new ones, group by group
(`core.swap`), and after each swap the plan is solved anew, with the old plan's items as the ones to
keep. An item's difference is caused by the first swap after which it stays to the end. Where the
plan before the swap would have been worth just as much after it, the cause is a tie.
"""

from collections.abc import Callable, Collection, Iterator, Sequence

from debtplan.core.because import explain_cause
from debtplan.core.change import Cause, Change, Compared, What
from debtplan.core.notice import compare_plans
from debtplan.core.plan import Chosen, Plan, Reason
from debtplan.core.problem import Problem, relief
from debtplan.core.program import Program
from debtplan.core.proof import rows
from debtplan.core.replay import Replay, is_revalued

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


def compared_with(old: Plan, program: Program) -> Compared:
    """Return the plan that is compared with, and what its items would be worth now."""
    begun = frozenset(one.key for one in old.chosen if one.finishes_in > 1)
    keys = tuple(sorted(one.key for one in old.chosen if one.key not in begun))
    broken = next(_broken(keys, begun, program), "")
    return Compared(
        plan_id=old.plan_id,
        digest=old.digest,
        created_at=old.created_at,
        ux_value=old.ux_value,
        points=old.capacity.reserve.used,
        worth_now=None if broken else relief(program.problem, keys),
        broken=broken,
    )


def _broken(keys: tuple[str, ...], begun: frozenset[str], program: Program) -> Iterator[str]:
    """Yield in words why these items cannot be done together in the coming sprint.

    Args:
        keys: What the sprint was to finish.
        begun: What it was to begin; too large for it alone these may be.
        program: The program of the sprint now.
    """
    for key in sorted((*keys, *begun)):
        barred = program.barred.get(key)
        if key not in program.items:
            yield f"{key} is not in the backlog any more"
        elif barred and not (key in begun and barred.reason is Reason.TOO_LARGE):
            detail = barred.detail
            yield f"{key}: {detail}" if detail.startswith("no reading") else f"{key} {detail}"
    for row in rows(program.problem, keys):
        if not row.holds:
            yield f"{row.rule}, {float(row.left):g} instead of {float(row.right):g} at most"


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
    for chosen in new.chosen:
        if chosen.key in kept and _is_repriced(before[chosen.key], chosen):
            yield _repriced(before[chosen.key], chosen, replays)


def _planned(plan: Plan) -> dict[str, Chosen]:
    """Return what is planned, in the coming sprint or a later one, by key."""
    return {one.key: one for one in (*plan.next, *plan.chosen)}


def _is_repriced(old: Chosen, new: Chosen) -> bool:
    is_resized = round(new.points_now - old.points_now, 2) != 0
    return is_resized or is_revalued(old.ux_value, new.ux_value)


def _membership(
    key: str, what: What, old: Chosen | None, new: Chosen | None, replays: Sequence[Replay]
) -> Change:
    place = _first_to_stay(replays, lambda replay: key in replay.chosen)
    return _written(key, what, (old, new), replays, place)


def _repriced(old: Chosen, new: Chosen, replays: Sequence[Replay]) -> Change:
    def price(replay: Replay) -> tuple[float | None, bool]:
        value = replay.values.get(new.key)
        return replay.points.get(new.key), is_revalued(old.ux_value, value)

    return _written(new.key, What.REPRICED, (old, new), replays, _first_to_stay(replays, price))


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
    said = explain_cause(key, cause, before, after)
    return Change(
        key=key,
        title=shown.title if shown else key,
        url=shown.url if shown else None,
        what=what,
        cause=cause,
        detail=f"{after.label}: {said}" if after.label else said,
        difference=(new.ux_value if new else 0.0) - (old.ux_value if old else 0.0),
        points=_points(new, what),
        points_before=_points(old, what),
        sprint=new.sprint if new else "",
        sprint_before=old.sprint if old else "",
        is_proven=all(one.is_proven for one in replays[place - 1 :]),
    )


def _points(one: Chosen | None, what: What) -> float | None:
    if one is None:
        return None
    return one.points if what is What.MOVED else one.points_now
