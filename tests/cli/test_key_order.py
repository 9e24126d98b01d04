"""Lists for people go by the numbers of keys; what programs read stays in the order of the text."""

import csv
import io
import json
import re

import pytest

from tests.cli.shop import DAY, Shop

pytestmark = pytest.mark.slow

NUMBERS = (1, 2, 3, 10, 11, 20)

BY_TEXT = ["csv:FER-1", "csv:FER-10", "csv:FER-11", "csv:FER-2", "csv:FER-20", "csv:FER-3"]
BY_NUMBER = [f"csv:FER-{number}" for number in NUMBERS]


@pytest.fixture
def alike(shop: Shop) -> Shop:
    """Items that differ in their keys alone, most of them too many for the reserve."""
    rows = "".join(f"FER-{n},Mend part {n},2,ux:pay-errors=0.2,Open,\n" for n in NUMBERS)
    shop.write("items.csv", "key,title,points,labels,state,blocked by\n" + rows)
    assert shop.run("sync").code == 0
    return shop


def keys_of(text: str, start: str = "") -> list[str]:
    """Return the keys of a text as they follow each other, each at its first place."""
    found = re.findall(r"\bFER-\d+\b", text[text.index(start) :])
    return list(dict.fromkeys(f"csv:{key}" for key in found))


def test_programs_read_the_order_of_the_text(alike: Shop) -> None:
    rows = json.loads(alike.run("items", "--format", "json").out)["rows"]
    assert [row["key"] for row in rows] == BY_TEXT
    links = json.loads(alike.run("links", "--as-of", DAY, "--format", "json").out)["rows"]
    assert [row["item"] for row in links] == BY_TEXT
    plan = json.loads(alike.run("plan", "--as-of", DAY, "--format", "json").out)
    left = [one["key"] for one in plan["passed_over"]]
    assert left == [key for key in BY_TEXT if key in left]
    exported = csv.DictReader(io.StringIO(alike.run("plan", "--as-of", DAY, "--format", "csv").out))
    waiting = [row["key"] for row in exported if row["decision"] != "chosen"]
    assert waiting == left


@pytest.mark.parametrize("words", [("items",), ("links", "--as-of", DAY)])
def test_a_list_goes_by_number(alike: Shop, words: tuple[str, ...]) -> None:
    assert keys_of(alike.run(*words).out) == BY_NUMBER


def test_findings_go_by_number(alike: Shop) -> None:
    rows = "".join(f"FER-{n},Mend part {n},,,Open,\n" for n in NUMBERS)
    alike.write("items.csv", "key,title,points,labels,state,blocked by\n" + rows)
    alike.run("sync")
    assert keys_of(alike.run("items", "--lint").out) == BY_NUMBER
    assert keys_of(alike.run("measure", "--as-of", DAY).out) == BY_NUMBER


def test_decisions_go_by_number(alike: Shop) -> None:
    for number in (10, 2):
        alike.run("links", "reject", f"FER-{number}", "find-errors", "--by", "Ann")
    assert keys_of(alike.run("links", "decisions").out) == ["csv:FER-2", "csv:FER-10"]


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("table", "WHAT WE DO NOT DO"),
        ("markdown", "## What we do not do"),
        ("html", 'id="waiting"'),
    ],
)
def test_items_of_one_value_wait_by_number(alike: Shop, form: str, start: str) -> None:
    text = alike.run("plan", "--as-of", DAY, "--format", form).out
    plan = json.loads(alike.run("plan", "--as-of", DAY, "--format", "json").out)
    left = {one["key"] for one in plan["passed_over"]}
    table = text[text.index(start) :]
    table = table[: table.index("</table>")] if form == "html" else table
    rows = [row for row in keys_of(table) if row in left]
    assert len(left) > 2
    assert rows == [key for key in BY_NUMBER if key in left]


def test_the_links_of_a_report_go_by_number(alike: Shop) -> None:
    text = alike.run("plan", "--as-of", DAY, "--format", "html").out
    plan = json.loads(alike.run("plan", "--as-of", DAY, "--format", "json").out)
    chosen = {one["key"] for one in plan["chosen"]}
    sheet = text[text.index('id="links"') :]
    wanted = sorted(BY_NUMBER, key=lambda key: key not in chosen)
    assert keys_of(sheet[: sheet.index("</table>")]) == wanted


def test_the_way_to_a_goal_names_items_by_number(alike: Shop) -> None:
    said = alike.run("goal", "pay-errors", "--relative", "-95%", "--as-of", DAY).out
    assert keys_of(said, "ALL THAT COULD BE DONE") == BY_NUMBER
