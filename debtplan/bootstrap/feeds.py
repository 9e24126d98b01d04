"""Every source of the settings as a feed that the store can take in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from debtplan.bootstrap.names import unknown_name
from debtplan.config.settings import Loaded
from debtplan.core.item import Skipped
from debtplan.errors import UsageError
from debtplan.files.options import FileTable
from debtplan.metrics import METRICS
from debtplan.ports import IssueSource, MetricSource, SprintSource
from debtplan.sources import SOURCES, SPRINTS
from debtplan.workflows.sync import Feed, Record

Made = TypeVar("Made")
Table = TypeVar("Table", bound=FileTable)


def feeds(loaded: Loaded, names: Sequence[str] = (), file: str | None = None) -> list[Feed]:
    """Return the sources to read: all of them, or those named.

    Args:
        loaded: The settings.
        names: Names under [sources] and [metrics] (`metrics:NAME` where both have it), or
            `sprints:TEAM`; none takes all.
        file: A file, folder or pattern of saved answers, read instead of the named source's own.

    Raises:
        UsageError: A name is not known, or a file is given for none or several sources.
    """
    known = {feed.name: feed for feed in _all_feeds(loaded, file)}
    for name in names:
        if name not in known:
            raise unknown_name("source", name, known)
    wanted = list(names) or list(known)
    if file is not None and len(wanted) != 1:
        what = "--from-file needs the one source whose answers these are."
        raise UsageError(what, f"Name it: {', '.join(known) or 'none is set'}.")
    return [known[name] for name in wanted]


def _all_feeds(loaded: Loaded, file: str | None) -> Iterator[Feed]:
    settings, folder = loaded.settings, loaded.folder
    for name, items in settings.sources.items():
        source = _maker(SOURCES, items.type or name, f"sources.{name}")
        yield Feed(name, partial(_fetch, partial(source, name, _at(items, file), folder)))
    for name, readings in settings.metrics.items():
        meter = _maker(METRICS, readings.type or name, f"metrics.{name}")
        called = f"metrics:{name}" if name in settings.sources else name
        yield Feed(called, partial(_read, partial(meter, name, _at(readings, file), folder)))
    for name, team in settings.team.items():
        if team.sprints is not None:
            board = _maker(SPRINTS, team.sprints.type, f"team.{name}.sprints")
            made = partial(board, name, _at(team.sprints, file), folder)
            yield Feed(f"sprints:{name}", partial(_closed, made))


def _fetch(make: Callable[[], IssueSource]) -> Iterator[Record | Skipped]:
    yield from make().fetch(since=None)


def _read(make: Callable[[], MetricSource]) -> Iterator[Record | Skipped]:
    yield from make().read()


def _closed(make: Callable[[], SprintSource]) -> Iterator[Record | Skipped]:
    yield from make().closed_sprints()


def _at(table: Table, file: str | None) -> Table:
    """Return the table with another file, which starts from here and not from the settings."""
    return table if file is None else table.model_copy(update={"path": str(Path(file).absolute())})


def _maker(registry: Mapping[str, Made], kind: str, table: str) -> Made:
    if kind not in registry:
        what = f"[{table}] says no type that is known: {kind!r}."
        raise UsageError(what, f"Set type to one of: {', '.join(registry)}.")
    return registry[kind]
