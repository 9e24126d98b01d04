"""What a team's report says of the teams that it was planned together with."""

from collections.abc import Sequence

from debtplan.core.beside import Beside
from debtplan.core.few import NAMED, few
from debtplan.core.inputs import Inputs
from debtplan.core.natural import in_order
from debtplan.core.plan import Finding

WORTH_SAYING = 0.005
"""Part of a metric's harm from which on it is said that others take it."""


def find_together(inputs: Inputs) -> list[Finding]:
    """Return how the plan depends on those of other teams; nothing where it does not."""
    beside = inputs.beside
    if beside is None:
        return []
    claim = (
        f"Planned together with {_listed(beside.teams)}, for the coming sprint and by expected "
        "value: what their chosen items relieve is taken off first, so that no session counts twice"
    )
    return [
        Finding(claim=claim, source="all teams"),
        *_taken(inputs, beside),
        *_needed(beside),
    ]


def _taken(inputs: Inputs, beside: Beside) -> list[Finding]:
    titles = {metric.id: metric.title for metric in inputs.metrics}
    taken = {metric: 1 - left for metric, left in beside.left.items() if 1 - left >= WORTH_SAYING}
    touched = {claim.metric for claim in inputs.claims}
    largest = sorted(taken.keys() & touched, key=lambda metric: (-taken[metric], metric))[:NAMED]
    if not largest:
        return []
    parts = [f"{taken[metric]:.0%} of {titles.get(metric) or metric}" for metric in largest]
    claim = f"Other teams' items of the same plan relieve {_listed(parts)}"
    figures = {metric: taken[metric] for metric in largest}
    return [Finding(claim=claim, figures=figures, source="all teams")]


def _needed(beside: Beside) -> list[Finding]:
    found = []
    for key in beside.needed:
        waiting = _listed(in_order(beside.awaited[key]))
        claim = f"{key} is in because other teams wait for it with {waiting}"
        found.append(Finding(claim=claim, source="all teams"))
    return found


def _listed(names: Sequence[str]) -> str:
    """Return `a, b and c`, or the first three and how many more."""
    if len(names) > NAMED:
        return few(names)
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
