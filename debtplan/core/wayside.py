"""What stands beside the way to a goal: its items, and those that might help and cannot count."""

from collections.abc import Collection, Iterator
from math import log1p

from debtplan.core.appraisal import Appraisal
from debtplan.core.eligible import Barred
from debtplan.core.item import DebtItem, ItemState
from debtplan.core.plan import Reason
from debtplan.core.program import Program
from debtplan.core.route import GoalItem, Lacking
from debtplan.core.value import Term

_GIVES_WAY = Barred(Reason.EXCLUDED, "is an alternative to work that helps more")


def goal_items(
    appraisal: Appraisal, program: Program, metric: str, keys: Collection[str]
) -> tuple[GoalItem, ...]:
    """Return the items of these keys with what each does to the metric, by key."""
    links = {link.item: link for link in appraisal.links if link.metric == metric}
    found = []
    for key in sorted(keys):
        item, term = program.items[key], term_of(appraisal, key, metric)
        link = links.get(key)
        found.append(
            GoalItem(
                key=key,
                title=item.title,
                url=item.url,
                points=item.points or 0.0,
                removal=term.removal if term else None,
                grade=term.grade if term else None,
                is_assumed=bool(term and link and link.is_assumed),
            )
        )
    return tuple(found)


def find_lacking(
    appraisal: Appraisal, program: Program, metric: str, most: Collection[str]
) -> tuple[Lacking, ...]:
    """Return the items linked to the metric that do not count, the most helpful first.

    What is done is left out. An item that could be done and is not among `most`, the items of which
    all together help most, gives way to an alternative. Of a metric that only speaks for links
    nothing helps, so nothing is listed.
    """
    if appraisal.harms[metric].only_speaks:
        return ()
    found = []
    for link in appraisal.links:
        item = program.items.get(link.item)
        if link.metric != metric or item is None or item.state is ItemState.DONE:
            continue
        term = term_of(appraisal, link.item, metric)
        gives_way = term is not None and link.item not in most
        barred = program.barred.get(link.item) or (_GIVES_WAY if gives_way else None)
        if barred is None:
            continue
        found.append(
            Lacking(
                key=link.item,
                title=item.title,
                removal=term.removal if term else None,
                reason=barred.reason,
                detail=barred.detail,
            )
        )
    return tuple(sorted(found, key=lambda one: (-(one.removal or 0.0), one.key)))


def unlinked_items(appraisal: Appraisal, program: Program) -> tuple[str, ...]:
    """Return the open items that touch no metric and that nothing linked waits for, by key."""
    return tuple(
        key for key, item in sorted(program.items.items()) if _is_unlinked(appraisal, program, item)
    )


def term_of(appraisal: Appraisal, key: str, metric: str) -> Term | None:
    """Return what an item does to a metric; None where it does nothing that counts."""
    value = appraisal.values.get(key)
    terms = value.terms if value else ()
    return next((term for term in terms if term.metric == metric), None)


def worth_first(appraisal: Appraisal, program: Program, metric: str, key: str) -> float:
    """Return -ln(1 - removal) per point: what is worth doing first for the metric."""
    term = term_of(appraisal, key, metric)
    return -log1p(-term.removal) / max(program.items[key].points or 0.0, 1e-9) if term else 0.0


def flows_of(appraisal: Appraisal, metric_flows: dict[str, str], key: str) -> Iterator[str]:
    """Yield the flows that an item moves."""
    value = appraisal.values.get(key)
    for term in value.terms if value else ():
        yield metric_flows[term.metric]


def _is_unlinked(appraisal: Appraisal, program: Program, item: DebtItem) -> bool:
    if item.state is ItemState.DONE or appraisal.links_of.get(item.key):
        return False
    barred = program.barred.get(item.key)
    return barred is not None and barred.reason in (Reason.NO_LINK, Reason.NO_ESTIMATE)
