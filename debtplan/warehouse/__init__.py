"""Raw events that stay where they are: one file an engine, one entry each in `ENGINES`."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from debtplan.core.registry import entries_of
from debtplan.errors import UsageError
from debtplan.warehouse.address import Address, parse_address
from debtplan.warehouse.options import WarehouseTable

if TYPE_CHECKING:
    from debtplan.transport.access import Access
    from debtplan.warehouse.runner import Runner

Connect: TypeAlias = Callable[[WarehouseTable, "Access", Address], "Runner"]
"""Connects to an engine, as the settings say it; nothing of it is imported before."""

_lazy = entries_of("debtplan.warehouse")

ENGINES: Mapping[str, Connect] = {
    "bigquery": _lazy("bigquery", "connect"),
    "clickhouse": _lazy("clickhouse", "connect"),
    "duckdb": _lazy("duckdb", "connect"),
    "postgresql": _lazy("postgres", "connect"),
    "snowflake": _lazy("snowflake", "connect"),
    "spark": _lazy("spark", "connect"),
    "trino": _lazy("trino", "connect"),
}
"""By the word in front of an address: `postgresql://`. Files are read by `duckdb`."""


def connect(name: str, table: WarehouseTable, access: "Access") -> "Runner":
    """Return the engine of `[warehouse.NAME]`, connected.

    Raises:
        UsageError: No engine has such an address, or what it needs is not installed.
        DebtplanError: It cannot be reached, or refuses.
    """
    address = parse_address(table.url or f"duckdb:///{table.path}", name)
    if address.engine not in ENGINES:
        what = f"The url of [warehouse.{name}] names no engine that is known: {address.engine!r}."
        raise UsageError(what, f"Begin it with one of: {', '.join(ENGINES)}.")
    return ENGINES[address.engine](table, access, address)
