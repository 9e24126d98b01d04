"""E-mail over SMTP, text and page side by side, one message to all recipients or to none."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from html import escape
from threading import Timer
from typing import TypeAlias

from debtplan.core.notice import Line, Notice
from debtplan.core.source import Probe
from debtplan.core.text import clean_line, clean_text, safe_url
from debtplan.errors import (
    DebtplanError,
    LostAnswerError,
    NotSentError,
    SettingsError,
    UsageError,
)
from debtplan.notify.fit import fit
from debtplan.notify.options import NotifyTable
from debtplan.notify.probe import probe_of
from debtplan.transport.access import Access
from debtplan.transport.address import is_loopback
from debtplan.transport.secret import Secret, redact
from debtplan.transport.trust import trust

LARGEST_MESSAGE = 500_000
"""Bytes. Servers take more (RFC 5321 asks for 64K at least); people read less."""

_SUBJECT = 150
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_GO_ON = 354
_TAKEN = 250
_BROKEN = (OSError, smtplib.SMTPException, ValueError)
"""What `smtplib` raises where a conversation breaks off."""

_Login: TypeAlias = tuple[Secret, Secret] | None
"""User and password; None for a server that takes mail from anybody."""

_AGAIN = "It is tried again at the next run."


class MailNotifier:
    """Hands a message to a mail server."""

    def __init__(self, name: str, table: NotifyTable, access: Access) -> None:
        """Open nothing."""
        self._name, self._table, self._access = name, table, access
        self._has_begun = False

    def __call__(self, notice: Notice) -> None:
        """See `Notifier`; a server that refuses one recipient gets no message for the others."""
        login = self._check()
        message = fit(notice, self._message, lambda made: len(made) <= LARGEST_MESSAGE)
        self._has_begun = False
        failed: DebtplanError | None = None
        try:
            with self._server() as server:
                _sign_in(server, login)
                self._hand_over(server, message)
        except _BROKEN as error:
            failed = self._failure(error, login)
        if failed is not None:
            raise failed

    def probe(self) -> Probe:
        """See `ProbedNotifier.probe`."""
        return probe_of(self._name, self._look)

    def _look(self) -> str:
        """Connect and sign in, and hand over nothing."""
        login, table = self._check(), self._table
        failed: DebtplanError | None = None
        try:
            with self._server() as server:
                _sign_in(server, login)
        except _BROKEN as error:
            what = f"The mail server {self._place} cannot be used: {_say(error, login)}."
            failed = NotSentError(what, _fix(error, self._access))
        if failed is not None:
            raise failed
        user = f"the login of {login[0].origin}" if login else "mail without a login"
        security = {"starttls": "STARTTLS", "tls": "TLS", "none": "no encryption"}[table.security]
        return f"{clean_line(table.host, 100)} takes {user}, with {security}; no message was sent"

    def _check(self) -> _Login:
        """Return user and password; refuse a table that no message can be sent with."""
        table, place = self._table, f"notify.{self._name}"
        for key in ("host", "sender", "recipients"):
            if not getattr(table, key):
                raise UsageError(f"[{place}] names no {key}.", f"Set {key} under [{place}].")
        if table.security == "none" and not is_loopback(table.host):
            what = f"[{place}] would send mail unencrypted to {clean_line(table.host, 100)}."
            raise UsageError(what, 'Set security to "starttls" or "tls".')
        user, password = self._access.secret("USER"), self._access.secret("PASSWORD")
        if user is None and password is None:
            return None
        if user is None or password is None:
            missing = self._access.variable("USER" if user is None else "PASSWORD")
            what = f"[{place}] has half of a login: {missing} is not set."
            raise SettingsError(what, "Set it, or unset the other half.")
        if table.security == "none":
            what = f"[{place}] would send its password unencrypted."
            raise UsageError(what, 'Set security to "starttls" or "tls", or unset the password.')
        return user, password

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        """Connect, and cut the connection when the message takes too long altogether."""
        table = self._table
        port = table.port or _PORTS[table.security]
        if table.security == "tls":
            made: smtplib.SMTP = smtplib.SMTP_SSL(
                table.host, port, timeout=table.timeout_s, context=self._trusted()
            )
        else:
            made = smtplib.SMTP(table.host, port, timeout=table.timeout_s)
        timer = Timer(table.timeout_s, _cut, (made,))
        timer.daemon = True
        timer.start()
        try:
            if table.security == "starttls":
                made.starttls(context=self._trusted())
            made.ehlo_or_helo_if_needed()
            yield made
        finally:
            with suppress(OSError, smtplib.SMTPException):
                made.quit()
            timer.cancel()
            timer.join()
            made.close()

    def _trusted(self) -> ssl.SSLContext:
        return trust(self._access.line, self._access.folder)

    def _hand_over(self, server: smtplib.SMTP, message: bytes) -> None:
        """Go through the steps of RFC 5321, section 3.3, to know at which of them it breaks."""
        table = self._table
        code, said = server.mail(table.sender)
        if code != _TAKEN:
            raise smtplib.SMTPResponseException(code, said)
        for one in table.recipients:
            code, said = server.rcpt(one)
            if code not in {_TAKEN, 251}:
                raise smtplib.SMTPRecipientsRefused({one: (code, said)})
        code, said = server.docmd("DATA")
        if code != _GO_ON:
            raise smtplib.SMTPResponseException(code, said)
        self._has_begun = True
        server.send(re.sub(rb"(?m)^\.", b"..", message) + b".\r\n")
        code, said = server.getreply()
        if code != _TAKEN:
            raise smtplib.SMTPResponseException(code, said)

    @property
    def _place(self) -> str:
        return f"{clean_line(self._table.host, 100)} (notify.{self._name})"

    def _failure(self, error: Exception, login: _Login) -> DebtplanError:
        """Return what a failure means: a reply is a refusal, silence after the message is not."""
        place = self._place
        is_reply = isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused)
        # -1 is smtplib's own for a reply that is none.
        if self._has_begun and (not is_reply or getattr(error, "smtp_code", 0) == -1):
            what = f"Whether the mail server {place} took the message is not known."
            return LostAnswerError(what, "Look whether the mail is there.")
        what = f"The mail server {place} did not take the message: {_say(error, login)}."
        return NotSentError(what, f"{_fix(error, self._access)} {_AGAIN}")

    def _message(self, notice: Notice) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["Subject"] = clean_line(notice.subject, _SUBJECT)
        message["From"] = self._table.sender
        message["To"] = ", ".join(self._table.recipients)
        message["Date"] = format_datetime(self._access.clock())
        message["Message-ID"] = make_msgid("debtplan", self._table.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer of an absent person
        message.set_content(mail_text(notice), cte="quoted-printable")
        message.add_alternative(mail_page(notice), subtype="html", cte="quoted-printable")
        return message.as_bytes()


def mail_text(notice: Notice) -> str:
    """Return the message as text."""
    parts = [notice.subject, *notice.sentences]
    parts += [
        "\n".join((f"{section.title}:", *map(_row, section.lines))) for section in notice.sections
    ]
    return clean_text("\n\n".join(parts), LARGEST_MESSAGE) + "\n"


def mail_page(notice: Notice) -> str:
    """Return the message as a page: escaped, no script, no picture, nothing loaded."""
    parts = [f"<h2>{escape(notice.subject)}</h2>"]
    parts += [f"<p>{escape(one)}</p>" for one in notice.sentences]
    for section in notice.sections:
        rows = "".join(f"<li>{_link(line)}</li>\n" for line in section.lines)
        parts.append(f"<h3>{escape(section.title)}</h3>\n<ul>\n{rows}</ul>")
    body = clean_text("\n".join(parts), LARGEST_MESSAGE)
    return f'<!doctype html>\n<html lang="en"><body>\n{body}\n</body></html>\n'


def _row(line: Line) -> str:
    url = safe_url(line.url)
    return f"  - {line.text}" + (f"\n    {url}" if url else "")


def _link(line: Line) -> str:
    url = safe_url(line.url)
    text = escape(line.text)
    return f'<a href="{escape(url)}">{text}</a>' if url else text


def _cut(server: smtplib.SMTP) -> None:
    if server.sock is not None:
        with suppress(OSError):  # closed already
            # Not the method of a TLS socket, which would take the cipher away from under a read.
            socket.socket.shutdown(server.sock, socket.SHUT_RDWR)


def _sign_in(server: smtplib.SMTP, login: _Login) -> None:
    if login is not None:
        user, password = login
        server.login(user.reveal(), password.reveal())


def _say(error: Exception, login: _Login) -> str:
    """Return how it failed, without anything of the login."""
    return clean_line(redact(_why(error), login or ()), 200).rstrip(".")


def _why(error: Exception) -> str:
    match error:
        case smtplib.SMTPRecipientsRefused():
            refused, (code, said) = next(iter(error.recipients.items()))
            return f"it refuses {refused} ({code} {_text(said)})"
        case smtplib.SMTPAuthenticationError():
            return f"it refuses the user or the password ({error.smtp_code})"
        case smtplib.SMTPResponseException():
            return f"it says {error.smtp_code} {_text(error.smtp_error)}"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted here ({error.verify_message})"
        case TimeoutError():
            return "it did not answer in time"
        case OSError() if error.strerror:
            return error.strerror.lower()
    return str(error) or type(error).__name__


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def _fix(error: Exception, access: Access) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"Check {access.variable('USER')} and {access.variable('PASSWORD')}."
    if isinstance(error, ssl.SSLError):
        return "Set ca_file under [transport] to your company's certificate."
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"Take the address out of recipients under [notify.{access.name}]."
    return f"Check host, port and security under [notify.{access.name}]."
