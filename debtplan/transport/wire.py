"""One request on the wire: sent once, answered whole and in time, or failed in our words."""

import ssl
from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing
from typing import cast
from urllib.parse import urlsplit

import httpx

from debtplan.errors import SourceError, UsageError
from debtplan.transport.address import host_of, is_loopback
from debtplan.transport.answer import Answer
from debtplan.transport.body import PACKED, TooLargeError, read_body
from debtplan.transport.deadline import Deadline
from debtplan.transport.login import Login, Signature
from debtplan.transport.options import LineTable
from debtplan.transport.quiet import unlogged
from debtplan.transport.retry import TRANSIENT, RetryError
from debtplan.transport.secret import redact, sieve
from debtplan.transport.verdict import PROXY_FIX

USER_AGENT = "debtplan"

_CONNECT_S = 30.0
_UNREACHED = "Check the address, the network, and HTTPS_PROXY and NO_PROXY where a proxy is needed."
_CA_FIX = "Set ca_file under [transport] to your company's certificate."
_ISSUER_UNKNOWN = frozenset({18, 19, 20, 21})
"""OpenSSL's codes for a certificate that nobody known has signed (openssl-verification-options)."""


class Wire:
    """Connections to one service, for one question at a time."""

    def __init__(
        self,
        base: str,
        login: Login,
        line: LineTable,
        trust: ssl.SSLContext | None,
        transport: httpx.BaseTransport | None,
    ) -> None:
        """Open nothing yet; see `Client`.

        Raises:
            UsageError: The environment names a proxy that is none.
        """
        self._login, self._line = login, line
        self._sieve = sieve(login.headers.values())
        self._deadline = Deadline()
        opened = _open(base, login, trust, transport)
        if opened is None:
            what = "The proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names cannot be used."
            raise UsageError(what, "Write it as http://proxy.example.com:3128, or unset it.")
        self._http = opened

    def close(self) -> None:
        """Close every connection."""
        with unlogged():
            self._http.close()

    def place(self, url: str) -> str:
        """Return host and path, for people; the query may hold anything and is left out."""
        # Cleaned before it is taken apart, too: a token with a "?" in it would lose its end.
        path = urlsplit(redact(url, self._login.headers.values())).path
        return self._login.clean(f"{host_of(url)}{path}")

    @property
    def has_begun(self) -> bool:
        """Whether anything of the last request has left for the service."""
        return self._deadline.has_begun

    def send(
        self, url: str, headers: Mapping[str, str], body: bytes | None, within_s: float
    ) -> Answer:
        """Return the answer to one request, whatever its status.

        Args:
            url: The whole address.
            headers: Those of this request; the credentials are written as it leaves.
            body: Sent by POST; None sends a GET.
            within_s: Time in seconds that it may take in all.

        Raises:
            RetryError: There is none, or not all of it; that may pass.
            SourceError: There is none, and there will be none.
        """
        place = self.place(url)
        answer: Answer | None = None
        failure: RetryError | SourceError | None = None
        try:
            answer = self._exchange(url, place, headers, body, within_s)
        except httpx.HTTPError as error:
            failure = self._failure(error, place, within_s)
        except TooLargeError:
            what = f"{place} sent more than {self._line.page_mb:g} MB in one answer."
            failure = SourceError(what, "Check the address; [transport] page_mb sets the limit.")
        # Raised here and not where it was caught: httpx's own error knows the headers. An answer
        # that came is looked at too: one that ends with its connection looks whole if it was cut.
        if self._deadline.is_over:
            raise _late(within_s)
        if answer is None:
            raise failure or AssertionError
        return answer

    def _exchange(
        self, url: str, place: str, headers: Mapping[str, str], body: bytes | None, within_s: float
    ) -> Answer:
        with ExitStack() as stack:
            stack.enter_context(unlogged())
            stack.enter_context(self._deadline.limit(within_s))
            stream = self._http.stream(
                "GET" if body is None else "POST",
                url,
                headers=headers,
                content=body,
                timeout=httpx.Timeout(within_s, connect=min(_CONNECT_S, within_s)),
                extensions={"trace": self._deadline.watch},
            )
            response = stack.enter_context(stream)
            return Answer(
                status=response.status_code,
                place=place,
                url=url,
                headers={name.lower(): value for name, value in response.headers.items()},
                content=self._sieve(self._read(response)),
            )

    def _read(self, response: httpx.Response) -> bytes:
        limit = int(self._line.page_mb * 1_000_000)
        if response.is_stream_consumed:  # a test's stand-in for the network: whole and unpacked
            return read_body([response.content], "", limit)
        chunks = cast("Generator[bytes, None, None]", response.iter_raw())
        with closing(chunks):  # left open, it is closed at some later time, and logs that
            return read_body(chunks, response.headers.get("content-encoding", ""), limit)

    def _failure(
        self, error: httpx.HTTPError, place: str, within_s: float
    ) -> RetryError | SourceError:
        said = self._login.clean(str(error)) or type(error).__name__
        match error:
            case httpx.ConnectTimeout():
                return RetryError("cannot be reached in time", fix=_UNREACHED)
            case httpx.TimeoutException():
                return _late(within_s)
            case httpx.ConnectError() if isinstance(cause := _cause(error), ssl.SSLError):
                return _untrusted(cause, place)
            case httpx.ConnectError():
                return RetryError(f"cannot be reached ({said})", fix=_UNREACHED)
            case httpx.ProxyError():
                return _barred(said, place)
            case httpx.RemoteProtocolError():
                return _garbled(said, place)
        return RetryError(f"broke off ({said})")


