"""Explaining a plan by solving again: what items are worth to it, and what would change it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from debtplan.core.alternatives import (
    Agreement,
    Alternative,
    BindingRule,
    Coverage,
    Explained,
    sort_by_certainty,
)
from debtplan.core.appraisal import Appraisal
from debtplan.core.decision import Extras
from debtplan.core.exact import exact
from debtplan.core.explain import Drop, drop_loss, force_loss
from debtplan.core.flips import Flips
from debtplan.core.inputs import Inputs
from debtplan.core.plan import Flip, FrontierPoint, Interval
from debtplan.core.problem import Problem, Selection
from debtplan.core.program import Program, write_program
from debtplan.workflows.alternatives import (
    Surrounded,
    find_alternatives,
    find_binding,
    weigh_otherwise,
)
from debtplan.workflows.many import Many
from debtplan.workflows.planner import Planner

FRONTIER_PERCENT = 25
"""The frontier goes to this percentage of capacity, further where today's reserve is larger."""

MOST_SIMULATED = 3_000
"""Candidates up to which worlds are planned anew: each world is a whole plan."""


@dataclass(frozen=True, slots=True)
class Case:
    """A solved plan that is to be explained."""

    inputs: Inputs
    appraisal: Appraisal
    program: Program
    selection: Selection


def worth_explaining(case: Case, limit: int) -> list[str]:
    """Return the keys to explain: the chosen, then the most valuable others, `limit` at most."""
    values, chosen = case.appraisal.values, set(case.selection.chosen)
    others = sorted(
        (key for key in case.program.problem.keys if key not in chosen),
        key=lambda key: (-values[key].ux_value if key in values else 0.0, key),
    )
    return [*case.selection.chosen, *others][:limit]


def explain(case: Case, planner: Planner, keys: Sequence[str]) -> Extras:
    """Return what solving again says of a plan and of these items of it."""
    return _Explaining(case, planner).run(keys)


