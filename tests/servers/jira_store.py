"""The content of a fake Jira, and what its users do to it: every change leaves its changelog."""

import dataclasses
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from debtplan.core.decode import Json
from tests.servers.jira_index import SearchIndex
from tests.servers.jira_site import (
    Board,
    Change,
    Issue,
    Item,
    Link,
    LinkType,
    Project,
    Site,
    Sprint,
    Status,
    Version,
)

Ref = int | str | Issue
"""An issue, its id or its key; old keys of moved issues still find it."""

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class JiraStore:
    """Projects, boards, sprints and issues behind a virtual clock.

    Attributes:
        now: The server's time; set it or `advance` it. Changes happen at this instant.
        lag_s: Virtual seconds after which the search sees a change.
    """

    def __init__(self, site: Site, lag_s: float = 0) -> None:
        self.site = site
        self.now = START
        self.lag_s = lag_s
        self.projects: dict[str, Project] = {}
        self.boards: dict[int, Board] = {}
        self.sprints: dict[int, Sprint] = {}
        self.versions: dict[int, Version] = {}
        self.issues: dict[int, Issue] = {}
        self.index = SearchIndex()
        self.hidden: set[int] = set()
        self.hidden_projects: set[str] = set()
        self.statuses: dict[str, Status] = {}
        self.kinds: dict[str, str] = {}
        self.link_types: dict[str, LinkType] = {}
        self._keys: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._ids = itertools.count(10_001)
        self._change_ids = itertools.count(50_001)
        self._small_ids = itertools.count(1)
        self._define()

    def _define(self) -> None:
        for number, name in enumerate(("Epic", "Story", "Task", "Bug", "Sub-task")):
            self.kinds[name] = str(10_000 + number)
        self.add_status("To Do", "new")
        self.add_status("In Progress", "indeterminate")
        self.add_status("Done", "done")
        self.add_link_type("Blocks", "is blocked by", "blocks")
        self.add_link_type("Cloners", "is cloned by", "clones")
        self.add_link_type("Duplicate", "is duplicated by", "duplicates")
        self.add_link_type("Relates", "relates to", "relates to")

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.now += timedelta(seconds=seconds)

    def add_project(self, key: str, name: str = "", *, team_managed: bool = False) -> Project:
        """Open a project."""
        found = Project(10_000 + len(self.projects), key, name or f"{key} project", team_managed)
        self.projects[key] = found
        return found

    def add_status(self, name: str, category: str) -> Status:
        """Define a status; category new, indeterminate or done."""
        self.statuses[name] = Status(str(10_000 + len(self.statuses)), name, category)
        return self.statuses[name]

    def add_link_type(self, name: str, inward: str, outward: str) -> LinkType:
        """Define a kind of link, or rename one: a known name keeps its id."""
        known = self.link_types.get(name)
        key = known.id if known else str(10_000 + len(self.link_types))
        self.link_types[name] = LinkType(key, name, inward, outward)
        return self.link_types[name]

    def add_board(
        self, project: str, name: str = "", kind: str = "scrum", *, estimate: str | None = None
    ) -> Board:
        """Open a board; it counts the project's own estimate field unless told another, or ""."""
        owner = self.projects[project]
        counted = self.site.points_of(owner) if estimate is None else estimate
        key = next(self._small_ids)
        self.boards[key] = Board(key, name or f"{project} board", kind, project, counted)
        return self.boards[key]

    def add_version(self, project: str, name: str, **fields: Any) -> Version:
        """Make a version; `fields` are those of `Version`."""
        key = next(self._ids)
        self.versions[key] = Version(key, project, name, **fields)
        return self.versions[key]

    def release(self, version: Version, on: str | None, *, released: bool = True) -> Version:
        """Release a version on a day, or take that back; its issues do not change."""
        new = dataclasses.replace(version, released=released, released_on=on)
        self.versions[version.id] = new
        return new

    def add_sprint(
        self,
        board: Board,
        name: str = "",
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> Sprint:
        """Plan a future sprint."""
        key = next(self._small_ids)
        self.sprints[key] = Sprint(key, name or f"Sprint {key}", board.id, start=start, end=end)
        self.index.touch()
        return self.sprints[key]

    def start_sprint(self, sprint: Sprint | int, days: int = 14) -> Sprint:
        """Start a sprint now."""
        found = self.sprints[_id(sprint)]
        end = found.end or self.now + timedelta(days=days)
        return self._put(dataclasses.replace(found, state="active", start=self.now, end=end))

    def close_sprint(self, sprint: Sprint | int, move_to: Sprint | int | None = None) -> Sprint:
        """Close a sprint now; unfinished issues go to `move_to`, or back to the backlog.

        As in Jira, the closed sprint stays in the issues' sprint field, and going back to the
        backlog leaves no changelog entry.
        """
        key = _id(sprint)
        found = self._put(
            dataclasses.replace(self.sprints[key], state="closed", completed=self.now)
        )
        if move_to is not None:
            for issue in [one for one in self.issues.values() if key in one.sprints]:
                if self.statuses[issue.status].category != "done":
                    self.update(issue, sprint=move_to)
        return found

    def _put(self, sprint: Sprint) -> Sprint:
        self.sprints[sprint.id] = sprint
        self.index.touch()
        return sprint

    def create(self, project: str, summary: str = "", **values: Any) -> Issue:
        """Create an issue; values are fields of `Issue`, or `sprint`.

        As in Jira, what an issue is created with leaves no changelog entry.
        """
        number = self._numbers[project] = self._numbers.get(project, 0) + 1
        key, self_id = f"{self.projects[project].key}-{number}", next(self._ids)
        sprint, parent = values.pop("sprint", None), values.pop("parent", None)
        for name in ("labels", "components"):
            values[name] = tuple(values.get(name, ()))
        self._name_kind(values.get("kind", "Story"))
        issue = Issue(
            id=self_id,
            key=key,
            project=project,
            created=self.now,
            updated=self.now,
            summary=summary or f"Title of {key}",
            sprints=() if sprint is None else (_id(sprint),),
            parent=None if parent is None else self.get(parent).id,
            **values,
        )
        if self.statuses[issue.status].category == "done":
            issue = dataclasses.replace(issue, resolved=self.now)
        self._keys[key] = self_id
        self._save(issue)
        return issue

    def get(self, ref: Ref) -> Issue:
        """Return an issue as it is now.

        Raises:
            KeyError: There is none.
        """
        found = self.find(ref)
        if found is None:
            raise KeyError(ref)
        return found

    def find(self, ref: Ref) -> Issue | None:
        """Return an issue as it is now, hidden or not; None where there is none."""
        if isinstance(ref, Issue):
            return self.issues.get(ref.id)
        if isinstance(ref, str):
            number = int(ref) if ref.isascii() and ref.isdigit() else self._keys.get(ref.upper())
            return None if number is None else self.issues.get(number)
        return self.issues.get(ref)

    def is_visible(self, issue: Issue) -> bool:
        """Tell whether the token may see an issue."""
        return issue.id not in self.hidden and issue.project not in self.hidden_projects

    def update(self, ref: Ref, **values: Any) -> Issue:
        """Change fields of an issue, with one changelog entry.

        Args:
            ref: The issue.
            values: Fields of `Issue`; `sprint` puts it in a sprint, None takes it out.
        """
        issue = self.get(ref)
        new = {name: self._taken(name, value) for name, value in values.items()}
        if "sprint" in new:
            new["sprints"] = self._sprints_after(issue, new.pop("sprint"))
        if "status" in new:
            is_done = self.statuses[new["status"]].category == "done"
            new["resolved"] = (issue.resolved or self.now) if is_done else None
        items = tuple(
            self._item(name, getattr(issue, name), value, issue)
            for name, value in new.items()
            if name not in {"resolved", "other"} and getattr(issue, name) != value
        )
        return self._changed(issue, items, **new)

    def _taken(self, name: str, value: Any) -> Any:
        if name == "kind":
            self._name_kind(value)
        if name == "parent":
            return None if value is None else self.get(value).id
        if name in {"labels", "components"}:
            return tuple(value)
        return value

    def _name_kind(self, name: str) -> None:
        self.kinds.setdefault(name, str(10_000 + len(self.kinds)))

    def _sprints_after(self, issue: Issue, sprint: Sprint | int | None) -> tuple[int, ...]:
        """Return the sprint field after a move: closed sprints stay, open ones are left."""
        kept = tuple(one for one in issue.sprints if self.sprints[one].state == "closed")
        return kept if sprint is None else (*kept, _id(sprint))

    def _item(self, name: str, old: Any, new: Any, issue: Issue) -> Item:
        if name == "sprints":
            names = [", ".join(self.sprints[one].name for one in some) for some in (old, new)]
            keys = [", ".join(map(str, some)) for some in (old, new)]
            return Item("Sprint", self.site.sprint, keys[0], names[0], keys[1], names[1])
        if name == "points":
            project = self.projects[issue.project]
            label = "Story point estimate" if project.is_team_managed else "Story Points"
            field = self.site.points_of(project)
            return Item(label, field, None, _number(old), None, _number(new))
        if name == "status":
            before, after = self.statuses[old].id, self.statuses[new].id
            return Item("status", "status", before, old, after, new)
        if name in {"labels", "components"}:
            return Item(name, name, None, " ".join(old), None, " ".join(new))
        field = {"kind": "issuetype"}.get(name, name)
        return Item(field, field, None, _text(old), None, _text(new))

    def link(self, source: Ref, kind: str, target: Ref) -> Link:
        """Link two issues: `source` blocks `target`."""
        ends = self.get(source), self.get(target)
        made = Link(next(self._small_ids), self.link_types[kind], ends[0].id, ends[1].id)
        for issue, other, words in (
            (ends[0], ends[1], made.kind.outward),
            (ends[1], ends[0], made.kind.inward),
        ):
            text = f"This issue {words} {other.key}"
            item = Item("Link", "issuelinks", None, None, other.key, text)
            self._changed(issue, (item,), links=(*issue.links, made))
        return made

    def unlink(self, made: Link) -> None:
        """Take a link away from both its issues."""
        for end, other in ((made.source, made.target), (made.target, made.source)):
            issue = self.get(end)
            item = Item("Link", "issuelinks", self.get(other).key, f"This issue {made.kind.name}")
            left = tuple(one for one in issue.links if one.id != made.id)
            self._changed(issue, (item,), links=left)

    def move(self, ref: Ref, project: str) -> Issue:
        """Move an issue to another project: a new key, the same id; the old key still finds it."""
        issue = self.get(ref)
        number = self._numbers[project] = self._numbers.get(project, 0) + 1
        key = f"{project}-{number}"
        old, new = self.projects[issue.project], self.projects[project]
        items = (
            Item("project", "project", str(old.id), old.name, str(new.id), new.name),
            Item("Key", "", None, issue.key, None, key),
        )
        self._keys[key] = issue.id
        return self._changed(issue, items, key=key, project=project)

    def delete(self, ref: Ref) -> None:
        """Delete an issue, and the links that others have to it."""
        issue = self.get(ref)
        del self.issues[issue.id]
        self.index.note(issue.id, None, self.now, self.lag_s)
        for made in issue.links:
            other = self.issues.get(made.target if made.source == issue.id else made.source)
            if other is not None:
                left = tuple(one for one in other.links if one.id != made.id)
                self._save(dataclasses.replace(other, links=left))

    def archive(self, ref: Ref) -> Issue:
        """Archive an issue: no search finds it, its address still does."""
        return self._changed(self.get(ref), (), archived=self.now)

    def unarchive(self, ref: Ref) -> Issue:
        """Bring an archived issue back."""
        return self._changed(self.get(ref), (), archived=None)

    def hide(self, ref: Ref) -> None:
        """Take the permission to see an issue away, at once."""
        self.hidden.add(self.get(ref).id)
        self.index.touch()

    def show(self, ref: Ref) -> None:
        """Give it back."""
        self.hidden.discard(self.get(ref).id)
        self.index.touch()

    def hide_project(self, key: str) -> None:
        """Take the permission to see a project away, at once."""
        self.hidden_projects.add(key)
        self.index.touch()

    def show_project(self, key: str) -> None:
        """Give it back."""
        self.hidden_projects.discard(key)
        self.index.touch()

    def _changed(self, issue: Issue, items: Sequence[Item], **values: Any) -> Issue:
        history = issue.history
        if items:
            history = (*history, Change(next(self._change_ids), self.now, tuple(items)))
        changed = dataclasses.replace(issue, updated=self.now, history=history, **values)
        self._save(changed)
        return changed

    def _save(self, issue: Issue) -> None:
        self.issues[issue.id] = issue
        self.index.note(issue.id, issue, self.now, self.lag_s)

    def current(self) -> "SearchIndex":
        """Return what the search sees now."""
        self.index.refresh(self.now)
        return self.index


def _id(sprint: Sprint | int) -> int:
    return sprint if isinstance(sprint, int) else sprint.id


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _text(value: Json) -> str | None:
    return None if value is None else str(value)
