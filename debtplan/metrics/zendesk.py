"""Zendesk: support tickets over sessions, and how satisfied people were with the help.

    [metrics.zendesk]         url = "https://shop.zendesk.com", user = "agent@example.com",
                              sessions_per_day = 12000
    DEBTPLAN_ZENDESK_TOKEN    an API token of that user, an administrator; without `user` an OAuth
                              token with the scope read

    [[metric]]                kind = "ticket_rate" or "csat"
    query = "tag:shipping -tag:spam"

A query names the tickets it is about, see `zendesk_filter`; without one it is all of them.

* `ticket_rate` counts tickets on the day they were made, over `sessions_per_day`. Deleted ones do
  not count. Tags come late, so seven days are read again each time.
* `csat` counts dissatisfied answers among all of a day. The newer survey responses and the older
  satisfaction ratings are both read, since an account may have changed from one to the other; it
  never has both at a time. What the survey calls bad is dissatisfied; where it does not say,
  a rating up to `dissatisfied_at_most` is.

Only numbers a day are kept: no subject, text, requester or agent is looked at.

The API is that of developer.zendesk.com, "Incremental Exports", "Satisfaction Ratings" and "CSAT
Survey Responses" (read 2026-11-23): ten exports a minute; the export gives every ticket changed
since `start_time`, oldest change first, deleted ones too, and ends with `end_of_stream`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from debtplan.core.decode import Json
from debtplan.core.flow import MetricKind
from debtplan.core.reading import Window, midnight
from debtplan.errors import AuthenticationError, SourceError, UsageError
from debtplan.metrics.daily import ONE_DAY, WHOLE, DayFigures, Remarks
from debtplan.metrics.live import DailySource
from debtplan.metrics.measure import Figures
from debtplan.metrics.options import MetricQuery
from debtplan.metrics.zendesk_answer import Answered, day_of, legacy_answer, survey_answer
from debtplan.metrics.zendesk_filter import Condition, parse_filter
from debtplan.transport.answer import Answer, Request
from debtplan.transport.client import Client, Login
from debtplan.transport.pages import pages
from debtplan.transport.secret import basic, bearer

_EXPORT = "/api/v2/incremental/tickets/cursor.json"
_SURVEYS = "/api/v2/guide/survey_responses"
_RATINGS = "/api/v2/satisfaction_ratings"
_MANY = 100
"""Tickets that are asked for by number at once."""

_HIDDEN = frozenset({403, 404})
"""Statuses of a list that the account's plan does not have, or that the token may not see."""


@dataclass(frozen=True)
class _Export:
    """Tickets changed since a day, as far as a metric is about them.

    Attributes:
        since: The day.
        oldest: Day of the oldest ticket in it; None where there is none at all.
        counts: Tickets by metric and day they were made.
        odd: Tickets without a number or a time.
    """

    since: date
    oldest: date | None
    counts: Mapping[tuple[str, date], int]
    odd: int


