"""Projects of a fake GitHub (Projects v2): what is on them, and their REST answers."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tests.servers.github_access import Token, sees, sees_project
from tests.servers.github_desk import Desk, not_found, refuse
from tests.servers.github_lists import Answer, answer, cursor_page
from tests.servers.github_records import (
    Field,
    Issue,
    Item,
    Iteration,
    Project,
    Value,
)
from tests.servers.github_shape import Record, Shape
from tests.servers.github_store import GithubStore, IssueRef
from tests.servers.harness import Seen

SCOPES = ("read:project", "project")


class Board:
    """A project in the hands of a test."""

    def __init__(self, store: GithubStore, project: Project) -> None:
        self._store = store
        self.project = project
        self.add_field("Title", "title")

    def add_field(self, name: str, data_type: str, **more: Any) -> Field:
        """Add a field; `more` are those of `Field`."""
        made = Field(self._store.new_id(), name, data_type, **more)
        self.project.fields.append(made)
        return made

    def add_iterations(self, name: str, first: date, days: int, titles: Sequence[str]) -> Field:
        """Add an iteration field whose sprints follow each other without a gap."""
        made = tuple(
            Iteration(f"{self._store.new_id():08x}", title, first + timedelta(days=days * n), days)
            for n, title in enumerate(titles)
        )
        return self.add_field(name, "iteration", iterations=made)

    def add(self, ref: IssueRef, values: Mapping[str, Value | None] | None = None) -> Item:
        """Put an issue on the board, with the values of its fields by name."""
        stamp = self._store.stamp
        made = Item(self._store.new_id(), self._store.issue(ref).id, stamp, stamp)
        return self._put(made, values)

    def add_draft(self, title: str, values: Mapping[str, Value | None] | None = None) -> Item:
        """Put a draft on the board, which belongs to no repository."""
        stamp = self._store.stamp
        return self._put(Item(self._store.new_id(), None, stamp, stamp, title), values)

    def set(self, item: Item, values: Mapping[str, Value | None]) -> None:
        """Set fields by name, None empties one; an iteration is named by its title.

        The issue's `updated_at` stays as it is: only the item changes.
        """
        for name, value in values.items():
            found = self.project.field(name)
            if value is None:
                item.values.pop(found.id, None)
            elif found.data_type == "iteration":
                item.values[found.id] = next(i.id for i in found.iterations if i.title == value)
            else:
                item.values[found.id] = value
        item.updated_at = self._store.stamp

    def remove(self, item: Item) -> None:
        self.project.items.remove(item)

    def _put(self, item: Item, values: Mapping[str, Value | None] | None) -> Item:
        self.project.items.append(item)
        self.set(item, values or {})
        return item


class Boards:
    """All projects, and how REST shows them."""

    def __init__(self, desk: Desk, shape: Shape) -> None:
        self._desk = desk
        self._store = desk.store
        self._shape = shape
        self.projects: list[Project] = []

    def add(self, owner: str, title: str, owner_kind: str = "Organization") -> Board:
        """Make a project with the owner's next number."""
        number = 1 + sum(one.owner.lower() == owner.lower() for one in self.projects)
        stamp = self._store.stamp
        key = self._store.new_id()
        made = Project(key, number, owner, owner_kind, title, stamp, stamp)
        self.projects.append(made)
        return Board(self._store, made)

    def of(self, kind: str, owner: str, token: Token) -> list[Project]:
        """Return the projects of an organisation (`orgs`) or a person (`users`) that are seen."""
        owner_kind = "Organization" if kind == "orgs" else "User"
        return [
            one
            for one in self.projects
            if one.owner.lower() == owner.lower()
            and one.owner_kind == owner_kind
            and sees_project(token, one)
        ]

    def issue_of(self, item: Item, token: Token) -> Issue | None:
        """Return the issue of an item if it is there and may be seen."""
        if item.issue is None:
            return None
        try:
            found = self._store.issue(item.issue)
        except KeyError:
            return None
        return found if sees(token, self._store.repos[found.repo]) else None

    def items(self, project: Project) -> list[Item]:
        """Return the items that are neither archived nor left by their issue."""
        return [one for one in project.items if one.archived_at is None and self._is_there(one)]

    def _is_there(self, item: Item) -> bool:
        try:
            return item.issue is None or bool(self._store.issue(item.issue))
        except KeyError:
            return False

    def answer(
        self, seen: Seen, token: Token, owner: tuple[str, str], number: str, rest: str
    ) -> Answer:
        """Answer a request for projects, one project, its fields or its items.

        Raises:
            Refusal: The token may not, or there is no such project.
        """
        if not token.has_scope(*SCOPES):
            raise refuse(403, "Resource not accessible", X_Accepted_OAuth_Scopes="read:project")
        if not token.may("organization_projects"):
            raise token.missing("organization_projects")
        found = self.of(*owner, token)
        if not number:
            return cursor_page(self._desk, seen, found, self._project)
        project = next((one for one in found if one.number == int(number)), None)
        if project is None:
            raise not_found()
        if rest == "/fields":
            return cursor_page(
                self._desk, seen, project.fields, lambda one: self._field(project, one)
            )
        if "q" in seen.query:
            raise refuse(501, "This fake does not know q.")
        if rest == "/items":
            shown = read_fields(seen, project)
            return cursor_page(
                self._desk,
                seen,
                self.items(project),
                lambda one: self._item(project, one, shown, token),
            )
        return answer(self._project(project))

    def _url(self, project: Project) -> str:
        kind = "orgs" if project.owner_kind == "Organization" else "users"
        return f"{self._desk.api}/{kind}/{project.owner}/projectsV2/{project.number}"

    def _project(self, project: Project) -> Record:
        return {
            "id": project.id,
            "node_id": project.node_id,
            "owner": self._shape.person(project.owner, project.owner_kind),
            "creator": self._shape.person("octocat"),
            "title": project.title,
            "description": None,
            "public": project.public,
            "closed_at": None,
            "created_at": project.created_at,
            "updated_at": project.updated_at,
            "number": project.number,
            "short_description": None,
            "deleted_at": None,
            "deleted_by": None,
            "state": "closed" if project.closed else "open",
            "latest_status_update": None,
            "is_template": False,
        }

    def _field(self, project: Project, shown: Field) -> Record:
        made: Record = {
            "id": shown.id,
            "node_id": shown.node_id,
            "name": shown.name,
            "data_type": shown.data_type,
            "project_url": self._url(project),
            "created_at": project.created_at,
            "updated_at": project.created_at,
        }
        if shown.data_type == "iteration":
            made["configuration"] = {
                "start_day": 1,
                "duration": shown.iterations[0].days if shown.iterations else 14,
                "iterations": [self._iteration(one) for one in shown.iterations],
            }
        if shown.data_type == "single_select":
            made["options"] = [_option(name) for name in shown.options]
        return made

    def _iteration(self, one: Iteration) -> Record:
        return {
            "id": one.id,
            "title": _text(one.title),
            "start_date": one.start_on.isoformat(),
            "duration": one.days,
            "completed": one.is_completed(self._store.now.date()),
        }

    def _item(self, project: Project, item: Item, shown: Sequence[Field], token: Token) -> Record:
        issue = self.issue_of(item, token)
        title = item.title if issue is None else issue.title
        kind = "DraftIssue"
        content: Record | None = {"title": item.title, "body": None, "id": item.id}
        if item.issue is not None:
            kind = "PullRequest" if issue and issue.is_pull else "Issue"
            content = None if issue is None else self._shape.issue(issue)
        url = self._url(project)
        return {
            "id": item.id,
            "node_id": item.node_id,
            "project_url": url,
            "content_type": kind,
            "content": content,
            "creator": self._shape.person("octocat"),
            "created_at": item.created_at,
            "updated_at": item.updated_at,
            "archived_at": item.archived_at,
            "item_url": f"{url}/items/{item.id}",
            "fields": [
                {
                    "id": one.id,
                    "name": one.name,
                    "data_type": one.data_type,
                    "value": self._value(one, item, title),
                }
                for one in shown
            ],
        }

    def _value(self, shown: Field, item: Item, title: str) -> Any:
        if shown.data_type == "title":
            return _text(title)
        value = item.values.get(shown.id)
        if value is None or shown.data_type in ("number", "date"):
            return value
        if shown.data_type == "iteration":
            return next(self._iteration(one) for one in shown.iterations if one.id == value)
        return _option(str(value)) if shown.data_type == "single_select" else _text(str(value))


def read_fields(seen: Seen, project: Project) -> list[Field]:
    """Return the fields an item list shows: those asked for by id, else the title alone."""
    asked = {name for name in seen.query.get("fields", "").split(",") if name}
    if not asked:
        return [one for one in project.fields if one.data_type == "title"]
    return [one for one in project.fields if str(one.id) in asked]


def _text(text: str) -> Record:
    return {"raw": text, "html": text}


def _option(name: str) -> Record:
    return {"id": name.lower(), "name": _text(name), "color": "GRAY", "description": _text("")}
