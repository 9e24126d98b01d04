"""Which issues a JQL query means, and in which order."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from tests.servers.jira_query import Both, Clause, Either, JqlError, Neither, Node
from tests.servers.jira_site import Issue
from tests.servers.jira_store import JiraStore
from tests.servers.jira_values import Values, no_issue, no_value

Test = Callable[[Issue], bool]
IdOrder = Literal["key", "number"]

_NAMES = {
    "project": "project",
    "key": "key",
    "issuekey": "key",
    "issue": "key",
    "id": "key",
    "labels": "labels",
    "issuetype": "kind",
    "type": "kind",
    "status": "status",
    "statuscategory": "category",
    "sprint": "sprint",
    "component": "components",
    "fixversion": "versions",
    "parent": "parent",
    "epic link": "parent",
    "priority": "priority",
    "resolution": "resolution",
    "summary": "summary",
    "text": "summary",
    "updated": "updated",
    "updateddate": "updated",
    "created": "created",
    "createddate": "created",
    "resolved": "resolved",
    "resolutiondate": "resolved",
    "story points": "points",
    "story point estimate": "points",
    "rank": "rank",
}
_DATES = frozenset({"updated", "created", "resolved"})
_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?: (\d{1,2}):(\d{2}))?")
_PERIOD = re.compile(r"([+-]?)(\d+)([wdhm])")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda one, other: bool(one < other),
    ">": lambda one, other: bool(one > other),
    "<=": lambda one, other: bool(one <= other),
    ">=": lambda one, other: bool(one >= other),
}
_FORMATS = (
    "Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd',"
    " or a period format e.g. '-5d', '4w 2d'."
)


def milliseconds(instant: datetime) -> int:
    """Return whole milliseconds since 1970, exactly."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@dataclass(frozen=True)