class LiveZendesk(DailySource):
    """See `LiveSource`."""

    late_days: ClassVar[int] = 7
    takes: ClassVar[tuple[str, ...]] = (WHOLE,)
    has_percentiles: ClassVar[bool] = False
    _export: _Export | None = None
    _answers: tuple[date, tuple[Answered, ...], tuple[str, ...]] | None = None

    def close(self) -> None:
        """See `LiveSource.close`; what was read is asked for anew after it."""
        self._export = self._answers = None
        super().close()

    def _open(self) -> Client:
        token = self._token("Zendesk", "an API token of an administrator")
        user = self._table.user
        login = Login(
            {"Authorization": basic(f"{user}/token", token) if user else bearer(token)},
            token.origin,
            f"Put an API token of an administrator into {token.origin}, and their e-mail address "
            f"into user; leave user out for an OAuth token.",
        )
        return self._access.client(self._address(), login, self._setting("url"))

    def _address(self) -> str:
        return self._need("url", '"https://SUBDOMAIN.zendesk.com"')

    def _meaning(self) -> Mapping[str, object]:
        return {
            "address": self._address(),
            "sessions_per_day": self._table.sessions_per_day,
            "dissatisfied_at_most": self._table.dissatisfied_at_most,
        }

    def _greet(self) -> str:
        body = self._client.get("/api/v2/users/me.json").json()
        user = body.get("user") if isinstance(body, dict) else None
        if not isinstance(user, dict) or user.get("id") is None:  # Zendesk's "Anonymous user"
            what = f"{self._address()} does not know who asks."
            raise AuthenticationError(what, f"Check {self._access.variable('TOKEN')} and user.")
        if user.get("role") != "admin":
            what = f"The token's user is {user.get('role')!r} at {self._address()}."
            raise AuthenticationError(what, "Take the token of an administrator; exports need one.")
        return f"answers at {self._address()}, and knows the token as an administrator's"

    def _days(self, query: MetricQuery, span: Window, remarks: Remarks) -> Iterator[DayFigures]:
        kind = query.metric.kind
        if kind is MetricKind.TICKET_RATE:
            return self._ticket_days(query, span, remarks)
        if kind is MetricKind.CSAT:
            return self._answer_days(query, span, remarks)
        what = f"Metric {query.metric.id!r} is {kind}, which Zendesk does not measure."
        raise UsageError(what, "Take it for ticket_rate and csat.")

    def _conditions(self, query: MetricQuery) -> tuple[Condition, ...]:
        place = f"The query of metric {query.metric.id!r}"
        return parse_filter(place, query.queries.get(WHOLE, ""))

    def _ticket_days(
        self, query: MetricQuery, span: Window, remarks: Remarks
    ) -> Iterator[DayFigures]:
        sessions = self._table.sessions_per_day
        if sessions is None:
            what = f"[metrics.{self.name}] counts tickets but not among how many sessions."
            raise UsageError(what, "Set sessions_per_day, the sessions of an average day.")
        self._conditions(query)
        if self._export is None or span.start_on < self._export.since:
            self._export = self._read_export(span.start_on)
        export = self._export
        if export.odd:
            remarks.add(f"{export.odd:,} tickets without a number or a time are left out")
        day = span.end_on if export.oldest is None else max(span.start_on, export.oldest)
        while day < span.end_on:
            made = export.counts.get((query.metric.id, day), 0)
            yield DayFigures(day, Figures(bad=float(made), total=sessions))
            day += ONE_DAY

    def _read_export(self, since: date) -> _Export:
        """Return the tickets changed since a day, for all metrics at once: exports are scarce."""
        filters: dict[str, tuple[Condition, ...]] = {}
        for one in self._queries.values():
            with suppress(UsageError):  # that metric says so itself when its turn comes
                if one.metric.kind is MetricKind.TICKET_RATE:
                    filters[one.metric.id] = self._conditions(one)
        kept: dict[int, tuple[date, tuple[str, ...]]] = {}
        oldest: date | None = None
        odd = 0
        start = ("start_time", f"{midnight(since).timestamp():.0f}")
        first = Request(_EXPORT, (start,))
        for answer in pages(self._client, first, _next_export, _has_none("tickets")):
            for ticket in _list(answer, "tickets"):
                number, day = ticket.get("id"), day_of(ticket.get("created_at"))
                if not isinstance(number, int) or day is None:
                    odd += ticket.get("status") != "deleted"
                    continue
                oldest = min(oldest or day, day)
                metrics = tuple(
                    metric
                    for metric, conditions in filters.items()
                    if ticket.get("status") != "deleted"
                    and all(one.holds(ticket) for one in conditions)
                )
                kept.pop(number, None)  # it changed between two pages; the later one counts
                if metrics:
                    kept[number] = (day, metrics)
        counts = Counter((metric, day) for day, metrics in kept.values() for metric in metrics)
        return _Export(since, oldest, counts, odd)

    def _answer_days(
        self, query: MetricQuery, span: Window, remarks: Remarks
    ) -> Iterator[DayFigures]:
        conditions = self._conditions(query)
        if self._answers is None or span.start_on < self._answers[0]:
            found, said = self._read_answers(span.start_on)
            self._answers = (span.start_on, found, said)
        _, answers, notes = self._answers
        for note in notes:
            remarks.add(note)
        mine = [one for one in answers if span.start_on <= one.day < span.end_on]
        if conditions:
            fitting = self._fitting({one.ticket for one in mine if one.ticket}, conditions)
            mine = [one for one in mine if one.ticket in fitting]
        total = Counter(one.day for one in mine)
        bad = Counter(one.day for one in mine if one.is_bad)
        for day, answered in total.items():
            yield DayFigures(day, Figures(bad=float(bad[day]), total=float(answered)))

    def _read_answers(self, since: date) -> tuple[tuple[Answered, ...], tuple[str, ...]]:
        """Return all answers since a day, and what is to be said about them."""
        # A survey is made before it is answered, and its time is what the list goes by.
        asked_s = midnight(since - timedelta(days=self.late_days)).timestamp()
        first = ("filter[created_at_start]", f"{asked_s * 1000:.0f}")
        limit = self._table.dissatisfied_at_most
        surveys = self._pages_of(_SURVEYS, first)
        ratings = self._pages_of(
            _RATINGS, ("score", "received"), ("start_time", f"{midnight(since).timestamp():.0f}")
        )
        if surveys is None and ratings is None:
            what = "The answers of customers are hidden from the token, or the plan has none."
            raise SourceError(what, "Take the token of an administrator, on a plan with surveys.")
        found: dict[str, Answered] = {}
        for page in surveys or ():
            for record in _list(page, "survey_responses"):
                one = survey_answer(record, limit)
                if one is not None:
                    found[one.key] = one
        for page in ratings or ():
            for record in _list(page, "satisfaction_ratings"):
                one = legacy_answer(record)
                if one is not None:
                    found[one.key] = one
        notes = () if surveys is not None else (
            "survey responses cannot be read, so only the older satisfaction ratings count",
        )  # fmt: skip
        return tuple(found.values()), notes

    def _pages_of(self, path: str, *params: tuple[str, str]) -> list[Answer] | None:
        """Return every page of a list; None where there is no such list for us."""
        asked = (*params, ("page[size]", str(_MANY)))
        first = Request(path, asked, allow=_HIDDEN)

        def following(answer: Answer) -> Request | None:
            if answer.status in _HIDDEN:
                return None
            cursor = _next_cursor(answer)
            return None if cursor is None else Request(path, (*asked, ("page[after]", cursor)))

        found = list(pages(self._client, first, following, _has_none(path.rpartition("/")[2])))
        return None if found[0].status in _HIDDEN else found

    def _fitting(self, tickets: set[int], conditions: tuple[Condition, ...]) -> set[int]:
        """Return which tickets a filter is about."""
        fitting: set[int] = set()
        ordered = sorted(tickets)
        for start in range(0, len(ordered), _MANY):
            ids = ",".join(str(number) for number in ordered[start : start + _MANY])
            answer = self._client.get("/api/v2/tickets/show_many.json", ids=ids)
            for ticket in _list(answer, "tickets"):
                number = ticket.get("id")
                if isinstance(number, int) and all(one.holds(ticket) for one in conditions):
                    fitting.add(number)
        return fitting


