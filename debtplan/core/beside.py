"""What other teams do in the same plan, as one team's plan takes it: given, and first.

Teams that touch the same metrics, or wait for each other, are solved as one problem (`core.joint`).
Each team's plan is then the best one beside what the others do, so it can be proven by itself:
their relief is taken off the harm first, their items count as done, and what they wait for is in.
"""

from collections.abc import Iterable, Mapping

from pydantic import Field

from debtplan.core.item import ItemKey
from debtplan.core.ledger import Pool
from debtplan.core.record import Value
from debtplan.core.value import ItemValue


class Beside(Value):
    """The other teams' part of a plan that was made for several teams together.

    Attributes:
        teams: The teams that were planned together with this one, by name.
        sprint_days: Calendar days of the sprint that harm is counted for, the same for all these
            teams.
        left: Part of a metric's harm that their chosen items leave, in (0, 1), by metric; the whole
            of those that are not listed.
        settled: Prerequisites that are items of theirs, as our items state them.
        awaited: For each of our items the items of theirs that wait for it directly.
        needed: Those of them that are in, because an item waits for them that others have chosen.
        started: Our items in progress that come first, as far as the teams' plans hold them.
        blocked: Why an item of ours cannot start: it waits for one of theirs that is not chosen.
        excluded: Why an item of ours is out: an alternative of theirs is chosen, or done.
    """

    teams: tuple[str, ...]
    sprint_days: float = Field(gt=0)
    left: dict[str, float] = {}
    settled: tuple[ItemKey, ...] = ()
    awaited: dict[ItemKey, tuple[ItemKey, ...]] = {}
    needed: tuple[ItemKey, ...] = ()
    started: tuple[ItemKey, ...] = ()
    blocked: dict[ItemKey, str] = {}
    excluded: dict[ItemKey, str] = {}

    def of_pools(self, pools: Iterable[Pool]) -> tuple[Pool, ...]:
        """Return the ledger with what others leave of each metric's counted harm."""
        return tuple(
            pool.model_copy(
                update={
                    "members": tuple(
                        member.model_copy(
                            update={"counted": member.counted * self.left.get(member.metric, 1.0)}
                        )
                        for member in pool.members
                    )
                }
            )
            for pool in pools
        )

    def of_harms(self, harms: Mapping[str, float]) -> dict[str, float]:
        """Return what others leave of each metric's harm."""
        return {metric: harm * self.left.get(metric, 1.0) for metric, harm in harms.items()}

    def of_values(self, values: Iterable[ItemValue]) -> tuple[ItemValue, ...]:
        """Return the values of items on the harm that others leave.

        Removals and shrinkage stay: an item removes the same part of whatever is left.
        """
        return tuple(self._of_value(value) for value in values)

    def _of_value(self, value: ItemValue) -> ItemValue:
        terms = []
        for term in value.terms:
            left = self.left.get(term.metric, 1.0)
            part = {"harm": term.harm * left, "ux_value": term.ux_value * left}
            terms.append(term.model_copy(update=part))
        total = sum(term.ux_value for term in terms)
        # One factor shrinks all terms of an item, so what was claimed is the sum without it.
        return value.model_copy(
            update={
                "ux_value": total,
                "claimed": total / value.shrink,
                "terms": tuple(terms),
            }
        )
