"""`--as-of`: what was known on a day, and the same whatever today is."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from debtplan.bootstrap.answers import SAMPLE_DAY, moment, plan_inputs
from debtplan.bootstrap.demo import open_sample
from tests.cli.shop import DAY, Shop
from tests.cli.test_evidence import telling
from tests.clock import set_today
from tests.docs.page import REPOSITORY

__all__ = ["telling"]

BEFORE = "2026-09-01"
"""Too few days of readings to tell what moves together."""

TODAYS = ("2026-11-03", "2027-12-29")
"""Before the sample's day, and when none of its readings are of the history any more."""


def moving(shop: Shop, *words: str) -> str:
    """Return why the link of A-1 has its grade."""
    done = shop.run("links", "--format", "json", *words)
    assert done.code == 0, done.said
    why: dict[str, str] = {row["item"]: row["why"] for row in json.loads(done.out)["rows"]}
    return why["csv:A-1"]


def test_what_was_found_later_does_not_lift_a_link(
    telling: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_today(monkeypatch, "2026-11-24")
    telling.run("sync")
    assert "moves with" in moving(telling)
    assert "moves with" in moving(telling, "--as-of", DAY)
    assert "moves with" not in moving(telling, "--as-of", BEFORE)


def test_a_look_at_an_earlier_day_leaves_the_plans_of_today_alone(
    telling: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_today(monkeypatch, "2026-11-24")
    telling.run("sync")
    assert "Nothing moves together." in telling.run("evidence", "--as-of", BEFORE).out
    assert "moves with" in moving(telling)


def test_a_sync_of_a_day_that_is_none_is_refused(shop: Shop) -> None:
    done = shop.run("sync", "--as-of", "23.11.2026")
    assert done.code == 2
    assert "'23.11.2026' is no day of the calendar." in done.err


def same(told: Callable[[str], str]) -> bool:
    """Tell whether something is told alike, to the byte, on two days."""
    first, second = (told(today) for today in TODAYS)
    return first == second


@pytest.mark.slow
def test_the_demo_is_planned_from_the_same_inputs_whatever_today_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def told(today: str) -> str:
        set_today(monkeypatch, today)
        with open_sample() as sample:
            assert sample.store.tallies()
            made = plan_inputs(sample.loaded, sample.store, None, moment(SAMPLE_DAY))
        return made.model_dump_json()

    assert same(told)


@pytest.mark.slow
def test_a_sync_and_a_list_as_of_a_day_are_the_same_whatever_today_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(today: str) -> str:
        set_today(monkeypatch, today)
        folder = tmp_path / today
        shutil.copytree(REPOSITORY / "sample_data", folder, ignore=shutil.ignore_patterns("*.db"))
        monkeypatch.chdir(folder)
        shop = Shop(folder)
        assert shop.run("sync", "--as-of", SAMPLE_DAY).code == 0
        lists = [shop.run(name, "--as-of", SAMPLE_DAY) for name in ("metrics", "links", "suspects")]
        assert [one.code for one in lists] == [0, 0, 0]
        return "".join(one.said for one in lists)

    assert same(told)
