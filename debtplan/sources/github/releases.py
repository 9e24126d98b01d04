"""What reached users, as GitHub tells it: releases and deployments, repository by repository."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from debtplan.core.item import Skipped
from debtplan.core.source import Batch, Mark, Probe
from debtplan.core.text import clean_line
from debtplan.errors import DebtplanError
from debtplan.ports import Census
from debtplan.sources.github.deployments import DeploymentReader
from debtplan.sources.github.live import REPO
from debtplan.sources.github.login import GithubLine
from debtplan.sources.github.published import CLOSED, ReleasePages, entries_of
from debtplan.sources.listed import Listed
from debtplan.sources.options import IssueTable
from debtplan.transport.access import Access
from debtplan.transport.answer import Answer

READ_CONTENTS = "Contents: read"
READ_DEPLOYMENTS = "Deployments: read"
"""Permissions of a fine-grained token; a classic one needs `repo` for a private repository (GitHub
REST description, "List releases" and "List deployments", November 2026)."""

_FORM = "1"
"""Form of what is read; another one makes everything be read anew."""

_DEPLOYMENTS = " deployments"
"""How the part of a repository's deployments ends; what is published is another part, so that one
of them that cannot be read leaves the other alone."""


class LiveGithubReleases:
    """See `LiveSource`. It costs one request for a repository and one for each environment.

    Both ask only whether something changed; a deployment that is new costs one more.
    """

    def __init__(self, name: str, table: IssueTable, access: Access) -> None:
        """Ask nothing yet."""
        self.name = f"{name}:releases"
        self._table = table
        self._tracker = name
        self._line = GithubLine(name, table, access)
        self._whole: dict[str, tuple[str, ...]] = {}

    def parts(self) -> tuple[str, ...]:
        """See `LiveSource.parts`: the repositories, then their deployments.

        What is no repository is left out: the source of the items says so.
        """
        once: dict[str, str] = {}
        for one in filter(REPO.fullmatch, self._table.repos):
            once.setdefault(one.casefold(), one)
        repos = tuple(once.values())
        deployed = repos if self._table.environments else ()
        return (*repos, *(f"{one}{_DEPLOYMENTS}" for one in deployed))

    def scope(self, part: str) -> str:
        """See `LiveSource.scope`; nothing is asked for it."""
        asked = f"{_FORM} {self._table.release_days} days"
        if part.endswith(_DEPLOYMENTS):
            return f"{asked} {sorted(set(self._table.environments))}"
        return asked

    def walk(self, part: str, mark: Mark) -> Iterator[Batch]:
        """See `LiveSource.walk`. What may not be read is a remark, and no failure."""
        if part.endswith(_DEPLOYMENTS):
            yield from self._deployed(part.removesuffix(_DEPLOYMENTS), mark)
        else:
            yield from self._published(part, mark)

    def census(self, part: str) -> Census | None:
        """See `LiveSource.census`: of releases that one page has all of; None of others."""
        ids = self._whole.pop(part, None)
        return None if ids is None else Listed(ids)

    def probe(self) -> Iterator[Probe]:
        """See `LiveSource.probe`; the token itself is looked at by the source of the items."""
        for repo in self.parts():
            if repo.endswith(_DEPLOYMENTS):
                continue
            pages = ReleasePages(self._line, self._tracker, repo)
            yield self._looked(repo, "releases", pages.first)
            reader = self._reader(repo)
            for one in dict.fromkeys(self._table.environments):
                what = f"deployments to {clean_line(one, limit=60)}"
                yield self._looked(repo, what, partial(reader.ask, one))

    def close(self) -> None:
        """See `LiveSource.close`."""
        self._whole.clear()
        self._line.close()

    def _published(self, repo: str, mark: Mark) -> Iterator[Batch]:
        pages = ReleasePages(self._line, self._tracker, repo)
        first = pages.first()
        yield self._remark(repo, "releases", first)
        if first.status in CLOSED:
            return
        for page in pages.read(first, mark.since, self._not_before()):
            if page.is_whole:
                self._whole[repo] = page.ids
            yield page.batch

    def _deployed(self, repo: str, mark: Mark) -> Iterator[Batch]:
        if self._is_anonymous():
            yield self._unasked(repo)
            return
        reader, answers = self._reader(repo), {}
        for one in dict.fromkeys(self._table.environments):
            answer = reader.ask(one)
            yield self._remark(repo, "deployments", answer)
            if answer.status in CLOSED:
                return
            answers[one] = answer
        yield from reader.read(answers, mark.since or self._not_before())

    def _is_anonymous(self) -> bool:
        self._line.client()  # which finds out
        return self._line.is_anonymous

    def _not_before(self) -> datetime:
        return self._line.access.clock() - timedelta(days=self._table.release_days)

    def _reader(self, repo: str) -> DeploymentReader:
        return DeploymentReader(self._line, self._tracker, repo, self._line.access.clock())

    def _unasked(self, repo: str) -> Batch:
        variable = self._line.access.variable("TOKEN")
        reason = f"are not asked for without a token: each costs a request; set {variable}"
        said = Skipped(ref=f"{repo}{_DEPLOYMENTS}", reason=reason)
        return Batch((said,), is_ordered=False)

    def _remark(self, repo: str, what: str, answer: Answer) -> Batch:
        """Return what there is to say about an answer; nothing is said that holds no more."""
        ref = f"{repo} {what}"
        if answer.status not in CLOSED:
            return Batch((), cleared=(ref,), is_ordered=False)
        reason = f"{_barred(answer)}; {self._advice(repo, what)}"
        return Batch((Skipped(ref=ref, reason=reason),), is_ordered=False)

    def _advice(self, repo: str, what: str) -> str:
        is_release = what == "releases"
        permission = READ_CONTENTS if is_release else READ_DEPLOYMENTS
        off = "releases = false" if is_release else "environments = []"
        give = f"give the token the permission {permission} (classic: repo) for {repo}"
        return f"{give}, or set {off} under [sources.{self._tracker}]"

    def _looked(self, repo: str, what: str, ask: Callable[[], Answer]) -> Probe:
        """Return how a list answers."""
        try:
            answer = ask()
            if answer.status in CLOSED:
                advice = self._advice(repo, what.partition(" ")[0])
                fix = f"{advice[:1].upper()}{advice[1:]}."
                said = f"{repo}: {what} {_barred(answer)}"
                return Probe(part=self._tracker, is_well=False, what=said, fix=fix)
            found = len(entries_of(answer, what, "id"))
        except DebtplanError as error:
            said = error.what.rstrip(".")
            return Probe(part=self._tracker, is_well=False, what=said, fix=error.fix)
        shown = f"{found} or more" if answer.link("next") else f"{found}"
        said = f"{repo}: {what} can be read, {shown} listed"
        return Probe(part=self._tracker, is_well=True, what=said)


def _barred(answer: Answer) -> str:
    return f"cannot be read with this token (status {answer.status})"
