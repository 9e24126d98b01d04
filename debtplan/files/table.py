"""Delimited tables: encoding, delimiter and columns found, every row read or listed as skipped."""

import csv
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

from debtplan.core.item import Skipped
from debtplan.errors import InputError
from debtplan.files.column import Column, Layout
from debtplan.files.disk import find_files, open_bytes, shown, unreadable
from debtplan.files.header import TITLES, Record, find_header
from debtplan.files.options import FileTable
from debtplan.files.row import CellError, Row

T = TypeVar("T")

FIELD_LIMIT = 16 << 20
"""Characters of one cell; more is an unclosed quote rather than a text."""

TABLE_LIMIT = 2 << 30
"""Bytes of one unpacked file."""

_ENCODINGS = ("utf-8-sig", "cp1252", "latin-1")
_DELIMITERS = ",;\t|"
_PIECE = 1 << 20
_SAMPLE = 400


def parse_rows(
    table: FileTable,
    folder: Path,
    columns: Sequence[Column],
    parse: Callable[[Row], T],
) -> Iterator[T | Skipped]:
    """Yield what `parse` makes of each row, and a `Skipped` for each row it cannot use.

    Args:
        table: The file and how to read it; `on_error = "stop"` turns the first bad row into an
            error, before anything is yielded.
        folder: Where relative paths start.
        columns: The columns we look for.
        parse: Raises `CellError` for a cell that it cannot use.

    Raises:
        InputError: A file cannot be used at all, or a row where `on_error` is "stop".
    """
    found = _parse_rows(table, folder, columns, parse)
    yield from list(found) if table.on_error == "stop" else found


def _parse_rows(
    table: FileTable, folder: Path, columns: Sequence[Column], parse: Callable[[Row], T]
) -> Iterator[T | Skipped]:
    for row in read_rows(table, folder, columns):
        if isinstance(row, Skipped):
            yield row
            continue
        try:
            yield parse(row)
        except CellError as error:
            yield _refuse(table, Skipped(ref=row.ref, reason=str(error)))


def read_rows(table: FileTable, folder: Path, columns: Sequence[Column]) -> Iterator[Row | Skipped]:
    """Yield the rows of every file that the table names, in order of file name and line.

    Rows that `where` leaves out and blank rows are not yielded. A row whose quotes or number of
    cells are wrong is a `Skipped`, and reading goes on with the line after its first.

    Raises:
        InputError: A file cannot be used at all, or a row where `on_error` is "stop".
    """
    for file in find_files(table.path, folder):
        for row in _rows_of(file, shown(file, folder), table, columns):
            yield _refuse(table, row) if isinstance(row, Skipped) else row


def _refuse(table: FileTable, row: Skipped) -> Skipped:
    if table.on_error == "stop":
        fix = 'Correct it, or set on_error = "skip" to read the rest; nothing was read.'
        raise InputError(f"{row.ref}: {row.reason}.", fix)
    return row


def _rows_of(
    file: Path, name: str, table: FileTable, columns: Sequence[Column]
) -> Iterator[Row | Skipped]:
    encoding = _encoding_of(file, name, table.encoding)
    try:
        with io.TextIOWrapper(
            open_bytes(file, name), encoding=encoding, errors=_errors(encoding), newline=""
        ) as text:
            lines = _Lines(text)
            delimiter = _delimiter_of(lines, table.delimiter)
            records = _records(lines, delimiter)
            layout, first = find_header(records, name, table, columns)
            if delimiter == ";" and table.decimal == "auto":
                layout = replace(layout, decimal="either")
            spare = _spare(layout, table, columns)
            yield from _body(chain(first, records), name, table.where, layout, spare)
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(name, error) from None


def _spare(layout: Layout, table: FileTable, columns: Sequence[Column]) -> int:
    """Return with how many cells a row still holds all that is read of it.

    Spreadsheets leave out empty cells at a row's end. A row that lacks a cell that is read may
    as well be one that was broken in two, so only what nobody reads may be missing.
    """
    width = len(layout.header)
    if not any(column.required for column in columns):
        return max((at + 1 for at, title in enumerate(layout.header) if title), default=width)
    read = {at for places in layout.parts.values() for at, _ in places}
    read |= {at for places in layout.others.values() for at in places}
    read |= {layout.positions[title][0] for title in table.where}
    return max(read, default=width - 1) + 1


def _body(
    records: Iterable[Record], name: str, where: Mapping[str, str], layout: Layout, spare: int
) -> Iterator[Row | Skipped]:
    width = len(layout.header)
    for record in records:
        cells = tuple(record.cells or ())
        row = Row(name, record.line, (*cells, *[""] * (width - len(cells))), layout)
        if record.cells is None:
            yield Skipped(ref=row.ref, reason=record.problem)
        elif not any(cell.strip() for cell in cells):
            continue
        elif len(cells) < spare or any(cell.strip() for cell in cells[width:]):
            yield Skipped(ref=row.ref, reason=_miscounted(len(cells), width))
        elif all(row.first(column).strip() == value for column, value in where.items()):
            yield row


