"""Sentry: sessions that went wrong, and people who met an error.

    [metrics.sentry]         organization = "shop", project = "checkout",
                             url = "https://de.sentry.io" for another region or a server of your own
    DEBTPLAN_SENTRY_TOKEN    a token with org:read, project:read and event:read

| queries | a day's figures |
|---|---|
| query = FILTER | sessions: all that were not healthy (crashed, errored, abnormal, unhandled) |
| | among all that fit the filter: `release:shop@2.* environment:production`, "all" for all |
| bad = SEARCH, total = FILTER | people: those who met an error that fits the search, such as |
| | `issue:SHOP-12` or `transaction:/ship`, among all with a session that fits the filter |

People are counted once a day, however many errors they met, so several issues in one search do not
count them twice. The list of issues has a number of users too, but over its whole time and for each
issue by itself; neither gives a day's people, so it is not used. Sentry keeps 30 or 90 days, by
plan: a longer history comes out shorter, and that is said.

The API is that of docs.sentry.io and of Sentry's own OpenAPI description (read 2026-11-23):
"Retrieve Release Health Session Statistics" (UTC days by `interval=1d`; a session has one status)
and "Query Explore Events in Timeseries Format" (times in milliseconds, `incomplete` values).
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import ClassVar
from urllib.parse import quote

from debtplan.core.decode import Json
from debtplan.core.reading import Window
from debtplan.core.text import clean_line
from debtplan.errors import SourceError, UsageError
from debtplan.metrics.daily import (
    DAY_S,
    ONE_DAY,
    WHOLE,
    DayFigures,
    Remarks,
    day_at,
    instant_of,
    join_figures,
)
from debtplan.metrics.live import DailySource
from debtplan.metrics.measure import Figures
from debtplan.metrics.options import MetricQuery
from debtplan.transport.answer import Answer, Request
from debtplan.transport.client import Client, Login
from debtplan.transport.secret import bearer

_SESSIONS = "sum(session)"
_PEOPLE = "count_unique(user)"
_STATUS = "session.status"
_REFUSED = frozenset({400})


class LiveSentry(DailySource):
    """See `LiveSource`."""

    takes: ClassVar[tuple[str, ...]] = (WHOLE, "bad", "total")
    has_percentiles: ClassVar[bool] = False

    def _open(self) -> Client:
        token = self._token("Sentry", "a token with org:read, project:read and event:read")
        login = Login(
            {"Authorization": bearer(token)},
            token.origin,
            f"Put a token with org:read, project:read and event:read, made at {self._address()}, "
            f"into {token.origin}.",
        )
        return self._access.client(self._address(), login, self._setting("url"))

    def _address(self) -> str:
        return self._table.url or "https://sentry.io"

    def _path(self, what: str) -> str:
        slug = quote(self._need("organization", '"SLUG"'), safe="")
        return f"/api/0/organizations/{slug}/{what}"

    def _meaning(self) -> Mapping[str, object]:
        table = self._table
        return {
            "address": self._address(),
            "organization": table.organization,
            "project": str(table.project),
        }

    def _greet(self) -> str:
        self._client.get(self._path(""), detailed="0").json()
        return f"answers at {self._address()}, and shows {self._table.organization} to the token"

    def _days(self, query: MetricQuery, span: Window, remarks: Remarks) -> Iterator[DayFigures]:
        names = set(query.queries) or {WHOLE}
        if names == {WHOLE}:
            return self._session_days(query.queries.get(WHOLE, ""), span)
        if names == {"bad", "total"}:
            return self._people_days(query, span, remarks)
        what = f"Metric {query.metric.id!r} asks Sentry for {' and '.join(sorted(names))}."
        raise UsageError(what, "Give one query without a name, or bad and total.")

    def _session_days(self, text: str, span: Window) -> Iterator[DayFigures]:
        total: dict[date, float] = {}
        healthy: dict[date, float] = {}
        for by, days in self._sessions(_SESSIONS, text, span, ("groupBy", _STATUS)):
            for day, count in days.items():
                total[day] = total.get(day, 0.0) + count
                if by.get(_STATUS) == "healthy":
                    healthy[day] = healthy.get(day, 0.0) + count
        for day, count in total.items():
            yield DayFigures(day, Figures(bad=count - healthy.get(day, 0.0), total=count))

    def _people_days(
        self, query: MetricQuery, span: Window, remarks: Remarks
    ) -> Iterator[DayFigures]:
        columns: dict[str, dict[date, float]] = {"bad": {}, "total": {}}
        for _, days in self._sessions(_PEOPLE, query.queries["total"], span):
            columns["total"].update(days)
        if columns["total"]:
            columns["bad"] = self._people_hit(query.queries["bad"], span)
        yield from join_figures(columns, None, remarks)

    def _sessions(
        self, field: str, text: str, span: Window, *more: tuple[str, str]
    ) -> Iterator[tuple[Mapping[str, Json], dict[date, float]]]:
        """Yield each group of sessions with its numbers by day."""
        params = (("field", field), ("interval", "1d"), ("includeTotals", "0"), *more)
        answer = self._ask("sessions/", text, span, params)
        body = _body(answer)
        if body is None:
            return
        days = [_midnight(answer, one) for one in _several(answer, body, "intervals")]
        for group in _several(answer, body, "groups"):
            by = group.get("by") if isinstance(group, dict) else None
            series = group.get("series") if isinstance(group, dict) else None
            values = series.get(field) if isinstance(series, dict) else None
            if not isinstance(by, dict) or not isinstance(values, list):
                raise _odd(answer, f"a group without {field}")
            if len(values) != len(days):
                raise _odd(answer, f"{len(values)} values for {len(days)} days")
            yield by, {d: _number(answer, v or 0) for d, v in zip(days, values, strict=True)}

    def _people_hit(self, text: str, span: Window) -> dict[date, float]:
        """Return how many people met an error that fits the search, by day."""
        params = (("dataset", "errors"), ("yAxis", _PEOPLE), ("interval", str(DAY_S)))
        answer = self._ask("events-timeseries/", text, span, params)
        body = _body(answer)
        if body is None:
            return {}
        series = _several(answer, body, "timeSeries")
        if len(series) != 1:
            raise _odd(answer, f"{len(series)} series where one was asked for")
        values = series[0].get("values") if isinstance(series[0], dict) else None
        if not isinstance(values, list):
            raise _odd(answer, "a series without values")
        found: dict[date, float] = {}
        for one in values:
            if not isinstance(one, dict):
                raise _odd(answer, "a value without a time")
            if one.get("incomplete") is not True:
                found[_moment(answer, one.get("timestamp"))] = _number(answer, one.get("value"))
        return found

    def _ask(
        self, what: str, text: str, span: Window, params: tuple[tuple[str, str], ...]
    ) -> Answer:
        search = "" if text.strip() == "all" else text.strip()
        last = span.end_on - ONE_DAY
        asked = (
            *params,
            ("project", str(self._table.project) or "-1"),  # -1: all that the token may read
            ("query", search),
            ("start", f"{span.start_on}T00:00:00"),
            ("end", f"{last}T23:59:59"),
            ("utc", "true"),
        )
        return self._client.ask(Request(self._path(what), asked, allow=_REFUSED))


def _body(answer: Answer) -> dict[str, Json] | None:
    """Return the object of an answer; None where the days are older than what Sentry keeps.

    Raises:
        SourceError: The question was refused, or the answer is no object.
    """
    body = answer.json()
    if not isinstance(body, dict):
        raise _odd(answer, "no object")
    if answer.status not in _REFUSED:
        return body
    why = clean_line(str(body.get("detail") or body.get("error") or "no reason"), 200)
    if "date range" in why:
        return None
    what = f"{answer.place} refused the question: {why.rstrip('.')}."
    raise SourceError(what, "Correct the metric's query; try it in Sentry's own search first.")


def _several(answer: Answer, body: Mapping[str, Json], name: str) -> list[Json]:
    found = body.get(name)
    if not isinstance(found, list):
        raise _odd(answer, f"no {name}")
    return found


def _midnight(answer: Answer, text: Json) -> date:
    at = instant_of(text)
    if at is None:
        raise _odd(answer, "a day that is no time")
    if at.astimezone(UTC).time() != datetime.min.time():
        raise _odd(answer, "days that do not begin at midnight in UTC")
    return at.astimezone(UTC).date()


def _moment(answer: Answer, milliseconds: Json) -> date:
    day = day_at(_number(answer, milliseconds) / 1000)
    if day is None:
        raise _odd(answer, "days that do not begin at midnight in UTC")
    return day


def _number(answer: Answer, value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _odd(answer, f"{clean_line(str(value), 40)!r} where a number stands")
    return float(value)


def _odd(answer: Answer, what: str) -> SourceError:
    return SourceError(
        f"{answer.place} answered with {what}.", "Run it again, or upgrade debtplan."
    )
