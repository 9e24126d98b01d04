"""Jira's rich text as plain text: the Atlassian document format, and wiki markup's code blocks.

Node names as in the "Atlassian Document Format" reference. Code keeps its language as a fence, so
that a block written for us in a description survives either form.
"""

import re
from datetime import UTC, datetime

from debtplan.core.decode import Json
from debtplan.files.shape import record, sequence, words

_DEEPEST = 250
_LANGUAGE = re.compile(r"[A-Za-z0-9_+.#-]{1,40}")
_WIKI_MARK = re.compile(r"\{(code|noformat)(?::([^}\n]{0,200}))?\}")
_BLOCKS = frozenset(
    {
        "blockquote",
        "bulletList",
        "codeBlock",
        "decisionList",
        "doc",
        "expand",
        "heading",
        "layoutColumn",
        "layoutSection",
        "mediaGroup",
        "mediaSingle",
        "nestedExpand",
        "orderedList",
        "panel",
        "paragraph",
        "rule",
        "table",
        "taskList",
    }
)


def plain_text(value: Json) -> str:
    """Return a description or comment as text, whatever form the server gave it in.

    Args:
        value: A document, wiki markup or plain text, or None.
    """
    if isinstance(value, str):
        return _fence_wiki(value)
    return _node(value, 0).strip("\n") if isinstance(value, dict) else ""


def _fence_wiki(text: str) -> str:
    """Return wiki markup with its `{code}` and `{noformat}` blocks as fences; one pass."""
    pieces: list[str] = []
    opened: re.Match[str] | None = None
    done = 0
    for mark in _WIKI_MARK.finditer(text):
        if opened is None:
            opened = mark
        elif mark[1] == opened[1] and mark[2] is None:
            code = text[opened.end() : mark.start()].strip("\n")
            first = (opened[2] or "").split("|")[0].strip()
            pieces += [text[done : opened.start()], f"\n{_fence(code, first)}\n"]
            opened, done = None, mark.end()
    return "".join((*pieces, text[done:]))


def _fence(code: str, language: str) -> str:
    """Return code between fences that are longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    marks = "`" * max(3, longest + 1)
    named = language if _LANGUAGE.fullmatch(language) else ""
    return f"{marks}{named}\n{code}\n{marks}"


def _node(value: Json, depth: int) -> str:
    node = record(value)
    kind, attrs = words(node.get("type")), record(node.get("attrs"))
    if depth > _DEEPEST:
        return ""
    if kind == "text":
        return _text(node)
    if kind in _INLINE:
        return _inline(kind, attrs)
    children = sequence(node.get("content"))
    if kind == "codeBlock":
        code = "".join(_node(one, depth + 1) for one in children)
        return _fence(code, words(attrs.get("language")))
    if kind in {"bulletList", "orderedList", "taskList", "decisionList"}:
        return "\n".join(_entry(kind, at, one, depth + 1) for at, one in enumerate(children, 1))
    if kind == "table":
        return "\n".join(_table_row(one, depth + 1) for one in children)
    if kind in {"expand", "nestedExpand"}:
        return f"{words(attrs.get('title'))}\n\n{_joined(children, depth)}"
    return _joined(children, depth) or words(attrs.get("text"))


def _joined(children: list[Json], depth: int) -> str:
    """Return blocks with a blank line between, anything else as one run of text."""
    apart = any(words(record(one).get("type")) in _BLOCKS for one in children)
    parts = [_node(one, depth + 1) for one in children]
    return "\n\n".join(part for part in parts if part) if apart else "".join(parts)


def _text(node: dict[str, Json]) -> str:
    text = words(node.get("text"))
    for mark in map(record, sequence(node.get("marks"))):
        address = words(record(mark.get("attrs")).get("href"))
        if words(mark.get("type")) == "link" and address and address != text:
            return f"{text} ({address})"
    return text


_INLINE = {
    "blockCard": ("url",),
    "date": ("timestamp",),
    "embedCard": ("url",),
    "emoji": ("text", "shortName"),
    "hardBreak": (),
    "inlineCard": ("url",),
    "media": ("alt",),
    "mediaInline": ("alt",),
    "mention": ("text",),
    "rule": (),
    "status": ("text",),
}
"""Nodes without content -> the attributes that may hold their text."""


def _inline(kind: str, attrs: dict[str, Json]) -> str:
    if kind == "hardBreak":
        return "\n"
    if kind == "rule":
        return "---"
    found = next((text for name in _INLINE[kind] if (text := words(attrs.get(name)))), "")
    return _day(found) if kind == "date" else found


def _day(timestamp: str) -> str:
    try:
        return datetime.fromtimestamp(int(timestamp) / 1000, tz=UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return timestamp


def _entry(kind: str, number: int, value: Json, depth: int) -> str:
    mark = f"{number}. " if kind == "orderedList" else "- "
    if kind == "taskList":
        state = words(record(record(value).get("attrs")).get("state"))
        mark = "- [x] " if state == "DONE" else "- [ ] "
    text = _node(value, depth).strip("\n").replace("\n\n", "\n")
    return mark + text.replace("\n", "\n  ")


def _table_row(value: Json, depth: int) -> str:
    cells = sequence(record(value).get("content"))
    return " | ".join(_node(cell, depth).strip("\n").replace("\n", " ") for cell in cells)
