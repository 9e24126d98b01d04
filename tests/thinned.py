"""Long lists of cases: a few of them in the fast suite, all of them in the whole one."""

from collections.abc import Mapping, Sequence

import pytest
from _pytest.mark.structures import ParameterSet


def thinned(cases: Sequence[object] | Mapping[str, object], every: int) -> list[ParameterSet]:
    """Return the cases by name or number; all but each `every`-th are marked slow."""
    named = cases if isinstance(cases, Mapping) else dict(enumerate(cases))
    return [
        pytest.param(case, id=str(name), marks=pytest.mark.slow if at % every else ())
        for at, (name, case) in enumerate(named.items())
    ]
