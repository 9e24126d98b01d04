"""Work in progress goes first: half-done work helps nobody and costs attention."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from debtplan.core.problem import Problem
from debtplan.core.proof import rows


def pin_started(problem: Problem, started: Sequence[str], rank: Callable[[str], float]) -> Problem:
    """Return the problem with the candidates in progress pinned, as far as they fit together.

    Each is taken with all it requires where every rule still holds: the greatest `rank` first, then
    by key.
    """
    requires = {one.key: one.requires for one in problem.candidates}
    banned = set(problem.forbidden)
    held = _closure(problem.pinned, requires)
    pinned = list(problem.pinned)
    for key in sorted(set(started), key=lambda one: (-rank(one), one)):
        if key not in requires or key in pinned:
            continue
        wanted = held | _closure([key], requires)
        relaxed = replace(problem, pinned=())
        if not wanted & banned and all(check.holds for check in rows(relaxed, tuple(wanted))):
            held = wanted
            pinned.append(key)
    return replace(problem, pinned=tuple(sorted(pinned)))


def _closure(keys: Sequence[str], requires: dict[str, tuple[str, ...]]) -> set[str]:
    found, stack = set(keys), list(keys)
    while stack:
        new = set(requires[stack.pop()]) - found
        found |= new
        stack += sorted(new)
    return found
