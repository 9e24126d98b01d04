"""A server of plain bytes: it can break every rule of HTTP, and knows who connected."""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Self

Script = Callable[[socket.socket, int], None]
"""What is done with a connection whose request has been read; connections count from 0."""


class RawServer:
    """Runs a script for every connection to a free port of this machine.

    Attributes:
        url: Its address.
        port: Its port.
        heads: First line and headers of every request, in order.
        answer_at_once: Sent before anything is asked.
        closing: Set when the test is over; a script that waits, waits for it.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.heads: list[str] = []
        self.answer_at_once = b""
        self.closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *error: object) -> None:
        self.closing.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join(10)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while not self.closing.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._start(partial(self._serve, connection, number))
            number += 1

    def _serve(self, connection: socket.socket, number: int) -> None:
        with connection, suppress(OSError):
            connection.sendall(self.answer_at_once)
            head = b""
            while b"\r\n\r\n" not in head:
                more = connection.recv(65536)
                if not more:
                    return
                head += more
            self.heads.append(head.decode("latin-1"))
            self._script(connection, number)


def reset(connection: socket.socket) -> None:
    """End a connection with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def whole(body: bytes, *headers: str) -> bytes:
    """Return a proper answer of status 200."""
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
