"""Estimates and sprints from a GitHub project (v2), whose changes do not touch the issues.

Objects and fields are those of GitHub's GraphQL schema: `ProjectV2`, `ProjectV2Item`,
`ProjectV2FieldCommon`. A large project fails with status 502 or "Something went wrong" where a page
is too large (cli/cli#13432), so pages shrink then.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TypeAlias

from debtplan.core.decode import Json
from debtplan.core.text import clean_line
from debtplan.errors import (
    AuthenticationError,
    DebtplanError,
    ForbiddenError,
    SettingsError,
    SourceError,
)
from debtplan.files.shape import instant, record, sequence, words
from debtplan.sources.github.login import READ_PROJECTS, GithubLine, needing
from debtplan.sources.intake import NAME_LIMIT
from debtplan.transport.answer import Answer

FIRST_PAGE = 50
"""Items of a page; GraphQL counts the cost of a query by it."""

_GATEWAY = frozenset({502, 504})
"""What a page that is too large is answered with; smaller ones are tried before it is a failure."""
_CROWDED = "something went wrong"
_ADDRESS = re.compile(r"(orgs|users)/([\w.-]+)/(?:projects/)?([0-9]{1,9})")
_OWNERS = {"orgs": "organization", "users": "user"}

_FIELDS = """query($login:String!,$number:Int!){owner:OWNER(login:$login){
projectV2(number:$number){fields(first:100){nodes{...on ProjectV2FieldCommon{name dataType}}}}}}"""

_ITEMS = """query($login:String!,$number:Int!,$first:Int!,$after:String,$points:String!,
$sprint:String!){owner:OWNER(login:$login){projectV2(number:$number){
items(first:$first,after:$after){pageInfo{hasNextPage endCursor}nodes{
content{...on Issue{number repository{nameWithOwner}}}
points:fieldValueByName(name:$points){...on ProjectV2ItemFieldNumberValue{number}}
sprint:fieldValueByName(name:$sprint){
...on ProjectV2ItemFieldIterationValue{title startDate duration}}}}}}}"""

Place: TypeAlias = tuple[str, int]
"""Repository, in lower case, and number of an issue."""


@dataclass(frozen=True)
class BoardValue:
    """What a project says of an issue.

    Attributes:
        points: As it stands there, which may be 0 or less; None where it is empty.
        sprint: Title of an iteration that is not over; None where there is none.
    """

    points: float | None
    sprint: str | None


@dataclass(frozen=True)
class Board:
    """A project's fields.

    Attributes:
        types: Type of every field by name: NUMBER, ITERATION, TEXT.
        points: Name of the number field that is taken, "" for none.
        sprint: Name of the iteration field that is taken, "" for none.
    """

    types: Mapping[str, str]
    points: str
    sprint: str


@dataclass
class GithubProject:
    """Reads one project; `address` is as in the settings: `orgs/acme/5`."""

    line: GithubLine
    address: str
    _known: dict[Place, BoardValue] | None = field(default=None, init=False, repr=False)

    def values(self) -> Mapping[Place, BoardValue]:
        """Return what the project says of its issues, read once.

        Raises:
            SourceError: It cannot be read whole, or has no field for the points.
            AuthenticationError: The token may not read it.
        """
        if self._known is None:
            with needing(f"the project {self.address}", READ_PROJECTS):
                board = self.board()
                self._refuse_missing(board)
                self._known = dict(self._items(board))
        return self._known

    def forget(self) -> None:
        """Read it again next time."""
        self._known = None

    def board(self) -> Board:
        """Return the project's fields, and which of them are taken.

        Raises:
            SourceError: The project cannot be read.
            AuthenticationError: The token may not read it.
            SettingsError: The address is none.
        """
        table = self.line.table
        answer = self._ask(_FIELDS, {})
        nodes = sequence(record(self._project(answer).get("fields")).get("nodes"))
        types = {
            words(one.get("name")): words(one.get("dataType")).upper()
            for one in map(record, nodes)
            if words(one.get("name"))
        }
        return Board(
            types,
            _named(types, table.points_field, "NUMBER"),
            _named(types, table.iteration_field, "ITERATION"),
        )

    def _refuse_missing(self, board: Board) -> None:
        wanted = self.line.table.points_field
        if board.points or not wanted:
            return
        numbers = [name for name, kind in board.types.items() if kind == "NUMBER"]
        shown = ", ".join(clean_line(name, limit=60) for name in sorted(numbers)) or "none"
        what = (
            f"The project {self.address} has no number field {wanted!r} (number fields: {shown})."
        )
        fix = f'Set points_field of [sources.{self.line.name}] to one of them, or to "" for none.'
        raise SourceError(what, fix)

    def _items(self, board: Board) -> Iterator[tuple[Place, BoardValue]]:
        size, cursor, seen = FIRST_PAGE, None, set[str]()
        today = self.line.access.clock()
        while True:
            # A name that no field has gives no value.
            asked: dict[str, Json] = {"first": size, "after": cursor}
            asked |= {"points": board.points or "-", "sprint": board.sprint or "-"}
            answer = self._ask(_ITEMS, asked, allow=_GATEWAY if size > 1 else frozenset())
            if size > 1 and _is_crowded(answer):
                size //= 2
                continue
            items = record(self._project(answer).get("items"))
            if not isinstance(items.get("nodes"), list):
                raise self._odd(answer, "holds no list of items")
            for one in map(record, sequence(items["nodes"])):
                yield from _value(one, today)
            info = record(items.get("pageInfo"))
            if info.get("hasNextPage") is not True:
                return
            cursor = words(info.get("endCursor"))
            if not cursor or cursor in seen:
                raise self._odd(answer, "names a page as the next one that was read before")
            seen.add(cursor)

    def _ask(
        self, query: str, more: dict[str, Json], allow: frozenset[int] = frozenset()
    ) -> Answer:
        found = _ADDRESS.fullmatch(self.address.strip().strip("/"))
        if found is None:
            what = f"project of [sources.{self.line.name}] is {self.address!r}."
            raise SettingsError(what, "Write it as orgs/acme/5 or users/me/1.")
        self.line.client()
        if self.line.is_anonymous:
            what = f"The project {self.address} cannot be read without a token."
            variable = self.line.access.variable("TOKEN")
            raise AuthenticationError(what, f"Set {variable} to a token with {READ_PROJECTS}.")
        variables: dict[str, Json] = {"login": found[2], "number": int(found[3]), **more}
        return self.line.graphql(query.replace("OWNER", _OWNERS[found[1]]), variables, allow)

    def _project(self, answer: Answer) -> dict[str, Json]:
        """Return the project of an answer; errors in an answer of status 200 are failures."""
        said = record(answer.json())
        errors = [record(one) for one in sequence(said.get("errors"))]
        project = record(record(said.get("data")).get("owner")).get("projectV2")
        if errors or said.get("errors"):
            message = clean_line(words(errors[0].get("message")) if errors else "", limit=200)
            kind = words(errors[0].get("type")) if errors else ""
            raise self._refused(answer, kind, message.rstrip(".") or "no reason given")
        if not isinstance(project, dict):
            raise self._refused(answer, "NOT_FOUND", "there is none that this token may see")
        return project

    def _refused(self, answer: Answer, kind: str, message: str) -> DebtplanError:
        what = f"{answer.place} did not give the project {self.address} ({message})."
        if kind in {"INSUFFICIENT_SCOPES", "FORBIDDEN"}:
            return ForbiddenError(what, f"Give the token {READ_PROJECTS}.")
        if kind == "NOT_FOUND":
            fix = f"Check `project` of [sources.{self.line.name}], and give the token "
            return SourceError(what, f"{fix}{READ_PROJECTS}.")
        return SourceError(what, "Run it again later; what was read so far is kept.")

    def _odd(self, answer: Answer, how: str) -> SourceError:
        what = f"The answer of {answer.place} for the project {self.address} {how}."
        return SourceError(what, "Run it again; if it stays so, check `project` in the settings.")


def _is_crowded(answer: Answer) -> bool:
    """Tell whether a smaller page may succeed."""
    if answer.status in _GATEWAY:
        return True
    said = record(answer.json())
    messages = (words(record(one).get("message")) for one in sequence(said.get("errors")))
    return any(message.casefold().startswith(_CROWDED) for message in messages)


def _named(types: Mapping[str, str], wanted: str, kind: str) -> str:
    """Return the field's name as the project writes it, "" where none of that type has it."""
    same = [one for one in sorted(types) if one.casefold() == wanted.casefold()]
    return next((one for one in same if types[one] == kind), "")


def _value(item: Mapping[str, Json], now: datetime) -> Iterator[tuple[Place, BoardValue]]:
    """Yield an issue's place and what the project says of it; nothing for drafts and pulls."""
    issue = record(item.get("content"))
    number, repo = issue.get("number"), words(record(issue.get("repository")).get("nameWithOwner"))
    points = record(item.get("points")).get("number")
    if isinstance(points, bool) or not isinstance(points, (int, float)):
        points = None
    sprint = _open_iteration(record(item.get("sprint")), now)
    if isinstance(number, int) and repo and (points is not None or sprint):
        yield (repo.casefold(), number), BoardValue(points, sprint)


def _open_iteration(iteration: Mapping[str, Json], now: datetime) -> str | None:
    """Return the iteration's title unless it is over."""
    title = clean_line(words(iteration.get("title")), limit=NAME_LIMIT)
    start, days = instant(iteration.get("startDate")), iteration.get("duration")
    if start is not None and isinstance(days, int) and 0 <= days <= 10_000:  # noqa: PLR2004 - sane
        begun = datetime.combine(start.date(), time.min, UTC)
        if begun + timedelta(days=days) <= now:
            return None
    return title or None
