"""Which issues a repository has now, and what became of those that are missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from debtplan.core.source import Batch, Fate
from debtplan.errors import DebtplanError
from debtplan.files.shape import record
from debtplan.sources.github.login import READ_ISSUES, GithubLine, needing
from debtplan.sources.github.reader import IssueReader
from debtplan.sources.github.ties import issues_of
from debtplan.sources.github.walk import no_issues, number_of, sighting_of
from debtplan.transport.answer import Answer, Request

_TOTALS = """query($owner:String!,$name:String!){repository(owner:$owner,name:$name){
issues{totalCount}pullRequests{totalCount}}}"""

_NO_ISSUE = frozenset({301, 404, 410})
_BATCH = 50


@dataclass
class GithubCensus:
    """See `Census`. Pull requests count: the lists hold them, and so do the sightings.

    What became of an issue is asked by its number. GitHub answers 301 where it was transferred
    (`LEFT`), 410 where it was deleted, and 404 where it was transferred to a repository that the
    token may not read, or deleted from one ("Get an issue" in GitHub's REST description, read in
    November 2026). All issues of a repository are visible to whoever sees one, so 404 means `GONE`
    as long as the repository's issues are still listed, and `HIDDEN` where they are not.
    """

    line: GithubLine
    repo: str
    reader: IssueReader

    def count(self) -> int | None:
        """See `Census.count`."""
        with needing(self.repo, READ_ISSUES):
            answer = self._list("1")
            if answer.link("next") is None:
                return len(issues_of(answer))
            last = page_number(answer.link("last"))
        return self._totals() if last is None else last

    def ids(self) -> Iterator[str]:
        """See `Census.ids`.

        By the time of creation, which no change moves: only a deletion in the middle of it shifts a
        page, and then `look` finds the issue that was passed over.
        """
        asked = {"state": "all", "sort": "created", "direction": "asc", "per_page": "100"}
        with needing(self.repo, READ_ISSUES):
            for answer in self.line.pages(
                Request(f"repos/{self.repo}/issues", tuple(asked.items()))
            ):
                found = [sighting_of(record(one)) for one in issues_of(answer)]
                if any(one.startswith("#") or one.endswith("#") for one in found):
                    raise no_issues(answer)  # such a list cannot be compared with another
                yield from found

    def look(self, ids: Sequence[str]) -> Iterator[tuple[str, Fate]]:
        """See `Census.look`."""
        for one in ids:
            with needing(self.repo, READ_ISSUES):
                yield one, self._fate(one)

    def fetch(self, ids: Sequence[str]) -> Iterator[Batch]:
        """See `Census.fetch`; what has left in the meantime is passed over."""
        for start in range(0, len(ids), _BATCH):
            with needing(self.repo, READ_ISSUES):
                answers = [self._issue(one) for one in ids[start : start + _BATCH]]
                issues = [record(one.json()) for one in answers if one.status not in _NO_ISSUE]
                yield self.reader.batch(issues, [self.reader.ties.read(one) for one in issues])

    def _fate(self, sighting: str) -> Fate:
        answer = self._issue(sighting)
        if answer.status == 301:  # noqa: PLR2004 - Moved Permanently
            return Fate.LEFT
        if answer.status == 404:  # noqa: PLR2004 - Not Found
            return Fate.GONE if self._is_listed() else Fate.HIDDEN
        if answer.status in _NO_ISSUE or sighting_of(record(answer.json())) != sighting:
            return Fate.GONE
        return Fate.HERE

    def _issue(self, sighting: str) -> Answer:
        return self.line.ask(
            Request(f"repos/{self.repo}/issues/{number_of(sighting)}", allow=_NO_ISSUE)
        )

    def _list(self, size: str) -> Answer:
        return self.line.get(f"repos/{self.repo}/issues", state="all", per_page=size)

    def _is_listed(self) -> bool:
        try:
            return bool(issues_of(self._list("1")))
        except DebtplanError:
            return False

    def _totals(self) -> int | None:
        """Return the count by GraphQL: long lists are paged by cursors and name no last page."""
        if self.line.is_anonymous:
            return None
        owner, _, name = self.repo.partition("/")
        try:
            said = record(self.line.graphql(_TOTALS, {"owner": owner, "name": name}).json())
        except DebtplanError:
            return None  # nothing is lost: the census reads all ids then
        found = record(record(said.get("data")).get("repository"))
        totals = [record(found.get(one)).get("totalCount") for one in ("issues", "pullRequests")]
        known = [one for one in totals if isinstance(one, int)]
        return sum(known) if len(known) == len(totals) and not said.get("errors") else None


def page_number(address: str | None) -> int | None:
    """Return the number of the page that an address of a Link header names."""
    query = dict(parse_qsl(urlsplit(address or "").query))
    number = query.get("page", "")
    return int(number) if number.isascii() and number.isdigit() else None
