"""Hostile text in every field stays harmless in every output."""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from io import StringIO
from itertools import cycle
from pathlib import Path

import pytest

from debtplan.render.csv import starts_formula
from tests.cli.hostile import write_hostile
from tests.cli.shop import DAY, Ran, Shop

pytestmark = pytest.mark.slow

MARKUP = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)><svg onload=x()>"
    "</template></title></style><!--<iframe src=//evil.example>{{7*7}}"
    "[click](javascript:x())|`code`<https://evil.example>&lt;b>"
)
CONTROLS = (
    "\x1b[2J\x1b]0;own\x07\x1b[31m\x9b31m\x7f\x08\x00\r\n2nd\u2028"
    "\u202edesrever\u2066\u2069\u200f\ufeff\u200b"
)
FORMULAS = ("=cmd|'/c calc'!A1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\uff1d1+1", " =1", "\u22122")
MEGABYTE = "A\u0301\U0001f468\u200d\U0001f469" + "A" * 1_000_000

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "sync": ("sync",),
    "items": ("items",),
    "items json": ("items", "--format", "json"),
    "lint": ("items", "--lint"),
    "lint json": ("items", "--lint", "--format", "json"),
    "metrics": ("metrics", "--as-of", DAY),
    "links": ("links", "--as-of", DAY),
    "links json": ("links", "--as-of", DAY, "--format", "json"),
    "doctor": ("doctor", "--as-of", DAY),
    "audit": ("audit", "--as-of", DAY),
    "config": ("config", "show", "--origin"),
    "table": ("plan", "--as-of", DAY),
    "markdown": ("plan", "--as-of", DAY, "--format", "markdown"),
    "csv": ("plan", "--as-of", DAY, "--format", "csv"),
    "json": ("plan", "--as-of", DAY, "--format", "json"),
    "html": ("plan", "--as-of", DAY, "--format", "html"),
    "explain": ("explain", "C-2", "--as-of", DAY),
    "explain other": ("explain", "C-1", "--as-of", DAY),
    "explain json": ("explain", "C-2", "--as-of", DAY, "--format", "json"),
}
STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


