"""Whatever a tracker answers, it is never taken for an empty backlog, and the store loses nothing.

Trackers that differ only in how they are reached share their parsers, so three stand for five.
"""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from debtplan.core.source import SourceStatus
from debtplan.store import SqlStore, open_store
from tests.servers.harness import Reply, Seen
from tests.sources.live.contract import DESKS, desk_of
from tests.sources.live.contract_desk import Desk

BODIES = 100
THREE = ("github", "jira-center", "jira-cloud")

PLAIN = [
    b"",
    b" \n",
    b"null",
    b"true",
    b"0",
    b"-1",
    b'""',
    b'"ok"',
    b"{}",
    b"[{}]",
    b"[null]",
    b"[[]]",
    b'["a", "b"]',
    b"[1, 2]",
    b"{",
    b"[",
    b'{"issues": [',
    b'{"issues": null}',
    b'{"issues": {}}',
    b'{"issues": ""}',
    b'{"issues": 0}',
    b'{"issues": [null]}',
    b'{"issues": [{}]}',
    b'{"issues": [[]], "total": 1}',
    b'{"issues": [{"fields": {}}]}',
    b'{"issues": [], "total": 7}',
    b'{"issues": [{"key": ""}], "isLast": true}',
    b'{"Issues": []}',
    b'{"values": []}',
    b'{"values": null, "isLast": true}',
    b'{"errorMessages": ["boom"]}',
    b'{"message": "Not Found"}',
    b'{"data": null, "errors": []}',
    b"NaN",
    b'{"issues": NaN}',
    b'{"issues": 1e999}',
    b"[1e400]",
    b"<html>Log in</html>",
    b"<?xml version='1.0'?><issues/>",
    b"\xef\xbb\xbf<!doctype html>",
    b"OK",
    b"upstream connect error",
    b"\x00",
    b"\xff\xfe",
    b"\xff\xff\xff",
    b'"\xc3"',
    b"\x1f\x8b\x08\x00garbage",
    b'{"a": 1}\n{"a": 2}',
    b"[" * 300 + b"]" * 300,
    b"[" * 100_000,
    b'{"a":' * 5_000,
    b'[{"number": null}]',
    b'[{"id": 1}]',
    b"[true, false]",
    b"while(1);[]",
    b")]}',\n[]",
    b"// []",
    b"[],",
    b"''",
    b"undefined",
]
ODD: list[Any] = [None, True, False, 0, -1, 10**30, 1.5, "", "x", "\ud800", [], [[]], {}, {"a": 1}]
IDENTITY = frozenset({"id", "key", "number", "url", "repository_url", "html_url", "self"})
"""Whoever changes these says that it is another item, and is believed."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything in a JSON value that is not somebody's identity."""
    inside = value if isinstance(value, dict) else {}
    if isinstance(value, list):
        inside = dict(enumerate(value))
    for name, one in inside.items():
        if name not in IDENTITY:
            yield (*path, name)
            yield from places(one, (*path, name))


def odd_bodies(desk: Desk, good: bytes, *, is_list: bool) -> list[bytes]:
    """Return bodies that no tracker should send, the same ones in each run."""
    chance = random.Random(3)
    found = list(PLAIN)
    found += [good[: len(good) * part // 10] for part in range(1, 10)]
    everywhere = list(places(json.loads(good)))
    while len(found) < BODIES:
        body = json.loads(good)
        *above, name = chance.choice(everywhere)
        owner = body
        for one in above:
            owner = owner[one]
        owner[name] = chance.choice(ODD)
        if chance.random() < 0.2:
            del owner[name]
        written = json.dumps(body).encode()
        if written not in found and not (is_list and is_empty(desk, body)):
            found.append(written)
    return found


def is_empty(desk: Desk, body: Any) -> bool:
    """Tell whether a body is an empty list as a tracker really sends it."""
    try:
        return desk.records(body) == []
    except KeyError:
        return False


@pytest.fixture(scope="module")
def store() -> Iterator[SqlStore]:
    """Open a real store in memory, once: making its tables takes longer than most checks."""
    with open_store("sqlite://") as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "endpoint"), [(name, one) for name in THREE for one in DESKS[name].endpoints]
)
def test_a_hundred_odd_bodies_empty_nothing(name: str, endpoint: str, store: SqlStore) -> None:
    with desk_of(name, store) as desk:
        desk.fill(3)
        good: list[bytes] = []
        body = [b""]

        def note(seen: Seen) -> Reply | None:
            if seen.path.endswith(endpoint):
                good.append(desk.real(seen).content)
            return None

        def odd(seen: Seen) -> Reply | None:
            return Reply(200, body[0]) if seen.path.endswith(endpoint) else None

        desk.script(note)
        assert desk.sync().error is None
        before = desk.kept().keys()
        bodies = odd_bodies(
            desk, good[0], is_list=endpoint in {"/issues", "/search", "/search/jql"}
        )
        assert len(bodies) >= BODIES
        desk.scripts[:] = [odd]
        for body[0] in bodies:
            desk.sync(attempts=1)
            assert (body[0], desk.kept().keys()) == (body[0], before)
        for body[0] in bodies:
            desk.store.forget_source(desk.kind)
            done = desk.sync(attempts=1)
            is_said = done.state.status is SourceStatus.FAILED and done.error is not None
            assert (body[0], is_said or bool(desk.kept())) == (body[0], True)
