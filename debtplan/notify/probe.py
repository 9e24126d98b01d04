"""How `doctor` looks at a notifier: everything up to the message, and never the message."""

from collections.abc import Callable

from debtplan.core.source import Probe
from debtplan.errors import DebtplanError


def probe_of(name: str, look: Callable[[], str]) -> Probe:
    """Return what a look at the notifier of a table finds, or how it failed.

    Args:
        name: Of the table.
        look: Returns what it finds, for people.
    """
    part = f"notify.{name}"
    try:
        return Probe(part=part, is_well=True, what=look())
    except DebtplanError as error:
        return Probe(part=part, is_well=False, what=error.what.rstrip("."), fix=error.fix)
