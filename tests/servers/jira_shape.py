"""How Jira writes its records as JSON, on Cloud and on Data Center."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from debtplan.core.decode import Json
from tests.servers.jira_site import (
    CATEGORIES,
    PRIORITIES,
    Board,
    Change,
    Issue,
    Item,
    Link,
    Project,
    Sprint,
    Version,
)
from tests.servers.jira_store import JiraStore

RECENT_CHANGES = 40
"""Entries that `expand=changelog` gives on Cloud: the newest (Jira Cloud REST v3, bulkfetch)."""

_TYPES = {"Epic": 1, "Sub-task": -1}


class Shape:
    """Writes records as one server does.

    Attributes:
        url: The site's address.
        zone: The account's time zone; Jira writes instants in it.
    """

    def __init__(self, store: JiraStore, url: str, zone: ZoneInfo) -> None:
        self.store = store
        self.site = store.site
        self.url = url
        self.rest = f"{url}/rest/api/{3 if store.site.is_cloud else 2}"
        self.zone = zone
        self._component_ids: dict[str, str] = {}
        self.builders: dict[str, Callable[[Issue], Json]] = {
            "summary": lambda issue: issue.summary,
            "status": lambda issue: self.status(issue.status),
            "issuetype": lambda issue: self.kind(issue.kind),
            "project": lambda issue: self.project(store.projects[issue.project]),
            "priority": self._priority,
            "labels": lambda issue: list(issue.labels),
            "components": self._components,
            "fixVersions": self._fix_versions,
            "issuelinks": self._links,
            "parent": self._parent,
            "created": lambda issue: self.instant(issue.created),
            "updated": lambda issue: self.instant(issue.updated),
            "resolutiondate": lambda issue: self.instant(issue.resolved),
            "statuscategorychangedate": lambda issue: self.instant(issue.resolved or issue.created),
            "resolution": self._resolution,
            "archiveddate": lambda issue: self.instant(issue.archived),
            "assignee": lambda issue: None,
            self.site.sprint: self._sprints,
            self.site.points: lambda issue: self._points(issue, team_managed=False),
        }
        if self.site.is_cloud:
            self.builders[self.site.team_points] = lambda one: self._points(one, team_managed=True)
        else:
            self.builders[self.site.epic_link] = self._epic_link
            del self.builders["statuscategorychangedate"]

    def instant(self, at: datetime | None) -> str | None:
        """Return `2026-11-02T10:00:00.000+0100`; None for None."""
        if at is None:
            return None
        local = at.astimezone(self.zone)
        return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"

    def issue(
        self, issue: Issue, fields: Sequence[str] | None, expand: str = "", version: int = 3
    ) -> dict[str, Json]:
        """Return an issue.

        Args:
            issue: As the search or the store has it.
            fields: What was asked for; None for everything.
            expand: `changelog` adds the changelog.
            version: Of the API; descriptions are ADF documents from 3 on.
        """
        found: dict[str, Json] = {
            "expand": "renderedFields,names,schema,operations,editmeta,changelog",
            "id": str(issue.id),
            "self": f"{self.url}/rest/api/{version}/issue/{issue.id}",
            "key": issue.key,
        }
        wanted = self.wanted(fields)
        if wanted:
            found["fields"] = self._fields(issue, wanted, version)
        if "changelog" in expand.split(","):
            found["changelog"] = self._changelog(issue)
        return found

    def wanted(self, fields: Sequence[str] | None) -> list[str]:
        """Return the names of the fields asked for; None and `*all` are all of them."""
        every = [*self.builders, "description"]
        if fields is None:
            return every
        plain = [name for name in fields if name[:1] not in {"-", "*"}]
        dropped = {name[1:] for name in fields if name.startswith("-")}
        if not plain or any(name in {"*all", "*navigable"} for name in fields):
            plain = [*every, *plain]
        return [name for name in dict.fromkeys(plain) if name not in dropped]

    def _fields(self, issue: Issue, wanted: Iterable[str], version: int) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for name in wanted:
            if name in issue.other:
                found[name] = issue.other[name]
            elif name == "description":
                found[name] = self._description(issue, version)
            elif name in self.builders:
                found[name] = self.builders[name](issue)
        for name in ("parent", "archiveddate"):
            if found.get(name, 0) is None:
                del found[name]  # Jira leaves them out where there is nothing to say.
        return found

    def _description(self, issue: Issue, version: int) -> Json:
        value = issue.description
        if version >= 3 and isinstance(value, str):
            return _document(value)
        if version < 3 and isinstance(value, dict):
            return "\n".join(_texts(value))
        return value

    def _points(self, issue: Issue, *, team_managed: bool) -> float | None:
        project = self.store.projects[issue.project]
        return issue.points if project.is_team_managed == team_managed else None

    def status(self, name: str) -> dict[str, Json]:
        """Return a status with its category."""
        status = self.store.statuses[name]
        number, label, colour = CATEGORIES[status.category]
        category: dict[str, Json] = {
            "self": f"{self.rest}/statuscategory/{number}",
            "id": number,
            "key": status.category,
            "colorName": colour,
            "name": self.site.say(label),
        }
        return {
            "self": f"{self.rest}/status/{status.id}",
            "name": self.site.say(name),
            "id": status.id,
            "statusCategory": category,
        }

    def kind(self, name: str) -> dict[str, Json]:
        """Return an issue type."""
        found: dict[str, Json] = {
            "id": self.store.kinds[name],
            "name": self.site.say(name),
            "subtask": name == "Sub-task",
        }
        return found | ({"hierarchyLevel": _TYPES.get(name, 0)} if self.site.is_cloud else {})

    def project(self, project: Project) -> dict[str, Json]:
        """Return a project."""
        found: dict[str, Json] = {
            "self": f"{self.rest}/project/{project.id}",
            "id": str(project.id),
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "software",
        }
        if self.site.is_cloud:
            style = "next-gen" if project.is_team_managed else "classic"
            found |= {"simplified": project.is_team_managed, "style": style}
        return found

    def version(self, version: Version) -> dict[str, Json]:
        """Return a version; days that it has not are left out."""
        found: dict[str, Json] = {
            "self": f"{self.rest}/version/{version.id}",
            "id": str(version.id),
            "description": "",
            "name": version.name,
            "archived": version.archived,
            "released": version.released,
            "projectId": self.store.projects[version.project].id,
        }
        return found | ({"releaseDate": version.released_on} if version.released_on else {})

    def _fix_versions(self, issue: Issue) -> Json:
        known = self.store.versions
        return [self.version(known[one]) for one in issue.fix_versions if one in known]

    def _priority(self, issue: Issue) -> Json:
        return {"id": str(PRIORITIES.index(issue.priority) + 1), "name": issue.priority}

    def _components(self, issue: Issue) -> Json:
        known = self._component_ids
        return [
            {"id": known.setdefault(name, str(20_000 + len(known))), "name": name}
            for name in issue.components
        ]

    def _brief(self, key: int) -> dict[str, Json] | None:
        """Return an issue as others mention it; None where it cannot be seen."""
        other = self.store.issues.get(key)
        if other is None or not self.store.is_visible(other):
            return None
        fields = self._fields(other, ("summary", "status", "priority", "issuetype"), 3)
        where = f"{self.rest}/issue/{other.id}"
        return {"id": str(other.id), "key": other.key, "self": where, "fields": fields}

    def _links(self, issue: Issue) -> Json:
        return [found for link in issue.links if (found := self._link(issue, link))]

    def _link(self, issue: Issue, link: Link) -> dict[str, Json] | None:
        is_source = link.source == issue.id
        other = self._brief(link.target if is_source else link.source)
        if other is None:
            return None
        return {
            "id": str(link.id),
            "self": f"{self.rest}/issueLink/{link.id}",
            "type": self.link_type(link.kind.name),
            "outwardIssue" if is_source else "inwardIssue": other,
        }

    def link_type(self, name: str) -> dict[str, Json]:
        """Return a kind of link, as it is named today."""
        kind, say = self.store.link_types[name], self.site.say
        return {
            "id": kind.id,
            "name": say(kind.name),
            "inward": say(kind.inward),
            "outward": say(kind.outward),
            "self": f"{self.rest}/issueLinkType/{kind.id}",
        }

    def _resolution(self, issue: Issue) -> Json:
        return None if issue.resolved is None else {"id": "10000", "name": "Done"}

    def _parent(self, issue: Issue) -> Json:
        """Return the parent; on Data Center only sub-tasks have one, others an epic link."""
        if issue.parent is None or not (self.site.is_cloud or issue.kind == "Sub-task"):
            return None
        return self._brief(issue.parent)

    def _epic_link(self, issue: Issue) -> Json:
        epic = self.store.issues.get(issue.parent or 0)
        return None if epic is None or issue.kind == "Sub-task" else epic.key

    def _sprints(self, issue: Issue) -> Json:
        sprints = [self.store.sprints[one] for one in issue.sprints]
        if not sprints:
            return None
        if not self.site.is_cloud:
            return [self._old_sprint(one) for one in sprints]
        return [self._sprint_in_field(one) for one in sprints]

    def _sprint_in_field(self, sprint: Sprint) -> Json:
        found = self.sprint(sprint)
        del found["self"], found["originBoardId"]
        return found | {"boardId": sprint.board}

    def _old_sprint(self, sprint: Sprint) -> str:
        """Return the Java text that Data Center puts in the sprint field."""

        def said(at: datetime | None) -> str:
            return self.instant(at) or "<null>"

        return (
            f"com.atlassian.greenhopper.service.sprint.Sprint@{sprint.id:08x}[id={sprint.id},"
            f"rapidViewId={sprint.board},state={sprint.state.upper()},name={sprint.name},"
            f"startDate={said(sprint.start)},endDate={said(sprint.end)},"
            f"completeDate={said(sprint.completed)},activatedDate={said(sprint.start)},"
            f"sequence={sprint.id},goal={sprint.goal}]"
        )

    def sprint(self, sprint: Sprint) -> dict[str, Json]:
        """Return a sprint; dates that are not known yet are left out."""
        found: dict[str, Json] = {
            "id": sprint.id,
            "self": f"{self.url}/rest/agile/1.0/sprint/{sprint.id}",
            "state": sprint.state,
            "name": sprint.name,
        }
        ends = (("startDate", sprint.start), ("endDate", sprint.end))
        for name, at in (*ends, ("completeDate", sprint.completed)):
            if at is not None:
                found[name] = _utc(at) if self.site.is_cloud else self.instant(at)
        return found | {"originBoardId": sprint.board, "goal": sprint.goal}

    def board(self, board: Board) -> dict[str, Json]:
        """Return a board."""
        project = self.store.projects[board.project]
        location: dict[str, Json] = {
            "projectId": project.id,
            "displayName": f"{project.name} ({project.key})",
            "projectName": project.name,
            "projectKey": project.key,
            "projectTypeKey": "software",
            "name": f"{project.name} ({project.key})",
        }
        found: dict[str, Json] = {
            "id": board.id,
            "self": f"{self.url}/rest/agile/1.0/board/{board.id}",
            "name": board.name,
            "type": board.kind,
        }
        return found | ({"location": location} if self.site.is_cloud else {})

    def change(self, change: Change) -> dict[str, Json]:
        """Return a changelog entry."""
        author: dict[str, Json] = {"displayName": "Ada Example", "active": True}
        author |= {"accountId": "5f0c"} if self.site.is_cloud else {"name": "ada", "key": "ada"}
        return {
            "id": str(change.id),
            "author": author,
            "created": self.instant(change.at),
            "items": [self._item(one) for one in change.items],
        }

    def _item(self, item: Item) -> Json:
        is_custom = item.field_id.startswith("customfield_")
        found: dict[str, Json] = {
            "field": item.name,
            "fieldtype": "custom" if is_custom else "jira",
            "from": item.before,
            "fromString": item.before_text,
            "to": item.after,
            "toString": item.after_text,
        }
        if self.site.is_cloud and item.field_id:
            found["fieldId"] = item.field_id
        return found

    def _changelog(self, issue: Issue) -> Json:
        """Return what `expand=changelog` adds: the newest 40 on Cloud, all on Data Center."""
        shown = issue.history
        if self.site.is_cloud:
            shown = shown[::-1][:RECENT_CHANGES]
        return {
            "startAt": 0,
            "maxResults": len(shown),
            "total": len(issue.history),
            "histories": [self.change(one) for one in shown],
        }


def _utc(at: datetime) -> str:
    here = at.astimezone(UTC)
    return f"{here:%Y-%m-%dT%H:%M:%S}.{here.microsecond // 1000:03d}Z"


def _document(text: str) -> dict[str, Json]:
    """Return text as an ADF document, a paragraph for each line; no text node has a line break."""
    paragraphs: list[Json] = [
        {"type": "paragraph", "content": [{"type": "text", "text": line}] if line else []}
        for line in text.splitlines()
    ]
    return {"type": "doc", "version": 1, "content": paragraphs}


def _texts(node: Json) -> list[str]:
    if isinstance(node, dict):
        own = [str(node["text"])] if "text" in node else []
        return own + _texts(node.get("content"))
    return [text for one in node for text in _texts(one)] if isinstance(node, list) else []
