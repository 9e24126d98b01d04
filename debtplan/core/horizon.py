"""Several sprints as one problem: what to finish in the coming sprint with the later ones in view.

Every item gets one copy for each sprint it could be finished in; at most one of them is chosen.
A copy finished in sprint t relieves its metrics in every sprint after t, up to the last of the H
sprints that benefits are counted for, and the value is the mean over these:

    maximise  1/H * sum over s = 1..H of sum over m of
              harm_m * growth_m^s * (1 - prod over items finished by sprint s of (1 - removal_im))

Only the coming sprint is committed; the rest is what it leads to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import fsum

from debtplan.core.problem import After, AtMost, Candidate, Problem, Selection


@dataclass(frozen=True, slots=True)
class Span:
    """The sprints an item is worked on, from 1, both included; it is finished in `last`."""

    key: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Bank:
    """The debt points of some sprints in a row together.

    Attributes:
        first: Number of the first of them, from 1.
        last: Number of the last of them.
        limit: Most points.
    """

    first: int
    last: int
    limit: Fraction

    @property
    def name(self) -> str:
        """Its name in proofs."""
        if self.first == self.last:
            return f"reserve of sprint {self.first}"
        return f"reserve of sprints {self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Horizon:
    """The sprints that are planned together.

    Attributes:
        sprints: How many, 1 or more.
        banks: What each sprint, and each window of sprints, may hold.
        roles: (role, most points of it in a sprint), for each sprint.
        benefit_sprints: H, sprints that benefits are counted for; at least `sprints`.
        growth: What each metric's harm is multiplied by from sprint to sprint; 1 if not named.
        is_spread: Whether an item larger than a sprint's share is spread over several.
    """

    sprints: int
    banks: tuple[Bank, ...]
    roles: tuple[tuple[tuple[str, Fraction], ...], ...]
    benefit_sprints: int
    growth: Mapping[str, float] = field(default_factory=dict)
    is_spread: bool = True

    def most(self, sprint: int) -> Fraction:
        """Return what a sprint may hold by itself."""
        return min(bank.limit for bank in self.banks if bank.first == bank.last == sprint)

    def weights(self, metric: str) -> tuple[float, ...]:
        """Return the weight of each state of the metric: after sprint 1, 2, ... of the horizon.

        They add up to the mean growth over the H sprints; 1 where there is none.
        """
        growth = self.growth.get(metric, 1.0)
        powers = [growth**s / self.benefit_sprints for s in range(1, self.benefit_sprints + 1)]
        return (*powers[: self.sprints - 1], fsum(powers[self.sprints - 1 :]))


@dataclass(frozen=True, slots=True)
class Unrolled:
    """A problem over several sprints, in copies.

    Attributes:
        problem: What the engines solve.
        spans: What each candidate of it stands for.
        is_possible: Whether every pinned item can be begun in the coming sprint.
    """

    problem: Problem
    spans: Mapping[str, Span]
    is_possible: bool

    def schedule(self, selection: Selection) -> tuple[Span, ...]:
        """Return when the chosen items are worked on, by first sprint and key."""
        spans = (self.spans[key] for key in selection.chosen)
        return tuple(sorted(spans, key=lambda one: (one.first, one.last, one.key)))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the coming sprints look like together.

    Attributes:
        unrolled: The problem over the horizon.
        selection: Its answer, in copies.
        alone: Value of the best schedule that begins with the best coming sprint taken by itself;
            None where it was not asked for, as it is this one.
        is_joint: Whether the coming sprint is another than the best one taken by itself.
    """

    unrolled: Unrolled
    selection: Selection
    alone: float | None
    is_joint: bool

    @property
    def spans(self) -> tuple[Span, ...]:
        """When the chosen items are worked on."""
        return self.unrolled.schedule(self.selection)

    @property
    def finished(self) -> tuple[str, ...]:
        """Keys of the items finished in the coming sprint, sorted."""
        return tuple(sorted(span.key for span in self.spans if span.last == 1))

    @property
    def begun(self) -> tuple[Span, ...]:
        """Spans of the items begun in the coming sprint and finished later."""
        return tuple(span for span in self.spans if span.first == 1 < span.last)


def unroll(problem: Problem, horizon: Horizon) -> Unrolled:
    """Return the problem of one sprint as one over the horizon.

    Its ceiling and roles are those of the horizon; a pinned item is begun in the coming sprint,
    with all it requires; a forbidden one is in none.
    """
    spans = _spans(problem, horizon)
    copies = {key: tuple(name(key, span.last) for span in found) for key, found in spans.items()}
    pulled = _pulled(problem)
    candidates, after = [], []
    for one in problem.candidates:
        for span in spans[one.key]:
            requires, ways = _needs(one, span, spans, pulled)
            candidates.append(_copy(one, span, horizon, requires))
            after += ways
    return Unrolled(
        Problem.of(
            candidates,
            dict(_harms(problem, horizon)),
            sum((bank.limit for bank in horizon.banks if bank.first == bank.last), Fraction(0)),
            floor=problem.floor,
            roles=dict(_rows(horizon)),
            at_most=_rules(problem, horizon, spans, copies),
            after=after,
            pinned=[copies[key][0] for key in pulled if copies[key]],
            kept=None
            if problem.kept is None
            else [copies[key][0] for key in problem.kept if copies.get(key)],
            keep_within=problem.keep_within,
        ),
        {name(span.key, span.last): span for found in spans.values() for span in found},
        all(spans[key] and spans[key][0].first == 1 for key in pulled),
    )


