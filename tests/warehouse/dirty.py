"""Events as they really come: twice, late, from wrong clocks, bots and people of two names."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

START = datetime(2026, 3, 2, tzinfo=UTC)
END = datetime(2026, 3, 9, tzinfo=UTC)
NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)

SEED = 1
"""Of the events that every engine is asked about."""

STEPS = ("cart", "shipping", "payment", "done")
COUNTRIES = ("US", "FR", "DE", 'O\'Hare \\ "x"; DROP TABLE clicks --', "")
CODES = ("ADDR_INVALID", "TIMEOUT", "it's \\'", None, None, None, "")
ENDPOINTS = (*(f"/api/{n}" for n in range(30)), None, None)
AGENTS = ("Mozilla/5.0", "Mozilla/5.0 (Macintosh)", None, "GoogleBot/2.1")
WAITS = (0.0, 120.5, 333.25, 900.0, 2400.75, 9000.0, -5.0, float("nan"), float("inf"), None)

FIELDS = {
    "id": "text", "user_id": "text", "anonymous_id": "text", "session_id": "text", "event": "text",
    "at": "timestamp", "received_at": "timestamp", "sent_at": "timestamp",
    "original_timestamp": "timestamp", "country": "text", "device": "text", "error_code": "text",
    "endpoint": "text", "wait_ms": "double", "agent": "text",
}  # fmt: skip


def dirty_events(seed: int, people: int = 60) -> list[dict[str, Any]]:
    """Return events of about a week, in no order, under the names of `FIELDS`."""
    draw = Random(seed)
    found: list[dict[str, Any]] = []
    for person in range(people):
        for visit in range(draw.randint(1, 4)):
            found += _visit(draw, person, visit)
    found += [_copy(draw, one) for one in draw.sample(found, len(found) // 6)]
    found += _flood(draw)
    draw.shuffle(found)
    return found


def _visit(draw: Random, person: int, visit: int) -> list[dict[str, Any]]:
    seconds = draw.choice((draw.randint(-86_400, 8 * 86_400), 86_400 * draw.randint(0, 7) - 240))
    at = START + timedelta(seconds=seconds, microseconds=draw.choice((0, 500_000, 123_456)))
    offset = draw.choice((timedelta(0), timedelta(hours=7), timedelta(days=-400)))
    is_sent = draw.random() < 0.7
    agent = draw.choice(AGENTS) if draw.random() < 0.3 else "Mozilla/5.0"
    country, device = draw.choice(COUNTRIES), draw.choice(("mobile", "desktop", None))
    knows = draw.random()
    found = []
    for n in range(draw.randint(1, 7)):
        at += timedelta(seconds=draw.choice((0, 20, 95, 700, 1_800, 1_801, 3_000)))
        received = at + timedelta(seconds=draw.choice((0, 2, 40, 90_000)))
        if draw.random() < 0.03:
            received = at - timedelta(minutes=draw.choice((5, 6, 600)))  # from the future
        has_error = draw.random() < 0.7
        found.append(
            {
                "id": f"e{person}-{visit}-{n}" if draw.random() < 0.95 else None,
                "user_id": f"u{person // 2}" if knows < 0.3 or draw.random() < 0.3 else "",
                "anonymous_id": f"a{person % 70}" if draw.random() < 0.97 else None,
                "session_id": f"s{person}-{visit}" if draw.random() < 0.98 else None,
                "event": draw.choice((STEPS[min(n, 3)], *STEPS, "other")),
                "at": at if draw.random() < 0.99 else None,
                "received_at": received,
                "sent_at": received + offset - timedelta(seconds=1) if is_sent else None,
                "original_timestamp": at + offset - timedelta(seconds=1) if is_sent else None,
                "country": country if draw.random() < 0.9 else draw.choice(COUNTRIES),
                "device": device,
                "error_code": draw.choice(CODES) if has_error else None,
                "endpoint": draw.choice(ENDPOINTS),
                "wait_ms": draw.choice(WAITS),
                "agent": agent,
            }
        )
    return found


def _copy(draw: Random, one: dict[str, Any]) -> dict[str, Any]:
    """Return an event sent again: later, perhaps not quite the same, perhaps received first."""
    later = timedelta(seconds=draw.choice((0, 30, -30, 7_200)))
    changed = {"received_at": one["received_at"] + later}
    if draw.random() < 0.5:
        changed["error_code"] = draw.choice(CODES)
    return {**one, **changed}


def _flood(draw: Random) -> list[dict[str, Any]]:
    """Return a session of far more events than anybody makes."""
    at = START + timedelta(days=3, hours=5)
    known = {"anonymous_id": "flood", "session_id": "flood", "country": "US", "event": "cart"}
    base: dict[str, Any] = dict.fromkeys(FIELDS) | known
    times = [at + timedelta(seconds=n) for n in range(61)]
    return [base | {"id": f"f{n}", "at": time, "received_at": time} for n, time in enumerate(times)]


def as_oracle(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events under the oracle's names."""
    names = {
        "user_id": "user",
        "anonymous_id": "anonymous",
        "session_id": "session",
        "received_at": "received",
        "sent_at": "sent",
        "original_timestamp": "original",
    }
    return [{names.get(key, key): value for key, value in one.items()} for one in events]
