"""E-mail, in real conversations with a server on loopback."""

import email
import email.policy
import re
import socket
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme

from debtplan.core.notice import Line, Notice
from debtplan.errors import DebtplanError, LostAnswerError, NotSentError, UsageError
from debtplan.notify.mail import MailNotifier
from debtplan.transport.access import Access
from debtplan.transport.options import LineTable
from tests.builders import NOW
from tests.notify.notices import HOSTILE, hostile_notices, notice, table
from tests.notify.smtp import FakeMail

PASSWORD = "canary-" + "sesame-0123456789"
LOGIN = {"DEBTPLAN_EMAIL_USER": "bot", "DEBTPLAN_EMAIL_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[FakeMail]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FakeMail(tls=context, users={"bot": PASSWORD}) as made:
        yield made


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return tmp_path / "ca.pem"


def notifier(server: FakeMail, ca_file: Path | None = None, **settings: Any) -> MailNotifier:
    variables = settings.pop("variables", LOGIN)
    fields = {
        "host": "127.0.0.1",
        "port": server.port,
        "sender": "debtplan@example.com",
        "recipients": ("em@example.com", "pm@example.com"),
        "timeout_s": 5,
        **settings,
    }
    line = LineTable(ca_file=str(ca_file) if ca_file else None)
    way = Access("email", variables, line, Path(), lambda: NOW)
    return MailNotifier("email", table(**fields), way)


def plain(server: FakeMail, **settings: Any) -> MailNotifier:
    """A notifier without TLS and login, for this machine."""
    return notifier(server, security="none", variables={}, **settings)


def parsed(server: FakeMail) -> EmailMessage:
    (taken,) = server.taken
    message = email.message_from_bytes(taken.content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_message_goes_encrypted_and_signed_in_to_all_recipients(
    server: FakeMail, ca_file: Path
) -> None:
    notifier(server, ca_file)(notice(Line(text="A-1 Größe", url="https://a.example.com/1")))
    assert server.encrypted == [True]
    (taken,) = server.taken
    assert taken.sender.startswith("FROM:<debtplan@example.com>")
    assert taken.recipients == ["TO:<em@example.com>", "TO:<pm@example.com>"]
    message = parsed(server)
    assert message["Subject"] == "Plan: Web team · Sprint 49"
    assert message["To"] == "em@example.com, pm@example.com"
    text, page = message.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(page, EmailMessage)
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert "A-1 Größe" in text.get_content()
    assert '<a href="https://a.example.com/1">A-1 Größe</a>' in page.get_content()


@pytest.mark.parametrize("one", hostile_notices(), ids=lambda one: one.subject[:9].encode().hex())
def test_no_title_becomes_a_header_a_recipient_or_markup(server: FakeMail, one: Notice) -> None:
    plain(server)(one)
    message = parsed(server)
    names = [name.lower() for name in message]
    assert sorted(set(names)) == sorted(names), "a header stands twice"
    assert set(names) == {
        *("subject", "from", "to", "date", "message-id", "auto-submitted"),
        *("mime-version", "content-type"),
    }
    assert server.taken[0].recipients == ["TO:<em@example.com>", "TO:<pm@example.com>"]
    verbs = {line.split()[0] for line in server.said}
    assert verbs <= {"ehlo", "mail", "rcpt", "DATA", "data", "QUIT", "quit", "MAIL", "RCPT"}
    page = list(message.iter_parts())[1]
    assert isinstance(page, EmailMessage)
    body = page.get_content()
    assert "<script" not in body
    assert "<img" not in body
    assert all(link.startswith("https://") for link in re.findall(r'href="([^"]*)"', body))


def test_lines_that_begin_with_a_dot_arrive(server: FakeMail) -> None:
    plain(server)(notice(Line(text="x"), sentences=(".", "..two", "end")))
    text = list(parsed(server).iter_parts())[0]  # noqa: RUF015 - of an iterator of parts
    assert isinstance(text, EmailMessage)
    assert text.get_content().splitlines()[2:5] == [".", "", "..two"]


@pytest.mark.parametrize(
    ("verb", "reply"),
    [
        ("MAIL", "550 not you"),
        ("RCPT", "550 nobody of that name"),
        ("DATA", "451 later"),
        ("DOT", "552 too large"),
        ("EHLO", ""),
        ("RCPT", ""),
        ("DATA", ""),
    ],
)
def test_a_refusal_is_surely_not_taken(server: FakeMail, verb: str, reply: str) -> None:
    server.breaks = {verb: reply}
    with pytest.raises(NotSentError) as caught:
        plain(server)(notice())
    assert server.taken == []
    assert reply[4:] in caught.value.what


def test_a_refused_recipient_is_named_and_the_others_get_nothing(server: FakeMail) -> None:
    server.breaks = {"RCPT": "550 nobody of that name"}
    with pytest.raises(NotSentError, match=r"em@example\.com") as caught:
        plain(server)(notice())
    assert "recipients" in caught.value.fix
    assert not any(line.upper().startswith("DATA") for line in server.said)


@pytest.mark.parametrize("step", ["BODY", "DOT"])
def test_silence_after_the_message_leaves_it_unknown(server: FakeMail, step: str) -> None:
    server.breaks = {step: ""}
    with pytest.raises(LostAnswerError, match="not known"):
        plain(server)(notice())


def test_a_refused_password_shows_nowhere(server: FakeMail, ca_file: Path) -> None:
    server.users = {"bot": "another"}
    with pytest.raises(NotSentError) as caught:
        notifier(server, ca_file)(notice())
    assert "DEBTPLAN_EMAIL_PASSWORD" in caught.value.fix
    assert "canary" not in str(caught.value)
    error: BaseException | None = caught.value
    while error is not None:
        assert "canary" not in repr(error.args)
        error = error.__context__


def test_a_server_that_echoes_the_password_is_not_quoted(server: FakeMail, ca_file: Path) -> None:
    server.breaks = {"MAIL": f"550 {PASSWORD} is wrong"}
    with pytest.raises(NotSentError) as caught:
        notifier(server, ca_file)(notice())
    assert "canary" not in str(caught.value)


def test_a_certificate_of_nobody_ends_it_before_the_password(server: FakeMail) -> None:
    with pytest.raises(NotSentError, match="certificate"):
        notifier(server)(notice())
    assert not any(line.startswith("AUTH") for line in server.said)


def test_a_server_without_encryption_gets_nothing(server: FakeMail, ca_file: Path) -> None:
    server.tls = None
    with pytest.raises(NotSentError, match="STARTTLS"):
        notifier(server, ca_file)(notice())
    assert not any(line.upper().startswith(("AUTH", "MAIL")) for line in server.said)


def test_a_server_that_is_not_there_surely_took_nothing(server: FakeMail) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(NotSentError, match="refused"):
        plain(server, port=port)(notice())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"host": ""}, "host"),
        ({"sender": ""}, "sender"),
        ({"recipients": ()}, "recipients"),
        ({"host": "mail.example.com", "security": "none"}, "unencrypted"),
        ({"security": "none"}, "password unencrypted"),
    ],
)
def test_a_table_that_cannot_work_says_why(
    server: FakeMail, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        notifier(server, **settings)(notice())
    assert server.taken == []


@pytest.mark.parametrize("text", [*HOSTILE, "a@b\r\nBcc: x@y", "a@b, c@d", "A <a@b>", "a b@c", "@"])
def test_no_hostile_text_is_an_address(text: str) -> None:
    for fields in ({"sender": text}, {"recipients": (text,)}):
        with pytest.raises(ValueError, match="no plain e-mail address"):
            table(**fields)


@pytest.mark.slow
def test_every_failure_is_one_of_ours(server: FakeMail) -> None:
    for step in ("MAIL", "RCPT", "DATA", "BODY", "DOT"):
        for reply in ("", "garbage", "999 what", "421 closing"):
            server.breaks = {step: reply}
            with pytest.raises(DebtplanError):
                plain(server)(notice())


def test_a_look_connects_and_signs_in_and_sends_nothing(server: FakeMail, ca_file: Path) -> None:
    found = notifier(server, ca_file).probe()
    assert found.is_well
    assert found.what == (
        "127.0.0.1 takes the login of DEBTPLAN_EMAIL_USER, with STARTTLS; no message was sent"
    )
    verbs = [line.partition(" ")[0].upper() for line in server.said]
    assert verbs == ["EHLO", "STARTTLS", "EHLO", "AUTH", "QUIT"]
    assert server.taken == []


def test_a_look_at_a_server_of_this_machine_needs_no_login(server: FakeMail) -> None:
    found = plain(server).probe()
    assert "takes mail without a login, with no encryption" in found.what
    assert found.is_well


def test_a_look_shows_a_refused_login_and_no_password(server: FakeMail, ca_file: Path) -> None:
    variables = {"DEBTPLAN_EMAIL_USER": "other", "DEBTPLAN_EMAIL_PASSWORD": PASSWORD}
    found = notifier(server, ca_file, variables=variables).probe()
    assert not found.is_well
    assert found.what == (
        "The mail server 127.0.0.1 (notify.email) cannot be used: it refuses the user or the "
        "password (535)"
    )
    assert found.fix == "Check DEBTPLAN_EMAIL_USER and DEBTPLAN_EMAIL_PASSWORD."
    assert "canary" not in str(found)


def test_a_look_at_a_server_that_is_not_there_says_what_to_check(server: FakeMail) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    found = plain(server, port=port).probe()
    assert not found.is_well
    assert found.fix == "Check host, port and security under [notify.email]."


@pytest.mark.parametrize(("there", "missing"), [("USER", "PASSWORD"), ("PASSWORD", "USER")])
def test_half_of_a_login_is_refused_before_anybody_is_asked(
    server: FakeMail, there: str, missing: str
) -> None:
    variables = {f"DEBTPLAN_EMAIL_{there}": "x"}
    found = notifier(server, variables=variables).probe()
    assert f"DEBTPLAN_EMAIL_{missing} is not set" in found.what
    with pytest.raises(UsageError, match="half of a login"):
        notifier(server, variables=variables)(notice())
    assert server.said == []
