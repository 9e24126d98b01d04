"""Records of a fake GitHub as its REST answers write them (OpenAPI description 3.0.3)."""

from typing import Any
from urllib.parse import quote

from tests.servers.github_desk import Desk
from tests.servers.github_records import Issue, IssueField, IssueType, Label, Milestone, Repo

Record = dict[str, Any]

_PERSON = {
    "followers_url": "followers",
    "following_url": "following{/other_user}",
    "gists_url": "gists{/gist_id}",
    "starred_url": "starred{/owner}{/repo}",
    "subscriptions_url": "subscriptions",
    "organizations_url": "orgs",
    "repos_url": "repos",
    "events_url": "events{/privacy}",
    "received_events_url": "received_events",
}
_REPO = (
    "archive:{archive_format}{/ref} assignees:assignees{/user} blobs:git/blobs{/sha} "
    "branches:branches{/branch} collaborators:collaborators{/collaborator} "
    "comments:comments{/number} commits:commits{/sha} compare:compare/{base}...{head} "
    "contents:contents/{+path} contributors:contributors deployments:deployments "
    "downloads:downloads events:events forks:forks git_commits:git/commits{/sha} "
    "git_refs:git/refs{/sha} git_tags:git/tags{/sha} hooks:hooks "
    "issue_comment:issues/comments{/number} issue_events:issues/events{/number} "
    "issues:issues{/number} keys:keys{/key_id} labels:labels{/name} languages:languages "
    "merges:merges milestones:milestones{/number} "
    "notifications:notifications{?since,all,participating} pulls:pulls{/number} "
    "releases:releases{/id} stargazers:stargazers statuses:statuses/{sha} "
    "subscribers:subscribers subscription:subscription tags:tags teams:teams "
    "trees:git/trees{/sha}"
)
_REPO_LINKS = tuple(part.partition(":") for part in _REPO.split())
_REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
_NO_REACTIONS = dict.fromkeys(("total_count", *_REACTIONS), 0)


