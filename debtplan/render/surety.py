"""How sure a plan is, and what else would do: worlds, costs, alternatives, weightings, rules."""

from dataclasses import dataclass
from typing import NamedTuple

from debtplan.core.alternatives import NEAR
from debtplan.core.natural import in_order, natural
from debtplan.core.plan import Finding
from debtplan.core.text import clean_line
from debtplan.render.facts import Facts
from debtplan.render.number import about, listed, percent, plain, sentence, some

COSTS = "costs"
"""Source of the note on costs, which the report says at its own place."""

RISK = "risk"
"""Source of the note on what the plan was chosen by; said at its own place as well."""

SHOWN = 8
"""Contested items that are named; rules and alternatives likewise."""


class Odds(NamedTuple):
    """In how many simulated worlds the best plan holds an item.

    Attributes:
        share: Part of the worlds, in [0, 1].
        finish: Chance that it is finished within the reserve; None where it is not chosen.
    """

    name: str
    title: str
    is_chosen: bool
    share: float
    finish: float | None


class Rival(NamedTuple):
    """Another plan that keeps every rule.

    Attributes:
        kind: Best without one of the items, or most different: in words.
        words: What comes in for what, and what that costs.
        share: What it relieves as a part of the plan, in [0, 1].
    """

    kind: str
    words: str
    share: float


KINDS = {"near_best": "Nearly as good", "most_different": "Most different"}


