"""Notes of what people said or did, from TOML, CSV or Markdown; redacted as they are read.

They stand among the sources, for they are read, kept and forgotten as items are; a room of their
own would know what this one knows. A message never shows what a field holds: it may be a name.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import blake2b
from pathlib import Path

from debtplan.core.item import Skipped
from debtplan.core.link import EvidenceKind
from debtplan.core.note import Note
from debtplan.core.redact import redact
from debtplan.core.text import clean_line, clean_text
from debtplan.errors import InputError
from debtplan.files.cell import is_unknown, parse_number
from debtplan.files.column import Column
from debtplan.files.disk import find_files, shown
from debtplan.files.moment import parse_day
from debtplan.files.options import FileTable
from debtplan.files.row import Row
from debtplan.files.table import parse_rows
from debtplan.sources.intake import KEY_LIMIT, NAME_LIMIT
from debtplan.sources.once import each_once
from debtplan.sources.options import NOTE_METHODS, NoteTable
from debtplan.sources.written import Written, read_markdown, read_toml

COLUMNS = (
    Column("id", ("note id", "note_id", "finding id", "key")),
    Column("method", ("kind", "type", "how", "research method")),
    Column("noted_on", ("date", "day", "noted on", "created", "session date"), required=True),
    Column("seen", ("people", "count", "times seen", "affected", "participants affected")),
    Column("of", ("out of", "participants", "sample", "sample size", "total")),
    Column("severity", ("severity rating", "rating", "impact")),
    Column("flow", ("journey", "process")),
    Column("step", ("page", "screen")),
    Column("segment", ("audience", "user group", "group")),
    Column("metric", ("ux metric", "ux_metric", "measure")),
    Column("item", ("issue", "issue key", "debt item", "debt_item", "work item")),
    Column("contradicts", ("speaks against", "against")),
    Column(
        "text", ("note", "quote", "observation", "finding", "comment", "description"), required=True
    ),
)
"""What is read of a row, and the headers that are recognised without a column map."""

TEXT_LIMIT = 2_000
"""Characters of a note that are kept."""

SUFFIXES = (".toml", ".csv", ".tsv", ".md", ".markdown")
"""What is read from a folder."""

_FORMS = {".toml": "toml", ".md": "markdown", ".markdown": "markdown"}

_KNOWN = frozenset({*(column.name for column in COLUMNS), "title"})

_SEVERITIES = {
    "none": 0,
    "no problem": 0,
    "cosmetic": 1,
    "minor": 2,
    "major": 3,
    "catastrophe": 4,
    "catastrophic": 4,
    "critical": 4,
    "blocker": 4,
}

_ANSWERS = {"": False, "no": False, "false": False, "0": False, "supports": False}
_ANSWERS |= {"yes": True, "true": True, "1": True, "x": True, "contradicts": True}


class NoteFiles:
    """Notes from files. A file is a snapshot: all of it is yielded."""

    def __init__(self, name: str, table: NoteTable, folder: Path) -> None:
        """Read nothing yet.

        Args:
            name: Of the table under [notes].
            table: What it says.
            folder: Where relative paths start.
        """
        self.name = name
        self._table = table
        self._folder = folder

    def read(self) -> Iterator[Note | Skipped]:
        """Yield every note once; of two with one id the later stands.

        Raises:
            InputError: A file cannot be read at all, or an entry where `on_error` is "stop".
        """
        found = list(self._all())
        yield from each_once(found, "note")
        if not found:
            reason = "holds no notes; check `path` and `where`"
            yield Skipped(ref=self._table.path, reason=reason)

    def _all(self) -> Iterator[tuple[str, Note | Skipped]]:
        for file in find_files(self._table.path, self._folder, SUFFIXES):
            name = shown(file, self._folder)
            ending = Path(name.lower().removesuffix(".gz")).suffix
            form = self._table.type or _FORMS.get(ending, "csv")
            if form == "csv":
                yield from self._rows(file)
            else:
                yield from self._entries(file, name, is_toml=form == "toml")

    def _rows(self, file: Path) -> Iterator[tuple[str, Note | Skipped]]:
        own = {name: getattr(self._table, name) for name in FileTable.model_fields}
        table = FileTable(**{**own, "path": str(file.absolute())})
        for one in parse_rows(table, self._folder, COLUMNS, _written):
            yield (one.ref, one) if isinstance(one, Skipped) else (one.ref, self._take(one))

    def _entries(
        self, file: Path, name: str, *, is_toml: bool
    ) -> Iterator[tuple[str, Note | Skipped]]:
        found = read_toml(file, name, "note") if is_toml else read_markdown(file, name)
        for one in found:
            yield one.ref, self._take(one)

    def _take(self, one: Written) -> Note | Skipped:
        try:
            return parse_note(one, self.name, self._table)
        except ValueError as error:
            if self._table.on_error == "stop":
                fix = 'Correct it, or set on_error = "skip" to read the rest; nothing was read.'
                raise InputError(f"{one.ref}: {error}.", fix) from None
            return Skipped(ref=one.ref, reason=str(error))


def parse_note(one: Written, source: str, table: NoteTable) -> Note:
    """Return the note of one record, personal data taken out.

    Args:
        one: As it stands.
        source: Name of its table under [notes]; ids begin with it.
        table: Order of days, and the method of records that name none.

    Raises:
        ValueError: What is wrong, as a phrase.
    """
    said = {name: "" if is_unknown(value) else value for name, value in one.fields.items()}
    if one.odd or said.keys() - _KNOWN:
        odd = min({*one.odd, *(said.keys() - _KNOWN)})
        raise ValueError(f"{clean_line(odd, limit=40)} is no field of a note, or no single value")
    text = redact(clean_text(said.get("text", "").strip(), limit=TEXT_LIMIT))
    if not text:
        raise ValueError("has no text: what was seen or said?")
    seen, of = _people(said, table)
    words = ("flow", "step", "segment", "metric", "item")
    names = {name: redact(clean_line(said.get(name, ""), limit=NAME_LIMIT)) for name in words}
    return Note(
        id=f"{source}:{_id(said, text, names)}",
        method=_method(said, table),
        noted_on=_noted_on(said, table),
        seen=seen,
        of=of,
        severity=_severity(said.get("severity", "")),
        text=text,
        contradicts=_answer(said.get("contradicts", "")),
        source=source,
        **names,
    )


def _written(row: Row) -> Written:
    return Written(row.ref, {column.name: row.text(column.name) for column in COLUMNS})


def _id(said: Mapping[str, str], text: str, names: Mapping[str, str]) -> str:
    """Return the note's own id where it has one that names nobody, else a digest of the note."""
    own = clean_line(said.get("id", ""), limit=KEY_LIMIT)
    if own and redact(own) == own:
        return own
    whole = "\n".join((said.get("noted_on", ""), said.get("method", ""), *names.values(), text))
    return blake2b(whole.encode("utf-8", "replace"), digest_size=5).hexdigest()


