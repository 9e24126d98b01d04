"""What people write into an item's text: a fenced `debtplan` block, or a user story in a sentence.

    ```debtplan
    who = "customer abroad"
    need = "my address accepted"
    pain = "the form refuses valid addresses"
    outcome = "I can finish my order"
    points = { backend = 2, frontend = 1 }        # or a number
    prerequisites = ["OMNI-12"]
    excludes = ["OMNI-40"]
    paths = ["src/checkout/address.py"]
    debt_kind = "reliability"

    [[links]]
    metric = "shipping-loss-international"
    share = [0.3, 0.41, 0.5]                      # or a number, or left out
    grade = "C"
    selector = { error_code = "ADDR_INVALID" }    # measures the share where events are counted

    [[phases]]
    id = "service"
    title = "Address service behind a switch"
    points = 3
    is_done = true                                # where this part is finished already
    done_on = 2026-06-15                          # and since when, where that is known
    ```

The block is TOML. Jira's `{code:debtplan}` is read alike.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from debtplan.core.item import (
    DebtItem,
    DebtKind,
    ItemKey,
    ItemState,
    RolePoints,
    Skipped,
    UserStory,
)
from debtplan.core.link import Claim, Evidence, Grade, LinkBasis, Share
from debtplan.core.record import Value
from debtplan.core.rule import short_share
from debtplan.core.story import find_story
from debtplan.core.tally import Selector
from debtplan.core.text import clean_line

_OPEN = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*debtplan[ \t]*$"
    r"|\{code:(?:[^}|\n]{0,80}\|){0,5}(?:title=)?debtplan[^}\n]{0,200}\}",
    re.MULTILINE | re.IGNORECASE,
)

Points = dict[str, Annotated[float, Field(gt=0)]]


class BlockLink(Value):
    """A link as a block states it."""

    metric: str
    share: Annotated[Share | None, BeforeValidator(short_share)] = None
    grade: Grade | None = None
    evidence: tuple[Evidence, ...] = ()
    noted_on: date | None = None
    selector: Selector | None = None


class BlockPhase(Value):
    """A phase: a part of the item with its own cost and its own links."""

    id: str = Field(pattern=r"^[\w.-]{1,40}$")
    title: str = ""
    points: Annotated[float, Field(gt=0)] | Points | None = None
    is_done: bool = False
    done_on: date | None = None
    prerequisites: tuple[ItemKey, ...] | None = None
    links: tuple[BlockLink, ...] = ()

    @property
    def closed_at(self) -> datetime | None:
        """When it was finished, None where that is not written down."""
        return None if self.done_on is None else datetime.combine(self.done_on, time(), UTC)


class Block(Value):
    """A whole block. See the module's docstring."""

    who: str = ""
    need: str = ""
    pain: str = ""
    outcome: str = ""
    points: Annotated[float, Field(gt=0)] | Points | None = None
    prerequisites: tuple[ItemKey, ...] = ()
    excludes: tuple[ItemKey, ...] = ()
    paths: tuple[str, ...] = ()
    debt_kind: DebtKind | None = None
    metric: str | None = None
    share: Annotated[Share | None, BeforeValidator(short_share)] = None
    grade: Grade | None = None
    selector: Selector | None = None
    links: tuple[BlockLink, ...] = ()
    phases: tuple[BlockPhase, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> "Block":
        """Refuse what would be lost without a word."""
        ids = [phase.id for phase in self.phases]
        if len(set(ids)) < len(ids):
            msg = "two phases have the same id"
            raise ValueError(msg)
        if self.metric is None and (self.share or self.grade or self.selector):
            msg = "share, grade and selector belong to a metric; name it, or put them in [[links]]"
            raise ValueError(msg)
        if self.need == "" and (self.who or self.pain or self.outcome):
            msg = "a story needs its need: what the user wants to do"
            raise ValueError(msg)
        return self


class TextGain(Value):
    """What a text gave: items (the item or its phases), claims, and what was not understood."""

    items: tuple[DebtItem, ...]
    claims: tuple[Claim, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def read_text(item: DebtItem) -> TextGain:
    """Return the item with what its text adds; a block that cannot be read changes nothing."""
    blocks = find_blocks(item.text)
    story = item.story or find_story(f"{item.title}\n{item.text}")
    plain = item.model_copy(update={"story": story})
    if not blocks:
        return TextGain(items=(plain,))
    if blocks[0] is None:
        return TextGain(items=(plain,), skipped=(_ignored(item, "it is never closed"),))
    try:
        block = Block.model_validate(tomllib.loads(blocks[0]))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        return TextGain(items=(plain,), skipped=(_ignored(item, _first_problem(error)),))
    extra = "there is more than one; only the first is read"
    skipped = (_ignored(item, extra),) if len(blocks) > 1 else ()
    whole = _with_block(plain, block)
    if block.phases:
        return _phases(whole, block).model_copy(update={"skipped": skipped})
    claims = _claims(item.key, _own_links(block))
    return TextGain(items=(whole,), claims=claims, skipped=skipped)


def find_blocks(text: str) -> tuple[str | None, ...]:
    """Return the TOML inside every debtplan block, None for one that is never closed."""
    found: list[str | None] = []
    start = 0
    while opened := _OPEN.search(text, start):
        closed = _closing(opened["fence"]).search(text, opened.end())
        if closed is None:
            return (*found, None)
        found.append(text[opened.end() : closed.start()])
        start = closed.end()
    return tuple(found)


def _closing(fence: str | None) -> re.Pattern[str]:
    if fence is None:
        return re.compile(r"\{code\}", re.IGNORECASE)
    return re.compile(rf"^[ \t]*{fence[0]}{{{len(fence)},}}[ \t]*$", re.MULTILINE)


def _ignored(item: DebtItem, why: str) -> Skipped:
    return Skipped(ref=item.key, reason=f"its debtplan block was ignored: {why}")


def full_key(key: str, near: ItemKey) -> ItemKey:
    """Return `OMNI-12` or `#12` as a full key of the same source, or of the same repository."""
    source, _, rest = near.partition(":")
    if key.startswith("#"):
        return f"{source}:{rest.split('#', 1)[0]}{key}"
    return key if ":" in key else f"{source}:{key}"


def _with_block(item: DebtItem, block: Block) -> DebtItem:
    story = item.story
    if block.need:
        story = UserStory(
            who=clean_line(block.who, 120),
            need=clean_line(block.need),
            pain=clean_line(block.pain),
            outcome=clean_line(block.outcome),
        )
    points, roles = _points(block.points)
    return item.model_copy(
        update={
            "story": story,
            "points": points or item.points,
            "roles": roles or item.roles,
            "prerequisites": _keys(item, (*item.prerequisites, *block.prerequisites)),
            "excludes": _keys(item, (*item.excludes, *block.excludes)),
            "paths": tuple(dict.fromkeys((*item.paths, *block.paths))),
            "debt_kind": block.debt_kind or item.debt_kind,
        }
    )


def _phases(item: DebtItem, block: Block) -> TextGain:
    """Return one item a phase; each waits for the one before unless it says otherwise."""
    items: list[DebtItem] = []
    claims: list[Claim] = []
    before = item.prerequisites
    names = {phase.id for phase in block.phases}
    for phase in block.phases:
        key = f"{item.key}/{phase.id}"
        wants = before if phase.prerequisites is None else tuple(
            f"{item.key}/{one}" if one in names else full_key(one, item.key)
            for one in phase.prerequisites
        )  # fmt: skip
        points, roles = _points(phase.points)
        items.append(
            item.model_copy(
                update={
                    "key": key,
                    "title": clean_line(f"{item.title}: {phase.title or phase.id}"),
                    "points": points,
                    "roles": roles,
                    "prerequisites": wants,
                    "state": ItemState.DONE if phase.is_done or phase.done_on else item.state,
                    "closed_at": phase.closed_at or item.closed_at,
                }
            )
        )
        claims.extend(_claims(key, phase.links))
        before = (key,)
    claims.extend(_claims(items[-1].key, _own_links(block)))
    return TextGain(items=tuple(items), claims=tuple(claims))


def _own_links(block: Block) -> tuple[BlockLink, ...]:
    if block.metric is None:
        return block.links
    own = BlockLink(
        metric=block.metric, share=block.share, grade=block.grade, selector=block.selector
    )
    return (own, *block.links)


def _claims(key: ItemKey, links: tuple[BlockLink, ...]) -> tuple[Claim, ...]:
    return tuple(
        Claim(
            item=key,
            metric=link.metric,
            basis=LinkBasis.BLOCK,
            share=link.share,
            grade=link.grade,
            evidence=link.evidence,
            noted_on=link.noted_on,
            origin="debtplan block",
            selector=link.selector,
        )
        for link in links
    )


def _points(
    points: float | Mapping[str, float] | None,
) -> tuple[float | None, tuple[RolePoints, ...]]:
    """Return the total and the parts by role, whose people work one after the other."""
    if points is None:
        return None, ()
    if isinstance(points, Mapping):
        roles = tuple(RolePoints(role=role, points=one) for role, one in sorted(points.items()))
        return sum(points.values()), roles
    return float(points), ()


def _keys(item: DebtItem, keys: tuple[str, ...]) -> tuple[ItemKey, ...]:
    return tuple(dict.fromkeys(full_key(key, item.key) for key in keys))


def _first_problem(error: tomllib.TOMLDecodeError | ValidationError) -> str:
    if isinstance(error, tomllib.TOMLDecodeError):
        return f"{error}; it must be TOML"
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
