"""The issues of a board or a sprint with their changelogs, page by page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from debtplan.core.decode import Json
from debtplan.files.shape import record, sequence, words
from debtplan.sources.jira.answer import PAGE, list_of, odd, page_through
from debtplan.sources.jira.history import History, Vocabulary, history_of
from debtplan.sources.jira.jql import updated_since
from debtplan.sources.jira.site import NOT_FOUND, JiraServer
from debtplan.sources.jira.sprint import JiraSprint
from debtplan.transport.answer import Answer

_PLAIN = ("created", "updated", "resolutiondate", "statuscategorychangedate")
_MOST_PAGES = 10_000


@dataclass(frozen=True)
class BoardIssues:
    """Asks for the issues of one board."""

    server: JiraServer
    board: str
    vocabulary: Vocabulary

    def of_sprint(self, sprint: JiraSprint) -> Iterator[History]:
        """Yield the issues that have a sprint in their field now.

        A sprint may be shared with other boards, where it was made: then only this board's issues
        in it count.
        """
        path = f"sprint/{sprint.id}/issue"
        if sprint.board not in {"", self.board}:
            shared = f"board/{self.board}/sprint/{sprint.id}/issue"
            first = self._page(shared, 0, {}, frozenset({NOT_FOUND}))
            if first.status != NOT_FOUND:
                path = shared
        for issues in self._pages(path):
            yield from self._histories(issues)

    def changed(self, since: datetime) -> Iterator[list[Json]]:
        """Yield pages of the board's issues that were changed since an instant."""
        return self._pages(f"board/{self.board}/issue", jql=updated_since(since))

    def histories_since(self, since: datetime) -> Iterator[History]:
        """Yield the same with their changelogs."""
        for issues in self.changed(since):
            yield from self._histories(issues)

    def _pages(self, path: str, **query: str) -> Iterator[list[Json]]:
        return page_through(lambda start: self._page(path, start, query), "issues")

    def _page(
        self,
        path: str,
        start: int,
        query: Mapping[str, str],
        allow: frozenset[int] = frozenset(),
    ) -> Answer:
        asked = {
            "fields": ",".join((*_PLAIN, *self.vocabulary.fields())),
            "startAt": str(start),
            "maxResults": str(PAGE),
            **query,
        }
        if not self.server.is_cloud:
            asked["expand"] = "changelog"
        return self.server.agile(path, allow=allow, **asked)

    def _histories(self, issues: Sequence[Json]) -> Iterator[History]:
        if not issues:
            return
        logs = self._changelogs(issues) if self.server.is_cloud else {}
        for issue in issues:
            whole = record(issue)
            own = sequence(record(whole.get("changelog")).get("histories"))
            yield history_of(issue, logs.get(words(whole.get("id")), own), self.vocabulary)

    def _changelogs(self, issues: Sequence[Json]) -> dict[str, list[Json]]:
        """Return changelogs by issue: Cloud's lists of issues give the newest 40 entries only."""
        ids: list[Json] = [words(record(one).get("id")) for one in issues]
        body: dict[str, Json] = {
            "issueIdsOrKeys": ids,
            "fieldIds": [*self.vocabulary.fields()[:10]],
            "maxResults": 1000,
        }
        found: dict[str, list[Json]] = {words(one): [] for one in ids}
        tokens: set[str] = set()
        for _ in range(_MOST_PAGES):
            answer = self.server.post("changelog/bulkfetch", body)
            for log in map(record, list_of(answer, "issueChangeLogs")):
                own = found.setdefault(words(log.get("issueId")), [])
                own += sequence(log.get("changeHistories"))
            token = words(record(answer.json()).get("nextPageToken"))
            if not token:
                return found
            if token in tokens:
                break
            tokens.add(token)
            body["nextPageToken"] = token
        raise odd(answer, "with a page as the next one that was read before")
