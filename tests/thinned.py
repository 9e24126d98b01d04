"""Long lists of cases: a few of them in the fast suite, all of them in the whole one."""

from collections.abc import Iterable

import pytest
from _pytest.mark.structures import ParameterSet


def thinned(cases: Iterable[object], every: int) -> list[ParameterSet]:
    """Return the cases by number; all but each `every`-th are marked slow."""
    return [
        pytest.param(case, id=str(at), marks=pytest.mark.slow if at % every else ())
        for at, case in enumerate(cases)
    ]
