"""Why a candidate that could have been chosen was not: the binding rule, or the better rivals."""

from collections.abc import Sequence
from fractions import Fraction

from debtplan.core.appraisal import Appraisal
from debtplan.core.eligible import Barred
from debtplan.core.few import NAMED, few
from debtplan.core.graph import closure
from debtplan.core.natural import in_order, natural
from debtplan.core.plan import Reason
from debtplan.core.problem import Candidate, Selection
from debtplan.core.program import Program


class Rivals:
    """Says of each candidate that was passed over why it was."""

    def __init__(self, program: Program, appraisal: Appraisal, selection: Selection) -> None:
        """Look at what was chosen once, for all who were not."""
        taken = frozenset(selection.chosen)
        self._program = program
        self._appraisal = appraisal
        self._candidates = {one.key: one for one in program.problem.candidates}
        self._chosen = [one for one in program.problem.candidates if one.key in taken]
        self._taken = taken
        self._spent = sum((one.points for one in self._chosen), Fraction(0))
        self._ranked = sorted(
            self._chosen, key=lambda one: (-self._per_point(one), natural(one.key))
        )
        self._by_metric: dict[str, list[str]] = {}
        for one in self._chosen:
            for metric, _ in one.removals:
                self._by_metric.setdefault(metric, []).append(one.key)

    def why_not(self, key: str) -> Barred:
        """Return the reason, with the names of the rule or the rivals."""
        bundle = closure([key], self._program.waits)
        missing = [self._candidates[one] for one in bundle if one not in self._taken]
        rule = self._broken_rule(missing)
        if rule:
            return Barred(Reason.EXCLUDED, rule)
        value = self._appraisal.values.get(key)
        if value is None:
            return Barred(Reason.OUTRANKED, "only helps others, and none of them is in the plan")
        if value.ux_value <= 0:
            return Barred(Reason.OUTRANKED, self._why_nothing(key))
        cost = sum((one.points for one in missing), Fraction(0))
        role = self._full_role(missing)
        fits = self._spent + cost <= self._program.problem.ceiling
        if role and (fits or self._is_kept_out(self._candidates[key], role)):
            named = f"the {role}" if " " in role else f"the sprint's {role} points for debt"
            return Barred(Reason.ROLE_FULL, f"{named} are used up")
        return Barred(Reason.OUTRANKED, self._better(self._candidates[key]))

    def _broken_rule(self, missing: Sequence[Candidate]) -> str:
        """Return the first rule that the missing would break beside the chosen."""
        new = {one.key for one in missing}
        for rule in self._program.problem.at_most:
            added = new.intersection(rule.keys)
            there = in_order(self._taken.intersection(rule.keys))
            if added and there and len(added) + len(there) > rule.limit:
                return f"{rule.label}; {', '.join(there)} {_is(there)} in the plan"
            if len(added) > rule.limit:
                return f"{rule.label}, but it needs {', '.join(in_order(added))} together"
        return ""

    def _why_nothing(self, key: str) -> str:
        if all(term.harm <= 0 for term in self._appraisal.values[key].terms):
            return "its metrics meet their goals, so there is no harm to relieve"
        return "its stated share of the harm is 0, so it relieves nobody"

    def _full_role(self, missing: Sequence[Candidate]) -> str:
        for role, limit in self._program.problem.roles:
            parts = [p for one in (*self._chosen, *missing) for r, p in one.roles if r == role]
            if sum(parts, Fraction(0)) > limit:
                return role
        return ""

    def _is_kept_out(self, candidate: Candidate, role: str) -> bool:
        """Tell whether a chosen item of less value per point is there as the row is not for it."""
        mine = self._per_point(candidate)
        return any(rule.name == role for rule in self._program.rules) and any(
            self._per_point(one) < mine
            for one in self._chosen
            if all(name != role for name, _ in one.roles)
        )

    def _better(self, candidate: Candidate) -> str:
        """Return the chosen items that give more per point, or what fits better as a set."""
        if not self._chosen:
            return "does not fit into this plan"
        mine = self._per_point(candidate)
        better = [one.key for one in self._ranked if self._per_point(one) > mine]
        if not better:
            return (
                "gives no less per point, but does not fit beside the others; the plan as a whole "
                "is worth more"
            )
        return f"the reserve goes further with {few(better)}{self._shared(candidate)}"

    def _shared(self, candidate: Candidate) -> str:
        """Return a remark where chosen items already relieve some of what this one would."""
        metrics = [metric for metric, _ in candidate.removals]
        overlap = in_order({key for metric in metrics for key in self._by_metric.get(metric, ())})
        if not overlap:
            return ""
        verb = "relieves" if len(overlap) == 1 else "relieve"
        return f"; {', '.join(overlap[:NAMED])} already {verb} the same users"

    def _per_point(self, candidate: Candidate) -> float:
        value = self._appraisal.values.get(candidate.key)
        return (value.ux_value if value else 0.0) / max(float(candidate.points), 1e-9)


def _is(keys: Sequence[str]) -> str:
    return "is" if len(keys) == 1 else "are"
