"""Loops that are compiled where a compiler is at hand."""

from collections.abc import Callable
from typing import TypeVar, cast

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Return a function that does the same, sooner.

    What is compiled is kept beside the source, or in the user's cache where that is not to be
    written to; where neither is, each process compiles for itself. Without a compiler the function
    stays as it is.
    """
    try:
        from numba import njit  # noqa: PLC0415 -- takes long, and may be missing
    except ImportError:
        return function
    try:
        return cast("F", njit(cache=True)(function))
    except RuntimeError:  # nowhere to keep it
        return cast("F", njit(function))