def _miscounted(cells: int, width: int) -> str:
    cause = "is the line cut off?" if cells < width else "put quotes around a cell with a delimiter"
    return f"has {cells} cells where the header has {width}; {cause}"


class _Lines:
    """Lines of a text with their numbers, which can be given back."""

    def __init__(self, text: Iterator[str]) -> None:
        self._text = text
        self._waiting: list[str] = []
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._waiting.pop() if self._waiting else next(self._text)
        self.number += 1
        self.taken.append(line)
        return line

    def give_back(self, keep: int) -> None:
        """Give back what was taken since `taken` was cleared, but for its first `keep` lines."""
        back = self.taken[keep:]
        self._waiting.extend(reversed(back))
        self.number -= len(back)
        self.taken.clear()


def _records(lines: _Lines, delimiter: str) -> Iterator[Record]:
    """Yield the records with the number of the line each begins at."""
    # One limit for the process; raising it is harmless to other readers.
    csv.field_size_limit(max(FIELD_LIMIT, csv.field_size_limit()))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.taken.clear()
        start = lines.number + 1
        try:
            yield Record(start, next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            problem = _quote_problem(str(error), lines.number, start)
            lines.give_back(1)
            yield Record(start, None, problem)


def _quote_problem(error: str, line: int, start: int) -> str:
    if "unexpected end" in error:
        return "a quote opens and never closes; close it or double it"
    if "field limit" in error:
        return f"a cell holds more than {FIELD_LIMIT >> 20} MiB; a quote may not be closed"
    where = f" in line {line}" if line != start else ""
    return f"a quote stands inside a quoted cell{where}; double it"


def _delimiter_of(lines: _Lines, wanted: str) -> str:
    """Return the delimiter: as set, as `sep=;` says, or the most frequent of the first line.

    A title above the header holds none; then the first line that does counts.
    """
    first = next((line for line in lines if line.strip()), "")
    told = first.strip(" \r\n").casefold()
    if told.startswith("sep=") and len(told) == len("sep=") + 1:
        lines.taken.clear()
        return wanted if wanted != "auto" else told[-1]
    tried = map(_unquoted, chain([first], islice(lines, TITLES)))
    bare = next((line for line in tried if any(one in line for one in _DELIMITERS)), "")
    lines.give_back(0)
    if wanted != "auto":
        return {"tab": "\t", "\\t": "\t"}.get(wanted, wanted)
    return max(_DELIMITERS, key=bare.count)


def _unquoted(line: str) -> str:
    return "".join(line.split('"')[::2])


def _encoding_of(file: Path, name: str, wanted: str) -> str:
    """Return the first encoding that the whole file agrees with.

    Raises:
        InputError: The file is larger than the budget, or not in the encoding that is set.
    """
    candidates = _ENCODINGS if wanted == "auto" else (wanted,)
    try:
        b"  ".decode(candidates[0], "replace")
    except LookupError:
        fix = 'Set encoding = "auto", "utf-8" or "cp1252".'
        raise InputError(f"{wanted!r} is no encoding.", fix) from None
    with open_bytes(file, name) as stream:
        try:
            mark = stream.read(_SAMPLE)
        except (OSError, EOFError, zlib.error) as error:
            raise unreadable(name, error) from None
    if mark.startswith(b"PK\x03\x04"):
        raise InputError(f"{name} is a spreadsheet or an archive.", "Save it as CSV (UTF-8).")
    if wanted == "auto" and mark[:2] in (b"\xff\xfe", b"\xfe\xff"):
        candidates = ("utf-16",)
    elif wanted == "auto" and 0 in mark:
        candidates = (*_wide(mark), *candidates)
    for encoding in candidates:
        if _agrees(file, name, encoding):
            return encoding
    tried = "UTF-16" if wanted == "auto" else wanted
    raise InputError(f"{name} is not {tried}.", 'Set encoding = "auto" or the right one.')


def _wide(sample: bytes) -> tuple[str, ...]:
    """Return the UTF-16 that a file without a mark is in: every other byte of it is 0."""
    for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if 2 * zeros.count(0) > len(zeros):
            return (encoding,)
    return ()


def _agrees(file: Path, name: str, encoding: str) -> bool:
    size = 0
    try:
        with io.TextIOWrapper(
            open_bytes(file, name), encoding=encoding, errors=_errors(encoding)
        ) as text:
            while piece := text.read(_PIECE):
                size += len(piece)
                if size > TABLE_LIMIT:
                    fix = "Split it and name the parts with a pattern."
                    raise InputError(f"{name} holds more than {TABLE_LIMIT >> 30} GiB.", fix)
    except UnicodeError:
        return False
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(name, error) from None
    return True


def _errors(encoding: str) -> str:
    """Lone surrogates, which some exports write, do not make a UTF-8 file another encoding."""
    return (
        "surrogatepass" if encoding.casefold().startswith(("utf-8", "utf8", "utf-16")) else "strict"
    )
