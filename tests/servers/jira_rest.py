"""The endpoints of a fake Jira about the site, and the search of Data Center."""

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

CLOUD_ID = "11111111-2222-4333-8444-555555555555"

_BUILD_DATE = "2026-10-01T00:00:00.000+0000"


class SiteRest:
    """Answers questions about the site and single issues; on Data Center also searches."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> Routes:
        """Return its endpoints."""
        found: dict[tuple[str, str], Handler] = {}
        is_cloud = self._desk.is_cloud
        for version in ("2", "3") if is_cloud else ("2",):
            base = f"/rest/api/{version}"
            found["GET", f"{base}/serverInfo"] = self._server
            found["GET", f"{base}/myself"] = self._myself
            found["GET", f"{base}/field"] = self._fields
            found["GET", f"{base}/issueLinkType"] = self._link_types
            found["GET", f"{base}/mypermissions"] = self._permissions
            found["GET", f"{base}/project"] = self._every_project
            found["GET", f"{base}/project/{{}}"] = self._project
            found["GET", f"{base}/project/{{}}/versions"] = self._versions
            found["GET", f"{base}/issue/{{}}"] = self._issue
            found["GET", f"{base}/status"] = self._statuses
        if is_cloud:
            found["GET", "/rest/api/3/project/search"] = self._projects
            found["GET", "/rest/api/2/project/search"] = self._projects
            found["GET", "/_edge/tenant_info"] = self._tenant
        else:
            found["GET", "/rest/api/2/search"] = self._search
            found["POST", "/rest/api/2/search"] = self._search
        return found

    def _tenant(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        return reply({"cloudId": CLOUD_ID})

    def _server(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        desk = self._desk
        version = [1001, 0, 0] if desk.is_cloud else [10, 3, 2]
        name = ".".join(map(str, version)) + ("-SNAPSHOT" if desk.is_cloud else "")
        return reply(
            {
                "baseUrl": desk.shape.url,
                "version": name,
                "versionNumbers": [*version],
                "deploymentType": desk.store.site.deployment,
                "buildNumber": 100_289,
                "buildDate": _BUILD_DATE,
                "serverTime": desk.shape.instant(desk.store.now),
                "scmInfo": "0" * 40,
                "serverTitle": "Jira",
            }
        )

    def _myself(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        options, url = self._desk.options, self._desk.shape.url
        found: dict[str, Json] = {
            "self": f"{url}/rest/api/3/user?accountId=5f0c",
            "accountId": "5f0c",
            "accountType": "atlassian",
            "emailAddress": options.user,
            "displayName": "Ada Example",
            "active": True,
            "timeZone": options.time_zone,
            "locale": "de_DE" if options.language == "de" else "en_US",
        }
        if not self._desk.is_cloud:
            del found["accountId"], found["accountType"]
            found |= {"name": "ada", "key": "ada", "self": f"{url}/rest/api/2/user?username=ada"}
        return reply(found)

    def _fields(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        return reply([*self._desk.store.site.fields()])

    def _link_types(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        names = self._desk.store.link_types
        return reply({"issueLinkTypes": [self._desk.shape.link_type(name) for name in names]})

    def _statuses(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        return reply([self._desk.shape.status(name) for name in self._desk.store.statuses])

    def _permissions(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        asked = listed(seen.query.get("permissions"))
        if asked is None and self._desk.is_cloud:
            raise Refusal(400, "The 'permissions' query parameter is required.")
        project = seen.query.get("projectKey")
        if project is not None:
            self._visible(project)
        had = self._desk.options.permissions
        return reply(
            {
                "permissions": {
                    name: {
                        "id": str(number),
                        "key": name,
                        "name": name.replace("_", " ").capitalize(),
                        "type": "PROJECT",
                        "description": "",
                        "havePermission": name in had,
                    }
                    for number, name in enumerate(asked or sorted(had), 10)
                }
            }
        )

    def _visible(self, ref: str) -> dict[str, Json]:
        store = self._desk.store
        for one in store.projects.values():
            if ref in {one.key, str(one.id)} and one.key not in store.hidden_projects:
                return self._desk.shape.project(one)
        raise Refusal(404, f"No project could be found with key '{ref}'.")

    def _project(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        return reply(self._visible(parts[0]))

    def _versions(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        key = self._visible(parts[0])["key"]
        known = self._desk.store.versions.values()
        return reply([self._desk.shape.version(one) for one in known if one.project == key])

    def _all_projects(self, seen: Seen) -> list[Json]:
        store, query = self._desk.store, seen.query.get("query", "").casefold()
        return [
            self._desk.shape.project(one)
            for one in store.projects.values()
            if one.key not in store.hidden_projects
            and (query in one.key.casefold() or query in one.name.casefold())
        ]

    def _projects(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        where = f"{self._desk.shape.url}{seen.path}"
        return reply({"self": where, **page_of(self._all_projects(seen), seen)})

    def _every_project(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        return reply(self._all_projects(seen))

    def _issue(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        issue = self._desk.issue(parts[0])
        fields, expand = listed(seen.query.get("fields")), seen.query.get("expand", "")
        version = 2 if "/api/2/" in seen.path else 3
        return reply(self._desk.shape.issue(issue, fields, expand, version))

    def _search(self, seen: Seen, parts: tuple[str, ...]) -> Reply:
        """Answer a search of Data Center: a place in the list as it is now, and its length."""
        asked: dict[str, Any] = dict(seen.query)
        if seen.method == "POST":
            try:
                asked = json.loads(seen.content)
            except ValueError:
                raise Refusal(400, "Unexpected end-of-input") from None
        start, size = _number(asked, "startAt", 0), _number(asked, "maxResults", 50)
        if start < 0:
            raise Refusal(400, "The starting index must not be negative.")
        options = self._desk.options
        size = options.page_limit if size < 0 else min(size, options.page_limit)
        if options.window is not None and start + size > options.window:
            return _beyond(start + size, options.window)
        answer = self.issues(str(asked.get("jql") or ""), asked, start, size)
        self._desk.page_made(start // max(size, 1) + 1)
        return answer

    def issues(self, jql: str, asked: dict[str, Any], start: int, size: int) -> Reply:
        """Return a page of issues with its place and the length of the list."""
        desk = self._desk
        try:
            found = desk.searcher.find(jql)
        except JqlError as error:
            raise jql_refusal(error) from None
        fields, expand = listed(asked.get("fields")), ",".join(listed(asked.get("expand")) or [])
        page = found.page(start, size)
        return reply(
            {
                "expand": "schema,names",
                "startAt": start,
                "maxResults": size,
                "total": len(found),
                "issues": [desk.shape.issue(one, fields, expand, version=2) for one in page],
            }
        )


def _number(asked: dict[str, Any], name: str, default: int) -> int:
    value = asked.get(name)
    if value in (None, ""):
        return default
    if not str(value).removeprefix("-").isdigit():
        raise Refusal(400, f"'{name}' must be a number.")
    return int(value)


def _beyond(asked: int, window: int) -> Reply:
    """Return what Data Center says to a page beyond `max_result_window` (Atlassian's KB)."""
    return refuse(
        500,
        "Search limit exceeded. We couldn't complete your search because it requests"
        f" {asked:,} results which exceeded the search platform limit of {window:,}. Try refining"
        " your query or contact your Jira administrator. Repeating the same search may not work.",
    )
