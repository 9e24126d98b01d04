"""One client: questions that only read, asked again where that may help, within every limit."""

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic
from typing import NoReturn, Self
from urllib.parse import urlencode, urljoin, urlsplit

import httpx
import stamina
from stamina.instrumentation import set_on_retry_hooks

from debtplan.core.decode import DecodeError, Json, decode_json
from debtplan.core.text import clean_line
from debtplan.errors import AuthenticationError, DebtplanError, SourceError
from debtplan.ports import EtagTable
from debtplan.transport.address import host_of, is_same_origin
from debtplan.transport.answer import Answer, Request
from debtplan.transport.options import LineTable
from debtplan.transport.retry import (
    LIMIT_WAIT_S,
    TRANSIENT,
    Budget,
    RetryError,
    asked_wait,
    is_limit,
)
from debtplan.transport.secret import Secret, redact

USER_AGENT = "debtplan"

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_CHUNK = 1 << 16
_SAID_LIMIT = 200
"""Characters of a server's own words that are shown."""

Judge = Callable[[Answer], str | None]
"""Says why an answer of status 200 refuses the credentials all the same; else None."""

set_on_retry_hooks(())  # waits are told by `Budget.told`; stamina's own log line says less


@dataclass(frozen=True, slots=True)
class Login:
    """How a client shows who it is.

    Attributes:
        headers: Header values by name.
        origin: Where the credentials come from, for people: `DEBTPLAN_JIRA_TOKEN`.
        help: What to do where they are refused, one imperative sentence.
        judge: See `Judge`.
    """

    headers: Mapping[str, Secret] = field(default_factory=dict)
    origin: str = ""
    help: str = ""
    judge: Judge = lambda _: None


