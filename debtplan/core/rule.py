"""Rules that tie items to metrics by what they carry: a label, component, path, epic and so on."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from pydantic import Field, model_validator

from debtplan.core.item import DebtItem, DebtKind
from debtplan.core.link import Claim, Grade, LinkBasis, Share
from debtplan.core.record import Value
from debtplan.core.tally import Selector

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff]"
)
"""Thai, Lao, Burmese, Khmer, Chinese, Japanese; Korean, whose words carry endings."""


class Match(Value):
    """What an item must carry; every condition that is set has to hold, each by any of its values.

    Attributes:
        label: One of these labels, whatever the case; `*` stands for anything.
        component: One of these components, likewise.
        path: A source path of the item under one of these patterns.
        words: One of these words or phrases in title or text, as whole words, whatever the case.
        type: One of the tracker's type names, whatever the case.
        epic: Part of one of these epics, by the tracker's own key: `OMNI-100`, `owner/repo#7`.
    """

    label: tuple[str, ...] = ()
    component: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    epic: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _one_or_many(cls, data: object) -> object:
        """Take `label = "ux"` for `label = ["ux"]`."""
        if not isinstance(data, dict):
            return data
        return {key: (value,) if isinstance(value, str) else value for key, value in data.items()}

    @model_validator(mode="after")
    def _check(self) -> "Match":
        wanted = [one for name in type(self).model_fields for one in getattr(self, name)]
        if not all(one.strip() for one in wanted):
            msg = "match holds an empty text; it would match every item"
            raise ValueError(msg)
        if not wanted:
            *names, last = type(self).model_fields
            msg = f"match needs a {', '.join(names)} or {last}; it would match every item"
            raise ValueError(msg)
        return self

    def holds(self, item: DebtItem) -> bool:
        """Tell whether the item carries all that is asked."""
        return (
            (not self.label or _any_like(self.label, item.labels))
            and (not self.component or _any_like(self.component, item.components))
            and (not self.path or _any_like(self.path, item.paths))
            and (not self.type or _any_like(self.type, (item.type_name,)))
            and (not self.epic or _any_like(self.epic, (item.epic,) if item.epic else ()))
            and (not self.words or _has_word(self.words, f"{item.title}\n{item.text}"))
        )


class Rule(Value):
    """What is true of every item that matches.

    Attributes:
        metric: Metric it touches; None for a rule that only sorts or estimates.
        share: Likely share, or low, likely and high; None assumes the default.
        points: Estimate for items that have none: an assumption, shown as one.
        selector: The mark that the share is measured by where events are counted.
    """

    match: Match
    metric: str | None = None
    share: Share | None = None
    grade: Grade | None = None
    debt_kind: DebtKind | None = None
    points: float | None = Field(default=None, gt=0)
    selector: Selector | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_share(cls, data: object) -> object:
        """Take a number or three for a share."""
        if isinstance(data, dict) and "share" in data:
            return {**data, "share": short_share(data["share"])}
        return data

    @model_validator(mode="after")
    def _check(self) -> "Rule":
        if self.metric is None and self.debt_kind is None and self.points is None:
            msg = "a rule needs a metric, a debt_kind or points; this one does nothing"
            raise ValueError(msg)
        if self.metric is None and self.selector is not None:
            msg = "a selector measures the share of a metric; name the metric"
            raise ValueError(msg)
        return self


def short_share(share: object) -> object:
    """Return a share written as 0.4 or [0.3, 0.4, 0.5] as low, likely and high."""
    if isinstance(share, int | float) and not isinstance(share, bool):
        return {"low": share, "likely": share, "high": share}
    if isinstance(share, list | tuple) and len(share) == 3:  # noqa: PLR2004 - low, likely, high
        return dict(zip(("low", "likely", "high"), share, strict=True))
    return share


def claims_by_rule(item: DebtItem, rules: Sequence[Rule]) -> Iterator[Claim]:
    """Yield a claim for every rule with a metric that the item matches."""
    for number, rule in enumerate(rules, 1):
        if rule.metric is not None and rule.match.holds(item):
            yield Claim(
                item=item.key,
                metric=rule.metric,
                basis=LinkBasis.RULE,
                share=rule.share,
                grade=rule.grade,
                origin=f"rule {number}",
                selector=rule.selector,
            )


def sort_by_rule(item: DebtItem, rules: Sequence[Rule]) -> DebtItem:
    """Return the item with debt kind and estimate of the first rules that give them."""
    hits = [rule for rule in rules if rule.match.holds(item)]
    kind = item.debt_kind or next((rule.debt_kind for rule in hits if rule.debt_kind), None)
    points = item.points or next((rule.points for rule in hits if rule.points), None)
    if (kind, points) == (item.debt_kind, item.points):
        return item
    return item.model_copy(update={"debt_kind": kind, "points": points})


def _any_like(patterns: Sequence[str], values: Sequence[str]) -> bool:
    folded = [value.casefold() for value in values]
    return any(_like(pattern).fullmatch(value) for pattern in patterns for value in folded)


@lru_cache(maxsize=1024)
def _like(pattern: str) -> re.Pattern[str]:
    """Return a pattern in which only `*` is special: labels such as [ux] are common."""
    parts = (re.escape(part) for part in re.split(r"\*+", pattern.casefold()))
    return re.compile(".*".join(parts), re.DOTALL)


def _has_word(words: Sequence[str], text: str) -> bool:
    """Tell whether one of the words stands in the text; most are ruled out by a plain search."""
    folded = text.casefold()
    return any(word in folded and _word(word).search(folded) for word in map(str.casefold, words))


@lru_cache(maxsize=1024)
def _word(word: str) -> re.Pattern[str]:
    """Return a pattern for the whole word; scripts without spaces match anywhere."""
    before, after = ("", "") if _UNSPACED.search(word) else (r"(?<!\w)", r"(?!\w)")
    return re.compile(before + re.escape(word) + after)
