"""What the repositories of a fake GitHub release and deploy."""

from dataclasses import dataclass, field
from typing import Any

from debtplan.core.decode import Json
from tests.servers.github_access import Token
from tests.servers.github_desk import Desk, not_found
from tests.servers.github_lists import Answer, plain_page
from tests.servers.github_records import Repo
from tests.servers.github_shape import Shape
from tests.servers.harness import Seen

Record = dict[str, Json]


@dataclass
class Shipped:
    """A release; instants as GitHub writes them."""

    id: int
    tag: str
    created_at: str
    published_at: str | None
    name: str | None = None
    body: str | None = None
    draft: bool = False
    prerelease: bool = False


@dataclass
class Deployment:
    """A deployment.

    Attributes:
        statuses: Id, state and instant, oldest first.
    """

    id: int
    ref: str
    created_at: str
    environment: str = "production"
    sha: str = "a" * 40
    description: str | None = None
    statuses: list[tuple[int, str, str]] = field(default_factory=list)


class Ships:
    """Releases and deployments by repository, newest last."""

    def __init__(self, desk: Desk, shape: Shape) -> None:
        self._desk = desk
        self._store = desk.store
        self._shape = shape
        self.releases: dict[int, list[Shipped]] = {}
        self.deployments: dict[int, list[Deployment]] = {}

    def publish(self, full_name: str, tag: str, **fields: Any) -> Shipped:
        """Publish a release now; `fields` are those of `Shipped`."""
        store = self._store
        times = {"created_at": store.stamp, "published_at": store.stamp}
        made = Shipped(store.new_id(), tag, **{**times, **fields})
        self.releases.setdefault(store.repo(full_name).id, []).append(made)
        return made

    def delete(self, full_name: str, made: Shipped) -> None:
        """Delete a release."""
        self.releases[self._store.repo(full_name).id].remove(made)

    def deploy(self, full_name: str, ref: str, *states: str, **fields: Any) -> Deployment:
        """Deploy now, with what became of it at once."""
        made = Deployment(self._store.new_id(), ref, **{"created_at": self._store.stamp, **fields})
        self.deployments.setdefault(self._store.repo(full_name).id, []).append(made)
        for state in states:
            self.say(made, state)
        return made

    def say(self, made: Deployment, state: str) -> None:
        """Let a deployment get a status now."""
        made.statuses.append((self._store.new_id(), state, self._store.stamp))

    def answer(self, repo: Repo, seen: Seen, token: Token | None, path: tuple[str, ...]) -> Answer:
        """Answer for `releases`, `deployments`, or the statuses of one deployment.

        Raises:
            Refusal: The token may not read it, or there is no such deployment.
        """
        permission = "contents" if path == ("releases",) else "deployments"
        if repo.private and token is not None and not token.may(permission):
            raise token.missing(permission)
        if path == ("releases",):
            found = self.releases.get(repo.id, [])[::-1]
            return plain_page(self._desk, seen, found, lambda one: self.release(repo, one))
        made = self.deployments.get(repo.id, [])[::-1]
        if len(path) == 1:
            wanted = seen.query.get("environment")
            shown = [one for one in made if wanted in (None, one.environment)]
            return plain_page(self._desk, seen, shown, lambda one: self.deployment(repo, one))
        meant = next((one for one in made if str(one.id) == path[1]), None)
        if meant is None:
            raise not_found()
        told = [self.status(repo, meant, status) for status in meant.statuses[::-1]]
        return plain_page(self._desk, seen, told, lambda record: record)

    def release(self, repo: Repo, one: Shipped) -> Record:
        """Write a `release`."""
        url = f"{self._desk.api}/repos/{repo.full_name}/releases/{one.id}"
        site = f"{self._desk.site}/{repo.full_name}/releases"
        return {
            "id": one.id,
            "node_id": f"RE_kwDO{one.id:08d}",
            "url": url,
            "html_url": f"{site}/tag/{one.tag}",
            "assets_url": f"{url}/assets",
            "upload_url": f"{url}/assets{{?name,label}}",
            "tarball_url": None,
            "zipball_url": None,
            "tag_name": one.tag,
            "target_commitish": "main",
            "name": one.name,
            "body": one.body,
            "draft": one.draft,
            "prerelease": one.prerelease,
            "immutable": False,
            "created_at": one.created_at,
            "published_at": one.published_at,
            "updated_at": one.published_at,
            "author": self._shape.person("octocat"),
            "assets": [],
        }

    def deployment(self, repo: Repo, one: Deployment) -> Record:
        """Write a `deployment`."""
        url = f"{self._desk.api}/repos/{repo.full_name}"
        return {
            "id": one.id,
            "node_id": f"DE_kwDO{one.id:08d}",
            "url": f"{url}/deployments/{one.id}",
            "repository_url": url,
            "statuses_url": f"{url}/deployments/{one.id}/statuses",
            "sha": one.sha,
            "ref": one.ref,
            "task": "deploy",
            "payload": {},
            "original_environment": one.environment,
            "environment": one.environment,
            "description": one.description,
            "creator": self._shape.person("octocat"),
            "created_at": one.created_at,
            "updated_at": one.created_at,
            "transient_environment": False,
            "production_environment": one.environment == "production",
        }

    def status(self, repo: Repo, one: Deployment, told: tuple[int, str, str]) -> Record:
        """Write a `deployment-status`."""
        id_, state, at = told
        url = f"{self._desk.api}/repos/{repo.full_name}"
        place = f"{url}/deployments/{one.id}"
        return {
            "id": id_,
            "node_id": f"DES_kwDO{id_:08d}",
            "url": f"{place}/statuses/{id_}",
            "deployment_url": place,
            "repository_url": url,
            "state": state,
            "creator": self._shape.person("octocat"),
            "description": "",
            "environment": one.environment,
            "target_url": "",
            "created_at": at,
            "updated_at": at,
        }
