"""events.csv.gz: one checkout session in ten, step by step, agreeing with the daily readings."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from operator import mul
from random import Random
from typing import NamedTuple

from sample_data.generator import planted
from sample_data.generator.telemetry import shipping_counts

COLUMNS = ("session_id", "country", "device", "step", "at", "error_code")

ABROAD = ("CA", "GB", "DE", "AU", "FR", "IE", "JP", "BR", "IN")
ABROAD_WEIGHTS = (24, 20, 14, 8, 10, 7, 7, 6, 4)
REFUSED = {"CA": 0.6, "GB": 0.95, "DE": 0.95, "AU": 0.9, "FR": 0.95}
REFUSED_ELSEWHERE = 1.4
"""How often addresses are refused, against each other: most in Ireland, Japan, Brazil and India."""


class Session(NamedTuple):
    """One session: where it came from, how far it got, and the errors on its way."""

    country: str
    device: str
    steps: tuple[str, ...]
    errors: dict[str, str]
    start_at: datetime


def lines() -> Iterator[tuple[str, ...]]:
    """Yield the table in order of time of the sessions, its header first."""
    yield COLUMNS
    draw = Random(f"{planted.SEED} events")
    counts = shipping_counts()
    number = 0
    for back in range(planted.EVENT_DAYS - 1, -1, -1):
        day = planted.LAST_EVENT_DAY - timedelta(days=back)
        for session in _day(draw, day, counts):
            number += 1
            yield from _rows(draw, f"s{number:05d}", session)


def _day(draw: Random, day: date, counts: dict[tuple[str, date], tuple[int, int]]) -> list[Session]:
    sessions: list[Session] = []
    for segment in ("domestic", "international"):
        lost, entered = (round(n / planted.EVENT_SAMPLE) for n in counts[segment, day])
        left_early = round(entered * planted.CART_LOSS[segment] / (1 - planted.CART_LOSS[segment]))
        fates = ["cart"] * left_early + ["shipping"] * lost + ["on"] * (entered - lost)
        sessions += [_session(draw, day, segment, fate) for fate in fates]
    return sorted(sessions, key=lambda one: one.start_at)


def _session(draw: Random, day: date, segment: str, fate: str) -> Session:
    country = "US"
    if segment == "international":
        country = draw.choices(ABROAD, ABROAD_WEIGHTS)[0]
    mobile = 0.68 if fate == "shipping" else 0.6
    device = draw.choices(("mobile", "desktop", "tablet"), (mobile, 0.95 - mobile, 0.05))[0]
    steps, errors = ["cart"], {}
    if fate != "cart":
        steps.append("shipping")
        code = _shipping_error(draw, country, has_left=fate == "shipping")
        if code:
            errors["shipping"] = code
    if fate == "on":
        steps.append("payment")
        if draw.random() >= planted.PAYMENT_LOSS[segment]:
            steps.append("done")
        code = _payment_error(draw, has_left=steps[-1] == "payment")
        if code:
            errors["payment"] = code
    second = min(86_399, int(draw.triangular(0, 86_399, 68_000)))
    start_at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=second)
    return Session(country, device, tuple(steps), errors, start_at)


def _shipping_error(draw: Random, country: str, *, has_left: bool) -> str:
    """Return the code a session met at shipping.

    Abroad, by Bayes: P(error | lost) = P(error) P(lost | error) / P(lost), likewise for the others.
    """
    if country == "US":
        share = 0.06 if has_left else 0.01
        return "ADDR_INVALID" if draw.random() < share else ""
    loss = planted.SHIPPING_LOSS["international"]
    refused, gone = planted.ADDRESS_ERROR_SHARE, planted.LOST_AFTER_ADDRESS_ERROR
    share = refused * gone / loss if has_left else refused * (1 - gone) / (1 - loss)
    if draw.random() < share * _refused(country):
        return "ADDR_INVALID"
    return "CARRIER_TIMEOUT" if draw.random() < 0.02 else ""


def _refused(country: str) -> float:
    """Return how often a country's addresses are refused, against the average abroad."""
    levels = [REFUSED.get(one, REFUSED_ELSEWHERE) for one in ABROAD]
    average = sum(map(mul, levels, ABROAD_WEIGHTS)) / sum(ABROAD_WEIGHTS)
    return float(REFUSED.get(country, REFUSED_ELSEWHERE) / average)


def _payment_error(draw: Random, *, has_left: bool) -> str:
    chance = draw.random()
    if chance < (0.12 if has_left else 0.014):
        return "PAY_DECLINED"
    return "PAY_TIMEOUT" if chance < (0.17 if has_left else 0.02) else ""


def _rows(draw: Random, name: str, session: Session) -> Iterator[tuple[str, ...]]:
    at = session.start_at
    for step in session.steps:
        stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        error = session.errors.get(step, "")
        yield name, session.country, session.device, step, stamp, error
        at += timedelta(seconds=draw.randint(20, 150))