def _method(said: Mapping[str, str], table: NoteTable) -> EvidenceKind:
    """Return how it was learned: its own word, the one in its heading, or the table's."""
    own = said.get("method", "").strip()
    word = (own or said.get("title", "")).casefold().replace("-", " ").replace("_", " ")
    for name in NOTE_METHODS:
        plain = name.replace("_", " ")
        if word == plain or (not own and word.startswith(plain)):
            return EvidenceKind(name)
    if own or table.method is None:
        named = "method is none that is known" if own else "has no method"
        raise ValueError(f"{named}; use one of {', '.join(NOTE_METHODS)}")
    return EvidenceKind(table.method)


def _noted_on(said: Mapping[str, str], table: NoteTable) -> date:
    try:
        found = parse_day(said.get("noted_on", ""), table.dates)
    except ValueError as error:
        raise ValueError(f"noted_on is {error}") from None
    if found is None:
        raise ValueError("has no day: set noted_on = 2026-03-31")
    return found


def _people(said: Mapping[str, str], table: NoteTable) -> tuple[int, int | None]:
    """Return how many showed it, of how many; `5 of 8` and `5/8` say both."""
    first, _, second = said.get("seen", "").replace("/", " of ").partition(" of ")
    seen = _count("seen", first, table)
    of = _count("of", second or said.get("of", ""), table)
    seen = 1 if seen is None else seen
    if of is not None and of < seen:
        raise ValueError(f"says {seen} of {of} people: `of` is less than `seen`")
    return seen, of


def _count(name: str, word: str, table: NoteTable) -> int | None:
    try:
        found = parse_number(word, table.decimal)
    except ValueError as error:
        raise ValueError(f"{name} is {error}") from None
    if found is None:
        return None
    if found < 1 or found != int(found) or found > 2**53:
        raise ValueError(f"{name} is no whole number of 1 or more")
    return int(found)


def _severity(word: str) -> int | None:
    plain = word.strip().casefold()
    if not plain:
        return None
    if plain in _SEVERITIES:
        return _SEVERITIES[plain]
    if len(plain) == 1 and plain in "01234":
        return int(plain)
    raise ValueError("severity is none of 0 to 4: 0 no problem, 4 a catastrophe")


def _answer(word: str) -> bool:
    plain = word.strip().casefold()
    if plain not in _ANSWERS:
        raise ValueError("contradicts is neither yes nor no")
    return _ANSWERS[plain]
