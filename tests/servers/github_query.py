"""Reading GraphQL queries: as much of the language as clients of GitHub use."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r'[\s,\ufeff]+|#[^\n]*|(?P<token>\.\.\.|"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"'
    r"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|[!$&()=:@\[\]{|}])"
)


class QueryError(Exception):
    """The text is no query of the kind that is read here."""


@dataclass(frozen=True)
class Variable:
    name: str


@dataclass(frozen=True)
class Enum:
    name: str


@dataclass(frozen=True)
class Selected:
    """A field of a selection.

    Attributes:
        key: Its alias, or its name.
        args: Values as written; variables are not filled in yet.
    """

    name: str
    key: str
    args: Mapping[str, Any]
    inner: tuple["Selection", ...]
    directives: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Spread:
    """A fragment, inline or by name.

    Attributes:
        on: The type it is for; empty for any.
    """

    on: str
    inner: tuple["Selection", ...]
    name: str = ""


Selection = Selected | Spread


@dataclass(frozen=True)
class Declared:
    """A variable of the operation.

    Attributes:
        type: As written, `Int!` for example.
    """

    type: str
    default: Any = None

    @property
    def is_required(self) -> bool:
        return self.type.endswith("!") and self.default is None


@dataclass(frozen=True)
class Operation:
    """What is asked.

    Attributes:
        kind: `query` or `mutation`.
        fragments: By name.
    """

    kind: str
    variables: Mapping[str, Declared]
    inner: tuple[Selection, ...]
    fragments: Mapping[str, Spread]


def parse_query(text: str) -> Operation:
    """Return the one operation of a document.

    Raises:
        QueryError: It is malformed, or holds more operations than one.
    """
    return _Parser(text).document()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        self._next = 0
        place = 0
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise QueryError(
                    f'Expected one of SCHEMA, ..., actual: UNKNOWN_CHAR ("{text[place]}")'
                )
            place = found.end()
            if found["token"]:
                self._tokens.append(found["token"])

    def document(self) -> Operation:
        fragments: dict[str, Spread] = {}
        operations: list[tuple[str, dict[str, Declared], tuple[Selection, ...]]] = []
        while self._peek():
            if self._take_if("fragment"):
                name = self._take()
                self._expect("on")
                fragments[name] = Spread(self._take(), self._selection(), name)
                continue
            kind = "query" if self._peek() == "{" else self._take()
            if kind not in ("query", "mutation"):
                raise self._unexpected(kind)
            if self._peek() not in ("{", "("):
                self._take()
            declared = self._declarations() if self._peek() == "(" else {}
            operations.append((kind, declared, self._selection()))
        if len(operations) != 1:
            raise QueryError("A query holds one operation.")
        return Operation(*operations[0], fragments)

    def _declarations(self) -> dict[str, Declared]:
        found: dict[str, Declared] = {}
        self._expect("(")
        while not self._take_if(")"):
            self._expect("$")
            name = self._take()
            self._expect(":")
            kind = ""
            while self._peek() not in ("$", ")", "="):
                kind += self._take()
            found[name] = Declared(kind, self._value() if self._take_if("=") else None)
        return found

    def _selection(self) -> tuple[Selection, ...]:
        found: list[Selection] = []
        self._expect("{")
        while not self._take_if("}"):
            found.append(self._spread() if self._take_if("...") else self._field())
        if not found:
            raise self._unexpected("}")
        return tuple(found)

    def _spread(self) -> Spread:
        if self._take_if("on"):
            return Spread(self._take(), self._selection())
        if self._peek() == "{":
            return Spread("", self._selection())
        return Spread("", (), self._take())

    def _field(self) -> Selected:
        name = key = self._take()
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise self._unexpected(name)
        if self._take_if(":"):
            name = self._take()
        args = self._arguments()
        directives = {}
        while self._take_if("@"):
            directive = self._take()
            directives[directive] = self._arguments()
        inner = self._selection() if self._peek() == "{" else ()
        return Selected(name, key, args, inner, directives)

    def _arguments(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self._take_if("("):
            while not self._take_if(")"):
                name = self._take()
                self._expect(":")
                found[name] = self._value()
        return found

    def _value(self) -> Any:
        token = self._take()
        if token == "$":  # noqa: S105 - a token of the language
            return Variable(self._take())
        if token == "[":  # noqa: S105
            items = []
            while not self._take_if("]"):
                items.append(self._value())
            return items
        if token == "{":  # noqa: S105
            record = {}
            while not self._take_if("}"):
                name = self._take()
                self._expect(":")
                record[name] = self._value()
            return record
        if token.startswith('"""'):
            return token[3:-3].strip()
        if token[0] in '"-0123456789' or token in ("true", "false", "null"):
            return json.loads(token)
        return Enum(token)

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        if not token:
            raise QueryError("Unexpected end of document")
        self._next += 1
        return token

    def _take_if(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self._next += 1
        return True

    def _expect(self, token: str) -> None:
        found = self._take()
        if found != token:
            raise self._unexpected(found)

    def _unexpected(self, token: str) -> QueryError:
        return QueryError(f'Parse error on "{token}"')
