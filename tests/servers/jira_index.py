"""What the search of a fake Jira sees: the store, later by the lag."""

import heapq
import itertools
from datetime import datetime, timedelta

from tests.servers.jira_site import Issue


class SearchIndex:
    """Issues by id as the search sees them.

    Attributes:
        issues: By id.
        version: Changes with whatever may change an answer.
    """

    def __init__(self) -> None:
        self.issues: dict[int, Issue] = {}
        self.version = 0
        self._waiting: list[tuple[datetime, int, int, Issue | None]] = []
        self._order = itertools.count()

    def touch(self) -> None:
        """Note that answers may differ from now on."""
        self.version += 1

    def note(self, key: int, issue: Issue | None, now: datetime, lag_s: float) -> None:
        """Take in a change, None for a deletion; it is seen `lag_s` seconds after `now`."""
        if lag_s <= 0 and not self._waiting:
            self._apply(key, issue)
            return
        seen_at = now + timedelta(seconds=lag_s)
        heapq.heappush(self._waiting, (seen_at, next(self._order), key, issue))

    def refresh(self, now: datetime) -> None:
        """Show what is due."""
        while self._waiting and self._waiting[0][0] <= now:
            _, _, key, issue = heapq.heappop(self._waiting)
            self._apply(key, issue)

    def _apply(self, key: int, issue: Issue | None) -> None:
        self.version += 1
        if issue is None:
            self.issues.pop(key, None)
        else:
            self.issues[key] = issue
