"""One client: questions that only read, asked again where that may help, within every limit."""

import re
import ssl
from collections.abc import Mapping
from types import MappingProxyType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx
import stamina
from stamina.instrumentation import set_on_retry_hooks

from debtplan.core.decode import Json
from debtplan.errors import SourceError, UnreachedError, UsageError
from debtplan.ports import EtagTable
from debtplan.transport.address import host_of, is_same_origin
from debtplan.transport.answer import JSON, Answer, Request
from debtplan.transport.kept import Kept
from debtplan.transport.login import Judge, Login
from debtplan.transport.options import LineTable
from debtplan.transport.retry import Budget, RetryError
from debtplan.transport.verdict import check_answer
from debtplan.transport.wire import USER_AGENT, Wire

__all__ = ["USER_AGENT", "Client", "Judge", "Login"]

NOTHING: Mapping[str, str] = MappingProxyType({})

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_NOT_MODIFIED = 304
_WHOLE_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")
_LATER = "Run it again later; what was read so far is kept."

set_on_retry_hooks(())  # waits are told by `Budget.told`; stamina's own log line says less


class Client:
    """Asks one service, in one thread. Close it, or use it with `with`.

    Attributes:
        base: Address of the service, without a slash at its end.
        line: Limits.
        budget: Time, shared with the source's other clients.
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

        Raises:
            UsageError: The address is none, or the environment names a proxy that is none.
        """
        self.base = base.rstrip("/")
        self.line, self.budget = line, budget
        self.requests = 0
        self._login = login
        self._home = _canonical(base)
        if not self._home:
            raise UsageError(f"{base} is no web address.", "Check it in the settings.")
        self._kept = Kept(etags, login.headers) if etags is not None else None
        self._wire = Wire(base, login, line, trust, transport)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._wire.close()

    def get(
        self, path: str, *, allow: frozenset[int] = frozenset(), is_kept: bool = False, **query: str
    ) -> Answer:
        """Ask for what stands at a path; see `ask`."""
        return self.ask(Request(path, tuple(query.items()), allow=allow, is_kept=is_kept))

    def post(self, path: str, body: Json, *, allow: frozenset[int] = frozenset()) -> Answer:
        """Ask with a body, for questions too long for an address; see `ask`.

        Never for a change: it may be sent more than once.
        """
        return self.ask(Request(path, body=body, allow=allow))

    def send(self, path: str, body: bytes, headers: Mapping[str, str] = NOTHING) -> Answer:
        """Hand over a message, once: nothing is repeated, and no redirect is followed.

        Args:
            path: Path and query below the service's address.
            body: JSON.
            headers: Those of this message beside the credentials.

        Returns:
            The answer, whatever its status.

        Raises:
            UnreachedError: The service surely did not get it: nothing of it has left.
            SourceError: Nobody knows whether it did.
        """
        self._login.check()
        url = self._address(Request(path))
        within_s = min(self.line.request_s, self.budget.seconds_left)
        if within_s <= 0:
            raise UnreachedError(*self._late().args)
        self.requests += 1
        lost: SourceError
        try:
            return self._wire.send(url, {**headers, "Content-Type": JSON}, body, within_s)
        except RetryError as error:
            fix = error.fix or _LATER
            lost = SourceError(f"{self._wire.place(url)} {error.why}.", fix)
        except SourceError as error:
            lost = error
        raise lost if self._wire.has_begun else UnreachedError(lost.what, lost.fix)

    def ask(self, request: Request) -> Answer:
        """Return the answer to a question, asked again where it may come then.

        Raises:
            AuthenticationError: The credentials are refused; never asked again.
            SourceError: No answer within the limits, or one that is a failure.
        """
        self._login.check()
        url = self._address(request)
        failed: list[RetryError] = []

        def wait(error: Exception) -> bool | float:
            # stamina asks even after the last attempt, when nobody will wait any more.
            if not isinstance(error, RetryError):
                return False
            failed.append(error)
            if len(failed) >= self.line.attempts:
                return False
            granted = self.budget.grant(self._wire.place(url), error, len(failed))
            return False if granted is None else granted  # exactly as long: no jitter is added

        try:
            for attempt in stamina.retry_context(
                on=wait, attempts=self.line.attempts, timeout=None
            ):
                with attempt:
                    return self._follow(url, request)
        except RetryError as error:
            last = error
        raise self._given_up(self._wire.place(url), last, len(failed))

    def _given_up(self, place: str, error: RetryError, attempts: int) -> SourceError:
        budget, asked_s = self.budget, error.wait_s or 0.0
        asks = f", and asks to wait {asked_s:,.0f} s" if asked_s else ""
        if not budget.seconds_left:
            return self._late()
        if attempts in {0, self.line.attempts}:
            times = f" (asked {attempts} times)" if attempts > 1 else ""
            return SourceError(f"{place} {error.why}{times}.", error.fix or _LATER)
        if asked_s > budget.wait_left_s or not asked_s:
            what = (
                f"{place} {error.why}{asks}; {budget.wait_left_s:,.0f} s are left of the "
                f"{budget.max_wait_s:,.0f} s that may be waited."
            )
            return SourceError(what, f"{_LATER[:-1]}, and [transport] max_wait_s sets the limit.")
        what = f"{place} {error.why}{asks}, past the end of the run."
        return SourceError(what, f"{_LATER[:-1]}, and [transport] total_s sets the end.")

    def _late(self) -> SourceError:
        what = f"The {self.budget.total_s:,.3g} s for {host_of(self._home)} are over."
        return SourceError(what, f"{_LATER[:-1]}, and [transport] total_s sets the limit.")

    def _address(self, request: Request) -> str:
        """Return the whole address of a request, written as it will be sent."""
        path = request.path
        whole = path if _WHOLE_ADDRESS.match(path) else f"{self.base}/{path.lstrip('/')}"
        url = _canonical(whole)
        if not is_same_origin(url, self._home):
            named = self._login.clean(host_of(url)) or "no web address"
            what = f"{host_of(self._home)} names {named} for the next page."
            fix = "That is another server, which gets no token; check the address in the settings."
            raise SourceError(what, fix)
        if request.params and not request.is_form:
            joint = "&" if urlsplit(url).query else "?"
            url = f"{url}{joint}{request.query}"
        return url

    def _follow(self, url: str, request: Request) -> Answer:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._once(url, request)
            if answer.status not in _REDIRECTS or answer.status in request.allow:
                return answer
            url = self._onward(answer, request)
        raise SourceError(f"{self._wire.place(url)} sends on in a circle.", "Check the address.")

    def _onward(self, answer: Answer, request: Request) -> str:
        """Return where an answer sends on to, which is never another server."""
        onward = _canonical(urljoin(answer.url, answer.headers.get("location", "")))
        is_lost = onward == answer.url
        if is_lost or request.content is not None or not is_same_origin(onward, self._home):
            named = self._login.clean(host_of(onward)) or "nowhere"
            what = f"{answer.place} sends on to {named}, which is not followed."
            fix = (
                "Set the address to the one that answers in a browser; then run `debtplan doctor`."
            )
            raise SourceError(what, fix)
        return onward

    def _once(self, url: str, request: Request) -> Answer:
        within_s = min(self.line.request_s, self.budget.seconds_left)
        if within_s <= 0:
            raise self._late()
        headers, body, content = {}, None, request.content
        kept = self._kept if request.is_kept and content is None else None
        before = kept.recall(url) if kept else None
        if before:
            headers["If-None-Match"] = before[0]
        if content is not None:
            headers["Content-Type"], body = content
        self.requests += 1
        answer = self._wire.send(url, headers, body, within_s)
        if answer.status in _REDIRECTS:
            return answer
        if before and answer.status == _NOT_MODIFIED:
            answer = before[1].renew(answer)
            kept = None
        check_answer(answer, request, self._login)
        if kept:
            kept.keep(answer)
        return answer


def _canonical(address: str) -> str:
    """Return an address as httpx will send it, so that what is checked is what is asked."""
    if not host_of(address):
        return ""
    try:
        return str(httpx.URL(address))
    except httpx.InvalidURL:
        return ""
