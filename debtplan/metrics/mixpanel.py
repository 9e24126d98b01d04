"""Mixpanel: saved Insights reports, and funnels.

    [metrics.mixpanel]         project = 1234567, user = "shop.1a2b3c.mp-service-account",
                               region = "us", "eu" or "in"
    DEBTPLAN_MIXPANEL_TOKEN    the secret of that service account, whose role may read the project

| query | what it is |
|---|---|
| `insights:REPORT:SERIES` | a line of a saved report, one value a day: give one for each figure, |
| | bad and total, or rate. REPORT is the number after `report-` in its address. |
| | SERIES is the name in the report's table; where lines are broken down, the names one after |
| | another, `Failed payment > Germany`. A report with one line needs none: `insights:REPORT`. |
| `funnel:FUNNEL:STEP` | alone, without a name: the people who entered step STEP - 1 and did not |
| | reach step STEP, among those who entered it. The first step is 1, so STEP is 2 or more. |

A report has to show days, not weeks, over as long a time as you want read. Mixpanel takes 60
queries an hour, so each report is asked for once a run, whatever number of metrics is in it. Days
are those of the project's own time zone and stand as days in UTC; that is said. Seven days are read
again each time, since people still convert; a funnel with a longer window counts them as lost.

The API is that of Mixpanel's own OpenAPI description, "Query Saved Report" and funnels (read
2026-11-23): `headers` tells what the levels of `series` are, `computed_at` when it was counted.
Mixpanel keeps funnels working but no longer develops them: prefer a report.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import ClassVar

from debtplan.core.decode import Json
from debtplan.core.reading import Window, midnight
from debtplan.core.text import clean_line
from debtplan.errors import SourceError, UsageError
from debtplan.metrics.daily import (
    ONE_DAY,
    PLAIN,
    WHOLE,
    DayFigures,
    Remarks,
    instant_of,
    join_figures,
)
from debtplan.metrics.live import DailySource
from debtplan.metrics.measure import Figures
from debtplan.metrics.options import MetricQuery
from debtplan.transport.answer import Answer, Request
from debtplan.transport.client import Client, Login
from debtplan.transport.secret import basic

_HOSTS = {
    "us": "https://mixpanel.com",
    "eu": "https://eu.mixpanel.com",
    "in": "https://in.mixpanel.com",
}

_LAST_ZONE = timedelta(hours=12)
"""How long after midnight in UTC a day may still last somewhere."""

_OVERALL = "$overall"
_LEVEL = " > "


@dataclass(frozen=True)
class _Asked:
    """What a query names: the line `place` of a report, or the step `place` of a funnel."""

    kind: str
    number: int
    place: str


class LiveMixpanel(DailySource):
    """See `LiveSource`."""

    late_days: ClassVar[int] = 7
    batch_days: ClassVar[int] = 400
    takes: ClassVar[tuple[str, ...]] = (WHOLE, *PLAIN)
    _kept: dict[tuple[str, ...], Answer]

    def close(self) -> None:
        """See `LiveSource.close`; reports are asked for anew after it."""
        self._kept = {}
        super().close()

    def _open(self) -> Client:
        token = self._token("Mixpanel", "the secret of a service account")
        user = self._need("user", '"NAME.123abc.mp-service-account"')
        login = Login(
            {"Authorization": basic(user, token)},
            token.origin,
            f"Put the secret of a service account of the project into {token.origin}, and its name "
            f"into user.",
        )
        self._kept = {}
        return self._access.client(self._address(), login, self._setting("url"))

    def _address(self) -> str:
        return self._table.url or _HOSTS[self._table.region]

    def _meaning(self) -> Mapping[str, object]:
        return {"address": self._address(), "project": str(self._table.project)}

    def _greet(self) -> str:
        # No question of the Query API is free: of 60 an hour, the reports themselves are the proof.
        _ = self._client
        return f"is asked at {self._address()} for project {self._project()}"

    def _project(self) -> str:
        return self._need("project", "NUMBER")

    def _days(self, query: MetricQuery, span: Window, remarks: Remarks) -> Iterator[DayFigures]:
        places = {
            name: f"The query {name!r} of metric {query.metric.id!r}" for name in query.queries
        }
        wanted = {name: _parse(places[name], text) for name, text in query.queries.items()}
        funnels = [one for one in wanted.values() if one.kind == "funnel"]
        if not funnels and WHOLE not in wanted:
            columns = {
                name: self._line(places[name], one, remarks) for name, one in sorted(wanted.items())
            }
            yield from join_figures(columns, None, remarks)
        elif funnels and list(wanted) == [WHOLE]:
            yield from self._funnel(places[WHOLE], wanted[WHOLE], span, remarks)
        else:
            what = f"Metric {query.metric.id!r} mixes what Mixpanel cannot answer together."
            fix = "Give one funnel without a name, or a report's line for each of bad and total."
            raise UsageError(what, fix)

    def _ask(self, path: str, **params: str) -> Answer:
        """Return an answer, the same one for the same question of a run."""
        key = (path, *params.values())
        client = self._client
        if key not in self._kept:
            asked = (("project_id", self._project()), *params.items())
            self._kept[key] = client.ask(Request(path, asked))
        return self._kept[key]

    def _line(self, place: str, asked: _Asked, remarks: Remarks) -> dict[date, float]:
        """Return the values of a report's line by day, those days that are over."""
        answer = self._ask("/api/query/insights", bookmark_id=str(asked.number))
        body = _object(answer)
        series = body.get("series")
        if not isinstance(series, dict):
            raise SourceError(
                f"{answer.place} answered without series.", "Check the report's type."
            )
        values = _pick(place, series, asked.place)
        computed = body.get("computed_at")
        counted_at = self._now() if computed is None else instant_of(computed)
        if counted_at is None:
            raise SourceError(f"{answer.place} was counted at no time.", "Run it again.")
        return self._by_day(place, values, min(counted_at, self._now()), remarks)

    def _by_day(
        self, place: str, values: Mapping[str, Json], counted_at: datetime, remarks: Remarks
    ) -> dict[date, float]:
        begins = {name: instant_of(name) for name in values}
        moments = sorted(at for at in begins.values() if at is not None)
        if len(moments) < len(values):
            raise SourceError(f"{place} gives values without a day.", "Show days in the report.")
        days = [at.date() for at in moments]
        steps = {later - earlier for earlier, later in pairwise(days)}
        if steps and (len(set(days)) < len(days) or ONE_DAY not in steps):
            raise SourceError(
                f"{place} is not by day.", "Set the report's time to Day and save it."
            )
        found: dict[date, float] = {}
        for name, at in begins.items():
            value = values[name]
            if at is None or value is None or at + ONE_DAY > counted_at:
                continue  # the day is not over, or was not when Mixpanel counted
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise SourceError(f"{place} gives {value!r:.40} for {name}.", "Check the report.")
            found[at.date()] = float(value)
        if moments and moments[-1].utcoffset():
            zone = moments[-1].strftime("%z")
            remarks.add(f"its days are the project's own, at {zone} of UTC")
        if moments and counted_at < self._now() - ONE_DAY:
            remarks.add(f"Mixpanel counted the report on {counted_at:%Y-%m-%d} and not since")
        return found

    def _funnel(
        self, place: str, asked: _Asked, span: Window, remarks: Remarks
    ) -> Iterator[DayFigures]:
        """Yield who entered the step before and did not reach this one, by day."""
        step = int(asked.place)
        answer = self._ask(
            "/api/query/funnels",
            funnel_id=str(asked.number),
            from_date=str(span.start_on),
            to_date=str(span.end_on - ONE_DAY),
            unit="day",
        )
        days = _object(answer).get("data")
        if not isinstance(days, dict):
            raise SourceError(
                f"{answer.place} answered without data.", "Check the funnel's number."
            )
        remarks.add("its days are those of the project's time zone")
        for name, one in days.items():
            day = instant_of(name)
            if day is None:
                raise SourceError(
                    f"{place} gives {clean_line(name, 40)!r}, no day.", "Run it again."
                )
            if midnight(day.date() + ONE_DAY) + _LAST_ZONE > self._now():
                continue  # somewhere it is not over yet
            counts = _steps(place, one)
            if not 1 < step <= len(counts):
                what = f"{place} names step {step} of a funnel with {len(counts)} steps."
                raise SourceError(what, "Name a step from 2 on; the first one is 1.")
            entered, reached = counts[step - 2], counts[step - 1]
            yield DayFigures(day.date(), Figures(bad=entered - reached, total=entered))


