"""The REST half of a fake GitHub."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.servers.github_access import Gate, Token, check_sign_on, sees, token_answer
from tests.servers.github_boards import Boards
from tests.servers.github_desk import DOCS, Desk, Refusal, not_found, refuse
from tests.servers.github_limits import Limits
from tests.servers.github_lists import Answer, IssueLists, answer, plain_page
from tests.servers.github_records import Issue, Repo
from tests.servers.github_shape import Shape
from tests.servers.github_ships import Ships
from tests.servers.harness import Reply, Seen


@dataclass(frozen=True)
class Call:
    """A request with who sent it.

    Attributes:
        path: Without the prefix of Enterprise Server.
        parts: What the pattern of the route matched.
    """

    seen: Seen
    path: str
    token: Token | None
    version: str
    parts: tuple[str, ...] = ()


Handler = Callable[[Call], Answer]


class Rest:
    """Finds what answers a path."""

    def __init__(self, desk: Desk, gate: Gate, limits: Limits) -> None:
        self._desk = desk
        self._store = desk.store
        self._gate = gate
        self._limits = limits
        self._shape = Shape(desk)
        self._lists = IssueLists(desk, self._shape)
        self.boards = Boards(desk, self._shape)
        self.ships = Ships(desk, self._shape)
        routes: dict[str, Handler] = {
            r"GET /user": self._user,
            r"GET /rate_limit": self._rate_limit,
            r"GET /app": self._app,
            r"GET /app/installations": self._installations,
            r"POST /app/installations/(\d+)/access_tokens": self._new_token,
            r"GET /(?:repos/([^/]+)/([^/]+)|repositories/(\d+))(/.*)?": self._in_repo,
            r"GET /orgs/([^/]+)/issue-(types|fields)": self._of_org,
            r"GET /(orgs|users)/([^/]+)/projectsV2(?:/(\d+)(/fields|/items)?)?": self._projects,
        }
        self._routes = {re.compile(pattern): handler for pattern, handler in routes.items()}
        in_repo: dict[str, Callable[[Repo, Call], Answer]] = {
            r"": self._repo,
            r"/issues": self._issues,
            r"/issues/(\d+)": self._issue,
            r"/issues/(\d+)/(sub_issues|parent|dependencies/blocked_by|dependencies/blocking)": (
                self._related
            ),
            r"/milestones": self._milestones,
            r"/labels": self._labels,
            r"/installation": self._installation,
            r"/(releases|deployments)": self._shipped,
            r"/(deployments)/(\d+)/statuses": self._shipped,
        }
        self._in = {re.compile(pattern): handler for pattern, handler in in_repo.items()}

    def answer(self, call: Call) -> Answer:
        """Answer a request.

        Raises:
            Refusal: It gets none.
        """
        asked = f"{call.seen.method} {call.path}"
        for pattern, handler in self._routes.items():
            matched = pattern.fullmatch(asked)
            if matched:
                parts = tuple(part or "" for part in matched.groups())
                return handler(Call(call.seen, call.path, call.token, call.version, parts))
        raise not_found()

    # What belongs to the token

    def _user(self, call: Call) -> Answer:
        if call.token is None:
            raise refuse(401, "Requires authentication")
        if call.token.app:
            raise call.token.missing("user")
        return answer(self._shape.account(call.token.login))

    def _rate_limit(self, call: Call) -> Answer:
        if self._desk.options.enterprise:
            raise refuse(404, "Rate limiting is not enabled.")
        core = self._limits.status(call.token, "core")
        search = {"limit": 30, "used": 0, "remaining": 30, "reset": core["reset"]}
        graphql = self._limits.status(call.token, "graphql")
        found: dict[str, Any] = {"resources": {"core": core, "search": search, "graphql": graphql}}
        return answer(found | ({"rate": core} if call.version == "2022-11-28" else {}))

    def _app(self, call: Call) -> Answer:
        app = self._gate.identify_app(call.seen, self._store.now)
        return answer(
            {
                "id": app.id,
                "slug": f"app-{app.id}",
                "node_id": f"A_kwDO{app.id}",
                "client_id": app.client_id,
                "owner": self._shape.person("acme", "Organization"),
                "name": f"App {app.id}",
                "description": None,
                "external_url": "https://example.com",
                "html_url": f"{self._desk.site}/apps/app-{app.id}",
                "created_at": "2025-01-01T00:00:00Z",
                "updated_at": "2025-01-01T00:00:00Z",
                "permissions": dict(app.permissions),
                "events": [],
            }
        )

    def _installations(self, call: Call) -> Answer:
        app = self._gate.identify_app(call.seen, self._store.now)
        found = sorted(app.installations)
        return plain_page(self._desk, call.seen, found, lambda key: self._write(app.id, key))

    def _installation(self, repo: Repo, call: Call) -> Answer:
        app = self._gate.identify_app(call.seen, self._store.now)
        for key, account in app.installations.items():
            if account.lower() == repo.owner.lower():
                return answer(self._write(app.id, key))
        raise not_found()

    def _write(self, app: int, key: int) -> dict[str, Any]:
        owner = self._gate.apps[app].installations[key]
        api = self._desk.api
        return {
            "id": key,
            "account": self._shape.person(owner, "Organization"),
            "repository_selection": "all",
            "access_tokens_url": f"{api}/app/installations/{key}/access_tokens",
            "repositories_url": f"{api}/installation/repositories",
            "html_url": f"{self._desk.site}/organizations/{owner}/settings/installations/{key}",
            "app_id": app,
            "app_slug": f"app-{app}",
            "target_id": self._store.person_id(owner),
            "target_type": "Organization",
            "permissions": dict(self._gate.apps[app].permissions),
            "events": [],
            "created_at": "2025-01-01T00:00:00Z",
            "updated_at": "2025-01-01T00:00:00Z",
            "single_file_name": None,
            "suspended_by": None,
            "suspended_at": None,
        }

    def _new_token(self, call: Call) -> Answer:
        app = self._gate.identify_app(call.seen, self._store.now)
        made = self._gate.new_token(app, int(call.parts[0]), self._store.now)
        return answer(token_answer(made), 201)

    # Repositories

    def _in_repo(self, call: Call) -> Answer:
        owner, name, key, rest = call.parts
        by_name = f"{owner}/{name}".lower()
        found = self._store.repos.get(int(key) if key else self._store.names.get(by_name, 0))
        is_app = rest == "/installation"
        if found is None or not (is_app or sees(call.token, found)):
            raise not_found()
        check_sign_on(call.token, found.owner, self._desk.site)
        if not key and found.full_name.lower() != by_name:
            raise self._moved(f"/repositories/{found.id}{rest}", call.seen)
        for pattern, handler in self._in.items():
            matched = pattern.fullmatch(rest)
            if matched:
                parts = matched.groups()
                return handler(found, Call(call.seen, call.path, call.token, call.version, parts))
        raise not_found()

    def _moved(self, path: str, seen: Seen) -> Refusal:
        query = f"?{urlencode(dict(seen.query))}" if seen.query else ""
        url = f"{self._desk.api}{path}{query}"
        content = {"message": "Moved Permanently", "url": url, "documentation_url": DOCS}
        return Refusal(
            Reply(
                301,
                json.dumps(content).encode(),
                {"Content-Type": "application/json; charset=utf-8", "Location": url},
            )
        )

    def _repo(self, repo: Repo, call: Call) -> Answer:
        return answer(self._shape.repo(repo, call.version))

    def _check_issues(self, repo: Repo, call: Call) -> None:
        if call.token is not None and not call.token.may("issues"):
            raise call.token.missing("issues")
        if not repo.has_issues:
            raise refuse(410, "Issues has been disabled in this repository.")

    def _issues(self, repo: Repo, call: Call) -> Answer:
        self._check_issues(repo, call)
        return self._lists.page(repo, call.seen)

    def _find(self, repo: Repo, call: Call) -> Issue:
        self._check_issues(repo, call)
        number = int(call.parts[0])
        if number in repo.issues:
            return self._store.issues[repo.issues[number]]
        if number not in repo.gone:
            raise not_found()
        heir = repo.gone[number]
        if heir is None:
            raise refuse(410, "This issue was deleted")
        try:
            new = self._store.issue(heir)
        except KeyError:
            raise not_found() from None
        place = self._store.repos[new.repo]
        if not sees(call.token, place):
            raise not_found()
        rest = "/".join(["", *call.path.split("/issues/")[1].split("/")[1:]])
        raise self._moved(f"/repositories/{place.id}/issues/{new.number}{rest}", call.seen)

    def _issue(self, repo: Repo, call: Call) -> Answer:
        return answer(self._shape.issue(self._find(repo, call)))

    def _related(self, repo: Repo, call: Call) -> Answer:
        issue, kind = self._find(repo, call), call.parts[1]
        store = self._store
        if kind == "parent":
            if issue.id not in store.parents:
                raise not_found()
            return answer(self._shape.issue(store.issues[store.parents[issue.id]]))
        tables = {"sub_issues": store.children, "dependencies/blocked_by": store.blocked_by}
        found = store.related(tables.get(kind, store.blocking), issue)
        seen = [one for one in found if sees(call.token, store.repos[one.repo])]
        return plain_page(self._desk, call.seen, seen, self._shape.issue)

    def _milestones(self, repo: Repo, call: Call) -> Answer:
        self._check_issues(repo, call)
        state = call.seen.query.get("state", "open")
        found = [one for one in repo.milestones.values() if state in ("all", one.state)]
        # Those without a date come last.
        found.sort(key=lambda one: (one.due_on is None, one.due_on or "", one.number))
        if call.seen.query.get("direction") == "desc":
            found.reverse()
        return plain_page(
            self._desk, call.seen, found, lambda one: self._shape.milestone(repo, one)
        )

    def _labels(self, repo: Repo, call: Call) -> Answer:
        self._check_issues(repo, call)
        found = [label for _, label in sorted(repo.labels.items())]
        return plain_page(self._desk, call.seen, found, lambda one: self._shape.label(repo, one))

    def _shipped(self, repo: Repo, call: Call) -> Answer:
        return self.ships.answer(repo, call.seen, call.token, call.parts)

    # Organisations

    def _of_org(self, call: Call) -> Answer:
        owner, kind = call.parts
        if call.token is None or not call.token.has_scope("read:org", "admin:org"):
            raise not_found()
        check_sign_on(call.token, owner, self._desk.site)
        if kind == "fields":
            fields = self._store.fields.get(owner.lower(), [])
            return answer([self._shape.issue_field(one) for one in fields])
        types = self._store.types.get(owner.lower(), [])
        return answer([self._shape.issue_type(one) for one in types])

    def _projects(self, call: Call) -> Answer:
        if call.token is None:
            raise refuse(401, "Requires authentication")
        kind, owner, number, rest = call.parts
        check_sign_on(call.token, owner, self._desk.site)
        return self.boards.answer(call.seen, call.token, (kind, owner), number, rest)
