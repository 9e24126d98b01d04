"""The rows of the tidy tables, from records; see `core.tidy`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum

from pydantic import BaseModel

from debtplan.core.flow import UxMetric
from debtplan.core.forecast import Forecast
from debtplan.core.harm import Harm
from debtplan.core.item import DebtItem
from debtplan.core.link import Link
from debtplan.core.note import Note
from debtplan.core.placebo import Placebo
from debtplan.core.plan import Chosen, PassedOver, Plan
from debtplan.core.reading import Reading
from debtplan.core.release import Release
from debtplan.core.tally import Overlap, Tally
from debtplan.core.tidy import TABLES, Cell, Rows
from debtplan.core.verdict import Verdict

BETWEEN = "; "


def item_rows(items: Iterable[DebtItem]) -> Rows:
    """Return the table `items`."""
    return [_row("items", one) for one in items]


def link_rows(links: Iterable[Link], as_of: date) -> Rows:
    """Return the table `links`, as settled on a day."""
    return [
        _row(
            "links",
            one,
            as_of=as_of,
            share_low=one.share.low,
            share_likely=one.share.likely,
            share_high=one.share.high,
            share=one.share.expected,
            evidence=len(one.evidence),
        )
        for one in links
    ]


def reading_rows(readings: Iterable[Reading]) -> Rows:
    """Return the table `readings`; what a form does not say is not known."""
    wanted = ("form", "bad", "recovered", "total", "bad_share", "good", "needs_improvement", "poor")
    return [
        _row(
            "readings",
            one,
            sample_size=one.observations,
            measure=one.measure.model_dump_json(),
            is_stated=one.stated_by is not None,
            found=getattr(one.measure, "found", None),
            **{name: getattr(one.measure, name, None) for name in wanted},
        )
        for one in readings
    ]


def harm_rows(harms: Iterable[Harm], metrics: Iterable[UxMetric], as_of: date) -> Rows:
    """Return the table `harm`, as measured on a day."""
    places = {one.id: one for one in metrics}
    names = ("flow", "step", "segment", "kind")
    return [
        _row(
            "harm",
            one,
            as_of=as_of,
            **{name: _cell(getattr(places[one.metric], name)) for name in names},
        )
        for one in harms
        if one.metric in places
    ]


def plan_rows(plan: Plan, approved_at: datetime | None) -> Iterator[Mapping[str, Cell]]:
    """Yield the rows of one plan for the table `plans`: the chosen in order, the others by key."""
    ranked = sorted(plan.chosen, key=lambda one: one.order)
    later = sorted(plan.next, key=lambda one: (one.finishes_in, one.key))
    decided: list[tuple[str, Chosen | PassedOver]] = [("chosen", one) for one in ranked]
    decided += [("later", one) for one in later]
    ahead = {one.key for one in later}
    passed = sorted(plan.passed_over, key=lambda one: one.key)
    decided += [("passed_over", one) for one in passed if one.key not in ahead]
    for decision, one in decided:
        yield _row(
            "plans",
            one,
            plan_id=plan.plan_id,
            team=plan.team,
            sprint_id=plan.sprint.id,
            sprint=plan.sprint.name,
            created_at=plan.created_at,
            approved_at=approved_at,
            decision=decision,
            finishes=one.sprint if isinstance(one, Chosen) else "",
            metrics=_joined(term.metric for term in one.terms),
            plan_points=plan.capacity.reserve.used,
            plan_available=plan.capacity.reserve.available,
            plan_ux_value=plan.ux_value,
        )


def tally_rows(tallies: Iterable[Tally]) -> Rows:
    """Return the table `tallies`."""
    return [
        _row("tallies", one, stratum=part.name, **part.model_dump(exclude={"name"}))
        for one in tallies
        for part in one.strata
    ]


def overlap_rows(overlaps: Iterable[Overlap]) -> Rows:
    """Return the table `overlaps`: a row for every metric of a place, the union in each."""
    return [
        _row("overlaps", one, union=one.frustrated, **part.model_dump())
        for one in overlaps
        for part in one.parts
    ]


def note_rows(notes: Iterable[Note]) -> Rows:
    """Return the table `notes`."""
    return [_row("notes", one) for one in notes]


def release_rows(releases: Iterable[Release]) -> Rows:
    """Return the table `releases`."""
    return [_row("releases", one, item=item) for one in releases for item in one.items or (None,)]


def forecast_rows(forecasts: Iterable[Forecast]) -> Rows:
    """Return the table `forecasts`."""
    return [_row("forecasts", one) for one in forecasts]


def verdict_rows(verdicts: Iterable[Verdict]) -> Rows:
    """Return the table `verdicts`."""
    return [_row("verdicts", one) for one in verdicts]


def placebo_rows(placebos: Iterable[Placebo]) -> Rows:
    """Return the table `placebos`."""
    return [_row("placebos", one) for one in placebos]


def _row(table: str, record: BaseModel, **more: Cell) -> Mapping[str, Cell]:
    """Return a row: a column is given, or the record's field of its name, or not known."""
    return {
        field.name: more[field.name]
        if field.name in more
        else _cell(getattr(record, field.name, None))
        for field in TABLES[table].fields
    }


def _cell(value: object) -> Cell:
    """Return a field of a record as one cell."""
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, str | bool | int | float | datetime | date):
        return value
    return _joined(map(str, value)) if isinstance(value, Sequence) else str(value)


def _joined(parts: Iterable[str]) -> str:
    return BETWEEN.join(parts)
