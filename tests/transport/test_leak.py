"""The canary: no token shows, in any form, in anything that people or programs may keep."""

import gc
import logging
import traceback
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from debtplan.errors import DebtplanError
from debtplan.transport.answer import Answer, Request
from debtplan.transport.client import Client, Login
from debtplan.transport.pages import pages
from debtplan.transport.secret import Secret, basic, bearer
from tests.servers.harness import FakeServer, Reply, reply
from tests.transport.asking import ORIGIN, TOKEN, Table, client, scripted
from tests.transport.raw import RawServer, reset

FORMS = (
    TOKEN,
    b64encode(TOKEN.encode()).decode().rstrip("="),
    quote(TOKEN, safe=""),
    quote(TOKEN),
)
PAIR = b64encode(f"ann:{TOKEN}".encode()).decode()
LOGINS = {
    "bearer": Login({"Authorization": bearer(Secret(TOKEN, ORIGIN))}, ORIGIN),
    "basic": Login({"Authorization": basic("ann", Secret(TOKEN, ORIGIN))}, ORIGIN),
    "api-key": Login({"Api-Key": Secret(TOKEN, ORIGIN)}, ORIGIN),
    "private-token": Login({"Private-Token": Secret(TOKEN, ORIGIN)}, ORIGIN),
    "cookie": Login({"Cookie": Secret(TOKEN, ORIGIN)}, ORIGIN),
}
ECHO = " ".join(FORMS)


def leaks(text: str) -> list[str]:
    """Return the forms of the token that a text holds; a piece of 12 letters counts too."""
    return [form for form in FORMS if form in text or form[:16] in text]


def faults() -> Iterator[Reply]:
    """Give answers that repeat the token in every place that a message could be made of."""
    for status in (400, 401, 403, 404, 410, 418, 429, 500, 503):
        yield reply({"message": ECHO, "errorMessages": [ECHO]}, status)
        yield reply({"message": "x" * 150 + TOKEN}, status)
        yield reply({"message": "\u200b".join(TOKEN)}, status)
        yield Reply(status, f"<html>{ECHO}</html>".encode())
    for path in (quote(TOKEN, safe=""), TOKEN):
        yield Reply(302, headers={"Location": f"https://evil.example/{path}?t={path}"})
        yield Reply(302, headers={"Location": f"https://{TOKEN[:12]}.evil.example:99999/{path}"})
        yield Reply(302, headers={"Location": f"/{path}?t={path}"})
    yield reply([1], Link=f'<https://evil.example/{TOKEN}>; rel="next"')
    yield Reply(200, ECHO.encode())
    yield Reply(200, f"<html>{ECHO}</html>".encode())
    yield Reply(200, ECHO.encode(), cut_after=20)
    yield Reply(200, ECHO.encode(), {"Content-Encoding": "gzip"})
    yield Reply(200, ECHO.encode(), {"Content-Encoding": TOKEN})
    yield reply({}, X_Seraph_LoginReason=ECHO)


def judge(found: Answer) -> str | None:
    return found.headers.get("x-seraph-loginreason")


