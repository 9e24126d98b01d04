"""The forms of the report. Pure: a plan in, a document out; no clock, no files, no network.

All forms say the same in the same order, from one `story`: data, then findings, then sentences.
"""

from collections.abc import Callable
from importlib import import_module

from debtplan.ports import Renderer


def _lazily(module: str, name: str) -> Callable[[], Renderer]:
    """Return a factory that imports its form when it is asked for."""

    def make() -> Renderer:
        form: Renderer = getattr(import_module(f"debtplan.render.{module}"), name)()
        return form

    return make


RENDERERS: dict[str, Callable[[], Renderer]] = {
    "table": _lazily("table", "TableRenderer"),
    "json": _lazily("json", "JsonRenderer"),
    "markdown": _lazily("markdown", "MarkdownRenderer"),
    "csv": _lazily("csv", "CsvRenderer"),
    "html": _lazily("html", "HtmlRenderer"),
}
