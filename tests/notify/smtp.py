"""A small SMTP server on loopback: it speaks the protocol, and breaks where it is told to."""

import base64
import socket
import ssl
import threading
from dataclasses import dataclass, field
from typing import Self


@dataclass
class Taken:
    """A message as it arrived.

    Attributes:
        content: Between DATA and the dot, dots unstuffed.
    """

    sender: str
    recipients: list[str]
    content: bytes


@dataclass
class FakeMail:
    """Serves one connection after the other while it is open.

    Attributes:
        tls: For STARTTLS, which is not offered without it.
        users: Users and their passwords.
        breaks: A verb, `BODY` for the whole message, or `DOT` for the answer to it, and the reply
            given there instead; "" closes the connection.
        said: Every line of the client outside messages, secrets in the clear.
    """

    tls: ssl.SSLContext | None = None
    users: dict[str, str] = field(default_factory=dict)
    breaks: dict[str, str] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._server.accept()
            except OSError:
                return
            link.settimeout(10)
            try:
                _Conversation(self, link).hold()
            except (OSError, EOFError):
                continue
            finally:
                link.close()


class _Conversation:
    def __init__(self, server: FakeMail, link: socket.socket) -> None:
        self._server, self._link = server, link
        self._file = link.makefile("rb")
        self._is_encrypted = False
        self._sender, self._recipients = "", list[str]()

    def hold(self) -> None:
        try:
            self._say("220 mail.example.com ready")
            while self._answer(self._line()):
                pass
        finally:
            self._file.close()
            self._link.close()

    def _answer(self, line: str) -> bool:
        verb, _, rest = line.partition(" ")
        verb = verb.upper()
        self._server.said.append(line)
        if verb in self._server.breaks:
            return self._break(verb)
        match verb:
            case "EHLO":
                self._greet()
            case "STARTTLS":
                self._encrypt()
            case "AUTH":
                self._sign_in(rest)
            case "MAIL":
                self._sender, self._recipients = rest, []
                self._say("250 ok")
            case "RCPT":
                self._recipients.append(rest)
                self._say("250 ok")
            case "DATA":
                return self._take()
            case "QUIT":
                self._say("221 bye")
                return False
            case _:
                self._say("250 ok")
        return True

    def _break(self, verb: str) -> bool:
        reply = self._server.breaks[verb]
        if reply:
            self._say(reply)
        return bool(reply)

    def _greet(self) -> None:
        offers = ["mail.example.com"]
        if self._server.tls and not self._is_encrypted:
            offers.append("STARTTLS")
        if self._server.users and self._is_encrypted:
            offers.append("AUTH PLAIN")
        offers.append("8BITMIME")
        for offer in offers[:-1]:
            self._say(f"250-{offer}")
        self._say(f"250 {offers[-1]}")

    def _encrypt(self) -> None:
        assert self._server.tls is not None
        self._say("220 go on")
        self._file.close()
        self._link = self._server.tls.wrap_socket(self._link, server_side=True)
        self._file = self._link.makefile("rb")
        self._is_encrypted = True

    def _sign_in(self, rest: str) -> None:
        _, user, password = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
        is_known = self._server.users.get(user) == password
        self._say("235 welcome" if is_known else f"535 no, {user} {password}")

    def _take(self) -> bool:
        self._say("354 go on")
        if "BODY" in self._server.breaks:
            return False
        lines = []
        while (line := self._file.readline()) != b".\r\n":
            if not line:
                raise EOFError
            lines.append(line[1:] if line.startswith(b".") else line)
        if "DOT" in self._server.breaks:
            return self._break("DOT")
        self._server.taken.append(Taken(self._sender, self._recipients, b"".join(lines)))
        self._server.encrypted.append(self._is_encrypted)
        self._say("250 taken")
        return True

    def _line(self) -> str:
        line = self._file.readline()
        if not line:
            raise EOFError
        return line.decode().rstrip("\r\n")

    def _say(self, line: str) -> None:
        self._link.sendall(f"{line}\r\n".encode())
