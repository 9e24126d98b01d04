"""Rows about one forecast say the same of it, whatever came of it."""

from datetime import date
from typing import Any

import pytest

from debtplan.core.outcomes import OutcomeRow, Pending, sum_up, waiting
from debtplan.core.placebo import Placebo
from debtplan.core.subject import subject_of
from debtplan.core.undone import UndoneRow, undone_rows
from debtplan.core.verdict import Outcome, Verdict
from tests.court import SEEN, at, forecast

Row = Pending | OutcomeRow | UndoneRow

TITLES = {"jira:A-1": "Mend it", "m": "Failures"}


def rows(titles: dict[str, str]) -> tuple[Row, ...]:
    """One forecast that waits, one that was judged, and one that did not come."""
    made = forecast()
    told: dict[str, Any] = {"plan_id": "p1", "item": "jira:A-1", "metric": "m"}
    told |= {"judged_at": at(SEEN), "outcome": Outcome.CANNOT_TELL}
    judged = sum_up([(made, Verdict.model_validate(told))], (), titles, at(SEEN)).rows
    placebo = Placebo.model_validate(told | {"due_on": date(2027, 1, 15)})
    return waiting(made, titles, "waits", None), *judged, *undone_rows([(made, placebo)], titles)


@pytest.mark.parametrize("titles", [TITLES, {}])
def test_every_row_about_a_forecast_says_the_same_of_it(titles: dict[str, str]) -> None:
    found = rows(titles)
    assert [type(one) for one in found] == [Pending, OutcomeRow, UndoneRow]
    about = subject_of(forecast(), titles)
    assert [one.model_dump(include=set(about)) for one in found] == [about] * len(found)
    assert about == {
        "plan_id": "p1",
        "team": "web",
        "item": "jira:A-1",
        "title": titles.get("jira:A-1", ""),
        "metric": "m",
        "metric_title": titles.get("m", ""),
    }
