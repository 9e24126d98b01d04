"""Which teams' plans depend on each other: shared metrics, prerequisites and alternatives.

Teams that share nothing are planned apart, and their plans together are still the best there are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from debtplan.core.inputs import Inputs
from debtplan.core.item import ItemKey, ItemState, key_resolver


@dataclass(frozen=True, slots=True)
class Reach:
    """What ties a team to others.

    Attributes:
        metrics: Metrics that its unfinished items are said to touch.
        keys: Its items, phases split off.
        wants: Prerequisites and alternatives of its unfinished items that are not its own.
    """

    team: str
    metrics: frozenset[str]
    keys: frozenset[ItemKey]
    wants: frozenset[ItemKey]


def reach_of(inputs: Inputs) -> Reach:
    """Return what ties a team to others."""
    live = [item for item in inputs.items if item.state is not ItemState.DONE]
    open_keys = {item.key for item in live}
    is_ours = ours(inputs)
    named = (one for item in live for one in (*item.prerequisites, *item.excludes))
    return Reach(
        team=inputs.team,
        metrics=frozenset(claim.metric for claim in inputs.claims if claim.item in open_keys),
        keys=frozenset(item.key for item in inputs.items),
        wants=frozenset(one for one in named if not is_ours(one)),
    )


def ours(inputs: Inputs) -> Callable[[ItemKey], bool]:
    """Return what tells whether a key means an item of this team: itself, phases, or namesake."""
    keys = {item.key for item in inputs.items}
    known = keys | {whole_of(key) for key in keys}
    namesake = key_resolver(keys)
    return lambda key: key in known or namesake(key.partition(":")[2]) is not None


def components(reaches: Iterable[Reach]) -> tuple[tuple[str, ...], ...]:
    """Return the teams in groups: whoever depends on each other, directly or not, is in one.

    Teams are sorted in their group, groups by their first team. Two teams that touch one metric are
    in one group: both can relieve the same harm, which must not be counted twice.
    """
    groups = _Groups()
    homes = Homes()
    wanted: list[tuple[str, ItemKey]] = []
    first: dict[str, str] = {}
    for reach in sorted(reaches, key=lambda one: one.team):
        groups.add(reach.team)
        homes.add(reach.team, reach.keys)
        for metric in reach.metrics:
            groups.join(first.setdefault(metric, reach.team), reach.team)
        wanted += ((reach.team, key) for key in reach.wants)
    for team, key in wanted:
        for other in homes.teams_of(key):
            groups.join(team, other)
    return groups.sets()


def whole_of(key: ItemKey) -> ItemKey:
    """Return the item that a phase is a part of; other items are themselves."""
    whole, slash, _ = key.rpartition("/")
    return whole if slash and "#" not in key.rpartition("/")[2] else key


@dataclass(slots=True)
class Homes:
    """Finds the items that a key means among those of several teams: itself, or its phases."""

    _team: dict[ItemKey, str] = field(default_factory=dict)
    _phases: dict[ItemKey, list[ItemKey]] = field(default_factory=dict)

    def add(self, team: str, keys: Iterable[ItemKey]) -> None:
        """Take in a team's items; a key that another team has too stays with that one."""
        for key in sorted(keys):
            self._team.setdefault(key, team)
            whole = whole_of(key)
            if whole != key:
                self._phases.setdefault(whole, []).append(key)

    def find(self, key: ItemKey) -> Sequence[ItemKey]:
        """Return the items that are meant."""
        return (key,) if key in self._team else self._phases.get(key, ())

    def team(self, key: ItemKey) -> str:
        """Return whose item it is."""
        return self._team[key]

    def teams_of(self, key: ItemKey) -> Iterator[str]:
        """Yield whose items are meant."""
        return (self._team[one] for one in self.find(key))


class _Groups:
    """Disjoint sets with their smallest member for a name (Tarjan 1975, paths halved)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def add(self, name: str) -> None:
        self._parent.setdefault(name, name)

    def join(self, one: str, other: str) -> None:
        first, second = sorted((self._root(one), self._root(other)))
        self._parent[second] = first

    def sets(self) -> tuple[tuple[str, ...], ...]:
        found: dict[str, list[str]] = {}
        for name in sorted(self._parent):
            found.setdefault(self._root(name), []).append(name)
        return tuple(tuple(found[root]) for root in sorted(found))

    def _root(self, name: str) -> str:
        while self._parent[name] != name:
            self._parent[name] = self._parent[self._parent[name]]
            name = self._parent[name]
        return name
