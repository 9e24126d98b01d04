"""The agile endpoints of a fake Jira: boards, sprints and what is in them."""

from debtplan.core.decode import Json
from tests.servers.harness import Reply, Seen, reply
from tests.servers.jira_desk import Desk, Handler, Refusal, Routes, listed, page_of, whole_number
from tests.servers.jira_rest import SiteRest
from tests.servers.jira_site import Board, Sprint

BASE = "/rest/agile/1.0"
PAGE = 50
"""Most boards or sprints of a page (JSWCLOUD-18382)."""

_ISSUE_PAGE = 100
_STATES = ("closed", "active", "future")


class Agile:
    """Answers the agile endpoints."""

    def __init__(self, desk: Desk, rest: SiteRest) -> None:
        self._desk = desk
        self._rest = rest

    def routes(self) -> Routes:
        """Return its endpoints."""
        found: dict[str, Handler] = {
            f"{BASE}/board": self._boards,
            f"{BASE}/board/{{}}": self._one_board,
            f"{BASE}/board/{{}}/configuration": self._configuration,
            f"{BASE}/board/{{}}/sprint": self._sprints,
            f"{BASE}/board/{{}}/issue": self._board_issues,
            f"{BASE}/board/{{}}/backlog": self._backlog,
            f"{BASE}/sprint/{{}}": self._one_sprint,
            f"{BASE}/sprint/{{}}/issue": self._sprint_issues,
        }
        return {("GET", path): handler for path, handler in found.items()}

    def _board(self, ref: str) -> Board:
        found = self._desk.store.boards.get(int(ref)) if ref.isdigit() else None
        if found is None or found.project in self._desk.store.hidden_projects:
            raise Refusal(
                404,
                "The requested board cannot be viewed because it either does not"
                " exist or you do not have permission to view it.",
            )
        return found

    def _sprint(self, ref: str) -> Sprint:
        found = self._desk.store.sprints.get(int(ref)) if ref.isdigit() else None
        if found is None:
            raise Refusal(
                404, f"Sprint with id {ref} does not exist or you don't have permission to view it."
            )
        return found

    def _boards(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        store, asked = self._desk.store, seen.query
        boards = [one for one in store.boards.values() if one.project not in store.hidden_projects]
        if ref := asked.get("projectKeyOrId"):
            keys = [one.key for one in store.projects.values() if ref in {one.key, str(one.id)}]
            if not keys or keys[0] in store.hidden_projects:
                raise Refusal(400, f"No project could be found with key or id '{ref}'.")
            boards = [one for one in boards if one.project == keys[0]]
        if kinds := listed(asked.get("type")):
            boards = [one for one in boards if one.kind in kinds]
        if name := asked.get("name"):
            boards = [one for one in boards if name.casefold() in one.name.casefold()]
        shaped: list[Json] = [self._desk.shape.board(one) for one in boards]
        return reply(page_of(shaped, seen, PAGE))

    def _one_board(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        return reply(self._desk.shape.board(self._board(parts[0])))

    def _configuration(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        desk, board = self._desk, self._board(parts[0])
        project, url = desk.store.projects[board.project], desk.shape.url
        found: dict[str, Json] = {
            "id": board.id,
            "name": board.name,
            "type": board.kind,
            "self": f"{url}{BASE}/board/{board.id}/configuration",
            "location": {
                "type": "project",
                "key": project.key,
                "id": str(project.id),
                "self": f"{url}/rest/api/2/project/{project.id}",
                "name": project.name,
            },
            "filter": {"id": str(10_000 + board.id), "self": f"{url}/rest/api/2/filter/{board.id}"},
            "columnConfig": {"columns": self._columns(), "constraintType": "none"},
            "ranking": {"rankCustomFieldId": 10019},
        }
        if board.kind != "kanban":
            found["estimation"] = self._estimation(board)
        return reply(found)

    def _columns(self) -> list[Json]:
        """Return a column for each status, in the order of the categories."""
        url = self._desk.shape.url
        return [
            {
                "name": self._desk.store.site.say(one.name),
                "statuses": [{"id": one.id, "self": f"{url}/rest/api/2/status/{one.id}"}],
            }
            for category in ("new", "indeterminate", "done")
            for one in self._desk.store.statuses.values()
            if one.category == category
        ]

    def _estimation(self, board: Board) -> Json:
        if not board.estimate:
            return {"type": "issueCount"}
        names = {one["id"]: one["name"] for one in self._desk.store.site.fields()}
        label = names.get(board.estimate, board.estimate)
        return {"type": "field", "field": {"fieldId": board.estimate, "displayName": label}}

    def _sprints(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        board = self._board(parts[0])
        if board.kind == "kanban":
            raise Refusal(400, "The board does not support sprints")
        asked = listed(seen.query.get("state")) or [*_STATES]
        if not set(asked) <= set(_STATES):
            raise Refusal(400, f"Unexpected sprint state in '{','.join(asked)}'.")
        shaped: list[Json] = [
            self._desk.shape.sprint(one)
            for state in _STATES
            for one in self._desk.store.sprints.values()
            if state in asked and one.state == state and one.board == board.id
        ]
        found = page_of(shaped, seen, PAGE)
        if not self._desk.is_cloud:
            del found["total"]  # Data Center does not count sprints.
        return reply(found)

    def _one_sprint(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        return reply(self._desk.shape.sprint(self._sprint(parts[0])))

    def _sprint_issues(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        return self._issues(seen, f"sprint = {self._sprint(parts[0]).id}")

    def _board_issues(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        return self._issues(seen, _filter(self._board(parts[0])))

    def _backlog(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        """Answer what is not done and in no sprint that is open or planned."""
        free = (
            "statusCategory != Done AND NOT (sprint in openSprints() OR sprint in futureSprints())"
        )
        return self._issues(seen, f"{_filter(self._board(parts[0]))} AND {free}")

    def _issues(self, seen: Seen, jql: str) -> Reply:
        more, _, order = (seen.query.get("jql") or "").partition("ORDER BY")
        if more.strip():
            jql = f"{jql} AND ({more})"
        size = min(max(0, whole_number(seen, "maxResults", PAGE)), _ISSUE_PAGE)
        start = max(0, whole_number(seen, "startAt", 0))
        jql = f"{jql} ORDER BY {order.strip() or 'key ASC'}"
        return self._rest.issues(jql, dict(seen.query), start, size)


def _filter(board: Board) -> str:
    return f"({board.jql})" if board.jql else f'project = "{board.project}"'
