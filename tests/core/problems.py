"""Random small problems, with every kind of rule."""

from fractions import Fraction

from hypothesis import strategies as st

from debtplan.core.problem import AtMost, Candidate, Problem

KEYS = "abcdefgh"
METRICS = ("m", "n", "o")


def _some(keys: str, most: int) -> st.SearchStrategy[list[str]]:
    """Up to so many of the keys, each once; none of none."""
    if not keys:
        return st.just([])
    return st.lists(st.sampled_from(keys), max_size=most, unique=True)


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
            tuple(draw(_some(keys[:i], 2))),
        )
        for i, key in enumerate(keys)
    ]
    some = _some(keys, 1)
    has_pin, has_kept, has_rule = (draw(st.booleans()) for _ in range(3))
    trio = st.lists(st.sampled_from(keys), min_size=2, max_size=3)
    pair: list[str] = draw(trio) if len(keys) > 1 else []
    return Problem.of(
        candidates,
        {metric: float(draw(st.integers(0, 5_000))) for metric in METRICS},
        Fraction(draw(st.integers(0, 24)), 2),
        roles={"web": Fraction(draw(st.integers(1, 8)))} if draw(st.booleans()) else {},
        at_most=[AtMost("not all", tuple(pair), 1)] if pair and has_rule else [],
        pinned=draw(some) if has_pin else (),
        kept=draw(some) if has_kept else None,
    )
