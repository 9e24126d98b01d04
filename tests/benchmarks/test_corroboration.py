"""The benchmark of corroboration: worlds are their seeds', real series are read as they are."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.corroboration import World, make_metrics, run_set, run_shifts
from benchmarks.telemetry import find_telemetry, name_causes, search_windows
from tests.docs.page import DOCS, section, table_rows

NODES = ("shop", "pay", "stock")


@pytest.mark.slow
def test_a_set_is_its_seed_s() -> None:
    world = World(120, (0.0, 0.8), planted=3)
    assert run_set(world, 4) == run_set(world, 4)
    found = run_set(world, 4)
    assert found.found >= 1
    assert all(off <= 1 for off in found.lags)


def test_half_of_the_metrics_are_technical_and_every_flow_has_both_halves() -> None:
    metrics, flows = make_metrics()
    technical = [one for one in metrics if one.kind == "error_rate"]
    assert len(technical) * 2 == len(metrics) == 20
    assert {one.flow for one in technical} == {flow.id for flow in flows}


@pytest.mark.slow
def test_large_shifts_are_found_near_their_day() -> None:
    rows = run_shifts((9, 0.0, 0.3, 3.0))
    near = [any(abs(day - true) <= 3 for day in days) for days, true in rows]
    assert sum(near) >= 0.9 * len(near)


def telemetry(folder: Path) -> None:
    """Write a labelled series with a step in its window, and a fault of `pay` that hurts `shop`."""
    draw = np.random.default_rng(1)
    (folder / "nab" / "real").mkdir(parents=True)
    labels = {"real/step.csv": [["2026-01-08 00:00:00", "2026-01-09 00:00:00"]], "real/no.csv": []}
    (folder / "nab" / "windows.json").write_text(json.dumps(labels), encoding="utf-8")
    rows = [
        f"2026-01-{1 + hour // 24:02} {hour % 24:02}:00:00,{draw.normal() + 9 * (hour >= 180)}"
        for hour in range(336)
    ]
    text = "timestamp,value\n" + "\n".join(rows)
    (folder / "nab" / "real" / "step.csv").write_text(text, encoding="utf-8")
    for name, high, count in (("noissue", 0.0, 200), ("test/issue_0", 5.0, 5)):
        place = folder / "petshop" / name
        place.mkdir(parents=True)
        lines = [
            f"service,{','.join(NODES)}",
            "metric" + 3 * ",latency",
            "statistic" + 3 * ",Average",
        ]
        lines.append("unix_timestamp,,,")
        for number in range(count):
            values = [draw.normal(1, 0.1) + high * part for part in (0.5, 1.0, 0.0)]
            lines.append(f"{300.0 * number}," + ",".join(f"{one:.4f}" for one in values))
        (place / "metrics.csv").write_text("\n".join(lines), encoding="utf-8")
    target = {"node": "shop", "metric": "latency", "agg": "Average", "timestamp": 1}
    told = {"target": target, "root_cause": {"node": "pay", "metric": None}}
    (folder / "petshop" / "test" / "issue_0" / "target.json").write_text(
        json.dumps(told), encoding="utf-8"
    )


def test_other_series_of_the_kind_are_read(tmp_path: Path) -> None:
    telemetry(tmp_path)
    found = find_telemetry(tmp_path)
    assert found is not None
    (searched,) = search_windows(found)
    assert (searched.name, searched.clock, searched.steps) == ("step", "hours", 336)
    assert (searched.windows, searched.hit, searched.stray) == (1, 1, 0)
    (named,) = name_causes(found)
    assert (named.cause, named.by_level, named.nodes) == ("pay", 1, 2)


def test_a_folder_without_such_series_is_none(tmp_path: Path) -> None:
    assert find_telemetry(tmp_path) is None


@pytest.mark.slow
def test_the_real_faults_are_read_whole(data_dir: Path) -> None:
    found = find_telemetry(data_dir)
    assert found is not None
    causes = list(name_causes(found))
    assert len(causes) == 26
    assert sum(one.by_level is not None and one.by_level <= 3 for one in causes) == 24
    assert sum(one.by_level == 1 for one in causes) == 10


@pytest.mark.slow
def test_the_table_of_labelled_series_is_what_is_found(data_dir: Path) -> None:
    found = find_telemetry(data_dir)
    assert found is not None
    page = (DOCS / "real-data.md").read_text(encoding="utf-8")
    told = [
        (row[1], *(int(cell.replace(",", "")) for cell in row[2:]))
        for row in table_rows(section(page, "## Evidence on real series"))
    ]
    rows = [
        (one.clock, one.steps, one.windows, one.hit, one.stray) for one in search_windows(found)
    ]
    assert sorted(rows) == sorted(told)
