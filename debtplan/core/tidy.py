"""Tidy tables for other tools: one kind of thing a table, one of it a row, stable columns.

A column that is here stays, with its type and unit; new ones are added at the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

Cell: TypeAlias = str | float | int | bool | datetime | date | None
"""None is not known."""


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole number"
    ANSWER = "true or false"
    INSTANT = "instant"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Field:
    """A column.

    Attributes:
        unit: Unit or range; "" for texts that have none.
    """

    name: str
    kind: Kind
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Tidy:
    """A table.

    Attributes:
        about: What one row is, and the order of rows.
    """

    name: str
    about: str
    fields: tuple[Field, ...]


Rows: TypeAlias = Sequence[Mapping[str, Cell]]

RATE = "sessions per sprint"
SHARE = "share in [0, 1]"
SOME_SHARE = "share, below 0 is better"
POINTS = "the team's unit"
COUNT = "sessions"


def _texts(*names: str, unit: str = "") -> tuple[Field, ...]:
    return tuple(Field(name, Kind.TEXT, unit) for name in names)


def _numbers(unit: str, *names: str) -> tuple[Field, ...]:
    return tuple(Field(name, Kind.NUMBER, unit) for name in names)


def _wholes(unit: str, *names: str) -> tuple[Field, ...]:
    return tuple(Field(name, Kind.WHOLE, unit) for name in names)


def _answers(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, Kind.ANSWER) for name in names)


def _instants(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, Kind.INSTANT, "UTC") for name in names)


def _days(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, Kind.DAY) for name in names)


_ITEMS = (
    *_texts("key", "source", "title", "url", "type_name", "epic", "debt_kind", "state", "team"),
    *_numbers(POINTS, "points"),
    *_texts("labels", "components", "prerequisites", unit="parted by `; `"),
    *_texts("sprint"),
    *_instants("created_at", "updated_at", "closed_at"),
)

_LINKS = (
    *_days("as_of"),
    *_texts("item", "metric"),
    *_numbers(SHARE, "share_low", "share_likely", "share_high", "share"),
    *_answers("is_assumed", "is_measured"),
    *_texts("grade", "claimed_grade", unit="A to E"),
    *_texts("basis", "origin"),
    *_days("noted_on"),
    *_texts("reasons", unit="parted by `; `"),
    *_wholes("pieces", "evidence"),
)

_READINGS = (
    *_texts("metric", "source"),
    *_instants("start_at", "end_at"),
    *_texts("form", unit="counts, rate, bands, percentiles, buckets, findings"),
    *_numbers("observations", "bad", "recovered", "total"),
    *_numbers(SHARE, "bad_share", "good", "needs_improvement", "poor"),
    *_numbers("observations", "sample_size"),
    *_texts("measure", unit="JSON, whole"),
    *_answers("is_stated"),
    *_numbers("findings", "found"),
)

_HARM = (
    *_days("as_of"),
    *_texts("metric", "flow", "step", "segment", "kind"),
    *_numbers(RATE, "harm", "low", "high"),
    *_numbers(SHARE, "share", "goal"),
    *_numbers(RATE, "sessions"),
    *_numbers("observations", "sample_size"),
    *_wholes("readings", "readings"),
    *_answers("is_bound", "is_stated"),
    *_texts("missing"),
    *_answers("only_speaks"),
    *_numbers("the target's", "level"),
)

_PLANS = (
    *_texts("plan_id", "team", "sprint_id", "sprint"),
    *_instants("created_at", "approved_at"),
    *_texts("key", "title"),
    *_texts("decision", unit="chosen, later, passed_over"),
    *_texts("finishes"),
    *_wholes("place in the work", "order"),
    *_numbers(POINTS, "points", "points_now"),
    *_numbers(RATE, "ux_value", "claimed"),
    *_numbers(SHARE, "certainty"),
    *_numbers(RATE, "drop_loss", "force_loss"),
    *_texts("reason", "detail"),
    *_texts("metrics", unit="parted by `; `"),
    *_numbers(POINTS, "plan_points", "plan_available"),
    *_numbers(RATE, "plan_ux_value"),
)

_TALLIES = (
    *_texts("metric", "dimension", "value", "stratum"),
    *_instants("start_at", "end_at"),
    *_numbers(COUNT, "bad_with", "total_with", "bad_without", "total_without"),
    *_texts("source"),
)

_OVERLAPS = (
    *_texts("flow", "step", "segment"),
    *_instants("start_at", "end_at"),
    *_numbers(COUNT, "sessions", "union"),
    *_texts("metric"),
    *_numbers(COUNT, "frustrated"),
    *_texts("source"),
)

_NOTES = (
    *_texts("id", "method"),
    *_days("noted_on"),
    *_wholes("people", "seen", "of"),
    *_wholes("0 to 4", "severity"),
    *_texts("flow", "step", "segment", "metric", "item", "text"),
    *_answers("contradicts"),
    *_texts("source"),
)

_RELEASES = (
    *_texts("id"),
    *_instants("released_at"),
    *_texts("name", "item"),
    *_answers("is_assumed"),
    *_texts("source"),
)

_FORECASTS = (
    *_texts("plan_id", "item", "metric", "team", "sprint_id"),
    *_instants("frozen_at"),
    *_texts("grade", unit="A to E"),
    *_texts("debt_kind"),
    *_numbers(RATE, "sessions"),
    *_numbers(SHARE, "bad_share", "goal_share"),
    *_numbers(RATE, "harm"),
    *_numbers(SHARE, "removal", "low", "high"),
    *_numbers("factor", "calibration"),
    *_days("baseline_start_on", "baseline_end_on"),
    *_wholes("days", "after_days"),
    *_texts("controls", "guardrails", unit="parted by `; `"),
    *_texts("method"),
    *_days("due_on"),
)

_VERDICTS = (
    *_texts("plan_id", "item", "metric"),
    *_instants("judged_at", "released_at"),
    *_texts("outcome", unit="moved, not_moved, worse, cannot_tell"),
    *_numbers(SOME_SHARE, "observed", "effect", "low", "high"),
    *_numbers("part of the excess", "realised"),
    *_numbers("realised / claimed", "ratio", "ratio_error"),
    *_wholes("days", "days_before", "days_after"),
    *_texts("reasons", "beside", "alarms", unit="parted by `; `"),
)

_PLACEBOS = (
    *_texts("plan_id", "item", "metric"),
    *_instants("judged_at"),
    *_days("due_on"),
    *_texts("outcome", unit="moved, not_moved, worse, cannot_tell"),
    *_numbers(SOME_SHARE, "observed", "effect", "low", "high"),
    *_numbers("part of the excess", "realised", "realised_error"),
    *_wholes("days", "days_before", "days_after"),
    *_texts("reasons", "beside", unit="parted by `; `"),
)

TABLES: Mapping[str, Tidy] = {
    one.name: one
    for one in (
        Tidy("items", "An item as its tracker has it, by key.", _ITEMS),
        Tidy("links", "A settled link between item and metric, by item and metric.", _LINKS),
        Tidy("readings", "A reading as its provider gave it, by metric, then by time.", _READINGS),
        Tidy("harm", "A declared metric and what it costs users on one day, by metric.", _HARM),
        Tidy("plans", "An item of a kept plan, chosen or not: oldest plan first.", _PLANS),
        Tidy("tallies", "Sessions with and without a mark, of one stratum, by metric.", _TALLIES),
        Tidy("overlaps", "A metric of a place, beside what all its metrics share.", _OVERLAPS),
        Tidy("notes", "A note of what people said or did, redacted, by day.", _NOTES),
        Tidy("releases", "An item of a release, or a release that holds none: by day.", _RELEASES),
        Tidy("forecasts", "What an approved plan promised of a metric, oldest first.", _FORECASTS),
        Tidy("verdicts", "What came of a forecast, by plan, item and metric.", _VERDICTS),
        Tidy("placebos", "What a metric did where promised work did not come.", _PLACEBOS),
    )
}
"""By name, which is the file's name too."""
