"""Slack, held against a stand-in that checks what Slack would refuse or turn into a mention."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from debtplan.core.notice import Line, Notice
from debtplan.errors import NotSentError
from debtplan.notify.slack import SlackNotifier, escape, slack_message
from tests.notify.notices import HOSTILE, access, hostile_notices, notice, table
from tests.servers.harness import FakeServer, Reply, Seen

PATH = "/services/T00000000/B00000000/" + "XyZcanary0123456789abcdef"
ENTITY = re.compile(r"&(?:amp|lt|gt);")
OWN_LINK = re.compile(r"<https?://[^\s<>|]+\|[^<>]*>")


def faults_of(message: Any) -> list[str]:
    """Return what Slack would not take, or would show as something else than text."""
    found = []
    blocks = message.get("blocks", [])
    if not 1 <= len(blocks) <= 50:
        found.append(f"{len(blocks)} blocks")
    if len(json.dumps(message, ensure_ascii=False)) > 13_200:
        found.append("msg_blocks_too_long")
    texts = [message.get("text", "")]
    for block in blocks:
        text = block["text"]["text"]
        most = 150 if block["type"] == "header" else 3_000
        if not 1 <= len(text) <= most:
            found.append(f"{len(text)} characters in a {block['type']}")
        if block["type"] == "section":
            if block["text"]["verbatim"] is not True:
                found.append("names and addresses would turn into mentions and links")
            texts.append(text)
        elif block["text"]["type"] != "plain_text":
            found.append("a header is no plain text")
    found += [f"unescaped: {text[:60]!r}" for text in texts if not is_escaped(text)]
    return found


def is_escaped(text: str) -> bool:
    """Tell whether all that is left, once our own links are gone, is escaped."""
    rest = ENTITY.sub("", OWN_LINK.sub(lambda link: link.group().partition("|")[2][:-1], text))
    return not re.search(r"[<>&]", rest)


class FakeSlack(FakeServer):
    """Takes messages at PATH as Slack does, and refuses what it would refuse."""

    def __init__(self) -> None:
        super().__init__(self._take)
        self.faults_seen: list[str] = []

    def _take(self, seen: Seen) -> Reply:
        if (seen.method, seen.path) != ("POST", PATH):
            return Reply(404, b"no_service")
        if seen.headers.get("content-type", "").split(";")[0] != "application/json":
            return Reply(400, b"invalid_payload")
        self.faults_seen += faults_of(seen.json)
        return Reply(400, b"invalid_blocks") if self.faults_seen else Reply(200, b"ok")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


def notifier(server: FakeServer, path: str = PATH) -> SlackNotifier:
    return SlackNotifier("slack", table(), access("slack", DEBTPLAN_SLACK_URL=server.url + path))


@pytest.mark.parametrize("one", hostile_notices(), ids=lambda one: one.subject[:12].encode().hex())
def test_slack_takes_every_notice_and_no_title_becomes_a_mention(
    slack: FakeSlack, one: Notice
) -> None:
    notifier(slack)(one)
    assert slack.faults_seen == []
    assert len(slack.log) == 1


def test_a_link_leads_to_the_item_and_nowhere_else(slack: FakeSlack) -> None:
    good = "https://jira.example.com/browse/OMNI-1?a=1&b=2"
    notifier(slack)(notice(Line(text="A <b>", url=good), Line(text="B", url="javascript:x()")))
    text = slack.log[0].json["blocks"][-1]["text"]["text"]
    assert "• <https://jira.example.com/browse/OMNI-1?a=1&amp;b=2|A &lt;b&gt;>" in text
    assert "javascript" not in text


def test_lines_that_do_not_fit_are_counted() -> None:
    message = json.loads(
        slack_message(notice(*[Line(text=f"{n} " + "x" * 400) for n in range(99)]))
    )
    shown = "\n".join(block["text"]["text"] for block in message["blocks"])
    listed = shown.count("\n• ") - 1
    assert 5 < listed < 40
    assert f"... and {99 - listed} more" in shown
    assert faults_of(message) == []


def test_a_small_notice_is_told_whole() -> None:
    message = json.loads(slack_message(notice(*[Line(text=f"item {n}") for n in range(60)])))
    shown = "\n".join(block["text"]["text"] for block in message["blocks"])
    assert all(f"• item {n}" in shown for n in range(60))
    assert "more" not in shown


def test_the_stand_in_for_slack_can_tell() -> None:
    def told(text: str, **more: Any) -> list[str]:
        section = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
        return faults_of({"text": "x", "blocks": [section], **more})

    assert told("plain &amp; <https://a.example.com|good>") == []
    assert told("<!channel>")
    assert told("a & b")
    assert told("<https://a.example.com|<!here>>")
    assert told("x" * 3_001)
    assert told("x", blocks=[])
    assert faults_of({"text": "<@U1>", "blocks": []})


@pytest.mark.parametrize("text", HOSTILE)
def test_escaping_loses_nothing(text: str) -> None:
    back = escape(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert back == text


def test_a_webhook_that_was_revoked_is_named_without_its_address(slack: FakeSlack) -> None:
    with pytest.raises(NotSentError) as caught:
        notifier(slack, "/services/T00000000/B00000000/" + "gonecanary0123456789")(notice())
    said = str(caught.value)
    assert "(404: no_service)" in said
    assert "DEBTPLAN_SLACK_URL" in said
    assert "canary" not in said
    assert "T00000000" not in said