class Client:
    """Asks one service. Close it, or use it with `with`.

    Attributes:
        base: Address of the service, without a slash at its end.
        requests: Requests sent so far, repeated ones included.
    """

    def __init__(  # noqa: PLR0913 - each by its name, from one place
        self,
        base: str,
        login: Login,
        line: LineTable,
        budget: Budget,
        *,
        trust: ssl.SSLContext | None = None,
        etags: EtagTable | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            base: Checked by `address.check_base`.
            login: Who asks.
            line: Limits.
            budget: Time, shared with the source's other clients.
            trust: Certificates to trust; None takes httpx's.
            etags: Answers kept from before.
            transport: Stands in for the network in tests.
        """
        self.base = base.rstrip("/")
        self.line, self.budget = line, budget
        self.requests = 0
        self._login, self._etags = login, etags
        self._http = httpx.Client(
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            follow_redirects=False,
            timeout=httpx.Timeout(min(30.0, line.request_s), pool=line.request_s),
            verify=trust if trust is not None else True,
            transport=transport,
        )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def get(
        self, path: str, *, allow: frozenset[int] = frozenset(), is_kept: bool = False, **query: str
    ) -> Answer:
        """Ask for what stands at a path; see `ask`."""
        return self.ask(Request(path, tuple(query.items()), allow=allow, is_kept=is_kept))

    def post(self, path: str, body: Json, *, allow: frozenset[int] = frozenset()) -> Answer:
        """Ask with a body, for questions too long for an address; see `ask`."""
        return self.ask(Request(path, body=body, allow=allow))

    def ask(self, request: Request) -> Answer:
        """Return the answer to a question, asked again where it may come then.

        Raises:
            AuthenticationError: The credentials are refused; never asked again.
            SourceError: No answer within the limits, or one that is a failure.
        """
        url = self._url(request)
        attempts = 0

        def wait(error: Exception) -> bool | float:
            nonlocal attempts
            attempts += 1
            if not isinstance(error, RetryError):
                return False
            granted = self.budget.grant(error, attempts)
            return False if granted is None else granted

        try:
            for attempt in stamina.retry_context(
                on=wait, attempts=self.line.attempts, timeout=None
            ):
                with attempt:
                    return self._follow(url, request)
        except RetryError as error:
            self._give_up(url, error, attempts)
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def _give_up(self, url: str, error: RetryError, attempts: int) -> NoReturn:
        times = f" (asked {attempts} times)" if attempts > 1 else ""
        what = f"{self._place(url)} {error.why}{times}."
        if error.wait_s and error.wait_s > self.line.max_wait_s:
            what = (
                f"{self._place(url)} {error.why} and asks to wait {error.wait_s:,.0f} s, more than "
                f"the {self.line.max_wait_s:,.0f} s of [transport] max_wait_s."
            )
        fix = "Run it again later; what was read so far is kept and not read again."
        raise SourceError(self._clean(what), fix)

    def _url(self, request: Request) -> str:
        path = request.path
        url = path if "://" in path else f"{self.base}/{path.lstrip('/')}"
        if not is_same_origin(url, self.base):
            what = f"{host_of(self.base)} names {host_of(url) or 'an address'} for the next page."
            fix = "That is another server, which gets no token; check the address in the settings."
            raise SourceError(self._clean(what), fix)
        if request.params:
            joint = "&" if urlsplit(url).query else "?"
            url = f"{url}{joint}{urlencode(request.params)}"
        return url

    def _follow(self, url: str, request: Request) -> Answer:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._once(url, request)
            if answer.status not in _REDIRECTS or answer.status in request.allow:
                return self._judged(answer, request)
            onward = urljoin(url, answer.headers.get("location", ""))
            if not is_same_origin(onward, self.base) or request.body is not None:
                what = f"{answer.place} sends on to {host_of(onward) or 'nowhere'}."
                fix = "Set the address in the settings to the one that answers in a browser."
                raise SourceError(self._clean(what), fix)
            url = onward
        raise SourceError(f"{self._place(url)} sends on in a circle.", "Check the address.")

    def _once(self, url: str, request: Request) -> Answer:
        headers = {name: value.reveal() for name, value in self._login.headers.items()}
        body = None
        if request.body is not None:
            body = json.dumps(request.body, ensure_ascii=True).encode()
            headers["Content-Type"] = "application/json"
        key = self._etag_key(url) if request.is_kept and self._etags else ""
        kept = self._etags.recall(key) if key and self._etags else None
        if kept:
            headers["If-None-Match"] = kept[0]
        answer = self._send("GET" if body is None else "POST", url, headers, body)
        if answer.status == httpx.codes.NOT_MODIFIED and kept:
            return Answer(200, answer.place, url, answer.headers, kept[1])
        etag = answer.headers.get("etag")
        if key and etag and self._etags and answer.status == httpx.codes.OK:
            self._etags.keep(key, etag, answer.content)
        return answer

    def _send(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Answer:
        self.requests += 1
        place = self._place(url)
        until = monotonic() + min(self.line.request_s, max(self.budget.seconds_left, 0.001))
        with (
            self._failures(place),
            self._http.stream(method, url, headers=headers, content=body) as response,
        ):
            content = self._read(response, place, until)
            return Answer(
                status=response.status_code,
                place=place,
                url=url,
                headers={name.lower(): value for name, value in response.headers.items()},
                content=content,
            )

    def _read(self, response: httpx.Response, place: str, until: float) -> bytes:
        most = int(self.line.page_mb * 1_000_000)
        content = bytearray()
        for chunk in response.iter_bytes(_CHUNK):
            content += chunk
            if len(content) > most:
                what = f"{place} sent more than {self.line.page_mb:g} MB in one answer."
                raise SourceError(what, "Check the address; [transport] page_mb sets the limit.")
            if monotonic() > until:
                raise RetryError(f"took longer than {self.line.request_s:g} s to answer")
        return bytes(content)

    @contextmanager
    def _failures(self, place: str) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException:
            raise RetryError("did not answer in time") from None
        except httpx.ConnectError as error:
            if "certificate" in str(error).lower():
                what = f"The certificate of {place} is not trusted here."
                fix = "Set ca_file under [transport] to your company's certificate."
                raise SourceError(what, fix) from None
            raise RetryError(f"cannot be reached ({self._said_by(error)})") from None
        except httpx.RemoteProtocolError:
            raise RetryError("broke off in the middle of its answer") from None
        except (httpx.ProxyError, httpx.UnsupportedProtocol) as error:
            what = f"The way to {place} is barred: {self._said_by(error)}."
            raise SourceError(what, "Check HTTPS_PROXY and NO_PROXY.") from None
        except httpx.DecodingError:
            raise RetryError("sent an answer that cannot be unpacked") from None
        except httpx.TransportError as error:
            raise RetryError(f"broke off ({self._said_by(error)})") from None

    def _judged(self, answer: Answer, request: Request) -> Answer:
        status, place = answer.status, answer.place
        if status in request.allow:
            return answer
        if is_limit(answer):
            asked = asked_wait(answer)
            wait_s = LIMIT_WAIT_S if asked is None and answer.status == 403 else asked  # noqa: PLR2004
            raise RetryError("has a limit of requests, which is reached", wait_s)
        if status in TRANSIENT:
            raise RetryError(f"failed with status {status}", asked_wait(answer))
        refusal = self._login.judge(answer)
        if status == httpx.codes.UNAUTHORIZED or refusal is not None:
            raise self._refused(place, refusal or f"status {status}{self._words(answer)}")
        if status == httpx.codes.FORBIDDEN:
            what = f"{place} is forbidden for this token (status 403{self._words(answer)})."
            raise AuthenticationError(self._clean(what), self._fix_login())
        if 200 <= status < 300:  # noqa: PLR2004 - the range of success
            return answer
        raise self._failure(answer)

    def _failure(self, answer: Answer) -> DebtplanError:
        words = self._words(answer)
        if answer.status == httpx.codes.NOT_FOUND:
            what = f"{answer.place} does not exist, or is hidden from this token (404{words})."
            fix = "Check its name in the settings, and what the token may read."
        elif answer.status == httpx.codes.GONE:
            what = f"{answer.place} was removed by its maker (410{words})."
            fix = "Upgrade debtplan; this one asks in a way that is no longer answered."
        else:
            what = f"{answer.place} answered with status {answer.status}{words}."
            fix = "Run `debtplan doctor` to see which setting it is about."
        return SourceError(self._clean(what), fix)

    def _refused(self, place: str, why: str) -> AuthenticationError:
        whose = f"the token from {self._login.origin}" if self._login.origin else "no token"
        what = f"{place} refused {whose} ({why})."
        return AuthenticationError(self._clean(what), self._fix_login())

    def _fix_login(self) -> str:
        return self._login.help or "Check the token and what it may read, then run it again."

    def _words(self, answer: Answer) -> str:
        """Return the server's own words about a failure, ": " before them; "" where it has none."""
        try:
            said = _message(decode_json(answer.content[:_CHUNK]))
        except DecodeError:
            return ""
        text = clean_line(said, limit=_SAID_LIMIT).rstrip(".")
        return f": {self._clean(text)}" if text else ""

    def _said_by(self, error: Exception) -> str:
        return self._clean(clean_line(str(error), limit=_SAID_LIMIT)) or type(error).__name__

    def _clean(self, text: str) -> str:
        return redact(text, self._login.headers.values())

    def _place(self, url: str) -> str:
        """Return host and path, for people; the query may hold anything and is left out."""
        path = clean_line(urlsplit(url).path, limit=_SAID_LIMIT)
        return self._clean(f"{host_of(url)}{path}")

    def _etag_key(self, url: str) -> str:
        who = "\n".join(f"{k}:{v.reveal()}" for k, v in sorted(self._login.headers.items()))
        return sha256(f"{url}\n{who}".encode()).hexdigest()


def _message(said: Json) -> str:
    """Return what a service says went wrong, in the places where services say it."""
    if isinstance(said, list):
        said = said[0] if said else None
    if not isinstance(said, dict):
        return ""
    for name in ("errorMessages", "errors", "errorMessage", "message", "detail", "error", "title"):
        value = said.get(name)
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            value = next((_text(one) for one in value if _text(one)), "")
        if isinstance(value, str) and value.strip():
            return value
    return ""


def _text(value: Json) -> str:
    if isinstance(value, dict):
        value = value.get("message")
    return value if isinstance(value, str) else ""
