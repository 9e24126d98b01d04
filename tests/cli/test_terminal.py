"""On a terminal: its width, bold headings, a bar for what takes long; nothing of it elsewhere."""

import re

import pytest
import typer

from debtplan.cli.columns import columns
from debtplan.cli.state import Options, Progress
from debtplan.cli.terminal import fitted, harmless, tell, wrapped
from tests.cli.screen import Screen
from tests.cli.shop import DAY, Shop

ESCAPE = "\x1b"
STYLE = re.compile(r"\x1b\[(?:0|1)m")

BAR = "\u2501"

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("width", [60, 100])
@pytest.mark.parametrize(
    "command", ["sync", "items", "links", "metrics", "audit", "doctor", "plan"]
)
def test_no_line_is_wider_than_the_terminal(shop: Shop, width: int, command: str) -> None:
    shop.write(
        "items.csv",
        "key,title,points,labels\n"
        + "".join(
            f"LONG-PROJECT-{n},{'A title of many words ' * 9},{n},ux:pay-errors=0.2\n"
            for n in range(1, 5)
        ),
    )
    shop.run("sync")
    words = (command,) if command in {"sync", "items"} else (command, "--as-of", DAY)
    screen = Screen(shop.folder, words, columns=width)
    assert screen.code == 0, screen.sent
    # A bar of progress, which a slow machine draws, moves back over itself in one line.
    lines = [line for line in STYLE.sub("", screen.sent).splitlines() if BAR not in line]
    assert [line for line in lines if len(line) > width and str(shop.folder) not in line] == []


def test_keys_are_never_cut_and_titles_are_whole_on_a_narrow_terminal(shop: Shop) -> None:
    key, title = "A-VERY-LONG-PROJECT-KEY-12345", "word " * 30
    shop.write("items.csv", f"key,title,points,labels\n{key},{title},1,ux:pay-errors=0.2\n")
    shop.run("sync")
    screen = Screen(shop.folder, ("items",), columns=60)
    assert f"csv:{key}" in screen.sent
    assert screen.sent.count("word") == 30


def test_piped_rows_are_lines_and_nothing_is_cut(shop: Shop) -> None:
    title = "A title of many words " * 12
    shop.write("items.csv", f"key,title,points\nA-1,{title},1\n")
    shop.run("sync")
    lines = shop.spawn("items").out.splitlines()
    assert len(lines) == 3
    assert title.strip() in lines[2]


def test_headings_are_bold_on_a_terminal(shop: Shop) -> None:
    shop.run("sync")
    sent = Screen(shop.folder, ("-q", "plan", "--as-of", DAY)).sent
    bold = re.findall(r"\x1b\[1m(.*?)\x1b\[0m", sent)
    assert [line for line in bold if line.startswith("WHAT")] == [
        "WHAT WE DO", "WHAT COMES AFTER, IF NOTHING CHANGES", "WHAT WE DO NOT DO",
    ]  # fmt: skip
    assert ESCAPE not in STYLE.sub("", sent)
    items = Screen(shop.folder, ("items",)).sent
    assert STYLE.findall(items) == ["\x1b[1m", "\x1b[0m"]


@pytest.mark.parametrize("words", [("items",), ("plan", "--as-of", DAY), ("doctor",), ("--help",)])
@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_escape_where_it_is_not_wanted(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], name: str, value: str
) -> None:
    shop.run("sync")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv(name, value)
    assert ESCAPE not in Screen(shop.folder, words).sent


@pytest.mark.parametrize("words", [("items",), ("plan", "--as-of", DAY), ("--help",)])
def test_no_escape_in_a_pipe_beside_a_terminal(shop: Shop, words: tuple[str, ...]) -> None:
    shop.run("sync")
    screen = Screen(shop.folder, words, stdout=False)
    assert screen.piped
    assert ESCAPE not in screen.piped


def test_results_are_on_stdout_and_all_else_on_stderr(shop: Shop) -> None:
    """The terminal is stderr here; what it gets is no result."""
    shop.run("sync")
    screen = Screen(shop.folder, ("plan", "--as-of", DAY, "-o", "plan.json"), stdout=False)
    assert "WHAT WE DO" in screen.piped
    assert STYLE.sub("", screen.sent).strip().endswith("Wrote plan.json.")
    assert "WHAT WE DO" not in screen.sent


def test_a_quick_command_shows_no_bar(shop: Shop) -> None:
    shop.run("sync")
    assert "━" not in Screen(shop.folder, ("sync",)).sent


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


class Terminal:
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.sent = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.sent += text
        return len(text)

    def flush(self) -> None:
        pass


@pytest.mark.parametrize(
    ("seconds", "quiet", "kind", "is_shown"),
    [
        (0.9, False, "xterm", False),
        (1.1, False, "xterm", True),
        (1.1, True, "xterm", False),
        (1.1, False, "dumb", False),
    ],
)
def test_a_bar_is_shown_after_a_second(
    monkeypatch: pytest.MonkeyPatch, seconds: float, *, quiet: bool, kind: str, is_shown: bool
) -> None:
    clock, stream = Clock(), Terminal()
    monkeypatch.setattr("debtplan.cli.state.time", clock)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", kind)
    context = typer.Context(typer.main.get_command(typer.Typer(callback=lambda: None)))
    context.obj = Options(quiet=quiet)
    with Progress(context) as progress:
        progress("reading [red]all[/red]\x1b[2J", 1, 4)
        clock.now += seconds
        progress("reading [red]all[/red]\x1b[2J", 2, 4)
    assert ("reading [red]all[/red]" in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.sent)) is (
        is_shown
    )
    assert "\x1b[2J" not in stream.sent


def test_no_bar_in_a_pipe(shop: Shop) -> None:
    shop.run("sync")
    done = shop.spawn("plan", "--as-of", DAY, TERM="xterm-256color")
    assert done.err == ""


def test_columns_take_wide_characters_for_two() -> None:
    lines = columns(("key", "title"), [("日本", "x"), ("ab", "y")]).splitlines()
    assert lines[2:] == ["日本  x", "ab    y"]


def test_columns_of_nothing_say_so_with_a_dash() -> None:
    assert columns(("a", "b"), [("", "x\x1b[2Jy")]).splitlines()[2] == "-  x[2Jy"


def test_text_keeps_its_lines_and_loses_what_steers() -> None:
    assert harmless("a\x1b[31m\nb\u202ec") == "a[31m\nb<U+202E>c"
    assert fitted("a " * 200) == "a " * 200, "no terminal, no width"
    assert wrapped("a " * 200, "") == ["a " * 200]


def test_a_line_on_stderr_has_an_end(capsys: pytest.CaptureFixture[str]) -> None:
    tell("x" * 1_000_000 + "\nfix")
    err = capsys.readouterr().err
    assert len(err) < 2_100
    assert err.endswith("...\nfix\n")


def test_an_encoding_without_the_character_spells_it_out(shop: Shop) -> None:
    shop.write("items.csv", "key,title,points,labels\nA-1,Done ✓,1,ux:pay-errors\n")
    shop.run("sync")
    done = shop.spawn("items", PYTHONIOENCODING="latin-1")
    assert done.code == 0
    assert r"Done \u2713" in done.out
