"""What a fake GitHub holds: frozen records that every change replaces."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta


def stamp(instant: datetime) -> str:
    """Return an instant as GitHub writes it: UTC, whole seconds; such texts sort by time."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone; its counts follow the issues.

    Attributes:
        due_on: As GitHub writes an instant, or None.
    """

    id: int
    number: int
    title: str
    created_at: str
    updated_at: str
    state: str = "open"
    description: str | None = None
    due_on: str | None = None
    closed_at: str | None = None
    open_issues: int = 0
    closed_issues: int = 0


@dataclass(frozen=True, slots=True)
class IssueType:
    id: int
    name: str
    description: str | None = None
    color: str | None = "gray"


@dataclass(frozen=True, slots=True)
class IssueField:
    """A field that all issues of an organisation may have.

    Attributes:
        data_type: number, text, date, single_select.
    """

    id: int
    name: str
    data_type: str = "number"


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue, or a pull request in an issue's clothes.

    Attributes:
        repo: Id of its repository.
        values: Its values in fields of the organisation, with their names.
        milestone: Its number in the repository.
        created_at: As GitHub writes an instant; so are the other two.
    """

    id: int
    repo: int
    number: int
    title: str
    created_at: str
    updated_at: str
    body: str | None = None
    state: str = "open"
    state_reason: str | None = None
    labels: tuple[str, ...] = ()
    milestone: int | None = None
    type: str | None = None
    values: tuple[tuple[str, float | str], ...] = ()
    author: str = "octocat"
    is_pull: bool = False
    closed_at: str | None = None

    @property
    def node_id(self) -> str:
        return f"{'PR' if self.is_pull else 'I'}_kwDO{self.id:010d}"


@dataclass
class Repo:
    """A repository.

    Attributes:
        owner_kind: `Organization` or `User`.
        hidden: Nobody may see it: 404 for every token.
        issues: Id by number.
        gone: Numbers that are no longer here: None when deleted, the new id when transferred.
        labels: By lower-case name.
        milestones: By number.
    """

    id: int
    owner: str
    name: str
    created_at: str
    owner_kind: str = "Organization"
    private: bool = True
    hidden: bool = False
    has_issues: bool = True
    last_number: int = 0
    issues: dict[int, int] = field(default_factory=dict)
    gone: dict[int, int | None] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    milestones: dict[int, Milestone] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class Iteration:
    """A sprint of an iteration field.

    Attributes:
        days: Its length.
    """

    id: str
    title: str
    start_on: date
    days: int

    def is_completed(self, today: date) -> bool:
        return self.start_on + timedelta(days=self.days) <= today


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a project.

    Attributes:
        data_type: As in the REST description: title, number, iteration, single_select, text, ...
        options: Names of a single select field.
    """

    id: int
    name: str
    data_type: str
    iterations: tuple[Iteration, ...] = ()
    options: tuple[str, ...] = ()

    @property
    def node_id(self) -> str:
        letters = {"iteration": "PVTIF", "single_select": "PVTSSF"}
        return f"{letters.get(self.data_type, 'PVTF')}_lADO{self.id:06d}"


Value = float | str
"""A number, a text, the id of an iteration, or the name of an option."""


@dataclass
class Item:
    """A line of a project.

    Attributes:
        issue: Id of the issue; None for a draft, which has only a title.
        values: By the id of the field.
    """

    id: int
    issue: int | None
    created_at: str
    updated_at: str
    title: str = ""
    archived_at: str | None = None
    values: dict[int, Value] = field(default_factory=dict)

    @property
    def node_id(self) -> str:
        return f"PVTI_lADO{self.id:010d}"


@dataclass
class Project:
    """A project of an organisation or a person.

    Attributes:
        owner_kind: `Organization` or `User`.
        items: In the order of the board.
    """

    id: int
    number: int
    owner: str
    owner_kind: str
    title: str
    created_at: str
    updated_at: str
    closed: bool = False
    public: bool = False
    fields: list[Field] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    @property
    def node_id(self) -> str:
        return f"PVT_kwDO{self.id:06d}"

    def field(self, name: str) -> "Field":
        """Return the field of this name.

        Raises:
            KeyError: There is none.
        """
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)
