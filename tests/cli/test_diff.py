"""Plans beside others on the command line: approve, diff, plan --what-if."""

import json
from typing import Any

import pytest

from tests.cli.shop import DAY, ITEMS, Shop

MORE = "\n[plan]\nkeep_within = {}\n"


def planned(shop: Shop) -> str:
    """Make a plan and return its id."""
    done = shop.synced("plan", "--format", "json")
    assert done.code == 0, done.said
    return str(json.loads(done.out)["plan_id"])


def chosen(shop: Shop, *words: str) -> list[str]:
    done = shop.run("plan", "--as-of", DAY, "--format", "json", *words)
    assert done.code == 0, done.said
    return sorted(one["key"] for one in json.loads(done.out)["chosen"])


def test_a_plan_is_approved_and_the_next_ones_are_held_against_it(shop: Shop) -> None:
    name = planned(shop)
    done = shop.run("approve", "--by", "Ann")
    assert (done.code, f"Plan {name} is approved by Ann" in done.out) == (0, True), done.said
    again = shop.run("plan", "--as-of", DAY)
    assert "CHANGES SINCE THE APPROVED PLAN\nApproved by Ann on" in again.out
    assert "which is this one" in " ".join(again.out.split())
    assert planned(shop) == name  # the same plan, not a new one that nobody approved
    shop.settings(changes={"capacity = 40": 'capacity = 40\nforbidden = { A-2 = "sold" }'})
    changed = shop.run("diff", "--as-of", DAY, "--detailed-exitcode")
    assert changed.code == 3
    assert "rule: it is ruled out now: sold" in changed.out
    assert "Goes out\n  A-2" in changed.out


@pytest.mark.slow
def test_the_first_plan_of_a_sprint_has_nothing_to_be_held_against(shop: Shop) -> None:
    assert "CHANGES SINCE" not in shop.synced("plan").out
    again = shop.run("plan", "--as-of", DAY)
    assert "CHANGES SINCE THE LAST SAVED PLAN" in again.out
    assert "none is approved for this sprint" in again.out


@pytest.mark.slow
def test_a_plan_that_is_named_is_not_called_the_last_one_nor_unapproved(shop: Shop) -> None:
    shop.synced("plan", "-o", "first.json")
    shop.write("items.csv", ITEMS.replace("timed out,2", "timed out,5"))
    shop.synced("plan")
    assert shop.run("approve", "--by", "Ann").code == 0
    done = shop.run("diff", "first.json", "--as-of", DAY)
    assert done.code == 0, done.err
    assert done.out.startswith("CHANGES SINCE THE PLAN NAMED\nMade on")
    assert "none is approved" not in " ".join(done.out.split())


def test_nothing_to_compare_with_is_said(shop: Shop) -> None:
    done = shop.synced("diff")
    assert (done.code, "nothing to compare with" in done.err) == (2, True)
    assert shop.run("approve", "--by", "Ann").code == 2


@pytest.mark.slow
def test_two_named_plans_are_compared_whether_kept_or_in_a_file(shop: Shop) -> None:
    first = planned(shop)
    shop.write("items.csv", ITEMS.replace("timed out,2", "timed out,5"))
    shop.synced("plan", "-o", "new.json")
    done = shop.run("diff", first, "new.json", "--format", "json")
    assert done.code == 0, done.said
    found = json.loads(done.out)
    assert found["schema_version"] == 1
    assert found["compared"]["plan_id"] == first
    causes = {one["key"]: (one["what"], one["cause"]) for one in found["changes"]}
    assert causes["csv:A-2"][1] == "estimate"


@pytest.mark.parametrize("name", ["no-such-plan", "items.csv"])
@pytest.mark.slow
def test_what_is_no_plan_is_not_compared(shop: Shop, name: str) -> None:
    planned(shop)
    done = shop.run("diff", name, "--as-of", DAY)
    assert done.code == 2
    assert name in done.err


@pytest.mark.slow
def test_a_document_that_was_changed_or_never_kept_is_not_approved(shop: Shop) -> None:
    planned(shop)
    shop.run("plan", "--as-of", DAY, "-o", "plan.json")
    good = (shop.folder / "plan.json").read_text()
    shop.write("forged.json", good.replace('"digest": "', '"digest": "0'))
    forged = shop.run("approve", "forged.json", "--by", "Ann")
    assert (forged.code, "is not among the plans made here" in forged.err) == (2, True)
    bent = json.loads(good)
    bent["ux_value"] += 1
    shop.write("bent.json", json.dumps(bent))
    refused = shop.run("approve", "bent.json", "--by", "Ann")
    assert (refused.code, "does not hold" in refused.err) == (1, True)
    assert "CHANGES SINCE THE LAST SAVED" in shop.run("plan", "--as-of", DAY).out
    assert shop.run("approve", "plan.json", "--by", "Ann").code == 0
    assert shop.run("approve", "plan.json", "--by", " \n ").code == 2


