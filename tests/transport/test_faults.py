"""What a network and a broken server can do: an error or a whole answer, and that in time."""

import gzip
import json
import socket
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

import httpx
import pytest

from debtplan.errors import SourceError
from debtplan.transport.client import Client
from tests.servers.harness import FakeServer, Reply, reply
from tests.transport.asking import client, scripted
from tests.transport.raw import RawServer, reset, whole

BODY = json.dumps({"issues": [{"key": f"OMNI-{n}"} for n in range(200)]}).encode()
OK = whole(BODY, "Content-Type: application/json")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def asked(script: Callable[[socket.socket, int], None], **settings: Any) -> Iterator[Client]:
    with RawServer(script) as server, client(server.url, **settings) as asking:
        yield asking


def first(answer: bytes, *, is_reset: bool = False) -> Callable[[socket.socket, int], None]:
    """Return a script that breaks the first connection after some bytes and serves the others."""

    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(answer if number == 0 else OK)
        if number == 0 and is_reset:
            reset(connection)

    return script


def always(answer: bytes) -> Callable[[socket.socket, int], None]:
    return lambda connection, _: connection.sendall(answer)


@pytest.mark.parametrize("kept", [0, 1, len(BODY) // 2, len(BODY) - 1])
@pytest.mark.parametrize("is_reset", [True, False])
def test_an_answer_that_breaks_off_is_asked_for_again(
    kept: int,
    is_reset: bool,  # noqa: FBT001 - a parameter of the table
    waits: list[float],
) -> None:
    cut = OK[: len(OK) - len(BODY) + kept]
    with asked(first(cut, is_reset=is_reset)) as asking:
        assert asking.get("rest").content == BODY
        assert asking.requests == 2
    assert waits == [0.5]


@pytest.mark.parametrize("cut_after", [0, 1, len(BODY) // 2, len(BODY) - 1])
def test_the_same_holds_for_a_server_with_manners(cut_after: int) -> None:
    with FakeServer(lambda _: reply(json.loads(BODY))) as home, client(home.url) as asking:
        home.fail_once("/rest", Reply(200, BODY, cut_after=cut_after))
        assert asking.get("rest").json() == json.loads(BODY)
        assert asking.requests == 2


def test_an_answer_that_always_breaks_off_is_no_page(waits: list[float]) -> None:
    with asked(always(OK[:-1])) as asking, pytest.raises(SourceError) as caught:
        asking.get("rest")
    assert caught.value.what.endswith("broke off its answer, or sent none (asked 5 times).")
    assert waits == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"HTTP/1.1 200",
        b"\x16\x03\x01 this is no HTTP\r\n\r\n",
        CHUNKED + b"10\r\nabc",
        CHUNKED + b"zz\r\nabc\r\n",
        OK.replace(b"Content-Length: ", b"Content-Length: 1"),
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000 + b"\r\n",
        whole(gzip.compress(BODY)[:-9], "Content-Encoding: gzip"),
        whole(gzip.compress(BODY)[:40], "Content-Encoding: gzip"),
        whole(b"no gzip", "Content-Encoding: gzip"),
        whole(zlib.compress(BODY), "Content-Encoding: deflate"),
        whole(gzip.compress(gzip.compress(BODY)), "Content-Encoding: gzip, gzip"),
    ],
)
def test_half_an_answer_is_asked_for_again(broken: bytes) -> None:
    with asked(first(broken)) as asking:
        assert asking.get("rest").content == BODY
        assert asking.requests == 2


def test_a_body_without_a_length_that_is_cut_is_no_json() -> None:
    cut = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + BODY[:-40]
    with asked(always(cut)) as asking:
        found = asking.get("rest")
    with pytest.raises(SourceError, match="is not JSON"):
        found.json()


def test_a_length_that_is_too_short_is_no_json_and_spoils_nothing_else() -> None:
    short = OK.replace(f"Content-Length: {len(BODY)}".encode(), b"Content-Length: 50")
    with asked(first(short)) as asking:
        with pytest.raises(SourceError, match="is not JSON"):
            asking.get("rest").json()
        assert asking.get("rest").content == BODY


@pytest.mark.parametrize("name", ["gzip", "GZIP", "x-gzip"])
def test_a_packed_answer_is_unpacked(name: str) -> None:
    two = gzip.compress(BODY[:100]) + gzip.compress(BODY[100:])
    with asked(always(whole(two, f"Content-Encoding: {name}"))) as asking:
        assert asking.get("rest").content == BODY


def test_an_empty_answer_may_call_itself_packed() -> None:
    with asked(always(whole(b"", "Content-Encoding: gzip"))) as asking:
        assert asking.get("rest").content == b""


@pytest.mark.slow
def test_a_stall_ends_with_our_sentence() -> None:
    began = monotonic()
    with (
        asked(drip(head=OK[:40], rest=b""), request_s=0.3, attempts=2) as asking,
        pytest.raises(SourceError) as caught,
    ):
        asking.get("rest")
    assert caught.value.what.endswith("/rest took longer than 0.3 s to answer (asked 2 times).")
    assert monotonic() - began < 5


def test_a_single_read_that_takes_too_long_has_our_sentence_too(waits: list[float]) -> None:
    with (
        scripted(httpx.ReadTimeout("timed out"), attempts=2) as asking,
        pytest.raises(SourceError) as caught,
    ):
        asking.get("rest")
    assert (
        caught.value.what
        == "jira.example.com/rest took longer than 10 s to answer (asked 2 times)."
    )
    with (
        scripted(httpx.ConnectTimeout(""), attempts=1) as asking,
        pytest.raises(SourceError) as caught,
    ):
        asking.get("rest")
    assert caught.value.what == "jira.example.com/rest cannot be reached in time."
    assert waits == [0.5]


def drip(*, head: bytes, rest: bytes) -> Callable[[socket.socket, int], None]:
    """Return a script that sends a byte every 20 ms, or none, for as long as anybody waits."""
    pause = struct.pack("ll", 0, 20_000)

    def script(connection: socket.socket, _: int) -> None:
        connection.sendall(head)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, pause)
        for byte in (rest or b" ") * 500:
            with suppress(BlockingIOError):
                if connection.recv(1) == b"":
                    return
            if rest:
                connection.sendall(bytes([byte]))

    return script


@pytest.mark.parametrize(
    ("head", "rest"),
    [
        (b"", b"HTTP/1.1 200 OK\r\n" + b"X-Slow: yes\r\n" * 10),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x" * 100),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"[" + b" " * 100),
        (CHUNKED, b"1\r\nx\r\n" * 20),
    ],
    ids=["headers", "length", "until-close", "chunked"],
)
@pytest.mark.slow
def test_a_byte_now_and_then_does_not_hold_a_request(head: bytes, rest: bytes) -> None:
    began = monotonic()
    with (
        asked(drip(head=head, rest=rest), request_s=0.4, attempts=2) as asking,
        pytest.raises(SourceError) as caught,
    ):
        asking.get("rest")
    assert caught.value.what.endswith("/rest took longer than 0.4 s to answer (asked 2 times).")
    assert monotonic() - began < 5


@pytest.mark.slow
def test_the_end_of_the_run_cuts_a_slow_answer_too() -> None:
    slow = drip(head=CHUNKED, rest=b"1\r\nx\r\n" * 20)
    began = monotonic()
    with asked(slow, total_s=0.4) as asking, pytest.raises(SourceError) as caught:
        asking.get("rest")
    assert "The 0.4 s for 127.0.0.1:" in caught.value.what
    assert monotonic() - began < 5


@pytest.mark.slow
def test_a_slow_server_that_keeps_its_time_is_waited_for(waits: list[float]) -> None:
    def late(connection: socket.socket, _: int) -> None:
        for part in (OK[:30], OK[30:90], OK[90:]):
            connection.settimeout(0.05)
            with suppress(TimeoutError):
                connection.recv(1)
            connection.sendall(part)

    with asked(late, request_s=5) as asking:
        assert asking.get("rest").content == BODY
        assert asking.get("rest").content == BODY
    assert waits == []


def endless(head: bytes, piece: bytes) -> Callable[[socket.socket, int], None]:
    def script(connection: socket.socket, _: int) -> None:
        connection.sendall(head)
        with suppress(OSError):
            for _ in range(100_000):
                connection.sendall(piece)

    return script


def bomb(layers: int) -> bytes:
    """Return 100 MB of zeros, packed once or more."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush()
    for _ in range(layers - 1):
        packed = gzip.compress(packed)
    return packed


@pytest.mark.parametrize(
    "script",
    [
        always(whole(bomb(1), "Content-Encoding: gzip")),
        endless(CHUNKED, b"10000\r\n" + bytes(65536) + b"\r\n"),
        endless(b"HTTP/1.1 200 OK\r\n\r\n", bytes(65536)),
        endless(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", bytes(65536)),
    ],
    ids=["gzip", "chunked", "until-close", "length"],
)
def test_a_bomb_ends_at_the_limit_in_little_memory(
    script: Callable[[socket.socket, int], None], waits: list[float]
) -> None:
    began = monotonic()
    tracemalloc.start()
    try:
        with asked(script, page_mb=2.0) as asking, pytest.raises(SourceError) as caught:
            asking.get("rest")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "sent more than 2 MB in one answer" in caught.value.what
    assert "page_mb" in caught.value.fix
    assert asking.requests == 1
    assert most < 12_000_000
    assert monotonic() - began < 20
    assert waits == []


def test_a_bomb_in_a_bomb_is_not_unpacked() -> None:
    packed = whole(bomb(2), "Content-Encoding: gzip, gzip")
    with asked(always(packed), attempts=1) as asking, pytest.raises(SourceError) as caught:
        asking.get("rest")
    assert "packed in a way that was not asked for" in caught.value.what


def test_time_sleep_is_what_the_waiting_goes_through(waits: list[float]) -> None:
    time.sleep(3)
    assert waits == [3]
