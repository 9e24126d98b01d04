"""Slack: an incoming webhook, in Block Kit.

Limits (docs.slack.dev, "Blocks", "Section block", "Header block" and "Rate limits"): 50 blocks,
3,000 characters of a section's text, 150 of a header; in practice some 13,200 of the whole
message, else `msg_blocks_too_long`. Errors are plain text: `invalid_payload`, `no_service`.
"""

import json
from collections.abc import Iterator

from debtplan.core.notice import Line, Notice, Section
from debtplan.core.source import Probe
from debtplan.core.text import clean_line, safe_url
from debtplan.notify.fit import fit
from debtplan.notify.options import NotifyTable
from debtplan.notify.post import Post
from debtplan.notify.probe import probe_of
from debtplan.transport.access import Access

MOST_BLOCKS = 50
LONGEST_SECTION = 3_000
LONGEST_HEADER = 150
LONGEST_MESSAGE = 13_000

_LINE = 500
"""Characters of one line of a list, before they are escaped."""

_ADDRESS = 300
"""Characters of an address that is made a link, escaped."""


class SlackNotifier:
    """Posts to the channel of an incoming webhook."""

    def __init__(self, name: str, table: NotifyTable, access: Access) -> None:
        """Open nothing."""
        del table
        self._name = name
        self._post = Post(f"Slack (notify.{name})", access)

    def __call__(self, notice: Notice) -> None:
        """See `Notifier`."""
        self._post(slack_message(notice).encode())

    def probe(self) -> Probe:
        """See `ProbedNotifier.probe`."""
        return probe_of(self._name, self._post.look)


def slack_message(notice: Notice) -> str:
    """Return the message as JSON, within Slack's limits."""
    return _written(fit(notice, _message, _is_small))


def escape(text: str) -> str:
    """Return text that holds no mention and no link: Slack begins all of them with `<`.

    These three entities are what Slack asks for (docs.slack.dev, "Formatting message text").
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _message(notice: Notice) -> dict[str, object]:
    subject = clean_line(notice.subject, LONGEST_HEADER)
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": subject, "emoji": False}}
    ]
    blocks += [_section(text) for text in _packed(_said(notice))]
    for section in notice.sections:
        blocks += [_section(text) for text in _packed(_lines(section))]
    return {"text": escape(subject), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _written(message: dict[str, object]) -> str:
    return json.dumps(message, ensure_ascii=False)


def _is_small(message: dict[str, object]) -> bool:
    blocks = message["blocks"]
    count = len(blocks) if isinstance(blocks, list) else 0
    return count <= MOST_BLOCKS and len(_written(message)) <= LONGEST_MESSAGE


def _section(text: str) -> dict[str, object]:
    # verbatim: addresses and names in a title do not turn into links and mentions.
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _said(notice: Notice) -> Iterator[str]:
    for one in notice.sentences:
        yield escape(clean_line(one, _LINE))


def _lines(section: Section) -> Iterator[str]:
    yield f"*{escape(clean_line(section.title, 80))}*"
    for line in section.lines:
        yield f"• {_link(line)}"


def _link(line: Line) -> str:
    text, url = escape(clean_line(line.text, _LINE)), escape(safe_url(line.url) or "")
    return f"<{url}|{text}>" if url and len(url) <= _ADDRESS else text


def _packed(lines: Iterator[str]) -> Iterator[str]:
    """Yield texts of at most a section's length, made of whole lines."""
    held = ""
    for line in lines:
        if held and len(held) + 1 + len(line) > LONGEST_SECTION:
            yield held
            held = ""
        held = f"{held}\n{line}" if held else line
    if held:
        yield held
