"""`debtplan goals`: what the settings track, and the numbers of docs/goals.md."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.credit import credit_of
from debtplan.core.headway import headway_of
from debtplan.core.source import SourceState
from debtplan.store import open_store
from tests.cli.shop import Shop
from tests.core.tracks import course, days, seen, stepped, verdict
from tests.court import at, forecast, release
from tests.docs.page import DOCS, REPOSITORY, section

GOAL = """\

[metrics.readings]
type = "csv"
path = "readings.csv"

[[metric]]
id = "lost"
name = "Lost at payment"
flow = "shop"
step = "pay"
kind = "drop_off"
reference = 1.0

[[goal]]
id = "fifth"
name = "A fifth fewer lost"
metric = "lost"
relative = "-20%"
baseline = { start_on = 2026-07-06, end_on = 2026-09-27 }
start_on = 2026-10-01
by = 2026-12-31
"""


@pytest.fixture
def tracked(shop: Shop) -> Shop:
    """The shop with a goal that November reaches."""
    shop.settings(GOAL)
    rows = ["metric,date,bad,total"]
    for on in days(date(2026, 7, 6), date(2026, 12, 20)):
        level = 0.4 if on < date(2026, 10, 20) else 0.3
        wander = 1.01 if on.toordinal() % 2 else 0.99
        rows.append(f"lost,{on},{round(10_000 * level * wander)},10000")
    shop.write("readings.csv", "\n".join(rows))
    assert shop.run("sync").code == 0
    return shop


def test_a_goal_is_listed_in_one_line(tracked: Shop) -> None:
    done = tracked.run("goals", "--as-of", "2026-12-05")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0].split() == [
        *("goal", "until", "before", "now", "change", "attributable", "chance", "status")
    ]
    assert len(done.out.splitlines()) == 3
    assert "A fifth fewer lost, −20%  31 Dec 2026  40%     30%" in done.out
    assert "reached in month 2, by 30 Nov 2026" in done.out
    assert "note: fifth: no verdict on a released item" in done.err


def test_the_day_decides_what_is_known(tracked: Shop) -> None:
    said = {
        day: tracked.run("goals", "--as-of", day).out.splitlines()[-1]
        for day in ("2026-10-05", "2026-11-20", "2026-12-02")
    }
    assert said["2026-10-05"].endswith("too early to tell")
    assert said["2026-11-20"].endswith("under way")
    assert "reached in month 2" in said["2026-12-02"]


def test_the_json_form_holds_every_month(tracked: Shop) -> None:
    done = tracked.run("goals", "--format", "json", "--as-of", "2026-11-20")
    found: dict[str, Any] = json.loads(done.out)
    assert found["schema_version"] == 1
    (row,) = found["rows"]
    assert row["status"] == "under_way"
    assert row["chance"] > 0.9
    assert [month["number"] for month in row["months"]] == [1, 2, 3]
    assert row["attributable"] is None


def test_outcomes_show_goals_even_without_a_forecast(tracked: Shop) -> None:
    done = tracked.run("outcomes", "--as-of", "2026-12-05")
    assert done.code == 0, done.err
    assert "GOAL: A FIFTH FEWER LOST, −20%" in done.out
    written = tracked.run("outcomes", "--as-of", "2026-12-05", "--format", "json")
    assert json.loads(written.out)["goals"][0]["reached_month"] == 2


def test_a_verdict_counts_from_the_day_it_was_reached(tracked: Shop) -> None:
    told = verdict("csv:A-1", -0.1, date(2026, 10, 20), metric="lost")
    with open_store("sqlite:///debtplan.db", tracked.folder) as store:
        store.save_verdicts([told])
    said = [
        json.loads(tracked.run(name, "--as-of", str(day), "--format", "json").out)[rows][0]
        for name, rows in (("goals", "rows"), ("outcomes", "goals"))
        for day in (told.judged_at.date() - timedelta(days=1), told.judged_at.date())
    ]
    assert [row["attributable"] is None for row in said] == [True, False, True, False]


def test_without_a_goal_the_list_says_how_to_add_one(shop: Shop) -> None:
    assert shop.run("goals").out == "No goal is tracked; add [[goal]] to the settings.\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('metric = "lost"\n', 'metric = "found"\n', "names metric 'found', which is not declared"),
        ('relative = "-20%"', "relative = 0.2", "less than 0"),
        ('relative = "-20%"', "", "one of relative and absolute"),
        ("by = 2026-12-31", "by = 2026-09-30", "is not after"),
    ],
)
def test_a_goal_that_is_none_is_refused(shop: Shop, old: str, new: str, said: str) -> None:
    shop.settings(GOAL.replace(old, new))
    done = shop.run("goals")
    assert done.code == 2
    assert said in " ".join(done.err.split())


@pytest.mark.slow
def test_the_walk_through_of_the_goals_page_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(REPOSITORY / "sample_data", tmp_path / "sample")
    monkeypatch.chdir(tmp_path / "sample")
    shop = Shop(tmp_path / "sample")
    assert shop.run("--config", "later/debtplan.toml", "sync", "--as-of", "2027-06-02").code == 0
    words = ("goals", "--as-of", "2027-06-02", "--months")
    done = shop.run("--config", "later/debtplan.toml", *words)
    printed = [line.split() for line in done.out.splitlines()]
    quoted = [
        line.split()
        for line in (DOCS / "goals.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(("Fewer checkouts", "4, Mar", "5, Apr"))
    ]
    assert len(quoted) == 3
    assert [line for line in quoted if line not in printed] == []


def test_the_worked_example_of_the_goals_page_is_what_the_program_computes() -> None:
    page = section((DOCS / "goals.md").read_text(encoding="utf-8"), "## A worked example")
    february, april, end = date(2027, 2, 1), date(2027, 4, 1), date(2027, 5, 1)
    readings = course(stepped((february, 0.9), (april, 0.85)), end)
    told = [verdict("a", -0.04, february), verdict("b", -0.054, april)]
    found = headway_of(seen(readings, end, verdicts=told))
    assert found.baseline is not None
    assert found.wanted is not None
    assert found.reached_on == april + timedelta(days=29)
    assert f"reached in month {found.reached_month}, by 30 April" in page
    levels = [one.level.share for one in found.months if one.level]
    rows = {
        "baseline": found.baseline.share,
        "goal": found.wanted,
        "January": levels[0],
        "February, March": levels[1],
        "April": levels[3],
    }
    for name, share in rows.items():
        assert f"| {name} | {share:.1%} |" in page
    change = found.months[3].change
    assert change is not None
    assert f"| {change.value:.1%} |".replace("-", "−") in page
    assert found.attributable is not None
    assert f"= {found.attributable.value:.1%} attributable".replace("-", "−") in page
    alone = credit_of(told[1:], {"loss": 1.0}, found.baseline, february, end)
    assert alone is not None
    assert f"the second alone, {alone.change.value:.1%}".replace("-", "−") in page


def test_the_step_inside_a_month_of_the_worked_example_is_no_wandering() -> None:
    page = section((DOCS / "goals.md").read_text(encoding="utf-8"), "## A worked example")
    said = " ".join(page.replace("−", "-").split())
    february, april, end = date(2027, 2, 1), date(2027, 4, 5), date(2027, 5, 1)
    readings = course(stepped((february, 0.9), (april, 0.85)), end)
    known = headway_of(seen(readings, end, released_on=(february, april)))
    blind = headway_of(seen(readings, end))
    month, change, wide = known.months[3], known.months[3].change, blind.months[3].change
    assert month.level is not None
    assert change is not None
    assert wide is not None
    assert f"{month.level.share:.1%}, a change of {change.value:.1%}, from" in said
    assert f"from {change.low:.1%} to {change.high:.1%}, and the goal" in said
    assert f"would reach from {wide.low:.1%} to {wide.high:.1%}." in said
    assert (known.reached_month, blind.reached_month) == (4, None)


def test_approved_work_counts_and_stands_apart(tracked: Shop) -> None:
    promise = forecast(
        item="csv:A-1", metric="lost", bad_share=0.4, goal_share=0.0, removal=0.3,
        frozen_at=at(date(2026, 10, 10)), due_on=date(2026, 10, 23),
    )  # fmt: skip
    day = ("goals", "--as-of", "2026-10-15")

    def said() -> dict[str, Any]:
        done = tracked.run(*day, "--format", "json")
        assert done.code == 0, done.said
        (row,) = json.loads(done.out)["rows"]
        return dict(row)

    before = said()
    assert (before["awaited"], before["approved"], before["chance_alone"]) == ([], None, None)
    with open_store("sqlite:///debtplan.db", tracked.folder) as store:
        store.save_forecasts([promise])
    after = said()
    assert after["chance_alone"] == before["chance"]
    assert after["chance"] > before["chance"] + 0.3
    assert after["approved"]["value"] == pytest.approx(-0.3, abs=0.01)
    assert [(one["item"], one["due_on"]) for one in after["awaited"]] == [("csv:A-1", "2026-10-23")]
    assert "the chance counts on A-1, approved and not released yet" in after["reasons"][-1]
    with open_store("sqlite:///debtplan.db", tracked.folder) as store:
        done = release("csv:A-1", on=date(2026, 10, 13))
        store.save_source(SourceState(name="seed"), [done])
    assert said()["awaited"] == []
