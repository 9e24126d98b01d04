"""`debtplan goal`: from the command line to its answer, and the example of docs/goal.md."""

import json
import re
import shutil
from math import prod
from pathlib import Path
from typing import Any

import pytest

from tests.cli.screen import Screen
from tests.cli.shop import DAY, ITEMS, Ran, Shop
from tests.docs.page import DOCS, REPOSITORY, read_blocks

STYLE = re.compile(r"\x1b\[(?:0|1)m")


def ask(shop: Shop, *words: str) -> Ran:
    """Ask for a way from 5% failed payments, of which 1% is the target."""
    return shop.synced("goal", "pay-errors", *words)


def data(ran: Ran) -> dict[str, Any]:
    """The JSON form of an answer."""
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


@pytest.fixture
def graded(shop: Shop) -> Shop:
    """The shop with links that are believed: half of 50% and of 30%."""
    shop.settings("[links]\ngrades = { A = 0.9, B = 0.7, C = 0.6, D = 0.55, E = 0.5 }\n")
    return shop


def test_the_answer_is_printed_for_people(graded: Shop) -> None:
    done = ask(graded, "--relative", "-20%")
    assert done.code == 0, done.err
    assert done.err == ""
    assert "Today 5% of attempts fail; the goal is 4%." in done.out
    assert "3 points of debt work are the least that should get there: 4% is expected." in done.out
    assert "Note: The reading of pay-errors was stated by hand, not measured." in done.out
    assert "A-5 has no estimate" in done.out


def test_a_change_and_the_number_it_leads_to_ask_for_the_same(graded: Shop) -> None:
    change = data(ask(graded, "--relative", "-20%", "--format", "json"))
    number = data(ask(graded, "--to", "4%", "--format", "json"))
    assert change["schema_version"] == 1
    assert change["need"]["removal"] == pytest.approx(0.25)
    assert change["least"]["keys"] == ["csv:A-1"]
    for one in (change, number):
        del one["wanted"]
    assert number["need"]["removal"] == pytest.approx(0.25)
    assert number["least"] == change["least"]


def test_the_answer_is_written_in_the_form_of_the_ending(graded: Shop) -> None:
    done = ask(graded, "--relative", "-20%", "-o", "out/goal.json", "-o", "goal.md", "-o", "g.txt")
    assert done.code == 0, done.err
    assert "Wrote out/goal.json." in done.err
    text = (graded.folder / "out/goal.json").read_text(encoding="utf-8")
    assert text == ask(graded, "--relative", "-20%", "--format", "json").out
    assert (graded.folder / "goal.md").read_text(encoding="utf-8").startswith("# Shop team")
    assert (graded.folder / "g.txt").read_text(encoding="utf-8") == done.out


def test_the_same_data_gives_the_same_bytes_in_any_order(graded: Shop) -> None:
    first = ask(graded, "--relative", "-25%", "--format", "json").out
    head, *rows = ITEMS.splitlines()
    graded.write("items.csv", "\n".join((head, *reversed(rows))) + "\n")
    assert ask(graded, "--relative", "-25%", "--format", "json").out == first


def test_a_chance_can_be_planned_for(graded: Shop) -> None:
    found = data(ask(graded, "--relative", "-20%", "--chance", "60%", "--format", "json"))
    assert found["asked_chance"] == 0.6
    assert found["taken"]["chance"] >= 0.6
    assert found["taken"]["points"] > found["least"]["points"]
    said = ask(graded, "--relative", "-20%", "--chance", "60%").out
    assert "For a chance of 60% it takes at most 5 points" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "Give one of --relative -20% and --to VALUE."),
        (("--relative", "-20%", "--to", "3%"), "Give one of"),
        (("--relative", "-20"), "-20% would be one"),
        (("--relative", "less"), "Write it as --relative -20%."),
        (("--relative", "20%"), "makes pay-errors no better"),
        (("--to", "3"), "Write it as --to 25%."),
        (("--to", "3%", "--chance", "2"), "--chance 80%"),
        (("--to", "3%", "--chance", "100%"), "no chance between 0 and 1"),
        (("--to", "3%", "--format", "html"), "Use one of: table, markdown, json"),
        (("--to", "3%", "-o", "goal.csv"), "Use one of: table, markdown, json"),
        (("--to", "3%", "-o", "goal"), "names no form"),
        (("--to", "3%", "--team", "none"), "none"),
    ],
)
@pytest.mark.slow
def test_what_cannot_be_answered_is_exit_2_with_a_fix(
    shop: Shop, words: tuple[str, ...], says: str
) -> None:
    done = ask(shop, *words)
    assert done.code == 2
    assert says in " ".join(done.err.split())
    assert done.out == ""


