"""What runs the SQL: one engine, connected."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from sqlglot import exp

from debtplan.warehouse.tongue import Tongue

Row: TypeAlias = Sequence[Any]


class Runner(Protocol):
    """An engine with its connection.

    Every method raises `SourceError` where the engine gives no answer or takes too long,
    `AuthenticationError` where it refuses the credentials, `ForbiddenError` where they do not allow
    this, and `InputError` where a table is not there.

    Attributes:
        place: What is read, for people, without credentials.
        tongue: Its dialect.
    """

    place: str
    tongue: Tongue

    def columns(self, table: exp.Table) -> Mapping[str, str]:
        """Return the type of every column of a table, by its name as the engine writes it.

        Raises:
            InputError: There is no such table.
        """

    def rows(self, query: exp.Query) -> list[Row]:
        """Return all rows of a query that aggregates."""

    def stage(self, name: str, query: exp.Query) -> bool:
        """Keep the rows of a query as a table of this connection, in the place of an older one.

        Returns:
            False where the engine does not allow it; nothing is kept then.
        """

    def close(self) -> None:
        """Let go of the connection and what was staged."""
