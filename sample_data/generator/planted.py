"""The planted truth of OmniRetail: every number that the tool should find, in one place."""

from datetime import date, timedelta

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