def name(key: str, last: int) -> str:
    """Return the key of an item's copy that is finished in a sprint."""
    return f"{key} @{last}"


def _spans(problem: Problem, horizon: Horizon) -> dict[str, tuple[Span, ...]]:
    """Return for each item the spans it may have, by the sprint that finishes it.

    A span goes where nothing that it requires can be finished by then.
    """
    banned = set(problem.forbidden)
    found = {
        one.key: () if one.key in banned else tuple(_possible(one, horizon))
        for one in problem.candidates
    }
    is_settled = False
    while not is_settled:
        is_settled = True
        for one in problem.candidates:
            firsts = [found[key][0].last if found[key] else None for key in one.requires]
            kept = tuple(
                span
                for span in found[one.key]
                if all(first is not None and first <= span.last for first in firsts)
            )
            if kept != found[one.key]:
                found[one.key], is_settled = kept, False
    return found


def _possible(one: Candidate, horizon: Horizon) -> Iterator[Span]:
    """Yield the shortest span that ends in each sprint and fits into each sprint's own share."""
    for last in range(1, horizon.sprints + 1):
        longest = last if horizon.is_spread else 1
        spans = (Span(one.key, first, last) for first in range(last, last - longest, -1))
        shortest = next((span for span in spans if _fits(one, span, horizon)), None)
        if shortest is not None:
            yield shortest


def _fits(one: Candidate, span: Span, horizon: Horizon) -> bool:
    """Say whether each sprint of the span can hold its part, alone."""
    length = span.last - span.first + 1
    for sprint in range(span.first, span.last + 1):
        limits = dict(horizon.roles[sprint - 1])
        if one.points / length > horizon.most(sprint):
            return False
        if any(points / length > limits.get(role, points) for role, points in one.roles):
            return False
    return True


def _copy(one: Candidate, span: Span, horizon: Horizon, requires: tuple[str, ...]) -> Candidate:
    length = span.last - span.first + 1
    loads = []
    for bank in horizon.banks:
        inside = min(span.last, bank.last) - max(span.first, bank.first) + 1
        if inside > 0 and one.points:
            loads.append((bank.name, one.points * inside / length))
    limited = {role for roles in horizon.roles for role, _ in roles}
    loads += [
        (_role(role, sprint), points / length)
        for role, points in one.roles
        for sprint in range(span.first, span.last + 1)
        if role in limited
    ]
    states = range(span.last, horizon.sprints + 1)
    return Candidate(
        key=name(one.key, span.last),
        points=one.points,
        removals=tuple((_state(m, s), removal) for m, removal in one.removals for s in states),
        roles=tuple(loads),
        requires=requires,
    )


def _needs(
    one: Candidate, span: Span, spans: Mapping[str, tuple[Span, ...]], pulled: frozenset[str]
) -> tuple[tuple[str, ...], list[After]]:
    """Return what a copy requires: the one way there is, or rules for several."""
    copy = name(one.key, span.last)
    requires, ways = [], []
    for key in one.requires:
        names = tuple(name(key, other.last) for other in spans[key] if other.last <= span.last)
        if len(names) == 1 or one.key in pulled:
            requires.append(names[0])
        else:
            ways.append(After(copy, names))
    return tuple(requires), ways


def _harms(problem: Problem, horizon: Horizon) -> Iterator[tuple[str, float]]:
    for metric, harm in problem.harms:
        for state, weight in enumerate(horizon.weights(metric), 1):
            yield _state(metric, state), harm * weight


def _rows(horizon: Horizon) -> Iterator[tuple[str, Fraction]]:
    for bank in horizon.banks:
        yield bank.name, bank.limit
    for sprint, roles in enumerate(horizon.roles, 1):
        for role, limit in roles:
            yield _role(role, sprint), limit


def _rules(
    problem: Problem,
    horizon: Horizon,
    spans: Mapping[str, tuple[Span, ...]],
    copies: Mapping[str, tuple[str, ...]],
) -> Iterator[AtMost]:
    for key, names in copies.items():
        if len(names) > 1:
            yield AtMost(f"{key} once", names, 1)
    for rule in problem.at_most:
        if not rule.is_each_sprint:
            all_copies = tuple(one for key in rule.keys for one in copies[key])
            yield AtMost(rule.label, all_copies, rule.limit)
            continue
        for sprint in range(1, horizon.sprints + 1):
            busy = tuple(
                name(key, span.last)
                for key in rule.keys
                for span in spans[key]
                if span.first <= sprint <= span.last
            )
            yield AtMost(f"{rule.label}, sprint {sprint}", busy, rule.limit)


def _pulled(problem: Problem) -> frozenset[str]:
    """Return the pinned items with all they require."""
    requires = {one.key: one.requires for one in problem.candidates}
    found, stack = set(problem.pinned), list(problem.pinned)
    while stack:
        for key in requires[stack.pop()]:
            if key not in found:
                found.add(key)
                stack.append(key)
    return frozenset(found)


def _state(metric: str, sprint: int) -> str:
    return f"{metric} after sprint {sprint}"


def _role(role: str, sprint: int) -> str:
    return f"{role} in sprint {sprint}"
