"""The forms of the report. Pure: a plan in, a document out; no clock, no files, no network.

All forms say the same in the same order, from one `story`: data, then findings, then sentences.
"""

from collections.abc import Callable

from debtplan.core.registry import entries_of
from debtplan.ports import Renderer

_lazily = entries_of("debtplan.render")

RENDERERS: dict[str, Callable[[], Renderer]] = {
    "table": _lazily("table", "TableRenderer"),
    "json": _lazily("json", "JsonRenderer"),
    "markdown": _lazily("markdown", "MarkdownRenderer"),
    "csv": _lazily("csv", "CsvRenderer"),
    "html": _lazily("html", "HtmlRenderer"),
}
