"""Which forecast a row of `debtplan outcomes` is about, with the names for people."""

from collections.abc import Mapping
from typing import TypedDict

from debtplan.core.forecast import Forecast


class Subject(TypedDict):
    """What every row about a forecast says of it: fields of the row.

    Attributes:
        plan_id: The approved plan.
        team: Who does it.
        item: Key.
        title: Of the item; "" where nobody gives one.
        metric: Id of the metric.
        metric_title: Of the metric; "" where nobody gives one.
    """

    plan_id: str
    team: str
    item: str
    title: str
    metric: str
    metric_title: str


def subject_of(forecast: Forecast, titles: Mapping[str, str]) -> Subject:
    """Return what a row says of its forecast.

    Args:
        forecast: The forecast.
        titles: Names for people, of items and metrics.
    """
    return {
        "plan_id": forecast.plan_id,
        "team": forecast.team,
        "item": forecast.item,
        "title": titles.get(forecast.item, ""),
        "metric": forecast.metric,
        "metric_title": titles.get(forecast.metric, ""),
    }
