"""What to say where a name is not known."""

from collections.abc import Iterable
from difflib import get_close_matches

from debtplan.errors import UsageError


def unknown_name(what: str, name: str, known: Iterable[str]) -> UsageError:
    """Return the error that names the nearest known one, and all of them."""
    names = list(known)
    near = get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return UsageError(f"There is no {what} {name!r}.{hint}", f"Use one of: {', '.join(names)}.")
