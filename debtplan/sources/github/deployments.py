"""Deployments of a repository that reached users: those of an environment that succeeded.

"List deployments" and "List deployment statuses" in GitHub's REST description (version 2022-11-28,
read in November 2026), both newest first. A deployment does not say how it ended, its statuses do;
they take one request each, so each is asked until it has ended, and never again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from debtplan.core.contained import named_items
from debtplan.core.decode import Json
from debtplan.core.item import Skipped
from debtplan.core.release import Release
from debtplan.core.same_release import deployed_as
from debtplan.core.source import Batch
from debtplan.core.text import clean_line
from debtplan.files.shape import instant, record, words
from debtplan.sources.github.login import GithubLine
from debtplan.sources.github.published import CLOSED, entries_of
from debtplan.sources.intake import KEY_LIMIT, NAME_LIMIT
from debtplan.transport.answer import Answer, Request

PATIENCE = timedelta(days=30)
"""How long a deployment may wait for its approval (docs.github.com, "Reviewing deployments"): one
that has not succeeded by then is asked no more."""

MOST = 100
"""Deployments of an environment that one run looks at, the newest of them."""

_ENDED = frozenset({"error", "failure", "inactive"})
_COMMIT = 40
_SHORT = 7


@dataclass(frozen=True)
class DeploymentReader:
    """Reads the deployments of one repository.

    Attributes:
        name: Name of the source's table.
        repo: As the settings name it.
        now: The moment.
    """

    line: GithubLine
    name: str
    repo: str
    now: datetime

    def ask(self, environment: str) -> Answer:
        """Ask for the newest page of an environment; the statuses of `CLOSED` are answers too."""
        asked = (("environment", environment), ("per_page", str(MOST)))
        path = f"repos/{self.repo}/deployments"
        return self.line.ask(Request(path, asked, allow=CLOSED, is_kept=True))

    def read(self, answers: Mapping[str, Answer], after: datetime) -> Iterator[Batch]:
        """Yield what became of deployments made after an instant, oldest first.

        The `newest` of the last batch is the instant up to which all have ended; the following run
        begins there.

        Args:
            answers: The newest page of every environment.
            after: Deployments made until then have ended, or are too long ago.
        """
        made: list[tuple[datetime, str, Mapping[str, Json]]] = []
        for environment, answer in answers.items():
            listed = [record(one) for one in entries_of(answer, "deployments", "statuses_url")]
            dated = [(instant(one.get("created_at")), one) for one in listed]
            fresh = [(at, words(one.get("id")), one) for at, one in dated if at and at > after]
            is_cut = len(fresh) == len(listed) and answer.link("next") is not None
            yield self._remarks(environment, dated, is_cut=is_cut)
            made += fresh
        ended, waits_from = None, None
        for at, _, one in sorted(made, key=itemgetter(0, 1)):
            statuses = self._statuses(one)
            found = parse_deployment(one, statuses, self.name, self.repo)
            if found is None and not self._has_ended(at, statuses):
                waits_from = waits_from or at
            elif waits_from is None:
                ended = at
            key = found.id if isinstance(found, Release) else ""
            seen = ((f"deployment {words(one.get('id'))}", key),)
            yield Batch((found,) if found else (), seen, is_ordered=False)
        if ended and ended == waits_from:
            ended -= timedelta(seconds=1)
        yield Batch((), newest=min(ended, self.now) if ended else None, is_ordered=False)

    def _remarks(
        self,
        environment: str,
        dated: Sequence[tuple[datetime | None, Mapping[str, Json]]],
        *,
        is_cut: bool,
    ) -> Batch:
        """Return what is not known of an environment; nothing is said that holds no more."""
        ref = f"{self.repo} older deployments to {clean_line(environment, limit=NAME_LIMIT)}"
        reason = f"only the {MOST} newest are looked at in one run; those before them are not known"
        said = [Skipped(ref=ref, reason=reason)] if is_cut else []
        for at, one in dated:
            if at is None:
                place = f"{self.repo} deployment {words(one.get('id'))}"
                said.append(Skipped(ref=place, reason="was made on a day that cannot be read"))
        return Batch(tuple(said), cleared=(ref,), is_ordered=False)

    def _statuses(self, one: Mapping[str, Json]) -> list[Mapping[str, Json]]:
        """Return how a deployment went, newest first; nothing where it is gone by now."""
        path = f"repos/{self.repo}/deployments/{words(one.get('id'))}/statuses"
        answer = self.line.ask(Request(path, (("per_page", "100"),), allow=CLOSED))
        if answer.status in CLOSED:
            return [{"state": "error"}]
        return [record(one) for one in entries_of(answer, "statuses", "state")]

    def _has_ended(self, made_at: datetime, statuses: Sequence[Mapping[str, Json]]) -> bool:
        last = words(statuses[0].get("state")) if statuses else ""
        return last in _ENDED or self.now - made_at > PATIENCE


def parse_deployment(
    one: Mapping[str, Json], statuses: Sequence[Mapping[str, Json]], name: str, repo: str
) -> Release | Skipped | None:
    """Return the release that a deployment was, from its first success on; None without one."""
    told = [status for status in statuses if status.get("state") == "success"]
    times = [at for status in told if (at := instant(status.get("created_at")))]
    id_ = words(one.get("id"))
    if told and not times:
        reason = "succeeded on a day that cannot be read"
        return Skipped(ref=f"{repo} deployment {id_}", reason=reason)
    if not told:
        return None
    ref = words(one.get("ref")) or words(one.get("sha"))
    short = ref[:_SHORT] if len(ref) == _COMMIT and ref == words(one.get("sha")) else ref
    shown = clean_line(short, limit=KEY_LIMIT).replace(" ", "-")
    environment = clean_line(words(one.get("environment")), limit=NAME_LIMIT)
    called = words(one.get("repository_url")).rpartition("/repos/")[2] or repo
    text = f"{ref}\n{words(one.get('description'))}"
    return Release(
        id=deployed_as(f"{name}:{called}@{shown}", environment, id_),
        released_at=min(times),
        name=f"{shown} in {environment}",
        items=named_items(text, called),
        source=name,
    )
