"""The 90,400-user funnel and the incident log, from the command line, as the docs tell."""

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest

from tests.cli.shop import Shop
from tests.docs.page import DOCS, section, table_rows

pytestmark = pytest.mark.slow

PAGE = (DOCS / "real-data.md").read_text(encoding="utf-8")
FUNNEL = section(PAGE, "## A funnel of 90,400 users")
LOG = section(PAGE, "## An incident log")
STEPS = {
    "home": "home_page_table.csv.gz",
    "search": "search_page_table.csv.gz",
    "payment": "payment_page_table.csv",
    "confirmation": "payment_confirmation_table.csv",
}
DAY = "2015-05-02"
PARTS = ("all", "mobile", "desktop")

User = tuple[str, str, str, frozenset[str]]
"""Day, device, sex, and the steps that were seen."""


def settings_of(text: str) -> str:
    found = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


def opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with opened(path) as lines:
        yield from csv.DictReader(lines)


@pytest.fixture(scope="module")
def users(data_dir: Path) -> dict[str, User]:
    folder = data_dir / "telemetry" / "funnel"
    if not folder.is_dir():
        pytest.skip("no telemetry/funnel in the data folder")
    seen: dict[str, set[str]] = {}
    for step, file in STEPS.items():
        for row in rows_of(folder / file):
            seen.setdefault(row["user_id"], set()).add(step)
    return {
        row["user_id"]: (row["date"], row["device"], row["sex"], frozenset(seen[row["user_id"]]))
        for row in rows_of(folder / "user_table.csv.gz")
    }


@pytest.fixture
def funnel(shop: Shop, users: dict[str, User]) -> Shop:
    pytest.importorskip("duckdb")
    lines = ["user_id,at,device,sex,event"]
    lines += [
        f"{name},{day},{device},{sex},{step}"
        for name, (day, device, sex, steps) in users.items()
        for step in sorted(steps)
    ]
    shop.write("events.csv", "\n".join(lines) + "\n")
    metrics = [
        f'[[metric]]\nid = "{step}-{part}"\nflow = "buy"\nstep = "{step}"\nsegment = "{part}"\n'
        'kind = "drop_off"\nreference = 0.4\nsource = "events"\n'
        for step in list(STEPS)[:-1]
        for part in PARTS
    ]
    shop.write("debtplan.toml", "\n".join((settings_of(FUNNEL), *metrics)))
    return shop


