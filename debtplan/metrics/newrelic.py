"""New Relic: NRQL queries through NerdGraph.

    [metrics.newrelic]         account = 1234567, region = "us" or "eu"
    DEBTPLAN_NEWRELIC_TOKEN    a user key (NRAK-...)

A query is NRQL up to its WHERE; debtplan adds `SINCE ... UNTIL ... TIMESERIES 1 day`, and refuses
one that has such clauses of its own. It is one query for each figure, or one without a name:

    query = '''SELECT filter(count(*), WHERE error IS true) AS bad, count(*) AS total
               FROM Transaction WHERE appName = 'shop' AND name = 'WebTransaction/ship' '''

| column of the one query | what it is |
|---|---|
| AS bad, AS total, AS recovered, AS rate, AS good, AS p95, ... | that figure |
| count(*) without a name | total, and so the sample of a rate or of percentiles |
| percentage(...) without a name | rate; its per cent become a share |
| percentile(duration, 50, 95) without a name | p50 and p95, in the attribute's own unit |
| filter(count(*), WHERE duration <= 0.5) AS 'le_0.5' | a bucket; with total a histogram |

`histogram()` gives no bounds with its counts, and average is no figure: neither is taken.
A query that takes longer than New Relic waits goes on there, and is asked for again.

The API is that of docs.newrelic.com, "NerdGraph tutorial: Run NRQL queries asynchronously" and
"Query NRQL through NerdGraph" (read 2026-11-23): failures are answers of status 200 with `errors`;
a time series has at most 366 buckets.
"""

import re
import time
from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar

from debtplan.core.decode import Json
from debtplan.core.reading import Window, midnight
from debtplan.core.text import clean_line
from debtplan.errors import AuthenticationError, ForbiddenError, SourceError, UsageError
from debtplan.metrics.daily import (
    DAY_S,
    PLAIN,
    WHOLE,
    DayFigures,
    Remarks,
    day_at,
    figures_of,
    join_figures,
)
from debtplan.metrics.live import DailySource
from debtplan.metrics.measure import percentile_rank
from debtplan.metrics.options import MetricQuery
from debtplan.transport.client import Client, Login
from debtplan.transport.retry import RetryError

_HOSTS = {"us": "https://api.newrelic.com", "eu": "https://api.eu.newrelic.com"}

_PROGRESS = "results queryProgress { queryId completed retryAfter }"
_ASK = (
    "query($account: Int!, $nrql: Nrql!) { actor { account(id: $account) { "
    f"nrql(query: $nrql, async: true) {{ {_PROGRESS} }} }} }} }}"
)
_AGAIN = (
    "query($account: Int!, $id: ID!) { actor { account(id: $account) { "
    f"nrqlQueryProgress(queryId: $id) {{ {_PROGRESS} }} }} }} }}"
)
_WHO = "query($account: Int!) { actor { account(id: $account) { id name } } }"

