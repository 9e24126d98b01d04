"""Entries of a room's registry: what they name is imported when it is first made."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def entries_of(room: str) -> Callable[[str, str], Callable[..., Any]]:
    """Return what makes the entries of a room: (module, name) to a factory of that name.

    Args:
        room: Package of the modules, such as `debtplan.sources`. Nothing of it is imported before a
            factory is called; the registry says what the factory takes and gives.
    """

    def entry(module: str, name: str) -> Callable[..., Any]:
        def make(*parts: object) -> Any:  # noqa: ANN401 - the registry says which port it is
            return getattr(import_module(f"{room}.{module}"), name)(*parts)

        return make

    return entry
