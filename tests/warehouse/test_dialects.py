"""Every dialect gets SQL that it can read, in which no value of ours is anything but a value."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp, parse

from debtplan.errors import (
    AuthenticationError,
    DebtplanError,
    ForbiddenError,
    InputError,
    SourceError,
    UnreachedError,
)
from debtplan.transport.access import Access
from debtplan.transport.options import LineTable
from debtplan.warehouse.address import parse_address
from debtplan.warehouse.bigquery import BIGQUERY
from debtplan.warehouse.bigquery import judge as judge_bigquery
from debtplan.warehouse.clickhouse import CLICKHOUSE
from debtplan.warehouse.clickhouse import judge as judge_clickhouse
from debtplan.warehouse.driver import DriverRunner, told
from debtplan.warehouse.duckdb import DUCKDB
from debtplan.warehouse.events import Warehouse
from debtplan.warehouse.postgres import POSTGRES
from debtplan.warehouse.runner import Row
from debtplan.warehouse.snowflake import SNOWFLAKE
from debtplan.warehouse.snowflake import judge as judge_snowflake
from debtplan.warehouse.spark import SPARK
from debtplan.warehouse.tongue import Tongue
from debtplan.warehouse.trino import TRINO
from debtplan.warehouse.trino import connect as connect_trino
from debtplan.warehouse.trino import judge as judge_trino
from tests.warehouse.dirty import NOW
from tests.warehouse.test_contract import FLOW, WANTS, WINDOW, metric, settings

TONGUES = (BIGQUERY, CLICKHOUSE, DUCKDB, POSTGRES, SNOWFLAKE, SPARK, TRINO)
FEW = [want for want in WANTS if want.id in ("abroad-codes", "abroad-loss", "pay-wait")]
EVIL = "US' OR 1=1; DROP TABLE clicks --\\"
COLUMN = 'count"ry; DROP TABLE clicks --'


class Recorder:
    """A runner that keeps what it is asked, and knows the columns."""

    place = "nowhere"

    def __init__(self, tongue: Tongue) -> None:
        self.tongue = tongue
        self.asked: list[exp.Query] = []

    def columns(self, table: exp.Table) -> Mapping[str, str]:
        names = [
            *("id", "user_id", "anonymous_id", "event", "at", "received_at", "sent_at", "agent"),
            *("original_timestamp", "error_code", "wait_ms", "device", "endpoint", COLUMN),
        ]
        return dict.fromkeys(names, "VARCHAR")

    def rows(self, query: exp.Query) -> list[Row]:
        self.asked.append(query)
        return [(1,) * len(query.expressions)]

    def stage(self, name: str, query: exp.Query) -> bool:
        self.asked.append(query)
        return False

    def close(self) -> None:
        """Nothing is open."""


def statements(tongue: Tongue) -> list[str]:
    """Return all that a warehouse of odd names and values asks."""
    recorder = Recorder(tongue)
    table = settings(
        dimensions={"country": COLUMN, "device": "device", "error_code": "error_code"},
        segments={"abroad": {"country": {"not": (EVIL,)}}, "home": {"country": (EVIL,)}},
        errors={"abroad-codes": (EVIL,)},
        bot_words=(EVIL.lower(),),
        steps={"checkout.cart": (EVIL,)},
        strata=(),
    )
    asked = Warehouse("w", table, tuple(map(metric, FEW)), (FLOW,), lambda: recorder)
    list(asked.readings(WINDOW, NOW))
    list(asked.tallies(WINDOW, NOW))
    asked.funnel(FLOW, WINDOW, NOW, "abroad", "device")
    return [tongue.write(one) for one in recorder.asked]


@pytest.mark.slow
@pytest.mark.parametrize("tongue", TONGUES, ids=lambda one: one.dialect)
def test_a_dialect_reads_every_statement_and_every_value_as_it_went_in(tongue: Tongue) -> None:
    found = statements(tongue)
    assert len(found) > 10
    trees = []
    for text in found:
        (tree,) = parse(text, dialect=tongue.dialect)
        assert isinstance(tree, exp.Query)
        assert not list(tree.find_all(exp.Drop))
        trees.append(tree)
    literals = {one.this for tree in trees for one in tree.find_all(exp.Literal)}
    names = {one.this for tree in trees for one in tree.find_all(exp.Identifier)}
    assert {EVIL, EVIL.lower()} <= literals
    assert COLUMN in names
    assert not any("DROP" in one for one in (literals | names) - {EVIL, COLUMN})


class Cursor:
    """A cursor that fails as it is told."""

    description = [("At", "timestamp(3) with time zone")]

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.said: list[str] = []

    def execute(self, statement: str) -> None:
        self.said.append(statement)
        if self.error:
            raise self.error

    def fetchall(self) -> list[Row]:
        return [(1,)]

    def close(self) -> None:
        """Nothing is open."""


class Connection:
    """A connection of PEP 249."""

    def __init__(self, error: Exception | None = None) -> None:
        self.cursors: list[Cursor] = []
        self.error = error
        self.is_closed = False

    def cursor(self) -> Cursor:
        self.cursors.append(Cursor(self.error))
        return self.cursors[-1]

    def close(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize(
    ("judge", "said", "kind"),
    [
        (judge_trino, "TrinoUserError(TABLE_NOT_FOUND)", InputError),
        (judge_trino, "Access Denied: Cannot select", ForbiddenError),
        (judge_trino, "error 401: Unauthorized", AuthenticationError),
        (judge_trino, "EXCEEDED_TIME_LIMIT", SourceError),
        (judge_trino, "failed to execute: timed out", UnreachedError),
        (judge_snowflake, "Object 'X' does not exist or not authorized", InputError),
        (judge_snowflake, "Incorrect username or password", AuthenticationError),
        (judge_bigquery, "404 Not found: Table a.b", InputError),
        (judge_bigquery, "403 Access Denied: Dataset", ForbiddenError),
        (judge_clickhouse, "Code: 60. ... (UNKNOWN_TABLE)", InputError),
        (judge_clickhouse, "Code: 497. (ACCESS_DENIED)", ForbiddenError),
        (judge_clickhouse, "Code: 159. (TIMEOUT_EXCEEDED)", SourceError),
        (judge_clickhouse, "Code: 516. (AUTHENTICATION_FAILED)", AuthenticationError),
        (judge_clickhouse, "something else", SourceError),
    ],
)
def test_what_an_engine_says_becomes_the_right_error(
    judge: Any, said: str, kind: type[DebtplanError]
) -> None:
    runner = DriverRunner(Connection(RuntimeError(said)), TRINO, "trino://host", judge, 7)
    with pytest.raises(DebtplanError) as error:
        runner.rows(exp.select("1"))
    assert type(error.value) is kind
    assert error.value.what.startswith(("trino://host ", "A query on trino://host took longer"))


def test_a_driver_is_asked_for_columns_and_rows() -> None:
    connection = Connection()
    runner = DriverRunner(connection, TRINO, "trino://host", judge_trino, 7)
    assert runner.columns(exp.to_table("a")) == {"At": "timestamp(3) with time zone"}
    assert runner.rows(exp.select("1")) == [(1,)]
    assert not runner.stage("x", exp.select("1"))
    runner.close()
    assert connection.is_closed


def test_a_temporary_table_is_made_anew_each_time() -> None:
    connection = Connection()
    assert DriverRunner(connection, SNOWFLAKE, "s", judge_snowflake, 7).stage("x", exp.select("1"))
    assert [one.said for one in connection.cursors] == [
        ["DROP TABLE IF EXISTS x"],
        ["CREATE TEMPORARY TABLE x AS SELECT 1"],
    ]


def test_trino_gets_the_password_of_the_variable_and_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys
    from types import SimpleNamespace

    given: dict[str, Any] = {}

    def opened(**words: Any) -> Connection:
        given.update(words)
        return Connection()

    def login(user: str, password: str) -> tuple[str, str]:
        return (user, password)

    module = SimpleNamespace(
        dbapi=SimpleNamespace(connect=opened), auth=SimpleNamespace(BasicAuthentication=login)
    )
    monkeypatch.setitem(sys.modules, "trino", module)
    access = Access("lake", {"DEBTPLAN_LAKE_PASSWORD": "hush"}, LineTable(), Path(), lambda: NOW)
    address = parse_address("trino://me@host/hive/web", "lake")
    connect_trino(settings(path="", url=address.text, timeout_s=90), access, address)
    assert given["auth"] == ("me", "hush")
    assert (given["host"], given["port"], given["http_scheme"]) == ("host", 443, "https")
    assert (given["catalog"], given["schema"]) == ("hive", "web")
    assert given["session_properties"] == {"query_max_run_time": "90s"}


def test_an_error_that_is_ours_already_stays_as_it_is() -> None:
    ours = InputError("a", "b")
    assert told(ours, "slow", "here", 1) is ours
