"""What a site calls things: its fields, the one with the estimates, its kinds of links."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from debtplan.core.decode import Json
from debtplan.core.text import clean_line
from debtplan.errors import SourceError
from debtplan.files.shape import record, words
from debtplan.sources.intake import link_phrase
from debtplan.sources.jira.answer import PAGE, list_of, page_through
from debtplan.sources.jira.epic import epic_fields
from debtplan.sources.jira.estimate import TIME_FIELDS, Estimate, find_estimate
from debtplan.sources.jira.issue import JiraSite
from debtplan.sources.jira.site import NOT_FOR_US, JiraServer
from debtplan.sources.options import IssueTable
from debtplan.transport.answer import Answer

SPRINT_TYPE = "com.pyxis.greenhopper.jira:gh-sprint"
"""Type of the field that holds an issue's sprints, whatever the field is called."""

PLAIN_FIELDS = (
    "summary",
    "description",
    "status",
    "resolution",
    "resolutiondate",
    "labels",
    "components",
    "issuetype",
    "parent",
    "issuelinks",
    "created",
    "updated",
)
"""Fields every site has."""

MOST_BOARDS = 25
"""Boards of one project that are asked which field they count."""

BLOCKS_ID = "10000"
"""Id of the built-in link type Blocks on sites that were not upgraded from old servers."""

_BLOCKS_NAMES = frozenset({"blocks", "blocker", "blockiert", "bloque", "bloquea", "bloqueia"})


@dataclass
class JiraFields:
    """The fields of a site, asked for once.

    Attributes:
        configured: Id or name of the estimate's field in the settings.
    """

    server: JiraServer
    configured: str | None
    _definitions: list[Json] | None = field(default=None, init=False)
    _estimates: dict[str, Estimate] = field(default_factory=dict, init=False)

    @property
    def definitions(self) -> list[Json]:
        """The field list.

        Raises:
            SourceError: It is empty; every Jira has fields.
        """
        if self._definitions is None:
            answer = self.server.get("field")
            found = list_of(answer)
            if not found:
                what = f"{answer.place} names no fields, which every Jira has."
                raise SourceError(what, "Check the token; it is treated as nobody's.")
            self._definitions = found
        return self._definitions

    @property
    def sprints(self) -> tuple[str, ...]:
        """Ids of the fields that hold sprints."""
        return tuple(
            words(one.get("id"))
            for one in map(record, self.definitions)
            if words(record(one.get("schema")).get("custom")) == SPRINT_TYPE
        )

    @property
    def epics(self) -> tuple[str, ...]:
        """Ids of the fields that hold the epic of an issue."""
        return epic_fields(self.definitions)

    def estimate(self, project: str) -> Estimate:
        """Return where the estimates of a project stand; "" knows no board.

        In this order: the settings, the project's boards where they agree, the types of the fields.
        """
        if project not in self._estimates:
            self._estimates[project] = self._find(project)
        return self._estimates[project]

    def asked_for(self, project: str) -> tuple[str, ...]:
        """Return the fields to ask for, each by its id."""
        own = (*self.estimate(project).fields, *self.sprints, *self.epics)
        return tuple(dict.fromkeys((*PLAIN_FIELDS, *own)))

    def by_board(self, configurations: Iterable[Json], remark: str = "") -> Estimate:
        """Return where the estimates of boards stand, from their configurations.

        Args:
            configurations: Of one board or several; those that differ say nothing.
            remark: What else to say about the boards.
        """
        if self.configured is not None:
            return self._by_setting(self.configured)
        boards = [one for one in configurations if field_of_board(one)]
        fields = sorted({field_of_board(one) for one in boards})
        if len(fields) > 1:
            named = " and ".join(fields)
            remark = f"boards of it count {named}; set estimate_field to the one that is meant"
            boards = []
        found = find_estimate(None, boards, self.definitions, ())
        said = (found.origin, remark)
        return replace(found, origin="; ".join(one for one in said if one))

    def _find(self, project: str) -> Estimate:
        if self.configured is not None or not project:
            return self.by_board(())
        boards, remark = self._configurations(project)
        return self.by_board(boards, remark)

    def _configurations(self, project: str) -> tuple[list[Json], str]:
        """Return the configurations of a project's boards, and why they are not all of them."""
        first = self._board_page(project, 0)
        if first.status in NOT_FOR_US:
            return [], f"its boards cannot be asked (status {first.status})"
        found: list[Json] = []
        fields: set[str] = set()
        asked = 0
        pages = page_through(lambda start: self._board_page(project, start), "values", first)
        for board in (record(one) for page in pages for one in page):
            if asked == MOST_BOARDS or len(fields) > 1:
                break
            if words(board.get("type")) == "kanban":
                continue  # has no estimates
            asked += 1
            path = f"board/{words(board.get('id'))}/configuration"
            answer = self.server.agile(path, allow=NOT_FOR_US)
            if answer.status not in NOT_FOR_US:
                found.append(answer.json())
                fields |= {field_of_board(found[-1])} - {""}
        return found, ""

    def _board_page(self, project: str, start: int) -> Answer:
        allowed = NOT_FOR_US if start == 0 else frozenset[int]()
        asked = {"projectKeyOrId": project, "startAt": str(start), "maxResults": str(PAGE)}
        return self.server.agile("board", allow=allowed, **asked)

    def _by_setting(self, configured: str) -> Estimate:
        """Return the fields with an id or a name; several may share a name."""
        known = [record(one) for one in self.definitions]
        wanted = configured.strip().casefold()
        if wanted in TIME_FIELDS or any(words(one.get("id")) == configured for one in known):
            return Estimate((configured,))
        named = tuple(
            words(one.get("id"))
            for one in known
            if words(one.get("name")).strip().casefold() == wanted
        )
        if named:
            return Estimate(named)
        shown = clean_line(configured, limit=60)
        origin = f"estimate_field {shown!r} is no field that this token sees; no estimate is read"
        return Estimate((), origin)


