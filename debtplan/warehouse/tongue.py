"""How an engine says the few things that SQL has no common word for."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp


def aggregate_distinct(value: exp.Expr, condition: exp.Expr) -> exp.Expr:
    """Return `ARRAY_AGG(DISTINCT value) FILTER (WHERE condition)`."""
    every = exp.ArrayAgg(this=exp.Distinct(expressions=[value]))
    return exp.Filter(this=every, expression=exp.Where(this=condition))


def as_it_is(value: exp.Expr) -> exp.Expr:
    """Return the value."""
    return value


def as_double(value: exp.Expr, _type: str) -> exp.Expr:
    """Return `TRY_CAST(value AS DOUBLE)`, or a plain cast where there is no other."""
    return exp.TryCast(this=value, to=exp.DataType.build("double"))


@dataclass(frozen=True, slots=True)
class Tongue:
    """One dialect of SQL.

    Attributes:
        dialect: Its name in sqlglot.
        micros: (column, type of the column) to microseconds since 1970 in UTC, a whole number;
            NULL where there is no time.
        collect: (text, condition) to the array of its distinct values in a group, where the
            condition holds; it is NULL nowhere there.
        ordered: A text to what it is sorted by, byte by byte.
        number: (column, type of the column) to a double; NULL where it is no number, as far as the
            engine can say so.
        is_quoted: Whether names of tables keep their case when quoted.
    """

    dialect: str
    micros: Callable[[exp.Expr, str], exp.Expr]
    collect: Callable[[exp.Expr, exp.Expr], exp.Expr] = aggregate_distinct
    ordered: Callable[[exp.Expr], exp.Expr] = as_it_is
    number: Callable[[exp.Expr, str], exp.Expr] = as_double
    is_quoted: bool = True

    def write(self, query: exp.Expr) -> str:
        """Return the statement in this dialect; every value is a literal that sqlglot wrote."""
        return query.sql(dialect=self.dialect)
