"""`debtplan funnel`: what sessions are called that belong to none of the values told apart."""

import json

import pytest

from tests.cli.shop import DAY, Shop

LAKE = """
[warehouse.lake]
path = "events.csv"
columns = { event = "name", at = "at", session = "visit" }
dimensions = ["device"]
segments = { phones = { device = "phone" } }
"""

EVENTS = """\
name,at,visit,device
pay,2026-11-10T10:00:00Z,1,phone
find,2026-11-10T10:01:00Z,1,phone
pay,2026-11-10T11:00:00Z,2,
pay,2026-11-10T12:00:00Z,3,
pay,2026-11-10T13:00:00Z,4,tablet
"""


@pytest.fixture
def lake(shop: Shop) -> Shop:
    """The shop with four sessions: a phone, a tablet, and two of which nobody knows."""
    pytest.importorskip("duckdb", reason="no duckdb: install the extra evidence")
    shop.settings(LAKE)
    shop.write("events.csv", EVENTS)
    return shop


@pytest.mark.parametrize(
    ("by", "entered"),
    [
        ("segment", {"phones": 1, "the rest": 3}),
        ("device", {"phone": 1, "tablet": 1, "not known": 2}),
    ],
)
def test_sessions_of_no_value_are_not_called_all(
    lake: Shop, by: str, entered: dict[str, int]
) -> None:
    asked = ("funnel", "shop", "--by", by, "--as-of", DAY)
    done = lake.run(*asked)
    assert done.code == 0, done.err
    lines = [line for line in done.out.splitlines() if line.startswith("pay")]
    assert {name for name in entered if any(name in line for line in lines)} == set(entered)
    assert "all" not in done.out
    rows = json.loads(lake.run(*asked, "--format", "json").out)["rows"]
    assert {one["group"]: one["entered"] for one in rows if one["step"] == "pay"} == entered


def test_without_values_told_apart_all_sessions_are_all(lake: Shop) -> None:
    asked = ("funnel", "shop", "--as-of", DAY)
    (line, *_) = [one for one in lake.run(*asked).out.splitlines() if one.startswith("pay")]
    assert line.split()[1:3] == ["all", "4"]
    rows = json.loads(lake.run(*asked, "--format", "json").out)["rows"]
    assert {one["group"] for one in rows} == {""}


READ = """
[[metric]]
id = "pay-lost"
flow = "shop"
step = "pay"
kind = "drop_off"
reference = 0.1
source = "lake"
"""


def test_a_sync_of_events_that_no_metric_reads_says_what_is_missing(lake: Shop) -> None:
    done = lake.run("sync")
    assert done.code == 0, done.err
    said = "lake gave no daily readings: no metric has it as its source."
    assert f'{said} To have them, write source = "lake" under a [[metric]].' in done.err
    assert said not in lake.run("-q", "sync").err


def test_a_sync_of_events_that_are_only_compared_says_that_these_are_counted(lake: Shop) -> None:
    lake.settings(LAKE.replace("[warehouse.lake]", '[warehouse.lake]\ncompare = ["pay-errors"]'))
    said = "no metric has it as its source (what its compare names is counted all the same)."
    assert said in lake.run("sync").err


def test_a_sync_of_events_that_a_metric_reads_says_nothing_is_missing(lake: Shop) -> None:
    lake.settings(LAKE + READ)
    done = lake.run("sync")
    assert done.code == 0, done.err
    assert "daily readings" not in done.err
