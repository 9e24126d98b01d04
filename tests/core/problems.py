"""Random small problems, with every kind of rule."""

from fractions import Fraction

from hypothesis import strategies as st

from debtplan.core.problem import AtMost, Candidate, Problem

KEYS = "abcdefgh"
METRICS = ("m", "n", "o")


@st.composite
def problems(draw: st.DrawFn, most: int = 7) -> Problem:
    """A problem of up to `most` items; with pins it may be infeasible."""
    keys = KEYS[: draw(st.integers(1, most))]
    candidates = [
        Candidate(
            key,
            Fraction(draw(st.integers(1, 12)), 2),
            tuple(
                (metric, draw(st.integers(1, 98)) / 100)
                for metric in draw(st.lists(st.sampled_from(METRICS), max_size=2, unique=True))
            ),
            (("web", Fraction(draw(st.integers(1, 4)))),) if draw(st.booleans()) else (),
            tuple(draw(st.lists(st.sampled_from(keys[:i]), max_size=2, unique=True)) if i else ()),
        )
        for i, key in enumerate(keys)
    ]
    some = st.lists(st.sampled_from(keys), max_size=1, unique=True)
    pair = draw(st.lists(st.sampled_from(keys), min_size=2, max_size=3)) if len(keys) > 1 else []
    return Problem.of(
        candidates,
        {metric: float(draw(st.integers(0, 5_000))) for metric in METRICS},
        Fraction(draw(st.integers(0, 24)), 2),
        roles={"web": Fraction(draw(st.integers(1, 8)))} if draw(st.booleans()) else {},
        at_most=[AtMost("not all", tuple(pair), 1)] if pair and draw(st.booleans()) else [],
        pinned=draw(some) if draw(st.booleans()) else (),
        kept=draw(st.one_of(st.none(), some)),
    )
