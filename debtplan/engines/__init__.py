"""The optimisers: `ENGINES` names them, `make_engine` builds one.

Importing this room loads no solver; the first problem does.
"""

from collections.abc import Callable

from debtplan.errors import UsageError
from debtplan.ports import Engine

DEFAULT_ENGINE = "milp"
DEFAULT_BACKEND = "auto"
DEFAULT_TIME_LIMIT_S = 60.0

BACKENDS = ("auto", "highs", "cbc")
"""Solvers the `milp` engine can use. "auto" is HiGHS, which hands problems without overlaps on to
CBC where that is known to be quicker (`search.Search`); the other two are alone."""


def _make_milp(backend: str, time_limit_s: float) -> Engine:
    from debtplan.engines.backend import make_backend  # noqa: PLC0415 -- imported when asked for
    from debtplan.engines.milp import MilpEngine  # noqa: PLC0415 -- the same

    return MilpEngine(make_backend(backend), time_limit_s)


def _make_greedy(_backend: str, _time_limit_s: float) -> Engine:
    from debtplan.engines.greedy import GreedyEngine  # noqa: PLC0415 -- imported when asked for

    return GreedyEngine()


ENGINES: dict[str, Callable[[str, float], Engine]] = {
    "milp": _make_milp,
    "greedy": _make_greedy,
}


def make_engine(
    name: str = DEFAULT_ENGINE,
    *,
    backend: str = DEFAULT_BACKEND,
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
) -> Engine:
    """Return the engine of that name.

    Args:
        name: A key of `ENGINES`.
        backend: One of `BACKENDS`; engines without a solver do not look at it.
        time_limit_s: Time in seconds after which the best selection so far is the answer.

    Raises:
        UsageError: No engine or backend has that name, or the limit is not above zero.
    """
    if name not in ENGINES:
        raise UsageError(f"There is no engine {name!r}.", f"Use one of: {', '.join(ENGINES)}.")
    if backend not in BACKENDS:
        raise UsageError(f"There is no solver {backend!r}.", f"Use one of: {', '.join(BACKENDS)}.")
    if not time_limit_s > 0:
        raise UsageError(f"A time limit of {time_limit_s} s lets nothing run.", "Set it above 0.")
    return ENGINES[name](backend, time_limit_s)
