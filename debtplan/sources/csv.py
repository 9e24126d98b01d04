"""Items from a CSV file: any column names, links perhaps in a second file."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from debtplan.core.item import DebtItem, DebtKind, ItemState, RolePoints, Skipped, UserStory
from debtplan.core.text import clean_line, clean_text, safe_url
from debtplan.files.cell import split_list
from debtplan.files.column import Column
from debtplan.files.options import FileTable
from debtplan.files.row import CellError, Row
from debtplan.files.table import parse_rows
from debtplan.sources.intake import (
    KEY_LIMIT,
    NAME_LIMIT,
    Parsed,
    clean_key,
    clean_names,
    link_phrase,
    name_types,
    settle,
)
from debtplan.sources.options import IssueTable
from debtplan.sources.state import state_of_word

_POINTS = (
    "story points",
    "storypoints",
    "storypoint",
    "story_points",
    "story point estimate",
    "story points estimate",
    "custom field (story points)",
    "custom field (story point estimate)",
    "sprint points",
    "estimated points",
    "effort",
    "weight",
)
"""Of several that a file has, the first that a row fills counts; "estimate" may be hours."""

_TITLES = ("title 1", "title 2", "title 3", "title 4", "title 5")
"""A tree of work items has a column a level, and a row fills its own."""

# Whichever of these a file has are put together.
_WAITS = (
    "blocked by",
    "depends on",
    "blocked_by",
    "depends_on",
    "inward issue link (blocks)",
    "inward issue link (blocker)",
    "outward issue link (dependency)",
    "outward issue link (depends)",
    "outward issue link (dependent)",
)
_HOLDS_UP = (
    "blocking",
    "outward issue link (blocks)",
    "outward issue link (blocker)",
    "inward issue link (dependency)",
    "inward issue link (depends)",
    "inward issue link (dependent)",
)

COLUMNS = (
    Column(
        "key",
        (
            "issue key",
            "issuekey",
            "issue_key",
            "id",
            "issue id",
            "task id",
            "card id",
            "bug id",
            "number",
            "#",
        ),
        required=True,
    ),
    Column(
        "title",
        ("summary", "name", "subject", "task name", "card name", *_TITLES),
        required=True,
        more=_TITLES,
    ),
    Column("text", ("description", "body", "details", "card description", "task content", "notes")),
    Column("type", ("issue type", "issuetype", "issue_type", "type_name", "work item type")),
    Column("state", ("status category", "status", "list name"), more=("status",)),
    Column(
        "closed_at",
        (
            "closed at",
            "closed at (utc)",
            "closed date",
            "completed",
            "completed at",
            "completed_at",
            "resolved",
            "date closed",
            "date done",
        ),
    ),
    Column("labels", ("label", "tags"), is_list=True),
    Column("components", ("component/s", "component", "components"), is_list=True),
    Column("paths", ("path", "files"), is_list=True),
    Column("points", (*_POINTS, "estimate"), more=_POINTS),
    Column("points."),
    Column("url", ("link", "html_url", "card url")),
    Column(
        "prerequisites",
        _WAITS,
        is_list=True,
        more=_WAITS,
    ),
    Column("blocks", _HOLDS_UP, is_list=True, more=_HOLDS_UP),
    Column("excludes", (), is_list=True),
    Column("team", ()),
    Column("debt_kind", ()),
    Column("sprint", (), is_list=True),
    Column("story.who"),
    Column("story.need"),
    Column("story.pain"),
    Column("story.outcome"),
    Column("created_at", ("created", "created at", "created at (utc)", "date created")),
    Column("updated_at", ("updated", "updated at", "updated at (utc)", "date updated")),
)
"""What is read of a row, and the headers that are recognised without a column map."""

LINK_COLUMNS = (
    Column("from", ("issuekey", "issue", "source"), required=True),
    Column("to", ("linkedissuekey", "linked issue", "target"), required=True),
    Column("type", ("name", "link", "link type"), required=True),
)


_HEADERS_NAMED = 8

_NO_ROWS = "holds no items: a header, and no row that `where` lets through; check the export"


class CsvIssues:
    """See `IssueSource`. A file is a snapshot: `since` is not looked at, all of it is yielded."""

    def __init__(self, name: str, table: IssueTable, folder: Path) -> None:
        self.name = name
        self._table = table
        self._folder = folder
        self._unread: tuple[str, ...] = ()

    def fetch(self, *, since: datetime | None) -> Iterator[DebtItem | Skipped]:
        """See `IssueSource.fetch`."""
        _ = since
        rows = list(parse_rows(self._table, self._folder, COLUMNS, self._read))
        parsed = [one for one in rows if isinstance(one, Parsed)]
        links, notices = self._links({one.key for one in parsed})
        yield from settle(parsed, links)
        yield from (one for one in rows if isinstance(one, Skipped))
        yield from notices
        if not rows:
            yield Skipped(ref=self._table.path, reason=_NO_ROWS)
        elif parsed and self._unread:
            yield Skipped(ref=self._table.path, reason=_no_points(self._unread))

    def _read(self, row: Row) -> Parsed:
        if not row.names("points"):
            self._unread = row.layout.unread()
        return read_issue(row, self.name)

    def _links(self, keys: set[str]) -> tuple[list[tuple[str, str]], list[Skipped]]:
        """Return (waiting, awaited) from the second file, and what of it could not be used."""
        table = self._table
        if not table.links_path:
            return [], []
        file = FileTable(
            path=table.links_path,
            columns=dict(table.links_columns),
            encoding=table.encoding,
            on_error=table.on_error,
        )
        rows = list(parse_rows(file, self._folder, LINK_COLUMNS, self._wait))
        waits = [one for one in rows if isinstance(one, tuple)]
        used = [one for one in waits if one[0] in keys]
        notices = [one for one in rows if isinstance(one, Skipped)]
        others = Counter(one for one in rows if isinstance(one, str))
        total = len(rows) - len(notices)
        if len(used) < total:
            reason = (
                f"of {total} links {len(used)} say what an item waits for; {others.total()} are of "
                f"other types{name_types(others)}, {len(waits) - len(used)} are about items that "
                "are not here"
            )
            notices.append(Skipped(ref=table.links_path, reason=reason))
        return used, notices

    def _wait(self, row: Row) -> tuple[str, str] | str:
        """Return (waiting, awaited) of a link, its type where that says nothing about order."""
        ends = tuple(f"{self.name}:{clean_key(row.text(end))}" for end in ("from", "to"))
        kind = link_phrase(row.text("type"))
        if kind in {link_phrase(one) for one in self._table.blocked_by}:
            return ends[0], ends[1]
        if kind in {link_phrase(one) for one in self._table.blocks}:
            return ends[1], ends[0]
        return kind


def _no_points(unread: tuple[str, ...]) -> str:
    more = len(unread) - _HEADERS_NAMED
    named = ", ".join(repr(clean_line(one, limit=40)) for one in unread[:_HEADERS_NAMED])
    named += f" and {more} more" if more > 0 else ""
    return (
        "no column is known to hold points, so no item has an estimate from here; if one of "
        f'{named} does, name it: columns = {{ points = "HEADER" }}'
    )


def parse_issue(row: Row, name: str) -> DebtItem | Skipped:
    """Return the item of a row, or why there is none."""
    try:
        return read_issue(row, name).outcome
    except CellError as error:
        return Skipped(ref=row.ref, reason=str(error))


def read_issue(row: Row, name: str) -> Parsed:
    """Return the item of a row with notices about cells that were not taken as they stand.

    Raises:
        CellError: The row has no key, or its points are no number or below 0.
    """
    key = f"{name}:{(tracker_key := _tracker_key(row))}"
    notices: list[Skipped] = []

    def note(reason: str) -> None:
        notices.append(Skipped(ref=key, reason=f"{row.ref}: {reason}"))

    title, state = clean_line(row.text("title")), _state(row, note)
    if not title:
        note("has no title; the key stands for it")
    item = DebtItem(
        key=key,
        source=name,
        title=title or tracker_key,
        text=clean_text(row.text("text")),
        url=safe_url(row.text("url").strip() or None),
        type_name=_name(row, "type"),
        debt_kind=_debt_kind(row, note),
        state=state,
        team=_name(row, "team") or None,
        labels=_names(row, "labels", note),
        components=_names(row, "components", note),
        paths=_names(row, "paths", note),
        points=_points(row, note),
        roles=_roles(row),
        story=_story(row),
        prerequisites=_keys(row, "prerequisites"),
        excludes=_keys(row, "excludes"),
        sprint=_open_sprint(row.many("sprint"), state),
        created_at=_instant(row, "created_at", note),
        updated_at=_instant(row, "updated_at", note),
        closed_at=_closed_at(row) if state is ItemState.DONE else None,
    )
    return Parsed(row.ref, item, tuple(notices), _held_up(row, name, key))


def _held_up(row: Row, name: str, key: str) -> tuple[tuple[str, str], ...]:
    """Return (waiting, awaited) of what the row says it holds up."""
    return tuple((f"{name}:{other}", key) for other in _keys(row, "blocks"))


def _tracker_key(row: Row) -> str:
    key = clean_key(row.text("key"))
    if not key:
        raise row.refuse("key", f"no key: an item needs one of at most {KEY_LIMIT} characters")
    return key


def _keys(row: Row, name: str) -> tuple[str, ...]:
    found = (clean_key(one) for cell in row.many(name) for one in split_list(cell))
    return tuple(key for key in found if key)


def _name(row: Row, name: str) -> str:
    return clean_line(row.text(name), limit=NAME_LIMIT)


def _names(row: Row, name: str, note: Callable[[str], None]) -> tuple[str, ...]:
    found, remark = clean_names(row.many(name), name)
    if remark:
        note(remark)
    return found


def _open_sprint(sprints: tuple[str, ...], state: ItemState) -> str | None:
    """Return the last sprint named; an item that is done is in none that is still open."""
    if not sprints or state is ItemState.DONE:
        return None
    return clean_line(sprints[-1], limit=NAME_LIMIT) or None


def _points(row: Row, note: Callable[[str], None]) -> float | None:
    points = row.number("points", at_least=0)
    if points == 0:
        note("points are 0, taken as not estimated")
        return None
    return points


def _roles(row: Row) -> tuple[RolePoints, ...]:
    found = ((name, row.number(name, at_least=0)) for name in row.names("points."))
    return tuple(
        RolePoints(role=clean_line(name.removeprefix("points."), limit=NAME_LIMIT), points=points)
        for name, points in sorted(found)
        if points
    )


def _state(row: Row, note: Callable[[str], None]) -> ItemState:
    word = row.text("state")
    state = state_of_word(word)
    if state is None and _was_closed(row):
        return ItemState.DONE
    if state is None and word.strip():
        note(f"state {clean_line(word, limit=60)!r} is not known, taken as open")
    return state or ItemState.OPEN


def _was_closed(row: Row) -> bool:
    """Tell whether the row names a day it was closed on."""
    return _closed_at(row) is not None


def _closed_at(row: Row) -> datetime | None:
    try:
        return row.instant("closed_at")
    except CellError:
        return None


def _debt_kind(row: Row, note: Callable[[str], None]) -> DebtKind | None:
    word = row.text("debt_kind").strip().casefold()
    if not word:
        return None
    if word in list(DebtKind):
        return DebtKind(word)
    kinds = ", ".join(DebtKind)
    note(f"debt_kind {clean_line(word, limit=60)!r} is not known; use one of {kinds}")
    return None


def _story(row: Row) -> UserStory | None:
    parts = {part: clean_line(row.text(f"story.{part}")) for part in UserStory.model_fields}
    return UserStory(**parts) if parts["need"] else None


def _instant(row: Row, name: str, note: Callable[[str], None]) -> datetime | None:
    try:
        return row.instant(name)
    except CellError as error:
        note(f"{error}; left out")
        return None
