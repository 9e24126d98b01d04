"""Prometheus, and what speaks its language: Mimir, Cortex, Thanos, VictoriaMetrics.

    [metrics.prometheus]         url = "https://prometheus.example.com", organization = "tenant"
    DEBTPLAN_PROMETHEUS_TOKEN    where one is needed: a bearer token, or the password of `user`

    [[metric]]
    queries.bad = 'sum(increase(http_requests_total{path="/ship", code=~"5.."}[$day])) or vector(0)'
    queries.total = 'sum(increase(http_requests_total{path="/ship"}[$day]))'

A query is evaluated once a day, at the midnight in UTC that ends it, and has to say what happened
during the 24 hours before: `increase(x[$day])`, `quantile_over_time(0.95, x[$day])`. `$day` stands
for 1d. The range variables of Grafana (`$__range`, `$__interval`, `$__rate_interval`, `$__range_s`)
mean the same day here, so that a panel's query can be copied; no other variable is known.

| figure | what the query returns |
|---|---|
| bad, total, recovered | one series, a count a day |
| rate | one series, a share in [0, 1]; `total` beside it is the sample |
| good, needs_improvement, poor | the same, three shares that add up to 1 |
| buckets | one series a bound, told apart by nothing but `le`, with cumulative counts: |
| | `sum by (le) (increase(x_bucket[$day]))`; `le="+Inf"` is the total, else `queries.total` |
| p50, p95, ... | one series, a time in the metric's unit: `histogram_quantile(0.95, ...)` |

The API is that of prometheus.io/docs, "HTTP API", and of the OpenAPI description in Prometheus' own
repository (read 2026-11-23): values are strings, NaN and +Inf among them; `warnings` may come with
an answer; at most 11,000 points a series, which days never reach.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from debtplan.core.decode import Json
from debtplan.core.reading import Window, midnight
from debtplan.core.text import clean_line
from debtplan.errors import SourceError, UsageError
from debtplan.metrics.daily import DAY_S, ONE_DAY, DayFigures, Remarks, day_at, join_figures
from debtplan.metrics.live import DailySource
from debtplan.metrics.options import MetricQuery
from debtplan.transport.answer import Answer, Request
from debtplan.transport.client import Client, Login
from debtplan.transport.secret import Secret, basic, bearer

_BAD_QUERY = frozenset({400, 422})
"""Statuses of a query that cannot be parsed or executed."""

_LONGEST_ADDRESS = 6_000
"""Characters of a question, as they stand in an address: with the rest of it this stays below the
8 KB that proxies take. A longer one is posted, which Prometheus takes ("Range queries": "useful
when specifying a large query that may breach server-side URL character limits"), and so does
Grafana's proxy for this path."""

_VARIABLE = re.compile(r"\$\{(?P<braced>\w+)(?::\w+)?\}|\$(?P<bare>[A-Za-z_]\w*)")
_DAY = {
    "day": "1d",
    "__range": "1d",
    "__interval": "1d",
    "__rate_interval": "1d",
    "__range_s": str(DAY_S),
    "__range_ms": str(DAY_S * 1000),
}

_ROUNDING = 1e-6
"""Relative; `increase` extrapolates, so a bucket may come out a hair below the one before."""


class LivePrometheus(DailySource):
    """See `LiveSource`."""

    def _open(self) -> Client:
        headers: dict[str, Secret] = {}
        token = self._access.secret("TOKEN")
        if token is not None:
            user = self._table.user
            headers["Authorization"] = basic(user, token) if user else bearer(token)
        tenant = self._table.organization
        login = Login(
            headers,
            token.origin if token else "",
            f"Set {self._access.variable('TOKEN')} to a token that may query, and user to the name "
            f"that goes with it where it is a password.",
            plain={"X-Scope-OrgID": tenant} if tenant else {},
        )
        return self._access.client(self._address(), login, self._setting("url"))

    def _address(self) -> str:
        return self._need("url", '"https://prometheus.example.com"')

    def _meaning(self) -> Mapping[str, object]:
        return {"address": self._address(), "organization": self._table.organization}

    def _greet(self) -> str:
        answer = self._client.get("/api/v1/query", query="vector(1)")
        _data(answer, "The answer to vector(1)")
        return f"answers at {self._address()}, and takes the {self._credentials()}"

    def _credentials(self) -> str:
        token = self._access.secret("TOKEN")
        return f"token from {token.origin}" if token else "question without a token"

    def _days(self, query: MetricQuery, span: Window, remarks: Remarks) -> Iterator[DayFigures]:
        columns: dict[str, dict[date, float]] = {}
        buckets: dict[date, tuple[tuple[float, float], ...]] | None = None
        for name, text in sorted(query.queries.items()):
            place = f"The query {name!r} of metric {query.metric.id!r}"
            series = self._ask(place, text, span, remarks)
            if name == "buckets":
                buckets = _histogram(place, series)
            else:
                columns[name] = _one_series(place, series)
        yield from join_figures(columns, buckets, remarks)

    def _ask(self, place: str, text: str, span: Window, remarks: Remarks) -> list[Json]:
        """Return the series that a query gives, evaluated at the end of every day of the span."""
        params = (
            ("query", fill_in(place, text)),
            ("start", f"{midnight(span.start_on + ONE_DAY).timestamp():.0f}"),
            ("end", f"{midnight(span.end_on).timestamp():.0f}"),
            ("step", str(DAY_S)),
        )
        request = Request("/api/v1/query_range", params, allow=_BAD_QUERY)
        if len(request.query) > _LONGEST_ADDRESS:
            request = replace(request, is_form=True)
        answer = self._client.ask(request)
        data, warnings = _data(answer, place)
        for warning in warnings:
            remarks.add(warning)
        if not isinstance(data, dict) or data.get("resultType") != "matrix":
            raise SourceError(f"{place} was answered without a matrix.", "Check the address.")
        result = data.get("result")
        if not isinstance(result, list):
            raise SourceError(f"{place} was answered without a result.", "Check the address.")
        return result


def fill_in(place: str, text: str) -> str:
    """Return a query with the day in the place of its variables.

    Args:
        place: The query, for messages.
        text: As in the settings.

    Raises:
        UsageError: It is empty, or names a variable that nobody fills in.
    """

    def value(found: re.Match[str]) -> str:
        name = found["braced"] or found["bare"]
        if name in _DAY:
            return _DAY[name]
        if "label_replace" in text:  # its replacement may name groups of the expression
            return found[0]
        what = f"{place} names the variable ${clean_line(name, 60)}, which nobody fills in here."
        raise UsageError(what, "Write its value instead; $day is 1d.")

    filled = _VARIABLE.sub(value, text.strip())
    if not filled:
        raise UsageError(f"{place} is empty.", "Write one, or take its name out.")
    return filled


def _data(answer: Answer, place: str) -> tuple[Json, list[str]]:
    """Return the data of an answer, and its warnings.

    Raises:
        SourceError: It says that it failed, in whatever status.
    """
    body = answer.json()
    if not isinstance(body, dict) or body.get("status") not in ("success", "error"):
        what = f"{answer.place} answered with what no Prometheus says."
        raise SourceError(what, "Check the address; a path may be missing at its end.")
    if body["status"] == "error" or answer.status in _BAD_QUERY:
        why = clean_line(str(body.get("error") or body.get("errorType") or "no reason"), 200)
        what = f"{place} failed: {why.rstrip('.')}."
        raise SourceError(what, "Try it in the service's own expression browser, and correct it.")
    said = [body.get("warnings"), body.get("infos")]
    texts = [one for part in said if isinstance(part, list) for one in part]
    return body.get("data"), [one for one in texts if isinstance(one, str)]


def _one_series(place: str, series: list[Json]) -> dict[date, float]:
    """Return the values of the only series, by day; nothing where there is none."""
    if len(series) > 1:
        labels = sorted({name for one in series for name in _labels(place, one)} - {"__name__"})
        what = f"{place} gives {len(series)} series ({', '.join(labels[:5])}), not one."
        raise SourceError(what, "Put sum(...) around it, or a label that picks one.")
    return _values(place, series[0]) if series else {}


def _histogram(place: str, series: list[Json]) -> dict[date, tuple[tuple[float, float], ...]]:
    """Return the cumulative counts of every day by bound, ascending."""
    found: dict[float, dict[date, float]] = {}
    for one in series:
        values, labels = _values(place, one), _labels(place, one)
        bound = _bound(place, labels)
        if bound in found:
            others = sorted(set(labels) - {"le", "__name__"})
            what = f"{place} gives several series with le={labels['le']!r} ({', '.join(others)})."
            raise SourceError(what, "Put sum by (le) (...) around it.")
        found[bound] = values
    days = {day for column in found.values() for day in column}
    return {
        day: _cumulative([(b, found[b][day]) for b in sorted(found) if day in found[b]])
        for day in days
    }


def _cumulative(pairs: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return bucket counts without the falls that rounding makes; real ones stay."""
    kept: list[tuple[float, float]] = []
    for bound, count in pairs:
        before = kept[-1][1] if kept else 0.0
        falls_little = 0 < before - count <= _ROUNDING * before
        kept.append((bound, before if falls_little else count))
    return tuple(kept)


def _bound(place: str, labels: Mapping[str, str]) -> float:
    fix = "Ask for the _bucket series of a histogram: sum by (le) (increase(x_bucket[$day]))."
    text = labels.get("le")
    if text is None:
        raise SourceError(f"{place} gives a series without the label le.", fix)
    try:
        bound = float(text)
    except ValueError:
        bound = math.nan
    if math.isnan(bound):
        raise SourceError(f"{place} gives le={clean_line(text, 40)!r}, no number.", fix)
    return bound


def _labels(place: str, series: Json) -> dict[str, str]:
    labels = series.get("metric") if isinstance(series, dict) else None
    if not isinstance(labels, dict):
        raise SourceError(f"{place} was answered with a series without labels.", "Try it again.")
    return {name: str(value) for name, value in labels.items()}


def _values(place: str, series: Json) -> dict[date, float]:
    """Return the values of a series by the day that they end."""
    if isinstance(series, dict) and "histograms" in series:
        what = f"{place} gives a native histogram, which has no fixed bounds."
        fix = "Ask for p50 and p95 with histogram_quantile(0.95, sum(increase(x[$day]))) and so on."
        raise SourceError(what, fix)
    pairs = series.get("values") if isinstance(series, dict) else None
    if not isinstance(pairs, list):
        raise SourceError(f"{place} was answered with a series without values.", "Try it again.")
    return dict(_value(place, pair) for pair in pairs)


def _value(place: str, pair: Json) -> tuple[date, float]:
    match pair:
        case [int() | float() as at, str() as text]:
            ended_on = day_at(at)
            if ended_on is None:
                what = f"{place} was answered for {at}, which is no day's end in UTC."
                raise SourceError(what, "Check the address; something in between changes steps.")
            try:
                return ended_on - ONE_DAY, float(text)
            except ValueError:
                pass
    raise SourceError(f"{place} was answered with no value and time.", "Try it again.")
