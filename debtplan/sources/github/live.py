"""Items from GitHub and GitHub Enterprise Server, repository by repository, as they change.

A part is a repository. Endpoints, limits and pitfalls: GitHub's REST description (version
2022-11-28) and GraphQL schema, read in November 2026.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256

from debtplan.core.item import Skipped
from debtplan.core.source import Batch, Mark, Probe
from debtplan.core.text import clean_line
from debtplan.errors import SettingsError, SourceError
from debtplan.files.shape import record, words
from debtplan.sources.github.census import GithubCensus
from debtplan.sources.github.login import READ_ISSUES, GithubLine, needing
from debtplan.sources.github.probe import GithubProbe
from debtplan.sources.github.project import BoardValue, GithubProject, Place
from debtplan.sources.github.reader import IssueReader
from debtplan.sources.github.ties import TieReader
from debtplan.sources.github.walk import IssueWalk
from debtplan.sources.options import IssueTable
from debtplan.transport.access import Access
from debtplan.transport.ahead import one_ahead
from debtplan.transport.answer import Request

_FORM = "2"
"""Form of what is read; another one makes every repository be read anew."""

REPO = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}")
"""A repository as the settings name it."""


@dataclass(frozen=True)
class _Repository:
    """A repository as GitHub names it now, which may be another name than that of the settings."""

    name: str
    id: str


class LiveGithub:
    """See `LiveSource`.

    Labels of the settings are looked at after reading, since a list that is asked for by label does
    not show an issue that lost it: the census is of the whole repository, pull requests included.

    What is in a project, and which issues block which or are part of which, changes without any
    change of the issue's own time, so a walk does not meet it. The project is read whole in each
    run, and a digest of what it says of a repository is part of that repository's scope: an
    estimate that changed makes the repository be read anew. Ties cannot be asked for without asking
    about every issue; so the day is part of the scope, and each repository is read anew once a day.

    With a project, sprints are its iterations and milestones mean nothing; without one, an open
    milestone is taken for the sprint, as it is in saved answers.
    """

    def __init__(self, name: str, table: IssueTable, access: Access) -> None:
        """Ask nothing yet."""
        self.name = name
        self._table = table
        self._line = GithubLine(name, table, access)
        self._project = GithubProject(self._line, table.project) if table.project else None
        self._known: dict[str, _Repository] = {}

    def parts(self) -> tuple[str, ...]:
        """See `LiveSource.parts`."""
        wrong = [one for one in self._table.repos if not REPO.fullmatch(one)]
        if not self._table.repos or wrong:
            named = clean_line(wrong[0], limit=100) if wrong else ""
            what = f"names {named!r}, which is no repository" if wrong else "names no repository"
            fix = 'Set it like repos = ["acme/shop"].'
            raise SettingsError(f"repos of [sources.{self.name}] {what}.", fix)
        once: dict[str, str] = {}
        for one in self._table.repos:
            once.setdefault(one.casefold(), one)
        return tuple(once.values())

    def scope(self, part: str) -> str:
        """See `LiveSource.scope`.

        Another repository under the same name, or another name of the same one, which is part of
        every key, is read anew; and every repository is once a day (UTC), for its ties.
        """
        repo = self._repository(part)
        table = self._table
        asked: list[object] = [table.labels, table.estimate_label, table.estimate_field]
        values = self._values_of(repo)
        if values is not None:
            asked += (table.project, *sorted(values.items(), key=str))
        digest = sha256(repr(asked).encode()).hexdigest()[:16]
        day = self._line.access.clock().astimezone(UTC)
        return f"{repo.name} {repo.id} {day:%Y-%m-%d} {_FORM} {digest}"

    def walk(self, part: str, mark: Mark) -> Iterator[Batch]:
        """See `LiveSource.walk`; pages come as `IssueWalk` says."""
        repo = self._repository(part)
        reader = self._reader(repo)
        walk = IssueWalk(self._line, repo.name, mark.since)
        with needing(part, READ_ISSUES):
            for page, ties in one_ahead(reader.with_ties(walk.pages())):
                yield reader.batch(page.issues, ties, page.newest, is_ordered=page.is_ordered)
        if mark.since is None:
            yield Batch(tuple(self._remarks(part, reader)))

    def census(self, part: str) -> GithubCensus:
        """See `LiveSource.census`."""
        repo = self._repository(part)
        return GithubCensus(self._line, repo.name, self._reader(repo))

    def probe(self) -> Iterator[Probe]:
        """See `LiveSource.probe`."""
        yield from GithubProbe(self._line, self._project).probes(self.parts)

    def close(self) -> None:
        """See `LiveSource.close`."""
        self._known.clear()
        if self._project:
            self._project.forget()
        self._line.close()

    def _repository(self, part: str) -> _Repository:
        """Return the repository, asked once.

        Raises:
            SourceError: It is not there for this token, or has its issues switched off.
            AuthenticationError: The token may not read it.
        """
        if part not in self._known:
            with needing(part, READ_ISSUES):
                found = self._line.ask(
                    Request(f"repos/{part}", allow=frozenset({404}), is_kept=True)
                )
            said = record(found.json())
            name = words(said.get("full_name"))
            if found.status == 404 or not REPO.fullmatch(name):  # noqa: PLR2004 - Not Found
                why = f"does not exist, or is hidden from this token (status {found.status})"
                what = f"{found.place} {why}."
                fix = f"Check `repos` of [sources.{self.name}], and give the token {READ_ISSUES}."
                raise SourceError(what, fix)
            if said.get("has_issues") is False:
                what = f"{found.place} has its issues switched off."
                raise SourceError(what, f"Take it out of `repos` of [sources.{self.name}].")
            self._known[part] = _Repository(name, words(said.get("id")))
        return self._known[part]

    def _reader(self, repo: _Repository) -> IssueReader:
        repos = {one.casefold() for one in self._table.repos}
        repos |= {one.name.casefold() for one in self._known.values()}
        ties = TieReader(self._line, repo.name, frozenset(repos))
        return IssueReader(self.name, self._table, repo.name, ties, self._values_of(repo))

    def _values_of(self, repo: _Repository) -> dict[Place, BoardValue] | None:
        """Return what the project says of a repository's issues; None where no project is set."""
        if self._project is None:
            return None
        mine = repo.name.casefold()
        return {one: value for one, value in self._project.values().items() if one[0] == mine}

    def _remarks(self, part: str, reader: IssueReader) -> Iterator[Skipped]:
        """Yield what was left out, counted: lists of thousands would hide what matters."""
        day = f"(counted on {self._line.access.clock():%Y-%m-%d})"
        pulls, unwanted = len(reader.pulls), len(reader.unwanted)
        if pulls:
            are = (
                "1 pull request is no item"
                if pulls == 1
                else f"{pulls:,} pull requests are no items"
            )
            yield Skipped(ref=f"{part} pulls", reason=f"{are} {day}")
        if unwanted:
            carry = "1 issue carries" if unwanted == 1 else f"{unwanted:,} issues carry"
            labels = ", ".join(clean_line(one, limit=60) for one in self._table.labels)
            reason = f"{carry} none of the labels {labels}; left out as asked {day}"
            yield Skipped(ref=f"{part} issues", reason=reason)
        if self._table.estimate_field and not reader.is_estimated:
            named = f"estimate_field {clean_line(self._table.estimate_field, limit=60)!r}"
            reason = f"{named}: no issue has a value in a field of that name {day}"
            yield Skipped(ref=f"{part} fields", reason=reason)
