"""The work we may do: debt items, who they are for, and records we could not use."""

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from pydantic import Field as Bounded
from sqlmodel import JSON, Field

from debtplan.core.record import Stored, Value

ItemKey: TypeAlias = str
"""Identity of an item: `jira:OMNI-12`, `github:owner/repo#7`, `csv:MESOS-313`.

A phase of an item appends its own name: `jira:OMNI-12/service`.
"""


class DebtKind(StrEnum):
    """What sort of debt an item pays back."""

    PERFORMANCE = "performance"
    RELIABILITY = "reliability"
    USABILITY = "usability"
    CONSISTENCY = "consistency"
    """Design-system consistency: screens that differ from the system's components and tokens."""
    ACCESSIBILITY = "accessibility"
    MAINTAINABILITY = "maintainability"
    OTHER = "other"


class ItemState(StrEnum):
    """Where an item stands in its tracker."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"


class UserStory(Value):
    """Whom an item helps: "As a WHO I want NEED so that OUTCOME", and what hurts today.

    Attributes:
        need: What the user wants to do, without "I want".
        pain: What goes wrong for them today; empty where nobody wrote it down.
        outcome: What they can do afterwards, without "so that".
        who: The user, without "As a"; empty where nobody wrote it down.
    """

    need: str
    pain: str = ""
    outcome: str = ""
    who: str = ""

    def sentence(self) -> str:
        """Return the story as one sentence."""
        start = f"As {_article(self.who)} I want {self.need}" if self.who else f"I want {self.need}"
        return f"{start}, so that {self.outcome}." if self.outcome else f"{start}."


class RolePoints(Value):
    """The part of an item's points that one role has to do.

    Attributes:
        role: A role of the team's settings, such as `backend`.
        points: In the team's unit, above 0.
    """

    role: str
    points: float = Bounded(gt=0)


class DebtItem(Stored):
    """One piece of work from a tracker, as the tracker has it.

    Attributes:
        key: See `ItemKey`; unique over all sources.
        source: Name of the source it came from, as in the settings.
        title: One line, cleaned by `core.text.clean_line`.
        text: Description as plain text, cleaned; fenced blocks kept.
        url: Where a person can open it, http(s) only; None where unknown.
        type_name: The tracker's own word for its type, in any language.
        epic: The tracker's own key of what it is a part of: `OMNI-100`, `owner/repo#7`; "" for
            none. The story above a sub-task is none.
        points: Estimate in the team's unit, above 0; None is "not estimated", never 0.
        roles: The estimate by role; their sum need not be `points` (people work side by side).
        prerequisites: Items to finish first.
        excludes: Alternatives: at most one of them is worth doing.
        paths: Source paths the item is about, for path rules.
        sprint: Name of the open sprint that already holds it, if any.
        updated_at: Last change in the tracker; None where unknown.
        closed_at: When it was closed in the tracker; None where it is not done, or unknown.
    """

    key: str = Field(primary_key=True)
    source: str
    title: str
    text: str = ""
    url: str | None = None
    type_name: str = ""
    epic: str = ""
    debt_kind: DebtKind | None = None
    state: ItemState = ItemState.OPEN
    team: str | None = None
    labels: tuple[str, ...] = Field(default=(), sa_type=JSON)
    components: tuple[str, ...] = Field(default=(), sa_type=JSON)
    paths: tuple[str, ...] = Field(default=(), sa_type=JSON)
    points: float | None = Field(default=None, gt=0)
    roles: tuple[RolePoints, ...] = Field(default=(), sa_type=JSON)
    story: UserStory | None = Field(default=None, sa_type=JSON)
    prerequisites: tuple[str, ...] = Field(default=(), sa_type=JSON)
    excludes: tuple[str, ...] = Field(default=(), sa_type=JSON)
    sprint: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    closed_at: datetime | None = None


class Skipped(Value):
    """A record we could not use, kept as a value so that it reaches the report.

    Attributes:
        ref: What it was: a key, or `FILE row 12`.
        reason: One sentence that says why, with column and value, and what to do.
    """

    ref: str
    reason: str


def resolve_key(key: str, keys: Iterable[ItemKey]) -> ItemKey | None:
    """Return the full key for `jira:OMNI-12` or plain `OMNI-12`; None where none or several fit."""
    return key_resolver(keys)(key)


def key_resolver(keys: Iterable[ItemKey]) -> Callable[[str], ItemKey | None]:
    """Return `resolve_key` for many lookups in the same keys."""
    known = frozenset(keys)
    short: dict[str, list[ItemKey]] = {}
    for one in sorted(known):
        short.setdefault(one.partition(":")[2].casefold(), []).append(one)

    def resolve(key: str) -> ItemKey | None:
        matches = [key] if key in known else short.get(key.casefold(), [])
        return matches[0] if len(matches) == 1 else None

    return resolve


def _article(who: str) -> str:
    """Return the user with "a" or "an" in front, unless an article is there already."""
    if who.lower().startswith(("a ", "an ", "the ")):
        return who
    return f"{'an' if who[:1].lower() in 'aeiou' else 'a'} {who}"
