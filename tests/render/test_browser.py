"""The page in a real browser: nothing leaves, nothing overflows, everything can be read."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from debtplan.core.plan import Plan
from debtplan.render import RENDERERS
from tests import plans
from tests.render.hostile import hostile

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

WIDTHS = (390, 1024, 1440)
MAKERS: dict[str, Callable[[], Plan]] = {
    "omniretail": plans.omniretail,
    "empty": plans.empty,
    "unlinked": plans.unlinked,
    "long words": lambda: hostile(plans.omniretail(), "Donaudampfschifffahrtsgesellschaft" * 8),
    "scripts": lambda: hostile(plans.omniretail(), "<img src=x onerror=alert(1)>"),
}

# For each piece of text that shows: its colour and what lies behind it, as WCAG 2.2, 1.4.3 asks.
CONTRASTS = """() => {
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => {
      v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const colour = rgb(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || !element.getClientRects().length || element.closest('title, style')) continue;
    const style = getComputedStyle(element);
    const colour = rgb(element.closest('svg') ? style.fill : style.color);
    const [a, b] = [light(colour), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push([ratio, text.slice(0, 40)]);
  }
  return found;
}"""


@pytest.fixture
def opened(page: "Page", tmp_path: Path) -> Iterator[Callable[..., list[str]]]:
    """Open a plan's page; what goes wrong or leaves is in the list."""
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))

    def noted(request: Any) -> None:
        if not request.url.startswith((tmp_path.as_uri(), "data:,")):
            wrong.append(f"request: {request.url}")

    page.on("request", noted)

    def open_page(plan: Plan, width: int = 1024, scheme: str = "light") -> list[str]:
        path = tmp_path / "report.html"
        path.write_text(RENDERERS["html"]().render(plan), encoding="utf-8")
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto(path.as_uri())
        return wrong

    yield open_page
    assert wrong == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", MAKERS)
def test_nothing_leaves_and_nothing_overflows(
    name: str, width: int, page: "Page", opened: Callable[..., list[str]]
) -> None:
    opened(MAKERS[name](), width)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_every_text_has_contrast_aa(
    width: int, scheme: str, page: "Page", opened: Callable[..., list[str]]
) -> None:
    opened(plans.omniretail(), width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    contrasts = page.evaluate(CONTRASTS)

    assert len(contrasts) > 200
    assert [(ratio, text) for ratio, text in contrasts if ratio < 4.5] == []


def test_dark_recolours_the_charts(page: "Page", opened: Callable[..., list[str]]) -> None:
    seen = []
    for scheme in ("light", "dark"):
        opened(plans.omniretail(), 1024, scheme)
        line = "getComputedStyle(document.querySelector('.chart .mark-line path')).stroke"
        seen.append((page.evaluate(line), page.evaluate("getComputedStyle(document.body).color")))

    assert seen[0][0] != seen[1][0]
    assert seen[0][1] != seen[1][1]


def test_the_answer_fits_the_first_screen_of_a_phone(
    page: "Page", opened: Callable[..., list[str]]
) -> None:
    opened(plans.omniretail(), 390)
    end = page.evaluate("document.querySelector('.said').getBoundingClientRect().bottom")

    assert end <= 844


def test_tables_become_lists_on_a_phone(page: "Page", opened: Callable[..., list[str]]) -> None:
    shown = "getComputedStyle(document.querySelector('table[role=table] td')).display"
    opened(plans.omniretail(), 1024)
    wide = page.evaluate(shown)
    opened(plans.omniretail(), 390)

    assert (wide, page.evaluate(shown)) == ("table-cell", "block")


def test_on_paper_everything_is_open_and_the_pages_are_few(
    page: "Page", opened: Callable[..., list[str]]
) -> None:
    opened(plans.omniretail())
    closed = "[...document.querySelectorAll('details table')].filter(t => !t.checkVisibility())"
    assert page.evaluate(f"{closed}.length") == 5
    page.emulate_media(media="print")
    heights = page.evaluate(
        "[...document.querySelectorAll('details table')].map(t => t.getBoundingClientRect().height)"
    )
    paper = page.pdf(prefer_css_page_size=True)

    assert min(heights) > 50
    assert 5 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 14
    assert b"/MediaBox [0 0 594" in paper or b"/MediaBox [0 0 595" in paper


def test_a_long_backlog_prints_on_few_pages(page: "Page", opened: Callable[..., list[str]]) -> None:
    opened(plans.large())

    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) <= 25


def test_the_keyboard_reaches_the_answer_first(
    page: "Page", opened: Callable[..., list[str]]
) -> None:
    opened(plans.omniretail())
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.textContent") == "Skip to the answer"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0


def test_a_link_to_a_source_opens_what_it_leads_to(
    page: "Page", opened: Callable[..., list[str]]
) -> None:
    opened(plans.omniretail())
    page.click("dd a[href^='#metric-']")
    page.wait_for_function("document.querySelector(location.hash).checkVisibility()")

    assert page.evaluate("document.querySelector(location.hash).closest('details').open")
