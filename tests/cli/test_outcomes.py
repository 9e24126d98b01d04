"""`debtplan outcomes` on the command line, and what verdicts do to plans and runs."""

import json
from datetime import date
from typing import Any

import pytest

from debtplan.bootstrap import adapters
from debtplan.core.effect import Effect
from debtplan.core.judge import judge
from debtplan.core.placebo import Placebo
from debtplan.core.source import Record, SourceState
from debtplan.core.verdict import Outcome
from debtplan.store import open_store
from tests.cli.shop import DAY, Ran, Shop
from tests.court import at, case, days, forecast, readings, release

LATER = "2026-08-01"


def data(ran: Ran) -> dict[str, Any]:
    assert ran.code == 0, ran.said
    found: dict[str, Any] = json.loads(ran.out)
    return found


def seed(shop: Shop, guard: float = 0.0) -> None:
    """Keep a promise on A-1, its release, and the readings around it."""
    found: list[Record] = [
        *readings("pay-errors", days(-0.15)),
        *readings("find-errors", days(guard, seed=4, share=0.1)),
        release("csv:A-1"),
    ]
    promise = forecast(
        item="csv:A-1", metric="pay-errors", team="shop", guardrails=("find-errors",)
    )
    with open_store("sqlite:///debtplan.db", shop.folder) as store:
        store.save_source(SourceState(name="seed"), found)
        store.save_forecasts([promise])


def judged(shop: Shop, count: int, change: float) -> None:
    """Keep verdicts that all came out alike."""
    made = [forecast(plan_id=f"p{n}", item=f"csv:B-{n}", team="shop") for n in range(count)]
    effect = Effect(effect=change, error=0.002, low=change - 0.004, high=change + 0.004, observed=0)
    with open_store("sqlite:///debtplan.db", shop.folder) as store:
        store.save_forecasts(made)
        store.save_verdicts(
            one for each in made for one in judge(case(each), effect, (), (), at(date(2026, 8, 1)))
        )


def test_without_an_approved_plan_there_is_nothing_to_judge(shop: Shop) -> None:
    done = shop.run("outcomes")
    assert done.code == 0
    assert done.out == "No forecast is kept yet; `debtplan approve` keeps those of a plan.\n"


@pytest.mark.slow
def test_an_approval_keeps_promises_that_wait_for_their_release(shop: Shop) -> None:
    assert shop.synced("plan").code == 0
    assert shop.run("approve", "--by", "Ann").code == 0
    found = data(shop.run("outcomes", "--format", "json"))
    assert found["schema_version"] == 1
    assert found["rows"] == []
    assert {one["item"] for one in found["pending"]} >= {"csv:A-1"}
    assert {one["why"] for one in found["pending"]} == {"is not released yet"}
    table = shop.run("outcomes").out
    assert "NOT JUDGED YET" in table
    assert "Is not released yet." in table


def test_a_released_promise_is_judged_in_words(shop: Shop) -> None:
    shop.run("sync")
    seed(shop)
    done = shop.run("outcomes", "--as-of", LATER)
    assert done.code == 0, done.said
    said = " ".join(done.out.split())
    assert "Not calibrated yet: 1 forecast has been measured, 5 are needed" in said
    assert "FORECAST AND WHAT HAPPENED" in said
    assert "A-1" in said
    assert " moved " in said
    assert "At the release the share changed by" in said
    found = data(shop.run("outcomes", "--as-of", LATER, "--format", "json"))
    (row,) = found["rows"]
    assert (row["outcome"], row["title"]) == ("moved", "Validate addresses where they are typed")
    assert row["realised_low"] < row["realised"] < row["realised_high"]


def test_an_alarm_stands_first(shop: Shop) -> None:
    shop.run("sync")
    seed(shop, guard=0.3)
    text = shop.run("outcomes", "--as-of", LATER, "--format", "markdown").out
    assert text.index("## Got worse elsewhere") < text.index("## Forecast and what happened")
    assert "find-errors got worse" in text


def test_outcomes_are_written_to_files(shop: Shop) -> None:
    shop.run("sync")
    seed(shop)
    done = shop.run("outcomes", "--as-of", LATER, "-o", "outcomes.json", "-o", "outcomes.md")
    assert done.code == 0, done.said
    assert json.loads((shop.folder / "outcomes.json").read_text())["rows"]
    assert (shop.folder / "outcomes.md").read_text().startswith("# What came of what was promised")


def test_a_form_or_team_that_is_none_is_a_mistake_of_usage(shop: Shop) -> None:
    assert shop.run("outcomes", "--format", "pdf").code == 2
    assert shop.run("outcomes", "--team", "nobody").code == 2