class _Explaining:
    """One run.

    Attributes:
        problem: What the plan is best of; nothing is given up there to keep an approved plan.
        best: Its best set; the plan's own set with that value, where some was given up.
    """

    def __init__(self, case: Case, planner: Planner) -> None:
        self.case, self.planner = case, planner
        self.problem, self.best = case.program.problem, case.selection
        if self.problem.is_kept:
            self.problem = replace(self.problem, keep_within=0.0)
            value = planner.engine.any_best(self.problem).value
            self.best = replace(self.best, value=value)
        self.many = Many(planner, self.problem, self.best)
        self.missing: list[str] = []

    def run(self, keys: Sequence[str]) -> Extras:
        case, planner = self.case, self.planner
        frontier, entries = self._frontier()
        if not planner.explain_limit and not keys:
            return Extras(frontier=frontier, interval=self._interval())
        self.many.prepare(len(keys) + (planner.worlds or 0))
        drops = self._drops([key for key in keys if key in case.selection.chosen])
        known = set(self.problem.keys)
        others = [key for key in keys if key not in drops and key in known]
        losses = self._losses(others)
        surrounded = Surrounded(case.inputs, case.appraisal, case.program, self.problem, self.best)
        planner.progress("looking for other plans", 0, 0)
        binding, alternatives, agreement = self._surroundings(surrounded, drops)
        certainty, worlds = self._certainty()
        sure, rest = sort_by_certainty(certainty)
        # Last: they take longest where items are many, and are missed least.
        points = self._points(others)
        return Extras(
            drops=drops,
            force_losses=losses,
            flips=_flips(case.appraisal, points, losses, entries),
            frontier=frontier,
            interval=self._interval(),
            certainty=certainty,
            explained=Explained(
                binding=binding,
                alternatives=alternatives,
                agreement=agreement,
                no_regret=sure,
                open_to_debate=rest,
                coverage=Coverage(
                    items=len(drops) + len(losses),
                    of_items=len(self.problem.keys),
                    worlds=worlds,
                    missing=tuple(self.missing),
                    gap=self.many.gap,
                ),
            ),
        )

    def _surroundings(
        self, case: Surrounded, drops: dict[str, Drop | None]
    ) -> tuple[tuple[BindingRule, ...], tuple[Alternative, ...], Agreement | None]:
        if self.many.is_late:
            what = "Rules that bind, other plans and other weightings"
            self.missing.append(f"{what} were not looked for: the time was over.")
            return (), (), None
        binding = find_binding(case, self.many)
        alternatives = find_alternatives(case, drops, self.planner)
        return binding, alternatives, weigh_otherwise(case, self.many)

    def _interval(self) -> Interval | None:
        case = self.case
        return self.planner.simulator.interval(
            case.appraisal, case.selection.chosen, case.inputs.seed
        )

    def _drops(self, keys: Sequence[str]) -> dict[str, Drop | None]:
        def told(done: int) -> None:
            self.planner.progress("explaining what is chosen", done, len(keys))

        questions = {key: drop_loss(self.problem, self.best, key) for key in keys}
        found = self.many.ask(questions, told, is_first=True)
        self.missing += say_unproven(len(keys) - len(found), "what the plan loses without")
        return found

    def _losses(self, keys: Sequence[str]) -> dict[str, float | None]:
        """Return what forcing items in costs."""

        def told(done: int) -> None:
            self.planner.progress("explaining what is not", done, len(keys))

        questions = {key: force_loss(self.problem, self.best, key) for key in keys}
        losses = self.many.ask(questions, told)
        self.missing += say_unproven(len(keys) - len(losses), "what the plan loses with")
        return losses

    def _points(self, keys: Sequence[str]) -> dict[str, float | None]:
        def told(done: int) -> None:
            self.planner.progress("looking for flip points", done, len(keys))

        explorer, prices = self.planner.explorer, None
        if explorer is not None and keys:
            prices = explorer.prices(self.problem, self.best.chosen)
        flips = Flips(self.problem, self.best, prices)
        if len(keys) > 1:
            self.many.ask({"": flips.beside(keys)}, told)
        asked = {key: flips.points(key) for key in keys}
        found = self.many.ask(asked, told, enough=flips.level)
        self.missing += say_unproven(len(keys) - len(found), "the points that would bring in")
        return found

    def _certainty(self) -> tuple[dict[str, float], int]:
        """Return the part of the simulated worlds whose best plan holds each, and their number."""
        planner, problem = self.planner, self.problem
        size = len(problem.keys)
        if size > MOST_SIMULATED:
            self.missing.append(
                f"Certainty is not simulated: {size:,} items are more than {MOST_SIMULATED:,}."
            )
            return {}, 0
        counts = dict.fromkeys(problem.keys, 0)
        simulated = planner.simulator.worlds(
            self.case.appraisal, problem, self.case.inputs.seed, planner.worlds
        )
        expected = planner.worlds or 0
        worlds = unproven = 0
        for best in self.many.solve_deltas(simulated, expected):
            planner.progress("simulating worlds", worlds, expected)
            for key in best.chosen:
                counts[key] += 1
            worlds += 1
            unproven += not self.many.will_do(best)
            if self.many.is_late:
                break
        if worlds < expected:
            self.missing.append(
                f"Certainty rests on {worlds:,} of {expected:,} worlds: the time was over."
            )
        if unproven:
            self.missing.append(
                f"The best plans of {unproven:,} of {worlds:,} worlds are not proven best."
            )
        return {key: count / worlds for key, count in counts.items()} if worlds else {}, worlds

    def _frontier(self) -> tuple[tuple[FrontierPoint, ...], dict[str, float]]:
        """Return the best value for each reserve, and the first above today's that holds each item.

        A reserve too small for what is pinned has no point.
        """
        case = self.case
        capacity = exact(case.program.capacity.points or 1.0)
        today = self.problem.ceiling / capacity
        last = max(FRONTIER_PERCENT, ceil(100 * today))
        problem = write_program(case.inputs, case.appraisal, last / 100).problem
        problem = replace(problem, keep_within=0.0)
        cost = {one.key: one.points for one in problem.candidates}
        shares = [Fraction(percent, 100) for percent in range(last + 1)]
        asked = [replace(problem, ceiling=capacity * share) for share in shares]
        points: list[FrontierPoint] = []
        entries: dict[str, float] = {}
        for share, best in self._weighed(shares, asked):
            value = best.value or 0.0
            if points:
                more = float(capacity) * (float(share) - points[-1].reserve_share)
                worth = max(0.0, value - points[-1].ux_value) / more
                points[-1] = points[-1].model_copy(update={"next_point": worth})
            used = sum((cost[key] for key in best.chosen), Fraction(0))
            points.append(
                FrontierPoint(reserve_share=float(share), points=float(used), ux_value=value)
            )
            for key in best.chosen if share > today else ():
                entries.setdefault(key, float(share))
        return tuple(points), entries

    def _weighed(
        self, shares: Sequence[Fraction], asked: Sequence[Problem]
    ) -> Iterator[tuple[Fraction, Selection]]:
        """Yield the best set of each reserve that has one, while there is time."""
        self.planner.progress("weighing reserves", 0, len(shares))
        unproven = 0
        for share, best in zip(
            shares, self.many.solve(asked, len(asked), is_first=True), strict=True
        ):
            if self.many.is_late:
                self.missing.append(
                    f"Reserves from {float(share):.0%} on were not weighed: the time was over."
                )
                break
            if best.value is None:
                continue
            if self.many.will_do(best):
                yield share, best
            else:
                unproven += 1
        if unproven:
            reserves = "1 reserve" if unproven == 1 else f"{unproven} reserves"
            self.missing.append(f"Not proven in time: the best plan of {reserves}.")


def say_unproven(count: int, what: str) -> tuple[str, ...]:
    """Return that something of so many items was not proven in time; nothing where it was."""
    items = "1 item" if count == 1 else f"{count:,} items"
    return (f"Not proven in time: {what} {items}.",) if count else ()


def _flips(
    appraisal: Appraisal,
    points: dict[str, float | None],
    losses: dict[str, float | None],
    entries: dict[str, float],
) -> dict[str, Flip]:
    """Return what would bring in items whose losses are known."""
    return {
        key: Flip(
            points=points.get(key),
            ux_value=_needed(appraisal, key, loss),
            reserve=entries.get(key),
        )
        for key, loss in losses.items()
    }


def _needed(appraisal: Appraisal, key: str, loss: float | None) -> float | None:
    """Return the value at which the item would be level, where forcing it in costs `loss`."""
    value = appraisal.values.get(key)
    return value.ux_value + loss if value and loss is not None else None
