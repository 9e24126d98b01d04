"""Why an engine gives no connection, told alike for every driver; the drivers are stood in for."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from debtplan.errors import (
    AuthenticationError,
    DebtplanError,
    ForbiddenError,
    SettingsError,
    UnreachedError,
)
from debtplan.warehouse import connect
from debtplan.warehouse.driver import REFUSED, UNREACHED, by_words, connecting
from tests.warehouse.test_bad_input import access, table

PLACE = "the lake"
MODULES = {
    "trino": ("trino",),
    "snowflake": ("snowflake", "snowflake.connector"),
    "clickhouse": ("clickhouse_connect",),
    "bigquery": ("google.cloud.bigquery", "google.cloud.bigquery.dbapi"),
}


def opened(monkeypatch: pytest.MonkeyPatch, engine: str, opens: Any) -> Any:
    """What a connection gives where the driver opens by this function."""
    calls = {
        "trino": {"dbapi": SimpleNamespace(connect=opens), "auth": SimpleNamespace()},
        "snowflake": {"connect": opens},
        "clickhouse": {"get_client": opens},
        "bigquery": {
            "Client": opens,
            "connect": lambda client: client,
            "QueryJobConfig": SimpleNamespace,
        },
    }
    for name in MODULES[engine]:
        module = ModuleType(name)
        for attribute, value in calls[engine].items():
            setattr(module, attribute, value)
        monkeypatch.setitem(sys.modules, name, module)
    url = f"{engine}://me@host/a/b"
    return connect("lake", table(path="", url=url, timeout_s=7), access())


@pytest.mark.parametrize(
    ("engine", "error"),
    [
        ("trino", UnreachedError),
        ("snowflake", UnreachedError),
        ("clickhouse", UnreachedError),
        ("bigquery", AuthenticationError),
    ],
)
def test_what_a_driver_says_of_nothing_known_is_told_by_what_is_usual(
    engine: str, error: type[DebtplanError], monkeypatch: pytest.MonkeyPatch
) -> None:
    def opens(*_: Any, **__: Any) -> Any:
        raise OSError("nothing\nhush")

    with pytest.raises(error) as caught:
        opened(monkeypatch, engine, opens)
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("engine", "words"),
    [
        ("trino", "PERMISSION_DENIED: no"),
        ("snowflake", "Insufficient privileges to operate"),
        ("bigquery", "403 Access Denied: Project"),
    ],
)
def test_what_a_driver_says_of_something_known_is_told_as_that(
    engine: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opens(*_: Any, **__: Any) -> Any:
        raise RuntimeError(words)

    with pytest.raises(ForbiddenError):
        opened(monkeypatch, engine, opens)


@pytest.mark.parametrize("engine", ["trino", "snowflake"])
def test_a_connection_that_opens_is_handed_over(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def opens(**fields: Any) -> Any:
        asked.update(fields)
        return SimpleNamespace(close=lambda: None)

    opened(monkeypatch, engine, opens).close()
    assert asked["user"] == "me"
    assert "7" in str(asked.get("session_properties") or asked.get("session_parameters"))
    assert asked.get("password") is None


def test_an_error_of_our_own_passes_as_it_is() -> None:
    mine = SettingsError("The key is no JSON.", "Put the key there.")
    with (
        pytest.raises(SettingsError) as caught,
        connecting(table(), PLACE, by_words({}), REFUSED),
    ):
        raise mine
    assert caught.value is mine


def test_what_is_no_error_passes() -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        connecting(table(), PLACE, by_words({}), UNREACHED),
    ):
        raise KeyboardInterrupt
