"""What a service may do to a client that shows it a token: most of it gives the token back."""

import base64
import gzip
import json
from collections.abc import Callable
from urllib.parse import quote

from debtplan.core.decode import Json
from tests.servers.harness import Reply, Seen, reply

Trouble = Callable[[Seen, str], Reply]
"""Makes the answer to a request; the text is the address of a foreign host."""

_SECRET_HEADERS = ("authorization", "api-key", "cookie", "x-debtplan-signature")
_PAGE = {"Content-Type": "text/html"}


def echo(seen: Seen) -> str:
    """Return what a request was shown to be allowed by: as it came, decoded, and quoted."""
    found = [*shown(seen), seen.path]
    return " ".join((*found, *(quote(text, safe="") for text in found)))


def shown(seen: Seen) -> list[str]:
    """Return what a request was shown to be allowed by, as it came and decoded."""
    found = [seen.headers[name] for name in _SECRET_HEADERS if name in seen.headers]
    for text in tuple(found):
        coded = text.rpartition(" ")[2]
        try:
            found.append(base64.b64decode(coded, validate=True).decode("latin-1"))
        except ValueError:
            found.append(coded)
    return found


def _refuse(status: int, **headers: str) -> Trouble:
    def answer(seen: Seen, _foreign: str) -> Reply:
        said = echo(seen)
        body: Json = {
            "message": said,
            "errorMessages": [said],
            "errors": {"token": said},
            "error": said,
            "detail": said,
            "status": "error",
        }
        return reply(body, status, **headers)

    return answer


def _tell(status: int, text: str = "<html><title>{}</title><body>{}</body></html>") -> Trouble:
    def answer(seen: Seen, _foreign: str) -> Reply:
        return Reply(status, text.replace("{}", echo(seen)).encode(), _PAGE)

    return answer


def _send(location: str, status: int = 302) -> Trouble:
    def answer(seen: Seen, foreign: str) -> Reply:
        said = quote(" ".join(shown(seen)), safe="")
        target = location.replace("FOREIGN", foreign).replace("ECHO", said)
        return Reply(status, b"", {"Location": target})

    return answer


def _say(body: object) -> Trouble:
    """Answer 200 with JSON in which ECHO stands for what was shown."""

    def answer(seen: Seen, _foreign: str) -> Reply:
        said = json.dumps(echo(seen))[1:-1]
        return Reply(
            200,
            json.dumps(body).replace("ECHO", said).encode(),
            {"Content-Type": "application/json"},
        )

    return answer


def _raw(content: bytes, cut_after: int | None = None, **headers: str) -> Trouble:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(seen: Seen, _foreign: str) -> Reply:
        whole = content.replace(b"ECHO", echo(seen).encode())
        return Reply(200, whole, {"Content-Type": "application/json", **named}, cut_after)

    return answer


def _zipped(seen: Seen, _foreign: str) -> Reply:
    content = gzip.compress(f'{{"message": "{echo(seen)}"'.encode())
    return Reply(200, content, {"Content-Encoding": "gzip", "Content-Type": "application/json"})


def _in_headers(seen: Seen, _foreign: str) -> Reply:
    said = quote(echo(seen), safe="")
    headers = {
        "WWW-Authenticate": f'Basic realm="{said}"',
        "Set-Cookie": f"session={said}",
        "X-Seraph-LoginReason": f"AUTHENTICATED_FAILED {said}",
        "X-OAuth-Scopes": said,
        "Retry-After": said,
        "Content-Type": said,
    }
    return Reply(401, b"{}", headers)


def _limited(seen: Seen, _foreign: str) -> Reply:
    headers = {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "9999999999"}
    return _refuse(403, **headers)(seen, _foreign)


_ODD_LIST = {
    "issues": [{"id": "ECHO", "key": "ECHO", "fields": "ECHO"}],
    "values": "ECHO",
    "status": "success",
    "data": {"resultType": "matrix", "result": [{"metric": {"ECHO": "ECHO"}, "values": "ECHO"}]},
    "warnings": ["ECHO"],
    "deploymentType": "Cloud",
    "nextPageToken": ["ECHO"],
}

FAULTS: dict[str, Trouble] = {
    "400": _refuse(400),
    "401": _refuse(401),
    "401 in headers": _in_headers,
    "403": _refuse(403),
    "403 limit": _limited,
    "404": _refuse(404),
    "410": _refuse(410),
    "422": _refuse(422),
    "429 seconds": _refuse(429, Retry_After="30"),
    "429 garbage": _refuse(429, Retry_After="soon"),
    "500": _refuse(500),
    "502 page": _tell(502),
    "503": _refuse(503, Retry_After="1"),
    "page with 200": _tell(200),
    "page with 401": _tell(401),
    "text with 200": _tell(200, "your token is {}"),
    "reset": _raw(b"x" * 100, cut_after=0),
    "cut": _raw(b'{"message": "ECHO", "issues": [', cut_after=60),
    "cut JSON": _raw(b'{"message": "ECHO", "issues": ['),
    "not JSON": _raw(b"ECHO"),
    "not UTF-8": _raw(b'{"message": "\xff\xfe ECHO"}'),
    "NaN": _raw(b'{"ECHO": NaN}'),
    "key twice": _raw(b'{"ECHO": 1, "ECHO": 2}'),
    "too deep": _raw(b"[" * 5_000 + b"]" * 5_000),
    "cut gzip": _zipped,
    "no gzip": _raw(b"ECHO", Content_Encoding="gzip"),
    "null": _raw(b"null"),
    "list": _say(["ECHO"]),
    "text": _say("ECHO"),
    "empty object": _say({}),
    "errors with 200": _say({"errors": [{"message": "ECHO"}], "error": "ECHO"}),
    "failed with 200": _say({"status": "error", "error": "ECHO", "errorType": "ECHO"}),
    "odd list": _say(_ODD_LIST),
    "redirect to a foreign host": _send("FOREIGN/ECHO?token=ECHO"),
    "redirect to a foreign host, kept": _send("FOREIGN/ECHO", 307),
    "redirect in a circle": _send("/ECHO?token=ECHO"),
    "redirect to no address": _send("ECHO"),
}