def test_an_unknown_metric_is_exit_2_and_names_the_nearest(shop: Shop) -> None:
    done = shop.synced("goal", "pay-error", "--to", "3%")
    assert done.code == 2
    assert "Did you mean 'pay-errors'?" in done.err


@pytest.mark.parametrize(
    ("value", "says"),
    [("6%", "met already"), ("1.5%", "do not get there"), ("0.5%", "cannot show a way")],
)
@pytest.mark.slow
def test_any_other_answer_is_exit_0(shop: Shop, value: str, says: str) -> None:
    done = ask(shop, "--to", value)
    assert (done.code, done.err) == (0, "")
    assert says in done.out


def test_a_failed_source_is_exit_5_beside_the_answer(graded: Shop) -> None:
    graded.run("sync")
    (graded.folder / "items.csv").unlink()
    graded.run("sync")
    done = graded.run("goal", "pay-errors", "--to", "4%", "--as-of", DAY)
    assert done.code == 5
    assert "partial data: csv failed" in done.err
    assert "should get there" in done.out


@pytest.mark.slow
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(graded: Shop, width: int) -> None:
    graded.write(
        "items.csv",
        "key,title,points,labels\n"
        + "".join(
            f"LONG-PROJECT-{n},{'A title of many words ' * 9},{n},ux:pay-errors=0.2\n"
            for n in range(1, 5)
        ),
    )
    graded.run("sync")
    words = ("goal", "pay-errors", "--relative", "-15%", "--as-of", DAY)
    screen = Screen(graded.folder, words, columns=width)
    assert screen.code == 0, screen.sent
    lines = STYLE.sub("", screen.sent).splitlines()
    assert [line for line in lines if len(line) > width] == []
    assert "\x1b[1mWHAT IT TAKES\x1b[0m" in screen.sent


@pytest.mark.slow
def test_every_line_of_the_worked_example_is_what_the_program_computes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sample"
    shutil.copytree(REPOSITORY / "sample_data", folder, ignore=shutil.ignore_patterns("*.db"))
    monkeypatch.chdir(folder)
    asked = "goal shipping-loss-international --relative -20% --as-of 2026-11-23 --format json"
    found = data(Shop(folder).synced(*asked.split()))
    text = (DOCS / "goal.md").read_text(encoding="utf-8")
    (said,) = [block.lines for block in read_blocks(text) if block.language == "text"]
    assert list(said) == example(found)


def example(found: dict[str, Any]) -> list[str]:
    """The worked example's lines, computed from the answer."""
    need, least = found["need"], found["least"]
    q, normal, harm = need["share"], need["normal_share"], found["metric"]["harm"]
    wanted = 0.8 * q
    removals = {one["key"]: one["removal"] for one in found["items"]}
    first, second = (removals[key] for key in least["keys"])
    both = 1 - prod(1 - removals[key] for key in least["keys"])
    share = (q - wanted) / (q - normal)
    assert both >= share == pytest.approx(need["removal"])
    assert (least["removal"], least["number"]) == pytest.approx((both, q - both * (q - normal)))
    return [
        f"g       0.80 × {q:.2%} = {wanted:.2%}",
        (
            f"c       ({100 * q:.2f} - {100 * wanted:.2f}) / ({100 * q:.2f} - {100 * normal:.2f})"
            f" = {share:.1%}"
        ),
        f"OMNI-12 removes {first:.1%}, OMNI-18 {second:.1%}",
        (
            f"both    1 - (1 - {first:.3f}) × (1 - {second:.3f}) = {both:.1%}, for "
            f"{least['points']:g} points"
        ),
        f"then    {q:.2%} - {both:.3f} × ({q:.2%} - {normal:.2%}) = {least['number']:.2%}",
        f"spared  {both:.3f} × {harm:,.0f} = {least['sessions']:,.0f} sessions a sprint",
    ]
