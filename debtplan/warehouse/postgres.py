"""PostgreSQL, and what speaks like it, by psycopg.

`url = "postgresql://user@host:5432/database"`; the password from `DEBTPLAN_NAME_PASSWORD`.
"""

from typing import Any

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
    library,
    password_text,
    told,
)
from debtplan.warehouse.options import WarehouseTable
from debtplan.warehouse.tongue import Tongue


def _micros(value: exp.Expr, _type: str) -> exp.Expr:
    moment = exp.cast(value, "timestamptz")
    seconds = exp.Extract(this=exp.var("EPOCH"), expression=moment)
    return exp.cast(exp.Mul(this=seconds, expression=exp.Literal.number(1_000_000)), "bigint")


def _by_bytes(value: exp.Expr) -> exp.Expr:
    return exp.Collate(this=value, expression=exp.to_identifier("C", quoted=True))


POSTGRES = Tongue("postgres", micros=_micros, ordered=_by_bytes)

_STATES = {
    "42P01": ABSENT,  # undefined_table
    "3F000": ABSENT,  # invalid_schema_name
    "42703": ABSENT,  # undefined_column
    "42501": FORBIDDEN,  # insufficient_privilege
    "28P01": REFUSED,  # invalid_password
    "28000": REFUSED,  # invalid_authorization_specification
    "57014": SLOW,  # query_canceled
}
"""Source: PostgreSQL 17 manual, appendix A, "PostgreSQL Error Codes"."""


def judge(error: Exception) -> str:
    """Return what an error is about."""
    state = getattr(error, "sqlstate", None)
    if state is None and type(error).__name__ == "OperationalError":
        said = str(error)  # before there is a session there is no state, only words
        if "FATAL" in said and 'database "' in said:
            return ABSENT
        is_refused = any(one in said for one in ("password", "authentication", 'role "', "pg_hba"))
        return REFUSED if is_refused else UNREACHED
    return _STATES.get(str(state), "")


class PostgresRunner(DriverRunner):
    """See `Runner`."""

    def _type(self, described: Any) -> str:  # noqa: ANN401 - a description of psycopg
        known = self._connection.adapters.types.get(described.type_code)
        return known.name if known else ""


def connect(table: WarehouseTable, access: Access, address: Address) -> PostgresRunner:
    """Return a connection that waits no longer than `timeout_s` for a query."""
    psycopg = library("psycopg", "postgres")
    try:
        connection = psycopg.connect(
            address.text,
            password=password_text(access),
            autocommit=True,
            connect_timeout=30,
            options=f"-c statement_timeout={round(table.timeout_s * 1000)} -c timezone=UTC",
        )
    except psycopg.Error as error:
        raise told(error, judge(error), address.place, table.timeout_s) from None
    return PostgresRunner(connection, POSTGRES, address.place, judge, table.timeout_s)
