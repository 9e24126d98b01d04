"""From stored items to candidates with claims: blocks, labels, rules and the links file together."""

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from debtplan.core.block import read_text
from debtplan.core.item import DebtItem, ItemKey, Skipped
from debtplan.core.link import Claim, LinkBasis, Share
from debtplan.core.record import Value
from debtplan.core.rule import Rule, claims_by_rule, sort_by_rule

_LABEL = re.compile(r"^ux:(?P<metric>[^=\s]+)(?:=(?P<share>[0-9]*[.,]?[0-9]+%?))?$", re.IGNORECASE)


class DebtFilter(Value):
    """What makes an item debt: one of the labels or types; both empty takes every item."""

    labels: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    def takes(self, item: DebtItem) -> bool:
        """Tell whether the item counts as debt."""
        if not self.labels and not self.types:
            return True
        labels = {label.casefold() for label in item.labels}
        return item.type_name.casefold() in {name.casefold() for name in self.types} or bool(
            labels & {label.casefold() for label in self.labels}
        )


class Backlog(Value):
    """Items ready to be planned, their claims, and what could not be used."""

    items: tuple[DebtItem, ...]
    claims: tuple[Claim, ...]
    skipped: tuple[Skipped, ...]


def take_in(
    items: Iterable[DebtItem],
    rules: Sequence[Rule],
    filed: Iterable[Claim],
    metrics: AbstractSet[str],
    debt: DebtFilter,
) -> Backlog:
    """Return the backlog: every item is in it or among the skipped, none is lost.

    Args:
        items: As stored.
        rules: Component, label, path, word and type rules, in the settings' order.
        filed: Claims of the links file.
        metrics: Ids of the declared metrics; a claim on another is skipped with the nearest name.
        debt: What makes an item debt.
    """
    taken: list[DebtItem] = []
    claims: list[Claim] = []
    skipped: list[Skipped] = []
    for item in sorted(items, key=lambda one: one.key):
        if not debt.takes(item):
            skipped.append(Skipped(ref=item.key, reason=_not_debt(item, debt)))
            continue
        read = read_text(sort_by_rule(item, rules))
        taken.extend(read.items)
        claims.extend(read.claims)
        skipped.extend(read.skipped)
        for part in read.items:
            claims.extend(claims_by_rule(part, rules))
        labelled, odd = _label_claims(item, read.items[-1].key)
        claims.extend(labelled)
        skipped.extend(odd)
    found, lost = _filed(filed, [item.key for item in taken])
    good, unknown = _known([*claims, *found], metrics)
    ordered = sorted(good, key=lambda claim: (claim.item, claim.metric, claim.model_dump_json()))
    return Backlog(
        items=tuple(sorted(taken, key=lambda one: one.key)),
        claims=tuple(ordered),
        skipped=(*skipped, *lost, *unknown),
    )


def _label_claims(item: DebtItem, key: ItemKey) -> tuple[list[Claim], list[Skipped]]:
    """Return claims by labels `ux:METRIC` and `ux:METRIC=0.4`, and labels that look so but are not."""
    claims, skipped = [], []
    for label in item.labels:
        if not label.casefold().startswith("ux:"):
            continue
        found = _LABEL.match(label)
        share = _label_share(found["share"]) if found else None
        if found is None or (found["share"] and share is None):
            reason = f"label {label!r} is not understood; write ux:METRIC or ux:METRIC=0.4"
            skipped.append(Skipped(ref=item.key, reason=reason))
            continue
        claims.append(
            Claim(
                item=key,
                metric=found["metric"],
                basis=LinkBasis.LABEL,
                share=share,
                origin=f"label {label}",
            )
        )
    return claims, skipped


def _label_share(text: str | None) -> Share | None:
    """Return a share written as 0.4, 0,4 or 40%, None where it is not in [0, 1]."""
    if not text:
        return None
    number = float(text.rstrip("%").replace(",", "."))
    number = number / 100 if text.endswith("%") else number
    return Share(low=number, likely=number, high=number) if 0 <= number <= 1 else None


def _filed(claims: Iterable[Claim], keys: Sequence[ItemKey]) -> tuple[list[Claim], list[Skipped]]:
    """Return the file's claims with full keys, and those whose item is not in the backlog."""
    known = set(keys)
    by_short: dict[str, list[ItemKey]] = {}
    for key in keys:
        by_short.setdefault(key.partition(":")[2], []).append(key)
    found, lost = [], []
    for claim in claims:
        matches = [claim.item] if claim.item in known else by_short.get(claim.item, [])
        if len(matches) == 1:
            found.append(claim.model_copy(update={"item": matches[0]}))
            continue
        what = "is in no backlog" if not matches else f"could be {' or '.join(matches)}"
        reason = f"{claim.origin}: item {claim.item} {what}, so the link to {claim.metric} waits"
        lost.append(Skipped(ref=claim.item, reason=reason))
    return found, lost


def _known(claims: Iterable[Claim], metrics: AbstractSet[str]) -> tuple[list[Claim], list[Skipped]]:
    from difflib import get_close_matches  # noqa: PLC0415 - only for a wrong name

    folded = {metric.casefold(): metric for metric in metrics}
    good, unknown = [], []
    for claim in claims:
        metric = folded.get(claim.metric.casefold())
        if metric is not None:
            good.append(claim.model_copy(update={"metric": metric}))
            continue
        near = get_close_matches(claim.metric, sorted(metrics), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "; declare it under [[metric]]"
        reason = f"{claim.origin} names metric {claim.metric!r}, which is not declared{hint}"
        unknown.append(Skipped(ref=claim.item, reason=reason))
    return good, unknown


def _not_debt(item: DebtItem, debt: DebtFilter) -> str:
    wanted = ", ".join((*debt.labels, *(f"type {name}" for name in debt.types)))
    return f"is not marked as debt ({item.type_name or 'no type'}); [items] asks for {wanted}"
