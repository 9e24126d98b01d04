"""Which marks explain most of a metric's bad sessions.

Every mark that was counted is tested: do sessions with it go wrong more often than comparable ones
without it, more than chance would have it (see `core.excess`)? Many tests find something somewhere,
so the false-discovery rate over all marks of the metric is held (Benjamini and Hochberg 1995). What
is left is ranked by the bad sessions it explains.

Two marks may be the same sessions: a country where an error is common, and the error. Where both
were counted together, each is looked at among the sessions alike in the other: what remains of the
country once the error is the same is the country's own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from debtplan.core.attributable import Attributable, attribute
from debtplan.core.excess import excess_p
from debtplan.core.harm import Harm
from debtplan.core.link import Link
from debtplan.core.measured import latest_tallies
from debtplan.core.record import Value
from debtplan.core.tally import NONE, Selector, Stratum, Tally

Q = 0.1
"""Expected share of false finds among the suspects of a metric."""

GONE_P = 0.01
"""What remains of a mark is nothing where chance does as much this often."""

GONE_PART = 0.1
"""What remains is nothing, too, where it is at most this part of what there was."""

COMPARED = 40
"""Suspects of one metric, the strongest first, that are compared with each other."""


class Suspect(Value):
    """A mark that explains bad sessions of a metric.

    Attributes:
        found: How many of them, with the interval.
        p: Chance of as many among the sessions with the mark, were it of no account.
        q: The same among all marks of the metric (Benjamini and Hochberg).
        sessions: Bad sessions a sprint that it explains; None where the metric's are not known.
        own: Fraction that remains once `beside` is the same; None where they were not compared.
        beside: A stronger mark that may be the same sessions.
        is_explained: Whether nothing of its own remains beside that one.
        note: About the stronger mark, one sentence; empty without one.
        items: Keys of the items whose links name the mark, in order.
    """

    metric: str
    selector: Selector
    found: Attributable
    p: float
    q: float
    sessions: float | None = None
    own: float | None = None
    beside: Selector | None = None
    is_explained: bool = False
    note: str = ""
    items: tuple[str, ...] = ()

    @property
    def fraction(self) -> float:
        """The fraction; 0 where it cannot be said."""
        return self.found.fraction or 0.0


def find_suspects(
    tallies: Iterable[Tally],
    as_of: datetime,
    harms: Mapping[str, Harm],
    links: Iterable[Link] = (),
    metric: str | None = None,
) -> tuple[Suspect, ...]:
    """Return the suspects, those that explain most first; what others explain stands last.

    Args:
        tallies: What was counted, of any metric.
        as_of: Counts that begin later are left out.
        harms: By metric; for the bad sessions of a sprint.
        links: For the items that name a mark.
        metric: Only this one; None takes all.
    """
    named: dict[tuple[str, Selector], list[str]] = {}
    for link in links:
        if link.selector is not None:
            named.setdefault((link.metric, link.selector), []).append(link.item)
    by_metric: dict[str, list[Tally]] = {}
    for tally in latest_tallies(tallies, as_of):
        if metric in (None, tally.metric):
            by_metric.setdefault(tally.metric, []).append(tally)
    found = []
    for name, own in by_metric.items():
        bad = _bad_sessions(harms.get(name))
        for one in suspects_of(own):
            mark = (name, one.selector)
            sessions = None if bad is None else bad * one.fraction
            more = {"sessions": sessions, "items": tuple(sorted(named.get(mark, ())))}
            found.append(one.model_copy(update=more))
    return tuple(sorted(found, key=_by_sessions))


def _by_sessions(one: Suspect) -> tuple[bool, float, float, str, str]:
    known = one.sessions or 0.0
    return (one.is_explained, -known, -one.fraction, one.metric, str(one.selector))


def _bad_sessions(harm: Harm | None) -> float | None:
    if harm is None or harm.share is None or harm.sessions is None:
        return None
    return harm.share * harm.sessions


def suspects_of(tallies: Sequence[Tally], q: float = Q) -> tuple[Suspect, ...]:
    """Return the suspects of one metric, those that explain most first.

    Args:
        tallies: One a mark, all of the same metric.
        q: Expected share of false finds.
    """
    tested = [(one, excess_p(one.strata)) for one in tallies]
    adjusted = adjust([p for _, p in tested])
    cases = [
        _Case(one, attribute(one.strata), p, fdr)
        for (one, p), fdr in zip(tested, adjusted, strict=True)
        if fdr <= q
    ]
    cases = [one for one in cases if (one.found.fraction or 0.0) > 0]
    ranked = sorted(cases, key=lambda one: (-(one.found.fraction or 0.0), str(one.tally.selector)))
    return _told_apart(ranked)


def adjust(ps: Sequence[float]) -> list[float]:
    """Return Benjamini and Hochberg's (1995) adjusted p-values, in the same order."""
    order = sorted(range(len(ps)), key=lambda i: -ps[i])
    adjusted, least = [0.0] * len(ps), 1.0
    for place, i in enumerate(order):
        least = min(least, ps[i] * len(ps) / (len(ps) - place))
        adjusted[i] = least
    return adjusted


