"""`debtplan evidence`: what moves together, on the command line and in the plan."""

import json
from datetime import date, timedelta
from random import Random

import pytest

from tests.cli.shop import DAY, Shop

TABLES = """
[metrics.log]
type = "csv"
path = "readings.csv"

[releases.log]
path = "releases.csv"

[[metric]]
id = "pay-tickets"
name = "Tickets about paying"
flow = "shop"
step = "find"
kind = "drop_off"
reference = 0.01
"""

STATED = 'reading = { rate = 0.05, sample_size = 1000, stated_by = "Ann", stated_on = 2026-11-02 }'
LAST = date(2026, 11, 22)


def readings(days: int = 130) -> str:
    """Return errors of which people leave two days later, and a step of both in the middle."""
    draw = Random(7)
    errors = [0.05 + draw.gauss(0, 0.006) for _ in range(days)]
    lines = ["metric,date,bad,total"]
    for number, error in enumerate(errors):
        on = LAST - timedelta(days=days - 1 - number)
        left = 0.10 + 2 * (errors[max(0, number - 2)] - 0.05) + draw.gauss(0, 0.004)
        lines.append(f"pay-errors,{on},{round(20_000 * error)},20000")
        lines.append(f"pay-tickets,{on},{round(20_000 * left)},20000")
    return "\n".join(lines) + "\n"


@pytest.fixture
def telling(shop: Shop) -> Shop:
    shop.settings(TABLES)
    settings = (shop.folder / "debtplan.toml").read_text(encoding="utf-8")
    shop.write("debtplan.toml", settings.replace(STATED, "", 1))
    shop.write("readings.csv", readings())
    shop.write("releases.csv", "released_at,name,items\n2026-10-14T09:00:00Z,Payments 5.2,\n")
    return shop


def test_sync_finds_what_moves_together_and_evidence_tells_it(telling: Shop) -> None:
    assert telling.run("sync").code == 0
    done = telling.run("evidence", "--as-of", DAY)
    assert done.code == 0, done.said
    assert "pay-errors -> Tickets about paying, lag 2 days" in done.out
    assert "day by day" in done.out
    assert "find-errors: has 0 days with a reading; 60 are needed" in done.said


def test_as_json_every_number_is_there(telling: Shop) -> None:
    telling.run("sync")
    done = telling.run("evidence", "pay-errors", "--format", "json", "--as-of", DAY)
    found = json.loads(done.out)
    assert found["schema_version"] == 1
    (moved,) = found["movements"]
    assert (moved["leader"], moved["follower"], moved["lag_days"]) == (
        "pay-errors",
        "pay-tickets",
        2,
    )
    assert moved["correlation"] > 0.7
    assert moved["q"] < 0.001
    assert found["chains"] == [
        {"metrics": ["pay-errors", "pay-tickets"], "lags": [2], "lag_days": 2}
    ]
    assert found["tried"] == 1


def test_the_plan_s_links_say_what_they_move_with(telling: Shop) -> None:
    telling.run("sync")
    done = telling.run("links", "--format", "json", "--as-of", DAY)
    why = {row["item"]: row["why"] for row in json.loads(done.out)["rows"]}
    assert "moves with Tickets about paying, 2 days before" in why["csv:A-1"]
    assert "moves with" not in why["csv:A-3"]


def test_an_unknown_metric_is_refused_with_the_nearest_name(telling: Shop) -> None:
    done = telling.run("evidence", "pay-eror")
    assert done.code == 2
    assert "pay-errors" in done.said


def test_nothing_that_moves_together_is_said_in_words(shop: Shop) -> None:
    shop.run("sync")
    done = shop.run("evidence")
    assert done.code == 0
    assert "Nothing moves together." in done.out
    assert "No level changed for good." in done.out