def run_all(folder: Path, text: Callable[[str], str]) -> dict[str, Ran]:
    """Return what every command says of a folder whose every field holds the text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        shop = Shop(folder)
        write_hostile(shop, text)
        return {name: shop.run(*words) for name, words in COMMANDS.items()}


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    return run_all(tmp_path_factory.mktemp("harmless"), lambda field: f"harmless {field}")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """Every field holds markup and control characters, and begins as another formula each time."""
    starts = cycle(FORMULAS)
    folder = tmp_path_factory.mktemp("hostile")
    return run_all(folder, lambda field: f"{next(starts)} {CONTROLS}{MARKUP}")


@pytest.fixture(scope="module")
def enormous(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """Every field of a source holds a megabyte; the settings are the team's own."""
    sources = ("csv.", "title", "jira.", "github.", "readings.", "segment", "block")
    return run_all(
        tmp_path_factory.mktemp("enormous"),
        lambda field: MEGABYTE if field.startswith(sources) else f"harmless {field}",
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_no_output_holds_a_control_or_direction_character(
    hostile: dict[str, Ran], name: str
) -> None:
    done = hostile[name]
    assert STEERING.findall(done.out) == []
    assert STEERING.findall(done.err) == []
    assert "\r" not in done.out.replace("\r\n", "") if name == "csv" else "\r" not in done.said


@pytest.mark.parametrize("name", COMMANDS)
def test_hostile_text_changes_no_exit_code(
    harmless: dict[str, Ran], hostile: dict[str, Ran], enormous: dict[str, Ran], name: str
) -> None:
    codes = {one[name].code for one in (harmless, hostile, enormous)}
    assert codes == {0}, hostile[name].said


def test_a_line_of_a_list_is_one_item_whatever_its_title(
    harmless: dict[str, Ran], hostile: dict[str, Ran]
) -> None:
    for name in ("items", "metrics", "links", "config"):
        assert len(hostile[name].out.splitlines()) == len(harmless[name].out.splitlines()), name
    assert len(json.loads(hostile["items json"].out)["rows"]) == 14


def test_some_of_the_hostile_items_are_chosen(hostile: dict[str, Ran]) -> None:
    """Cards, charts and reasons are drawn for them, not only rows of what waits."""
    assert len(json.loads(hostile["json"].out)["chosen"]) >= 2


def test_hostile_text_is_shown_not_swallowed(hostile: dict[str, Ran]) -> None:
    assert "<U+202E>desrever" in hostile["items"].out
    assert "alert(1)" in hostile["html"].out
    assert "alert(1)" in hostile["csv"].out
    assert "onerror" in hostile["markdown"].out


def test_no_cell_of_a_csv_is_a_formula(hostile: dict[str, Ran]) -> None:
    rows = list(csv.reader(StringIO(hostile["csv"].out)))
    assert len(rows) == 15
    assert {len(row) for row in rows} == {len(rows[0])}
    text = [cell for row in rows for cell in row if not is_number(cell)]
    assert [cell for cell in text if starts_formula(cell)] == []
    assert any(cell.startswith("'=cmd") for cell in text)


def is_number(cell: str) -> bool:
    """Tell whether a cell is a number, which may begin with a minus."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


class Tree(HTMLParser):
    """The elements of a page with the names of their attributes, drawings left out."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.addresses: list[str] = []
        self.drawn: set[str] = set()
        self.comments = 0
        self._depth = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [str(value) for name, value in attrs if name in {"href", "src"}]
        if self._depth or tag == "svg":
            self._depth += tag not in {"path", "line", "image", "use"}
            self.drawn |= {tag, *(name for name, _ in attrs)}
        self.elements.append((tag, tuple(sorted(name for name, _ in attrs))))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._depth:
            self._depth -= tag not in {"path", "line", "image", "use"}

    def handle_comment(self, data: str) -> None:
        self.comments += 1


def without_drawings(page: str) -> str:
    """Return a page without its charts: their labels break where the text is long."""
    return re.sub(r"<svg\b.*?</svg>", "<svg></svg>", page, flags=re.DOTALL)


def test_the_page_has_the_elements_of_the_harmless_page(
    harmless: dict[str, Ran], hostile: dict[str, Ran]
) -> None:
    wanted, found = (Tree(without_drawings(one["html"].out)) for one in (harmless, hostile))
    assert list(differences(wanted.elements, found.elements)) == []
    assert found.comments == wanted.comments


def differences(
    wanted: list[tuple[str, tuple[str, ...]]], found: list[tuple[str, tuple[str, ...]]]
) -> Iterator[str]:
    """Yield the first element that differs, for the message."""
    for at, (left, right) in enumerate(zip(wanted, found, strict=False)):
        if left != right:
            yield f"element {at}: {left} became {right}, after {wanted[at - 5 : at]}"
            return
    if len(wanted) != len(found):
        yield f"{len(wanted)} elements became {len(found)}"


def test_a_page_leads_nowhere_but_to_the_tracker(hostile: dict[str, Ran]) -> None:
    tree = Tree(hostile["html"].out)
    strange = [one for one in tree.addresses if not re.match(r"#|https?://|data:,$", one)]
    assert strange == []
    assert not [name for name in tree.drawn if name.startswith("on")]
    assert tree.drawn.isdisjoint({"script", "foreignobject", "iframe", "image", "a"})
    assert "script" not in {tag for tag, _ in tree.elements}


def test_markdown_holds_no_live_markup(hostile: dict[str, Ran]) -> None:
    text = re.sub(r"```.*?```", "", hostile["markdown"].out, flags=re.DOTALL)
    text = re.sub(r"\\.", "", text)
    assert re.findall(r"<(?:script|img|svg|iframe|style|title|template|!--)", text) == []
    assert re.findall(r"\]\(javascript:", text) == []


def test_json_outputs_are_json(hostile: dict[str, Ran], enormous: dict[str, Ran]) -> None:
    for name in COMMANDS:
        if name.endswith("json"):
            assert json.loads(hostile[name].out)["schema_version"] == 1
            assert json.loads(enormous[name].out)["schema_version"] == 1


@pytest.mark.parametrize("name", COMMANDS)
def test_megabytes_in_every_field_stay_bounded(
    harmless: dict[str, Ran], enormous: dict[str, Ran], name: str
) -> None:
    """14 items of 300 characters a title, and their reasons."""
    done = enormous[name]
    assert len(done.out) < len(harmless[name].out) + 60_000
    assert len(done.err) < 20_000
