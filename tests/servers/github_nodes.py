"""What a fake GitHub's GraphQL shows: nodes with their fields, as its public schema names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.servers.github_access import Token, check_sign_on, sees
from tests.servers.github_boards import SCOPES, Boards
from tests.servers.github_connection import MissingError, Node, WrongQueryError, connection
from tests.servers.github_desk import Desk, Refusal
from tests.servers.github_limits import Limits
from tests.servers.github_records import Field, Issue, Item, Iteration, Project, Repo, stamp

ABSTRACT = {
    "ProjectV2Field": ("ProjectV2FieldCommon", "ProjectV2FieldConfiguration", "Node"),
    "ProjectV2IterationField": ("ProjectV2FieldCommon", "ProjectV2FieldConfiguration", "Node"),
    "ProjectV2SingleSelectField": ("ProjectV2FieldCommon", "ProjectV2FieldConfiguration", "Node"),
    "ProjectV2ItemFieldNumberValue": ("ProjectV2ItemFieldValueCommon", "Node"),
    "ProjectV2ItemFieldIterationValue": ("ProjectV2ItemFieldValueCommon", "Node"),
    "ProjectV2ItemFieldSingleSelectValue": ("ProjectV2ItemFieldValueCommon", "Node"),
    "ProjectV2ItemFieldTextValue": ("ProjectV2ItemFieldValueCommon", "Node"),
    "ProjectV2ItemFieldDateValue": ("ProjectV2ItemFieldValueCommon", "Node"),
    "Organization": ("ProjectV2Owner", "RepositoryOwner", "Actor", "Node"),
    "User": ("ProjectV2Owner", "RepositoryOwner", "Actor", "Node"),
    "ProjectV2": ("Node",),
    "Issue": ("Node", "Closable", "Labelable"),
}
_KINDS = {"iteration": "ProjectV2IterationField", "single_select": "ProjectV2SingleSelectField"}


class Nodes:
    """Makes nodes for one request."""

    def __init__(self, desk: Desk, boards: Boards, limits: Limits, token: Token) -> None:
        self._desk = desk
        self._store = desk.store
        self._boards = boards
        self._limits = limits
        self._token = token

    def root(self) -> Node:
        return Node(
            "Query",
            {
                "viewer": lambda: self._person(self._token.login),
                "rateLimit": self._rate_limit,
                "organization": lambda login: self._owner(login, "Organization"),
                "user": lambda login: self._owner(login, "User"),
                "repository": self._repository,
                "node": self._node,
            },
        )

    def _rate_limit(self) -> Node:
        found = self._limits.status(self._token, "graphql")
        names = ("limit", "used", "remaining")
        reset_at = stamp(datetime.fromtimestamp(found["reset"], UTC))
        counts = {name: found[name] for name in names}
        return Node("RateLimit", {**counts, "cost": 1, "nodeCount": 1, "resetAt": reset_at})

    def _person(self, login: str, kind: str = "User") -> Node:
        key = self._store.person_id(login)
        return Node(
            kind,
            {
                "id": f"{kind[0]}_kgDO{key:06d}",
                "databaseId": key,
                "login": login,
                "url": f"{self._desk.site}/{login}",
                "projectV2": lambda number: self._project_of(login, kind, number),
                "projectsV2": lambda **page: connection(
                    "ProjectV2Connection", "projectsV2", self._seen(login, kind), self.project, page
                ),
            },
        )

    def _owner(self, login: str, kind: str) -> Node:
        kinds = {repo.owner.lower(): repo.owner_kind for repo in self._store.repos.values()}
        kinds |= {one.owner.lower(): one.owner_kind for one in self._boards.projects}
        if kinds.get(login.lower()) != kind:
            article = "an" if kind == "Organization" else "a"
            raise MissingError(
                "NOT_FOUND", f"Could not resolve to {article} {kind} with the login of '{login}'."
            )
        return self._person(login, kind)

    def _seen(self, login: str, kind: str) -> list[Project]:
        """Return the projects of an owner that the token may see.

        Raises:
            WrongQueryError: A scope is missing.
            MissingError: The token is refused for these.
        """
        token = self._token
        if not token.has_scope(*SCOPES):
            raise WrongQueryError(
                "Your token has not been granted the required scopes to execute this query. The "
                "'projectV2' field requires one of the following scopes: ['read:project'], but "
                f"your token has only been granted the: {list(token.scopes or ())} scopes. Please "
                "modify your token's scopes at: https://github.com/settings/tokens.",
                type="INSUFFICIENT_SCOPES",
            )
        try:
            check_sign_on(token, login, self._desk.site)
        except Refusal:
            raise _forbidden(
                "Resource protected by organization SAML enforcement. You must grant your "
                "Personal Access token access to this organization.",
                saml_failure=True,
            ) from None
        if not token.may("organization_projects"):
            who = "integration" if token.app else "personal access token"
            raise _forbidden(f"Resource not accessible by {who}", saml_failure=False)
        return self._boards.of("orgs" if kind == "Organization" else "users", login, token)

    def _project_of(self, login: str, kind: str, number: int) -> Node:
        for one in self._seen(login, kind):
            if one.number == number:
                return self.project(one)
        raise MissingError(
            "NOT_FOUND", f"Could not resolve to a ProjectV2 with the number {number}."
        )

    def _node(self, id: str) -> Node:  # noqa: A002 - the argument's name in the schema
        for one in self._boards.projects:
            kind = one.owner_kind
            if one.node_id == id and one in self._seen(one.owner, kind):
                return self.project(one)
        raise MissingError("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'")

    def project(self, project: Project) -> Node:
        kind = "orgs" if project.owner_kind == "Organization" else "users"
        place = f"/{kind}/{project.owner}/projects/{project.number}"
        return Node(
            "ProjectV2",
            {
                "id": project.node_id,
                "databaseId": project.id,
                "fullDatabaseId": str(project.id),
                "number": project.number,
                "title": project.title,
                "url": self._desk.site + place,
                "resourcePath": place,
                "closed": project.closed,
                "public": project.public,
                "createdAt": project.created_at,
                "updatedAt": project.updated_at,
                "shortDescription": None,
                "owner": lambda: self._person(project.owner, project.owner_kind),
                "field": lambda name: self._named_field(project, name),
                "fields": lambda **page: connection(
                    "ProjectV2FieldConfigurationConnection",
                    "fields",
                    project.fields,
                    lambda one: self._field(project, one),
                    page,
                ),
                "items": lambda **page: connection(
                    "ProjectV2ItemConnection",
                    "items",
                    self._boards.items(project),
                    lambda one: self._item(project, one),
                    page,
                ),
            },
        )

    def _named_field(self, project: Project, name: str) -> Node | None:
        found = [one for one in project.fields if one.name == name]
        return self._field(project, found[0]) if found else None

    def _field(self, project: Project, field: Field) -> Node:
        fields: dict[str, Any] = {
            "id": field.node_id,
            "databaseId": field.id,
            "name": field.name,
            "dataType": field.data_type.upper(),
            "createdAt": project.created_at,
            "updatedAt": project.created_at,
            "project": lambda: self.project(project),
        }
        if field.data_type == "iteration":
            fields["configuration"] = lambda: self._configuration(field)
        if field.data_type == "single_select":
            fields["options"] = [
                Node(
                    "ProjectV2SingleSelectFieldOption",
                    {"id": name.lower(), "name": name, "color": "GRAY", "description": ""},
                )
                for name in field.options
            ]
        return Node(_KINDS.get(field.data_type, "ProjectV2Field"), fields)

    def _configuration(self, field: Field) -> Node:
        today = self._store.now.date()
        done = [one for one in field.iterations if one.is_completed(today)]
        ahead = [one for one in field.iterations if not one.is_completed(today)]
        return Node(
            "ProjectV2IterationFieldConfiguration",
            {
                "duration": field.iterations[0].days if field.iterations else 14,
                "startDay": 1,
                "iterations": [_iteration(one) for one in ahead],
                # The latest comes first.
                "completedIterations": [_iteration(one) for one in reversed(done)],
            },
        )

    def _item(self, project: Project, item: Item) -> Node:
        issue = self._boards.issue_of(item, self._token)
        kind, content = "DRAFT_ISSUE", Node("DraftIssue", {"title": item.title, "body": ""})
        if issue is not None:
            kind = "PULL_REQUEST" if issue.is_pull else "ISSUE"
            content = self._issue(issue)
        is_redacted = item.issue is not None and issue is None
        values = self._values(project, item, issue)
        return Node(
            "ProjectV2Item",
            {
                "id": item.node_id,
                "databaseId": item.id,
                "fullDatabaseId": str(item.id),
                "type": "REDACTED" if is_redacted else kind,
                "isArchived": item.archived_at is not None,
                "createdAt": item.created_at,
                "updatedAt": item.updated_at,
                "content": None if is_redacted else content,
                "project": lambda: self.project(project),
                "fieldValueByName": lambda name: dict(values).get(name),
                "fieldValues": lambda **page: connection(
                    "ProjectV2ItemFieldValueConnection",
                    "fieldValues",
                    [_Numbered(n, value) for n, (_, value) in enumerate(values, 1)],
                    lambda one: one.node,
                    page,
                ),
            },
        )

    def _values(self, project: Project, item: Item, issue: Issue | None) -> list[tuple[str, Node]]:
        found: list[tuple[str, Node]] = []
        for field in project.fields:
            if field.data_type == "title":
                title = item.title if issue is None else issue.title
                own: tuple[str, dict[str, Any]] = ("Text", {"text": title})
            elif field.id not in item.values:
                continue
            else:
                own = _value(field, item.values[field.id])
            common = {
                "id": f"PVTV_{item.id}_{field.id}",
                "createdAt": item.created_at,
                "updatedAt": item.updated_at,
                "field": self._field(project, field),
            }
            found.append((field.name, Node(f"ProjectV2ItemField{own[0]}Value", common | own[1])))
        if issue is not None:
            repo = self._repo(self._store.repos[issue.repo])
            value = {"repository": repo}
            found.append(("Repository", Node("ProjectV2ItemFieldRepositoryValue", value)))
        return found

    def _repository(self, owner: str, name: str, followRenames: bool = True) -> Node:  # noqa: N803, FBT001, FBT002
        full_name = f"{owner}/{name}"
        found = self._store.repos.get(self._store.names.get(full_name.lower(), 0))
        is_old = found is not None and found.full_name.lower() != full_name.lower()
        if found is None or not sees(self._token, found) or (is_old and not followRenames):
            raise MissingError(
                "NOT_FOUND", f"Could not resolve to a Repository with the name '{full_name}'."
            )
        return self._repo(found)

    def _repo(self, repo: Repo) -> Node:
        return Node(
            "Repository",
            {
                "id": f"R_kgDO{repo.id}",
                "databaseId": repo.id,
                "name": repo.name,
                "nameWithOwner": repo.full_name,
                "url": f"{self._desk.site}/{repo.full_name}",
                "isPrivate": repo.private,
                "owner": lambda: self._person(repo.owner, repo.owner_kind),
                "issue": lambda number: self._numbered(repo, number),
                "issues": lambda: self._total("IssueConnection", repo, is_pull=False),
                "pullRequests": lambda: self._total("PullRequestConnection", repo, is_pull=True),
            },
        )

    def _total(self, kind: str, repo: Repo, *, is_pull: bool) -> Node:
        there = (one for one in self._store.index.issues.values() if one.repo == repo.id)
        return Node(kind, {"totalCount": sum(one.is_pull is is_pull for one in there)})

    def _numbered(self, repo: Repo, number: int) -> Node:
        found = self._store.issues.get(repo.issues.get(number, 0))
        if found is None or found.is_pull:
            raise MissingError(
                "NOT_FOUND", f"Could not resolve to an Issue with the number of {number}."
            )
        return self._issue(found)

    def _issue(self, issue: Issue) -> Node:
        repo = self._store.repos[issue.repo]
        place = "pull" if issue.is_pull else "issues"
        fields: dict[str, Any] = {
            "id": issue.node_id,
            "fullDatabaseId": str(issue.id),
            "number": issue.number,
            "title": issue.title,
            "body": issue.body or "",
            "state": issue.state.upper(),
            "url": f"{self._desk.site}/{repo.full_name}/{place}/{issue.number}",
            "createdAt": issue.created_at,
            "updatedAt": issue.updated_at,
            "closedAt": issue.closed_at,
            "closed": issue.closed_at is not None,
            "repository": lambda: self._repo(repo),
            "projectItems": lambda **page: self._project_items(issue, page),
        }
        if issue.is_pull:
            return Node("PullRequest", fields)
        fields["databaseId"] = issue.id
        fields["stateReason"] = issue.state_reason and issue.state_reason.upper()
        return Node("Issue", fields)

    def _project_items(self, issue: Issue, page: Mapping[str, Any]) -> Node:
        found = [
            _Placed(item.id, project, item)
            for project in self._boards.projects
            if project in self._seen(project.owner, project.owner_kind)
            for item in self._boards.items(project)
            if item.issue is not None and self._store.issue(item.issue).id == issue.id
        ]
        return connection(
            "ProjectV2ItemConnection",
            "projectItems",
            found,
            lambda one: self._item(one.project, one.item),
            page,
        )


@dataclass(frozen=True)
class _Numbered:
    id: int
    node: Node


@dataclass(frozen=True)
class _Placed:
    id: int
    project: Project
    item: Item


def _iteration(one: Iteration) -> Node:
    return Node(
        "ProjectV2IterationFieldIteration",
        {
            "id": one.id,
            "title": one.title,
            "titleHTML": one.title,
            "startDate": one.start_on.isoformat(),
            "duration": one.days,
        },
    )


def _value(field: Field, value: Any) -> tuple[str, dict[str, Any]]:
    """Return the middle of the value's type, and its own fields."""
    if field.data_type == "number":
        return "Number", {"number": value}
    if field.data_type == "iteration":
        one = next(one for one in field.iterations if one.id == value)
        own = _iteration(one).fields
        names = ("title", "titleHTML", "startDate", "duration")
        return "Iteration", {"iterationId": one.id, **{name: own[name] for name in names}}
    if field.data_type == "single_select":
        return "SingleSelect", {"name": value, "optionId": str(value).lower()}
    return ("Date", {"date": value}) if field.data_type == "date" else ("Text", {"text": value})


def _forbidden(message: str, *, saml_failure: bool) -> MissingError:
    return MissingError("FORBIDDEN", message, extensions={"saml_failure": saml_failure})
