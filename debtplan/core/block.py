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

    [[phases]]
    id = "service"
    title = "Address service behind a switch"
    points = 3
    ```

The block is TOML. Jira's `{code:debtplan}` is read alike.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError

from debtplan.core.item import DebtItem, DebtKind, ItemKey, RolePoints, Skipped, UserStory
from debtplan.core.link import Claim, Evidence, Grade, LinkBasis, Share
from debtplan.core.record import Value
from debtplan.core.rule import short_share
from debtplan.core.text import clean_line

_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*debtplan[ \t]*\n(.*?)^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
_JIRA_CODE = re.compile(r"\{code:(?:[^}|]*\|)*(?:title=)?debtplan[^}]*\}(.*?)\{code\}", re.DOTALL)
_STORY = re.compile(
    r"\bas\s+(?P<who>(?:an?\s+|the\s+)?[^,.\n]{1,80}?),?\s+"
    r"I(?:\s+would|'d)?\s+(?:want|need|like|wish)(?:\s+to)?\s+(?P<need>[^\n]{1,300}?)"
    r"(?:,?\s+(?:so\s+that|so|in\s+order\s+(?:that|to))\s+(?P<outcome>[^\n]{1,300}?))?"
    r"(?=\.(?:\s|$)|\n|$)",
    re.IGNORECASE,
)

Points = dict[str, Annotated[float, Field(gt=0)]]


class BlockLink(Value):
    """A link as a block states it."""

    metric: str
    share: Annotated[Share | None, BeforeValidator(short_share)] = None
    grade: Grade | None = None
    evidence: tuple[Evidence, ...] = ()
    noted_on: date | None = None


class BlockPhase(Value):
    """A phase: a part of the item with its own cost and its own links."""

    id: str = Field(pattern=r"^[\w.-]{1,40}$")
    title: str = ""
    points: Annotated[float, Field(gt=0)] | Points | None = None
    prerequisites: tuple[ItemKey, ...] | None = None
    links: tuple[BlockLink, ...] = ()


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
    links: tuple[BlockLink, ...] = ()
    phases: tuple[BlockPhase, ...] = ()


class TextGain(Value):
    """What a text gave: items (the item itself, or its phases), claims, and what was not understood."""

    items: tuple[DebtItem, ...]
    claims: tuple[Claim, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def read_text(item: DebtItem) -> TextGain:
    """Return the item with what its text adds; a block that cannot be read changes nothing."""
    found = find_block(item.text)
    if found is None:
        story = item.story or find_story(f"{item.title}\n{item.text}")
        return TextGain(items=(item.model_copy(update={"story": story}),))
    try:
        block = Block.model_validate(tomllib.loads(found))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        reason = f"its debtplan block was ignored: {_first_problem(error)}"
        return TextGain(items=(item,), skipped=(Skipped(ref=item.key, reason=reason),))
    whole = _with_block(item, block)
    if not block.phases:
        return TextGain(items=(whole,), claims=_claims(item.key, _own_links(block)))
    return _phases(whole, block)


def find_block(text: str) -> str | None:
    """Return the TOML inside the first debtplan block, None without one."""
    found = _FENCE.search(text if text.endswith("\n") else text + "\n")
    if found:
        return found.group(2)
    code = _JIRA_CODE.search(text)
    return code.group(1) if code else None


def find_story(text: str) -> UserStory | None:
    """Return the story of the first "As a ... I want ... so that ..." sentence, None without one."""
    found = _STORY.search(text)
    if found is None:
        return None
    who = re.sub(r"^(an?|the)\s+", "", found["who"].strip(" *_"), flags=re.IGNORECASE)
    return UserStory(
        who=clean_line(who, 120),
        need=clean_line(found["need"].strip(" ,*_"), 300),
        outcome=clean_line((found["outcome"] or "").strip(" ,*_"), 300),
    )


def full_key(key: str, near: ItemKey) -> ItemKey:
    """Return `OMNI-12` or `#12` as a full key of the same source, or of the same repository."""
    source, _, rest = near.partition(":")
    if key.startswith("#"):
        return f"{source}:{rest.split('#', 1)[0]}{key}"
    return key if ":" in key else f"{source}:{key}"


def _with_block(item: DebtItem, block: Block) -> DebtItem:
    story = item.story or find_story(f"{item.title}\n{item.text}")
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
    own = BlockLink(metric=block.metric, share=block.share, grade=block.grade)
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
        )
        for link in links
    )


def _points(
    points: float | Mapping[str, float] | None,
) -> tuple[float | None, tuple[RolePoints, ...]]:
    """Return the total and the parts by role: people of different roles work one after the other."""
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
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}"
