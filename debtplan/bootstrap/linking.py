"""Suggested links, and what people decide on them, between settings and store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from debtplan.bootstrap.answers import backlog
from debtplan.bootstrap.names import unknown_name
from debtplan.config.assemble import items_of, pick_team, plain_metrics
from debtplan.config.settings import Loaded
from debtplan.core.debt_words import find_unmarked
from debtplan.core.intake import Backlog, DebtFilter
from debtplan.core.item import DebtItem, ItemKey, ItemState, key_resolver
from debtplan.core.link import Grade, LinkBasis
from debtplan.core.suggest import Known, suggest_links
from debtplan.core.suggestion import LinkDecision, Suggestion
from debtplan.errors import UsageError
from debtplan.ports import Store

Pair = tuple[str, str]
"""Item and metric, as a person names them."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person adds to a decision.

    Attributes:
        by: Their name; "" where they gave none.
        share: Part of the metric's harm that the item would remove; None where they said none.
        grade: A letter from A to E; None where they said none.
    """

    by: str = ""
    share: float | None = None
    grade: str | None = None


@dataclass(frozen=True, slots=True)
class Suggested:
    """Suggestions with what a list shows beside them.

    Attributes:
        rows: Of the confidence asked for, by item, the surest first.
        titles: By item.
        weaker: How many more there are below that confidence.
    """

    rows: tuple[Suggestion, ...]
    titles: dict[ItemKey, str]
    weaker: int


def suggestions(loaded: Loaded, store: Store, item: str | None, least: float) -> Suggested:
    """Return what open items without a link may touch, or one item, linked or not.

    Raises:
        UsageError: There is no such item.
    """
    found = backlog(loaded, store, None)
    wanted = None if item is None else (_key(found, item),)
    rows = suggest_links(_known(loaded, store, found), wanted)
    strong = tuple(one for one in rows if one.confidence >= least)
    titles = {one.key: one.title for one in found.items}
    return Suggested(strong, titles, len(rows) - len(strong))


def decide(
    loaded: Loaded, store: Store, pair: Pair, said: Said, when: datetime, *, is_confirmed: bool
) -> tuple[LinkDecision, tuple[str, ...]]:
    """Keep what a person decided on an item and a metric, suggested or not.

    Returns:
        What was kept, and where people had written that link down themselves.

    Raises:
        UsageError: There is no such item, metric or grade.
    """
    found = backlog(loaded, store, None)
    item, metric = _key(found, pair[0]), _metric(loaded, pair[1])
    if said.grade is not None and said.grade.upper() not in set(Grade):
        raise unknown_name("grade", said.grade, [one.value for one in Grade])
    known = _known(loaded, store, found, without=(item, metric))
    why = next((one for one in suggest_links(known, (item,)) if one.metric == metric), None)
    selector = why.selector if why else None
    decision = LinkDecision(
        item=item,
        metric=metric,
        is_confirmed=is_confirmed,
        decided_at=when,
        decided_by=said.by,
        dimension=selector.dimension if selector else "",
        value=selector.value if selector else "",
        confidence=why.confidence if why else None,
        why="; ".join(why.reasons) if why else "",
        share=said.share,
        grade=Grade(said.grade.upper()) if said.grade else None,
    )
    store.decide_link(decision)
    return decision, _written(found, item, metric)


def forget(loaded: Loaded, store: Store, pair: Pair) -> tuple[Pair, bool]:
    """Take a decision back, also one on an item or metric that is gone.

    Returns:
        The full names, and whether there was a decision.
    """
    kept = {(one.item, one.metric) for one in store.link_decisions()}
    items = key_resolver([*(item for item, _ in kept), *_keys(backlog(loaded, store, None))])
    full = (items(pair[0]) or pair[0], pair[1])
    return full, store.forget_decision(*full)


def unmarked(loaded: Loaded, store: Store, team: str | None) -> tuple[tuple[DebtItem, float], ...]:
    """Return open items that look like debt and are not marked as such; see `find_unmarked`.

    Raises:
        UsageError: The settings mark nothing, so every item is debt; or there is no such team.
    """
    marked = loaded.settings.items
    debt = DebtFilter(labels=marked.debt_labels, types=marked.debt_types)
    if not debt.labels and not debt.types:
        what = "[items] names no debt_labels and no debt_types, so every item counts as debt."
        raise UsageError(what, "Set debt_labels under [items] to tell debt from other work.")
    items = store.items()
    if team is not None:
        items = items_of(loaded.settings, pick_team(loaded.settings, team), items)
    rest = [one for one in items if one.state is not ItemState.DONE and not debt.takes(one)]
    return find_unmarked(rest)


def _known(loaded: Loaded, store: Store, found: Backlog, without: Pair | None = None) -> Known:
    """Return what suggestions are made from, as if nothing had been decided on one pair."""
    decisions = store.link_decisions()
    return Known(
        items=found.items,
        metrics=plain_metrics(loaded.settings),
        flows=loaded.settings.flow,
        claims=[one for one in found.claims if (one.item, one.metric) != without],
        decisions=[one for one in decisions if (one.item, one.metric) != without],
        tallies=store.tallies(),
    )


def _written(found: Backlog, item: ItemKey, metric: str) -> tuple[str, ...]:
    made = {LinkBasis.CONFIRMED, LinkBasis.SUGGESTED}
    return tuple(
        one.origin
        for one in found.claims
        if (one.item, one.metric) == (item, metric) and one.basis not in made
    )


def _keys(found: Backlog) -> Sequence[ItemKey]:
    return [one.key for one in found.items]


def _key(found: Backlog, item: str) -> ItemKey:
    """Return the full key of an item.

    Raises:
        UsageError: No item has it, or several could be meant.
    """
    keys = _keys(found)
    full = key_resolver(keys)(item)
    if full is not None:
        return full
    phases = [key for key in keys if key.partition(":")[2].startswith(f"{item}/")]
    hint = f"Did you mean {' or '.join(phases)}?" if phases else "`debtplan items` lists them."
    raise UsageError(f"There is no item {item!r} in the backlog.", hint)


def _metric(loaded: Loaded, metric: str) -> str:
    known = [one.id for one in loaded.settings.metric]
    if metric in known:
        return metric
    raise unknown_name("metric", metric, known)
