"""`debtplan measure`: what to find out first."""

import json

import pytest

from tests.cli.shop import DAY, ITEMS, Shop


def test_it_lists_what_is_missing_with_its_worth_and_what_it_takes(shop: Shop) -> None:
    done = shop.synced("measure")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0].split()[:4] == ["key", "missing", "worth", "takes"]
    assert "worth: frustrated sessions a sprint." in done.err
    listed = shop.synced("measure", "--format", "json")
    assert "worth: frustrated" not in listed.said
    document = json.loads(listed.out)
    assert document["schema_version"] == 1
    rows = {(one["key"], one["missing"]): one for one in document["rows"]}
    assert rows["csv:A-4", "a link to a metric"]["worth"] is not None
    assert rows["csv:A-5", "an estimate"]["takes"] == "estimate it"
    assert rows["csv:A-5", "an estimate"]["worth"] >= 0
    worths = [one["worth"] for one in document["rows"] if one["worth"] is not None]
    assert worths == sorted(worths, reverse=True)


@pytest.mark.slow
def test_what_changes_nothing_is_called_that(shop: Shop) -> None:
    shop.write("items.csv", "key,title,points,labels\nA-1,One,1,ux:pay-errors=0.5\nA-9,Big,90,\n")
    shop.run("sync")
    done = shop.run("measure", "--as-of", DAY)
    assert "would not change the plan, whatever" in done.err


def test_a_plan_tells_the_same_worths(shop: Shop) -> None:
    shop.settings("\n[plan]\nworlds = 20\n")
    shop.run("sync")
    plan = json.loads(shop.run("plan", "--as-of", DAY, "--format", "json").out)
    listed = json.loads(shop.run("measure", "--as-of", DAY, "--format", "json").out)["rows"]
    known = {(one["key"], one["missing"], one["why"]): one["worth"] for one in listed}
    told = [one for one in plan["measure_first"] if one["worth"] is not None]
    assert told
    for one in told:
        assert one["worth"] == known[one["key"], one["missing"], one["why"]]


def test_with_nothing_missing_it_says_so(shop: Shop) -> None:
    readings = '\n[metrics.csv]\npath = "readings.csv"\n'
    assert ITEMS.count("ux:") == 4
    text = "key,title,points,labels\nA-1,One,1,ux:pay-errors=0.5\n"
    shop.write("items.csv", text)
    shop.write("readings.csv", "metric,date,bad,total\npay-errors,2026-11-10,500,10000\n")
    shop.settings(readings)
    shop.run("sync", "--allow-shrink")
    assert "no weak number would change it" in shop.run("measure", "--as-of", DAY).out