@dataclass(frozen=True, slots=True)
class Surety:
    """All that is said of it.

    Attributes:
        overrun: How likely the work costs more than the reserve.
        robust: What the plan was chosen by, where that is not its expected relief.
        odds: How often the best plan of a simulated world holds each chosen item.
        agreement: What holds however the flows are weighted.
        alternatives: What is said of other plans where there are none.
        rivals: Other plans that keep every rule.
        binding: Rules that hold the plan back, a sentence each.
        missing: What was not explained.
    """

    overrun: Finding
    robust: Finding
    odds: tuple[Odds, ...]
    agreement: Finding
    alternatives: tuple[str, ...]
    rivals: tuple[Rival, ...]
    binding: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def is_told(self) -> bool:
        """Whether there is anything to say."""
        said = (self.overrun.claim, self.agreement.claim, self.alternatives, self.rivals)
        return bool(self.odds or any(said))

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it, for forms without charts."""
        said = (self.robust.claim, self.overrun.claim, self.agreement.claim)
        rivals = (f"{one.kind}: {one.words}" for one in self.rivals)
        return (*filter(None, said), *self.alternatives, *rivals, *self.binding)


def write_surety(facts: Facts) -> Surety:
    """Return how sure a plan is, and what else would do."""
    return Surety(
        overrun=say_overrun(facts),
        robust=say_robust(facts),
        odds=write_odds(facts),
        agreement=say_agreement(facts),
        alternatives=say_no_rival(facts),
        rivals=write_rivals(facts),
        binding=write_binding(facts),
        missing=write_missing(facts),
    )


def write_odds(facts: Facts) -> tuple[Odds, ...]:
    """Return the chosen items with their odds, surest first; empty where nothing was simulated."""
    plan = facts.plan
    finish = {one.key: one.chance for one in plan.overrun.finish} if plan.overrun else {}
    rows = [
        Odds(
            facts.name(one.key),
            clean_line(one.title),
            is_chosen=True,
            share=one.certainty,
            finish=finish.get(one.key),
        )
        for one in plan.chosen
        if one.certainty is not None
    ]
    return tuple(sorted(rows, key=lambda row: (-row.share, natural(row.name))))


def say_overrun(facts: Facts) -> Finding:
    """Return how likely the work costs more than the reserve; empty where not simulated."""
    found = facts.plan.overrun
    if found is None:
        return Finding(claim="")
    unit = facts.plan.unit
    claim = (
        f"Estimates miss: in {percent(found.chance)} of simulated worlds this work costs more than "
        f"the reserve of {facts.points(found.reserve)}. Half of them stay within "
        f"{plain(round(found.p50, 1))} {unit}, nine in ten within {plain(round(found.p90, 1))}. "
        f"{sentence(clean_line(found.basis, 600))}"
    )
    if found.relief < facts.plan.ux_value * 0.995:
        claim += (
            f" If work stops where the reserve is used up, {some(found.relief, facts.sessions)} a "
            "sprint are to be expected."
        )
    figures = {"chance": found.chance, "p50": found.p50, "p90": found.p90, "relief": found.relief}
    return Finding(claim=claim, figures=figures, source=COSTS)


def say_robust(facts: Facts) -> Finding:
    """Return what the plan was chosen by, where that is not its expected relief."""
    robust = facts.plan.robust
    if robust is None:
        return Finding(claim="")
    figures = {"cvar": robust.cvar, "bound": robust.bound, "price": robust.price}
    words = sentence(clean_line(robust.words, 1_000))
    return Finding(claim=facts.shortened(words), figures=figures, source="worlds")


def say_agreement(facts: Facts) -> Finding:
    """Return what holds however the flows are weighted, and what does not."""
    explained = facts.plan.explained
    if explained is None or explained.agreement is None:
        return Finding(claim="")
    agreement = explained.agreement
    number = len(agreement.weightings)
    if number < 2:  # noqa: PLR2004 - one weighting agrees with itself
        return Finding(claim="")
    core = listed([facts.name(key) for key in in_order(agreement.core)[:SHOWN]])
    claim = f"Under all {number} weightings that were tried, the plan holds {core}."
    if not agreement.core:
        claim = f"No item is in the plan under all {number} weightings that were tried."
    ranked = sorted(agreement.contested, key=lambda one: (-one.share, natural(one.key)))
    rest = ranked[:SHOWN]
    if rest:
        named = [f"{facts.name(one.key)} (in {percent(one.share)} of them)" for one in rest]
        claim += f" Contested: {listed(named)}."
    figures = {"weightings": float(number), "core": float(len(agreement.core))}
    return Finding(claim=claim, figures=figures, source="weightings")


def say_no_rival(facts: Facts) -> tuple[str, ...]:
    """Return that no other plan comes near, where that was looked for."""
    explained = facts.plan.explained
    if explained is None or explained.alternatives or not facts.plan.chosen:
        return ()
    if explained.coverage.missing:  # perhaps nobody looked
        return ()
    return (f"No other plan was found that comes within {percent(NEAR)} of its relief.",)


def write_rivals(facts: Facts) -> tuple[Rival, ...]:
    """Return other plans that keep every rule."""
    explained = facts.plan.explained
    return tuple(
        Rival(
            KINDS[one.kind],
            facts.shortened(sentence(clean_line(one.words, 600))),
            one.share,
        )
        for one in (explained.alternatives[:SHOWN] if explained else ())
    )


def write_binding(facts: Facts) -> tuple[str, ...]:
    """Return the rules that hold the plan back, with what letting them out a little is worth."""
    explained = facts.plan.explained
    if explained is None:
        return ()
    return tuple(
        facts.shortened(
            f"{sentence(clean_line(one.rule, 200))[:-1]}: {clean_line(one.more, 80)} would spare "
            f"{about(one.worth)} more{_exchange(facts, one.takes_in, one.leaves_out)}."
        )
        for one in explained.binding[:SHOWN]
    )


def write_missing(facts: Facts) -> tuple[str, ...]:
    """Return what was not explained, and why."""
    explained = facts.plan.explained
    if explained is None:
        return ()
    coverage = explained.coverage
    distance = f"{max(coverage.gap, 1e-5):.3%} of its value"
    close = f"With so many items, what else could be chosen is planned to within {distance}."
    missing = tuple(sentence(clean_line(one, 400)) for one in coverage.missing)
    return (*missing, close) if coverage.gap else missing


def _exchange(facts: Facts, new: tuple[str, ...], old: tuple[str, ...]) -> str:
    names = [listed([facts.name(key) for key in in_order(keys)[:SHOWN]]) for keys in (new, old)]
    if new and old:
        return f" ({names[0]} for {names[1]})"
    return f" (with {names[0]})" if new else ""
