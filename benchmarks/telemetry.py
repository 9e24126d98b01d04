"""Real series: NAB's with labelled windows, PetShop's faults with their root cause.

A folder of this kind holds `windows.json` (file -> [[start, end], ...]) beside the CSV files it
names (`timestamp,value`, plain or packed), and anywhere below it `target.json` beside a
`metrics.csv` with a head of three rows (service, metric, statistic), and `noissue/metrics.csv` for
normal times. See the NAB repository (numenta/NAB) and PetShop (Hardt and others 2024).
"""

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np

from benchmarks.published import find_data
from debtplan.stats.comove import Noise, chance, correlate
from debtplan.stats.series import (
    Array,
    Daily,
    clipped,
    fit_memory,
    spread,
    without_trend,
    without_weekdays,
)
from debtplan.stats.shifts import find_changes, without_odd_days

LONG = timedelta(days=56)
"""Series at least this long are read by day, with weekdays, too; all of them by hour."""

WEEKS = timedelta(days=28)
"""From here on the hours of a week are a season, below it those of a day."""

NORMAL_ROWS = 144
"""Rows of normal operation before a fault: twelve hours of five minutes."""

FIT_ROWS = 60
NEAR_ROWS = 3

Rows = dict[tuple[str, str, str], Array]
"""Columns by service, metric and statistic."""


@dataclass(frozen=True)
class Telemetry:
    """Where the real series are.

    Attributes:
        windows: The file with the labelled windows; None where there is none.
        faults: Folders with a `target.json`, in order.
    """

    windows: Path | None
    faults: tuple[Path, ...]


@dataclass(frozen=True)
class Searched:
    """What was found in one labelled series.

    Attributes:
        clock: `days` or `hours`: the step it was read by.
        windows: Labelled windows.
        hit: Those that a shift meets.
        shifts: All shifts.
        stray: Shifts in no window.
    """

    name: str
    clock: str
    steps: int
    windows: int
    hit: int
    shifts: int
    stray: int


@dataclass(frozen=True)
class Named:
    """What was said of one fault.

    Attributes:
        by_level: Place of the true node among all, by how far each left its own level.
        by_movement: The same by how surely the target moves with each, from row to row.
        nodes: How many were compared.
    """

    name: str
    metric: str
    cause: str
    by_level: int | None
    by_movement: int | None
    nodes: int


def find_telemetry(given: Path | None) -> Telemetry | None:
    """Return the real series of `--data`, DEBTPLAN_DATA or ../shared/data; None without any."""
    root = find_data(given, "telemetry")
    if root is None:
        return None
    windows = sorted(root.rglob("windows.json"))
    faults = tuple(path.parent for path in sorted(root.rglob("target.json")))
    if not windows and not faults:
        return None
    return Telemetry(windows[0] if windows else None, faults)


def search_windows(telemetry: Telemetry) -> Iterator[Searched]:
    """Yield what the search for shifts finds in every labelled series."""
    if telemetry.windows is None:
        return
    labels = json.loads(telemetry.windows.read_text(encoding="utf-8"))
    for name, spans in sorted(labels.items()):
        path = telemetry.windows.parent / name
        path = path if path.exists() else path.with_name(f"{path.name}.gz")
        if path.exists():
            windows = [tuple(datetime.fromisoformat(end) for end in span) for span in spans]
            points = _read_points(path)
            span = points[-1][0] - points[0][0]
            if span >= LONG:
                yield _search(Path(name).stem, points, windows, (timedelta(days=1), 7))
            hours = 168 if span >= WEEKS else 24
            yield _search(Path(name).stem, points, windows, (timedelta(hours=1), hours))


def _search(
    name: str,
    points: list[tuple[datetime, float]],
    windows: list[tuple[datetime, ...]],
    clock: tuple[timedelta, int],
) -> Searched:
    step, period = clock
    is_daily = step >= timedelta(days=1)
    start = points[0][0]
    origin = start.replace(hour=0, minute=0, second=0) if is_daily else start
    values = _by_step(points, origin, step)
    level = without_odd_days(without_weekdays(values, 0, period))
    spans = [
        (origin + change.at * step, origin + (change.at + change.length) * step)
        for change in find_changes(level)
    ]

    def meet(span: tuple[datetime, ...], window: tuple[datetime, ...]) -> bool:
        return span[0] <= window[1] and window[0] <= span[1]

    return Searched(
        name=name,
        clock="days" if is_daily else "hours",
        steps=len(values),
        windows=len(windows),
        hit=sum(any(meet(span, window) for span in spans) for window in windows),
        shifts=len(spans),
        stray=sum(not any(meet(span, window) for window in windows) for span in spans),
    )


