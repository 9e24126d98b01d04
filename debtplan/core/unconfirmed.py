"""The warning that a plan rests on links that nobody has confirmed."""

from debtplan.core.appraisal import Appraisal
from debtplan.core.few import few, not_named
from debtplan.core.item import ItemKey
from debtplan.core.link import LinkBasis
from debtplan.core.natural import natural
from debtplan.core.plan import Finding
from debtplan.core.problem import Selection


def find_unconfirmed(appraisal: Appraisal, selection: Selection) -> list[Finding]:
    """Return one warning for links that were only suggested, the chosen items' first."""
    taken = frozenset[ItemKey](selection.chosen)
    found = [
        (link.item, link.metric)
        for link in appraisal.links
        if link.basis is LinkBasis.SUGGESTED and link.item in appraisal.values
    ]
    if not found:
        return []
    found.sort(key=lambda pair: (pair[0] not in taken, natural(pair[0]), natural(pair[1])))
    count, chosen = len(found), sum(item in taken for item, _ in found)
    named = few([f"{item} on {metric}" for item, metric in found])
    claim = (
        f"{count} link{'' if count == 1 else 's'} suggested, not confirmed, of which the plan "
        f"uses {chosen}: {named}; `debtplan links confirm` or `reject` settles them"
    )
    figures = {"links": float(count), "chosen": float(chosen)}
    figures |= not_named(item for item, _ in found)
    return [Finding(claim=claim, figures=figures, source=LinkBasis.SUGGESTED)]
