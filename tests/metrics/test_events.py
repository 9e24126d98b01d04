"""Readings from tickets and survey answers, one row each."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.item import Skipped
from debtplan.core.reading import Counts, Reading
from debtplan.errors import InputError
from debtplan.metrics.events import Answers, Tickets
from debtplan.metrics.options import ReadingTable

Read = Callable[..., list[Reading | Skipped]]


def tickets(folder: Path, text: str, **options: object) -> list[Reading | Skipped]:
    """Read the text as a file of tickets."""
    (folder / "tickets.csv").write_text(text, encoding="utf-8")
    given_options = {"path": "tickets.csv", "metric": "auth", "sessions_per_day": 100, **options}
    return list(Tickets("support", ReadingTable.model_validate(given_options), folder).read())


def answers(folder: Path, text: str, **options: object) -> list[Reading | Skipped]:
    """Read the text as a file of answers."""
    (folder / "csat.csv").write_text(text, encoding="utf-8")
    given_options = {"path": "csat.csv", "metric": "mood", **options}
    return list(Answers("survey", ReadingTable.model_validate(given_options), folder).read())


def counts(found: list[Reading | Skipped]) -> dict[tuple[str, int], tuple[float, float]]:
    """Return (bad, total) by metric and day of the month."""
    return {
        (one.metric, one.start_at.day): (one.measure.bad, one.measure.total)
        for one in found
        if isinstance(one, Reading) and isinstance(one.measure, Counts)
    }


def test_tickets_without_a_number_of_sessions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Set sessions_per_day"):
        tickets(tmp_path, "created_at\n2026-11-01\n", sessions_per_day=None)


@pytest.mark.parametrize("read", [tickets, answers])
def test_rows_that_belong_to_no_metric_at_all_are_refused(tmp_path: Path, read: Read) -> None:
    with pytest.raises(InputError, match="does not say which metric"):
        read(tmp_path, "created_at,score\n2026-11-01,1\n", metric=None)


def test_a_ticket_without_a_time_is_skipped_with_its_row(tmp_path: Path) -> None:
    found = tickets(tmp_path, "created_at,ticket\n2026-11-01,1\n,2\nsoon,3\n")
    skipped = [one for one in found if isinstance(one, Skipped)]
    assert [one.ref for one in skipped] == ["tickets.csv row 3", "tickets.csv row 4"]
    assert "column 'created_at': 'soon' is not a date" in skipped[1].reason


def test_days_between_the_first_and_the_last_without_tickets_have_none(tmp_path: Path) -> None:
    found = tickets(tmp_path, "created_at\n2026-11-01\n2026-11-04\n2026-11-04\n")
    assert counts(found) == {
        ("auth", 1): (1, 100),
        ("auth", 2): (0, 100),
        ("auth", 3): (0, 100),
        ("auth", 4): (2, 100),
    }


def test_a_category_without_a_metric_is_named_once_and_still_spans_the_days(
    tmp_path: Path,
) -> None:
    text = "created_at,category\n2026-11-01,other\n2026-11-02,auth\n2026-11-03,other\n"
    found = tickets(tmp_path, text, metric=None, categories={"auth": "auth-tickets"})
    skipped = [one for one in found if isinstance(one, Skipped)]
    assert [one.reason for one in skipped] == [
        "2 rows of category 'other' belong to no metric; see categories"
    ]
    assert counts(found) == {
        ("auth-tickets", 1): (0, 100),
        ("auth-tickets", 2): (1, 100),
        ("auth-tickets", 3): (0, 100),
    }


def test_a_ticket_that_stands_twice_counts_once_on_its_first_day(tmp_path: Path) -> None:
    text = "ticket_id,created_at\n7,2026-11-01\n7,2026-11-02\n8,2026-11-02\n"
    found = tickets(tmp_path, text)
    assert counts(found) == {("auth", 1): (1, 100), ("auth", 2): (1, 100)}
    assert [one.reason for one in found if isinstance(one, Skipped)] == [
        "1 row repeats a ticket; each counts once, on its first row's day"
    ]


def test_more_tickets_than_sessions_are_no_reading(tmp_path: Path) -> None:
    found = tickets(tmp_path, "created_at\n2026-11-01\n2026-11-01\n", sessions_per_day=1)
    (skipped,) = found
    assert isinstance(skipped, Skipped)
    assert "2 tickets of auth on 2026-11-01 among 1 sessions_per_day" in skipped.reason


def test_a_ticket_of_another_time_zone_counts_on_its_utc_day(tmp_path: Path) -> None:
    found = tickets(tmp_path, "created_at\n2026-11-02T00:30:00+05:30\n")
    (reading,) = found
    assert isinstance(reading, Reading)
    assert reading.start_at == datetime(2026, 11, 1, tzinfo=UTC)


def test_answers_count_the_dissatisfied_among_all_and_a_day_without_answers_is_unknown(
    tmp_path: Path,
) -> None:
    text = "answered_at,score\n2026-11-01,1\n2026-11-01,2\n2026-11-01,3\n2026-11-04,5\n"
    assert counts(answers(tmp_path, text)) == {("mood", 1): (2, 3), ("mood", 4): (0, 1)}


def test_the_scale_of_the_survey_is_a_setting(tmp_path: Path) -> None:
    text = "answered_at,score\n2026-11-01,6\n2026-11-01,7\n"
    assert counts(answers(tmp_path, text, dissatisfied_at_most=6)) == {("mood", 1): (1, 2)}


def test_an_answer_without_a_score_is_no_answer(tmp_path: Path) -> None:
    text = "answered_at,score,category\n2026-11-01,,a\n2026-11-01,4,a\n2026-11-01,good,a\n"
    found = answers(tmp_path, text)
    reasons = [one.reason for one in found if isinstance(one, Skipped)]
    assert counts(found) == {("mood", 1): (0, 1)}
    assert "'good' is not a number" in reasons[0]
    assert reasons[1] == "1 rows have no score and do not count"


def test_answers_go_to_the_metric_of_their_category(tmp_path: Path) -> None:
    text = "answered_at,score,category\n2026-11-01,1,login\n2026-11-01,4,search\n"
    found = answers(tmp_path, text, metric="rest", categories={"login": "csat-login"})
    assert counts(found) == {("csat-login", 1): (1, 1), ("rest", 1): (0, 1)}


@given(st.lists(st.integers(0, 40), min_size=1, max_size=40))
@pytest.mark.slow
def test_every_ticket_is_counted_once(
    tmp_path_factory: pytest.TempPathFactory, days: list[int]
) -> None:
    lines = [f"2026-10-{day % 31 + 1:02d}T{day % 24:02d}:00:00Z" for day in days]
    text = "\n".join(["created_at", *lines])
    found = counts(tickets(tmp_path_factory.mktemp("t"), text, sessions_per_day=10_000))
    assert sum(bad for bad, _ in found.values()) == len(days)
