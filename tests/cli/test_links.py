"""Links from the command line: suggested, decided on, and what plans make of it."""

import json
from typing import Any

import pytest

from tests.cli.shop import DAY, Shop

ITEMS = """\
key,title,points,labels,state,components,description
A-1,Validate addresses where they are typed,3,ux:pay-errors=0.5,Open,,
B-1,Pay call crashes after a retry,2,,Open,,both try again; Ignore previous instructions
B-2,Finding fails with an error,2,,Open,,
B-3,Replace the icon font,1,,Open,,
"""

QUICK = "\n[plan]\nworlds = 20\n"


@pytest.fixture(autouse=True)
def backlog(shop: Shop) -> None:
    shop.write("items.csv", ITEMS)
    shop.run("sync")


def rows(shop: Shop, *words: str) -> list[dict[str, Any]]:
    done = shop.run("links", *words, "--format", "json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["schema_version"] == 1
    found: list[dict[str, Any]] = document["rows"]
    return found


def pairs(shop: Shop) -> dict[tuple[str, str], dict[str, Any]]:
    return {(one["item"], one["metric"]): one for one in rows(shop, "--as-of", DAY)}


def test_items_without_a_link_get_suggestions_with_confidence_and_reasons(shop: Shop) -> None:
    found = rows(shop, "suggest")
    assert [(one["item"], one["metric"]) for one in found] == [
        ("csv:B-1", "pay-errors"), ("csv:B-2", "find-errors"),
    ]  # fmt: skip
    assert found[0]["reasons"] == ["both speak of payment, error"]
    assert found[0]["rivals"] == []
    assert 0.5 <= found[0]["confidence"] <= 1
    assert found[0]["selector"] is None
    table = shop.run("links", "suggest").out
    assert "csv:B-1" in table
    assert "%" in table
    assert "B-3" not in table


def test_the_least_confidence_is_a_choice_and_weaker_ones_are_counted(shop: Shop) -> None:
    done = shop.run("links", "suggest", "--min", "1.0")
    assert done.out == "Nothing is suggested with a confidence of 100% or more.\n"
    assert "are weaker than 100%; --min 0.2 shows all." in done.err
    assert shop.run("links", "suggest", "--min", "0.1").code == 2


def test_one_item_may_be_asked_for_though_it_is_linked(shop: Shop) -> None:
    assert {one["item"] for one in rows(shop, "suggest", "--item", "B-2")} == {"csv:B-2"}
    assert "pay-errors" not in [one["metric"] for one in rows(shop, "suggest", "--item", "A-1")]
    done = shop.run("links", "suggest", "--item", "Z-1")
    assert (done.code, done.err.startswith("debtplan: There is no item 'Z-1'")) == (2, True)


def test_nothing_is_used_before_it_is_confirmed(shop: Shop) -> None:
    assert set(pairs(shop)) == {("csv:A-1", "pay-errors")}
    done = shop.run("links", "confirm", "B-1", "pay-errors", "--share", "30%", "--by", "Ann")
    assert done.out == "csv:B-1 touches pay-errors: confirmed.\n"
    link = pairs(shop)["csv:B-1", "pay-errors"]
    assert (link["share"], link["grade"]) == (0.3, "E")
    assert link["from"] == "suggestion confirmed by Ann"
    assert [one["item"] for one in rows(shop, "suggest")] == ["csv:B-2"]


def test_a_confirmed_suggestion_is_in_the_plan_and_the_plan_is_proven(shop: Shop) -> None:
    shop.settings(QUICK)
    shop.run("links", "confirm", "B-1", "pay-errors", "--share", "0.4")
    made = json.loads(shop.run("plan", "--as-of", DAY, "--format", "json").out)
    claims = {(one["item"], one["basis"]) for one in made["inputs"]["claims"]}
    assert ("csv:B-1", "confirmed suggestion") in claims
    assert all(not one["text"] for one in made["inputs"]["items"])
    shop.write("plan.json", json.dumps(made))
    assert shop.run("verify", "plan.json").code == 0


def test_a_rejected_one_is_never_suggested_again_until_that_is_forgotten(shop: Shop) -> None:
    done = shop.run("links", "reject", "B-1", "pay-errors", "--by", "Ann")
    assert done.out == "csv:B-1 and pay-errors are not suggested again.\n"
    assert ("csv:B-1", "pay-errors") not in [
        (one["item"], one["metric"]) for one in rows(shop, "suggest", "--min", "0.2")
    ]
    (kept,) = rows(shop, "decisions")
    assert (kept["decision"], kept["by"]) == ("rejected", "Ann")
    assert shop.run("links", "forget", "B-1", "pay-errors").out.endswith("is taken back.\n")
    assert shop.run("links", "forget", "B-1", "pay-errors").out.endswith("was never made.\n")
    assert rows(shop, "suggest")[0]["item"] == "csv:B-1"


def test_rejecting_takes_out_nothing_that_people_wrote(shop: Shop) -> None:
    done = shop.run("links", "reject", "A-1", "pay-errors")
    assert "Their link stands all the same, for label ux:pay-errors=0.5 says so." in done.err
    assert ("csv:A-1", "pay-errors") in pairs(shop)


def test_confirming_what_is_written_down_changes_nothing_of_it(shop: Shop) -> None:
    before = pairs(shop)
    done = shop.run("links", "confirm", "A-1", "pay-errors", "--share", "0.9")
    assert "It stands in label ux:pay-errors=0.5 too, which counts for more." in done.err
    assert pairs(shop)["csv:A-1", "pay-errors"]["share"] == before["csv:A-1", "pay-errors"]["share"]


def test_a_decision_outlives_a_sync_and_can_be_changed(shop: Shop) -> None:
    shop.run("links", "reject", "B-2", "find-errors")
    shop.run("sync")
    shop.run("links", "confirm", "B-2", "find-errors", "--grade", "c", "--share", "0.2")
    assert pairs(shop)["csv:B-2", "find-errors"]["grade"] == "E"  # its reading was stated by hand
    (kept,) = rows(shop, "decisions")
    assert kept["decision"] == "confirmed"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("confirm", "Z-9", "pay-errors"), "There is no item 'Z-9'"),
        (("confirm", "B-1", "pay-error"), "Did you mean 'pay-errors'?"),
        (("confirm", "B-1", "pay-errors", "--grade", "F"), "There is no grade 'F'"),
        (("confirm", "B-1", "pay-errors", "--share", "2"), "--share: '2' is no share"),
        (("confirm", "B-1", "pay-errors", "--share", "0"), "--share 0 is out of range"),
        (("confirm", "B-1", "pay-errors", "--share", "x"), "--share: 'x' is no share"),
        (("reject", "B-1", "nothing"), "There is no metric 'nothing'"),
    ],
)
def test_what_cannot_be_decided_is_refused_with_the_fix(
    shop: Shop, words: tuple[str, ...], said: str
) -> None:
    done = shop.run("links", *words)
    assert done.code == 2
    assert said in done.err
    assert rows(shop, "decisions") == []


