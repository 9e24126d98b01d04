"""A small HTTP server on loopback that logs what is asked and can be told to misbehave."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from debtplan.core.decode import Json


@dataclass(frozen=True)
class Seen:
    """One request as it arrived.

    Attributes:
        path: Without the query.
        query: The last value counts.
        headers: By lower-case name.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content or b"null")

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.content.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """What is sent back.

    Attributes:
        content: The body.
        cut_after: Bytes of the body after which the connection is reset; None sends all.
        waits_for: Set before anything is sent: a stall that the test ends.
    """

    status: int = 200
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    waits_for: threading.Event | None = None


def reply(content: Json, status: int = 200, **headers: str) -> Reply:
    """Return a JSON answer; underscores in header names become dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(
        status,
        json.dumps(content).encode(),
        {"Content-Type": "application/json;charset=UTF-8", **named},
    )


Answers = Callable[[Seen], Reply]
Fault = Callable[[Seen], Reply | None]


class FakeServer:
    """Serves `answers` on a free port of 127.0.0.1 while it is open.

    Attributes:
        url: Its address, without a slash at the end.
        log: Every request, in order of arrival.
        faults: Asked before `answers`, in order; the first that gives a reply decides.
    """

    def __init__(self, answers: Answers) -> None:
        self.log: list[Seen] = []
        self.faults: list[Fault] = []
        self._answers = answers
        self._lock = threading.Lock()
        owner = self

        class Handler(_Handler):
            server_owner = owner

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fail_once(self, path: str, answer: Reply, times: int = 1) -> None:
        """Answer the next `times` requests whose path ends so with `answer`."""
        left = [times]

        def fault(seen: Seen) -> Reply | None:
            if left[0] and seen.path.endswith(path):
                left[0] -= 1
                return answer
            return None

        self.faults.append(fault)

    def paths(self) -> list[str]:
        """Return method and path of every request, in order."""
        return [f"{seen.method} {seen.path}" for seen in self.log]

    def answer(self, seen: Seen) -> Reply:
        """Return what to send; one request at a time, so that the store needs no locks."""
        with self._lock:
            self.log.append(seen)
            for fault in self.faults:
                found = fault(seen)
                if found is not None:
                    return found
            return self._answers(seen)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_owner: FakeServer

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server names

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        parts = urlsplit(self.path)
        seen = Seen(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            content=self.rfile.read(length),
        )
        found = self.server_owner.answer(seen)
        if found.waits_for is not None:
            found.waits_for.wait(30)
        head = {"Content-Length": str(len(found.content)), **found.headers}
        self.send_response(found.status)
        for name, value in head.items():
            self.send_header(name, value)
        self.end_headers()
        if found.cut_after is None:
            self.wfile.write(found.content)
            return
        self.wfile.write(found.content[: found.cut_after])
        self.wfile.flush()
        reset = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        self.close_connection = True
