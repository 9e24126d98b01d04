"""`debtplan suspects`, and measured shares from the store to links, plan and proof."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from debtplan.bootstrap import adapters
from debtplan.core.source import Record, SourceState, SourceStatus
from debtplan.core.tally import Overlap, OverlapPart
from tests.cli.shop import DAY, ITEMS, Ran, Shop
from tests.tallies import END, stratum, tally

START = END - timedelta(days=28)

LINKS = """
[links]
file = "links.toml"
"""

LINK = """
[[link]]
item = "A-2"
metric = "pay-errors"
share = 0.9
selector = { error_code = "GATEWAY_TIMEOUT" }
"""


COUNTED = (
    tally(stratum(300, 500, 200, 9_500), metric="pay-errors", value="GATEWAY_TIMEOUT"),
    tally(stratum(30, 600, 470, 9_400), metric="pay-errors", value="CARD_DECLINED"),
    tally(stratum(170, 8_900, 330, 1_100), metric="pay-errors", value=""),
)


def keep(shop: Shop, records: tuple[Record, ...] = COUNTED) -> None:
    """Put what a warehouse counted into the shop's store."""
    state = SourceState(name="lake:tallies", status=SourceStatus.OK, fetched_at=END, records=3)
    with adapters.open_store(adapters.load(shop.folder / "debtplan.toml")) as store:
        store.save_source(state, records)


@pytest.fixture
def counted(shop: Shop) -> Shop:
    """The shop with a link that names a mark, synced, and events counted."""
    shop.settings(LINKS)
    shop.write("links.toml", LINK)
    shop.run("sync")
    keep(shop)
    return shop


def rows(ran: Ran) -> list[dict[str, Any]]:
    """The rows of a list in its JSON form."""
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert found["schema_version"] == 1
    listed: list[dict[str, Any]] = found["rows"]
    return listed


def test_the_cause_is_listed_with_its_interval_sessions_and_item(counted: Shop) -> None:
    done = counted.run("suspects", "--as-of", DAY)
    assert done.code == 0, done.err
    head, _, only = done.out.splitlines()
    assert head.split()[:2] == ["metric", "mark"]
    assert "error_code = GATEWAY_TIMEOUT" in only
    assert "60%" in only
    assert "58% (53% to 62%)" in only
    assert "csv:A-2" in only
    assert done.err == ""


def test_the_json_form_says_all_that_is_known(counted: Shop) -> None:
    (only,) = rows(counted.run("suspects", "pay-errors", "--as-of", DAY, "--format", "json"))
    assert (only["dimension"], only["value"]) == ("error_code", "GATEWAY_TIMEOUT")
    assert only["low"] < only["fraction"] < only["high"]
    assert only["sessions"] == pytest.approx(10_000 * 0.05 * only["fraction"])
    assert only["items"] == ["csv:A-2"]
    assert only["counts"].startswith("300 of 500 bad sessions carry it")


def test_a_mark_that_no_item_names_is_told_with_what_to_write(shop: Shop) -> None:
    shop.run("sync")
    keep(shop)
    done = shop.run("suspects", "--as-of", DAY)
    said = " ".join(done.err.split())
    assert "No item names error_code = GATEWAY_TIMEOUT" in said
    assert 'selector = { error_code = "GATEWAY_TIMEOUT" }' in said


def test_what_was_counted_of_later_days_only_is_said_with_its_fix(counted: Shop) -> None:
    done = counted.run("suspects", "--as-of", "2026-11-10")
    assert done.out.split("; ") == [
        "Raw events were counted up to a day after 2026-11-10",
        "`debtplan sync --as-of 2026-11-10` counts those before it.\n",
    ]


def test_without_counts_or_without_an_excess_it_says_so(shop: Shop) -> None:
    done = shop.synced("suspects")
    assert done.out.strip() == (
        "Nothing was counted of raw events; add [warehouse.NAME], or the metric to its `compare`, "
        "and run `debtplan sync`."
    )
    keep(shop, COUNTED[1:2])
    done = shop.run("suspects", "--as-of", DAY)
    assert done.out.strip() == "No mark goes wrong more often than chance would have it."


