"""Teams: a card of texts that nothing reads as markup, within 28 KB."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from debtplan.core.notice import Line, Notice
from debtplan.errors import NotSentError
from debtplan.notify.teams import TeamsNotifier, teams_message
from tests.notify.notices import access, hostile_notices, notice, table
from tests.servers.harness import FakeServer, Reply, Seen

PATH = "/powerautomate/automations/direct/workflows/abcdef0123456789/triggers/manual/paths/invoke"
QUERY = "?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=" + "canarysignature0123456789"


def card_of(message: Any) -> Any:
    assert message["type"] == "message"
    (attachment,) = message["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    return attachment["content"]


def runs_of(message: Any) -> list[Any]:
    """Return every run of text; nothing else is on the card."""
    body = card_of(message)["body"]
    assert all(block["type"] == "RichTextBlock" for block in body)
    runs = [run for block in body for run in block["inlines"]]
    assert all(run["type"] == "TextRun" for run in runs)
    return runs


def take(seen: Seen) -> Reply:
    if seen.path != PATH or not seen.query.get("sig"):
        return Reply(401, b'{"error":{"code":"DirectApiAuthorizationRequired"}}')
    return Reply(413) if len(seen.content) > 28 * 1024 else Reply(202)


@pytest.fixture
def teams() -> Iterator[FakeServer]:
    with FakeServer(take) as server:
        yield server


def notifier(server: FakeServer, query: str = QUERY) -> TeamsNotifier:
    url = server.url + PATH + query
    return TeamsNotifier("chat", table(type="teams"), access("chat", DEBTPLAN_CHAT_URL=url))


@pytest.mark.parametrize("one", hostile_notices(), ids=lambda one: one.subject[:12].encode().hex())
def test_teams_takes_every_notice_as_plain_text(teams: FakeServer, one: Notice) -> None:
    notifier(teams)(one)
    (seen,) = teams.log
    assert seen.query["sig"] == "canarysignature0123456789"
    for run in runs_of(seen.json):
        url = run.get("selectAction", {}).get("url", "https://")
        assert url.startswith("https://")
        assert "evil" not in url
    assert "entities" not in card_of(seen.json)["msteams"]


def test_an_item_is_linked_and_markdown_in_it_is_text() -> None:
    line = Line(text="[a](https://evil.example.com)", url="https://jira.example.com/browse/A-1")
    run = runs_of(json.loads(teams_message(notice(line))))[-1]
    assert run["text"] == "[a](https://evil.example.com)"
    assert run["selectAction"] == {
        "type": "Action.OpenUrl",
        "url": "https://jira.example.com/browse/A-1",
    }


def test_lines_that_do_not_fit_are_counted() -> None:
    made = teams_message(notice(*[Line(text=f"{n} " + "ü" * 400) for n in range(99)]))
    assert len(made.encode()) <= 28_000
    assert runs_of(json.loads(made))[-1]["text"].endswith("more")


def test_a_refused_signature_is_told_without_it(teams: FakeServer) -> None:
    with pytest.raises(NotSentError) as caught:
        notifier(teams, "?api-version=1")(notice())
    assert "DEBTPLAN_CHAT_URL" in str(caught.value)
    assert "abcdef0123456789" not in str(caught.value)
