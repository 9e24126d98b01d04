"""Notices for the tests: plain ones, hostile ones, huge ones."""

from pathlib import Path

from debtplan.core.notice import Line, Notice, NoticeKind, Section
from debtplan.notify.options import NotifyTable
from debtplan.transport.access import Access
from debtplan.transport.options import LineTable
from tests.builders import NOW

HOSTILE = (
    "<!channel> wake up",
    "<@U012AB3CD> and <#C012AB3CD>",
    "<!here|here> <!subteam^S012|all> <!date^1392734382^{date}^https://evil.example.com|x>",
    "<https://evil.example.com|OMNI-1>",
    "https://evil.example.com @channel @everyone #general",
    "a > b & c < d &amp; &lt;!channel&gt;",
    "[click](https://evil.example.com) **bold** `code` ~no~ <at>Ann</at>",
    "{{DATE(2026-11-23T06:08:39Z, SHORT)}}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    '"><a href="javascript:alert(1)">x</a>',
    "Subject: bought\r\nBcc: eve@example.com\r\n\r\nbody",
    "x\n.\nMAIL FROM:<eve@example.com>",
    ".",
    "..leading dots",
    "\u202egnp.exe\u2066 \u0000\u001b[31mred",
    "Größe 測試 🚀 " * 10,
    "&" * 400,
    "<" * 3_000,
    "*_~`" * 100,
    "|".join("<>&" * 40),
)

EVIL_URLS = (
    "javascript:alert(1)",
    "https://evil.example.com/|x>y",
    "https://evil.example.com/a b",
    "data:text/html,x",
    "https://jira.example.com/browse/OMNI-1?a=1&b=2",
    "https://jira.example.com/" + "&" * 1_500,
)


def notice(*lines: Line, title: str = "Chosen", sentences: tuple[str, ...] = ()) -> Notice:
    """A plan's notice with these lines."""
    sections = (Section(title=title, lines=lines),) if lines else ()
    return Notice(
        kind=NoticeKind.PLAN,
        id="ab" * 32,
        team="web",
        plan_id="web-49-abababababab",
        subject="Plan: Web team · Sprint 49",
        sentences=sentences or ("6 of 40 points go to debt.",),
        sections=sections,
    )


def hostile_notices() -> list[Notice]:
    """Every hostile text in every place, alone and all together, with every address."""
    made = []
    for number, text in enumerate(HOSTILE):
        url = EVIL_URLS[number % len(EVIL_URLS)]
        one = notice(Line(text=text, url=url), Line(text=text), title=text, sentences=(text, text))
        made.append(one.model_copy(update={"subject": text}))
    every = [Line(text=text, url=url) for text in HOSTILE for url in EVIL_URLS]
    return [*made, notice(*every), notice(*every * 20, sentences=HOSTILE)]


def access(name: str, **variables: str) -> Access:
    """A way out with these variables, no patience, and the clock of the tests."""
    line = LineTable(request_s=5.0)
    return Access(name=name, environment=variables, line=line, folder=Path(), clock=lambda: NOW)


def table(**settings: object) -> NotifyTable:
    """A `[notify.NAME]` table."""
    return NotifyTable.model_validate(settings)
