"""What a Jira site holds: its records, its fixed lists and how it names them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from debtplan.core.decode import Json

Deployment = Literal["Cloud", "Server"]

CATEGORIES = {"new": (2, "To Do", "blue-gray"), "indeterminate": (4, "In Progress", "yellow")} | {
    "done": (3, "Done", "green")
}
"""By key: id, name and colour of the status categories, which no site can change."""

PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")

GERMAN = {
    "To Do": "Zu erledigen",
    "In Progress": "In Arbeit",
    "Done": "Fertig",
    "Epic": "Epos",
    "Task": "Aufgabe",
    "Sub-task": "Unteraufgabe",
    "Bug": "Fehler",
    "Story Points": "Story-Punkte",
    "Story point estimate": "Story-Point-Schätzung",
    "Summary": "Zusammenfassung",
    "Labels": "Stichwörter",
    "Epic Link": "Epos-Verknüpfung",
    "Blocks": "Blockiert",
    "blocks": "blockiert",
    "is blocked by": "wird blockiert von",
}
"""How a site whose language is German says it."""


@dataclass(frozen=True)
class Status:
    """A status; `category` is new, indeterminate or done."""

    id: str
    name: str
    category: str


@dataclass(frozen=True)
class LinkType:
    """A kind of link; "A `outward` B", "B `inward` A"."""

    id: str
    name: str
    inward: str
    outward: str


@dataclass(frozen=True)
class Link:
    """A link that both its issues hold: `source` blocks `target`."""

    id: int
    kind: LinkType
    source: int
    target: int


@dataclass(frozen=True)
class Project:
    """A project.

    Attributes:
        is_team_managed: Has the field "Story point estimate" in place of "Story Points".
    """

    id: int
    key: str
    name: str
    is_team_managed: bool = False


@dataclass(frozen=True)
class Version:
    """A version of a project.

    Attributes:
        released_on: As Jira writes a day; None where it has none.
    """

    id: int
    project: str
    name: str
    released: bool = False
    released_on: str | None = None
    archived: bool = False


@dataclass(frozen=True)
class Board:
    """A board.

    Attributes:
        kind: scrum, kanban or simple; a kanban board has no sprints.
        estimate: Id of the field it counts, "" where it counts issues.
        jql: What it shows; its project where empty.
    """

    id: int
    name: str
    kind: str
    project: str
    estimate: str
    jql: str = ""


@dataclass(frozen=True)
class Sprint:
    """A sprint; `state` is future, active or closed."""

    id: int
    name: str
    board: int
    state: str = "future"
    start: datetime | None = None
    end: datetime | None = None
    completed: datetime | None = None
    goal: str = ""


@dataclass(frozen=True)
class Item:
    """One changed field of a changelog entry, as Jira writes it."""

    name: str
    field_id: str
    before: str | None = None
    before_text: str | None = None
    after: str | None = None
    after_text: str | None = None


@dataclass(frozen=True)
class Change:
    """A changelog entry."""

    id: int
    at: datetime
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it stood from one change to the next.

    Attributes:
        description: Text, or an ADF document.
        parent: Id of its epic or parent issue.
        sprints: Ids of every sprint it was in, except open ones it was taken out of.
        other: Fields served as they are, in place of the ones above.
    """

    id: int
    key: str
    project: str
    created: datetime
    updated: datetime
    summary: str
    kind: str = "Story"
    status: str = "To Do"
    priority: str = "Medium"
    description: Json = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    fix_versions: tuple[int, ...] = ()
    points: float | None = None
    parent: int | None = None
    sprints: tuple[int, ...] = ()
    links: tuple[Link, ...] = ()
    resolved: datetime | None = None
    archived: datetime | None = None
    other: Mapping[str, Json] = field(default_factory=dict)
    history: tuple[Change, ...] = ()

    @property
    def number(self) -> int:
        return int(self.key.rpartition("-")[2])


@dataclass(frozen=True)
class Site:
    """Which fields and names a site has.

    Attributes:
        language: `en` or `de`.
    """

    deployment: Deployment = "Cloud"
    language: str = "en"

    @property
    def is_cloud(self) -> bool:
        return self.deployment == "Cloud"

    @property
    def points(self) -> str:
        """The field "Story Points" of company-managed projects."""
        return "customfield_10026" if self.is_cloud else "customfield_10106"

    @property
    def team_points(self) -> str:
        """The field "Story point estimate" of team-managed projects, Cloud only."""
        return "customfield_10016"

    @property
    def sprint(self) -> str:
        return "customfield_10020" if self.is_cloud else "customfield_10104"

    @property
    def epic_link(self) -> str:
        return "customfield_10014" if self.is_cloud else "customfield_10101"

    def points_of(self, project: Project) -> str:
        """Return the field that holds the estimates of a project."""
        return self.team_points if project.is_team_managed else self.points

    def say(self, name: str) -> str:
        """Return a name as the site's language has it."""
        return GERMAN.get(name, name) if self.language == "de" else name

    def fields(self) -> list[dict[str, Json]]:
        """Return the field list."""
        found: list[dict[str, Json]] = [
            self._system("summary", "Summary", "string"),
            self._system("description", "Description", "string"),
            self._system("status", "Status", "status"),
            self._system("issuetype", "Issue Type", "issuetype", "type"),
            self._system("priority", "Priority", "priority"),
            self._system("labels", "Labels", "array", items="string"),
            self._system("components", "Components", "array", "component", items="component"),
            self._system("issuelinks", "Linked Issues", "array", items="issuelinks"),
            self._system("project", "Project", "project"),
            self._system("created", "Created", "datetime", "createdDate"),
            self._system("updated", "Updated", "datetime", "updatedDate"),
            self._system("resolutiondate", "Resolved", "datetime", "resolved"),
            self._custom(self.sprint, "Sprint", "array", "com.pyxis.greenhopper.jira:gh-sprint"),
            self._custom(
                self.epic_link, "Epic Link", "any", "com.pyxis.greenhopper.jira:gh-epic-link"
            ),
            self._custom(
                self.points,
                "Story Points",
                "number",
                "com.atlassian.jira.plugin.system.customfieldtypes:float",
            ),
        ]
        if self.is_cloud:
            kind = "com.pyxis.greenhopper.jira:jsw-story-points"
            found.append(self._custom(self.team_points, "Story point estimate", "number", kind))
        return found

    def _system(
        self, key: str, name: str, kind: str, *clauses: str, items: str = ""
    ) -> dict[str, Json]:
        schema: dict[str, Json] = {"type": kind, "system": key}
        if items:
            schema["items"] = items
        return self._field(key, self.say(name), [key, *clauses], schema, custom=False)

    def _custom(self, key: str, name: str, kind: str, custom: str) -> dict[str, Json]:
        number = int(key.rpartition("_")[2])
        schema: dict[str, Json] = {"type": kind, "custom": custom, "customId": number}
        if kind == "array":
            schema["items"] = "json" if self.is_cloud else "string"
        said = self.say(name)
        return self._field(key, said, [f"cf[{number}]", said], schema, custom=True)

    def _field(
        self, key: str, name: str, clauses: list[str], schema: dict[str, Json], *, custom: bool
    ) -> dict[str, Json]:
        found: dict[str, Json] = {"id": key, "name": name, "custom": custom, "orderable": True}
        found |= {"navigable": True, "searchable": True, "clauseNames": [*clauses]}
        if self.is_cloud:
            found["key"] = key
        return found | {"schema": schema}
