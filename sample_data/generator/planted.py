"""The planted truth of OmniRetail: every number that the tool should find, in one place."""

from datetime import date, timedelta
from typing import NamedTuple

SEED = 20261122

HISTORY_DAYS = 180
LAST_DAY = date(2026, 11, 22)
FIRST_DAY = LAST_DAY - timedelta(days=HISTORY_DAYS - 1)
"""27 May to 22 November 2026, both included."""

EVENT_DAYS = 28
LAST_EVENT_DAY = date(2026, 11, 21)
"""The events end where the 28-day window of a plan made on 23 November ends."""

EVENT_SAMPLE = 10
"""The event file holds one session in ten."""

AUTH_RELEASE = date(2026, 10, 14)
"""Release 5.2 of the authentication service: sign-ins begin to fail."""

ADDRESS_RULES = date(2026, 8, 18)
"""Release 3.1 of the address rules: addresses abroad are refused more often than before."""

SPRINT_DAYS = 14

# Sessions that enter the cart in one sprint, and the share of them that reaches shipping.
CART_SESSIONS = {"domestic": 74_000, "international": 34_000}
CART_LOSS = {"domestic": 0.25, "international": 0.28}

# Share of sessions lost at shipping today.
SHIPPING_LOSS = {"domestic": 0.18, "international": 0.54}
PAYMENT_LOSS = {"domestic": 0.09, "international": 0.11}

# Abroad: how many sessions meet ADDR_INVALID, and how many of those give up.
ADDRESS_ERROR_SHARE = 0.368
LOST_AFTER_ADDRESS_ERROR = 0.92
ATTRIBUTABLE = 0.41
"""Part of the losses abroad that would not happen without ADDR_INVALID: (0.54 - 0.3186) / 0.54."""

LOGIN_ATTEMPTS = 160_000
"""Sign-ins attempted in one sprint."""

PAYMENT_SESSIONS = 57_000
SEARCH_SESSIONS = 120_000
ACCOUNT_SESSIONS = 52_000


def days() -> list[date]:
    """Return every day of the history, oldest first."""
    return [FIRST_DAY + timedelta(days=number) for number in range(HISTORY_DAYS)]


def traffic(day: date) -> float:
    """Return the day's traffic against an average day of November: weekday and slow growth."""
    weekday = (0.98, 0.97, 0.98, 1.0, 1.05, 1.04, 0.98)[day.weekday()]
    age = (LAST_DAY - day).days
    return weekday * (1.004 - 0.06 * age / HISTORY_DAYS)


def ramp(day: date, start: date, length: int) -> float:
    """Return 0 before `start`, 1 from `length` days after it, and a straight line between."""
    return min(1.0, max(0.0, ((day - start).days + 1) / length))


# --- What happened afterwards: 23 November 2026 to 1 June 2027 -----------------------------------

LATER_LAST_DAY = date(2027, 6, 1)

APPROVED = date(2026, 11, 27)
"""The plans of Sprint 49 are approved."""


class Change(NamedTuple):
    """By how much a level changed for good, or until it was repaired.

    Attributes:
        on: First day of it.
        days: Days until it is there in full.
        size: Added to the share of sessions; for waiting times a part of the median.
        until: Day from which on it is gone again; None for good.
    """

    on: date
    days: int
    size: float
    until: date | None = None


TOKEN_RETRY = date(2026, 12, 3)
"""OMNI-24 is released; until 17 December it makes payments fail, then that is repaired."""

PAYMENT_REPAIR = date(2026, 12, 29)

ADDRESS_SERVICE = date(2026, 12, 10)
"""OMNI-12 is released."""

SUGGESTIONS = date(2027, 1, 12)
"""OMNI-43 is released."""

PICTURES = date(2027, 1, 19)
"""OMNI-42 is released. It was to make search results quicker, and does nothing at all."""

AUTH_NEXT = date(2027, 1, 28)
"""Release 5.3 of the authentication service, with OMNI-25: sign-ins are as before October."""

ORDER_LIST = date(2027, 2, 2)
"""OMNI-41 is released."""

DISCLOSURE = date(2027, 2, 16)
"""OMNI-18 is released, eight weeks later than planned."""

SPRING_CHECKOUT = date(2027, 3, 30)
"""A release of many small things in checkout, of which no forecast was made."""

LATER: dict[str, tuple[Change, ...]] = {
    "shipping-loss-international": (
        Change(ADDRESS_SERVICE, 1, -0.14),
        Change(DISCLOSURE, 1, -0.05),
        Change(SPRING_CHECKOUT, 1, -0.03),
    ),
    "shipping-loss-domestic": (Change(SPRING_CHECKOUT, 1, -0.010),),
    "payment-loss-domestic": (
        Change(TOKEN_RETRY, 1, -0.015),
        Change(SPRING_CHECKOUT, 1, -0.006),
    ),
    "payment-loss-international": (
        Change(TOKEN_RETRY, 1, -0.02),
        Change(SPRING_CHECKOUT, 1, -0.008),
    ),
    "address-latency": (Change(ADDRESS_SERVICE, 1, -0.022),),
    "login-errors": (Change(TOKEN_RETRY, 1, -0.007), Change(AUTH_NEXT, 3, -0.025)),
    "session-cut-short": (Change(AUTH_NEXT, 3, -0.020),),
    "payment-errors": (Change(TOKEN_RETRY, 1, 0.018, PAYMENT_REPAIR),),
    "search-latency": (Change(SUGGESTIONS, 1, -0.006),),
    "search-lcp": (),
    "address": (Change(ADDRESS_SERVICE, 10, -2.5),),
    "auth": (Change(TOKEN_RETRY, 4, -2.0), Change(AUTH_NEXT, 6, -11.0)),
    "orders": (Change(ORDER_LIST, 1, -0.15),),
}
"""Metric, or kind of ticket (a day), -> what the releases did to it. What is not named stays."""

RECOVERED = {"checkout": ADDRESS_SERVICE, "login": AUTH_NEXT}
"""Flow -> day from which on the survey is as calm as before."""

BASELINE = (date(2026, 8, 24), date(2026, 11, 22))
"""Thirteen weeks that the goal is measured against, both ends included."""

ABANDONMENT_GOAL = -0.20
ABANDONMENT_CHANGE = -0.23
"""Checkouts given up in the goal's fifth month against the baseline."""

ABANDONMENT_MONTH = 5


def later_days() -> list[date]:
    """Return every day after the history, oldest first."""
    return [
        LAST_DAY + timedelta(days=number + 1) for number in range((LATER_LAST_DAY - LAST_DAY).days)
    ]


def moved(name: str, day: date) -> float:
    """Return by how much releases have moved a level by a day; exactly 0 before the first one."""
    return sum(
        change.size * ramp(day, change.on, change.days)
        for change in LATER.get(name, ())
        if day >= change.on and (change.until is None or day < change.until)
    )
