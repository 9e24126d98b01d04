"""Work laid out over the coming sprints: what the team's reserve lets be done, and when.

Sprint by sprint, in the given order, what fits into the reserve is done; what waits for something
comes after it, at the earliest in the same sprint. Work larger than any sprint's reserve is spread
over several. Laying work out in the fewest sprints is a packing problem of its own; here it is done
in order, and the fewest sprints that the points alone allow stand beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count

from debtplan.core.bank import write_banks
from debtplan.core.capacity import ClosedSprint
from debtplan.core.exact import exact
from debtplan.core.horizon import Bank
from debtplan.core.reserve import LONGEST_WINDOW, ReservePolicy, size_reserve

MOST_SPRINTS = 520
"""Beyond some twenty years of sprints nothing is laid out."""

Rooms = Callable[[Sequence[Fraction]], Fraction]
"""Given the debt points of the sprints so far, the most points of the next one."""


@dataclass(frozen=True, slots=True)
class Work:
    """Something to be done.

    Attributes:
        points: Above 0.
        roles: (role, points) pairs.
        groups: What it counts towards where a rule limits how many move at once.
        waits: Keys that come first; those that are not laid out do not count.
    """

    key: str
    points: Fraction
    roles: tuple[tuple[str, Fraction], ...] = ()
    groups: frozenset[str] = frozenset()
    waits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a sprint may hold.

    Attributes:
        rooms: See `Rooms`.
        most: Most points of any sprint, whatever was done before.
        roles: Most points of a role in each sprint.
        groups: Most items of a group in each sprint; None is no limit.
    """

    rooms: Rooms
    most: Fraction
    roles: Mapping[str, Fraction] = field(default_factory=dict)
    groups: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What one sprint does of one piece of work."""

    key: str
    points: Fraction
    is_finished: bool


@dataclass(frozen=True, slots=True)
class Load:
    """One sprint: its room and what is done in it."""

    room: Fraction
    parts: tuple[Part, ...]

    @property
    def points(self) -> Fraction:
        """Points done in it."""
        return sum((part.points for part in self.parts), Fraction(0))


def reserve_rooms(
    capacity: float, policy: ReservePolicy, window: int, history: Sequence[ClosedSprint]
) -> Limits:
    """Return what the reserve of each coming sprint holds, roles and groups aside.

    The window rolls on: what one sprint takes beyond its own part is missing in those after it.
    See `write_banks`.

    Args:
        capacity: Points of every coming sprint, above 0.
        policy: Shares of the reserve.
        window: Sprints pooled.
        history: Closed sprints.
    """
    fixed = policy.model_copy(update={"window": window})
    first = size_reserve(capacity, fixed, (), history)
    ending: dict[int, list[Bank]] = {}
    for bank in write_banks([capacity] * (MOST_SPRINTS + 1), fixed, first, history):
        ending.setdefault(bank.last, []).append(bank)

    def room(used: Sequence[Fraction]) -> Fraction:
        last = len(used) + 1
        left = (bank.limit - sum(used[bank.first - 1 : last - 1]) for bank in ending[last])
        return max(Fraction(0), min(left))

    own = exact(capacity) * exact(policy.ceiling)
    most = own if window == 1 else min(own * window, exact(capacity) * exact(policy.sprint_max))
    return Limits(room, most)


def lay_out(work: Sequence[Work], limits: Limits) -> tuple[Load, ...] | None:
    """Return the sprints that the work takes, in this order; None where it never gets done.

    What does not fit waits for the next sprint. Both ways are tried: that what comes after it may
    overtake, and that it waits too; the one with fewer sprints is the answer.
    """
    tries = [_lay_out(work, limits, is_strict=is_strict) for is_strict in (False, True)]
    done = [one for one in tries if one is not None]
    return min(done, key=len, default=None)


def fewest_sprints(points: Fraction, rooms: Rooms) -> int | None:
    """Return in how many sprints so many points could be done if they could be cut anywhere.

    Taking all there is in every sprint is never behind any other way: a sprint is short of room
    either by its own limit, which holds for the other way too, or because the window is full. None
    where the reserve never gives that much.
    """
    used: list[Fraction] = []
    left = points
    for number in count(1):
        room = rooms(used)
        left -= room
        used.append(room)
        if left <= 0:
            return number
        if number >= MOST_SPRINTS or _is_stuck(used):
            return None
    return None


class _Sprint:
    """The sprint that is being filled."""

    def __init__(self, limits: Limits, room: Fraction) -> None:
        self.limits, self.room, self.left = limits, room, room
        self.roles = dict(limits.roles)
        self.groups: dict[str, int] = {}
        self.parts: list[Part] = []

    def take(self, one: Work, left: Fraction) -> Fraction:
        """Do what fits of a piece of work; return the points of it."""
        most = self.limits.groups
        if most is not None and any(self.groups.get(group, 0) >= most for group in one.groups):
            return Fraction(0)
        roles = [(role, points) for role, points in one.roles if role in self.roles]
        fits = min([self.left, *(one.points * self.roles[r] / points for r, points in roles)])
        done = min(left, fits) if self._is_large(one) else (left if left <= fits else Fraction(0))
        if done <= 0:
            return Fraction(0)
        self.left -= done
        for role, points in roles:
            self.roles[role] -= points * done / one.points
        for group in one.groups:
            self.groups[group] = self.groups.get(group, 0) + 1
        self.parts.append(Part(one.key, done, done == left))
        return done

    def _is_large(self, one: Work) -> bool:
        limits = self.limits.roles
        too_much = any(points > limits[role] for role, points in one.roles if role in limits)
        return one.points > self.limits.most or too_much


def _lay_out(work: Sequence[Work], limits: Limits, *, is_strict: bool) -> tuple[Load, ...] | None:
    left = {one.key: one.points for one in work}
    used: list[Fraction] = []
    loads: list[Load] = []
    while any(left.values()):
        sprint = _Sprint(limits, limits.rooms(used))
        for one in work:
            if not left[one.key] or any(left.get(key) for key in one.waits):
                continue
            done = sprint.take(one, left[one.key])
            left[one.key] -= done
            if is_strict and left[one.key]:
                break
        loads.append(Load(sprint.room, tuple(sprint.parts)))
        used.append(loads[-1].points)
        if len(loads) > MOST_SPRINTS or _is_stuck(used):
            return None
    return tuple(loads)


def _is_stuck(used: Sequence[Fraction]) -> bool:
    """Tell whether nothing was done for longer than any window, so nothing ever will be."""
    return len(used) > LONGEST_WINDOW and not any(used[-LONGEST_WINDOW - 1 :])
