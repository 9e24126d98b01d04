"""JQL from typed pieces: whatever a text holds, it stays inside its quotation marks."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from debtplan.errors import SettingsError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_NUMBER = re.compile("[0-9]{1,20}")
_PIECE = re.compile(
    r"""
      (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<open>["'])
    | (?P<bracket>[()])
    | (?P<word>[^\s"'(),=<>!~&|]+)
    | (?P<sign>[,=<>!~&|]+)
    """,
    re.VERBOSE | re.DOTALL,
)


def quoted(text: str) -> str:
    """Return a text as a JQL string, escaped as "Advanced searching: reserved characters" says."""
    return f'"{"".join(map(_escaped, text))}"'


def project_is(key: str) -> str:
    """Return the clause for issues of a project."""
    return f"project = {quoted(key)}"


def project_not_in(keys: Iterable[str]) -> str:
    """Return the clause for issues of other projects than these; at least one."""
    return f"project not in ({', '.join(map(quoted, keys))})"


def updated_since(at: datetime) -> str:
    """Return the clause for issues changed at or after an instant, in milliseconds, 1970 or later.

    Milliseconds since 1970 mean the same in every time zone; a date would be read in that of the
    token's account, to the minute.
    """
    return f"updated >= {max(0, (at - _EPOCH) // timedelta(milliseconds=1))}"


def id_after(issue_id: str) -> str:
    """Return the clause for issues that come after one where they are ordered by id."""
    return f"id > {_literal(issue_id)}"


def id_from(issue_id: str) -> str:
    """Return the clause for an issue and those after it where they are ordered by id."""
    return f"id >= {_literal(issue_id)}"


def id_not_in(ids: Iterable[str]) -> str:
    """Return the clause for issues with other ids than these; at least one."""
    return f"id not in ({', '.join(map(_literal, ids))})"


def id_in(ids: Iterable[str]) -> str:
    """Return the clause for issues with these ids; at least one."""
    return f"id in ({', '.join(map(_literal, ids))})"


def fix_version_in(ids: Iterable[str]) -> str:
    """Return the clause for issues that are fixed in one of these versions; at least one."""
    return f"fixVersion in ({', '.join(map(_literal, ids))})"


def both(*clauses: str) -> str:
    """Return what holds where every clause holds; empty ones ask nothing."""
    return " AND ".join(one for one in clauses if one)


def conditions(jql: str, setting: str) -> str:
    """Return a person's query without its ORDER BY, in brackets; "" where it asks nothing.

    Args:
        jql: As in the settings.
        setting: Where it stands there, for messages.

    Raises:
        SettingsError: A quotation mark or a bracket is not closed, so it cannot stand in brackets.
    """
    depth, before, end = 0, None, len(jql)
    for kind, piece in _pieces(jql):
        text = piece.group().casefold()
        if kind == "open":
            raise _unclosed(setting, "a quotation mark")
        if kind == "bracket":
            depth += 1 if text == "(" else -1
        if depth < 0:
            raise _unclosed(setting, "a bracket")
        is_order = kind == "word" and text == "by" and before is not None
        if is_order and before is not None and before.group().casefold() == "order" and not depth:
            end = before.start()
            break
        before = piece if kind == "word" else None
    if depth:
        raise _unclosed(setting, "a bracket")
    kept = jql[:end].strip()
    return f"({kept})" if kept else ""


def _pieces(jql: str) -> Iterator[tuple[str, re.Match[str]]]:
    for piece in _PIECE.finditer(jql):
        yield piece.lastgroup or "", piece


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter == " " or letter.isprintable():
        return letter
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _literal(issue_id: str) -> str:
    return issue_id if _NUMBER.fullmatch(issue_id) else quoted(issue_id)


def _unclosed(setting: str, what: str) -> SettingsError:
    fix = "Copy it from Jira's search, where it is checked."
    return SettingsError(f"{setting} opens or closes {what} that has no partner.", fix)
