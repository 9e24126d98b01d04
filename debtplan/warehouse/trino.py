"""Trino, by its own client: `url = "trino://user@host:443/catalog/schema"`.

The password from `DEBTPLAN_NAME_PASSWORD`, over HTTPS only; `?secure=false` speaks plain HTTP.
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
from debtplan.warehouse.tongue import Tongue


def _micros(value: exp.Expr, type_: str) -> exp.Expr:
    if "char" in type_.lower():
        moment: exp.Expr = exp.Anonymous(this="FROM_ISO8601_TIMESTAMP", expressions=[value])
        moment = exp.Anonymous(this="TRY", expressions=[moment])
    else:
        moment = exp.cast(value, "timestamptz")
    seconds = exp.Anonymous(this="TO_UNIXTIME", expressions=[moment])
    product = exp.Mul(this=seconds, expression=exp.Literal.number(1_000_000))
    return exp.cast(exp.Anonymous(this="ROUND", expressions=[product]), "bigint")


TRINO = Tongue("trino", micros=_micros)

judge = by_words(
    {
        "table_not_found": ABSENT,
        "schema_not_found": ABSENT,
        "column_not_found": ABSENT,
        "does not exist": ABSENT,
        "permission_denied": FORBIDDEN,
        "access denied": FORBIDDEN,
        "error 401": REFUSED,
        "exceeded_time_limit": SLOW,
        "maximum run time": SLOW,
        "failed to execute": UNREACHED,
    }
)
"""By the names of Trino's error codes."""


def connect(table: WarehouseTable, access: Access, address: Address) -> DriverRunner:
    """Return a connection whose queries end after `timeout_s`."""
    driver = library("trino", "trino")
    password = password_text(access)
    is_secure = address.options.get("secure", "true") != "false"
    login = driver.auth.BasicAuthentication(address.user, password) if password else None
    with connecting(table, address.place, judge, UNREACHED):
        connection = driver.dbapi.connect(
            host=address.host,
            port=address.port or (443 if is_secure else 8080),
            user=address.user,
            http_scheme="https" if is_secure else "http",
            auth=login,
            catalog=address.part(0) or None,
            schema=address.part(1) or None,
            timezone="UTC",
            session_properties={"query_max_run_time": f"{max(1, round(table.timeout_s))}s"},
        )
    return DriverRunner(connection, TRINO, address.place, judge, table.timeout_s)
