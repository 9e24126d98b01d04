"""Scans from the command line: listed with unit and direction, worth nothing by themselves."""

import csv
import json

import pytest

from tests.cli.shop import DAY, ITEMS, Shop

SIGNALS = """
[[metric]]
id = "raw"
name = "Raw values"
flow = "shop"
step = "pay"
kind = "off_token"
target = 5

[metrics.stylelint]
path = "scans"
metric = "raw"
"""


def styles(count: int) -> str:
    return json.dumps([{"source": "a.css", "warnings": [{"rule": "color-no-hex"}] * count}])


@pytest.fixture
def scanned(shop: Shop) -> Shop:
    """The shop with two scans and an item that is linked to them alone."""
    shop.settings(SIGNALS)
    shop.write("items.csv", f"{ITEMS}A-6,Use the tokens,2,ux:raw=0.5,Open,\n")
    shop.write("scans/2026-11-19.json", styles(40))
    shop.write("scans/2026-11-20.json", styles(42))
    return shop


def test_metrics_list_them_with_level_target_unit_and_direction(scanned: Shop) -> None:
    rows = json.loads(scanned.synced("metrics", "--format", "json").out)["rows"]
    found = {one["metric"]: one for one in rows}
    raw = found["raw"]
    assert (raw["harm"], raw["level"], raw["target"]) == (None, 42.0, 5.0)
    assert (raw["unit"], raw["better"]) == ("declarations", "fewer")
    assert raw["missing"] == "Raw values only speaks for links and carries no harm"
    other = found["pay-errors"]
    assert [other[name] for name in ("level", "target", "unit", "better")] == [None] * 4
    head = scanned.run("metrics", "--as-of", DAY).out.splitlines()[0].split()
    assert head[-4:] == ["level", "target", "unit", "better"]


def test_where_there_are_none_the_list_is_as_before(shop: Shop) -> None:
    assert "better" not in shop.synced("metrics").out


@pytest.mark.slow
def test_a_plan_is_worth_the_same_with_them_and_the_item_is_told_what_it_lacks(
    scanned: Shop,
) -> None:
    assert scanned.synced("plan", "-o", "with.json", "-o", "with.md").code == 0
    told = json.loads((scanned.folder / "with.json").read_text("utf-8"))
    passed = {one["key"]: one for one in told["passed_over"]}
    assert passed["csv:A-6"]["reason"] == "no_link"
    assert "Raw values only speaks for links" in passed["csv:A-6"]["detail"]
    assert "The harm of Raw values" not in (scanned.folder / "with.md").read_text("utf-8")
    assert scanned.run("verify", "with.json").code == 0
    scanned.settings()
    scanned.write("items.csv", ITEMS)
    assert scanned.synced("plan", "-o", "without.json").code == 0
    bare = json.loads((scanned.folder / "without.json").read_text("utf-8"))
    assert told["ux_value"] == bare["ux_value"]


@pytest.mark.slow
def test_the_report_says_where_they_stand(scanned: Shop) -> None:
    assert scanned.synced("plan", "-o", "report.html").code == 0
    page = (scanned.folder / "report.html").read_text("utf-8")
    assert "Only speaks for links: 42 declarations, target 5, fewer is better" in page


def test_the_export_carries_them_as_readings_and_their_level(scanned: Shop) -> None:
    assert scanned.synced("export", "tables").code == 0
    folder = scanned.folder / "tables"
    with (folder / "readings.csv").open(encoding="utf-8", newline="") as file:
        rows = [one for one in csv.DictReader(file) if one["metric"] == "raw"]
    assert [(one["form"], one["found"], one["start_at"]) for one in rows] == [
        ("findings", "40", "2026-11-19T00:00:00Z"),
        ("findings", "42", "2026-11-20T00:00:00Z"),
    ]
    with (folder / "harm.csv").open(encoding="utf-8", newline="") as file:
        (harm,) = [one for one in csv.DictReader(file) if one["metric"] == "raw"]
    assert (harm["harm"], harm["only_speaks"], harm["level"]) == ("", "true", "42")


def test_files_of_another_scanner_are_said_in_one_sentence(scanned: Shop) -> None:
    for day in ("2026-11-19", "2026-11-20"):
        scanned.write(f"scans/{day}.json", '{"violations": []}')
    done = scanned.run("sync", "stylelint")
    assert done.code != 0
    assert "can be used as a stylelint result: scans/2026-11-19.json is no result" in done.said


def test_a_goal_on_them_says_that_its_price_cannot_be_computed(scanned: Shop) -> None:
    done = scanned.synced("goal", "raw", "--relative", "-20%")
    assert "only speaks for links and carries no harm" in " ".join(done.said.split())


def test_a_goal_on_them_lists_nothing_that_might_help(scanned: Shop) -> None:
    for words in (("--relative", "-20%"), ("--to", "0.5")):
        done = scanned.synced("goal", "raw", *words)
        assert "DOES NOT COUNT" not in done.out.upper()
        assert "alternative" not in done.out
        route = json.loads(scanned.run("goal", "raw", *words, "--format", "json").out)
        assert route["lacking"] == []


@pytest.mark.parametrize("value", ["50%", "-3", "ten", "1e400", "", "1,000"])
def test_what_is_no_number_of_findings_is_refused(scanned: Shop, value: str) -> None:
    done = scanned.synced("goal", "raw", "--to", value)
    assert done.code == 2
    assert f"--to: {value!r} is no number of findings" in done.err
    assert "Write it as --to 10, or a change as --relative -20%." in done.err
    assert "is no share" in scanned.run("goal", "pay-errors", "--to", "10").err


@pytest.mark.parametrize("value", ["10", "0", "1000", "2.5"])
def test_a_goal_that_is_a_number_of_findings_is_answered_with_what_to_do_instead(
    scanned: Shop, value: str
) -> None:
    done = scanned.synced("goal", "raw", "--to", value)
    assert done.code == 0, done.err
    title, _, *rest = done.out.splitlines()
    said = " ".join(rest)
    assert title.endswith(f"Goal: Raw values, to {float(value):,g}")
    assert "cannot be computed: Raw values only speaks for links and carries no harm." in said
    assert "Ask for a goal on a metric of the same step that does" in said
    assert "Ask for a goal" not in scanned.run("goal", "pay-errors", "--to", "3%").out


def test_a_goal_that_is_a_number_of_findings_is_no_percentage(scanned: Shop) -> None:
    title = scanned.synced("goal", "raw", "--to", "0.5").out.splitlines()[0]
    assert title.endswith("Goal: Raw values, to 0.5")


def test_a_confirmed_link_to_them_is_said_to_carry_no_value(scanned: Shop) -> None:
    scanned.run("sync")
    done = scanned.run("links", "confirm", "A-4", "raw")
    assert done.out == "csv:A-4 touches raw: confirmed.\n"
    assert "Raw values only speaks for links: this one carries no value by itself." in done.err
    assert "no value" not in scanned.run("links", "confirm", "A-4", "pay-errors").said


def test_the_list_of_metrics_says_its_units_below_the_table_alone(shop: Shop) -> None:
    said = "harm, low, high: frustrated sessions a sprint beyond the target; sessions: a sprint."
    assert said in shop.synced("metrics").err
    assert said not in shop.run("metrics", "--as-of", DAY, "--format", "json").said