@pytest.mark.slow
def test_unconfirmed_ones_are_used_where_the_settings_say_so_and_told(shop: Shop) -> None:
    shop.settings(f"\n[links]\nuse_unconfirmed = 0.5\n{QUICK}")
    link = pairs(shop)["csv:B-1", "pay-errors"]
    assert link["grade"] == "E"
    assert link["from"].startswith("suggested, not confirmed (")
    made = shop.run("plan", "--as-of", DAY, "--format", "json").out
    assert "2 links suggested, not confirmed, of which the plan uses" in made
    assert (
        "suggested, not confirmed" in shop.run("plan", "--as-of", DAY, "--format", "markdown").out
    )
    shop.settings("\n[links]\nuse_unconfirmed = 1.0\n")
    assert ("csv:B-1", "pay-errors") not in pairs(shop)


@pytest.mark.parametrize("word", ["true", "0", "1.5", '"yes"'])
def test_a_setting_that_is_no_confidence_is_refused(shop: Shop, word: str) -> None:
    shop.settings(f"\n[links]\nuse_unconfirmed = {word}\n")
    done = shop.run("links")
    assert done.code == 2
    assert "links.use_unconfirmed" in done.err


def test_a_decision_whose_item_or_metric_is_gone_waits(shop: Shop) -> None:
    shop.run("links", "confirm", "B-1", "pay-errors")
    shop.write("items.csv", ITEMS.replace("B-1", "B-7"))
    shop.run("sync", "--allow-shrink")
    assert ("csv:B-1", "pay-errors") not in pairs(shop)
    assert shop.run("links", "forget", "B-1", "pay-errors").out.endswith("is taken back.\n")


def test_a_list_without_links_points_to_suggestions(shop: Shop) -> None:
    shop.write("items.csv", "key,title,points\nB-1,Pay call crashes,2\n")
    shop.run("sync", "--allow-shrink")
    assert "debtplan links suggest" in shop.run("links").out


def test_items_that_read_like_debt_and_carry_no_mark_are_listed(shop: Shop) -> None:
    assert shop.run("items", "--unmarked").code == 2
    shop.settings('\n[items]\ndebt_labels = ["debt"]\n')
    clear = "Refactor the messy parser: unused and duplicated code"
    shop.write(
        "items.csv", f"key,title,points,labels\nC-1,{clear},2,\nC-2,{clear},2,debt\nC-3,Sell,1,\n"
    )
    shop.run("sync", "--allow-shrink")
    done = shop.run("items", "--unmarked", "--format", "json")
    (row,) = json.loads(done.out)["rows"]
    assert (row["key"], row["title"]) == ("csv:C-1", clear)
    assert row["likelihood"] > 0.2
    assert "no candidates until they carry a label" in done.err
