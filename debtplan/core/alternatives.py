"""What surrounds a plan: rules that hold it back, other good plans, what all plans agree on."""

from typing import Literal

from debtplan.core.record import Value


class BindingRule(Value):
    """A rule that holds the plan back, and what letting it out a little is worth, by re-solving.

    Attributes:
        rule: The rule in words.
        more: How far it is let out, in words: `1 point more`.
        worth: Value the best plan then gains, weighted frustrated sessions per sprint, above 0.
        takes_in: Keys that come in.
        leaves_out: Keys that go.
    """

    rule: str
    more: str
    worth: float
    takes_in: tuple[str, ...] = ()
    leaves_out: tuple[str, ...] = ()


class Alternative(Value):
    """Another plan that keeps every rule.

    Attributes:
        kind: `near_best` is best without one of the items, `most_different` shares least with the
            plan of all that are worth nearly as much.
        ux_value: Weighted frustrated sessions per sprint.
        share: Part of the plan's value, in [0, 1].
        is_proven: Whether no other plan is nearer to what the kind says.
        words: What it is and what it costs, in one sentence.
    """

    kind: Literal["near_best", "most_different"]
    ux_value: float
    share: float
    points: float
    chosen: tuple[str, ...]
    takes_in: tuple[str, ...]
    leaves_out: tuple[str, ...]
    is_proven: bool
    words: str


class Weighting(Value):
    """The best plan, were flows weighted otherwise.

    Attributes:
        name: Of the weighting.
        chosen: Its best plan.
        share: What the plan in force is worth in this weighting, as a part of its best.
    """

    name: str
    chosen: tuple[str, ...]
    share: float


class Contested(Value):
    """An item that only some weightings take.

    Attributes:
        share: Part of the weightings that do, in (0, 1).
        taken_by: Their names.
    """

    key: str
    share: float
    taken_by: tuple[str, ...]


class Agreement(Value):
    """What plans under different weightings have in common.

    Attributes:
        weightings: The one in force first.
        core: Keys that all of them take.
        contested: The rest, what most of them take first.
    """

    weightings: tuple[Weighting, ...]
    core: tuple[str, ...]
    contested: tuple[Contested, ...]


class Coverage(Value):
    """How much was explained, and what is missing.

    Attributes:
        items: Items that were explained by solving again.
        of_items: Items that compete.
        worlds: Simulated worlds that were planned anew.
        missing: What is missing and why, one sentence each.
        gap: Part of its value that a plan behind these numbers may miss, 0 or more: with very many
            items the best is not always proven to the last digit.
    """

    items: int
    of_items: int
    worlds: int
    missing: tuple[str, ...] = ()
    gap: float = 0.0


class Explained(Value):
    """All of that.

    Attributes:
        binding: What is worth most first.
        no_regret: Keys that the best plan of at least 90% of the simulated worlds holds.
        open_to_debate: Keys that it holds in fewer, but in at least 10% of them.
    """

    binding: tuple[BindingRule, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    agreement: Agreement | None = None
    no_regret: tuple[str, ...] = ()
    open_to_debate: tuple[str, ...] = ()
    coverage: Coverage


NEAR = 0.02
"""Part of its value that another plan may be worth less and still be nearly as good."""

SURE = 0.9
"""Part of the simulated worlds from which on nobody will regret an item."""

UNLIKELY = 0.1
"""Part of them below which an item is no subject."""


def sort_by_certainty(
    certainty: dict[str, float],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the keys that nearly all worlds take, and those that some do: surest first."""
    ranked = sorted(certainty, key=lambda key: (-certainty[key], key))
    sure = tuple(key for key in ranked if certainty[key] >= SURE)
    rest = tuple(key for key in ranked if UNLIKELY <= certainty[key] < SURE)
    return sure, rest


def agree(weightings: tuple[Weighting, ...]) -> Agreement:
    """Return what the plans of the weightings have in common."""
    counts: dict[str, list[str]] = {}
    for one in weightings:
        for key in one.chosen:
            counts.setdefault(key, []).append(one.name)
    core = tuple(sorted(key for key, names in counts.items() if len(names) == len(weightings)))
    contested = [
        Contested(key=key, share=len(names) / len(weightings), taken_by=tuple(names))
        for key, names in counts.items()
        if len(names) < len(weightings)
    ]
    contested.sort(key=lambda one: (-one.share, one.key))
    return Agreement(weightings=weightings, core=core, contested=tuple(contested))
