"""The search endpoints of Jira Cloud: pages by token, counts, bulk fetch."""

import base64
import json
from typing import Any

from debtplan.core.decode import Json
from tests.servers.harness import Reply, Seen, reply
from tests.servers.jira_desk import (
    Desk,
    Handler,
    Refusal,
    Routes,
    jql_refusal,
    listed,
    page_of,
    refuse,
)
from tests.servers.jira_query import JqlError
from tests.servers.jira_search import Found
from tests.servers.jira_site import Issue

ID_PAGE, FIELD_PAGE, LARGEST = 5000, 100, 5000
"""Most issues of a page with ids only, with fields, and most that may be asked for."""

REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full"
    " migration guideline is available at"
    " https://developer.atlassian.com/changelog/#CHANGE-2046"
)
UNBOUNDED = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)
UNREADABLE = "There was an error parsing JSON. Check that your request body is valid."
_FETCH_BODY = frozenset({"expand", "fields", "fieldsByKeys", "issueIdsOrKeys", "properties"})
_CHANGES_BODY = frozenset({"fieldIds", "issueIdsOrKeys", "maxResults", "nextPageToken"})
_SEARCH_BODY = frozenset({"expand", "fields", "fieldsByKeys", "jql", "maxResults"}) | frozenset(
    {"nextPageToken", "properties", "reconcileIssues"}
)


