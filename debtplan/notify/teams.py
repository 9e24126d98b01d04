"""Microsoft Teams: a Workflows address, an Adaptive Card.

A workflow answers 202 before it has done anything: "accepted" is not "shown" (learn.microsoft.com,
"Create incoming webhooks with Workflows"). Its address belongs to a person and ends with them. A
message may have 28 KB (learn.microsoft.com, "Limits and specifications for Teams").
"""

import json
from collections.abc import Iterator

from debtplan.core.notice import Line, Notice
from debtplan.core.source import Probe
from debtplan.core.text import clean_line, safe_url
from debtplan.notify.fit import fit
from debtplan.notify.options import NotifyTable
from debtplan.notify.post import Post
from debtplan.notify.probe import probe_of
from debtplan.transport.access import Access

LARGEST_MESSAGE = 28_000
"""Bytes."""

_LINE = 500
"""Characters of one line."""

_ADDRESS = 500
"""Characters of an address that is made a link."""


class TeamsNotifier:
    """Posts a card to a workflow, which shows it in a chat or channel."""

    def __init__(self, name: str, table: NotifyTable, access: Access) -> None:
        """Open nothing."""
        del table
        self._name = name
        self._post = Post(f"Teams (notify.{name})", access)

    def __call__(self, notice: Notice) -> None:
        """See `Notifier`."""
        self._post(teams_message(notice).encode())

    def probe(self) -> Probe:
        """See `ProbedNotifier.probe`."""
        return probe_of(self._name, self._post.look)


def teams_message(notice: Notice) -> str:
    """Return the message as JSON, within the limits of Teams."""
    return fit(notice, _message, lambda made: len(made.encode()) <= LARGEST_MESSAGE)


def _message(notice: Notice) -> str:
    card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": list(_body(notice)),
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return json.dumps({"type": "message", "attachments": [attachment]}, ensure_ascii=False)


def _body(notice: Notice) -> Iterator[dict[str, object]]:
    yield _text(Line(text=notice.subject), size="Large", weight="Bolder")
    for sentence in notice.sentences:
        yield _text(Line(text=sentence))
    for section in notice.sections:
        yield _text(Line(text=section.title), weight="Bolder")
        for line in section.lines:
            yield _text(line)


def _text(line: Line, **style: str) -> dict[str, object]:
    # A run of a RichTextBlock is shown as it is; a TextBlock reads Markdown, and so links, in it
    # (adaptivecards.io, "RichTextBlock" and "Text features").
    run: dict[str, object] = {"type": "TextRun", "text": clean_line(line.text, _LINE), **style}
    url = safe_url(line.url)
    if url is not None and len(url) <= _ADDRESS:
        run["selectAction"] = {"type": "Action.OpenUrl", "url": url}
    return {"type": "RichTextBlock", "inlines": [run]}
