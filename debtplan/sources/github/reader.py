"""From issue records of one repository to the items, remarks and sightings of a batch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from debtplan.core.decode import Json
from debtplan.core.item import DebtItem, Skipped
from debtplan.core.source import Batch
from debtplan.sources.github.field import has_value
from debtplan.sources.github.issue import Beside, is_pull_request, is_wanted, read_issue, repo_of
from debtplan.sources.github.project import BoardValue, Place
from debtplan.sources.github.ties import TieReader, Ties
from debtplan.sources.github.walk import IssuePage, sighting_of
from debtplan.sources.intake import Parsed, refuse_bad_records, settle
from debtplan.sources.options import IssueTable

_NAMED = 5
"""Sub-issues that are named in a reason."""


@dataclass
class IssueReader:
    """Reads issues of one repository.

    An umbrella, which is an open issue with open sub-issues that become items themselves, becomes
    none: the sub-issues are the work, each with its own estimate and links, and to plan the
    umbrella as well would count its points and its relief twice. It is skipped with that reason.
    Where none of its sub-issues becomes an item (another repository, no label), it stands for all
    of them; and when the last of them is closed it is an item again. What waits for an umbrella
    waits for its parts.

    Attributes:
        repo: The repository, as GitHub names it now.
        values: What the project says of issues; None where no project is set.
        pulls: Sightings of the pull requests that were read.
        unwanted: Sightings of the issues that were read and carry none of the labels.
        is_estimated: Whether one of the issues that were read has a value in `estimate_field`.
    """

    name: str
    table: IssueTable
    repo: str
    ties: TieReader
    values: Mapping[Place, BoardValue] | None = None
    pulls: set[str] = field(default_factory=set)
    unwanted: set[str] = field(default_factory=set)
    is_estimated: bool = False

    def __post_init__(self) -> None:
        """Let records that name no repository belong to this one."""
        self.table = self.table.model_copy(update={"repos": (self.repo,)})

    def with_ties(self, pages: Iterable[IssuePage]) -> Iterator[tuple[IssuePage, list[Ties]]]:
        """Yield pages with the ties of their issues; these are asked for."""
        for page in pages:
            yield page, [self.ties.read(issue) for issue in page.issues]

    def batch(
        self,
        issues: Sequence[dict[str, Json]],
        ties: Sequence[Ties],
        newest: datetime | None = None,
        *,
        is_ordered: bool = False,
    ) -> Batch:
        """Return what issues become; nothing is asked for.

        Raises:
            InputError: A record is malformed and `on_error` is "stop".
        """
        parsed: list[Parsed] = []
        sightings: list[tuple[str, str]] = []
        for position, (issue, tied) in enumerate(zip(issues, ties, strict=True), 1):
            one = self._read(issue, tied, f"{self.repo} issue {position}")
            sighting = sighting_of(issue)
            is_taken = self._is_taken(issue, sighting, one)
            if is_taken:
                parsed.append(one)
            if not one.is_bad:
                is_item = is_taken and isinstance(one.outcome, DebtItem)
                sightings.append((sighting, one.key if is_item else ""))
        refuse_bad_records(parsed, self.table.on_error)
        return Batch(tuple(settle(parsed)), tuple(sightings), newest, is_ordered=is_ordered)

    def _is_taken(self, issue: dict[str, Json], sighting: str, one: Parsed) -> bool:
        """Tell whether a record is to be told of by itself; the others are counted."""
        if is_pull_request(issue):
            self.pulls.add(sighting)
            return False
        if not is_wanted(one.outcome, self.table.labels):
            self.unwanted.add(sighting)
            return False
        self.unwanted.discard(sighting)
        return True

    def _read(self, issue: dict[str, Json], ties: Ties, place: str) -> Parsed:
        value = self._value(issue)
        points = value.points if value else None
        beside = Beside(
            waits=ties.waits,
            points=points if points is None or points > 0 else None,
            has_board=self.values is not None,
            sprint=value.sprint if value else None,
        )
        parsed = read_issue(issue, self.name, self.table, place, beside)
        named = (self.table.estimate_field or "").strip()
        self.is_estimated = self.is_estimated or has_value(issue, named)
        if ties.parts and isinstance(parsed.outcome, DebtItem):
            umbrella = Skipped(ref=parsed.key, reason=_umbrella(ties.parts))
            return Parsed(place, umbrella)
        if points is not None and points <= 0:
            reason = f"has {points:g} in the project's field {self.table.points_field!r}"
            remark = Skipped(ref=parsed.key, reason=f"{reason}, which is not above 0; not taken")
            return replace(parsed, notices=(*parsed.notices, remark))
        return parsed

    def _value(self, issue: dict[str, Json]) -> BoardValue | None:
        number = issue.get("number")
        if self.values is None or not isinstance(number, int):
            return None
        return self.values.get((repo_of(issue, self.repo).casefold(), number))


def _umbrella(parts: tuple[str, ...]) -> str:
    named = ", ".join(parts[:_NAMED])
    more = f" and {len(parts) - _NAMED} more" if len(parts) > _NAMED else ""
    return (
        f"is an umbrella of open sub-issues, which are planned in its place: {named}{more}; "
        "estimates and links belong there"
    )