class CloudSearch:
    """Answers searches on Cloud."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> Routes:
        """Return its endpoints."""
        found: dict[tuple[str, str], Handler] = {}
        for version in ("2", "3"):
            base = f"/rest/api/{version}"
            for method in ("GET", "POST"):
                found[method, f"{base}/search/jql"] = self._search
                found[method, f"{base}/search"] = self._removed
            found["POST", f"{base}/search/approximate-count"] = self._count
            found["POST", f"{base}/issue/bulkfetch"] = self._bulk_fetch
            found["POST", f"{base}/changelog/bulkfetch"] = self._bulk_changelog
            found["GET", f"{base}/issue/{{}}/changelog"] = self._changelog
        return found

    def _removed(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        return refuse(410, REMOVED)

    def _search(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        asked = _body(seen, _SEARCH_BODY) if seen.method == "POST" else dict(seen.query)
        jql = str(asked.get("jql") or "")
        token = _opened(asked.get("nextPageToken"), jql)
        size = _size(asked.get("maxResults"))
        fields = listed(asked.get("fields")) or ["id"]
        expand = ",".join(listed(asked.get("expand")) or [])
        reconcile = [int(one) for one in listed(asked.get("reconcileIssues")) or []]
        if len(reconcile) > 50:
            raise Refusal(400, "The number of issue ids to reconcile must not exceed 50.")
        found = self._found(jql, reconcile)
        number = token["page"]
        page, following = self._page(found, token, self._limited(size, fields, number), jql)
        shape, version = self._desk.shape, 2 if "/api/2/" in seen.path else 3
        # Without fields an issue is its id and nothing else.
        is_bare = fields == ["id"] and not expand
        answer: dict[str, Json] = {
            "issues": [
                {"id": str(one.id)} if is_bare else shape.issue(one, fields, expand, version)
                for one in page
            ]
        }
        answer |= self._ending(number, following, asked, jql)
        if "names" in expand:
            answer["names"] = {
                str(one["id"]): one["name"] for one in self._desk.store.site.fields()
            }
        self._desk.page_made(number)
        return reply(answer)

    def _found(self, jql: str, reconcile: list[int]) -> Found:
        """Return what a bounded query finds."""
        try:
            if self._desk.searcher.parse(jql).where is None:
                raise Refusal(400, UNBOUNDED)
            return self._desk.searcher.find(jql, reconcile)
        except JqlError as error:
            raise jql_refusal(error) from None

    def _limited(self, size: int, fields: list[str], number: int) -> int:
        """Return the size of a page: what was asked for, and never more than Jira gives."""
        paging = self._desk.options.paging
        if number in paging.empty:
            return 0
        size = min(size, ID_PAGE if fields == ["id"] else FIELD_PAGE)
        return size if paging.size is None else max(1, min(size, paging.size(number)))

    def _page(
        self, found: Found, token: dict[str, Any], size: int, jql: str
    ) -> tuple[list[Issue], dict[str, Any] | None]:
        """Return a page and where the following one starts, None after the last."""
        start, rank = token["offset"], token["rank"]
        if self._desk.options.paging.by == "keyset" and rank is not None:
            start = self._desk.searcher.after(jql, found, rank)
        page = found.page(start, size)
        end = start + len(page)
        if end >= len(found):
            return page, None
        if page and self._desk.options.paging.by == "keyset":
            rank = self._desk.searcher.rank(jql, page[-1])
        return page, {"page": token["page"] + 1, "offset": end, "rank": rank}

    def _ending(
        self, number: int, following: dict[str, Any] | None, asked: dict[str, Any], jql: str
    ) -> dict[str, Json]:
        """Return what a page says about the ones that follow."""
        paging = self._desk.options.paging
        answer: dict[str, Json] = {}
        if following is not None:
            repeats = paging.repeats_from is not None and number >= paging.repeats_from
            sent = asked.get("nextPageToken") if repeats else None
            answer["nextPageToken"] = sent or _sealed(following, jql)
        is_last = paging.is_last(number, following is None)
        return answer if is_last is None else answer | {"isLast": is_last}

    def _count(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        jql = str(_body(seen, frozenset({"jql"})).get("jql") or "")
        return reply({"count": len(self._found(jql, []))})

    def _bulk_fetch(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        asked = _body(seen, _FETCH_BODY)
        refs = [str(one) for one in asked.get("issueIdsOrKeys") or []]
        if not 1 <= len(refs) <= 100:
            raise Refusal(400, "Between 1 and 100 issue ids or keys must be given.")
        expand = ",".join(listed(asked.get("expand")) or [])
        fields, store = listed(asked.get("fields")), self._desk.store
        issues: dict[int, Issue] = {}
        errors: list[Json] = []
        for ref in refs:
            found = store.find(ref)
            if found is not None and store.is_visible(found):
                issues[found.id] = found
            elif self._desk.options.bulk_errors:
                errors.append({"id": ref, "errorMessage": "Issue was not found."})
        shaped: list[Json] = [
            self._desk.shape.issue(issues[key], fields, expand) for key in sorted(issues)
        ]
        return reply({"issues": shaped, "issueErrors": errors})

    def _changelog(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        found = self._desk.issue(parts[0])
        entries: list[Json] = [self._desk.shape.change(one) for one in found.history]
        return reply(page_of(entries, seen, cap=100, default=100))

    def _bulk_changelog(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        asked = _body(seen, _CHANGES_BODY)
        refs = [str(one) for one in asked.get("issueIdsOrKeys") or []]
        if not 1 <= len(refs) <= 1000:
            raise Refusal(400, "Between 1 and 1000 issue ids or keys must be given.")
        size = int(asked.get("maxResults") or 1000)
        if not 1 <= size <= 10_000:
            raise Refusal(400, "maxResults must be between 1 and 10000.")
        fields = frozenset(asked.get("fieldIds") or ())
        store = self._desk.store
        issues = {found.id: found for ref in refs if (found := store.find(ref))}
        entries = [
            (issue, change)
            for issue in issues.values()
            if store.is_visible(issue)
            for change in issue.history
            if not fields or any(item.field_id in fields for item in change.items)
        ]
        entries.sort(key=lambda one: (one[1].at, one[0].id, one[1].id))
        start = _opened(asked.get("nextPageToken"), "changelog")["offset"]
        logs: dict[int, list[Json]] = {}
        for issue, change in entries[start : start + size]:
            logs.setdefault(issue.id, []).append(self._desk.shape.change(change))
        answer: dict[str, Json] = {
            "issueChangeLogs": [
                {"issueId": str(key), "changeHistories": some} for key, some in logs.items()
            ]
        }
        if start + size < len(entries):
            answer["nextPageToken"] = _sealed({"offset": start + size}, "changelog")
        return reply(answer)


def _body(seen: Seen, known: frozenset[str]) -> dict[str, Any]:
    """Return the body of a POST.

    Raises:
        Refusal: There is none, or it is no object with these members only.
    """
    if "json" not in seen.headers.get("content-type", ""):
        raise Refusal(415, "Content-Type is not supported.")
    try:
        found = json.loads(seen.content)
    except ValueError:
        raise Refusal(400, UNREADABLE) from None
    if not isinstance(found, dict) or not known.issuperset(found):
        raise Refusal(400, UNREADABLE)
    return found


def _size(value: Any) -> int:
    """Return `maxResults`; 50 unless asked for another."""
    if value is None:
        return 50
    if isinstance(value, bool) or not str(value).removeprefix("-").isdigit():
        raise Refusal(400, UNREADABLE)
    if not 1 <= int(value) <= LARGEST:
        raise Refusal(400, f"The maximum results must be between 1 and {LARGEST}.")
    return int(value)


def _sealed(place: dict[str, Any], jql: str) -> str:
    """Return a token that nobody reads; it holds `+`, `/` or `=` as real ones do."""
    return base64.b64encode(json.dumps([place, jql]).encode()).decode() + "=="


def _opened(token: Any, jql: str) -> dict[str, Any]:
    """Return the place a token names; the first page's where there is none.

    Raises:
        Refusal: It is no token of this query.
    """
    first = {"page": 1, "offset": 0, "rank": None}
    if not token:
        return first
    try:
        place, asked = json.loads(base64.b64decode(str(token).rstrip("=") + "=="))
    except ValueError:
        raise Refusal(400, "The provided nextPageToken is invalid.") from None
    if asked != jql:
        raise Refusal(400, "The provided nextPageToken does not belong to this query.")
    return {**first, **place}
