"""The sprint calendar: closed sprints with their points, the active one and the coming ones."""

from collections.abc import Iterator
from datetime import date, timedelta

from sample_data.generator import planted

BOARD = "42"
COMING = 49
COMING_START = date(2026, 11, 30)
COLUMNS = ("board", "id", "name", "start_on", "end_on", "committed", "completed", "debt_points")

# Number -> committed, completed, debt points; empty where nobody wrote it down.
CLOSED: dict[int, tuple[str, str, str]] = {
    35: ("42", "37", ""),
    36: ("40", "39", ""),
    37: ("41", "33", ""),
    38: ("38", "40", ""),
    39: ("", "", ""),  # the summer break
    40: ("36", "35", ""),
    41: ("40", "38", "3"),
    42: ("42", "38", "5"),
    43: ("41", "41", "3"),
    44: ("40", "40", "4"),
    45: ("42", "36", "6"),
    46: ("42", "43", "4"),
    47: ("41", "40", "5"),
}

LATER_CLOSED: dict[int, tuple[str, str, str]] = {
    48: ("40", "39", "5"),
    49: ("40", "40", "6"),
    50: ("41", "37", "5"),
    51: ("30", "31", "4"),
    52: ("40", "42", "5"),
    53: ("41", "40", "6"),
    54: ("40", "38", "5"),
    55: ("40", "41", "4"),
    56: ("42", "40", "6"),
    57: ("40", "39", "5"),
    58: ("41", "41", "5"),
    59: ("40", "38", "6"),
    60: ("40", "42", "4"),
    61: ("41", "40", "5"),
}


def sprint_id(number: int) -> int:
    """Return the tracker's id of a sprint."""
    return 1200 + number


def sprint_days(number: int) -> tuple[date, date]:
    """Return the first and the last day of a sprint: Monday to the Friday of the next week."""
    start = COMING_START + timedelta(days=planted.SPRINT_DAYS * (number - COMING))
    return start, start + timedelta(days=11)


def lines() -> Iterator[tuple[str, ...]]:
    """Yield the closed sprints, oldest first, the header first."""
    return _table(CLOSED)


def later_lines() -> Iterator[tuple[str, ...]]:
    """Yield those closed after the plan, the header first."""
    return _table(LATER_CLOSED)


def _table(closed: dict[int, tuple[str, str, str]]) -> Iterator[tuple[str, ...]]:
    yield COLUMNS
    for number, points in closed.items():
        start, end = sprint_days(number)
        yield BOARD, str(sprint_id(number)), f"Sprint {number}", str(start), str(end), *points


def agile_sprints() -> dict[str, object]:
    """Return the answer of /rest/agile/1.0/board/42/sprint."""
    values = [_agile(number, "closed") for number in CLOSED]
    values += [_agile(48, "active"), _agile(49, "future"), _agile(50, "future")]
    return {"maxResults": 50, "startAt": 0, "total": len(values), "isLast": True, "values": values}


def agile_sprint(number: int) -> dict[str, object]:
    """Return the sprint as an issue's sprint field holds it."""
    state = "closed" if number in CLOSED else "active" if number < COMING else "future"
    full = _agile(number, state)
    return {key: full[key] for key in full if key not in {"self", "originBoardId"}} | {
        "boardId": int(BOARD)
    }


def _agile(number: int, state: str) -> dict[str, object]:
    start, end = sprint_days(number)
    site = "https://omniretail.example"
    answer: dict[str, object] = {
        "id": sprint_id(number),
        "self": f"{site}/rest/agile/1.0/sprint/{sprint_id(number)}",
        "state": state,
        "name": f"Sprint {number}",
        "startDate": f"{start}T08:00:00.000Z",
        "endDate": f"{end}T16:00:00.000Z",
        "originBoardId": int(BOARD),
    }
    if state == "closed":
        answer["completeDate"] = f"{end}T15:42:10.000Z"
    if number == COMING:
        answer["goal"] = "Fewer customers abroad give up at shipping information"
    return answer
