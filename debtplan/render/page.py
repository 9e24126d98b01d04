"""Pages as one HTML file each: no script, no address they load from, they print on A4.

Everything that comes from outside goes through the templates' escaping; addresses only http(s).
"""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from debtplan.core.text import clean_line, safe_url
from debtplan.render.number import full, percent, plain
from debtplan.render.waiting import say_hopes

_CODE = re.compile(r"`([^`]+)`")


def render_page(template: str, **values: object) -> str:
    """Return a page, the style sheet in it."""
    style = _style()
    page = _templates().get_template(template)
    written = page.render(
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=b64encode(sha256(style.encode()).digest()).decode(),
        **values,
    )
    return written + "\n"


@cache
def _templates() -> Environment:
    """Return the templates: everything is escaped, an unknown name is an error."""
    environment = Environment(
        loader=PackageLoader("debtplan.render"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.filters |= {
        "full": full,
        "percent": percent,
        "plain": plain,
        "address": safe_url,
        "hopes": say_hopes,
        "coded": _coded,
    }
    return environment


@cache
def _style() -> str:
    return files("debtplan.render").joinpath("style.css").read_text(encoding="utf-8")


def _coded(text: str) -> Markup:
    """Return a line in which what stands between backticks is set as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(_visible(text)))))  # noqa: S704 - escaped


def _visible(value: object) -> object:
    """Return text as one visible line; what is marked as safe stays as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return clean_line(value, 4_000)
    return value