def fail(asking: Client) -> DebtplanError | None:
    """Walk a list until it fails."""
    try:
        for page in pages(
            asking,
            Request("rest", (("jql", "x"),), is_kept=True),
            lambda page: Request(link) if (link := page.link("next")) else None,
        ):
            page.json()
    except DebtplanError as error:
        return error
    return None


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and all that led to it, what `from None` hides included."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def everything(error: BaseException, *, has_locals: bool = True) -> str:
    """Return all that a crash reporter could find out about an error."""
    parts = []
    for one in chain(error):
        parts += [str(one), repr(one), repr(one.args), repr(vars(one))]
        told = traceback.TracebackException.from_exception(one, capture_locals=has_locals)
        parts += told.format(chain=True)
    return "\n".join(parts)


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=() if kind == "basic" else pytest.mark.slow) for kind in LOGINS],
)
def test_no_fault_shows_the_token_in_an_error_a_traceback_or_a_log(
    kind: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("", "httpx", "httpcore", "httpcore.http11", "httpcore.connection", "stamina"):
        caplog.set_level(logging.DEBUG, logger=name)
    login = Login(LOGINS[kind].headers, ORIGIN, judge=judge)
    told: list[str] = []
    failed = 0
    for fault in faults():
        table = Table()
        with FakeServer(lambda _, fault=fault: fault) as home:  # type: ignore[misc]
            asking = client(home.url, login, told=lambda why, _: told.append(why), etags=table)
            with asking:
                error = fail(asking)
        assert error is not None, fault
        failed += 1
        # What the server says stands in variables too; what we send does not, see below.
        assert not leaks(everything(error, has_locals=False))
        assert not leaks(repr(table) if fault.status != 200 else "")
    assert failed > 40
    assert not leaks("\n".join(told))
    assert not leaks(caplog.text)
    assert not any(record.name.startswith(("httpx", "httpcore")) for record in caplog.records)
    printed = capfd.readouterr()
    assert not leaks(printed.out + printed.err)


def test_a_reset_leaves_no_trace_of_the_headers_that_were_sent() -> None:
    with RawServer(lambda connection, _: reset(connection)) as server:
        with client(server.url, LOGINS["bearer"], attempts=2) as asking:
            error = fail(asking)
        assert TOKEN in server.heads[0]
    assert error is not None
    assert not any(isinstance(one, httpx.HTTPError) for one in chain(error))
    assert not leaks(everything(error))


def test_nobody_at_all_leaves_no_trace_either() -> None:
    with client("http://127.0.0.1:1", LOGINS["basic"], attempts=2) as asking:
        error = fail(asking)
    assert error is not None
    assert not leaks(everything(error))


def test_other_peoples_requests_are_logged_as_before(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="httpx")
    caplog.set_level(logging.DEBUG, logger="httpcore")
    with FakeServer(lambda _: reply({})) as home:
        with client(home.url) as asking:
            asking.get("ours", token="canary")  # noqa: S106 - it is to be looked for
        assert caplog.records == []
        with httpx.Client(trust_env=False) as other:
            other.get(f"{home.url}/theirs")
    assert any("theirs" in record.getMessage() for record in caplog.records)
    assert not any("ours" in record.getMessage() for record in caplog.records)


def test_neither_a_client_nor_what_it_is_made_of_shows_the_token() -> None:
    with scripted(httpx.Response(200, content=b"{}"), login=LOGINS["bearer"]) as asking:
        asking.get("rest")
        shown = [repr(asking), repr(vars(asking)), repr(vars(asking._wire))]  # noqa: SLF001
        assert not leaks(" ".join(shown))


@pytest.mark.slow
def test_the_token_stays_in_no_text_of_its_own_once_a_request_is_over() -> None:
    unique = "canary-" + "-".join(["z9"] * 9)
    login = Login({"Api-Key": Secret(unique)})
    with FakeServer(lambda _: reply({})) as home, client(home.url, login) as asking:
        asking.get("rest")
        home.log.clear()
        gc.collect()
        held = [
            one
            for one in gc.get_objects()
            if type(one) is dict and any(type(v) is str and v == unique for v in one.values())
        ]
    assert held == []


def test_a_user_and_a_password_are_taken_out_together_and_apart() -> None:
    said = b'{"message": "%s and %s"}' % (PAIR.encode(), TOKEN.encode())
    with scripted(httpx.Response(400, content=said), login=LOGINS["basic"]) as asking:
        error = fail(asking)
    assert error is not None
    assert "status 400: *** and ***." in str(error)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_no_variable_of_a_traceback_holds_what_was_sent(status: int) -> None:
    with FakeServer(lambda _: reply({}, status)) as home:
        with client(home.url, LOGINS["bearer"], etags=Table()) as asking:
            error = fail(asking)
        assert home.log[0].headers["authorization"] == f"Bearer {TOKEN}"
        home.log.clear()
    assert error is not None
    assert not leaks(everything(error))