def asked(shop: Shop, *words: str) -> list[dict[str, Any]]:
    done = shop.run(*words, "--as-of", DAY, "--format", "json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    found: list[dict[str, Any]] = document["rows"]
    return found


def by_hand(users: dict[str, User], step: str, part: str) -> tuple[int, float]:
    """Return how many entered a step, and what part did not come to the next one."""
    following = list(STEPS)[list(STEPS).index(step) + 1]
    there = [
        steps
        for _, device, sex, steps in users.values()
        if step in steps and part in {"all", device.lower(), sex.lower()}
    ]
    return len(there), sum(following not in steps for steps in there) / len(there)


def test_the_page_s_funnel_is_what_a_count_by_hand_gives(users: dict[str, User]) -> None:
    told = {row[0]: row[1:] for row in table_rows(FUNNEL)}
    for step in list(STEPS)[:-1]:
        expected = []
        for part in ("all", "desktop", "mobile", "female", "male"):
            entered, lost = by_hand(users, step, part)
            expected += [f"{entered:,}"] * (part in {"all", "desktop", "mobile"}) + [f"{lost:.1%}"]
        assert told[step] == expected


def test_the_warehouse_counts_what_the_page_says(funnel: Shop) -> None:
    told = {row[0]: row[1:] for row in table_rows(FUNNEL)}
    whole = funnel.run("funnel", "buy", "--as-of", DAY)
    by_device = funnel.run("funnel", "buy", "--by", "device", "--as-of", DAY)
    by_sex = funnel.run("funnel", "buy", "--by", "sex", "--as-of", DAY)
    assert (whole.code, by_device.code, by_sex.code) == (0, 0, 0)
    lines = [re.split(r"\s{2,}", line.strip()) for line in whole.out.splitlines()[2:]]
    devices = [re.split(r"\s{2,}", line.strip()) for line in by_device.out.splitlines()[2:]]
    sexes = [re.split(r"\s{2,}", line.strip()) for line in by_sex.out.splitlines()[2:]]
    found = {line[0]: [line[2], line[4]] for line in lines if len(line) > 4 and line[0] in told}
    for line in (one for one in devices if len(one) > 4 and one[0] in told):
        found[line[0]] += [line[2], line[4]]
    for line in (one for one in sexes if len(one) > 4 and one[0] in told):
        found[line[0]] += [line[4]]
    for step in list(STEPS)[:-1]:
        assert found[step] == told[step]
    assert "Simpson" not in whole.said + by_device.said
    assert "gets worse" not in by_device.said


def test_the_change_of_march_is_found_in_four_series_and_once_too_often(
    funnel: Shop, users: dict[str, User]
) -> None:
    done = funnel.run("sync", "--as-of", DAY)
    assert done.code == 0, done.err
    evidence = json.loads(funnel.run("evidence", "--as-of", DAY, "--format", "json").out)
    shifts = {one["metric"]: one for one in evidence["shifts"]}
    march = {name for name, one in shifts.items() if one["on"] == "2015-03-01"}
    assert march == {"home-all", "home-mobile", "search-all", "search-desktop"}
    assert set(shifts) - march == {"payment-desktop"}
    assert shifts["payment-desktop"]["on"] == "2015-03-18"
    for name in march:
        step, _, part = name.partition("-")
        for key, is_after in (("before", False), ("after", True)):
            some = {k: one for k, one in users.items() if (one[0] >= "2015-03-01") is is_after}
            assert shifts[name][key] == pytest.approx(by_hand(some, step, part)[1], abs=0.005)
    suspects = asked(funnel, "suspects")
    for metric, likeliest in (("search-all", "Desktop"), ("payment-all", "Desktop")):
        assert next(one["value"] for one in suspects if one["metric"] == metric) == likeliest
    assert ("search-all", "Male") in [(one["metric"], one["value"]) for one in suspects]


def test_a_past_that_is_over_is_not_read_and_the_days_are_named(funnel: Shop) -> None:
    done = funnel.run("sync")
    assert "no session met the step home from 20" in done.err
    assert "0 records" in done.out


@pytest.fixture
def desk(shop: Shop, data_dir: Path) -> Shop:
    path = data_dir / "telemetry" / "support" / "servicenow_incident_event_log.csv.gz"
    if not path.is_file():
        pytest.skip("no telemetry/support in the data folder")
    text = settings_of(LOG).replace('path = "', f'path = "{path.parent.as_posix()}/')
    shop.write("debtplan.toml", text)
    return shop


def test_the_incident_log_is_read_by_day_of_opening(desk: Shop) -> None:
    done = desk.run("sync")
    assert "3 records" in done.out
    assert "2,584 rows repeat a ticket" in done.err
    read = desk.run("evidence", "--as-of", "2016-07-01")
    assert "No level changed for good." in read.out
    assert "incidents: has 3 days with a reading; 60 are needed" in read.err


def test_the_counts_of_the_log_are_those_of_the_page(data_dir: Path, desk: Shop) -> None:
    path = data_dir / "telemetry" / "support" / "servicenow_incident_event_log.csv.gz"
    opened_on: dict[str, str] = {}
    closed_on: dict[str, str] = {}
    rows = list(rows_of(path))
    for row in rows:
        opened_on.setdefault(row["number"], row["opened_at"].split()[0])
        closed_on.setdefault(row["number"], row["closed_at"].split()[0])
    days = Counter(opened_on.values())
    counts = [days[one] for one in ("29-02-2016", "01-03-2016", "02-03-2016")]
    plain = " ".join(LOG.split())
    assert f"{len(rows):,} rows are {len(opened_on)} incidents" in plain
    assert f"{counts[0]}, {counts[1]} and {counts[2]} a day" in plain
    assert (
        f"{Counter(closed_on.values())['24-03-2016']} incidents closed at once on 24 March" in plain
    )
    assert desk.run("sync").code == 0


def test_without_the_order_of_day_and_month_no_row_is_read(desk: Shop) -> None:
    text = (desk.folder / "debtplan.toml").read_text(encoding="utf-8")
    desk.write("debtplan.toml", text.replace('dates = "day-first"\n', ""))
    done = desk.run("sync")
    assert done.code != 0
    assert "None of the 3,027 records could be read" in done.err
    assert 'set dates = "day-first" or "month-first"' in done.err


def test_read_by_day_of_resolution_two_falls_are_found_that_mean_nothing(desk: Shop) -> None:
    text = (desk.folder / "debtplan.toml").read_text(encoding="utf-8")
    desk.write("debtplan.toml", f'{text}columns = {{ created_at = "resolved_at" }}\n')
    done = desk.run("sync")
    assert "30 not used" in done.out
    assert "column 'resolved_at': '' is empty" in done.err
    found = json.loads(desk.run("evidence", "--as-of", "2016-05-15", "--format", "json").out)
    assert [one["on"] for one in found["shifts"]] == ["2016-03-04", "2016-03-29"]
    plain = " ".join(LOG.split())
    for one in found["shifts"]:
        assert f"({one['before']:.1%} to {one['after']:.1%})" in plain
