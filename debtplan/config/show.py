"""The settings in force, line by line, and where each value comes from."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from debtplan.config.settings import Loaded


def show_settings(loaded: Loaded, *, with_origin: bool) -> Iterator[str]:
    """Yield `key = value` for every setting, defaults included, in the order of the shape."""
    for place, value in _leaves(loaded.settings.model_dump(mode="json"), ""):
        line = f"{place} = {_toml(value)}"
        if with_origin:
            line += f"    # {_origin(place, loaded.origin)}"
        yield line


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - settings are a tree
    if isinstance(value, Mapping) and value:
        for key, one in value.items():
            yield from _leaves(one, f"{place}.{key}" if place else str(key))
    elif isinstance(value, Sequence) and value and all(isinstance(one, Mapping) for one in value):
        for number, one in enumerate(value, 1):
            yield from _leaves(one, f"{place}[{number}]")
    else:
        yield place, value


def _origin(place: str, origin: Mapping[str, str]) -> str:
    """Return the file that sets a place, or sets it in a shorter form (`share = 0.4`)."""
    while place not in origin and ("." in place or place.endswith("]")):
        place = place.rpartition("[" if place.endswith("]") else ".")[0]
    return origin.get(place, "default")


def _toml(value: Any) -> str:  # noqa: ANN401 - likewise
    if value is None:
        return "(not set)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Sequence):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return "{}" if isinstance(value, Mapping) else str(value)