class Matcher:
    """Turns a query's tree into a test of one issue.

    Attributes:
        zone: The account's time zone, in which dates of a query are read.
        id_order: What `id > 1000` compares. `key`: the keys' numbers, inside the project of
            issue 1000, which must exist (IssueIdClauseQueryFactory of Jira 6). `number`: ids.
        date_unit_ms: Instants of issues are cut to this before they are compared.
    """

    store: JiraStore
    zone: ZoneInfo
    id_order: IdOrder = "key"
    date_unit_ms: int = 1

    @property
    def values(self) -> Values:
        """What literals and issues are called."""
        return Values(self.store)

    def test(self, node: Node) -> Test:
        """Return the test.

        Raises:
            JqlError: A field or value that the site has not.
        """
        match node:
            case Clause():
                return self._clause(node)
            case Neither(part):
                inner = self.test(part)
                return lambda issue: not inner(issue)
            case Both(parts):
                every = self._parts(parts)
                return lambda issue: all(test(issue) for test in every)
            case Either(parts):
                some = self._parts(parts)
                return lambda issue: any(test(issue) for test in some)

    def _parts(self, parts: Sequence[Node]) -> list[Test]:
        """Compile every part, so that all mistakes are told at once."""
        tests: list[Test] = []
        messages: list[str] = []
        for part in parts:
            try:
                tests.append(self.test(part))
            except JqlError as error:
                messages.extend(error.messages)
        if messages:
            raise JqlError(*dict.fromkeys(messages))
        return tests

    def field(self, name: str) -> str:
        """Return our name of a JQL field.

        Raises:
            JqlError: There is none.
        """
        site = self.store.site
        known = name.casefold()
        for field, ours in ((site.points, "points"), (site.team_points, "points")):
            if known == f"cf[{field.rpartition('_')[2]}]":
                return ours
        for english in ("Story Points", "Story point estimate", "Epic Link"):
            if known == site.say(english).casefold():
                known = english.casefold()
        if known == f"cf[{site.sprint.rpartition('_')[2]}]":
            return "sprint"
        if known not in _NAMES:
            raise JqlError(
                f"Field '{name}' does not exist or you do not have permission to view it."
            )
        return _NAMES[known]

    def sort_key(self, name: str) -> Callable[[Issue], Any]:
        """Return what a field sorts by, unknown values last.

        Raises:
            JqlError: No such field.
        """
        try:
            field = self.field(name)
        except JqlError:
            raise JqlError(f"Not able to sort using field '{name}'.") from None
        match field:
            case "key" if name.casefold() == "id" and self.id_order == "number":
                return lambda issue: issue.id
            case "key":
                return lambda issue: (issue.project, issue.number)
            case "rank" | "parent":
                return lambda issue: issue.id
            case "updated" | "created" | "resolved":
                return lambda issue: self.instant(issue, field) or 0
            case "points":
                return lambda issue: -1 if issue.points is None else issue.points
            case _:
                return lambda issue: str(sorted(self.values.names(field, issue)))

    def instant(self, issue: Issue, field: str) -> int | None:
        """Return an issue's instant in milliseconds, cut to the index's unit."""
        value: datetime | None = getattr(issue, field)
        return (
            None if value is None else milliseconds(value) // self.date_unit_ms * self.date_unit_ms
        )

    def _clause(self, clause: Clause) -> Test:
        field, values = self.field(clause.field), self.values
        if clause.operator in {"is", "is not"}:
            return self._emptiness(clause, field)
        if field in _DATES:
            return self._date(clause, field)
        if field == "key" and clause.operator in COMPARE:
            return self._key_range(clause)
        if field == "points" and clause.operator in {*COMPARE, "=", "!="}:
            return self._points(clause)
        if field == "summary" or clause.operator in {"~", "!~"}:
            return self._words(clause, field)
        if clause.operator in COMPARE:
            raise JqlError(
                f"The operator '{clause.operator}' is not supported by the '{clause.field}' field."
            )
        wanted = frozenset(
            key for value in clause.values for key in values.wanted(clause, field, value)
        )
        if clause.operator in {"=", "in"}:
            return lambda issue: not wanted.isdisjoint(values.names(field, issue))
        # An issue without the value is not found by != either, as in Jira.
        return lambda issue: bool(texts := values.names(field, issue)) and wanted.isdisjoint(texts)

    def _emptiness(self, clause: Clause, field: str) -> Test:
        if [value.text for value in clause.values] != [None]:
            raise JqlError(
                f"The value '{clause.values[0].text}' is not supported by the operator"
                f" '{clause.operator}'."
            )
        wants_empty, values = clause.operator == "is", self.values
        if field in _DATES or field == "points":
            return lambda issue: (getattr(issue, field) is None) == wants_empty
        return lambda issue: (not values.names(field, issue)) == wants_empty

    def _words(self, clause: Clause, field: str) -> Test:
        if clause.operator not in {"~", "!~"} or field != "summary":
            raise JqlError(
                f"The operator '{clause.operator}' is not supported by the '{clause.field}' field."
            )
        wanted = (clause.values[0].text or "").casefold().split()
        is_in = clause.operator == "~"
        return lambda issue: all(word in issue.summary.casefold() for word in wanted) == is_in

    def _points(self, clause: Clause) -> Test:
        try:
            bound = float(clause.values[0].text or "")
        except ValueError:
            raise no_value(clause, clause.values[0].text or "") from None
        if clause.operator in COMPARE:
            holds = COMPARE[clause.operator]
            return lambda issue: issue.points is not None and holds(issue.points, bound)
        is_equal = clause.operator == "="
        return lambda issue: issue.points is not None and (issue.points == bound) == is_equal

    def _key_range(self, clause: Clause) -> Test:
        holds = COMPARE[clause.operator]
        text = clause.values[0].text or ""
        if self.id_order == "number" and text.isdigit():
            bound = int(text)
            return lambda issue: holds(issue.id, bound)
        low = self.key_bound(clause)
        return lambda issue: issue.project == low[0] and holds(issue.number, low[1])

    def key_bound(self, clause: Clause) -> tuple[str, int]:
        """Return project and number of the issue a clause compares with.

        Raises:
            JqlError: There is no such issue.
        """
        value = clause.values[0]
        found = self.store.find((value.text or "").upper())
        if found is None or not self.store.is_visible(found):
            raise no_issue(clause, value)
        return found.project, found.number

    def _date(self, clause: Clause, field: str) -> Test:
        bound = self.date_bound(clause)
        if clause.operator in COMPARE:
            holds = COMPARE[clause.operator]
        elif clause.operator in {"=", "!="}:
            is_equal = clause.operator == "="
            holds = lambda one, other: (one == other) == is_equal  # noqa: E731
        else:
            raise JqlError(
                f"The operator '{clause.operator}' is not supported by the '{clause.field}' field."
            )
        return lambda issue: (at := self.instant(issue, field)) is not None and holds(at, bound)

    def date_bound(self, clause: Clause) -> int:
        """Return a date literal in milliseconds since 1970.

        Raises:
            JqlError: It is no date in one of Jira's formats; those have no seconds.
        """
        value = clause.values[0]
        text = (value.text or "").strip()
        if value.is_function and text.casefold() == "now":
            return milliseconds(self.store.now)
        if re.fullmatch(r"-?\d{5,}", text):
            return int(text)
        if period := _PERIOD.fullmatch(text):
            sign = -1 if period[1] == "-" else 1
            step = timedelta(**{_UNITS[period[3]]: int(period[2])})
            return milliseconds(self.store.now + sign * step)
        if parts := _DATE.fullmatch(text):
            numbers = [int(part or 0) for part in parts.groups()]
            try:
                return milliseconds(datetime(*numbers, tzinfo=self.zone))  # type: ignore[arg-type,misc]
            except ValueError:
                pass
        raise JqlError(
            f"Date value '{value.text}' for field '{clause.field}' is invalid. {_FORMATS}"
        )
