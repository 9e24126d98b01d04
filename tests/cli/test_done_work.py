"""Work that is done is no work that is left undone; what programs read holds it all the same."""

import csv
import io
import json

import pytest

from tests.cli.shop import DAY, ITEMS, Shop

pytestmark = pytest.mark.slow

DONE = "Replace the icon font"
OPEN = "Count the clicks"


@pytest.fixture
def tidy(shop: Shop) -> Shop:
    """The shop with an item that is done, and one that nobody can value."""
    rows = ITEMS.replace(f"A-4,{DONE},1,,Open,", f"A-4,{DONE},1,,Done,") + f"A-6,{OPEN},1,,Open,\n"
    shop.write("items.csv", rows)
    assert shop.run("sync").code == 0
    return shop


@pytest.mark.parametrize(
    ("form", "head"),
    [
        ("table", "WHAT WE DO NOT DO"),
        ("markdown", "## What we do not do"),
        ("html", 'id="waiting"'),
    ],
)
def test_what_is_done_is_not_listed_as_left_undone(tidy: Shop, form: str, head: str) -> None:
    text = tidy.run("plan", "--as-of", DAY, "--format", form).out
    part = text[text.index(head) :]
    part = part[: part.index("</section>")] if form == "html" else part
    assert "A-4" not in part
    assert "A-6" in part
    assert "ot open" not in part


def test_where_all_that_is_left_is_done_there_is_no_such_list(tidy: Shop) -> None:
    tidy.write("items.csv", "".join(ITEMS.splitlines(keepends=True)[:2]) + "A-4,Old,1,,Done,\n")
    tidy.run("sync")
    text = tidy.run("plan", "--as-of", DAY).out
    assert "A-1" in text
    assert "WHAT WE DO NOT DO" not in text
    assert "What we do not do" not in tidy.run("plan", "--as-of", DAY, "--format", "html").out


def test_programs_read_what_is_done(tidy: Shop) -> None:
    plan = json.loads(tidy.run("plan", "--as-of", DAY, "--format", "json").out)
    reasons = {one["key"]: one["reason"] for one in plan["passed_over"]}
    assert reasons["csv:A-4"] == "not_open"
    rows = csv.DictReader(io.StringIO(tidy.run("plan", "--as-of", DAY, "--format", "csv").out))
    assert "csv:A-4" in {row["key"] for row in rows}


def test_what_is_done_can_be_explained_and_needs_no_way_in(tidy: Shop) -> None:
    done = tidy.run("explain", "A-4", "--as-of", DAY)
    assert done.code == 0, done.err
    assert "Is done." in done.out
    assert "It enters" not in done.out
    assert "It enters with a link to a metric." in tidy.run("explain", "A-6", "--as-of", DAY).out