def field_of_board(configuration: Json) -> str:
    """Return the id of the field that a board counts; "" where it counts issues or nothing."""
    estimation = record(record(configuration).get("estimation"))
    return words(record(estimation.get("field")).get("fieldId"))


@dataclass(frozen=True, slots=True)
class LinkKinds:
    """Which links say what must be done first, by the id of their type.

    Attributes:
        waiting: (type, side) where "this issue SIDE that one" means that it waits.
        awaited: The same where that one waits for this.
        remark: What to tell people; "" where the settings fit the site.
        described: One phrase for each kind, for `doctor`.
    """

    waiting: frozenset[tuple[str, str]] = frozenset()
    awaited: frozenset[tuple[str, str]] = frozenset()
    remark: str = ""
    described: tuple[str, ...] = ()


def link_kinds(server: JiraServer, site: JiraSite, table: IssueTable) -> LinkKinds:
    """Return the kinds of links of a site.

    A kind is known by its words, which the settings name. Those are editable, and written in the
    site's language: where none fits, the built-in type Blocks is taken, which keeps its id.
    """
    answer = server.get("issueLinkType", allow=NOT_FOR_US)
    if answer.status in NOT_FOR_US:
        return LinkKinds()  # links are then known by their words alone
    kinds = [record(one) for one in list_of(answer, "issueLinkTypes")]
    waiting, awaited = set(_ends(kinds, site.blocked_by)), set(_ends(kinds, site.blocks))
    remark = ""
    if kinds and not waiting and not awaited:
        kind = next((one for one in kinds if _is_blocks(one, table)), None)
        if kind is not None:
            key = words(kind.get("id"))
            waiting, awaited = {(key, "inward")}, {(key, "outward")}
            remark = (
                f"links {_shown(kind)} are taken as Blocks, the type that Jira has from the start; "
                "name their words in blocked_by and blocks to be sure"
            )
        else:
            remark = (
                "no kind of link of the site has the words of blocked_by or blocks, so no item "
                "waits for another; name the site's words there"
            )
    return LinkKinds(
        frozenset(waiting), frozenset(awaited), remark, tuple(_described(kinds, waiting, awaited))
    )


def _ends(kinds: Iterable[dict[str, Json]], phrases: frozenset[str]) -> Iterator[tuple[str, str]]:
    for kind in kinds:
        for side in ("inward", "outward"):
            if words(kind.get("id")) and link_phrase(words(kind.get(side))) in phrases:
                yield words(kind.get("id")), side


def _is_blocks(kind: dict[str, Json], table: IssueTable) -> bool:
    """Tell whether it is the built-in type; never where the settings name words of their own."""
    default = IssueTable.model_fields
    if (
        table.blocked_by != default["blocked_by"].default
        or table.blocks != default["blocks"].default
    ):
        return False
    name = words(kind.get("name")).strip().casefold()
    return words(kind.get("id")) == BLOCKS_ID or name in _BLOCKS_NAMES


def _described(
    kinds: Iterable[dict[str, Json]],
    waiting: set[tuple[str, str]],
    awaited: set[tuple[str, str]],
) -> Iterator[str]:
    known = {key for key, _ in waiting | awaited}
    for kind in kinds:
        if words(kind.get("id")) in known:
            yield _shown(kind)


def _shown(kind: dict[str, Json]) -> str:
    parts = [clean_line(words(kind.get(side)), limit=40) for side in ("inward", "outward")]
    return " / ".join(repr(one) for one in parts)
