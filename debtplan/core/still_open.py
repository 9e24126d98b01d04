"""The warning that a plan holds work that users have already."""

from debtplan.core.inputs import Inputs
from debtplan.core.item import ItemKey, key_resolver
from debtplan.core.plan import Finding
from debtplan.core.problem import Selection
from debtplan.core.release import Release


def find_still_open(inputs: Inputs, selection: Selection) -> list[Finding]:
    """Return one warning for each chosen item that a release of a known day holds.

    A release that names a whole item says nothing of a phase of it that is still open.
    """
    resolve = key_resolver(item.key for item in inputs.items)
    first: dict[ItemKey, Release] = {}
    for one in sorted(inputs.releases, key=lambda one: (one.released_at, one.id)):
        for key in map(resolve, () if one.is_assumed else one.items):
            if key is not None:
                first.setdefault(key, one)
    return [
        Finding(
            claim=(
                f"{key} reached users on {first[key].released_at.date()} by "
                f"{first[key].name or first[key].id} and is still open: "
                "close it, or say what is left"
            ),
            source="releases",
        )
        for key in selection.chosen
        if key in first
    ]