class Shape:
    """Writes what the store holds."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.store
        self._people: dict[str, Record] = {}

    def person(self, login: str, kind: str = "User") -> Record:
        """Write a `simple-user`."""
        if login not in self._people:
            url = f"{self._desk.api}/users/{login}"
            key = self._store.person_id(login)
            self._people[login] = {
                "login": login,
                "id": key,
                "node_id": f"{kind[0]}_kgDO{key:06d}",
                "avatar_url": f"{self._desk.site}/{login}.png",
                "gravatar_id": "",
                "url": url,
                "html_url": f"{self._desk.site}/{login}",
                **{name: f"{url}/{end}" for name, end in _PERSON.items()},
                "type": kind,
                "user_view_type": "public",
                "site_admin": False,
            }
        return self._people[login]

    def account(self, login: str) -> Record:
        """Write the `public-user` that `GET /user` answers."""
        texts = ("name", "company", "blog", "location", "email", "hireable", "bio")
        return {
            **self.person(login),
            **dict.fromkeys(texts),
            **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
            "created_at": "2020-01-01T00:00:00Z",
            "updated_at": "2020-01-01T00:00:00Z",
        }

    def repo(self, repo: Repo, version: str = "2022-11-28") -> Record:
        """Write a `full-repository`."""
        name = repo.full_name
        url, html = f"{self._desk.api}/repos/{name}", f"{self._desk.site}/{name}"
        issues = (self._store.issues[key] for key in repo.issues.values())
        n_open = sum(issue.state == "open" for issue in issues)
        counts = ("forks", "forks_count", "network_count", "size", "stargazers_count")
        more = ("subscribers_count", "watchers", "watchers_count")
        parts = ("has_discussions", "has_pages", "has_wiki", "archived", "disabled", "fork")
        downloads = {"has_downloads": True} if version == "2022-11-28" else {}
        return {
            "id": repo.id,
            "node_id": f"R_kgDO{repo.id}",
            "name": repo.name,
            "full_name": name,
            "owner": self.person(repo.owner, repo.owner_kind),
            "private": repo.private,
            "visibility": "private" if repo.private else "public",
            "html_url": html,
            "url": url,
            **{f"{key}_url": f"{url}/{end}" for key, _, end in _REPO_LINKS},
            "clone_url": f"{html}.git",
            "git_url": f"git://github.com/{name}.git",
            "ssh_url": f"git@github.com:{name}.git",
            "svn_url": html,
            "default_branch": "main",
            **dict.fromkeys(counts + more, 0),
            **dict.fromkeys(parts, False),
            **dict.fromkeys(("description", "homepage", "language", "license", "mirror_url")),
            **downloads,
            "has_issues": repo.has_issues,
            "has_projects": True,
            "open_issues": n_open,
            "open_issues_count": n_open,
            "created_at": repo.created_at,
            "updated_at": repo.created_at,
            "pushed_at": repo.created_at,
            "permissions": {"admin": False, "push": True, "pull": True},
        }

    def label(self, repo: Repo, label: Label) -> Record:
        return {
            "id": label.id,
            "node_id": f"LA_kwDO{label.id}",
            "url": f"{self._desk.api}/repos/{repo.full_name}/labels/{quote(label.name)}",
            "name": label.name,
            "color": label.color,
            "default": False,
            "description": label.description,
        }

    def milestone(self, repo: Repo, milestone: Milestone) -> Record:
        url = f"{self._desk.api}/repos/{repo.full_name}/milestones/{milestone.number}"
        return {
            "url": url,
            "html_url": f"{self._desk.site}/{repo.full_name}/milestone/{milestone.number}",
            "labels_url": f"{url}/labels",
            "id": milestone.id,
            "node_id": f"MI_kwDO{milestone.id}",
            "number": milestone.number,
            "title": milestone.title,
            "description": milestone.description,
            "creator": self.person("octocat"),
            "open_issues": milestone.open_issues,
            "closed_issues": milestone.closed_issues,
            "state": milestone.state,
            "created_at": milestone.created_at,
            "updated_at": milestone.updated_at,
            "due_on": milestone.due_on,
            "closed_at": milestone.closed_at,
        }

    def issue_type(self, kind: IssueType) -> Record:
        return {
            "id": kind.id,
            "node_id": f"IT_kwDO{kind.id}",
            "name": kind.name,
            "description": kind.description,
            "color": kind.color,
            "created_at": "2025-01-01T00:00:00Z",
            "updated_at": "2025-01-01T00:00:00Z",
            "is_enabled": True,
        }

    def issue_field(self, field: IssueField) -> Record:
        return {
            "id": field.id,
            "node_id": f"IFN_kwDO{field.id}",
            "name": field.name,
            "description": None,
            "data_type": field.data_type,
            "visibility": "all",
            "created_at": "2025-01-01T00:00:00Z",
            "updated_at": "2025-01-01T00:00:00Z",
        }

    def _values(self, issue: Issue, repo: Repo) -> Record:
        """Write the values of an issue; where the organisation has no fields, nothing."""
        fields = self._store.fields.get(repo.owner.lower(), ())
        values = dict(issue.values)
        written = [
            {
                "issue_field_id": one.id,
                "issue_field_name": one.name,
                "node_id": f"IFV_kwDO{one.id}",
                "data_type": one.data_type,
                "value": values[one.name],
            }
            for one in fields
            if one.name in values
        ]
        return {"issue_field_values": written} if fields else {}

    def issue(self, issue: Issue) -> Record:
        """Write an `issue` as lists and single answers do."""
        repo = self._store.repos[issue.repo]
        home = f"{self._desk.api}/repos/{repo.full_name}"
        url = f"{home}/issues/{issue.number}"
        place = "pull" if issue.is_pull else "issues"
        number = issue.milestone
        return {
            "url": url,
            "repository_url": home,
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "html_url": f"{self._desk.site}/{repo.full_name}/{place}/{issue.number}",
            "id": issue.id,
            "node_id": issue.node_id,
            "number": issue.number,
            "title": issue.title,
            "user": self.person(issue.author),
            "labels": [self.label(repo, repo.labels[name.lower()]) for name in issue.labels],
            "state": issue.state,
            "locked": False,
            "assignee": None,
            "assignees": [],
            "milestone": number and self.milestone(repo, repo.milestones[number]),
            "comments": 0,
            "created_at": issue.created_at,
            "updated_at": issue.updated_at,
            "closed_at": issue.closed_at,
            "author_association": "MEMBER",
            "active_lock_reason": None,
            "body": issue.body,
            "closed_by": self.person(issue.author) if issue.closed_at else None,
            "reactions": {"url": f"{url}/reactions", **_NO_REACTIONS},
            "timeline_url": f"{url}/timeline",
            "performed_via_github_app": None,
            "state_reason": issue.state_reason,
            **(self._pull(issue, repo) if issue.is_pull else self._relations(issue, repo)),
        }

    def _pull(self, issue: Issue, repo: Repo) -> Record:
        url = f"{self._desk.api}/repos/{repo.full_name}/pulls/{issue.number}"
        html = f"{self._desk.site}/{repo.full_name}/pull/{issue.number}"
        links = {"diff_url": f"{html}.diff", "patch_url": f"{html}.patch", "merged_at": None}
        return {"draft": False, "pull_request": {"url": url, "html_url": html, **links}}

    def _relations(self, issue: Issue, repo: Repo) -> Record:
        store = self._store
        kinds = store.types.get(repo.owner.lower(), ())
        kind = next((one for one in kinds if one.name == issue.type), None)
        children = store.related(store.children, issue)
        done = sum(child.state == "closed" for child in children)
        blockers = store.related(store.blocked_by, issue)
        blocked = store.related(store.blocking, issue)
        parent = store.issues.get(store.parents.get(issue.id, 0))
        above = {"parent_issue_url": self.issue_url(parent)} if parent else {}
        return {
            "type": kind and self.issue_type(kind),
            "sub_issues_summary": {
                "total": len(children),
                "completed": done,
                "percent_completed": 100 * done // len(children) if children else 0,
            },
            # Open blockers count as blocking; the totals count all of them.
            "issue_dependencies_summary": {
                "blocked_by": sum(one.state == "open" for one in blockers),
                "total_blocked_by": len(blockers),
                "blocking": len(blocked) if issue.state == "open" else 0,
                "total_blocking": len(blocked),
            },
            **above,
            **self._values(issue, repo),
        }

    def issue_url(self, issue: Issue) -> str:
        repo = self._store.repos[issue.repo]
        return f"{self._desk.api}/repos/{repo.full_name}/issues/{issue.number}"
