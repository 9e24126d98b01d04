"""From an engine's tables to events under our names, whatever the tables look like."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlglot import exp, select, union

from debtplan.core.flow import Flow
from debtplan.errors import InputError
from debtplan.warehouse.options import WarehouseTable
from debtplan.warehouse.phrase import (
    any_of,
    at_most,
    column,
    is_known,
    minus,
    name,
    nothing,
    text,
    when,
    words,
)
from debtplan.warehouse.runner import Runner

PAGE = "page:"
"""How the name of a page begins among the events of a step."""

MOST_NAMED = 40
"""Columns that a message lists."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One table of events.

    Attributes:
        table: As it is written in a query.
        columns: Type of every column, by its name as the engine writes it.
        event: The event that all its rows are; "" where a column tells.
        event_column: The column that tells.
        prefix: What goes in front of what that column says.
    """

    table: exp.Table
    columns: Mapping[str, str]
    event: str = ""
    event_column: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """All tables that are read, and under which of our names their columns come.

    Attributes:
        dimensions: Our names, in order: their columns are `d0`, `d1`, ...
        values: Columns that hold times, in order: `w0`, `w1`, ...
        has_id: Whether events have an identity.
        has_session: Whether events say their session.
        has_received: Whether it is known when events were received.
        has_agent: Whether browsers are known.
        has_people: Whether signed-in users and anonymous ones are both known.
    """

    table: WarehouseTable
    runner: Runner
    pieces: tuple[Piece, ...]
    dimensions: tuple[str, ...]
    values: tuple[str, ...]
    absent: tuple[str, ...] = ()
    has_id: bool = field(default=False)
    has_session: bool = field(default=False)
    has_received: bool = field(default=False)
    has_agent: bool = field(default=False)
    has_people: bool = field(default=False)

    def events(self, since: datetime | None = None) -> exp.Query:
        """Return all events under our names; those before `since` may be left out."""
        first, *others = (self._query(piece, since) for piece in self.pieces)
        made: exp.Query = first
        for one in others:
            made = union(made, one, distinct=False)
        return made

    @property
    def texts(self) -> dict[str, str]:
        """The columns that are read as texts, by their alias: those that are needed only."""
        known = self.table.known
        found = {"ses": known.session}
        if not self.has_session:
            found = {"usr": known.user, "anon": known.anonymous}
        if self.has_id:
            found["id"] = known.id
        if known.error:
            found["err"] = known.error
        if self.has_agent:
            found["ua"] = known.agent
        return found

    def dimension(self, named: str) -> exp.Expr:
        """Return the column of a dimension."""
        return column(f"d{self.dimensions.index(named)}")

    def value(self, named: str) -> exp.Expr:
        """Return the column of a time."""
        return column(f"w{self.values.index(named)}")

    def _query(self, piece: Piece, since: datetime | None) -> exp.Select:
        known = self.table.known
        at, received, sent, original = (
            self._instant(piece, one)
            for one in (known.at, known.received, known.sent, known.original)
        )
        fields = {
            **{alias: self._text(piece, one) for alias, one in self.texts.items()},
            "ev": self._event(piece),
            "ts": _corrected(at, received, sent, original if known.original else at),
            "rec": received,
        }
        for number, one in enumerate(self.dimensions):
            fields[f"d{number}"] = self._text(piece, self.table.dimensions[one])
        for number, one in enumerate(self.values):
            fields[f"w{number}"] = self._number(piece, one)
        made = [exp.alias_(value, name(alias)) for alias, value in fields.items()]
        query = select(*made).from_(piece.table.copy())
        return query if since is None else query.where(*self._not_before(piece, since))

    def _not_before(self, piece: Piece, since: datetime) -> Iterator[exp.Expr]:
        """Yield what lets an engine pass over old partitions; a day is left for time zones."""
        known = self.table.known
        found = find(piece.columns, known.received)
        if not found and not known.sent:
            found = find(piece.columns, known.at)
        if found and re.search("timestamp|datetime", piece.columns[found], re.IGNORECASE):
            day = (since - timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S")
            yield at_most(exp.cast(words(day), "timestamp"), column(found))

    def _event(self, piece: Piece) -> exp.Expr:
        if piece.event:
            return exp.cast(words(piece.event), "text")
        said = self._text(piece, piece.event_column)
        return exp.DPipe(this=words(piece.prefix), expression=said) if piece.prefix else said

    def _text(self, piece: Piece, named: str) -> exp.Expr:
        found = find(piece.columns, named)
        return text(column(found)) if found else nothing("text")

    def _number(self, piece: Piece, named: str) -> exp.Expr:
        found = find(piece.columns, named)
        if not found:
            return nothing("double")
        return self.runner.tongue.number(column(found), piece.columns[found])

    def _instant(self, piece: Piece, named: str) -> exp.Expr:
        found = find(piece.columns, named)
        if not found:
            return nothing("bigint")
        return self.runner.tongue.micros(column(found), piece.columns[found])


def _corrected(at: exp.Expr, received: exp.Expr, sent: exp.Expr, original: exp.Expr) -> exp.Expr:
    """Return received - (sent - original), or `at` where one of the three is not known.

    Source: Segment's definition of `timestamp`, which cancels what a device's clock is off by.
    """
    parts = (received, sent, original)
    if any(isinstance(one, exp.Cast) and isinstance(one.this, exp.Null) for one in parts):
        return at
    skewed = minus(received, minus(sent, original))
    unknown = any_of(exp.Not(this=is_known(one)) for one in parts)
    return when(unknown, at, skewed)


def find(columns: Iterable[str], named: str) -> str:
    """Return the column of that name, in any case where only one fits; "" where there is none."""
    if not named:
        return ""
    there = list(columns)
    if named in there:
        return named
    alike = [one for one in there if one.casefold() == named.casefold()]
    return alike[0] if len(alike) == 1 else ""


def names_of(table: WarehouseTable, flow: Flow, step: str) -> tuple[str, ...]:
    """Return the events that enter a step."""
    return table.steps.get(f"{flow.id}.{step}", (step,))


def lay_out(
    table: WarehouseTable,
    flows: Sequence[Flow],
    runner: Runner,
    values: Iterable[str] = (),
    *,
    with_rage: bool = False,
) -> Layout:
    """Return where the events of some flows are, after a look at every table.

    Args:
        table: The settings.
        flows: Whose steps are read.
        runner: The engine.
        values: Columns that hold times.
        with_rage: Whether rage clicks are read.

    Raises:
        InputError: A table is not there, or lacks a column that the settings name.
    """
    wanted = tuple(sorted(set(values)))
    several = partial(_several, table, flows, runner, with_rage=with_rage)
    is_one = table.shape == "table"
    pieces = (_whole(table, runner, wanted),) if is_one else tuple(several())
    known, has = table.known, partial(_has, pieces)
    named = {one: one for one in wanted} | table.dimensions
    return Layout(
        table=table,
        runner=runner,
        pieces=pieces,
        dimensions=tuple(sorted(table.dimensions)),
        values=wanted,
        absent=tuple(sorted(one for one, real in named.items() if not has(real))),
        has_id=has(known.id),
        has_session=has(known.session),
        has_received=has(known.received),
        has_agent=has(known.agent),
        has_people=has(known.user, known.anonymous),
    )


def _has(pieces: Iterable[Piece], *names: str) -> bool:
    """Tell whether any table has all columns of these names."""
    return any(all(find(piece.columns, one) for one in names) for piece in pieces)


def _whole(table: WarehouseTable, runner: Runner, values: Sequence[str]) -> Piece:
    """Return the one table, which has every column that the settings name."""
    made = _table(table.table, runner)
    columns = runner.columns(made)
    known = table.known
    settings = {f"columns.{key}": one for key, one in known.model_dump().items() if one}
    settings |= {f"dimensions.{key}": one for key, one in table.dimensions.items()}
    settings |= {f"values ({one})": one for one in values if one != known.value}
    missing = {key: one for key, one in settings.items() if not find(columns, one)}
    if missing:
        key, named = next(iter(missing.items()))
        others = ", ".join(f"{one!r}" for one in list(missing.values())[1:])
        what = f"{runner.place} has no column {named!r}, which {key} names"
        more = f", nor {others}" if others else ""
        raise InputError(f"{what}{more}.", f"Name columns that are there: {_listed(columns)}.")
    if not (known.session or known.user or known.anonymous):
        what = f"Nothing says whose events those of {runner.place} are."
        fix = f"Set columns = {{ session = ... }}, or user or anonymous: {_listed(columns)}."
        raise InputError(what, fix)
    return Piece(made, columns, event_column=known.event)


def _several(
    table: WarehouseTable, flows: Sequence[Flow], runner: Runner, *, with_rage: bool
) -> Iterator[Piece]:
    """Yield a table for every event that enters a step, and the pages where there are any."""
    events = {one for flow in flows for step in flow.steps for one in names_of(table, flow, step)}
    for event in sorted(one for one in events if not one.startswith(PAGE)):
        named = snake_case(event)
        made = _table(_within(table, named), runner)
        try:
            columns = runner.columns(made)
        except InputError as error:
            fix = (
                f'Name the event of the step: steps = {{ "FLOW.STEP" = ... }}; '
                f"{event!r} is looked for in the table {named}. {error.fix}"
            )
            raise InputError(error.what, fix) from None
        yield Piece(made, _timed(columns, table, runner, named), event=event)
    if with_rage:
        yield from _raging(table, runner, events)
    pages = _table(_within(table, "pages"), runner)
    try:
        columns = runner.columns(pages)
    except InputError:
        if any(one.startswith(PAGE) for one in events):
            raise
        return
    yield Piece(pages, _timed(columns, table, runner, "pages"), event_column="name", prefix=PAGE)


def _raging(table: WarehouseTable, runner: Runner, there: Iterable[str]) -> Iterator[Piece]:
    """Yield the tables of rage clicks: of the names that are tried, those that there are.

    Raises:
        InputError: There is none of them.
    """
    read = {snake_case(one) for one in there if one}
    by_table = {snake_case(one): one for one in reversed(table.rage_clicks)}
    found = False
    for named, event in sorted(by_table.items()):
        made = _table(_within(table, named), runner)
        try:
            columns = runner.columns(made)
        except InputError:
            continue
        found = True
        if named not in read:
            yield Piece(made, _timed(columns, table, runner, named), event=event)
    if not found:
        what = f"{runner.place} has no table of rage clicks: {', '.join(sorted(by_table))}."
        raise InputError(what, 'Set rage_clicks = "EVENT" under [warehouse].')


def _timed(
    columns: Mapping[str, str], table: WarehouseTable, runner: Runner, named: str
) -> Mapping[str, str]:
    """Return the columns of a table that says when its events happened."""
    at = table.known.at
    if not find(columns, at):
        what = f"The table {named} of {runner.place} has no column {at!r}."
        raise InputError(what, f"Set columns = {{ at = ... }}: {_listed(columns)}.")
    return columns


def _within(table: WarehouseTable, named: str) -> str:
    return f"{table.dataset}.{named}" if table.dataset else named


def _table(path: str, runner: Runner) -> exp.Table:
    """Return a table of up to three parts: catalog, schema and table."""
    parts = [one for one in path.split(".") if one]
    is_plain = all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", one) for one in parts)
    quoted = runner.tongue.is_quoted or not is_plain
    made = [exp.to_identifier(one, quoted=quoted) for one in parts[-3:]]
    catalog, schema, table = [None] * (3 - len(made)) + made
    return exp.Table(this=table, db=schema, catalog=catalog)


def _listed(columns: Iterable[str]) -> str:
    names = sorted(columns)
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def snake_case(event: str) -> str:
    """Return the table of an event: `Shipping Viewed` and `ShippingViewed` in `shipping_viewed`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", event.strip())
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")
