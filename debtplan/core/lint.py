"""Checking items before they are planned: what is missing, too big, too small, or not debt."""

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Literal

from pydantic import Field

from debtplan.core.item import DebtItem, ItemState
from debtplan.core.record import Value

Severity = Literal["off", "warn", "refuse"]


class LintRule(StrEnum):
    """What can be wrong with an item."""

    NO_ESTIMATE = "no_estimate"
    NO_LINK = "no_link"
    NO_STORY = "no_story"
    TOO_BIG = "too_big"
    TOO_SMALL = "too_small"
    NOT_DEBT = "not_debt"


class LintPolicy(Value):
    """How strictly each rule is taken. A refused item is not planned, and the plan says why.

    Attributes:
        small_points: At or below this an item is cheaper to do than to plan.
        feature_types: Type names that mean new work, not debt.
        feature_words: Beginnings of titles that promise something new.
    """

    no_estimate: Severity = "warn"
    no_link: Severity = "warn"
    no_story: Severity = "warn"
    too_big: Severity = "warn"
    too_small: Severity = "warn"
    not_debt: Severity = "warn"
    small_points: float = Field(default=0.5, ge=0)
    feature_types: tuple[str, ...] = (
        "feature",
        "new feature",
        "feature request",
        "enhancement",
        "epic",
    )
    feature_words: tuple[str, ...] = (
        "add",
        "introduce",
        "support",
        "launch",
        "implement new",
        "new",
    )
    debt_words: tuple[str, ...] = (
        "refactor", "fix", "clean", "remove", "replace", "upgrade", "migrate", "deprecat",
        "debt", "slow", "flaky", "legacy", "timeout", "error", "retry", "validation",
    )  # fmt: skip


class LintFinding(Value):
    """One thing wrong with one item."""

    key: str
    title: str
    rule: LintRule
    severity: Severity
    message: str


def lint_item(
    item: DebtItem, linked: Collection[str], most_points: float | None, policy: LintPolicy
) -> tuple[LintFinding, ...]:
    """Return what is wrong with an open item, in the order of `LintRule`.

    Args:
        item: The item, after its block was read.
        linked: Keys of items with at least one link.
        most_points: Points of the reserve that can be planned; None is unknown.
        policy: What to look for.
    """
    if item.state is ItemState.DONE:
        return ()
    messages = {
        LintRule.NO_ESTIMATE: _no_estimate(item),
        LintRule.NO_LINK: "" if item.key in linked else (
            "touches no metric; add a label ux:METRIC, a debtplan block, or a rule"
        ),
        LintRule.NO_STORY: _no_story(item),
        LintRule.TOO_BIG: _too_big(item, most_points),
        LintRule.TOO_SMALL: _too_small(item, policy),
        LintRule.NOT_DEBT: _not_debt(item, policy),
    }  # fmt: skip
    severities: dict[LintRule, Severity] = {rule: getattr(policy, rule.value) for rule in LintRule}
    return tuple(
        LintFinding(
            key=item.key, title=item.title, rule=rule, severity=severities[rule], message=message
        )
        for rule, message in messages.items()
        if message and severities[rule] != "off"
    )


def _no_estimate(item: DebtItem) -> str:
    return (
        "" if item.points is not None else "has no estimate, so it cannot be fitted into a reserve"
    )


def _no_story(item: DebtItem) -> str:
    if item.story is not None:
        return ""
    return 'says not whom it helps; write "As a ... I want ... so that ..." or a debtplan block'


def _too_big(item: DebtItem, most_points: float | None) -> str:
    if item.points is None or most_points is None or item.points <= most_points:
        return ""
    parts = int(-(-item.points // most_points)) if most_points > 0 else 0
    split = f"; split it into {parts} phases that each help somebody" if parts else ""
    return f"costs {item.points:g}, more than the {most_points:g} that one sprint can give{split}"


def _too_small(item: DebtItem, policy: LintPolicy) -> str:
    if item.points is None or item.points > policy.small_points:
        return ""
    return f"costs {item.points:g}: do it in passing, or bundle it with its neighbours"


def _not_debt(item: DebtItem, policy: LintPolicy) -> str:
    if item.debt_kind is not None:
        return ""
    if item.type_name.casefold() in {name.casefold() for name in policy.feature_types}:
        return f"is of type {item.type_name}: new work, unless it names a debt_kind"
    title = item.title.casefold()
    promises = any(re.match(rf"{re.escape(word)}\b", title) for word in policy.feature_words)
    if promises and not any(word in title for word in policy.debt_words):
        return "reads like a feature in disguise; name its debt_kind if it pays something back"
    return ""
