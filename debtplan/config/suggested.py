"""Suggested links in a backlog: the confirmed ones, and others where the settings allow them."""

from collections.abc import Iterable, Sequence

from debtplan.config.settings import Settings
from debtplan.core.flow import UxMetric
from debtplan.core.intake import NOT_DECLARED, Backlog
from debtplan.core.item import ItemKey, Skipped
from debtplan.core.link import Claim
from debtplan.core.record import Value
from debtplan.core.suggest import Known, decided_claims, suggest_links, unconfirmed_claims
from debtplan.core.suggestion import LinkDecision
from debtplan.core.tally import Tally


class Told(Value):
    """What is known of links beside items and settings.

    Attributes:
        decisions: What people decided.
        tallies: What was counted of the metrics.
    """

    decisions: tuple[LinkDecision, ...] = ()
    tallies: tuple[Tally, ...] = ()


NOTHING_TOLD = Told()


def with_suggested(
    backlog: Backlog, settings: Settings, metrics: Sequence[UxMetric], told: Told
) -> Backlog:
    """Return the backlog with the links that suggestions made: confirmed, or allowed unconfirmed.

    A decision on an item that is not here waits; one that names a metric that is gone is told.
    """
    known = {metric.id for metric in metrics}
    here = _at_home(decided_claims(told.decisions), [item.key for item in backlog.items])
    confirmed = tuple(one for one in here if one.metric in known)
    lost = tuple(
        Skipped(ref=one.item, reason=f"{one.origin} names metric {one.metric!r}, {NOT_DECLARED}")
        for one in here
        if one.metric not in known
    )
    claims = (*backlog.claims, *confirmed)
    least = settings.links.use_unconfirmed
    if least:
        ground = Known(backlog.items, metrics, settings.flow, claims, told.decisions, told.tallies)
        claims = (*claims, *unconfirmed_claims(suggest_links(ground), least))
    ordered = sorted(claims, key=lambda one: (one.item, one.metric, one.model_dump_json()))
    update = {"claims": tuple(ordered), "skipped": (*backlog.skipped, *lost)}
    return backlog.model_copy(update=update)


def _at_home(claims: Iterable[Claim], keys: Iterable[ItemKey]) -> list[Claim]:
    """Return the claims on items that are here; an item that was split since has its last phase."""
    last = {key.rpartition("/")[0]: key for key in sorted(keys) if "/" in key.partition(":")[2]}
    last |= {key: key for key in keys}
    return [one.model_copy(update={"item": last[one.item]}) for one in claims if one.item in last]
