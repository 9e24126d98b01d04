"""Walking through a repository's issues by the time of their last change, losing none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from debtplan.core.decode import Json
from debtplan.errors import SourceError
from debtplan.files.shape import instant, record, words
from debtplan.sources.github.login import GithubLine
from debtplan.sources.github.ties import issues_of
from debtplan.transport.answer import Answer, Request
from debtplan.transport.pages import EMPTY_IN_A_ROW

OVERLAP = timedelta(minutes=10)
"""What is read again before the mark: a change may become visible late."""

_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before any change that a tracker of ours can hold."""

_PAGE = "100"
"""Issues of a page, the most there is."""

_AGAIN = 3
"""Times a stretch of equal timestamps is read again in one walk."""


@dataclass(frozen=True, slots=True)
class IssuePage:
    """One page of a walk.

    Attributes:
        issues: Records that the page before did not give as they are.
        newest: Latest change on the page, and no later than GitHub's own time.
        is_ordered: Whether the page is in the order that was asked for, as it should be.
    """

    issues: tuple[dict[str, Json], ...]
    newest: datetime | None
    is_ordered: bool


@dataclass
class IssueWalk:
    """One walk, oldest change first.

    An issue that changes in the middle of it moves to the end of the list and shifts every later
    page to the left, so that one issue would fall between two pages (PyGithub#2010). Therefore page
    two is never asked for: after each page, page one is asked for again, from the newest change
    seen. Only where all of a page changed in the same second, as after a bulk edit, its next link
    is followed; should one of those issues come again later in the walk, one may have been lost
    there, and that second is read again.
    """

    line: GithubLine
    repo: str
    since: datetime | None
    _before: dict[str, str] = field(default_factory=dict, init=False)
    _followed: dict[str, str] = field(default_factory=dict, init=False)
    _followed_from: datetime | None = field(default=None, init=False)
    _is_doubtful: bool = field(default=False, init=False)

    def pages(self) -> Iterator[IssuePage]:
        """Yield every page; the list is at its end where GitHub names no next page."""
        start = max(self.since, _OLDEST + OVERLAP) - OVERLAP if self.since else None
        for _ in range(_AGAIN):
            yield from self._from(start)
            if not self._is_doubtful:
                return
            start = self._followed_from
            self._is_doubtful, self._followed = False, {}

    def _from(self, since: datetime | None) -> Iterator[IssuePage]:
        request, empty = self._first(since), 0
        asked: set[str] = set()
        while True:
            answer = self.line.ask(request)
            page = self._page(answer)
            yield page
            following = answer.link("next")
            if following is None:
                return
            if page.is_ordered and page.newest and (since is None or page.newest > since):
                since = page.newest
                request, empty = self._first(since), 0
                continue
            empty = 0 if self._before else empty + 1
            if following in asked or empty > EMPTY_IN_A_ROW:
                raise _endless(answer)
            asked.add(following)
            request = Request(following)
            if not self._followed:
                self._followed_from = since
            self._followed |= self._before

    def _first(self, since: datetime | None) -> Request:
        asked = {"state": "all", "sort": "updated", "direction": "asc", "per_page": _PAGE}
        if since is not None:
            since = max(since, _OLDEST)
            asked["since"] = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return Request(f"repos/{self.repo}/issues", tuple(asked.items()))

    def _page(self, answer: Answer) -> IssuePage:
        issues = [record(one) for one in issues_of(answer)]
        if issues and not any(words(one.get("number")) for one in issues):
            raise no_issues(answer)
        now = {sighting_of(one): words(one.get("updated_at")) for one in issues}
        if any(self._followed.get(id_, at) != at for id_, at in now.items()):
            self._is_doubtful = True
        fresh = tuple(
            one
            for one in issues
            if self._before.get(sighting_of(one)) != words(one.get("updated_at"))
        )
        self._before = now
        times = [instant(one.get("updated_at")) for one in issues]
        known = [at for at in times if at is not None]
        is_ordered = len(known) == len(times) and known == sorted(known)
        newest = max(known, default=None)
        if newest and answer.date:  # a clock that was wrong once must not hide all later changes
            newest = min(newest, answer.date)
        return IssuePage(fresh, newest, is_ordered)


def no_issues(answer: Answer) -> SourceError:
    """Return the error for a list of other things than issues."""
    what = f"{answer.place} answered with a list of what are no issues (status {answer.status})."
    return SourceError(what, "Run `debtplan doctor`; a proxy may answer in GitHub's place.")


def _endless(answer: Answer) -> SourceError:
    what = f"{answer.place} names pages without an end; the list cannot be read to its end."
    return SourceError(what, "Run it again; what was read so far is kept.")


def sighting_of(issue: Mapping[str, Json]) -> str:
    """Return what an issue is recognised by: `1296269#7`, database id and number.

    The database id stays when the repository is renamed, and is another one after a transfer. The
    number is there because GitHub answers no question that names the database id alone.
    """
    return f"{words(issue.get('id'))}#{words(issue.get('number'))}"


def number_of(sighting: str) -> str:
    """Return the number in what `sighting_of` returned."""
    return sighting.rpartition("#")[2]
