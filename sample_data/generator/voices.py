"""tickets.csv and csat.csv: what users wrote to support and answered in surveys."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from sample_data.generator import planted

TICKET_COLUMNS = ("ticket_id", "created_at", "category")
ANSWER_COLUMNS = ("answer_id", "answered_at", "category", "score")

TICKETS_A_DAY: dict[str, Callable[[date], float]] = {
    "address": lambda day: 5.5 + 4.0 * planted.ramp(day, planted.ADDRESS_RULES, 21),
    "auth": lambda day: 6.0 + 13.0 * planted.ramp(day, planted.AUTH_RELEASE + timedelta(days=1), 6),
    "orders": lambda _: 4.4,
    "payment": lambda _: 3.1,
    "other": lambda _: 6.0,
}

# Answers a day, and the shares of the scores 1 to 5 before and after the flow got worse.
ANSWERS_A_DAY = {"checkout": 14.0, "login": 9.0, "search": 11.0, "account": 8.0}
CALM: dict[str, tuple[int, ...]] = {
    "checkout": (7, 9, 17, 38, 29),
    "login": (4, 6, 15, 40, 35),
    "search": (4, 8, 20, 41, 27),
    "account": (8, 10, 20, 38, 24),
}
WORSE: dict[str, tuple[date, tuple[int, ...]]] = {
    "checkout": (planted.ADDRESS_RULES, (13, 13, 17, 33, 24)),
    "login": (planted.AUTH_RELEASE, (13, 14, 18, 32, 23)),
}


def ticket_lines() -> Iterator[tuple[str, ...]]:
    """Yield the tickets in order of time, the header first."""
    return _tickets(planted.days(), "tickets", 48_200)


def later_ticket_lines() -> Iterator[tuple[str, ...]]:
    """Yield those of the months after, the header first."""
    return _tickets(planted.later_days(), "later tickets", 60_000)


def answer_lines() -> Iterator[tuple[str, ...]]:
    """Yield the survey answers in order of time, the header first."""
    return _answers(planted.days(), "csat", 0)


def later_answer_lines() -> Iterator[tuple[str, ...]]:
    """Yield those of the months after, the header first."""
    return _answers(planted.later_days(), "later csat", 20_000)


def _tickets(days: Sequence[date], series: str, number: int) -> Iterator[tuple[str, ...]]:
    yield TICKET_COLUMNS
    draw = Random(f"{planted.SEED} {series}")
    for day in days:
        found = [
            (_moment(draw, day), category)
            for category, daily in TICKETS_A_DAY.items()
            for _ in range(
                _poisson(draw, (daily(day) + planted.moved(category, day)) * planted.traffic(day))
            )
        ]
        for at, category in sorted(found):
            number += 1
            yield str(number), at, category


def _answers(days: Sequence[date], series: str, number: int) -> Iterator[tuple[str, ...]]:
    yield ANSWER_COLUMNS
    draw = Random(f"{planted.SEED} {series}")
    for day in days:
        found = [
            (_moment(draw, day), category, _score(draw, category, day))
            for category, daily in ANSWERS_A_DAY.items()
            for _ in range(_poisson(draw, daily * planted.traffic(day)))
        ]
        for at, category, score in sorted(found):
            number += 1
            yield f"a{number:05d}", at, category, score


def _score(draw: Random, category: str, day: date) -> str:
    weights = CALM[category]
    if category in WORSE and WORSE[category][0] <= day < planted.RECOVERED[category]:
        weights = WORSE[category][1]
    return str(draw.choices((1, 2, 3, 4, 5), weights)[0])


def _moment(draw: Random, day: date) -> str:
    second = min(86_399, int(draw.triangular(0, 86_399, 60_000)))
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=second)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _poisson(draw: Random, mean: float) -> int:
    """Draw a Poisson count: unit-rate waiting times that fit into `mean`."""
    waited, count = draw.expovariate(1.0), 0
    while waited < mean:
        waited += draw.expovariate(1.0)
        count += 1
    return count
