"""JQL, read into a tree; syntax errors in Jira's own words."""

import re
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn

_RESERVED = """
abort access add after alias all alter and any as asc audit avg before begin between boolean
break by byte catch cf changed char character check checkpoint collate collation column commit
connect continue count create current date decimal declare decrement default defaults define
delete delimiter desc difference distinct divide do double drop else empty encoding end equals
escape exclusive exec execute exists explain false fetch file field first float for from
function go goto grant greater group having identified if immediate in increment index initial
inner inout input insert int integer intersect intersection into is isempty isnull join last
left less like limit lock long max min minus mode modify modulo more multiply next noaudit not
notin nowait null number object of on option or order outer output power previous prior
privileges public raise raw remainder rename resource return returns revoke right row rowid
rownum rows select session set share size sqrt start strict string subtract sum synonym table
then to trans transaction trigger true uid union unique update user validate values view was
when whenever where while with
"""
RESERVED = frozenset(_RESERVED.split())
"""Words that need quotation marks as a value or a field."""

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<open>["'])
    | (?P<sign>>=|<=|!=|!~|&&|\|\||[=<>~(),!])
    | (?P<word>cf\[\d+\]|[^\s=<>!~(),"'&|+;?*/%^$\#@\[\]]+)
    | (?P<odd>\S)
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"} | {one: one for one in "'\"\\ "}
_OPERATORS = frozenset({"=", "!=", "<", ">", "<=", ">=", "~", "!~"})
_VALID = (
    "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS'"
    " and 'IS NOT'."
)


class JqlError(Exception):
    """A query that is refused; `messages` are Jira's."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages


@dataclass(frozen=True)
class Value:
    """A literal, a function's name with `is_function`, or EMPTY as None."""

    text: str | None
    is_function: bool = False


@dataclass(frozen=True)
class Clause:
    """`field operator values`; the operator in lower case: `=`, `not in`, `is`, ..."""

    field: str
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Both:
    """Every part holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Either:
    """One part holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Neither:
    """The part does not hold."""

    part: "Node"


Node = Clause | Both | Either | Neither


@dataclass(frozen=True)
class Query:
    """A query; `where` is None where it is unbounded.

    Attributes:
        order: Fields to sort by, with True for descending.
    """

    where: Node | None
    order: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True)
class _Token:
    text: str
    at: str
    is_word: bool = False
    is_quoted: bool = False
    is_end: bool = False

    def is_(self, *words: str) -> bool:
        return not self.is_quoted and self.text.casefold() in words


def parse_jql(text: str) -> Query:
    """Read a query.

    Raises:
        JqlError: It is none.
    """
    return _Parser(_tokens(text)).query()


def _tokens(text: str) -> list[_Token]:
    found, position = [], 0
    while match := _TOKEN.match(text, position):
        kind = match.lastgroup or ""
        start = match.start(kind)
        line = text.count("\n", 0, start) + 1
        at = f"(line {line}, character {start - text.rfind(chr(10), 0, start)})"
        part = match[kind]
        if kind == "open":
            rest = text[start + 1 :]
            raise JqlError(
                f"Error in the JQL Query: The quoted string '{rest}' has not been completed. {at}"
            )
        if kind == "odd":
            raise JqlError(
                f"Error in the JQL Query: The character '{part}' is a reserved JQL character. You"
                f" must enclose it in a string or use the escape '\\u{ord(part):04x}' instead. {at}"
            )
        if kind == "quoted":
            part = _ESCAPE.sub(partial(_unescaped, at), part[1:-1])
        found.append(_Token(part, at, is_word=kind != "sign", is_quoted=kind == "quoted"))
        position = match.end()
    return [*found, _Token("", "", is_end=True)]


def _unescaped(at: str, match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) > 1:
        return chr(int(escape[1:], 16))
    if escape not in _ESCAPES:
        raise JqlError(
            f"Error in the JQL Query: '\\{escape}' is an illegal JQL escape sequence. The valid"
            f" escape sequences are \\', \\\", \\t, \\n, \\r, \\\\, '\\ ' and \\uXXXX. {at}"
        )
    return _ESCAPES[escape]


@dataclass
class _Parser:
    tokens: list[_Token]
    place: int = field(default=0)

    @property
    def here(self) -> _Token:
        return self.tokens[self.place]

    def take(self) -> _Token:
        found = self.here
        self.place += not found.is_end
        return found

    def accept(self, *words: str) -> bool:
        if self.here.is_(*words) and not self.here.is_end:
            self.place += 1
            return True
        return False

    def fail(self, expected: str) -> NoReturn:
        here = self.here
        if here.is_end:
            raise JqlError(
                f"Error in the JQL Query: Expecting {expected} before the end of the query."
            )
        raise JqlError(
            f"Error in the JQL Query: Expecting {expected} but got '{here.text}'. {here.at}"
        )

    def query(self) -> Query:
        where = None if self.here.is_end or self.here.is_("order") else self.either()
        order: tuple[tuple[str, bool], ...] = ()
        if self.accept("order"):
            if not self.accept("by"):
                self.fail("'by'")
            order = self.order()
        if not self.here.is_end:
            self.fail("either 'OR' or 'AND'")
        return Query(where, order)

    def order(self) -> tuple[tuple[str, bool], ...]:
        found = []
        while True:
            name = self.name()
            is_down = self.accept("desc")
            if not is_down:
                self.accept("asc")
            found.append((name, is_down))
            if not self.accept(","):
                return tuple(found)

    def either(self) -> Node:
        parts = [self.both()]
        while self.accept("or", "||"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def both(self) -> Node:
        parts = [self.one()]
        while self.accept("and", "&&"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def one(self) -> Node:
        if self.accept("not", "!"):
            return Neither(self.one())
        if self.accept("("):
            found = self.either()
            if not self.accept(")"):
                self.fail("')'")
            return found
        return self.clause()

    def name(self) -> str:
        here = self.here
        if not here.is_word:
            self.fail("a field name")
        self.refuse_reserved("field")
        return self.take().text

    def refuse_reserved(self, role: str) -> None:
        here = self.here
        if not here.is_quoted and here.text.casefold() in RESERVED:
            raise JqlError(
                f"Error in the JQL Query: '{here.text}' is a reserved JQL word. You must surround"
                f" it in quotation marks to use it as a {role}. {here.at}"
            )

    def clause(self) -> Node:
        name, operator = self.name(), self.operator()
        if operator in {"in", "not in"} and self.here.is_("("):
            return Clause(name, operator, self.values())
        return Clause(name, operator, (self.value(),))

    def operator(self) -> str:
        here = self.here
        if not here.is_quoted and here.text in _OPERATORS:
            return self.take().text
        if self.accept("is"):
            return "is not" if self.accept("not") else "is"
        if self.accept("in"):
            return "in"
        if here.is_("not") and self.tokens[self.place + 1].is_("in"):
            self.place += 2
            return "not in"
        if here.is_end:
            raise JqlError(
                f"Error in the JQL Query: Expecting operator before the end of the query. {_VALID}"
            )
        raise JqlError(
            f"Error in the JQL Query: Expecting operator but got '{here.text}'. {_VALID} {here.at}"
        )

    def values(self) -> tuple[Value, ...]:
        self.take()
        found = [self.value()]
        while self.accept(","):
            found.append(self.value())
        if not self.accept(")"):
            self.fail("')'")
        return tuple(found)

    def value(self) -> Value:
        if self.accept("empty", "null"):
            return Value(None)
        if not self.here.is_word:
            self.fail("either a value, list or function")
        self.refuse_reserved("value")
        token = self.take()
        if self.accept("("):
            if not self.accept(")"):
                self.fail("')'")
            return Value(token.text, is_function=True)
        return Value(token.text)