@pytest.mark.slow
def test_the_approved_plan_is_kept_within_the_setting_and_the_plan_says_at_what_price(
    shop: Shop,
) -> None:
    before = sorted(chosen_first(shop))
    shop.run("approve", "--by", "Ann")
    shop.write(
        "items.csv",
        ITEMS.replace("A-4,Replace the icon font,1,,", "A-4,Font,1,ux:find-errors=0.45,"),
    )
    shop.run("sync")
    free = chosen(shop)
    assert free != before
    shop.settings(MORE.format(0.9))
    assert chosen(shop) == before
    told = shop.run("plan", "--as-of", DAY)
    assert f"Kept {len(before)} items of the approved plan" in " ".join(told.out.split())
    shop.run("plan", "--as-of", DAY, "-o", "plan.json")
    assert shop.run("verify", "plan.json").code == 0


def chosen_first(shop: Shop) -> list[str]:
    shop.run("sync")
    return chosen(shop)


@pytest.mark.parametrize("text", ["1.0", "-0.1", '"much"'])
def test_a_part_that_may_not_be_given_up_is_refused(shop: Shop, text: str) -> None:
    shop.settings(MORE.format(text))
    done = shop.run("plan", "--as-of", DAY)
    assert (done.code, "keep_within" in done.err) == (2, True)


@pytest.mark.slow
def test_what_if_stands_beside_the_plan_and_is_not_saved(shop: Shop) -> None:
    name = planned(shop)
    done = shop.run("plan", "--as-of", DAY, "--what-if", "forbid:A-2", "--what-if", "points:A-3=1")
    assert done.code == 0, done.said
    assert done.out.startswith("WHAT IF forbid:A-2 and points:A-3=1")
    assert "as it stands" in done.out
    assert "Goes out\n  A-2" in done.out
    assert "Each by itself" in done.out
    assert "Nothing was saved" in done.out
    assert "which is this one" not in done.out
    assert planned(shop) == name
    found = json.loads(
        shop.run("plan", "--as-of", DAY, "--what-if", "pin:A-4", "--format", "json").out
    )
    assert found["what_if"][0]["text"] == "pin:A-4"
    assert "csv:A-4" in {one["key"] for one in found["alternative"]["chosen"]}
    assert "csv:A-4" not in {one["key"] for one in found["standing"]["chosen"]}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--what-if", "reserv=0.1"), 2, "Did you mean reserve=0.12?"),
        (("--what-if", "points:A-22=1"), 2, "A-2"),
        (("--what-if", "pin:A-1", "-o", "plan.json"), 2, "--output does not go with --what-if"),
        (("--what-if", "pin:A-1", "--detailed-exitcode"), 2, "does not go with --what-if"),
        (("--what-if", "pin:A-1", "--all-teams"), 2, "--all-teams does not go with --what-if"),
        (("--what-if", "pin:A-1", "--format", "html"), 2, "no format 'html'"),
        (("--what-if", "pin:A-1", "--what-if", "points:A-1=39"), 6, "A-1 is pinned"),
    ],
)
@pytest.mark.slow
def test_a_question_that_cannot_be_answered_says_why(
    shop: Shop, words: tuple[str, ...], code: int, said: str
) -> None:
    done = shop.synced("plan", *words)
    assert (done.code, said in done.err) == (code, True), done.said
    assert not (shop.folder / "plan.json").exists()


@pytest.mark.slow
def test_hostile_titles_and_names_reach_no_terminal(shop: Shop) -> None:
    shop.write("items.csv", ITEMS.replace("Retry a payment", "\x1b[31mRetry \u202e"))
    planned(shop)
    assert shop.run("approve", "--by", "\x1b]0;Ann\x07").code == 0
    shop.settings(changes={"capacity = 40": 'capacity = 40\nforbidden = { A-2 = "\u202eno" }'})
    done = shop.run("diff", "--as-of", DAY)
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert "A-2" in done.out


@pytest.mark.slow
def test_a_scheduled_run_leaves_the_approved_plan_and_tells_what_another_one_changes(
    shop: Shop,
) -> None:
    def ran() -> dict[str, Any]:
        done = shop.run("run", "--as-of", DAY, "--no-notify")
        assert done.code == 0, done.said
        told = json.loads((shop.folder / "plans" / "run.json").read_text())["teams"][0]
        name = shop.folder / "plans" / told["files"][0]
        return {**told, "plan": json.loads(name.read_text())}

    first = ran()
    shop.write("items.csv", ITEMS.replace("timed out,2", "timed out,4"))
    second = ran()
    assert second["digest"] != first["digest"]
    assert second["plan"]["compared"]["digest"] == first["digest"]
    assert "estimate" in {one["cause"] for one in second["plan"]["changes"]}
    assert shop.run("approve", "--by", "Ann").code == 0
    shop.write("items.csv", ITEMS)
    third = ran()
    assert (third["is_approved"], third["digest"]) == (True, second["digest"])


@pytest.mark.slow
def test_a_kept_plan_does_not_claim_that_no_set_is_worth_more(shop: Shop) -> None:
    chosen_first(shop)
    shop.run("approve", "--by", "Ann")
    better = ITEMS.replace("A-4,Replace the icon font,1,,", "A-4,Font,1,ux:find-errors=0.45,")
    shop.write("items.csv", better)
    shop.settings(MORE.format(0.9))
    shop.run("sync")
    told = " ".join(shop.run("plan", "--as-of", DAY).out.split())
    assert "no allowed set of items is worth more" not in told
    assert "nearer to the approved plan; the best set is worth" in told
