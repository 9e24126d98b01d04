"""How wide results are: as the terminal, as COLUMNS says, and every value with its name."""

import re

import pytest

from debtplan.cli.columns import INDENT
from debtplan.cli.terminal import PIPED, WIDEST, width
from tests.cli.screen import Screen
from tests.cli.shop import DAY, Shop

LONG = "words that a line of the plan takes up and that have to be wrapped somewhere " * 3


def widest(text: str) -> int:
    """Return the characters of the longest line."""
    return max(map(len, text.splitlines()))


@pytest.fixture
def wordy(shop: Shop) -> Shop:
    """A shop with a title that no line holds."""
    rows = f"key,title,points,labels\nA-1,{LONG},1,ux:pay-errors=0.2\nA-2,{LONG},90,\n"
    shop.write("items.csv", rows)
    assert shop.run("sync").code == 0
    return shop


@pytest.mark.parametrize("said", ["", "0", "wide", "-80", "80.5", "1" * 5_000, "\u0663\u0663"])
def test_piped_what_is_no_width_counts_for_nothing(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("COLUMNS", said)
    assert width() == PIPED


@pytest.mark.slow
def test_piped_without_columns_a_result_has_a_hundred(wordy: Shop) -> None:
    assert PIPED - 25 < widest(wordy.spawn("explain", "A-2", "--as-of", DAY).out) <= PIPED


@pytest.mark.slow
@pytest.mark.parametrize(("words", "columns"), [(("plan",), 60), (("explain", "A-2"), 80)])
def test_piped_a_result_is_as_wide_as_columns_says(
    wordy: Shop, words: tuple[str, ...], columns: int
) -> None:
    done = wordy.spawn(*words, "--as-of", DAY, COLUMNS=str(columns))
    assert done.code == 0, done.err
    assert columns - 25 < widest(done.out) <= columns


@pytest.mark.slow
def test_no_result_is_wider_than_can_be_read(wordy: Shop) -> None:
    done = wordy.spawn("plan", "--as-of", DAY, COLUMNS="500")
    assert PIPED < widest(done.out) <= WIDEST


@pytest.mark.slow
def test_piped_rows_stay_lines_whatever_columns_says(wordy: Shop) -> None:
    lines = wordy.spawn("items", COLUMNS="60").out.splitlines()
    assert len(lines) == 4, "a head, its line, and two items"
    assert LONG.strip() in lines[2]


def table_of(text: str) -> list[dict[str, str]]:
    """Return the rows of a piped table by the names of its columns."""
    head, rule, *rows = text.splitlines()
    spans = [found.span() for found in re.finditer("-+", rule)]
    return [{head[a:b].strip(): row[a:b].strip() for a, b in spans} for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("columns", [40, 50])
@pytest.mark.parametrize("command", ["metrics", "audit"])
def test_what_does_not_fit_beside_its_row_stands_below_it_with_its_name(
    shop: Shop, command: str, columns: int
) -> None:
    rows = table_of(shop.synced("-q", command).out.partition("\nIn all")[0])
    lines = Screen(shop.folder, ("-q", command, "--as-of", DAY), columns=columns).sent.splitlines()
    fit = len(re.findall("-+", lines[1]))
    below = [f"{INDENT}{name}: {value}" for row in rows for name, value in list(row.items())[fit:]]
    assert len(rows) == 2
    assert below
    assert [line for line in lines if line.startswith(INDENT)] == below
