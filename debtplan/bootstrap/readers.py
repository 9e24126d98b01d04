"""Everyone who is told of plans and failures, made from the tables under [notify]."""

import os
from collections.abc import Iterator

from debtplan.bootstrap.adapters import now
from debtplan.bootstrap.names import unknown_name
from debtplan.config.settings import Loaded
from debtplan.core.source import Probe
from debtplan.errors import DebtplanError, UsageError
from debtplan.notify import NOTIFIERS, ProbedNotifier
from debtplan.notify.options import NotifyTable
from debtplan.transport.access import Access
from debtplan.workflows.tell import Reader


def make_readers(loaded: Loaded) -> dict[str, Reader]:
    """Return everyone who is told, by the name of their table; opens nothing.

    Raises:
        UsageError: A table says no type that is known, or names a team that is none.
    """
    tables = sorted(loaded.settings.notify.items())
    return {name: Reader(_notifier(loaded, name, table), table.teams) for name, table in tables}


def examine_readers(loaded: Loaded) -> Iterator[Probe]:
    """Yield how everyone who is told could be reached right now; no message is sent."""
    for name, table in sorted(loaded.settings.notify.items()):
        try:
            yield _notifier(loaded, name, table).probe()
        except DebtplanError as error:
            what = error.what.rstrip(".")
            yield Probe(part=f"notify.{name}", is_well=False, what=what, fix=error.fix)


def _notifier(loaded: Loaded, name: str, table: NotifyTable) -> ProbedNotifier:
    kind = table.type or name
    if kind not in NOTIFIERS:
        what = f"[notify.{name}] says no type that is known: {kind!r}."
        raise UsageError(what, f"Set type to one of: {', '.join(NOTIFIERS)}.")
    for team in table.teams:
        if team not in loaded.settings.team:
            raise unknown_name(f"team for [notify.{name}]", team, loaded.settings.team)
    return NOTIFIERS[kind](name, table, _access(loaded, name, table))


def _access(loaded: Loaded, name: str, table: NotifyTable) -> Access:
    line = loaded.settings.transport
    short = line.model_copy(update={"request_s": min(line.request_s, table.timeout_s)})
    return Access(name=name, environment=os.environ, line=short, folder=loaded.folder, clock=now)
