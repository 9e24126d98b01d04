"""The makers' descriptions of their APIs: what a script answers is held against them."""

import gzip
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.servers.harness import Answers, FakeServer, Reply, Seen

Check = Callable[[Any], None]
"""Fails for an answer that the maker's description does not allow."""

FILES = {
    "prometheus": "prometheus-http-v1.openapi.yaml.gz",
    "mixpanel": "mixpanel-query.openapi.yaml",
    "sentry": "sentry.openapi-derefed.json.gz",
}


@cache
def description(name: str) -> dict[str, Any] | None:
    """Return the description of an API; None where it or what reads it is absent."""
    data = Path(os.environ.get("DEBTPLAN_DATA") or REPOSITORY.parent / "shared" / "data")
    file = data / "api" / "contracts" / FILES[name]
    if not file.is_file():
        return None
    content = file.read_bytes()
    text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode()
    if ".json" in file.name:
        return dict(json.loads(text))
    try:
        yaml: Any = import_module("yaml")  # comes with the group contract
    except ImportError:
        return None
    return dict(yaml.load(text, Loader=yaml.CSafeLoader))


@cache
def check_of(name: str, path: str) -> Check | None:
    """Return the check of the answers of status 200 to GET; None where it cannot be made."""
    document = description(name)
    try:
        from openapi_schema_validator import OAS30Validator, OAS31Validator
    except ImportError:
        return None
    if document is None:
        return None
    media = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    schema = {**media["schema"], "components": document.get("components", {})}
    kind = OAS31Validator if document["openapi"].startswith("3.1") else OAS30Validator
    validator = kind(schema)

    def check(answer: Any) -> None:
        problems = [error.message for error in validator.iter_errors(answer)]
        assert not problems, f"{name} never answers so: {problems[0][:300]}"

    return check


def needed(name: str, path: str) -> Check:
    """Return the check; skips the test where it cannot be made."""
    found = check_of(name, path)
    if found is None:
        pytest.skip("no contract: set DEBTPLAN_DATA, and install the group contract")
    return found


@contextmanager
def served(
    answers: Answers, name: str = "", paths: dict[str, str] | None = None
) -> Iterator[FakeServer]:
    """Serve a script; its good answers are held against the maker's description.

    Args:
        answers: The script.
        name: Of the description.
        paths: Path of the description by the end of the request's path.
    """
    sent: list[tuple[Seen, Reply]] = []

    def noted(seen: Seen) -> Reply:
        reply = answers(seen)
        sent.append((seen, reply))
        return reply

    with FakeServer(noted) as server:
        yield server
    for seen, reply in sent:
        ending = next((end for end in paths or {} if seen.path.endswith(end)), None)
        check = check_of(name, (paths or {})[ending]) if ending else None
        if check is not None and reply.status == 200:
            check(json.loads(reply.content))
