"""What the settings say about raw events: where they are, and what their columns mean."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from debtplan.core.record import Value

Shape: TypeAlias = Literal["table", "segment", "rudderstack"]
"""`table`: one table, one row an event. The others: a schema with `pages` and a table an event."""

BOT_WORDS = (
    "bot",
    "crawler",
    "spider",
    "slurp",
    "headless",
    "phantomjs",
    "lighthouse",
    "pingdom",
    "curl/",
    "wget/",
    "python-requests",
    "monitor",
)
"""Parts of a user agent, in small letters, that no person's browser has."""


RAGE_CLICKS = ("$rageclick", "rageclick", "rage_click", "Rage Click", "ui.multiClick")
"""What PostHog and others call somebody who clicks one place again and again.

Source: PostHog, "Autocapture" (`$rageclick`); Sentry's session replay (`ui.multiClick`); read
November 2026.
"""


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
"""One text, or several of them."""

Test: TypeAlias = Words | dict[Literal["not"], Words]
"""Values a dimension may have: `"US"`, `["US", "CA"]`, or `{ not = "US" }`."""


def _by_name(value: object) -> object:
    return {one: one for one in value} if isinstance(value, list | tuple) else value


class EventColumns(Value):
    """Which column holds what; "" is a column that there is not.

    Attributes:
        id: Identity of an event: the same event sent twice has it twice.
        user: Who it was, where they were signed in.
        anonymous: Who it was before that: a browser, a device.
        session: Session of the event; without one, sessions are cut by idle time.
        event: Name of the event or step.
        at: When it happened.
        received: When the warehouse got it.
        sent: When the device sent it, by the device's own clock.
        original: When it happened, by the device's own clock; where it is sent and received, too,
            the clock is corrected.
        value: A time that the event measured, in the unit of its metric.
        error: Code of what went wrong; empty where nothing did.
        agent: The browser's user agent, by which bots are known.
    """

    id: str = ""
    user: str = ""
    anonymous: str = ""
    session: str = ""
    event: str = "event"
    at: str = "at"
    received: str = ""
    sent: str = ""
    original: str = ""
    value: str = ""
    error: str = ""
    agent: str = ""


SEGMENT = EventColumns(
    id="id",
    user="user_id",
    anonymous="anonymous_id",
    at="timestamp",
    received="received_at",
    sent="sent_at",
    original="original_timestamp",
    agent="context_user_agent",
)
"""Columns of Segment's and RudderStack's tables; a property has a column of its own.

Source: Segment, "Warehouse Schemas" (twilio.com/docs/segment, read November 2026); RudderStack's
warehouse schema has the same names.
"""


class WarehouseTable(Value):
    """`[warehouse.NAME]`: raw events that stay where they are; only counts come back.

    Attributes:
        path: Parquet, CSV or CSV.gz files, or one DuckDB database; a pattern is allowed. Relative
            to the settings file. With the shapes of several tables, a file is the table it is
            named after.
        url: `duckdb:///file`, `postgresql://`, `clickhouse://`, `spark:local`, `spark://`,
            `trino://`, `snowflake://` or `bigquery://`, without a password.
        shape: How the events are laid out.
        table: For the shape `table`: its name, perhaps with the schema before a dot.
        dataset: Schema (or data set) that holds the tables of the other shapes.
        columns: Which column holds what.
        dimensions: Marks by which sessions are compared, each a column: a list, or our name and
            the column's.
        strata: Dimensions within which sessions are compared; by default `device` where there is
            one. A metric of every user is also compared within the segments.
        steps: By `flow.step`: the events that enter the step. By default the event is called like
            the step. `page:NAME` is a page of Segment.
        segments: By segment: the dimensions that its sessions have.
        compare: Metrics of other sources whose sessions are compared here, too.
        errors: By metric: the error codes that count; by default any.
        values: By metric: the column that holds its time.
        rage_clicks: The events that are rage clicks, for metrics of that kind.
        session_minutes: Idle minutes that end a session, where there is no session column.
        conversion_minutes: Minutes from entering a step within which the next has to be entered.
        bot_words: Parts of a user agent that mark a bot, in any case.
        max_events: Events from which on a session is no person's.
        history_days: Days that the first reading goes back.
        late_days: Days that are read again each time, for events that arrive late.
        timeout_s: Seconds that one query may take.
        memory_limit: Memory that DuckDB may take; what needs more goes to the disk.
        temp_directory: Folder for that; "" is the system's own.
    """

    path: str = ""
    url: str = ""
    shape: Shape = "table"
    table: str = "events"
    dataset: str = ""
    columns: EventColumns = EventColumns()
    dimensions: Annotated[dict[str, str], BeforeValidator(_by_name)] = {}
    strata: tuple[str, ...] | None = None
    steps: dict[str, Words] = {}
    segments: dict[str, dict[str, Test]] = {}
    compare: tuple[str, ...] = ()
    errors: dict[str, Words] = {}
    values: dict[str, str] = {}
    rage_clicks: Words = RAGE_CLICKS
    session_minutes: float = Field(default=30.0, gt=0, le=1440)
    conversion_minutes: float = Field(default=30.0, gt=0, le=1440)
    bot_words: tuple[str, ...] = BOT_WORDS
    max_events: int = Field(default=1000, ge=1)
    history_days: int = Field(default=180, ge=1, le=1096)
    late_days: int = Field(default=3, ge=0, le=30)
    timeout_s: float = Field(default=300.0, gt=0, le=86_400)
    memory_limit: str = Field(default="1GB", pattern=r"^[0-9]+(\.[0-9]+)? ?[KMGT]i?B$")
    temp_directory: str = ""

    @model_validator(mode="after")
    def _check(self) -> "WarehouseTable":
        problems = [*_place(self), *_undeclared(self)]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def known(self) -> EventColumns:
        """The columns, with those that Segment and RudderStack always have."""
        if self.shape == "table":
            return self.columns
        given = {name: getattr(self.columns, name) for name in self.columns.model_fields_set}
        return SEGMENT.model_copy(update=given)

    @property
    def within(self) -> tuple[str, ...]:
        """The dimensions within which sessions are compared, whatever their segment."""
        if self.strata is not None:
            return tuple(one for one in self.strata if one != "segment")
        return ("device",) if "device" in self.dimensions else ()

    @property
    def by_segment(self) -> bool:
        """Whether sessions of a metric of every user are compared within the segments."""
        return bool(self.segments) and (self.strata is None or "segment" in self.strata)


def _place(table: WarehouseTable) -> list[str]:
    if bool(table.path) == bool(table.url):
        return ["give either path (files) or url (a warehouse)"]
    return []


def _undeclared(table: WarehouseTable) -> list[str]:
    known = table.dimensions
    found = [
        f"strata names {one!r}, which is not among the dimensions"
        for one in table.strata or ()
        if one not in known and one != "segment"
    ]
    found += [
        f"segment {segment!r} names {one!r}, which is not among the dimensions"
        for segment, tests in table.segments.items()
        for one in tests
        if one not in known
    ]
    found += [
        f"segment {segment!r} says nothing about its sessions"
        for segment, tests in table.segments.items()
        if not tests
    ]
    if "segment" in known:
        found.append("a dimension cannot be called segment; give it another name")
    return found
