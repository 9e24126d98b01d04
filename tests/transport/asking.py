"""Clients for the tests: patient enough for loopback, quick to give up."""

from typing import Any

import httpx

from debtplan.transport.client import Client, Login
from debtplan.transport.options import LineTable
from debtplan.transport.retry import Budget
from debtplan.transport.secret import Secret, bearer

TOKEN = "canary-" + "T0ken/+with?signs=" + "0123456789"
ORIGIN = "DEBTPLAN_JIRA_TOKEN"
LOGIN = Login({"Authorization": bearer(Secret(TOKEN, ORIGIN))}, ORIGIN, "Make a new token.")


class Table(dict[str, tuple[str, bytes]]):
    """An `EtagTable`."""

    def recall(self, key: str) -> tuple[str, bytes] | None:
        return self.get(key)

    def keep(self, key: str, etag: str, content: bytes) -> None:
        self[key] = (etag, content)


def line(**settings: Any) -> LineTable:
    return LineTable.model_validate({"request_s": 10.0, **settings})


def client(
    base: str, login: Login = LOGIN, *, told: Any = None, etags: Any = None, **settings: Any
) -> Client:
    limits = line(**settings)
    budget = Budget(limits.total_s, limits.max_wait_s, *([told] if told else []))
    return Client(base, login, limits, budget, etags=etags)


def scripted(
    *answers: httpx.Response | BaseException,
    told: Any = None,
    login: Login = LOGIN,
    **settings: Any,
) -> Client:
    """Return a client whose service gives these answers in turn, the last one for ever."""
    left = list(answers)

    def handler(_: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, BaseException):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    limits = line(**settings)
    budget = Budget(limits.total_s, limits.max_wait_s, *([told] if told else []))
    transport = httpx.MockTransport(handler)
    return Client("https://jira.example.com", login, limits, budget, transport=transport)


def answer(status: int, content: bytes = b"{}", **headers: str) -> httpx.Response:
    """Return an answer; underscores in header names become dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, content=content)
