"""Answers of customers to Zendesk's two forms of the question how satisfied they were."""

from collections.abc import Mapping
from datetime import UTC, date
from typing import NamedTuple

from debtplan.core.decode import Json
from debtplan.metrics.daily import instant_of


class Answered(NamedTuple):
    """One answer.

    Attributes:
        key: Of the answer; a later copy of the same one replaces it.
        day: In UTC.
        is_bad: Whether it says dissatisfied.
        ticket: Number of the ticket it is about; None where it names none.
    """

    key: str
    day: date
    is_bad: bool
    ticket: int | None


def day_of(text: Json) -> date | None:
    """Return the UTC day of an instant such as 2026-03-01T23:10:00Z; None for what is none."""
    at = instant_of(text)
    return at.astimezone(UTC).date() if at else None


def survey_answer(record: Mapping[str, Json], limit: float) -> Answered | None:
    """Return the answer in a survey response; None where the rating was skipped.

    Args:
        record: As "CSAT Survey Responses" has it.
        limit: Ratings up to this one are dissatisfied where the survey does not say good or bad.
    """
    answers = record.get("answers")
    for one in answers if isinstance(answers, list) else []:
        if not isinstance(one, dict) or not _is_rating(one):
            continue
        day, is_bad = day_of(one.get("created_at")), _is_bad(one, limit)
        if day is not None and is_bad is not None:
            return Answered(f"survey {record.get('id')}", day, is_bad, _ticket_of(record))
    return None


def legacy_answer(record: Mapping[str, Json]) -> Answered | None:
    """Return the answer in a satisfaction rating; None where none was given yet."""
    day, score = day_of(record.get("created_at")), record.get("score")
    if day is None or not isinstance(score, str):
        return None
    word = score.partition("_")[0]  # good, good_with_comment, bad, ..., offered, unoffered
    if word not in {"good", "bad"}:
        return None
    ticket = record.get("ticket_id")
    number = ticket if isinstance(ticket, int) else None
    return Answered(f"rating {record.get('id')}", day, word == "bad", number)


def _is_rating(answer: Mapping[str, Json]) -> bool:
    question = answer.get("question")
    about = question.get("sub_type") if isinstance(question, dict) else None
    return answer.get("type") == "rating_scale" and about in (None, "customer_satisfaction")


def _is_bad(answer: Mapping[str, Json], limit: float) -> bool | None:
    category, rating = answer.get("rating_category"), answer.get("rating")
    if category in ("good", "bad"):
        return category == "bad"
    if isinstance(rating, int | float) and not isinstance(rating, bool):
        return rating <= limit
    return None


def _ticket_of(record: Mapping[str, Json]) -> int | None:
    """Return the number in `zen:ticket:123`."""
    names = record.get("subject_zrns")
    for name in names if isinstance(names, list) else []:
        kind, _, number = str(name).rpartition(":")
        if kind.endswith("ticket") and number.isascii() and number.isdigit():
            return int(number)
    return None