@dataclass(frozen=True, slots=True)
class _Case:
    """A tally that passed the test."""

    tally: Tally
    found: Attributable
    p: float
    q: float

    @property
    def selector(self) -> Selector:
        return self.tally.selector

    def suspect(self) -> Suspect:
        return Suspect(
            metric=self.tally.metric, selector=self.selector, found=self.found, p=self.p, q=self.q
        )


@dataclass(frozen=True, slots=True)
class _Rest:
    """What remains of a mark beside another; `fraction` is None where both were not counted."""

    fraction: float | None
    is_gone: bool = False


def _told_apart(ranked: Sequence[_Case]) -> tuple[Suspect, ...]:
    """Return suspects with a word on those that may be the same sessions as another one.

    Two marks cannot each leave nothing of the other: counts of one mark within the other's
    dimension passed the test there already.
    """
    compared = ranked[:COMPARED]
    rest = {
        (i, j): _beside(one, other)
        for i, one in enumerate(compared)
        for j, other in enumerate(compared)
        if i != j
    }
    suspects = []
    for i, case in enumerate(ranked):
        found = case.suspect()
        gone = [j for j in range(len(compared)) if (i, j) in rest and rest[i, j].is_gone]
        if gone:
            suspects.append(_explained(found, ranked[gone[0]].selector, rest[i, gone[0]]))
            continue
        if i < len(compared):
            found = _beside_others(found, case, [(ranked[j], rest[i, j]) for j in range(i)])
        suspects.append(found)
    return tuple(sorted(suspects, key=lambda one: (one.is_explained, -one.fraction)))


def _explained(found: Suspect, other: Selector, rest: _Rest) -> Suspect:
    note = f"nothing of its own remains among sessions alike in {other}"
    own = None if rest.fraction is None else max(0.0, rest.fraction)
    more = {"own": own, "beside": other, "is_explained": True, "note": note}
    return found.model_copy(update=more)


def _beside_others(found: Suspect, case: _Case, others: Sequence[tuple[_Case, _Rest]]) -> Suspect:
    """Return the suspect with what remains of it beside the stronger one that takes most."""
    counted = [(rest.fraction, other) for other, rest in others if rest.fraction is not None]
    unknown = [other for other, rest in others if rest.fraction is None and _may_meet(case, other)]
    if counted:
        own, other = min(counted, key=lambda one: one[0])
        note = f"{own:.0%} remain of it among sessions alike in {other.selector}"
        return found.model_copy(update={"own": own, "beside": other.selector, "note": note})
    if unknown:
        other = unknown[0]
        note = f"may be the same sessions as {other.selector}: they were not counted together"
        if case.tally.dimension != other.tally.dimension:
            note += f"; add {case.tally.dimension} or {other.tally.dimension} to strata"
        return found.model_copy(update={"beside": other.selector, "note": note})
    return found


def _may_meet(one: _Case, other: _Case) -> bool:
    """Tell whether a session can carry both marks.

    Values of one dimension exclude each other, unless they add up to more sessions than there are.
    """
    if one.tally.dimension != other.tally.dimension:
        return True
    return one.found.total_with + other.found.total_with > max(one.found.total, other.found.total)


def _beside(one: _Case, other: _Case) -> _Rest:
    """Return what remains of a mark among sessions that are alike in another one."""
    strata = strata_beside(one.tally, other.tally)
    if strata is None:
        return _Rest(None)
    found = attribute(strata).fraction
    if found is None:
        return _Rest(0.0, is_gone=True)
    little = found <= GONE_PART * (one.found.fraction or 0.0)
    return _Rest(found, is_gone=little or excess_p(strata) > GONE_P)


def strata_beside(one: Tally, other: Tally) -> tuple[Stratum, ...] | None:
    """Return a mark's counts among sessions that are alike in another mark.

    None where they were not counted together: the strata of neither name the other's dimension.
    Values of one dimension exclude each other and need no comparison; that is None, too.
    """
    if one.dimension == other.dimension:
        return None
    if all(other.dimension in stratum.marks for stratum in one.strata):
        return one.strata
    if not all(one.dimension in stratum.marks for stratum in other.strata):
        return None
    cells: dict[tuple[str, bool], Stratum] = {}
    for stratum in other.strata:
        marks = stratum.marks
        has_one = marks.pop(one.dimension) == (one.value or NONE)
        name = ", ".join(f"{key} = {value}" for key, value in sorted(marks.items()))
        for has_other in (True, False):
            empty = Stratum(bad_with=0, total_with=0, bad_without=0, total_without=0)
            cell = cells.get((name, has_other), empty)
            bad = stratum.bad_with if has_other else stratum.bad_without
            total = stratum.total_with if has_other else stratum.total_without
            cells[name, has_other] = _added(cell, bad, total, has_mark=has_one)
    return tuple(
        cell.model_copy(update={"name": f"{name}, {has_other}"})
        for (name, has_other), cell in sorted(cells.items())
    )


def _added(cell: Stratum, bad: float, total: float, *, has_mark: bool) -> Stratum:
    if has_mark:
        more = {"bad_with": cell.bad_with + bad, "total_with": cell.total_with + total}
    else:
        more = {"bad_without": cell.bad_without + bad, "total_without": cell.total_without + total}
    return cell.model_copy(update=more)
