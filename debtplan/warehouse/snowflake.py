"""Snowflake, by its own connector: `url = "snowflake://user@account/database/schema?warehouse=W"`.

`&role=R` takes a role. The password (or a programmatic access token) from
`DEBTPLAN_NAME_PASSWORD`.
"""

from sqlglot import exp

from debtplan.transport.access import Access
from debtplan.warehouse.address import Address
from debtplan.warehouse.driver import (
    ABSENT,
    FORBIDDEN,
    REFUSED,
    SLOW,
    UNREACHED,
    DriverRunner,
    by_words,
    connecting,
    library,
    password_text,
)
from debtplan.warehouse.options import WarehouseTable
from debtplan.warehouse.phrase import when
from debtplan.warehouse.tongue import Tongue


def _micros(value: exp.Expr, _type: str) -> exp.Expr:
    moment = exp.cast(value, "timestamptz")
    parts = [exp.var("EPOCH_MICROSECOND"), moment]
    return exp.Anonymous(this="DATE_PART", expressions=parts)


def _collect(value: exp.Expr, condition: exp.Expr) -> exp.Expr:
    """Return `ARRAY_UNIQUE_AGG(value)`, which passes over NULL."""
    return exp.Anonymous(this="ARRAY_UNIQUE_AGG", expressions=[when(condition, value)])


SNOWFLAKE = Tongue("snowflake", micros=_micros, collect=_collect, is_quoted=False)

judge = by_words(
    {
        "insufficient privileges": FORBIDDEN,
        "does not exist or not authorized": ABSENT,
        "invalid identifier": ABSENT,
        "incorrect username or password": REFUSED,
        "statement reached its statement or warehouse timeout": SLOW,
        "250001": UNREACHED,
    }
)
"""By the words of Snowflake's messages."""


def connect(table: WarehouseTable, access: Access, address: Address) -> DriverRunner:
    """Return a session in UTC whose statements end after `timeout_s`."""
    driver = library("snowflake.connector", "snowflake")
    with connecting(table, address.place, judge, UNREACHED):
        connection = driver.connect(
            account=address.host,
            user=address.user,
            password=password_text(access),
            database=address.part(0) or None,
            schema=address.part(1) or None,
            warehouse=address.options.get("warehouse"),
            role=address.options.get("role"),
            session_parameters={
                "TIMEZONE": "UTC",
                "STATEMENT_TIMEOUT_IN_SECONDS": max(1, round(table.timeout_s)),
            },
        )
    return DriverRunner(connection, SNOWFLAKE, address.place, judge, table.timeout_s)
