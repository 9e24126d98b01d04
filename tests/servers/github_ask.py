"""Asking a fake GitHub by hand, one request at a time."""

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from tests.servers.github import TOKEN, FakeGithub

ISSUES = "/repos/acme/shop/issues"
WALK = f"{ISSUES}?state=all&sort=updated&direction=asc"
# Made once: httpx would read all certificates for every request, and none is needed here.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def fill(github: FakeGithub, count: int) -> None:
    """Put issues in, one a second."""
    for number in range(1, count + 1):
        github.store.add_issue("acme/shop", f"Issue {number}")
        github.advance(1)


def ask(github: FakeGithub, path: str, token: str | None = TOKEN, **headers: str) -> httpx.Response:
    """Send a GET; underscores in header names become dashes."""
    url = path if path.startswith("http") else f"{github.api}{path}"
    return httpx.get(url, headers=_headers(token, headers), verify=_NO_TLS)


def post(github: FakeGithub, path: str, token: str | None = TOKEN) -> httpx.Response:
    return httpx.post(f"{github.api}{path}", headers=_headers(token, {}), verify=_NO_TLS)


def query(
    github: FakeGithub, text: Any, token: str | None = TOKEN, **variables: Any
) -> httpx.Response:
    """Send a GraphQL query."""
    body = {"query": text, "variables": variables}
    return httpx.post(github.graphql, headers=_headers(token, {}), json=body, verify=_NO_TLS)


def walk(github: FakeGithub, path: str) -> Iterator[httpx.Response]:
    """Follow a list to its end."""
    url: str | None = path
    while url:
        answer = ask(github, url)
        yield answer
        url = answer.links.get("next", {}).get("url")


def numbers(github: FakeGithub, path: str) -> list[int]:
    return [one["number"] for answer in walk(github, path) for one in answer.json()]


def at_page(number: int, change: Callable[[], object]) -> Callable[[int], None]:
    """Make a change after one page of a list."""

    def hook(page: int) -> None:
        if page == number:
            change()

    return hook


def _headers(token: str | None, more: dict[str, str]) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return named if token is None else {"Authorization": f"token {token}", **named}