_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|`[^`]*`|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_OURS = re.compile(
    r"\b(SINCE|UNTIL|TIMESERIES|FACET|COMPARE\s+WITH|LIMIT|SLIDE\s+BY|WITH\s+TIMEZONE)\b",
    re.IGNORECASE,
)
"""Clauses that debtplan writes itself, or that would give several series or other days."""

_BUCKET = re.compile(r"le_([0-9]+(?:\.[0-9]+)?)")
_TIMES = frozenset({"beginTimeSeconds", "endTimeSeconds"})
_NO_KEY = frozenset({"ACCESS_DENIED", "UNAUTHENTICATED", "UNAUTHORIZED", "INVALID_API_KEY"})
_FIRST_WAIT_S = 5.0
_LONGEST_WAIT_S = 60.0

Row = dict[str, Json]


class LiveNewRelic(DailySource):
    """See `LiveSource`."""

    takes: ClassVar[tuple[str, ...]] = (WHOLE, *PLAIN)

    def _open(self) -> Client:
        token = self._token("New Relic", "a user key (NRAK-...)")
        help_ = f"Put a user key (NRAK-...) of the region that region names into {token.origin}."
        login = Login({"API-Key": token}, token.origin, help_)
        return self._access.client(self._address(), login, self._setting("url"))

    def _address(self) -> str:
        if not self._table.url and self._table.region not in _HOSTS:
            what = f"{self._setting('region')} is {self._table.region!r}, which New Relic has not."
            raise UsageError(what, 'Set region = "us" or "eu".')
        return self._table.url or _HOSTS[self._table.region]

    def _account(self) -> int:
        return int(self._need("account", "NUMBER"))

    def _meaning(self) -> Mapping[str, object]:
        return {"address": self._address(), "account": self._table.account}

    def _greet(self) -> str:
        found = self._graph("The account", _WHO, {})
        named = clean_line(str(found.get("name") or "without a name"), 80)
        return f"answers at {self._address()}, and shows account {self._account()} ({named})"

    def _days(self, query: MetricQuery, span: Window, remarks: Remarks) -> Iterator[DayFigures]:
        places = {
            name: f"The query {name!r} of metric {query.metric.id!r}" if name else
            f"The query of metric {query.metric.id!r}"
            for name in query.queries
        }  # fmt: skip
        if WHOLE in query.queries:
            if len(query.queries) > 1:
                what = f"Metric {query.metric.id!r} has a query without a name and others."
                raise UsageError(what, "Give one query for all figures, or one for each.")
            yield from self._whole_days(places[WHOLE], query.queries[WHOLE], span)
            return
        columns = {
            name: _column(places[name], name, self._rows(places[name], text, span))
            for name, text in sorted(query.queries.items())
        }
        yield from join_figures(columns, None, remarks)

    def _whole_days(self, place: str, text: str, span: Window) -> Iterator[DayFigures]:
        """Yield the figures that one query gives by their names."""
        for row in self._rows(place, text, span):
            figures, buckets = _named(place, row)
            if figures or buckets:
                yield DayFigures(_day(place, row), figures_of(figures, buckets))

    def _rows(self, place: str, text: str, span: Window) -> list[Row]:
        """Return what NRQL says, one row a day."""
        nrql = build(place, text, span)
        found = self._graph(place, _ASK, {"nrql": nrql}, "nrql")
        attempts = 0
        while not _is_complete(found):
            attempts += 1
            id_ = self._wait(place, found, attempts)
            found = self._graph(place, _AGAIN, {"id": id_}, "nrqlQueryProgress")
        rows = found.get("results")
        if not isinstance(rows, list):
            raise SourceError(f"{place} was answered without results.", "Run it again.")
        return [row for row in rows if isinstance(row, dict)]

    def _wait(self, place: str, found: Mapping[str, Json], attempts: int) -> str:
        """Wait as long as New Relic asks, within the source's budget; return the query's id."""
        progress = found.get("queryProgress")
        id_ = progress.get("queryId") if isinstance(progress, dict) else None
        after = progress.get("retryAfter") if isinstance(progress, dict) else None
        if not isinstance(id_, str):
            raise SourceError(f"{place} neither ended nor says how to ask again.", "Run it again.")
        asked_s = float(after) if isinstance(after, int | float) else _FIRST_WAIT_S
        wait_s = min(max(asked_s, 1.0), _LONGEST_WAIT_S)
        busy = RetryError("is still computing a query", wait_s)
        granted = self._client.budget.grant("New Relic", busy, attempts)
        if granted is None:
            what = f"{place} takes longer than [transport] max_wait_s allows."
            raise SourceError(what, "Ask for less in it, or allow more time.")
        time.sleep(granted)
        return id_

    def _graph(
        self, place: str, question: str, values: Mapping[str, Json], field: str = ""
    ) -> dict[str, Json]:
        """Return the account's answer to a GraphQL question, or a field of it.

        Raises:
            AuthenticationError: The key is refused, or does not reach the account.
            SourceError: The question failed, whatever the status says.
        """
        account = self._account()
        body: Json = {"query": question, "variables": {"account": account, **values}}
        answer = self._client.post("/graphql", body).json()
        if not isinstance(answer, dict):
            raise SourceError(f"{place} was answered with no object.", "Check url.")
        self._refuse(place, answer.get("errors"))
        found: Json = answer
        for name in filter(None, ("data", "actor", "account", field)):
            found = found.get(name) if isinstance(found, dict) else None
        if not isinstance(found, dict):
            what = f"Account {account} is not shown to the key."
            raise ForbiddenError(what, "Check account, region and what the key's user may see.")
        return found

    def _refuse(self, place: str, errors: Json) -> None:
        if not isinstance(errors, list) or not errors:
            return
        first = errors[0] if isinstance(errors[0], dict) else {}
        why = clean_line(str(first.get("message") or "no reason"), 200).rstrip(".")
        more = first.get("extensions")
        kind = more.get("errorClass") or more.get("code") if isinstance(more, dict) else None
        if isinstance(kind, str) and kind in _NO_KEY:
            what = f"New Relic refused the key: {why}."
            fix = f"Set {self._access.variable('TOKEN')} to a user key that sees the account."
            raise AuthenticationError(what, fix)
        raise SourceError(f"{place} failed: {why}.", "Try it in New Relic's query builder.")


def build(place: str, text: str, span: Window) -> str:
    """Return NRQL for every whole day of a span.

    Raises:
        UsageError: The query is empty, or has a clause of its own for time or for several series.
    """
    query = text.strip().rstrip(";").strip()
    if not query:
        raise UsageError(f"{place} is empty.", "Write NRQL, or take its name out.")
    found = _OURS.search(_QUOTED.sub("''", query))
    if found:
        what = f"{place} has {found[1].upper()}, which debtplan adds or cannot use."
        raise UsageError(what, "Take the clause out; the query is asked for every day by itself.")
    since, until = (f"{midnight(day).timestamp():.0f}000" for day in (span.start_on, span.end_on))
    return f"{query} SINCE {since} UNTIL {until} TIMESERIES 1 day"


def _is_complete(found: Mapping[str, Json]) -> bool:
    progress = found.get("queryProgress")
    if isinstance(progress, dict) and progress.get("completed") is False:
        return False
    return isinstance(found.get("results"), list) or not isinstance(progress, dict)


def _day(place: str, row: Row) -> date:
    """Return the day of a row, which has to be a whole one in UTC."""
    begin, end = row.get("beginTimeSeconds"), row.get("endTimeSeconds")
    if not isinstance(begin, int | float) or not isinstance(end, int | float):
        what = f"{place} was answered with a row without a time."
        raise SourceError(what, "Write SELECT ... FROM ... with functions such as count(*).")
    day = day_at(begin)
    if day is None or end - begin != DAY_S:
        what = f"{place} was answered for {begin} to {end}, which is no day in UTC."
        raise SourceError(what, "Run it again; if it stays so, upgrade debtplan.")
    return day


def _column(place: str, name: str, rows: list[Row]) -> dict[date, float]:
    """Return the only number of each row, by day."""
    found: dict[date, float] = {}
    for row in rows:
        keys = [key for key in row if key not in _TIMES]
        if len(keys) != 1:
            what = f"{place} gives {len(keys)} columns ({', '.join(sorted(keys)[:5])}), not one."
            raise SourceError(what, "Select one function in it.")
        value = row[keys[0]]
        if isinstance(value, dict) and len(value) == 1:  # percentile(duration, 95)
            value = next(iter(value.values()))
        number = _number(place, keys[0], value)
        if number is not None:
            is_per_cent = name not in {"bad", "total"} and _is_percentage(keys[0])
            found[_day(place, row)] = number / 100 if is_per_cent else number
    return found


def _named(place: str, row: Row) -> tuple[dict[str, float], tuple[tuple[float, float], ...]]:
    """Return the figures of a row by name, and its buckets."""
    figures: dict[str, float] = {}
    buckets: list[tuple[float, float]] = []
    for key, value in row.items():
        if key in _TIMES:
            continue
        ranked = value if isinstance(value, dict) and key.startswith("percentile") else {key: value}
        for name, one in ranked.items():
            number = _number(place, name, one)
            figure = _figure(place, key, f"p{name}" if ranked is value else name)
            if number is None:
                continue
            bucket = _BUCKET.fullmatch(figure)
            if bucket:
                buckets.append((float(bucket[1]), number))
            else:
                figures[figure] = number / 100 if _is_percentage(key) else number
    return figures, tuple(sorted(buckets))


def _figure(place: str, key: str, name: str) -> str:
    if _is_percentage(key):
        return "rate"
    if key == "count":
        return "total"
    if name in PLAIN or percentile_rank(name) is not None or _BUCKET.fullmatch(name):
        return name
    what = f"{place} gives the column {clean_line(key, 60)!r}, which is no figure."
    raise SourceError(what, "Name it: AS bad, AS total, AS rate, AS p95, AS 'le_0.5'.")


def _is_percentage(key: str) -> bool:
    return key == "percentage" or key.startswith("percentage.")


def _number(place: str, name: str, value: Json) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        what = f"{place} gives {clean_line(name, 60)!r} as {type(value).__name__}, no number."
        raise SourceError(what, "Select count, percentage or percentile in it.")
    return float(value)