def _read_points(path: Path) -> list[tuple[datetime, float]]:
    with _opened(path) as lines:
        return sorted(
            (datetime.fromisoformat(row["timestamp"]), float(row["value"]))
            for row in csv.DictReader(lines)
        )


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _by_step(points: list[tuple[datetime, float]], origin: datetime, step: timedelta) -> Array:
    """Return the mean of each step, NaN where it has no point."""
    places = np.array([(at - origin) // step for at, _ in points])
    values = np.array([value for _, value in points])
    count = np.bincount(places)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.bincount(places, values) / np.where(count, count, np.nan))


def name_causes(telemetry: Telemetry) -> Iterator[Named]:
    """Yield how high the true node ranks among the nodes that could explain each fault."""
    normal: dict[Path, Rows] = {}
    for folder in telemetry.faults:
        base = folder.parent.parent / "noissue"
        if base not in normal:
            normal[base] = _read_rows(base)
        told = json.loads((folder / "target.json").read_text(encoding="utf-8"))
        target, cause = told["target"], told["root_cause"]["node"]
        usual, during = (_of_metric(one, target) for one in (normal[base], _read_rows(folder)))
        levels, moves = _by_level(usual, during), _by_movement(usual, during, target["node"])
        levels.pop(target["node"], None)
        yield Named(
            name=f"{folder.parent.name}/{folder.name}",
            metric=target["metric"],
            cause=cause,
            by_level=_rank(levels, cause),
            by_movement=_rank(moves, cause),
            nodes=len(levels),
        )


def _read_rows(folder: Path) -> Rows:
    """Return the columns of a folder's metrics by (service, metric, statistic)."""
    path = folder / "metrics.csv"
    path = path if path.exists() else folder / "metrics.csv.gz"
    with _opened(path) as lines:
        reader = csv.reader(lines)
        head = list(zip(*(row[1:] for row in islice(reader, 3)), strict=True))
        rows = [row[1:] for row in reader if row and row[0].replace(".", "").isdigit()]
    return {
        (service, metric, statistic): np.array([float(row[at] or "nan") for row in rows])
        for at, (service, metric, statistic) in enumerate(head)
    }


def _of_metric(rows: Rows, target: dict[str, str]) -> dict[str, Array]:
    """Return the columns of the metric that was hurt, by service; more is worse."""
    sign = -1.0 if target["metric"] == "availability" else 1.0
    wanted = (target["metric"], target["agg"])
    return {
        service: sign * values
        for (service, metric, statistic), values in rows.items()
        if (metric, statistic) == wanted
    }


def _by_level(usual: dict[str, Array], during: dict[str, Array]) -> dict[str, float]:
    """Return by service how far it left its level, in deviations of its normal time."""
    found = {}
    for service, values in during.items():
        before = usual.get(service, np.zeros(0))
        if np.count_nonzero(~np.isnan(before)) >= FIT_ROWS and not np.isnan(values).all():
            noise = max(spread(before), 0.01 * float(np.nanstd(before)), 1e-9)
            found[service] = (float(np.nanmean(values)) - float(np.nanmedian(before))) / noise
    return found


def _by_movement(
    usual: dict[str, Array], during: dict[str, Array], target: str
) -> dict[str, float]:
    """Return by service how surely the target moves with it, at most three rows later."""
    ready = []
    for service, values in sorted(during.items()):
        rows = np.concatenate([usual.get(service, np.zeros(0))[-NORMAL_ROWS:], values])
        known = rows[~np.isnan(rows)]
        if len(known) >= FIT_ROWS and np.ptp(known) > 0:
            ready.append(_noise(service, rows))
    longest = max((len(one.noise) for one in ready), default=0)
    table = correlate([one for one in ready if len(one.noise) == longest])
    hurt = table.place.get(target)
    if hurt is None:
        return {}
    return {
        service: -min(chance(*table.at(at, hurt, lag)) for lag in range(NEAR_ROWS + 1))
        for service, at in table.place.items()
        if at != hurt
    }


def _rank(scores: dict[str, float], cause: str) -> int | None:
    order = sorted(scores, key=lambda service: (-scores[service], service))
    return order.index(cause) + 1 if cause in scores else None


def _noise(service: str, values: Array) -> Noise:
    noise = clipped(without_trend(values))
    series = Daily(service, date(2026, 1, 1), values, np.full(len(values), np.nan))
    return Noise(series, values, (), noise, fit_memory(noise))
