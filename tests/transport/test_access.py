from datetime import UTC, datetime
from pathlib import Path

import pytest

from debtplan.errors import SettingsError, UsageError
from debtplan.transport.access import Access
from debtplan.transport.client import Login
from tests.servers.harness import FakeServer, reply
from tests.transport.asking import LOGIN, TOKEN, Table, line


def access(folder: Path, name: str = "jira", **environment: str) -> Access:
    return Access(name, environment, line(), folder, lambda: datetime(2026, 3, 2, tzinfo=UTC))


def test_a_secret_comes_from_the_variable_of_its_source(tmp_path: Path) -> None:
    found = access(tmp_path, "my-jira.2", DEBTPLAN_MY_JIRA_2_TOKEN=f" {TOKEN}\n").secret("TOKEN")
    assert found is not None
    assert (found.reveal(), found.origin) == (TOKEN, "DEBTPLAN_MY_JIRA_2_TOKEN")


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    found = access(tmp_path, DEBTPLAN_JIRA_TOKEN_FILE=str(tmp_path / "token")).secret("TOKEN")
    assert found is not None
    assert (found.reveal(), found.origin) == (TOKEN, "the file of DEBTPLAN_JIRA_TOKEN_FILE")


def test_no_secret_is_none(tmp_path: Path) -> None:
    assert access(tmp_path).secret("TOKEN") is None
    assert access(tmp_path, DEBTPLAN_JIRA_TOKEN=" ").secret("TOKEN") is None  # noqa: S106 - it is none


def test_a_file_that_gives_no_secret_is_named_by_its_variable(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\xfd")
    for name in ("absent", "empty", "bytes", "."):
        with pytest.raises(SettingsError, match="DEBTPLAN_JIRA_TOKEN_FILE"):
            access(tmp_path, DEBTPLAN_JIRA_TOKEN_FILE=str(tmp_path / name)).secret("TOKEN")


def test_clients_of_a_source_share_a_budget_until_they_are_closed(tmp_path: Path) -> None:
    way = access(tmp_path)
    way.etags = Table()
    with FakeServer(lambda _: reply({}, ETag='"1"')) as home:
        one, two = (way.client(home.url, LOGIN, "sources.jira.url") for _ in range(2))
        assert one.budget is two.budget
        assert one.get("rest", is_kept=True).status == 200
        way.close()
        assert way.client(home.url, LOGIN, "sources.jira.url").budget is not one.budget
        way.close()
    assert len(way.etags) == 1


def test_an_address_that_may_not_be_asked_is_named_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"sources\.jira\.url"):
        access(tmp_path).client("http://jira.example.com", Login(), "sources.jira.url")
