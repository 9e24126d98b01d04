"""Readings from files that scanners write: one file is one scan, one scan a reading of its day.

The day is the one the scanner wrote into the file; where it writes none, the one in the file's
name, or in its folder's: `2026-11-20.json`, `scan-20261120T0400.json`, `2026-11-20/styles.json`.
Never the file's own time, which every copy changes.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from pathlib import Path

from debtplan.core.item import Skipped
from debtplan.core.reading import Reading, midnight
from debtplan.errors import InputError, UsageError
from debtplan.files.disk import find_files, read_bytes, shown
from debtplan.files.moment import parse_instant
from debtplan.files.saved import PAGE_LIMIT, decode
from debtplan.metrics.options import TOLD_BY, ReadingTable
from debtplan.metrics.scanners import PARSERS
from debtplan.metrics.series import Placed, settle

SUFFIXES = (".json",)

_DAY = re.compile(r"(?<![0-9])(20[0-9]{2})([-_]?)(0[1-9]|1[0-2])\2([0-2][0-9]|3[01])(?![0-9])")


class Scans:
    """See `MetricSource`."""

    def __init__(self, name: str, table: ReadingTable, folder: Path) -> None:
        """Read the scanner's files that the table names."""
        self.name = name
        self._table = table
        self._folder = folder

    def read(self) -> Iterator[Reading | Skipped]:
        """See `MetricSource.read`: of several scans of one day the last by file name stands.

        Raises:
            InputError: Not one file is a result of the scanner, the table names no metric, or a
                file is wrong where `on_error` is "stop".
            UsageError: The table's type is no scanner.
        """
        metric, kind = self._table.metric, self._kind
        if not metric:
            what = f"[metrics.{self.name}] does not say which metric its scans are of."
            raise InputError(what, 'Set metric = "ID".')
        files = find_files(self._table.path, self._folder, SUFFIXES)
        found = [self._take(file, metric, kind) for file in files]
        if all(isinstance(one, Skipped) for one in found):
            raise self._none(kind, [one for one in found if isinstance(one, Skipped)])
        yield from settle(found)

    @property
    def _kind(self) -> str:
        kind = self._table.type or self.name
        if kind not in PARSERS:
            what = f"[metrics.{self.name}] says no scanner that is known: {kind!r}."
            raise UsageError(what, f"Set type to one of: {', '.join(TOLD_BY)}.")
        return kind

    def _take(self, file: Path, metric: str, kind: str) -> Placed | Skipped:
        """Return the reading of one file, or why there is none."""
        name = shown(file, self._folder)
        try:
            return Placed(name, self._reading(file, name, metric, kind))
        except InputError as error:
            reason = error.what.removeprefix(f"{name} ").rstrip(".")
        except ValueError as error:
            reason = str(error)
        if self._table.on_error == "stop":
            fix = 'Correct it, or set on_error = "skip" to read the rest; nothing was read.'
            raise InputError(f"{name} {reason}.", fix)
        return Skipped(ref=name, reason=reason)

    def _reading(self, file: Path, name: str, metric: str, kind: str) -> Reading:
        scan = PARSERS[kind](decode(read_bytes(file, name, PAGE_LIMIT), name), self._table)
        day = day_of(scan.scanned_at, name)
        return Reading(
            metric=metric,
            start_at=midnight(day),
            end_at=midnight(day + timedelta(days=1)),
            measure=scan.measure,
            source=self.name,
        )

    def _none(self, kind: str, skipped: list[Skipped]) -> InputError:
        first = skipped[0]
        count = f"None of {len(skipped):,} files" if len(skipped) > 1 else "The one file"
        what = f"{count} of [metrics.{self.name}] can be used as a {kind} result: {first.ref} "
        return InputError(f"{what}{first.reason}.", f"Point path at files that {kind} wrote.")


def day_of(scanned_at: str, name: str) -> date:
    """Return the UTC day of a scan: as the scanner says it, else as the path does.

    Args:
        scanned_at: An instant as the scanner wrote it, or "".
        name: The file with its folders; its own name counts before theirs.

    Raises:
        ValueError: Neither tells a day, as a phrase.
    """
    instant = parse_instant(scanned_at) if scanned_at else None
    if instant is not None:
        return instant.astimezone(UTC).date()
    for part in reversed(Path(name).parts):
        for year, _, month, day in _DAY.findall(part):
            try:
                return date(int(year), int(month), int(day))
            except ValueError:
                continue
    raise ValueError("does not say when it was scanned; put the day into its name: 2026-11-20.json")
