"""Short words for the pieces of SQL that the queries are made of."""

from collections.abc import Iterable

from sqlglot import exp

DAY_US = 86_400_000_000
"""Microseconds of a day."""


def name(text: str) -> exp.Identifier:
    """Return a quoted identifier: nothing in it is read as SQL."""
    return exp.to_identifier(text, quoted=True)


def column(text: str, table: str = "") -> exp.Expr:
    """Return a column, of a table where one is named."""
    whole: exp.Expr = exp.Column(this=name(text))
    if table:
        whole.set("table", name(table))
    return whole


def number(value: float) -> exp.Expr:
    """Return a number."""
    return exp.Literal.number(value)


def words(value: str) -> exp.Expr:
    """Return a text, escaped as the dialect wants it."""
    return exp.Literal.string(value)


def text(value: exp.Expr) -> exp.Expr:
    """Return the value as text, NULL where it is empty."""
    return exp.Nullif(this=exp.cast(value, "text"), expression=words(""))


def nothing(kind: str) -> exp.Expr:
    """Return NULL of a type."""
    return exp.cast(exp.null(), kind)


def all_of(conditions: Iterable[exp.Expr]) -> exp.Expr:
    """Return that all hold; true where there is none."""
    found = [exp.paren(one, copy=True) for one in conditions]
    return exp.and_(*found) if found else _always()


def any_of(conditions: Iterable[exp.Expr]) -> exp.Expr:
    """Return that one of them holds; false where there is none."""
    found = [exp.paren(one, copy=True) for one in conditions]
    return exp.or_(*found) if found else not_(_always())


def not_(condition: exp.Expr) -> exp.Expr:
    """Return that it does not hold."""
    return exp.Not(this=exp.paren(condition, copy=True))


def is_known(value: exp.Expr) -> exp.Expr:
    """Return that it is not NULL."""
    return exp.Not(this=exp.Is(this=value.copy(), expression=exp.null()))


def is_unknown(value: exp.Expr) -> exp.Expr:
    """Return that it is NULL."""
    return exp.Is(this=value.copy(), expression=exp.null())


def one_of(value: exp.Expr, known: Iterable[str]) -> exp.Expr:
    """Return that the value is one of these texts."""
    return exp.In(this=value.copy(), expressions=[words(one) for one in known])


def at_most(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return `left <= right`."""
    return exp.LTE(this=left.copy(), expression=right.copy())


def above(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return `left > right`."""
    return exp.GT(this=left.copy(), expression=right.copy())


def below(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return `left < right`."""
    return exp.LT(this=left.copy(), expression=right.copy())


def plus(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return the sum."""
    return exp.Paren(this=exp.Add(this=left.copy(), expression=right.copy()))


def minus(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return the difference."""
    return exp.Paren(this=exp.Sub(this=left.copy(), expression=right.copy()))


def when(condition: exp.Expr, then: exp.Expr, other: exp.Expr | None = None) -> exp.Expr:
    """Return `CASE WHEN condition THEN then ELSE other END`, NULL without another."""
    made = exp.Case().when(condition.copy(), then.copy())
    return made if other is None else made.else_(other.copy())


def least(value: exp.Expr) -> exp.Expr:
    """Return the smallest of a group."""
    return exp.Min(this=value.copy())


def most(value: exp.Expr) -> exp.Expr:
    """Return the largest of a group."""
    return exp.Max(this=value.copy())


def summed(value: exp.Expr) -> exp.Expr:
    """Return the sum of a group."""
    return exp.Sum(this=value.copy())


def counted(condition: exp.Expr) -> exp.Expr:
    """Return how many of a group meet the condition."""
    return summed(when(condition, number(1), number(0)))


def _always() -> exp.Expr:
    return exp.EQ(this=number(1), expression=number(1))
