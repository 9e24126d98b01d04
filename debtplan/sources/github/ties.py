"""What ties GitHub's issues to each other: sub-issues, and which of them wait for which.

A list of issues counts the ties of each (`sub_issues_summary`, `issue_dependencies_summary`);
older servers leave the counts out, and then nothing is asked. The endpoints are
`/issues/{n}/sub_issues` and `/issues/{n}/dependencies/blocked_by` of GitHub's REST description. A
change of a tie leaves `updated_at` of both ends alone (recorded answers of July 2025 in PyGithub's
tests of sub-issues).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from debtplan.core.decode import Json
from debtplan.errors import SourceError
from debtplan.files.shape import record, sequence, words
from debtplan.sources.github.issue import carries_one, is_pull_request, labels_of, repo_of
from debtplan.sources.github.login import GithubLine
from debtplan.transport.answer import Answer, Request

_ABSENT = frozenset({404, 410})
"""Older servers know no such endpoint, and an issue may be deleted between two questions."""


@dataclass(frozen=True)
class Ties:
    """What an issue is tied to; each as `owner/repo#7`.

    Attributes:
        waits: Open issues that block it. Where one of them is an umbrella, its parts.
        parts: Its open sub-issues that are items themselves: if there are any, it is an umbrella.
    """

    waits: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


NO_TIES = Ties()


@dataclass
class TieReader:
    """Asks for the ties of one repository's issues.

    Attributes:
        repo: The repository, as GitHub names it now.
        repos: Repositories whose issues become items, in lower case.
    """

    line: GithubLine
    repo: str
    repos: frozenset[str]

    def read(self, issue: Mapping[str, Json]) -> Ties:
        """Return what an open issue is tied to; nothing is asked about others.

        Issues without one of the labels that are asked for become no items and are not asked for.
        """
        is_blocked = _count(issue, "issue_dependencies_summary", "blocked_by") > 0
        if not (is_blocked or _has_open_parts(issue)):
            return NO_TIES
        if not _is_open(issue) or not self._is_taken(issue):
            return NO_TIES
        waits: tuple[str, ...] = ()
        if is_blocked:
            where = f"repos/{self.repo}/issues/{words(issue.get('number'))}"
            blockers = self._list(f"{where}/dependencies/blocked_by")
            named = (name for one in blockers if _is_open(one) for name in self._expanded(one))
            waits = tuple(dict.fromkeys(named))
        return Ties(waits, self._parts(issue))

    def _parts(self, issue: Mapping[str, Json]) -> tuple[str, ...]:
        """Return the open sub-issues of an issue that become items."""
        if not _has_open_parts(issue):
            return ()
        place = _place_of(issue) or f"{self.repo}#{words(issue.get('number'))}"
        repo, _, number = place.partition("#")
        found = self._list(f"repos/{repo}/issues/{number}/sub_issues")
        taken = (one for one in found if _is_open(one) and self._is_taken(one))
        named = (_place_of(one) for one in taken)
        return tuple(sorted(n for n in named if n.partition("#")[0].casefold() in self.repos))

    def _expanded(self, blocker: Mapping[str, Json]) -> Iterable[str]:
        """Return what stands for a blocker: itself, or the parts of an umbrella."""
        place = _place_of(blocker)
        return self._parts(blocker) or ((place,) if place else ())

    def _is_taken(self, issue: Mapping[str, Json]) -> bool:
        tags = labels_of(issue)
        return not is_pull_request(issue) and carries_one(tags, self.line.table.labels)

    def _list(self, path: str) -> list[dict[str, Json]]:
        """Return all records of a list of issues; none where the server has no such list."""
        found: list[dict[str, Json]] = []
        first = Request(path, (("per_page", "100"),), allow=_ABSENT)
        for answer in self.line.pages(first):
            if answer.status in _ABSENT:
                return found
            found += map(record, issues_of(answer))
        return found


def issues_of(answer: Answer) -> list[Json]:
    """Return the records of a list of issues.

    Raises:
        SourceError: The answer is no list; that is not the same as an empty one.
    """
    said = answer.json()
    if not isinstance(said, list):
        what = f"{answer.place} answered with no list where issues were expected."
        raise SourceError(what, "Check the address and the token; `debtplan doctor` shows both.")
    return sequence(said)


def _place_of(issue: Mapping[str, Json]) -> str:
    """Return `owner/repo#7`, "" where the record does not say it."""
    repo, number = repo_of(issue, ""), words(issue.get("number"))
    return f"{repo}#{number}" if repo and number else ""


def _is_open(issue: Mapping[str, Json]) -> bool:
    return words(issue.get("state")).casefold() == "open"


def _has_open_parts(issue: Mapping[str, Json]) -> bool:
    summary = "sub_issues_summary"
    return _count(issue, summary, "total") > _count(issue, summary, "completed")


def _count(issue: Mapping[str, Json], summary: str, name: str) -> int:
    """Return a count of a summary, 0 where the server has none."""
    found = record(issue.get(summary)).get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0
