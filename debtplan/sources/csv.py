"""Items from a CSV file: any column names, links perhaps in a second file."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from debtplan.core.item import DebtItem, DebtKind, ItemState, RolePoints, Skipped, UserStory
from debtplan.core.text import clean_line, clean_text, safe_url
from debtplan.files.column import Column
from debtplan.files.options import FileTable
from debtplan.files.row import CellError, Row
from debtplan.files.table import parse_rows
from debtplan.sources.intake import KEY_LIMIT, NAME_LIMIT, Parsed, clean_key, clean_names, settle
from debtplan.sources.options import IssueTable
from debtplan.sources.state import state_of_word

COLUMNS = (
    Column(
        "key", ("issue key", "issuekey", "issue_key", "id", "issue id", "number"), required=True
    ),
    Column("title", ("summary", "name", "subject"), required=True),
    Column("text", ("description", "body", "details")),
    Column("type", ("issue type", "issuetype", "issue_type", "type_name", "work item type")),
    Column("state", ("status",)),
    Column("labels", ("label", "tags"), is_list=True),
    Column("components", ("component/s", "component"), is_list=True),
    Column("paths", ("path", "files"), is_list=True),
    Column(
        "points",
        (
            "story points",
            "storypoints",
            "storypoint",
            "story_points",
            "story point estimate",
            "custom field (story points)",
            "custom field (story point estimate)",
            "estimate",
        ),
    ),
    Column("points."),
    Column("url", ("link", "html_url")),
    Column("prerequisites", ("blocked by", "depends on", "blocked_by", "depends_on"), is_list=True),
    Column("excludes", (), is_list=True),
    Column("team", ()),
    Column("debt_kind", ()),
    Column("sprint", (), is_list=True),
    Column("story.who"),
    Column("story.need"),
    Column("story.pain"),
    Column("story.outcome"),
    Column("created_at", ("created",)),
    Column("updated_at", ("updated",)),
)
"""What is read of a row, and the headers that are recognised without a column map."""

LINK_COLUMNS = (
    Column("from", ("issuekey", "issue", "source"), required=True),
    Column("to", ("linkedissuekey", "linked issue", "target"), required=True),
    Column("type", ("name", "link", "link type"), required=True),
)


_NO_ROWS = "holds no items: a header, and no row that `where` lets through; check the export"


class CsvIssues:
    """See `IssueSource`. A file is a snapshot: `since` is not looked at, all of it is yielded."""

    def __init__(self, name: str, table: IssueTable, folder: Path) -> None:
        self.name = name
        self._table = table
        self._folder = folder

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

    def _read(self, row: Row) -> Parsed:
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
        others, total = sum(one is None for one in rows), len(rows) - len(notices)
        if len(used) < total:
            reason = (
                f"of {total} links {len(used)} say what an item waits for; {others} are of other "
                f"types, {len(waits) - len(used)} are about items that are not here"
            )
            notices.append(Skipped(ref=table.links_path, reason=reason))
        return used, notices

    def _wait(self, row: Row) -> tuple[str, str] | None:
        """Return (waiting, awaited) of a link, None where its type says nothing about order."""
        ends = tuple(f"{self.name}:{clean_key(row.text(end))}" for end in ("from", "to"))
        kind = row.text("type").strip().casefold()
        if kind in {one.casefold() for one in self._table.blocked_by}:
            return ends[0], ends[1]
        if kind in {one.casefold() for one in self._table.blocks}:
            return ends[1], ends[0]
        return None


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
    tracker_key = _tracker_key(row)
    key = f"{name}:{tracker_key}"
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
    )
    return Parsed(row.ref, item, tuple(notices))


def _tracker_key(row: Row) -> str:
    key = clean_key(row.text("key"))
    if not key:
        raise row.refuse("key", f"no key: an item needs one of at most {KEY_LIMIT} characters")
    return key


def _keys(row: Row, name: str) -> tuple[str, ...]:
    return tuple(key for one in row.many(name) if (key := clean_key(one)))


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
    if state is None and word.strip():
        note(f"state {clean_line(word, limit=60)!r} is not known, taken as open")
    return state or ItemState.OPEN


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
