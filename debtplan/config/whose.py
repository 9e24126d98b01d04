"""Whom a day off is about: members by their names, everybody, or nobody of the team."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from debtplan.config.members import DaysOff, Member, plain_name
from debtplan.errors import InputError
from debtplan.files.absence import Absence


@dataclass(frozen=True)
class Names:
    """The names of a team's members.

    Attributes:
        place: Position in the team by name, as names are compared.
        size: People in the team.
        pattern: Finds a name as whole words, the longest first; None without names to find.
    """

    place: dict[str, int]
    size: int
    pattern: re.Pattern[str] | None

    def whose(self, absence: Absence, entry: DaysOff) -> tuple[int, ...]:
        """Return the positions of those whom an absence is about; none for strangers."""
        named = {place for one in absence.people for place in self._find(one)}
        if not named and self.pattern is not None:
            text = " ".join(absence.text.casefold().split())
            named = {self.place[found.group()] for found in self.pattern.finditer(text)}
        is_open = not (named or absence.people)
        if is_open and (entry.everyone or not entry.path):
            return tuple(range(self.size))
        return tuple(sorted(named))

    def _find(self, names: Iterable[str]) -> list[int]:
        plain = [plain_name(one) for one in names]
        return [self.place[one] for one in plain if one in self.place][:1]


def names_of(members: Sequence[Member], absences: Iterable[Absence], team: str) -> Names:
    """Return the names that days off are matched by.

    Where only the number of people is known, whoever is named in a list is one of them.

    Raises:
        InputError: The lists name more people than there are.
    """
    place = {name: at for at, member in enumerate(members) for name in member.names}
    if place:
        longest = sorted(place, key=lambda name: (-len(name), name))
        words = "|".join(re.escape(one) for one in longest)
        return Names(place, len(members), re.compile(rf"(?<!\w)(?:{words})(?!\w)"))
    found = sorted({plain_name(one[-1]) for absence in absences for one in absence.people})
    if len(found) > len(members):
        what = f"The days off of [team.{team}] name {len(found)} people, but it has {len(members)}."
        fix = "Give members by name, so that others are left out."
        raise InputError(what, fix)
    return Names({name: at for at, name in enumerate(found)}, len(members), None)