def test_an_unknown_metric_names_the_nearest(counted: Shop) -> None:
    done = counted.run("suspects", "pay-error", "--as-of", DAY)
    assert done.code == 2
    assert "There is no metric 'pay-error'." in done.err
    assert "Did you mean pay-errors" in done.err


def test_links_show_the_measured_share_and_what_was_claimed(counted: Shop) -> None:
    found = rows(counted.run("links", "--as-of", DAY, "--format", "json"))
    (measured,) = (one for one in found if "measured" in one["from"])
    assert measured["item"] == "csv:A-2"
    assert measured["share"] == pytest.approx(0.58, abs=0.01)
    assert "claimed was 90%, far from what was measured" in measured["why"]


@pytest.mark.slow
def test_a_plan_with_measured_shares_is_verified_from_its_file_alone(
    counted: Shop, tmp_path: Path
) -> None:
    done = counted.run("plan", "--as-of", DAY, "-o", "plan.json")
    assert done.code == 0, done.err
    plan = json.loads((counted.folder / "plan.json").read_text(encoding="utf-8"))
    assert len(plan["inputs"]["tallies"]) == len(COUNTED)
    terms = [term for one in plan["chosen"] for term in one["terms"] if term["is_measured"]]
    assert terms
    alone = tmp_path / "elsewhere"
    alone.mkdir()
    (alone / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    assert counted.run("verify", str(alone / "plan.json")).code == 0


def test_counts_of_metrics_that_nobody_declares_stay_out_of_the_plan(counted: Shop) -> None:
    other = COUNTED[0].model_copy(update={"metric": "gone", "source": "z"})
    keep(counted, (*COUNTED, other))
    counted.run("plan", "--as-of", DAY, "-o", "plan.json")
    plan = json.loads((counted.folder / "plan.json").read_text(encoding="utf-8"))
    assert {one["metric"] for one in plan["inputs"]["tallies"]} == {"pay-errors"}


def test_the_audit_says_what_is_known_of_overlap(shop: Shop) -> None:
    shop.settings(changes={'step = "find"': 'step = "pay"'})
    assert "assumed independent" in shop.synced("audit").out
    parts = (
        OverlapPart(metric="find-errors", frustrated=30),
        OverlapPart(metric="pay-errors", frustrated=50),
    )
    union = Overlap(
        flow="shop",
        step="pay",
        segment="all",
        start_at=START,
        end_at=END,
        sessions=1_000,
        frustrated=50,
        parts=parts,
        source="lake",
    )
    keep(shop, (union,))
    done = shop.run("audit", "--as-of", DAY)
    assert "counted" in done.out
    assert "assumed" not in done.out
    row = next(line for line in done.out.splitlines() if line.startswith("shop / pay"))
    assert " 400.0 " in row  # of 400 and 200, all who fail to find fail to pay, too


def test_metrics_tell_where_a_segment_and_everyone_disagree(shop: Shop) -> None:
    more = """
[[flow.segments]]
id = "abroad"

[[flow.segments]]
id = "home"
"""
    settings = """
[metrics.readings]
type = "csv"
path = "readings.csv"
"""
    shop.settings()
    text = (shop.folder / "debtplan.toml").read_text(encoding="utf-8")
    text = text.replace("\n[[metric]]", f"{more}\n[[metric]]", 1)
    for name in ("abroad", "home"):
        text += (
            f'\n[[metric]]\nid = "{name}"\nflow = "shop"\nstep = "pay"\nkind = "error_rate"\n'
            f'target = 0.01\nsegment = "{name}"\nsource = "readings"\n'
        )
    shop.write("debtplan.toml", text + settings)
    shop.write("items.csv", ITEMS)
    lines = ["metric,date,bad,total"]
    for ago in range(56):
        day = (END - timedelta(days=ago + 1)).date()
        is_late = ago < 28
        sizes = (250, 750) if is_late else (500, 500)
        lines.append(f"abroad,{day},{sizes[0] * (0.48 if is_late else 0.4):g},{sizes[0]}")
        lines.append(f"home,{day},{sizes[1] * 0.2:g},{sizes[1]}")
    shop.write("readings.csv", "\n".join(lines) + "\n")
    done = shop.synced("metrics")
    assert done.code == 0, done.err
    said = " ".join(done.err.split())
    assert "abroad rose from 40.0% to 48.0%, unseen in all of abroad, home (30.0% to 27.0%)" in said
