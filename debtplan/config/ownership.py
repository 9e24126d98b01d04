"""Whose items they are: every item belongs to one team at most."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from debtplan.config.settings import Settings
from debtplan.core.item import DebtItem, ItemKey, ItemState, Skipped
from debtplan.core.teams import whole_of

NO_TEAM = "belongs to no team; name its team, or widen a match under [team.NAME]"


@dataclass(frozen=True)
class Ownership:
    """All items, by the team that plans them.

    Attributes:
        by_team: Each team's items, in the order they came in.
        homeless: Items that no team takes.
        contested: Items that several teams match, with those teams by name; the first has it.
    """

    by_team: Mapping[str, tuple[DebtItem, ...]]
    homeless: tuple[DebtItem, ...]
    contested: Mapping[ItemKey, tuple[str, ...]]

    def remarks(self, team: str) -> list[Skipped]:
        """Return what a team's plan says of items that have no team, or that several match."""
        lost = [Skipped(ref=item.key, reason=NO_TEAM) for item in self.homeless]
        return lost + [
            Skipped(
                ref=key,
                reason=f"matches the teams {' and '.join(teams)}; {teams[0]} plans it: name its "
                "team in the tracker, or narrow a match under [team.NAME]",
            )
            for key, teams in sorted(self.contested.items())
            if team in teams
        ]

    def elsewhere(self, team: str, keys: Iterable[ItemKey]) -> list[ItemKey]:
        """Return the items of others, or of nobody, that these keys may mean, short or in full."""
        folded = {part.casefold() for key in keys for part in (key, whole_of(key))}
        found = {one for key in folded for one in self._named.get(key, ())}
        return sorted(one for one in found if self._team.get(one) != team)

    def is_done(self, key: ItemKey) -> bool:
        """Tell whether an item of any team, or of none, is finished."""
        return key in self._done

    def other_team(self, team: str, key: ItemKey) -> str | None:
        """Return the other team that has an item, or the item that it is a phase of."""
        found = self._team.get(key) or self._team.get(whole_of(key))
        return found if found != team else None

    @cached_property
    def _team(self) -> dict[ItemKey, str]:
        return {item.key: team for team, items in self.by_team.items() for item in items}

    @cached_property
    def _done(self) -> frozenset[ItemKey]:
        everywhere = (*self.by_team.values(), self.homeless)
        return frozenset(
            item.key for items in everywhere for item in items if item.state is ItemState.DONE
        )

    @cached_property
    def _named(self) -> dict[str, list[ItemKey]]:
        names: dict[str, list[ItemKey]] = {}
        for key in (*self._team, *(item.key for item in self.homeless)):
            for name in {key.casefold(), key.partition(":")[2].casefold()}:
                names.setdefault(name, []).append(key)
        return names


def sort_by_team(settings: Settings, items: Sequence[DebtItem]) -> Ownership:
    """Return whose items they are: named so by the tracker, or else matched.

    An only team without a match has them all; a tracker's own names for teams count from the first
    item on that is named as in the settings. An item that several teams match goes to the first of
    them by name.
    """
    found: dict[str, list[DebtItem]] = {team: [] for team in sorted(settings.team)}
    homeless: list[DebtItem] = []
    contested: dict[ItemKey, tuple[str, ...]] = {}
    takers_of = _takers(settings, items)
    for item in items:
        takers = takers_of(item)
        (found[takers[0]] if takers else homeless).append(item)
        if len(takers) > 1:
            contested[item.key] = takers
    by_team = {team: tuple(own) for team, own in found.items()}
    return Ownership(by_team, tuple(homeless), contested)


def _takers(settings: Settings, items: Sequence[DebtItem]) -> Callable[[DebtItem], tuple[str, ...]]:
    """Return what gives the teams that an item may belong to, by name."""
    teams = sorted(settings.team)
    only = teams[0] if len(teams) == 1 and settings.team[teams[0]].match is None else None
    is_named = only is not None and any(item.team == only for item in items)
    matches = [(one, found) for one in teams if (found := settings.team[one].match) is not None]

    def takers(item: DebtItem) -> tuple[str, ...]:
        if item.team is not None and item.team in settings.team:
            return (item.team,)
        if only is not None:
            return () if is_named and item.team is not None else (only,)
        if item.team is not None:
            return ()
        return tuple(team for team, match in matches if match.holds(item))

    return takers
