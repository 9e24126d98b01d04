"""What an answer's status means: an answer, a failure that may pass, or one that will not."""

from debtplan.core.decode import DecodeError, Json, decode_json
from debtplan.errors import AuthenticationError, DebtplanError, ForbiddenError, SourceError
from debtplan.transport.answer import Answer, Request
from debtplan.transport.login import Login
from debtplan.transport.retry import TRANSIENT, RetryError, asked_wait, is_limit

PROXY_FIX = "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and the proxy's user and password."

_MOST_READ = 1 << 16
"""Bytes of a failure's body that are searched for the reason."""


def check_answer(answer: Answer, request: Request, login: Login) -> None:
    """Let an answer pass that is one.

    Raises:
        RetryError: It is a failure that may pass.
        AuthenticationError: The credentials are refused.
        ForbiddenError: They do not allow this.
        SourceError: It is another failure.
    """
    status, place = answer.status, answer.place
    if is_limit(answer):
        why = "has a limit of requests, which is reached"
        raise RetryError(why, asked_wait(answer), is_limit=True)
    if status in request.allow:
        return
    if status in TRANSIENT:
        raise RetryError(f"failed with status {status}", asked_wait(answer))
    refusal = login.judge(answer)
    if status == 401 or refusal is not None:  # noqa: PLR2004 - Unauthorized
        said = f": {login.clean(refusal)}" if refusal else _words(answer, login)
        why = f"status {status}{said}" if status == 401 else said.removeprefix(": ")  # noqa: PLR2004
        raise AuthenticationError(f"{place} {login.refusal} ({why}).", login.fix)
    if status == 403:  # noqa: PLR2004 - Forbidden
        what = f"{place} is forbidden for this token (status 403{_words(answer, login)})."
        raise ForbiddenError(what, login.fix)
    if not 200 <= status < 300:  # noqa: PLR2004 - the range of success
        raise _failure(answer, _words(answer, login))


def _failure(answer: Answer, words: str) -> DebtplanError:
    place = answer.place
    match answer.status:
        case 304:
            what = f"{place} says that nothing changed, though nothing is known from before (304)."
            fix = "Run it again; if it stays so, a proxy stands in between and answers for it."
        case 404:
            what = f"{place} does not exist, or is hidden from this token (404{words})."
            fix = "Check its name in the settings; `debtplan doctor` shows what the token may read."
        case 407:
            what = f"The way to {place} is barred: the proxy wants a user and a password (407)."
            fix = PROXY_FIX
        case 410:
            what = f"{place} was removed by its maker (410{words})."
            fix = "Upgrade debtplan; this one asks in a way that is no longer answered."
        case status:
            what = f"{place} answered with status {status}{words}."
            fix = "Run `debtplan doctor` to see which setting it is about."
    return SourceError(what, fix)


def _words(answer: Answer, login: Login) -> str:
    """Return the server's own words about a failure, ": " before them; "" where it has none."""
    try:
        said = _message(decode_json(answer.content[:_MOST_READ]))
    except DecodeError:
        return ""
    text = login.clean(said).rstrip(".")
    return f": {text}" if text else ""


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
