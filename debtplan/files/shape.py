"""Asking decoded JSON for what it should hold, without trusting that it does."""

from datetime import UTC, datetime

from debtplan.core.decode import Json


def record(value: Json) -> dict[str, Json]:
    """Return the object, or an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def sequence(value: Json) -> list[Json]:
    """Return the list, or an empty one where it is none."""
    return value if isinstance(value, list) else []


def words(value: Json) -> str:
    """Return the text, "" where it is none; a whole number becomes its digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def instant(value: Json) -> datetime | None:
    """Return an ISO 8601 instant as aware UTC, None where it is none; without offset it is UTC."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