def _list(answer: Answer, name: str) -> list[dict[str, Json]]:
    """Return a list of objects of an answer.

    Raises:
        SourceError: There is none; that is no empty list.
    """
    body = answer.json()
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise SourceError(f"{answer.place} answered without {name}.", "Check the address.")
    return [one for one in found if isinstance(one, dict)]


def _has_none(name: str) -> Callable[[Answer], bool]:
    """Return what tells whether a page of a list is empty."""
    return lambda answer: answer.status not in _HIDDEN and not _list(answer, name)


def _next_export(answer: Answer) -> Request | None:
    body = answer.json()
    if isinstance(body, dict) and body.get("end_of_stream") is True:
        return None
    cursor = body.get("after_cursor") if isinstance(body, dict) else None
    if not isinstance(cursor, str) or not cursor:
        what = f"{answer.place} says neither that it ended nor how it goes on."
        raise SourceError(what, "Run it again.")
    return Request(_EXPORT, (("cursor", cursor),))


def _next_cursor(answer: Answer) -> str | None:
    body = answer.json()
    meta = body.get("meta") if isinstance(body, dict) else None
    if not isinstance(meta, dict) or not isinstance(meta.get("has_more"), bool):
        raise SourceError(f"{answer.place} does not say whether it has more.", "Run it again.")
    if not meta["has_more"]:
        return None
    cursor = meta.get("after_cursor")
    if not isinstance(cursor, str) or not cursor:
        raise SourceError(f"{answer.place} has more but does not say where.", "Run it again.")
    return cursor
