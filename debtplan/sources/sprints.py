"""Closed sprints: what every form of them shares."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from debtplan.core.capacity import ClosedSprint
from debtplan.core.item import Skipped
from debtplan.sources.options import SprintTable

_SHOWN = 10


@dataclass(frozen=True)
class Placed:
    """A sprint with where it stood.

    Attributes:
        place: For people: `FILE row 12`.
        board: Board it is on, as the file has it; "" where it says none.
    """

    place: str
    board: str
    sprint: ClosedSprint


def settle_sprints(
    found: Iterable[Placed | Skipped], table: SprintTable
) -> Iterator[ClosedSprint | Skipped]:
    """Yield the board's sprints oldest first, numbered so, then what could not be used.

    Without a `board` in the settings all are taken; where they are of several boards, a sprint's id
    begins with its board. Of two records of one sprint the later one stands.
    """
    records = list(found)
    placed = [one for one in records if isinstance(one, Placed)]
    mine = [one for one in placed if table.board in (None, one.board)]
    several = len({one.board for one in mine}) > 1
    standing: dict[tuple[str, str], Placed] = {}
    repeated = []
    for one in mine:
        before = standing.get((one.board, one.sprint.id))
        if before is not None:
            reason = f"holds sprint {one.sprint.id} again; the one in {one.place} is taken"
            repeated.append(Skipped(ref=before.place, reason=reason))
        standing[one.board, one.sprint.id] = one
    for position, one in enumerate(sorted(standing.values(), key=_order), 1):
        sprint_id = f"{one.board}/{one.sprint.id}" if several else one.sprint.id
        yield one.sprint.model_copy(update={"position": position, "id": sprint_id})
    yield from repeated
    yield from (one for one in records if isinstance(one, Skipped))
    if several or (placed and not mine):
        yield _about_boards({one.board for one in placed}, table)


def _about_boards(boards: set[str], table: SprintTable) -> Skipped:
    names = sorted(boards)
    listed = ", ".join(names[:_SHOWN]) + (
        f" and {len(names) - _SHOWN} more" * (len(names) > _SHOWN)
    )
    if table.board is None:
        reason = (
            f"holds sprints of {len(names)} boards, all taken as one team's; set board: {listed}"
        )
    else:
        reason = f"holds no sprint of board {table.board}; it has {listed}"
    return Skipped(ref=table.path or "sprints", reason=reason)


def _order(placed: Placed) -> tuple[date, int, str, str]:
    sprint = placed.sprint
    return sprint.end_on or date.min, sprint.position, placed.board, sprint.id
