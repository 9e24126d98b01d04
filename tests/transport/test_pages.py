import httpx
import pytest

from debtplan.errors import SourceError
from debtplan.transport.answer import Answer, Request
from debtplan.transport.client import Client
from debtplan.transport.pages import EMPTY_IN_A_ROW, pages
from debtplan.transport.retry import Budget
from tests.transport.asking import LOGIN, line


def listed(*found: tuple[list[int], str | None], **settings: float) -> Client:
    """Return a client of a list: the items of each page and the token of the next one."""

    def handler(request: httpx.Request) -> httpx.Response:
        items, token = found[min(len(sent), len(found) - 1)]
        sent.append(request.url.params.get("token", ""))
        return httpx.Response(200, json={"items": items, "next": token, "at": len(sent)})

    sent: list[str] = []
    transport = httpx.MockTransport(handler)
    return Client("https://h.example", LOGIN, line(**settings), Budget(100, 1), transport=transport)


def following(answer: Answer) -> Request | None:
    found = answer.json()
    assert isinstance(found, dict)
    return Request("list", (("token", str(found["next"])),)) if found["next"] else None


def is_empty(answer: Answer) -> bool:
    found = answer.json()
    assert isinstance(found, dict)
    return not found["items"]


def read(client: Client) -> list[object]:
    with client:
        return [one.json()["items"] for one in pages(client, Request("list"), following, is_empty)]  # type: ignore[index, call-overload]


def test_every_page_is_read_once_in_order() -> None:
    assert read(listed(([1, 2], "a"), ([3], "b"), ([4], None))) == [[1, 2], [3], [4]]


def test_one_page_is_a_list_too() -> None:
    assert read(listed(([], None))) == [[]]


def test_empty_pages_in_the_middle_are_walked_through() -> None:
    assert read(listed(([1], "a"), ([], "b"), ([], "c"), ([2], "d"), ([], "e"), ([3], None))) == [
        [1], [], [], [2], [], [3],
    ]  # fmt: skip


def test_a_token_that_comes_again_is_an_error_and_costs_no_request() -> None:
    client = listed(([1], "a"), ([2], "b"), ([3], "a"))
    with pytest.raises(SourceError, match="that was read before") as caught:
        read(client)
    assert client.requests == 3
    assert caught.value.what.startswith("h.example names a page as the next one")
    assert caught.value.fix == "Run it again; what was read so far is kept."


def test_pages_before_the_error_are_given_first() -> None:
    found = pages(listed(([1], "a"), ([2], "a")), Request("list"), following)
    assert [next(found).json()["items"], next(found).json()["items"]] == [[1], [2]]  # type: ignore[index, call-overload]
    with pytest.raises(SourceError):
        next(found)


def test_empty_pages_without_end_are_an_error_within_three_requests() -> None:
    client = listed(([1], "a"), *(([], f"t{n}") for n in range(100)))
    with pytest.raises(SourceError, match="4 empty pages in a row"):
        read(client)
    assert client.requests == 1 + 1 + EMPTY_IN_A_ROW


def test_a_page_that_comes_again_under_another_address_is_an_error() -> None:
    count = 0

    def handler(_: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        link = f'<https://h.example/list?page={count}>; rel="next"'
        return httpx.Response(200, json=[{"id": 1}], headers={"Link": link})

    transport = httpx.MockTransport(handler)
    client = Client("https://h.example", LOGIN, line(), Budget(100, 1), transport=transport)
    with pytest.raises(SourceError, match="sent a page that was read before"):
        list(
            pages(
                client,
                Request("list"),
                lambda page: Request(link) if (link := page.link("next")) else None,
            )
        )
    assert count == 2


def test_a_list_without_end_stops_at_the_limit() -> None:
    client = listed(*(([n], f"t{n}") for n in range(100)), pages=7)
    with pytest.raises(SourceError, match="has more than 7 pages"):
        read(client)
    assert client.requests == 7


def test_questions_with_bodies_are_told_apart_by_them() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=request.content)

    transport = httpx.MockTransport(handler)
    with Client("https://h.example", LOGIN, line(), Budget(9, 1), transport=transport) as client:
        found = pages(
            client,
            Request("list", body={"at": 0}),
            lambda page: (
                None
                if b"2" in page.content
                else Request("list", body={"at": int(page.content[-2:-1]) + 1})
            ),
        )
        assert [one.json() for one in found] == [{"at": 0}, {"at": 1}, {"at": 2}]
