"""Which issues of a project are there now, and what became of those that are not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from debtplan.core.decode import Json
from debtplan.core.source import Batch, Fate
from debtplan.errors import SourceError
from debtplan.files.shape import record, words
from debtplan.sources.jira.search import FEW, OVERLAP, Query, Search, changed_at, in_parts
from debtplan.sources.jira.site import FORBIDDEN, NOT_FOUND, OK, JiraServer

_MAY_FAIL = frozenset({FORBIDDEN, NOT_FOUND})


@dataclass(frozen=True)
class JiraCensus:
    """See `Census`.

    Attributes:
        query: What the settings ask for.
        fields: Of issues that no walk has given.
        batch: Makes records of such issues.
    """

    server: JiraServer
    search: Search
    query: Query
    fields: tuple[str, ...]
    batch: Callable[[list[Json]], Batch]

    def count(self) -> int | None:
        """See `Census.count`; Cloud only estimates it."""
        return self.search.count(self.query)

    def ids(self) -> Iterator[str]:
        """See `Census.ids`."""
        return self.search.ids(self.query)

    def look(self, ids: Sequence[str]) -> Iterator[tuple[str, Fate]]:
        """See `Census.look`.

        Jira answers 404 both for what was deleted and for what this token may not see ("Get issue"
        of the platform's API). It is known to be the second where the whole project is out of
        sight.
        """
        is_project_hidden: bool | None = None
        for some in in_parts(ids, FEW):
            here = self.search.among(self.query, some)
            fates: dict[str, Fate] = {}
            for one in some:
                fates[one] = Fate.HERE if here and one in here else self._ask_for(one)
            if here is None:  # one that is gone stops the search for the others
                fates |= self._among_those(fates)
            if Fate.GONE in fates.values() and is_project_hidden is None:
                is_project_hidden = self._is_project_hidden()
            for one, fate in fates.items():
                is_lost = fate is Fate.GONE and is_project_hidden
                yield one, Fate.HIDDEN if is_lost else fate

    def fetch(self, ids: Sequence[str]) -> Iterator[Batch]:
        """See `Census.fetch`."""
        for issues in self.search.by_id(ids, self.fields):
            if issues:
                yield self.batch(issues)

    def _ask_for(self, issue_id: str) -> Fate:
        """Return what became of one issue, which no search finds."""
        answer = self.server.get(f"issue/{issue_id}", allow=_MAY_FAIL, fields="project,updated")
        if answer.status == NOT_FOUND:
            return Fate.GONE
        if answer.status == FORBIDDEN:
            return Fate.HIDDEN
        issue = answer.json()
        if words(record(issue).get("id")) != issue_id:
            what = f"{answer.place} answered with another issue, or with none."
            raise SourceError(what, "Run `debtplan doctor`; a proxy may answer in Jira's place.")
        return Fate.HERE if self._may_lag(issue) else Fate.LEFT

    def _may_lag(self, issue: Json) -> bool:
        """Tell whether an issue that was just changed may be in the project without being found.

        Cloud's search was told to see it as it is now; Data Center's cannot be.
        """
        if self.server.is_cloud or not self.query.project:
            return False
        project = record(record(record(issue).get("fields")).get("project"))
        changed = changed_at(issue)
        is_own = words(project.get("key")).casefold() == self.query.project.casefold()
        return is_own and changed is not None and changed > self.server.now() - OVERLAP

    def _among_those(self, fates: dict[str, Fate]) -> dict[str, Fate]:
        """Return which of the issues that are there are still asked for."""
        left = [one for one, fate in fates.items() if fate is Fate.LEFT]
        found = self.search.among(self.query, left) if left else set()
        return dict.fromkeys(found or (), Fate.HERE)

    def _is_project_hidden(self) -> bool:
        project = self.query.project
        return bool(project) and self.server.status_of_project(project) != OK
