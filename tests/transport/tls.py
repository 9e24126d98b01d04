"""Servers with TLS on loopback, with certificates of a local authority."""

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import trustme


class TlsServer:
    """Answers every request with an empty JSON object.

    Attributes:
        url: Its address.
        requests: Paths that were asked for.
        handshakes: Connections that were begun.
    """

    def __init__(self, certificate: trustme.LeafCert, name: str = "127.0.0.1") -> None:
        self.requests: list[str] = []
        self.handshakes = 0
        owner = self
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                owner.requests.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def finish_request(self, request: Any, client_address: Any) -> None:
                owner.handshakes += 1
                with context.wrap_socket(request, server_side=True) as safe:
                    self.RequestHandlerClass(safe, client_address, self)  # type: ignore[arg-type]

            def handle_error(self, *_: object) -> None:
                """Say nothing of a client that goes away: it does not trust us."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"https://{name}:{self.port}"
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