def _parse(place: str, text: str) -> _Asked:
    kind, _, rest = text.strip().partition(":")
    number, _, named = rest.partition(":")
    is_number = number.isascii() and number.isdigit()
    is_step = named.isascii() and named.isdigit()
    if not is_number or kind not in {"insights", "funnel"} or (kind == "funnel" and not is_step):
        what = f"{place} is {clean_line(text, 80)!r}, which names neither report nor funnel."
        raise UsageError(what, "Write insights:REPORT:SERIES or funnel:FUNNEL:STEP.")
    return _Asked(kind, int(number), named.strip())


def _pick(place: str, series: Mapping[str, Json], named: str) -> Mapping[str, Json]:
    """Return the values of a line: by the names of its levels, or the only one there is."""
    here: Mapping[str, Json] = series
    for name in named.split(_LEVEL) if named else ():
        found = here.get(name)
        if not isinstance(found, dict):
            raise _no_line(place, name, here)
        here = found
    while True:
        below = {name: one for name, one in here.items() if isinstance(one, dict)}
        if not below:
            return here
        if len(below) > 1 and _OVERALL not in below:
            raise _no_line(place, "", here)
        here = below.get(_OVERALL) or next(iter(below.values()))


def _no_line(place: str, name: str, here: Mapping[str, Json]) -> SourceError:
    known = ", ".join(repr(clean_line(one, 40)) for one in sorted(here)[:8])
    what = f"{place} names no line {clean_line(name, 60)!r} of the report" if name else (
        f"{place} names no line of a report with several"
    )  # fmt: skip
    return SourceError(
        f"{what}.", f"Name one of: {known}; levels are joined by {_LEVEL.strip()!r}."
    )


def _steps(place: str, day: Json) -> list[float]:
    """Return how many people reached each step of a funnel on a day."""
    steps = day.get("steps") if isinstance(day, dict) else None
    if not isinstance(steps, list):
        raise SourceError(f"{place} gives a day without steps.", "Check the funnel's number.")
    found: list[float] = []
    for one in steps:
        count = one.get("count") if isinstance(one, dict) else None
        if isinstance(count, bool) or not isinstance(count, int | float):
            raise SourceError(f"{place} gives a step without a count.", "Run it again.")
        found.append(float(count))
    return found


def _object(answer: Answer) -> dict[str, Json]:
    body = answer.json()
    if not isinstance(body, dict) or body.get("error"):
        why = clean_line(str(body.get("error")), 200) if isinstance(body, dict) else "no object"
        raise SourceError(f"{answer.place} failed: {why}.", "Check the number in the query.")
    return body
