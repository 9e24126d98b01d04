"""From stored items to candidates with claims: blocks, labels, rules and the links file."""

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from difflib import get_close_matches

from debtplan.core.block import read_text
from debtplan.core.item import DebtItem, ItemKey, Skipped, key_resolver
from debtplan.core.link import Claim, LinkBasis, Share
from debtplan.core.record import Value
from debtplan.core.rule import Rule, claims_by_rule, sort_by_rule

_LABEL = re.compile(r"^ux:(?P<metric>[^=\s]+)(?:=(?P<share>[0-9]*[.,]?[0-9]+%?))?$", re.IGNORECASE)

NOT_DECLARED = "which is not declared"
"""What is said of a metric that a link names and no [[metric]] declares."""


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
    """Items ready to be planned, their claims, and what could not be used.

    Attributes:
        sized_by_rule: Keys whose points are a rule's assumption, not an estimate.
    """

    items: tuple[DebtItem, ...]
    claims: tuple[Claim, ...]
    skipped: tuple[Skipped, ...]
    sized_by_rule: tuple[ItemKey, ...] = ()


def take_in(
    items: Iterable[DebtItem],
    rules: Sequence[Rule],
    filed: Iterable[Claim],
    metrics: AbstractSet[str],
    debt: DebtFilter,
    elsewhere: Iterable[ItemKey] = (),
) -> Backlog:
    """Return the backlog: every item is in it or among the skipped, none is lost.

    What an item's labels, the rules and the links file say of an item that is split into phases
    goes to its last phase: only then the whole is done.

    Args:
        items: As stored.
        rules: Component, label, path, word and type rules, in the settings' order.
        filed: Claims of the links file.
        metrics: Ids of the declared metrics; a claim on another is skipped with the nearest name.
        debt: What makes an item debt.
        elsewhere: Keys of other teams' items, whose filed claims are not ours to report.
    """
    last_part: dict[ItemKey, ItemKey] = {}
    gains: list[Backlog] = []
    for item in sorted(items, key=lambda one: one.key):
        gain = _one(item, rules, debt)
        gains.append(gain)
        if gain.items:
            last_part[item.key] = gain.items[-1].key
    taken = sorted((part for gain in gains for part in gain.items), key=lambda one: one.key)
    last_part.update((part.key, part.key) for part in taken)
    found, lost = _filed(filed, last_part, elsewhere)
    good, unknown = _known([*(one for gain in gains for one in gain.claims), *found], metrics)
    ordered = sorted(good, key=lambda claim: (claim.item, claim.metric, claim.model_dump_json()))
    return Backlog(
        items=tuple(taken),
        claims=tuple(ordered),
        skipped=(*(one for gain in gains for one in gain.skipped), *lost, *unknown),
        sized_by_rule=tuple(sorted(key for gain in gains for key in gain.sized_by_rule)),
    )


def _one(item: DebtItem, rules: Sequence[Rule], debt: DebtFilter) -> Backlog:
    """Return what one item gives; none where it is no debt."""
    if not debt.takes(item):
        reason = _not_debt(item, debt)
        return Backlog(items=(), claims=(), skipped=(Skipped(ref=item.key, reason=reason),))
    read = read_text(item)
    parts = [sort_by_rule(part, rules) for part in read.items]
    labelled, odd = _label_claims(item, parts[-1].key)
    return Backlog(
        items=tuple(parts),
        claims=(*read.claims, *claims_by_rule(parts[-1], rules), *labelled),
        skipped=(*read.skipped, *odd),
        sized_by_rule=tuple(
            part.key
            for part, plain in zip(parts, read.items, strict=True)
            if part.points != plain.points
        ),
    )


def _label_claims(item: DebtItem, key: ItemKey) -> tuple[list[Claim], list[Skipped]]:
    """Return claims by labels `ux:METRIC` and `ux:METRIC=0.4`, and labels that miss that form."""
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


def _filed(
    claims: Iterable[Claim], last_part: Mapping[ItemKey, ItemKey], elsewhere: Iterable[ItemKey]
) -> tuple[list[Claim], list[Skipped]]:
    """Return the file's claims with full keys, and those whose item is not in the backlog."""
    found, lost = [], []
    resolve, resolve_elsewhere = key_resolver(last_part), key_resolver(elsewhere)
    for claim in claims:
        key = resolve(claim.item)
        if key is not None:
            found.append(claim.model_copy(update={"item": last_part[key]}))
            continue
        whole = claim.item.rpartition("/")[0]
        if resolve_elsewhere(claim.item) or resolve_elsewhere(whole):
            continue
        reason = (
            f"{claim.origin}: item {claim.item} is in no backlog, or in several, so its link to "
            f"{claim.metric} waits"
        )
        lost.append(Skipped(ref=claim.item, reason=reason))
    return found, lost


def _known(claims: Iterable[Claim], metrics: AbstractSet[str]) -> tuple[list[Claim], list[Skipped]]:
    known = sorted(metrics)
    folded = {metric.casefold(): metric for metric in reversed(known)}
    good, unknown = [], []
    for claim in claims:
        exact = claim.metric if claim.metric in metrics else None
        metric = exact or folded.get(claim.metric.casefold())
        if metric is not None:
            good.append(claim.model_copy(update={"metric": metric}))
            continue
        near = get_close_matches(claim.metric, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "; declare it under [[metric]]"
        reason = f"{claim.origin} names metric {claim.metric!r}, {NOT_DECLARED}{hint}"
        unknown.append(Skipped(ref=claim.item, reason=reason))
    return good, unknown


def _not_debt(item: DebtItem, debt: DebtFilter) -> str:
    wanted = ", ".join((*debt.labels, *(f"type {name}" for name in debt.types)))
    return f"is not marked as debt ({item.type_name or 'no type'}); [items] asks for {wanted}"
