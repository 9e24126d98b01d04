"""Sprints as Jira writes them: objects, or the strings of older servers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from debtplan.core.decode import Json
from debtplan.files.shape import instant, record, sequence, words

_OLD_FORM = "com.atlassian.greenhopper.service.sprint.Sprint@"
_OLD_KEYS = (
    "id|rapidViewId|state|name|startDate|endDate|completeDate|activatedDate|sequence|goal|synced"
    "|autoStartStop|incompleteIssuesDestinationId"
)
_OLD_PART = re.compile(rf"(?:^|,)({_OLD_KEYS})=")


@dataclass(frozen=True)
class JiraSprint:
    """A sprint of a board.

    Attributes:
        state: `active`, `future` or `closed`.
        board: Id of the board it was made on, "" where unknown.
    """

    id: str
    name: str
    state: str
    board: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    completed_at: datetime | None = None


def parse_sprint(value: Json) -> JiraSprint | None:
    """Return the sprint that an object or a string of an older server describes, None if neither.

    Names and goals hold commas and brackets, so the string is split at known keys only.
    """
    found: Mapping[str, Json] = _old_sprint(value) if isinstance(value, str) else record(value)
    state, key = words(found.get("state")).casefold(), words(found.get("id"))
    if state not in {"active", "future", "closed"} or not key or "name" not in found:
        return None
    return JiraSprint(
        id=key,
        name=words(found.get("name")),
        state=state,
        board=words(found.get("originBoardId") or found.get("boardId") or found.get("rapidViewId")),
        started_at=instant(found.get("startDate")),
        ended_at=instant(found.get("endDate")),
        completed_at=instant(found.get("completeDate")),
    )


def _old_sprint(text: str) -> dict[str, Json]:
    """Return the parts of `...Sprint@1f[id=1,rapidViewId=2,state=CLOSED,name=a, b,...]`."""
    if not text.startswith(_OLD_FORM) or "[" not in text:
        return {}
    body = text[text.index("[") + 1 :].removesuffix("]")
    marks = list(_OLD_PART.finditer(body))
    ends = [*(mark.start() for mark in marks[1:]), len(body)]
    parts: dict[str, Json] = {}
    for mark, end in zip(marks, ends, strict=True):
        value = body[mark.end() : end]
        parts.setdefault(mark[1], None if value == "<null>" else value)
    return parts


def sprints_of_issue(fields: Mapping[str, Json]) -> Iterator[JiraSprint]:
    """Yield the sprints an issue was in, from whichever of its fields holds them, each once."""
    seen = set()
    for name, value in fields.items():
        if name not in {"sprint", "closedSprints"} and not name.startswith("customfield_"):
            continue
        if not value or isinstance(value, int | float):
            continue
        for one in sequence(value) if isinstance(value, list) else [value]:
            sprint = parse_sprint(one)
            if sprint is not None and sprint.id not in seen:
                seen.add(sprint.id)
                yield sprint
