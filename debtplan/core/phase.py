"""Phases of items outside of a plan: what became of them, from the text of the whole item."""

from collections.abc import Iterable, Mapping

from debtplan.core.block import read_text
from debtplan.core.item import DebtItem, ItemKey, ItemState
from debtplan.core.release import Release
from debtplan.core.teams import whole_of
from debtplan.core.verdict import Verdict


def with_phases(items: Iterable[DebtItem], wanted: Iterable[ItemKey]) -> dict[ItemKey, DebtItem]:
    """Return items by key, and those of the wanted keys that are phases of one.

    A phase that its item's text does not know any longer is as done as its item is; of an open item
    it is not among them.
    """
    found = {one.key: one for one in items}
    parts: dict[ItemKey, dict[ItemKey, DebtItem]] = {}
    for key in sorted(set(wanted) - set(found)):
        whole = found.get(whole_of(key))
        if whole is None:
            continue
        if whole.key not in parts:
            parts[whole.key] = {one.key: one for one in read_text(whole).items}
        part = parts[whole.key].get(key)
        if part is None and whole.state is ItemState.DONE:
            part = whole.model_copy(update={"key": key})
        if part is not None:
            found[key] = part
    return found


def names_whole(release: Release, item: ItemKey) -> bool:
    """Tell whether a release names the whole item that this is a phase of."""
    whole = whole_of(item)
    return whole != item and whole in release.items


def dated(
    items: Mapping[ItemKey, DebtItem], verdicts: Iterable[Verdict]
) -> dict[ItemKey, DebtItem]:
    """Return the items, phases that were judged with the day that this was done by.

    Of a phase that is marked as done without a day nothing is known but its item's last change, and
    an item changes again: the day that a verdict took stands.
    """
    found = dict(items)
    for one in sorted(verdicts, key=lambda one: (one.item, one.judged_at)):
        part = items.get(one.item)
        is_phase = part is not None and whole_of(one.item) != one.item
        if part is not None and is_phase and part.closed_at is None and one.released_at is not None:
            found[one.item] = part.model_copy(update={"updated_at": one.released_at})
    return found
