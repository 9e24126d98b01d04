"""Users' text stays text, in every form: the document is built as if it were harmless."""

import csv
import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from io import StringIO
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from debtplan.core.plan import Plan
from debtplan.render import RENDERERS
from debtplan.render.csv import safe_cell
from debtplan.render.markdown import escape
from debtplan.render.table import display_width
from tests import plans
from tests.render.hostile import hostile
from tests.render.payloads import PAYLOADS
from tests.thinned import thinned

BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROL = re.compile("[\x00-\x09\x0b-\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
TEXT_ATTRIBUTES = frozenset({"aria-label", "content", "alt", "title"})


class Tree(HTMLParser):
    """The elements of a page with their attributes, without the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.nodes: list[object] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        shown = [(name, "" if name in TEXT_ATTRIBUTES else value) for name, value in attrs]
        self.nodes.append((tag, shown))
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self.nodes.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.nodes.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.nodes.append(decl)


@cache
def model() -> Plan:
    """A plan without charts, so that hundreds of pages take seconds."""
    plan = plans.unsimulated()
    inputs = plan.inputs
    kept = tuple(one for one in inputs.readings if one.end_at > plans.AS_OF.replace(day=27))
    return plan.model_copy(update={"inputs": inputs.model_copy(update={"readings": kept[:5]})})


def render(form: str, payload: str) -> str:
    return RENDERERS[form]().render(hostile(model(), payload))


def tree(page: str) -> list[object]:
    parser = Tree()
    parser.feed(page)
    parser.close()
    return parser.nodes


@cache
def harmless_tree() -> list[object]:
    return tree(render("html", "harmless"))


def kinds(text: str) -> list[tuple[str, int]]:
    """Return what a Markdown reader makes of the text: kinds of blocks and marks."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return [
        (one.type, one.level)
        for token in tokens
        for one in (token, *(token.children or ()))
        if one.type not in ("text", "text_special")
    ]


@cache
def harmless_kinds() -> list[tuple[str, int]]:
    return kinds(render("markdown", "harmless"))


def test_the_corpus_is_large_enough() -> None:
    assert len(set(PAYLOADS)) >= 200


@pytest.mark.parametrize("payload", thinned(PAYLOADS, 8))
def test_the_page_has_the_elements_of_a_harmless_one(payload: str) -> None:
    page = render("html", payload)

    assert tree(page) == harmless_tree()
    assert not BIDI.search(page)


@pytest.mark.parametrize("payload", thinned(PAYLOADS, 8))
def test_markdown_reads_as_a_harmless_one(payload: str) -> None:
    text = render("markdown", payload)

    assert kinds(text) == harmless_kinds()
    assert not BIDI.search(text)
    assert not CONTROL.search(text)
    assert not re.search(r"(?<!\\)[@#](?![\u200b# ])", text)
    assert not re.search(r"://(?!\u200b)(?!omniretail|github)", text)


@pytest.mark.parametrize("payload", thinned(PAYLOADS, 8))
@pytest.mark.slow
def test_csv_holds_no_formula_and_every_row_its_columns(payload: str) -> None:
    rows = list(csv.reader(StringIO(render("csv", payload), newline="")))

    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == 1 + len(model().chosen) + len(model().passed_over)
    assert [cell for row in rows for cell in row if is_formula(cell)] == []


@pytest.mark.parametrize("payload", thinned(PAYLOADS, 8))
def test_the_terminal_gets_no_control_and_no_long_line(payload: str) -> None:
    text = render("table", payload)

    assert not BIDI.search(text)
    assert not CONTROL.search(text)
    assert max(display_width(line) for line in text.splitlines()) <= 100


@pytest.mark.parametrize("payload", thinned(PAYLOADS, 8))
def test_json_gives_back_what_went_in_and_shows_it(payload: str) -> None:
    plan = hostile(model(), payload)
    text = RENDERERS["json"]().render(plan)

    assert Plan.model_validate_json(text) == plan
    assert not BIDI.search(text)
    assert not CONTROL.search(text)


@pytest.mark.parametrize("payload", PAYLOADS[:40:7] + PAYLOADS[-6:])
def test_the_data_inside_the_page_is_the_plan(payload: str) -> None:
    plan = hostile(model(), payload)
    page = RENDERERS["html"]().render(plan)

    assert Plan.model_validate_json(held_data(page)) == plan


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example",
        'https://x"onclick="alert(1)',
        "https://x y",
        "https://x>",
        " https://x",
    ],
)
def test_an_address_that_is_not_plain_http_is_no_link(address: str) -> None:
    plan = model()
    chosen = tuple(one.model_copy(update={"url": address}) for one in plan.chosen)
    passed = tuple(one.model_copy(update={"url": address}) for one in plan.passed_over)
    changed = plan.model_copy(update={"chosen": chosen, "passed_over": passed})
    parser = Tree()
    parser.feed(RENDERERS["html"]().render(changed))

    assert {link.partition(":")[0] for link in parser.addresses if not link.startswith("#")} == {
        "data"
    }
    assert "](<" not in RENDERERS["markdown"]().render(changed)


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "html"])
def test_a_title_of_a_megabyte_is_cut_and_says_so(form: str) -> None:
    plan = model()
    chosen = tuple(one.model_copy(update={"title": "<b>" * 350_000}) for one in plan.chosen)
    text = RENDERERS[form]().render(plan.model_copy(update={"chosen": chosen}))
    shown = text.partition("debtplan-data")[0]

    assert len(shown) < 200_000
    assert form == "table" or "cut from 1,050,000 characters" in shown


@given(st.text())
def test_no_exported_cell_starts_a_formula(text: str) -> None:
    assert not is_formula(safe_cell(text))


@given(st.floats(-1e15, 1e15) | st.integers(-(10**9), 10**9))
def test_a_number_stays_a_number(number: float) -> None:
    assert float(safe_cell(number)) == pytest.approx(number)


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_markdown_shows_any_text_as_text(text: str) -> None:
    inline = [one for one, _ in kinds(f"x {escape(text)} y")]

    assert set(inline) == {"paragraph_open", "inline", "paragraph_close"}


def is_formula(cell: str) -> bool:
    """Say whether a spreadsheet would compute the cell; plain numbers are fine."""
    try:
        float(cell)
    except ValueError:
        seen = normalize("NFKC", cell).lstrip(" \u200b\ufeff\u00a0\u2060\u3000")
        return cell[:1] in ("\t", "\r", "\n", "\x00") or seen[:1] in tuple("=+-@\u2212")
    return False


def held_data(page: str) -> str:
    """Return the text inside the page's template element."""

    class Data(HTMLParser):
        inside = False
        text = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.inside = self.inside or (tag == "template")

        def handle_endtag(self, tag: str) -> None:
            self.inside = self.inside and tag != "template"

        def handle_data(self, data: str) -> None:
            self.text += data if self.inside else ""

    parser = Data(convert_charrefs=True)
    parser.feed(page)
    parser.close()
    assert json.loads(parser.text)
    return parser.text


def texts(value: object) -> Iterator[str]:
    """Yield every text of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def test_the_payload_reaches_every_text_that_is_not_ours() -> None:
    plan = hostile(model(), "PAYLOAD")
    free = [text for text in texts(plan.model_dump(mode="json")) if "PAYLOAD" in text]

    assert len(free) > 150
    assert "Checkout" not in json.dumps(plan.model_dump(mode="json"))