@pytest.mark.slow
def test_five_verdicts_correct_the_next_plan_and_it_can_be_proven(shop: Shop) -> None:
    plain = data(shop.synced("plan", "--format", "json"))
    judged(shop, 6, -0.006)  # a fifth of the claimed 3 points
    found = data(shop.run("plan", "--as-of", DAY, "--format", "json", "-o", "plan.json"))
    factors = {term["calibration"] for one in found["chosen"] for term in one["terms"]}
    assert all(0.2 < factor < 0.8 for factor in factors)
    assert found["ux_value"] < plain["ux_value"]
    assert found["inputs"]["calibration"]["verdicts"] == 6
    assert shop.run("verify", "plan.json").code == 0
    line = data(shop.run("outcomes", "--format", "json"))["line"]
    assert line.startswith("The last 6 forecasts delivered 0.")
    assert line.endswith("of what was claimed; today's values are already reduced by that.")


@pytest.mark.slow
def test_verdicts_of_later_days_change_no_plan_of_before(shop: Shop) -> None:
    shop.run("sync")
    judged(shop, 6, -0.006)
    early = data(shop.run("plan", "--as-of", "2026-07-20", "--format", "json"))
    assert early["inputs"]["calibration"] is None


@pytest.mark.slow
def test_a_run_judges_too_and_says_so_in_its_line(shop: Shop) -> None:
    shop.run("sync")
    seed(shop)
    series = {"pay-errors": days(-0.15), "find-errors": days(seed=4, share=0.1)}
    rows = "".join(
        f"{name},{one.on},{round(4_000 * one.share)},4000\n"
        for name, found in series.items()
        for one in found
    )
    shop.write("readings.csv", f"metric,date,bad,total\n{rows}")
    shop.write("releases.csv", "id,released_at,name,items\nr1,2026-06-15T09:00:00Z,R1,A-1\n")
    shop.settings('[metrics.csv]\npath = "readings.csv"\n[releases.csv]\npath = "releases.csv"\n')
    done = shop.run("run", "--as-of", LATER, "--no-notify")
    assert "1 forecast was judged: 1 " in done.out, done.said
    account = json.loads((shop.folder / "plans" / "run.json").read_text())
    assert account["judged"].startswith("1 forecast was judged")


def test_what_did_not_come_is_told_apart(shop: Shop) -> None:
    shop.run("sync")
    with open_store("sqlite:///debtplan.db", shop.folder) as store:
        store.save_source(SourceState(name="seed"), readings("pay-errors", days()))
        store.save_forecasts(
            [forecast(item="csv:A-1", metric="pay-errors", team="shop", due_on=date(2026, 6, 12))]
        )
    found = data(shop.run("outcomes", "--as-of", LATER, "--format", "json"))
    assert found["rows"] == []
    (row,) = found["undone"]
    assert (row["item"], row["due_on"], row["outcome"]) == ("csv:A-1", "2026-06-12", "not_moved")
    assert found["drift"]["placebos"] == 1
    assert "From 5 on verdicts are corrected by that" in found["drift_line"]
    exported = shop.run("export", "out", "--as-of", LATER)
    assert exported.code == 0, exported.said
    assert "csv:A-1" in (shop.folder / "out" / "placebos.csv").read_text()


@pytest.mark.slow
def test_the_next_plan_holds_what_was_taken_off(shop: Shop) -> None:
    shop.run("sync")
    judged(shop, 6, -0.03)
    plain = data(shop.run("plan", "--as-of", LATER, "--format", "json"))["inputs"]["calibration"]
    assert plain["drift"] is None
    placebos = [
        Placebo(
            plan_id=f"q{n}", item="csv:C-1", metric="m", judged_at=at(date(2026, 7, 20)),
            due_on=date(2026, 6, 12), outcome=Outcome.NOT_MOVED, realised=0.1, realised_error=0.02,
        )
        for n in range(6)
    ]  # fmt: skip
    with open_store("sqlite:///debtplan.db", shop.folder) as store:
        store.save_placebos(placebos)
    told = data(shop.run("plan", "--as-of", LATER, "--format", "json"))["inputs"]["calibration"]
    assert told["drift"]["mean"] > 0.05
    assert told["delivered"]["mean"] < plain["delivered"]["mean"] - 0.1


@pytest.mark.slow
def test_the_next_plan_tells_what_waits_and_is_the_same_plan(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters, "now", lambda: at(date.fromisoformat(DAY)))
    first = data(shop.synced("plan", "--format", "json"))
    assert first["inputs"]["outcomes"]["pending"] == []
    assert shop.run("approve", "--by", "Ann").code == 0
    again = data(shop.run("plan", "--as-of", DAY, "--format", "json"))
    assert {one["item"] for one in again["inputs"]["outcomes"]["pending"]} >= {"csv:A-1"}
    assert again["digest"] == first["digest"]


@pytest.mark.slow
def test_a_report_shows_the_verdicts_that_the_store_holds(shop: Shop) -> None:
    shop.run("sync")
    seed(shop)
    assert shop.run("outcomes", "--as-of", LATER).code == 0
    done = shop.run("plan", "--as-of", LATER, "--format", "markdown")
    assert done.code == 0, done.said
    said = done.out.partition("## Did it work?")[2].partition("## For those who check")[0]
    assert "Not calibrated yet: 1 forecast has been measured, 5 are needed" in said
    assert "| A-1 |" in said
    assert "| moved |" in said
