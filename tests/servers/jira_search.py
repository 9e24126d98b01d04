"""The search of a fake Jira: sorted answers that are kept, so that a page costs nothing."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from tests.servers.jira_match import COMPARE as RANGES
from tests.servers.jira_match import Matcher, Test
from tests.servers.jira_query import Both, Clause, Node, Query, parse_jql
from tests.servers.jira_site import Issue

_KEPT = 64
_INFINITY = float("inf")


@dataclass(frozen=True)
class Found:
    """A stretch of a sorted list: what a query found, in order."""

    issues: Sequence[Issue]
    start: int
    end: int

    def __len__(self) -> int:
        return max(0, self.end - self.start)

    def page(self, offset: int, size: int) -> list[Issue]:
        """Return at most `size` issues from `offset` on."""
        first = self.start + offset
        return list(self.issues[first : min(first + size, self.end)])


@dataclass(frozen=True)
class _Rank:
    values: list[Any]
    downs: list[bool]

    def __lt__(self, other: "_Rank") -> bool:
        for one, two, is_down in zip_longest(self.values, other.values, self.downs):
            if one != two:
                return bool(one < two) != bool(is_down)
        return False


@dataclass(frozen=True)
class _Sorted:
    issues: list[Issue]
    keys: list[Any]


class Searcher:
    """Finds issues by JQL as the search index sees them."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._store = matcher.store
        self._state: tuple[int, datetime] | None = None
        self._bases: dict[object, _Sorted] = {}
        self._answers: dict[str, Found] = {}

    def parse(self, jql: str) -> Query:
        """Return a query whose fields and values exist.

        Raises:
            JqlError: They do not, or it cannot be read.
        """
        query = parse_jql(jql)
        if query.where is not None:
            self._matcher.test(query.where)
        for name, _ in query.order:
            self._matcher.sort_key(name)
        return query

    def find(self, jql: str, reconcile: Iterable[int] = ()) -> Found:
        """Return what a query finds; issues of `reconcile` are seen as they are now.

        Raises:
            JqlError: The query is refused.
        """
        index = self._store.current()
        # The clock counts: queries name periods like -5d.
        if (index.version, self._store.now) != self._state:
            self._state = (index.version, self._store.now)
            self._bases.clear()
            self._answers.clear()
        stale = [
            key for key in reconcile if self._store.issues.get(key) is not index.issues.get(key)
        ]
        if stale:
            return self._reconciled(self.parse(jql), stale)
        if jql not in self._answers:
            if len(self._answers) >= _KEPT:
                self._answers.clear()
            self._answers[jql] = self._find(self.parse(jql))
        return self._answers[jql]

    def rank(self, jql: str, issue: Issue) -> list[Any]:
        """Return what an issue is sorted by, as JSON can hold it."""
        order = parse_jql(jql).order
        values = [self._matcher.sort_key(name)(issue) for name, _ in order]
        return [*(list(one) if isinstance(one, tuple) else one for one in values), -issue.id]

    def after(self, jql: str, found: Found, rank: list[Any]) -> int:
        """Return the offset of the first issue that sorts behind a rank."""
        downs = [is_down for _, is_down in parse_jql(jql).order]
        place = bisect_right(
            found.issues,
            _Rank(rank, downs),
            found.start,
            found.end,
            key=lambda issue: _Rank(self.rank(jql, issue), downs),
        )
        return place - found.start

    def _find(self, query: Query) -> Found:
        ranged, rest = self._split(query)
        key = (rest, query.order) if ranged is not None else None
        base = self._bases.get(key) if key else None
        if base is None:
            where = query.where if ranged is None else _joined(rest)
            base = self._sorted(self._store.index.issues.values(), where, query.order)
            if key:
                if len(self._bases) >= _KEPT:
                    self._bases.clear()
                self._bases[key] = base
        if ranged is None:
            return Found(base.issues, 0, len(base.issues))
        return Found(base.issues, *self._stretch(base, ranged))

    def _split(self, query: Query) -> tuple[list[Clause] | None, tuple[Node, ...]]:
        """Split the bounds on what is sorted by first from the rest, None where there are none."""
        if not query.order or query.order[0][1] or query.where is None:
            return None, ()
        first = self._matcher.field(query.order[0][0])
        parts = query.where.parts if isinstance(query.where, Both) else (query.where,)
        ranged = [
            part
            for part in parts
            if isinstance(part, Clause)
            and part.operator in RANGES
            and self._matcher.field(part.field) == first
            and self._is_comparable(part, query.order[0][0], first)
        ]
        rest = tuple(part for part in parts if part not in ranged)
        return (ranged, rest) if ranged else (None, ())

    def _is_comparable(self, clause: Clause, order: str, field: str) -> bool:
        """Tell whether a bound compares what the order sorts by."""
        if field != "key":
            return field in {"updated", "created"}
        by_number = self._matcher.id_order == "number"
        compares_ids = by_number and (clause.values[0].text or "").isdigit()
        return compares_ids == (by_number and order.casefold() == "id")

    def _stretch(self, base: _Sorted, ranged: Iterable[Clause]) -> tuple[int, int]:
        start, end = 0, len(base.keys)
        for clause in ranged:
            low, bound, high = self._bounds(clause)
            find = {"<": bisect_left, "<=": bisect_right, ">": bisect_right, ">=": bisect_left}
            place = find[clause.operator](base.keys, bound)
            if clause.operator in {"<", "<="}:
                start, end = max(start, bisect_left(base.keys, low)), min(end, place)
            else:
                start, end = max(start, place), min(end, bisect_right(base.keys, high))
        return start, max(start, end)

    def _bounds(self, clause: Clause) -> tuple[Any, Any, Any]:
        """Return the least, the named and the greatest sort key that a bound may let through."""
        matcher = self._matcher
        if matcher.field(clause.field) != "key":
            return -_INFINITY, matcher.date_bound(clause), _INFINITY
        if matcher.id_order == "number" and (clause.values[0].text or "").isdigit():
            return -_INFINITY, int(clause.values[0].text or ""), _INFINITY
        project, number = matcher.key_bound(clause)
        return (project, -_INFINITY), (project, number), (project, _INFINITY)

    def _sorted(
        self, issues: Iterable[Issue], where: Node | None, order: tuple[tuple[str, bool], ...]
    ) -> _Sorted:
        test: Test = (lambda _: True) if where is None else self._matcher.test(where)
        is_visible = self._store.is_visible
        found = [one for one in issues if one.archived is None and is_visible(one) and test(one)]
        # Jira promises no order among equals; the newest first surprises whoever relies on one.
        found.sort(key=lambda issue: -issue.id)
        for name, is_down in reversed(order):
            found.sort(key=self._matcher.sort_key(name), reverse=is_down)
        key = self._matcher.sort_key(order[0][0]) if order else None
        return _Sorted(found, [key(one) for one in found] if key else [])

    def _reconciled(self, query: Query, stale: Iterable[int]) -> Found:
        seen = dict(self._store.index.issues)
        for key in stale:
            now = self._store.issues.get(key)
            if now is None:
                seen.pop(key, None)
            else:
                seen[key] = now
        base = self._sorted(seen.values(), query.where, query.order)
        return Found(base.issues, 0, len(base.issues))


def _joined(parts: tuple[Node, ...]) -> Node | None:
    return None if not parts else parts[0] if len(parts) == 1 else Both(parts)
