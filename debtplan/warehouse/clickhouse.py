"""ClickHouse, by clickhouse-connect over HTTP(S).

`url = "clickhouse://user@host:8443/database"`, `?secure=false` for plain HTTP; the password from
`DEBTPLAN_NAME_PASSWORD`.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from sqlglot import exp

from debtplan.errors import DebtplanError, ForbiddenError
from debtplan.transport.access import Access
from debtplan.warehouse.address import Address
from debtplan.warehouse.driver import (
    ABSENT,
    FORBIDDEN,
    REFUSED,
    SLOW,
    UNREACHED,
    by_words,
    connecting,
    library,
    password_text,
    told,
)
from debtplan.warehouse.options import WarehouseTable
from debtplan.warehouse.phrase import when
from debtplan.warehouse.runner import Row
from debtplan.warehouse.tongue import Tongue

Ask: TypeAlias = Callable[[str], list[Row]]
"""Runs a statement and returns its rows."""


def _micros(value: exp.Expr, type_: str) -> exp.Expr:
    if "String" in type_:
        parts = [value, exp.Literal.number(6), exp.Literal.string("UTC")]
        moment = exp.Anonymous(this="parseDateTime64BestEffortOrNull", expressions=parts)
    else:
        parts = [value, exp.Literal.number(6), exp.Literal.string("UTC")]
        moment = exp.Anonymous(this="toDateTime64", expressions=parts)
    return exp.Anonymous(this="toUnixTimestamp64Micro", expressions=[moment])


def _collect(value: exp.Expr, condition: exp.Expr) -> exp.Expr:
    """Return `groupUniqArray(value)`, which passes over NULL."""
    return exp.Anonymous(this="groupUniqArray", expressions=[when(condition, value)])


def _number(value: exp.Expr, type_: str) -> exp.Expr:
    if "String" in type_:
        return exp.Anonymous(this="toFloat64OrNull", expressions=[value])
    return exp.cast(value, "double")


CLICKHOUSE = Tongue("clickhouse", micros=_micros, collect=_collect, number=_number)

SETTINGS: Mapping[str, int | str] = {
    "join_use_nulls": 1,
    "prefer_column_name_to_alias": 1,
    "session_timezone": "UTC",
}
"""What makes ClickHouse read SQL as the others do."""

judge = by_words(
    {
        "unknown_table": ABSENT,
        "unknown_database": ABSENT,
        "unknown_identifier": ABSENT,
        "access_denied": FORBIDDEN,
        "not enough privileges": FORBIDDEN,
        "authentication_failed": REFUSED,
        "authentication failed": REFUSED,
        "timeout_exceeded": SLOW,
        "timeout exceeded": SLOW,
        "connection": UNREACHED,
    }
)
"""By the names of ClickHouse's error codes, which end every message."""


class ClickHouseRunner:
    """See `Runner`."""

    tongue = CLICKHOUSE

    def __init__(self, ask: Ask, close: Callable[[], None], place: str, timeout_s: float) -> None:
        """Ask by `ask`, whose session keeps `SETTINGS` and temporary tables."""
        self.place = place
        self._ask = ask
        self._close = close
        self._timeout_s = timeout_s

    def columns(self, table: exp.Table) -> Mapping[str, str]:
        """See `Runner.columns`."""
        found = self._told(f"DESCRIBE TABLE {self.tongue.write(table)}")
        return {str(row[0]): str(row[1]) for row in found}

    def rows(self, query: exp.Query) -> list[Row]:
        """See `Runner.rows`."""
        return self._told(self.tongue.write(query))

    def stage(self, name: str, query: exp.Query) -> bool:
        """See `Runner.stage`; on disk, or millions of sessions would fill the memory."""
        try:
            self._told(f"DROP TEMPORARY TABLE IF EXISTS {name}")
            head = f"CREATE TEMPORARY TABLE {name} ENGINE = MergeTree ORDER BY tuple()"
            self._told(f"{head} AS {self.tongue.write(query)}")
        except ForbiddenError:
            return False
        return True

    def close(self) -> None:
        """See `Runner.close`."""
        self._close()

    def _told(self, statement: str) -> list[Row]:
        try:
            return self._ask(statement)
        except DebtplanError:
            raise
        except Exception as error:  # noqa: BLE001 - every driver has its own
            raise told(error, judge(error), self.place, self._timeout_s) from None


def connect(table: WarehouseTable, access: Access, address: Address) -> ClickHouseRunner:
    """Return a connection that waits no longer than `timeout_s` for a query."""
    driver = library("clickhouse_connect", "clickhouse")
    is_secure = address.options.get("secure", "true") != "false"
    settings = {**SETTINGS, "max_execution_time": max(1, round(table.timeout_s))}
    with connecting(table, address.place, judge, UNREACHED):
        client = driver.get_client(
            host=address.host,
            port=address.port or (8443 if is_secure else 8123),
            username=address.user or "default",
            password=password_text(access) or "",
            database=address.part(0) or "default",
            secure=is_secure,
            settings=settings,
            send_receive_timeout=table.timeout_s + 10,
        )

    def ask(statement: str) -> list[Row]:
        if statement.startswith(("CREATE", "DROP")):
            client.command(statement)
            return []
        return list(client.query(statement).result_rows)

    return ClickHouseRunner(ask, client.close, address.place, table.timeout_s)
