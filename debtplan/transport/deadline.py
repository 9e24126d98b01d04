"""A limit for the whole of an answer, which httpx does not have.

httpx limits the time of each read: a server that sends a byte now and then would hold a request for
hours.
"""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any


class Deadline:
    """Cuts the connection of a client that asks one question at a time.

    Attributes:
        is_over: Whether the last answer took too long.
        has_begun: Whether anything of the last request has left for the service itself.
    """

    def __init__(self) -> None:
        """Know no connection yet."""
        self.is_over = False
        self.has_begun = False
        self._socket: socket.socket | None = None

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Cut the connection after some seconds, unless what is done inside ends before."""
        self.is_over = self.has_begun = False
        timer = Timer(seconds, self._pass)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def watch(self, event: str, told: Mapping[str, Any]) -> None:
        """Learn of a connection; httpx calls it (extension "trace" of a request)."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = told["return_value"].get_extra_info("socket")
            if self.is_over:
                self._cut()
        # What is asked of a proxy, to open the way, is not the request yet.
        if event.endswith(".send_request_headers.started"):
            self.has_begun = getattr(told.get("request"), "method", b"") != b"CONNECT"

    def _pass(self) -> None:
        self.is_over = True
        self._cut()

    def _cut(self) -> None:
        if self._socket is None:
            return
        # This ends a read that is under way, which close() does not. It is not the method of a TLS
        # socket, which would take the cipher away from under the read.
        with suppress(OSError):  # closed already
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
