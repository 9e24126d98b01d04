"""Recorded exchanges of other projects' test suites, to feed parsers with real answers."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple


class Exchange(NamedTuple):
    """One request and its answer; `body` is decoded JSON, or text where it is none."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: Any


def read_octokit(file: Path) -> Iterator[Exchange]:
    """Yield the exchanges of an octokit fixture: a JSON list of nock recordings."""
    for entry in json.loads(file.read_text(encoding="utf-8")):
        raw = entry.get("rawHeaders") or entry.get("reqheaders") or {}
        pairs = zip(raw[::2], raw[1::2], strict=True) if isinstance(raw, list) else raw.items()
        headers = {str(name).casefold(): str(value) for name, value in pairs}
        status, method = int(entry["status"]), str(entry["method"]).upper()
        yield Exchange(method, entry["path"], status, headers, entry["response"])


def read_pygithub(file: Path) -> Iterator[Exchange]:
    """Yield the exchanges of a PyGithub replay file: eleven lines each."""
    lines = file.read_text(encoding="utf-8").splitlines()
    for start in range(0, len(lines) - 9, 11):
        _, method, _, _, path, _, _, status, headers, body = lines[start : start + 10]
        pairs = ast.literal_eval(headers)
        named = {str(name).casefold(): str(value) for name, value in dict(pairs).items()}
        yield Exchange(method, path, int(status), named, _decoded(body))


def _decoded(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body