def _open(
    base: str,
    login: Login,
    trust: ssl.SSLContext | None,
    transport: httpx.BaseTransport | None,
) -> httpx.Client | None:
    """Return httpx's client; None where the environment names no usable proxy.

    What goes to this machine goes to no proxy, whatever NO_PROXY says, as in Go and in browsers: it
    may be unencrypted, and the proxy is elsewhere.
    """
    try:
        return httpx.Client(
            auth=Signature(login.headers),
            headers={
                "User-Agent": USER_AGENT,
                "Accept": "application/json",
                "Accept-Encoding": PACKED,
                **login.plain,
            },
            follow_redirects=False,
            verify=trust if trust is not None else True,
            transport=transport,
            trust_env=not is_loopback(urlsplit(base).hostname or ""),
        )
    except (ValueError, ImportError, httpx.InvalidURL):
        return None  # their sentences show the proxy's password


def _late(within_s: float) -> RetryError:
    return RetryError(f"took longer than {within_s:.3g} s to answer")


def _cause(error: BaseException) -> BaseException:
    """Return what lies at the bottom of an error."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error


def _barred(said: str, place: str) -> RetryError | SourceError:
    """Return what a proxy's refusal means; it says "503 Service Unavailable"."""
    if said[:3] in map(str, TRANSIENT):
        return RetryError(f"cannot be reached through the proxy ({said})", fix=PROXY_FIX)
    return SourceError(f"The way to {place} is barred: the proxy says {said}.", PROXY_FIX)


def _garbled(said: str, place: str) -> RetryError | SourceError:
    """Return what breaking the rules of HTTP means; httpx looks at redirects by itself."""
    if "location header" in said:
        what = f"{place} sends on to no web address, which is not followed."
        return SourceError(what, "Check the address in the settings.")
    return RetryError("broke off its answer, or sent none")


def _untrusted(cause: ssl.SSLError, place: str) -> SourceError:
    if not isinstance(cause, ssl.SSLCertVerificationError):
        what = f"{place} cannot be reached with TLS ({cause.reason or 'no reason given'})."
        return SourceError(what, "Check the address: its port, and whether a proxy is needed.")
    why = cause.verify_message.rstrip(".")
    what = f"The certificate of {place} is not trusted here ({why})."
    if cause.verify_code in _ISSUER_UNKNOWN:
        return SourceError(what, _CA_FIX)
    return SourceError(what, "Check the address, or have the certificate renewed.")
