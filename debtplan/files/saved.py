"""Saved JSON answers: one strict gate, and the pages that a path of the settings means."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from debtplan.core.decode import DecodeError, Json, decode_json
from debtplan.core.item import Skipped
from debtplan.errors import InputError
from debtplan.files.disk import find_files, read_bytes, shown
from debtplan.files.options import FileTable
from debtplan.files.table import FIELD_LIMIT

PAGE_LIMIT = 64 << 20
"""Bytes of one unpacked JSON file."""

SUFFIXES = (".json", ".jsonl", ".ndjson", ".csv")
"""What is read from a folder. A CSV is a table whose rows carry one record each in `data`."""

_SCANNER = json.JSONDecoder()
_FIX = "Save the answer again as UTF-8 JSON, whole, as the server sent it."


class Page(NamedTuple):
    """One decoded answer.

    Attributes:
        place: `FILE`, or `FILE row 12` where a file holds one answer a line.
        content: What it holds.
        file: The file alone, "" where it came from a server.
    """

    place: str
    content: Json
    file: str = ""


def decode(data: bytes, place: str) -> Json:
    """Return what the JSON bytes of a file hold; see `core.decode`.

    Raises:
        InputError: They are refused.
    """
    try:
        return decode_json(data)
    except DecodeError as error:
        kind = _ExtraDataError if error.is_several else InputError
        raise kind(f"{place} {error}.", _FIX) from None


class _ExtraDataError(InputError):
    """More than one document: perhaps JSON Lines."""


def read_pages(table: FileTable, folder: Path) -> Iterator[Page | Skipped]:
    """Yield the answers of a file, a pattern or a folder, in order of file name.

    A file is one JSON document, JSON Lines, or a CSV whose rows carry one record each in a column
    `data` (as collectors keep raw answers). A bad line or row is a `Skipped`; a bad document is
    an error, since nobody can say how many records it held.

    Raises:
        InputError: Nothing is there, or a document cannot be used; also a bad line where
            `on_error` is "stop".
    """
    for file in find_files(table.path, folder, SUFFIXES):
        name = shown(file, folder)
        data = read_bytes(file, name, PAGE_LIMIT)
        for page in _pages_of(data, name):
            if isinstance(page, Skipped) and table.on_error == "stop":
                fix = 'Correct it, or set on_error = "skip" to read the rest; nothing was read.'
                raise InputError(f"{page.ref}: {page.reason}.", fix)
            yield page


def _pages_of(data: bytes, name: str) -> Iterator[Page | Skipped]:
    plain = name.lower().removesuffix(".gz")
    if plain.endswith(".csv"):
        yield from _records_in_csv(data, name)
    elif plain.endswith((".jsonl", ".ndjson")):
        yield from _lines(data, name)
    else:
        try:
            yield Page(name, decode(data, name), name)
        except _ExtraDataError:
            yield from _several(data, name)


def _several(data: bytes, name: str) -> Iterator[Page | Skipped]:
    """Yield one document a line; where lines hold several, the documents one after the other."""
    lines = list(_lines(data, name))
    if not any(isinstance(one, Skipped) for one in lines):
        yield from lines
        return
    try:
        yield from list(_documents(data, name))
    except InputError:
        yield from lines


def _documents(data: bytes, name: str) -> Iterator[Page]:
    """Yield documents that follow each other without a sign between, as paging clients write them.

    Raises:
        InputError: One of them is no JSON.
    """
    text, at, number = data.decode("utf-8-sig", "replace").strip(), 0, 0
    while at < len(text):
        number += 1
        try:
            _, end = _SCANNER.raw_decode(text, at)
        except (ValueError, RecursionError):
            raise InputError(f"{name} document {number} is not JSON.", _FIX) from None
        place = f"{name} document {number}"
        yield Page(place, decode(text[at:end].encode(), place), name)
        at = end + len(text[end:]) - len(text[end:].lstrip())


def _lines(data: bytes, name: str) -> Iterator[Page | Skipped]:
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            yield _one(line, f"{name} row {number}", name)


def _records_in_csv(data: bytes, name: str) -> Iterator[Page | Skipped]:
    csv.field_size_limit(max(FIELD_LIMIT, csv.field_size_limit()))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 (byte {error.start + 1}).", _FIX) from None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    if "data" not in header:
        fix = 'For a plain CSV of items set type = "csv" in the table.'
        raise InputError(f"{name} has no column 'data' with a JSON record a row.", fix)
    at = header.index("data")
    start = reader.line_num + 1
    try:
        for cells in reader:
            place = f"{name} row {start}"
            if len(cells) > at:
                yield _one(cells[at].encode("utf-8", "surrogatepass"), place, name)
            elif cells:
                yield Skipped(ref=place, reason=f"has {len(cells)} cells, none in column 'data'")
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{name} row {start} is no CSV: {error}.", _FIX) from None


def _one(data: bytes, place: str, file: str) -> Page | Skipped:
    try:
        return Page(place, decode(data, place), file)
    except InputError as error:
        return Skipped(ref=place, reason=error.what.removeprefix(f"{place} ").rstrip("."))
