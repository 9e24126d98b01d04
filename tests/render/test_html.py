"""The page: whole, offline, in order, readable by a machine that reads aloud."""

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from debtplan.core.plan import MeasureFirst, Plan
from debtplan.render import RENDERERS
from debtplan.render.glossary import GLOSSARY
from tests import plans

MAKERS: tuple[Callable[[], Plan], ...] = (
    plans.omniretail,
    plans.empty,
    plans.unlinked,
    plans.unread,
    plans.unsimulated,
    plans.weighted,
    plans.large,
)
VOID = frozenset({"meta", "link", "br", "img", "hr", "input"})


class Page(HTMLParser):
    """What a test asks of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.headings: list[int] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "template"} & set(self.open):
            self.text += data


def draw(plan: Plan) -> str:
    return RENDERERS["html"]().render(plan)


@pytest.mark.parametrize("make", MAKERS)
def test_every_element_is_closed_and_every_link_leads_somewhere(make: Callable[[], Plan]) -> None:
    page = Page(draw(make()))

    assert page.open == []
    assert sorted(page.ids) == sorted(set(page.ids))
    assert {link for link in page.links if link.startswith("#")} <= {f"#{i}" for i in page.ids}
    referred = {v for _, name, v in page.attributes if name == "aria-labelledby"}
    assert referred <= set(page.ids)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.slow
def test_headings_come_in_order_and_landmarks_stand_once(make: Callable[[], Plan]) -> None:
    page = Page(draw(make()))

    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
    assert [page.tags.count(tag) for tag in ("header", "main", "nav", "footer")] == [1, 1, 1, 1]
    assert page.tags.count("table") == page.tags.count("caption")


@pytest.mark.parametrize("make", MAKERS)
def test_the_page_loads_nothing_and_runs_nothing(make: Callable[[], Plan]) -> None:
    text = draw(make())
    page = Page(text)

    assert not {"script", "iframe", "object", "embed", "img", "form", "base"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name == "style"]
    assert not [a for a in page.attributes if a[1] == "src"]
    assert [value for tag, name, value in page.attributes if (tag, name) == ("link", "href")] == [
        "data:,"
    ]
    assert "url(" not in text.partition("<template")[0]
    assert {link.partition(":")[0] for link in page.links if link[0] != "#"} <= {"https", "data"}


def test_the_policy_allows_the_style_sheet_and_nothing_else() -> None:
    text = draw(plans.empty())
    style = text.partition("<style>")[2].partition("</style>")[0]
    known = b64encode(sha256(style.encode()).digest()).decode()

    assert f"default-src 'none'; style-src 'sha256-{known}'; img-src data:;" in text


def test_the_answer_is_the_heading_and_the_strip_has_four_figures() -> None:
    page = draw(plans.omniretail())
    heading = re.sub("<[^>]*>", "", page.partition("<h1")[2].partition("</h1>")[0]).partition(">")
    strip = page.partition('class="strip"')[2].partition("</dl>")[0]

    assert heading[2] == (
        "6 of 40 points go to debt. They should spare about 2,900 sessions a sprint a frustrating "
        "experience (likely 1,600–4,400)."
    )
    assert re.findall(r'class="number">([^<]*)<', strip) == [
        "6 of 6 points",
        "about 2,900",
        "83% of this",
        "not calibrated yet",
    ]


def test_the_first_sheet_of_paper_lists_what_is_chosen() -> None:
    page = draw(plans.omniretail())
    listed = page.partition('<ol class="paper">')[2].partition("</ol>")[0]
    assert listed.count("<li>") == len(plans.omniretail().chosen)
    assert all(one.title in listed for one in plans.omniretail().chosen)
    assert '<ol class="paper">' not in draw(plans.empty())


def test_each_metric_is_drawn_once_and_the_chart_says_what_it_shows() -> None:
    page = draw(plans.omniretail())

    assert page.count('<svg class="chart"') == 3
    assert page.count("36% of sessions are lost at shipping information; 16%") >= 2
    assert "The chart of these users stands with OMNI-12." in page
    assert 'stroke="var(--harm)"' in page
    assert not re.search(r'(?:fill|stroke)="#', page)


def test_ten_words_are_explained() -> None:
    page = Page(draw(plans.omniretail()))

    assert len(GLOSSARY) == 10
    assert {f"word-{one.id}" for one in GLOSSARY} <= set(page.ids)
    assert len({link for link in page.links if link.startswith("#word-")}) >= 4


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (plans.empty, "There are no items to choose from."),
        (plans.unlinked, "none of them touches a metric with known harm"),
        (plans.unread, "none of them touches a metric with known harm"),
        (plans.unsimulated, "how far off that may be is not known"),
        (plans.weighted, "weighted sessions"),
    ],
)
def test_what_is_missing_is_said_honestly(make: Callable[[], Plan], words: str) -> None:
    page = Page(draw(make()))

    assert words in page.text
    assert "None" not in re.sub(r"None\.", "", page.text)
    assert "nan" not in page.text.lower().replace("finance", "")


def test_a_command_is_set_as_code_and_nothing_else_of_the_text_is_markup() -> None:
    made = plans.omniretail()
    one = MeasureFirst(
        key=made.passed_over[0].key,
        title="",
        missing="a link to a metric",
        why="",
        worth=2.0,
        takes="look at `debtplan links suggest`, or <b>one</b> spike of a `day",
    )
    text = draw(made.model_copy(update={"measure_first": (one,)})).partition("<template")[0]

    said = "Look at <code>debtplan links suggest</code>, or &lt;b&gt;one&lt;/b&gt; spike of a `day."
    assert said in text


@pytest.mark.slow
def test_a_long_backlog_stays_a_page() -> None:
    text = draw(plans.large())

    assert len(text) < 5_000_000
    assert text.count('<tr role="row">') < 250
    assert "2,867 more are passed over." in text
    assert "Item 2899 of a long backlog" in text.partition("<template")[0]
