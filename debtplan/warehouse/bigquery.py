"""BigQuery, by Google's client: `url = "bigquery://project/dataset?location=EU"`.

Credentials are a service account's JSON from `DEBTPLAN_NAME_TOKEN` (or the file that
`DEBTPLAN_NAME_TOKEN_FILE` names); without it, those of the machine.
"""

import json
from typing import Any

from sqlglot import exp

from debtplan.errors import SettingsError
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
)
from debtplan.warehouse.options import WarehouseTable
from debtplan.warehouse.phrase import when
from debtplan.warehouse.tongue import Tongue


def _micros(value: exp.Expr, type_: str) -> exp.Expr:
    kind = exp.DataType.build("timestamptz")
    moment = exp.TryCast(this=value, to=kind) if "STRING" in type_ else exp.cast(value, kind)
    return exp.Anonymous(this="UNIX_MICROS", expressions=[moment])


def _collect(value: exp.Expr, condition: exp.Expr) -> exp.Expr:
    """Return `ARRAY_AGG(DISTINCT value IGNORE NULLS)`."""
    distinct = exp.Distinct(expressions=[when(condition, value)])
    return exp.ArrayAgg(this=exp.IgnoreNulls(this=distinct))


BIGQUERY = Tongue("bigquery", micros=_micros, collect=_collect)

judge = by_words(
    {
        "not found": ABSENT,
        "unrecognized name": ABSENT,
        "access denied": FORBIDDEN,
        "permission": FORBIDDEN,
        "401": REFUSED,
        "invalid_grant": REFUSED,
        "job timed out": SLOW,
        "operation timed out": SLOW,
        "connection": UNREACHED,
    }
)
"""By the words of BigQuery's messages."""


def connect(table: WarehouseTable, access: Access, address: Address) -> DriverRunner:
    """Return a connection whose jobs end after `timeout_s`."""
    driver = library("google.cloud.bigquery", "bigquery")
    dbapi = library("google.cloud.bigquery.dbapi", "bigquery")
    job = driver.QueryJobConfig(job_timeout_ms=round(table.timeout_s * 1000))
    if address.part(0):
        job.default_dataset = f"{address.host}.{address.part(0)}"
    with connecting(table, address.place, judge, REFUSED):
        client = driver.Client(
            project=address.host,
            credentials=_credentials(access),
            location=address.options.get("location"),
            default_query_job_config=job,
        )
        connection = dbapi.connect(client)
    return DriverRunner(connection, BIGQUERY, address.place, judge, table.timeout_s)


def _credentials(access: Access) -> Any:  # noqa: ANN401 - of google-auth
    secret = access.secret("TOKEN")
    if secret is None:
        return None
    try:
        account = json.loads(secret.reveal())
        accounts = library("google.oauth2.service_account", "bigquery")
        return accounts.Credentials.from_service_account_info(account)
    except ValueError:
        what = f"{secret.origin} holds no JSON of a service account."
        raise SettingsError(what, "Put the whole key file there, as Google gave it.") from None
