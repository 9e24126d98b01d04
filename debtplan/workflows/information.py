"""What to find out first: missing and weak numbers by what knowing them would be worth."""

from collections.abc import Sequence
from dataclasses import replace

from debtplan.core.gaps import WEAK, order
from debtplan.core.information import Unknown, find_unknowns, worth_of
from debtplan.core.plan import MeasureFirst
from debtplan.core.problem import Problem, Selection
from debtplan.workflows.explain import Case
from debtplan.workflows.many import Many
from debtplan.workflows.planner import Planner

MOST = 30
"""Numbers whose worth is found by solving again; those that may be worth most."""

FEW = 8
"""The same beside a plan, which it must not slow down by a tenth."""

MOST_BESIDE = 400
"""Candidates up to which that is done beside a plan: with more, one answer takes seconds."""


def beside_plan(case: Case, planner: Planner) -> tuple[MeasureFirst, ...]:
    """Return what a plan says of it: few worths, and none where the backlog is large."""
    is_large = len(case.program.problem.candidates) > MOST_BESIDE
    return value_information(case, planner, 0 if is_large else FEW)


def value_information(case: Case, planner: Planner, most: int = MOST) -> tuple[MeasureFirst, ...]:
    """Return what is missing or weak, the most worth first, then what was not computed.

    A weak number that no answer would make the plan change for is left out; one that is missing
    stays, with a worth of 0. The worth is that of the coming sprint's plan, also where sprints are
    planned together. Where the time for explaining is over first, nothing has a worth.
    """
    problem = replace(case.program.problem, keep_within=0.0)
    best = case.selection
    if case.program.problem.is_kept:  # keeping the approved plan may have given something up
        best = planner.engine.any_best(problem)
    unknowns = find_unknowns(case.inputs, case.appraisal, case.program, best.chosen)
    open_ones = [one for one in unknowns if one.worlds is not None and one.bound > 0]
    worths = _worths(open_ones[:most], problem, best, planner)
    settled = [_row(one, 0.0) for one in unknowns if one.bound <= 0 and one.worlds is not None]
    rows = [
        *(_row(one, worth) for one, worth in zip(open_ones, worths, strict=False)),
        *(settled if worths or not open_ones else ()),
        *(_row(one, None) for one in (*open_ones[len(worths) :], *_untold(unknowns))),
    ]
    shown = (row for row in rows if row.missing not in WEAK or row.worth)
    return tuple(sorted(shown, key=order))


def _untold(unknowns: Sequence[Unknown]) -> list[Unknown]:
    return [one for one in unknowns if one.worlds is None]


def _worths(
    asked: Sequence[Unknown], problem: Problem, best: Selection, planner: Planner
) -> list[float | None]:
    """Return the worth of each; none at all where not every one is proven in time."""

    def told(done: int) -> None:
        planner.progress("weighing what is not known", done, len(asked))

    many = Many(planner, problem, best)
    questions = {str(number): worth_of(one, best.chosen) for number, one in enumerate(asked)}
    found = many.ask(questions, told)
    return [found[name] for name in questions] if len(found) == len(asked) else []


def _row(one: Unknown, worth: float | None) -> MeasureFirst:
    return MeasureFirst(
        key=one.key,
        title=one.title,
        missing=one.missing,
        why=one.why,
        worth=worth,
        takes=one.takes,
    )
