"""Records that people write down in text files: fields by name, from TOML tables or Markdown."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from debtplan.errors import InputError
from debtplan.files.disk import read_bytes

WRITTEN_LIMIT = 16 << 20
"""Bytes of one file that people wrote."""

_HEADING = re.compile(r"##(?!#)\s*(?P<title>.*?)\s*#*")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_FIELD = re.compile(r"[-*]?\s*(?P<name>[A-Za-z][A-Za-z _-]{0,30}?)\s*:\s+(?P<value>\S.*)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Written:
    """One record as it stands.

    Attributes:
        ref: Where it stands: `FILE entry 3`.
        fields: What it says, as text; a TOML date is `2026-03-31`, true is `true`.
        odd: Names of fields that hold a table or a list.
    """

    ref: str
    fields: Mapping[str, str]
    odd: tuple[str, ...] = ()


def read_toml(file: Path, name: str, table: str) -> Iterator[Written]:
    """Yield the entries of a TOML file: `[[note]]` for the table `note`.

    Raises:
        InputError: It cannot be read, is not TOML, or has no such entries.
    """
    try:
        found = tomllib.loads(read_bytes(file, name, WRITTEN_LIMIT).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        what = f"{name} is not UTF-8: byte {error.start + 1} belongs to no character."
        raise InputError(what, "Save it as UTF-8 in your editor.") from None
    except tomllib.TOMLDecodeError as error:
        what = f"{name} is not TOML: {error}."
        raise InputError(what, "Mend that line; texts need quotes.") from None
    except RecursionError:
        raise InputError(f"{name} is nested too deeply.", f"Write [[{table}]] entries.") from None
    entries = found.get(table)
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise InputError(f"{name} holds no [[{table}]].", f"Begin each entry with [[{table}]].")
    for number, entry in enumerate(entries, 1):
        said = {str(key): _plain(value) for key, value in entry.items()}
        fields = {key: value for key, value in said.items() if value is not None}
        odd = tuple(key for key, value in said.items() if value is None)
        yield Written(f"{name} entry {number}", fields, odd)


def read_markdown(file: Path, name: str) -> Iterator[Written]:
    """Yield the sections of a Markdown file, one record for each heading of the second level.

    A day in the heading is `noted_on`, the rest of it `title`. The lines `name: value` right below
    are fields, and everything after the first blank line, up to the next such heading, is `text`.

    Raises:
        InputError: It cannot be read, or has no such heading.
    """
    try:
        lines = read_bytes(file, name, WRITTEN_LIMIT).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        what = f"{name} is not UTF-8: byte {error.start + 1} belongs to no character."
        raise InputError(what, "Save it as UTF-8 in your editor.") from None
    number = 0
    for number, (title, body) in enumerate(_sections(lines), 1):
        yield Written(f"{name} entry {number}", _fields(title, body))
    if number == 0:
        fix = "Begin each note with a heading such as `## interview 2026-03-31`."
        raise InputError(f"{name} has no heading of the second level.", fix)


def _sections(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the headings of the second level with what is below them, code blocks left alone."""
    title: str | None = None
    body: list[str] = []
    is_code = False
    for line in lines:
        is_code ^= _FENCE.match(line) is not None
        found = None if is_code else _HEADING.fullmatch(line)
        if found is None:
            body.append(line)
            continue
        if title is not None:
            yield title, body
        title, body = found["title"], []
    if title is not None:
        yield title, body


def _fields(title: str, body: list[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    at = 0
    while at < len(body) and not body[at].strip():
        at += 1
    while at < len(body) and (found := _FIELD.fullmatch(body[at].rstrip())):
        name = re.sub("[ -]", "_", found["name"].casefold())
        fields.setdefault(name, found["value"].strip())
        at += 1
    day = _DAY.search(title)
    if day is not None:
        fields.setdefault("noted_on", day[0])
        title = title.replace(day[0], " ", 1)
    fields["title"] = " ".join(title.split()).strip(" ,;:-\u2013\u2014")
    fields["text"] = "\n".join(body[at:]).strip()
    return fields


def _plain(value: object) -> str | None:
    """Return a value of TOML as text, None for what is no single value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, str | int | float) else None
