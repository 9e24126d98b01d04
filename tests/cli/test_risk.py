"""`debtplan plan --risk`, and the settings and files behind simulated costs."""

import json
from typing import Any

import pytest

from tests.cli.shop import DAY, SETTINGS, Shop

FITTED = "fitted to 5 finished items"


def planned(shop: Shop, *more: str) -> dict[str, Any]:
    """The plan as JSON."""
    assert shop.run("sync").code == 0
    done = shop.run("plan", "--as-of", DAY, "--format", "json", *more)
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


@pytest.mark.slow
def test_a_plan_for_the_bad_worlds_is_asked_for_by_an_option(shop: Shop) -> None:
    plan = planned(shop, "--risk", "cvar")
    assert plan["inputs"]["risk"] == {"measure": "cvar", "alpha": 0.2}
    assert plan["robust"]["status"] == "optimal"
    assert planned(shop)["robust"] is None


@pytest.mark.slow
def test_the_table_says_what_was_optimised_and_how_likely_the_reserve_is_overrun(
    shop: Shop,
) -> None:
    shop.run("sync")
    done = shop.run("plan", "--as-of", DAY, "--risk", "cvar")
    said = " ".join(done.out.split())
    assert "Chosen for the bad worlds, not for the expected relief" in said
    assert "simulated worlds this work costs more than the reserve of" in said


@pytest.mark.slow
def test_the_settings_may_ask_for_it_and_the_option_goes_before_them(shop: Shop) -> None:
    shop.write("debtplan.toml", f'{SETTINGS}\n[plan]\nrisk = "cvar"\ncvar_alpha = 0.5\n')
    assert planned(shop)["robust"]["alpha"] == 0.5
    assert planned(shop, "--risk", "expected")["robust"] is None


@pytest.mark.slow
def test_all_teams_are_planned_for_the_bad_worlds_too(shop: Shop) -> None:
    shop.run("sync")
    done = shop.run("plan", "--as-of", DAY, "--all-teams", "--risk", "cvar", "-o", "out")
    assert done.code == 0, done.err
    made = json.loads((shop.folder / "out" / "shop" / "plan.json").read_text(encoding="utf-8"))
    assert made["inputs"]["risk"]["measure"] == "cvar"


@pytest.mark.slow
def test_a_report_for_the_bad_worlds_is_proven_again(shop: Shop) -> None:
    planned(shop, "--risk", "cvar", "-o", "plan.json")
    done = shop.run("verify", "plan.json")
    assert done.code == 0, done.said


@pytest.mark.parametrize("word", ["worst", "CVaR", ""])
def test_another_word_for_risk_is_refused_with_those_there_are(shop: Shop, word: str) -> None:
    done = shop.run("plan", "--risk", word)
    assert done.code == 2
    assert "expected, cvar" in done.err


@pytest.mark.slow
def test_what_finished_items_took_comes_from_a_file_of_the_settings(shop: Shop) -> None:
    rows = "\n".join(f"A-9{n},2,{2 + n}" for n in range(5))
    shop.write("actuals.csv", f"key,estimate,actual\n{rows}\nA-99,0,3\n")
    named = SETTINGS.replace("capacity = 40", 'capacity = 40\nactuals = "actuals.csv"')
    shop.write("debtplan.toml", named)
    plan = planned(shop)
    assert FITTED in plan["overrun"]["basis"]
    assert [one["ref"] for one in plan["skipped"] if "actuals" in one["ref"]]
