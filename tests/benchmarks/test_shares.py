"""The benchmark of measured shares: truths are what chances say, and worlds are fair."""

from math import fsum

import numpy as np
import pytest

from benchmarks import shares
from debtplan.core.attributable import attribute
from debtplan.core.suspects import suspects_of


@pytest.mark.parametrize("case", shares.CASES, ids=lambda case: case.name)
def test_a_large_draw_comes_close_to_the_truth(case: shares.Case) -> None:
    large = shares.Case(
        case.name, 400 * case.sessions, case.weights, case.mark, case.risk, case.ratio
    )
    assert fsum(large.chances.ravel()) == pytest.approx(1)
    (found,) = (attribute(one) for one in shares.draw(large, 1, 7))
    assert found.fraction == pytest.approx(large.truth, abs=0.02)


def test_counting_by_halves_changes_no_truth() -> None:
    case = shares.HALVES
    drawn = [attribute(one).fraction or 0.0 for one in shares.draw(case, 200, 3)]
    assert float(np.mean(drawn)) == pytest.approx(case.truth, abs=0.01)


def test_a_world_holds_every_session_once_a_dimension() -> None:
    tallies = shares.make_world(1, is_planted=True)
    for name in shares.VALUES:
        mine = [one for one in tallies if one.dimension == name]
        assert sum(s.total_with for one in mine for s in one.strata) == shares.SESSIONS
    cause = str(shares.planted(1)[0])
    assert suspects_of(tallies)[0].selector.value == cause


def test_figures_are_the_same_for_the_same_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "TRIES", 20)
    first, again = (list(shares.coverage(shares.CASES[0], 5)) for _ in range(2))
    assert first == again
    assert 0.5 <= first[0].value <= 1
