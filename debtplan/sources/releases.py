"""What reached users and when, from a deployments file: CSV, or JSON as services write it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from debtplan.core.contained import named_items
from debtplan.core.decode import Json
from debtplan.core.item import Skipped
from debtplan.core.release import Release
from debtplan.core.text import clean_line
from debtplan.errors import InputError
from debtplan.files.cell import split_list
from debtplan.files.column import Column
from debtplan.files.disk import find_files, shown
from debtplan.files.moment import parse_instant
from debtplan.files.options import FileTable
from debtplan.files.row import Row
from debtplan.files.saved import SUFFIXES, Page, read_pages
from debtplan.files.shape import record, sequence, words
from debtplan.files.table import parse_rows
from debtplan.sources.intake import KEY_LIMIT, NAME_LIMIT, clean_key
from debtplan.sources.once import each_once
from debtplan.sources.options import ReleaseTable

COLUMNS = (
    Column(
        "released_at",
        (
            "released at",
            "deployed at",
            "deployed_at",
            "published_at",
            "releasedate",
            "release date",
            "finished_at",
            "date",
            "time",
            "timestamp",
            "created_at",
        ),
        required=True,
    ),
    Column("name", ("release", "version", "title", "tag_name", "tag", "build")),
    Column("id", ("deployment id", "deployment_id", "release id", "release_id")),
    Column("items", ("issues", "issue keys", "keys", "tickets", "contains"), is_list=True),
    Column("text", ("body", "description", "notes", "release notes", "changelog", "message")),
)
"""What is read of a row or a JSON record, and the names that are recognised without a map."""

_PAGE = re.compile(r"https?://[^/\s]+/(?P<repo>[\w.-]+/[\w.-]+)/releases/")
"""The page of a release on GitHub, which names its repository."""

_ENDINGS = (".json", ".jsonl", ".ndjson")

_NO_ROWS = "holds no releases; check the export, and `where`"


@dataclass(frozen=True)
class _Said:
    """A release as it stands: our names, as text; `items` by themselves.

    Attributes:
        repo: `owner/repo` that a bare `#7` in its text is of; "" where not known.
    """

    ref: str
    fields: Mapping[str, str]
    items: tuple[str, ...]
    repo: str = ""


class ReleaseFiles:
    """Releases from files. A file is a snapshot: all of it is yielded."""

    def __init__(self, name: str, table: ReleaseTable, folder: Path) -> None:
        """Read nothing yet.

        Args:
            name: Of the table under [releases].
            table: What it says.
            folder: Where relative paths start.
        """
        self.name = name
        self._table = table
        self._folder = folder

    def read(self) -> Iterator[Release | Skipped]:
        """Yield every release once; of two with one id the later stands.

        Raises:
            InputError: A file cannot be read at all, or a record where `on_error` is "stop".
        """
        found = list(self._all())
        yield from each_once(found, "release")
        if not found:
            yield Skipped(ref=self._table.path, reason=_NO_ROWS)

    def _all(self) -> Iterator[tuple[str, Release | Skipped]]:
        for file in find_files(self._table.path, self._folder, (*SUFFIXES, ".tsv")):
            ending = Path(file.name.lower().removesuffix(".gz")).suffix
            form = self._table.type or ("json" if ending in _ENDINGS else "csv")
            own = {name: getattr(self._table, name) for name in FileTable.model_fields}
            table = FileTable(**{**own, "path": str(file.absolute())})
            said = self._records(table, file) if form == "json" else self._rows(table)
            for one in said:
                yield one.ref, one if isinstance(one, Skipped) else self._take(one)

    def _rows(self, table: FileTable) -> Iterator[_Said | Skipped]:
        yield from parse_rows(table, self._folder, COLUMNS, _said_in_row)

    def _records(self, table: FileTable, file: Path) -> Iterator[_Said | Skipped]:
        for page in read_pages(table, self._folder):
            if isinstance(page, Skipped):
                yield page
                continue
            for number, one in enumerate(_listed(page, shown(file, self._folder)), 1):
                if _is_out(record(one)) and _is_wanted(record(one), table.where):
                    yield _said_in_record(f"{page.place} entry {number}", one, table)

    def _take(self, said: _Said) -> Release | Skipped:
        try:
            return parse_release(said, self.name, self._table)
        except ValueError as error:
            if self._table.on_error == "stop":
                fix = 'Correct it, or set on_error = "skip" to read the rest; nothing was read.'
                raise InputError(f"{said.ref}: {error}.", fix) from None
            return Skipped(ref=said.ref, reason=str(error))


def parse_release(said: _Said, source: str, table: ReleaseTable) -> Release:
    """Return the release of one record.

    Raises:
        ValueError: What is wrong, as a phrase.
    """
    released_at = _instant(said, table)
    name = clean_line(said.fields.get("name", ""), limit=NAME_LIMIT)
    own = clean_line(said.fields.get("id", ""), limit=KEY_LIMIT)
    named = named_items(f"{name}\n{said.fields.get('text', '')}", said.repo)
    items = tuple(sorted({*(key for one in said.items if (key := clean_key(one))), *named}))
    if not own:
        whole = f"{released_at.isoformat()}\n{name}\n{' '.join(items)}"
        own = blake2b(whole.encode("utf-8", "replace"), digest_size=5).hexdigest()
    return Release(
        id=f"{source}:{own}", released_at=released_at, name=name, items=items, source=source
    )


def _instant(said: _Said, table: ReleaseTable) -> datetime:
    try:
        found = parse_instant(said.fields.get("released_at", ""), table.dates)
    except ValueError as error:
        raise ValueError(f"released_at is {error}") from None
    if found is None:
        raise ValueError("has no released_at: when did users have it?")
    return found


def _said_in_row(row: Row) -> _Said:
    fields = {name: row.text(name) for name in ("released_at", "name", "id", "text")}
    return _Said(row.ref, fields, _keys(row.many("items")))


def _said_in_record(place: str, one: Json, table: FileTable) -> _Said:
    """Return what a JSON record says; a column map names its keys."""
    held = {key.casefold(): value for key, value in record(one).items()}
    found: dict[str, Json] = {}
    for column in COLUMNS:
        mapped = table.columns.get(column.name)
        names = (mapped,) if isinstance(mapped, str) else mapped or (column.name, *column.also)
        found[column.name] = next(
            (held[name.casefold()] for name in names if held.get(name.casefold()) is not None), None
        )
    items = found.pop("items")
    several = tuple(map(words, sequence(items))) if isinstance(items, list) else (words(items),)
    page = _PAGE.match(words(held.get("html_url")))
    fields = {key: words(value) for key, value in found.items()}
    return _Said(place, fields, _keys(several), page["repo"] if page else "")


def _is_out(one: Mapping[str, Json]) -> bool:
    """Tell whether users have it: GitHub lists drafts too, and Jira versions that are to come."""
    return one.get("draft") is not True and one.get("released") is not False


def _is_wanted(one: Mapping[str, Json], where: Mapping[str, str]) -> bool:
    return all(words(one.get(key)) == value for key, value in where.items())


def _listed(page: Page, name: str) -> list[Json]:
    """Return the records of a page: a list, one object, or the list under a name of its own.

    Raises:
        InputError: The page holds none.
    """
    content = page.content
    if isinstance(content, dict):
        inside = [content[key] for key in ("releases", "deployments", "values") if key in content]
        content = inside[0] if inside else [content]
    if not isinstance(content, list):
        fix = "Give a list of objects with released_at, name and items."
        raise InputError(f"{name} holds no releases.", fix)
    return content


def _keys(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return item keys, which hold no blanks and so may be parted by them."""
    return tuple(key for cell in cells for part in split_list(cell) for key in part.split())
