"""A team's sprints from a live Jira board: those to come, and the points of those that are over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from debtplan.core.capacity import OpenSprint
from debtplan.core.decode import Json
from debtplan.core.item import Skipped
from debtplan.core.source import Batch, Mark, Probe
from debtplan.core.text import clean_line
from debtplan.errors import AuthenticationError, DebtplanError, SettingsError, SourceError
from debtplan.files.shape import instant, record, words
from debtplan.ports import Census
from debtplan.sources.jira.answer import PAGE, list_of, object_of, page_through
from debtplan.sources.jira.estimate import Estimate
from debtplan.sources.jira.fields import JiraFields
from debtplan.sources.jira.history import Vocabulary
from debtplan.sources.jira.site import NOT_FOR_US, OK, SCOPES, JiraServer
from debtplan.sources.jira.sprint import JiraSprint, parse_sprint
from debtplan.sources.jira.sprint_issues import BoardIssues
from debtplan.sources.jira.velocity import (
    Tally,
    Throughput,
    done_statuses,
    fortnights,
    title_of,
)
from debtplan.sources.options import IssueTable, SprintTable
from debtplan.transport.access import Access
from debtplan.transport.answer import Answer

_NO_SPRINTS = 400
"""Status of the sprints of a board that has none."""


@dataclass(frozen=True, slots=True)
class _Board:
    """A board as the site describes it.

    Attributes:
        done: Ids of the statuses in which its issues are done.
    """

    id: str
    kind: str
    estimate: Estimate
    done: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Listed:
    """A sprint of the board's list.

    Attributes:
        began_at: When it was started, where the site says so beside its start date.
    """

    sprint: JiraSprint
    began_at: datetime | None


class LiveJiraBoard:
    """See `LiveSource`. Its only part is the board."""

    def __init__(self, team: str, table: SprintTable, tracker: IssueTable, access: Access) -> None:
        self.name = f"sprints:{team}"
        self._team = team
        self._table = table
        self._configured = table.estimate_field or tracker.estimate_field
        self._server = JiraServer(access.name, tracker, access)
        self._fields = JiraFields(self._server, self._configured)
        self._board: _Board | None = None

    def parts(self) -> tuple[str, ...]:
        """See `LiveSource.parts`.

        Raises:
            SettingsError: The settings name no board.
        """
        board = (self._table.board or "").strip()
        if not board:
            what = f"The sprints of team {self._team} name no board."
            raise SettingsError(what, 'Set board = "12" there: the number in the board\'s address.')
        return (board,)

    def scope(self, part: str) -> str:
        """See `LiveSource.scope`."""
        board = self._found(part)
        done = " ".join(sorted(board.done))
        return f"board {board.id}; estimate {' '.join(board.estimate.fields)}; done {done}"

    def walk(self, part: str, mark: Mark) -> Iterator[Batch]:
        """See `LiveSource.walk`. Sprints come in order of closing, each a page by itself.

        The last closed sprint is counted anew each time: people reopen and correct.
        """
        board = self._found(part)
        listed = None if board.kind == "kanban" else self._sprints(board)
        if listed is None:
            yield self._throughput(board)
            return
        closed = [one for one in listed if one.sprint.state == "closed"]
        closed.sort(key=_by_completion)
        yield self._overview(board, listed)
        again = [
            (number, one)
            for number, one in enumerate(closed, 1)
            if number == len(closed) or _is_new(one.sprint, mark.since)
        ]
        issues = self._issues(board)
        tallies = [(number, Tally(one.sprint, board.done, one.began_at)) for number, one in again]
        _add_removed(issues, [tally for _, tally in tallies])
        for number, tally in tallies:
            for issue in issues.of_sprint(tally.sprint):
                tally.add(issue)
            ref = f"{self.name} {title_of(tally.sprint)}"
            said = tuple(Skipped(ref=ref, reason=one) for one in tally.remarks())
            record_ = tally.closed(self._team, number)
            yield Batch((record_, *said), newest=tally.sprint.completed_at)

    def census(self, part: str) -> Census | None:
        """See `LiveSource.census`: sprints are not counted."""
        _ = part
        return None

    def probe(self) -> Iterator[Probe]:
        """See `LiveSource.probe`."""
        try:
            (part,) = self.parts()
            board = self._found(part)
            yield self._well(f"board {part} is there ({board.kind})")
            why = (
                board.estimate.origin or f"points are {' and '.join(board.estimate.fields)}, as set"
            )
            fix = "" if board.estimate.fields else "Set estimate_field beside the board."
            yield Probe(part=self.name, is_well=bool(board.estimate.fields), what=why, fix=fix)
            listed = None if board.kind == "kanban" else self._sprints(board)
            if listed is None:
                yield self._well("the board has no sprints; velocity is what is done in 14 days")
                return
            counts = [sum(one.sprint.state == state for one in listed) for state in _STATES]
            yield self._well(
                f"sprints: {counts[0]} closed, {counts[1]} active, {counts[2]} to come"
            )
            if listed:
                _ = sum(1 for _ in self._issues(board).of_sprint(listed[-1].sprint))
                yield self._well("issues of a sprint and their changelogs can be read")
        except DebtplanError as error:
            is_refused = isinstance(error, AuthenticationError)
            fix = f"{error.fix} Boards need the scopes {SCOPES}." if is_refused else error.fix
            yield Probe(part=self.name, is_well=False, what=error.what, fix=fix)

    def close(self) -> None:
        """See `LiveSource.close`."""
        self._server.close()
        self._fields = JiraFields(self._server, self._configured)
        self._board = None

    def _well(self, what: str) -> Probe:
        return Probe(part=self.name, is_well=True, what=what)

    def _found(self, part: str) -> _Board:
        """Return the board, asked for once.

        Raises:
            SourceError: There is none with this id or name, or several have the name.
        """
        if self._board is None:
            one = self._by_id(part) if part.isascii() and part.isdigit() else self._by_name(part)
            key = words(one.get("id"))
            answer = self._server.agile(f"board/{key}/configuration", allow=NOT_FOR_US)
            configuration: Json = answer.json() if answer.status == OK else {}
            done = done_statuses(configuration, ())
            if not done:
                done = done_statuses({}, list_of(self._server.get("status")))
            estimate = self._fields.by_board([configuration])
            self._board = _Board(key, words(one.get("type")), estimate, done)
        return self._board

    def _by_id(self, board: str) -> dict[str, Json]:
        found = dict(object_of(self._server.agile(f"board/{board}")))
        if words(found.get("id")) != board:
            what = f"{self._server.name} answers with another board than {board}."
            raise SourceError(what, "Run `debtplan doctor`; a proxy may answer in Jira's place.")
        return found

    def _by_name(self, name: str) -> dict[str, Json]:
        wanted = name.casefold()
        found = [
            record(one)
            for page in page_through(lambda start: self._named(name, start), "values")
            for one in page
            if words(record(one).get("name")).strip().casefold() == wanted
        ]
        if len(found) != 1:
            shown = clean_line(name, limit=60)
            many = f"{len(found)} boards are" if found else "No board that this token sees is"
            what = f"{many} named {shown!r} in {self._server.name}."
            raise SourceError(what, "Set board to the number in the board's address.")
        return found[0]

    def _named(self, name: str, start: int) -> Answer:
        return self._server.agile("board", name=name, startAt=str(start), maxResults=str(PAGE))

    def _issues(self, board: _Board) -> BoardIssues:
        names = {
            words(one.get("name")).strip().casefold(): words(one.get("id"))
            for one in map(record, self._fields.definitions)
        }
        vocabulary = Vocabulary(board.estimate, self._fields.sprints, names)
        return BoardIssues(self._server, board.id, vocabulary)

    def _sprints(self, board: _Board) -> list[_Listed] | None:
        """Return the board's sprints; None where it has none by its nature."""
        first = self._sprint_page(board, 0, allow=frozenset({_NO_SPRINTS}))
        if first.status == _NO_SPRINTS:
            return None
        pages = page_through(lambda start: self._sprint_page(board, start), "values", first)
        found: dict[str, _Listed] = {}
        for entry in (one for page in pages for one in page):
            sprint = parse_sprint(entry)
            if sprint is None:
                what = f"Board {board.id} of {self._server.name} lists what is no sprint."
                raise SourceError(what, "Run `debtplan doctor` to see what it answers.")
            found[sprint.id] = _Listed(sprint, instant(record(entry).get("activatedDate")))
        return list(found.values())

    def _sprint_page(
        self, board: _Board, start: int, *, allow: frozenset[int] = frozenset()
    ) -> Answer:
        path = f"board/{board.id}/sprint"
        asked = {"state": "closed,active,future", "startAt": str(start), "maxResults": str(PAGE)}
        return self._server.agile(path, allow=allow, **asked)

    def _overview(self, board: _Board, listed: list[_Listed]) -> Batch:
        """Return the sprints that are not over, and what there is to say about the board."""
        coming = tuple(
            _open_sprint(self._team, one.sprint) for one in listed if one.sprint.state != "closed"
        )
        remarks = [board.estimate.origin]
        if not listed:
            remarks.append(f"board {board.id} has no sprint yet")
        elif len(coming) == len(listed):
            remarks.append("no sprint is closed yet, so velocity is not known; set a capacity")
        said = (Skipped(ref=self.name, reason=one) for one in remarks if one)
        return Batch((*coming, *said), tells_ahead=True)

    def _throughput(self, board: _Board) -> Batch:
        windows = fortnights(self._server.now())
        counted = Throughput(windows, board.done, board.estimate)
        for issues in self._issues(board).changed(windows[0][0]):
            for issue in issues:
                counted.add(issue)
        remarks = (board.estimate.origin, *counted.remarks())
        said = (Skipped(ref=self.name, reason=one) for one in remarks if one)
        return Batch((*counted.closed(self._team), *said))


