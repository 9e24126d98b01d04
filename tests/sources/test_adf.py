import pytest

from debtplan.core.decode import Json
from debtplan.sources.jira.adf import plain_text


def doc(*nodes: Json) -> Json:
    return {"type": "doc", "version": 1, "content": list(nodes)}


def text(words: str, **extra: Json) -> Json:
    return {"type": "text", "text": words, **extra}


def block(kind: str, *nodes: Json, **attrs: Json) -> Json:
    return {"type": kind, "content": list(nodes), "attrs": attrs}


@pytest.mark.parametrize("value", [None, {}, [], 3, True, {"type": "doc"}, {"content": "x"}])
def test_what_is_no_document_is_no_text(value: Json) -> None:
    assert plain_text(value) == ""


@pytest.mark.parametrize(
    "node",
    [
        {"type": "text"},
        {"type": "text", "text": None},
        {"type": ["list"], "content": [None, 3, "x"]},
        {"type": "table", "content": {"a": 1}},
        {"type": "mention", "attrs": None},
        {"type": "date", "attrs": {"timestamp": "9" * 40}},
        {"type": "codeBlock", "attrs": {"language": 3}, "content": [3]},
    ],
)
def test_a_node_of_the_wrong_shape_does_no_harm(node: Json) -> None:
    assert isinstance(plain_text(doc(node)), str)


def test_deep_nesting_ends() -> None:
    node: Json = text("deep")
    for _ in range(900):
        node = {"type": "panel", "content": [node]}
    assert plain_text(doc(node)) == ""


def test_paragraphs_headings_and_breaks() -> None:
    value = doc(
        block("heading", text("Why"), level=2),
        block("paragraph", text("one "), text("two"), {"type": "hardBreak"}, text("three")),
        {"type": "rule"},
    )
    assert plain_text(value) == "Why\n\none two\nthree\n\n---"


def test_a_code_block_is_a_fence_with_its_language() -> None:
    value = doc(block("codeBlock", text('metric = "x"\nshare = 0.4'), language="debtplan"))
    assert plain_text(value) == '```debtplan\nmetric = "x"\nshare = 0.4\n```'


def test_backticks_in_code_get_a_longer_fence_and_a_bad_language_none() -> None:
    value = doc(block("codeBlock", text("```\nx"), language="a b\n```"))
    assert plain_text(value) == "````\n```\nx\n````"


def test_lists_tables_and_tasks() -> None:
    item = block("listItem", block("paragraph", text("a")))
    inner = block("bulletList", block("listItem", block("paragraph", text("c"))))
    value = doc(
        block("bulletList", item, block("listItem", block("paragraph", text("b")), inner)),
        block("orderedList", item),
        block(
            "taskList",
            block("taskItem", text("done"), state="DONE"),
            block("taskItem", text("not")),
        ),
        block(
            "table", block("tableRow", block("tableCell", text("1")), block("tableCell", text("2")))
        ),
    )
    assert plain_text(value) == "- a\n- b\n  - c\n\n1. a\n\n- [x] done\n- [ ] not\n\n1 | 2"


def test_inline_nodes_show_their_text() -> None:
    link: Json = {"type": "link", "attrs": {"href": "https://example.com"}}
    value = doc(
        block(
            "paragraph",
            {"type": "mention", "attrs": {"id": "1", "text": "@ann"}},
            text(" see "),
            text("this", marks=[link]),
            {"type": "emoji", "attrs": {"shortName": ":x:"}},
            {"type": "inlineCard", "attrs": {"url": "https://example.com/2"}},
            {"type": "status", "attrs": {"text": "LATE"}},
            {"type": "date", "attrs": {"timestamp": "1767225600000"}},
            {"type": "futureNode", "attrs": {"text": "?"}},
        )
    )
    assert plain_text(value) == (
        "@ann see this (https://example.com):x:https://example.com/2LATE2026-01-01?"
    )


def test_wiki_code_becomes_a_fence_and_other_markup_stays() -> None:
    value = (
        "h1. Why\n{code:debtplan|title=x}\na = 1\n{code}\n"
        "{noformat}b{noformat}\n{code:title=y}c{code}"
    )
    assert plain_text(value) == (
        "h1. Why\n\n```debtplan\na = 1\n```\n\n\n```\nb\n```\n\n\n```\nc\n```\n"
    )
    assert plain_text("{code} never closed") == "{code} never closed"


@pytest.mark.slow
def test_marks_that_never_close_cost_no_time() -> None:
    for text in ("{code:x}" * 100_000, "{code:" * 100_000, "{noformat}{code}" * 50_000):
        assert plain_text(text)