_STATES = ("closed", "active", "future")


def _open_sprint(team: str, sprint: JiraSprint) -> OpenSprint:
    return OpenSprint(
        team=team,
        id=sprint.id,
        name=title_of(sprint),
        is_active=sprint.state == "active",
        start_on=sprint.started_at.date() if sprint.started_at else None,
        end_on=sprint.ended_at.date() if sprint.ended_at else None,
    )


def _by_completion(one: _Listed) -> tuple[datetime, datetime, int]:
    never = datetime.min.replace(tzinfo=UTC)
    sprint = one.sprint
    end = sprint.completed_at or sprint.ended_at or never
    number = int(sprint.id[:18]) if sprint.id.isascii() and sprint.id.isdigit() else 0
    return end, sprint.started_at or never, number


def _is_new(sprint: JiraSprint, since: datetime | None) -> bool:
    """Tell whether a sprint was closed since the last walk; one without a date always may be."""
    return since is None or sprint.completed_at is None or sprint.completed_at >= since


def _add_removed(issues: BoardIssues, tallies: list[Tally]) -> None:
    """Count the issues that were in a sprint at its start and were taken out of it later.

    The list of a sprint's issues no longer has them, and JQL cannot ask for the past. Taking one
    out changed it, so it is among the board's issues that changed since.
    """
    starts = [at for one in tallies if (at := one.began_at or one.sprint.started_at)]
    if not starts:
        return
    for issue in issues.histories_since(min(starts)):
        for tally in tallies:
            if not issue.is_in(tally.sprint.id):
                tally.add(issue)
