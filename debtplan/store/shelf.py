"""From records to rows and back, and the seal that tells whether a row is what was written."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import Enum
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    true,
)

from debtplan.errors import StoreError
from debtplan.store.fault import DamageError, decoded

R = TypeVar("R", bound=BaseModel)

Key: TypeAlias = tuple[Any, ...]
Row: TypeAlias = dict[str, Any]

_LARGEST = 2**63 - 1

_LATER = {"epic": "", "closed_at": None, "due_on": None}
"""Columns that came after the first rows were sealed, each with what those rows have in it: there
it is no part of the seal, so that a migration can add the column without sealing anew."""

_MOST_NAMED = 1000
"""Keys that one statement names; databases allow some ten thousand."""


class Shelf(Generic[R]):
    """One kind of record with its table.

    Attributes:
        keys: Names of the columns that identify a row.
    """

    def __init__(self, record: type[R], table: Table, order: Sequence[str]) -> None:
        """Keep `record` in `table`; what is read comes in `order`, which no two rows share."""
        self.table = table
        self.keys = [column.name for column in table.primary_key]
        self._fields = list(record.model_fields)
        named = {*self._fields, "seal"}
        self._extra = [column.name for column in table.columns if column.name not in named]
        self._order = attrgetter(*order)
        self._adapter = TypeAdapter(list[record])  # type: ignore[valid-type]

    def pack(self, records: Iterable[R], **extra: str) -> dict[Key, Row]:
        """Return the row of every record by its key; of two with one key, the later counts.

        Args:
            records: As they are to be read back.
            extra: Columns that the table has beside the record's.

        Raises:
            StoreError: A record cannot be kept as it is.
        """
        # Copies of frozen records are not validated; what is kept has to be.
        plain = self._adapter.dump_python(list(records), warnings=False)
        try:
            checked = self._adapter.validate_python(plain)
        except ValidationError as error:
            raise _refusal(f"{self.table.name}: {error.errors()[0]['msg']}") from error
        rows = [_sealed(record, extra) for record in checked]
        return {self.key(row): row for row in rows}

    def key(self, row: Row) -> Key:
        """Return what identifies the row."""
        return tuple(row[name] for name in self.keys)

    def read(self, connection: Connection, *conditions: ColumnElement[bool]) -> tuple[R, ...]:
        """Return the records that meet all conditions, in the shelf's order.

        Raises:
            DamageError: A row is not what was written.
        """
        with decoded():
            found = connection.execute(select(self.table).where(*conditions)).mappings().all()
            plain = [{name: row[name] for name in self._fields} for row in found]
            records: list[R] = self._adapter.validate_python(plain)
            for row, record in zip(found, records, strict=True):
                extra = {name: row[name] for name in self._extra}
                if _sealed(record, extra)["seal"] != row["seal"]:
                    raise DamageError
        # Sorted here: a database sorts by the rules of its language.
        return tuple(sorted(records, key=self._order))

    def among(self, rows: Iterable[Key]) -> ColumnElement[bool]:
        """Return a condition that all these rows meet, and few others unless they are many."""
        firsts = sorted({key[0] for key in rows})
        if len(firsts) > _MOST_NAMED:
            return true()
        found: ColumnElement[bool] = next(iter(self.table.primary_key)).in_(firsts)
        return found

    def seals(self, connection: Connection, *conditions: ColumnElement[bool]) -> dict[Key, str]:
        """Return the seals of the rows that meet all conditions, by key."""
        found = self._columns(connection, conditions, "seal")
        return {key: seal for key, (seal,) in found.items()}

    def held(
        self, connection: Connection, *conditions: ColumnElement[bool]
    ) -> dict[Key, tuple[str, str]]:
        """Return who gave the rows that meet all conditions, and their seals, by key."""
        found = self._columns(connection, conditions, "given_by", "seal")
        return {key: (owner, seal) for key, (owner, seal) in found.items()}

    def remove(self, connection: Connection, keys: Iterable[Key]) -> None:
        """Delete the rows with these keys."""
        values = [{f"key_{n}": part for n, part in enumerate(key)} for key in keys]
        if values:
            same = [c == bindparam(f"key_{n}") for n, c in enumerate(self.table.primary_key)]
            connection.execute(delete(self.table).where(*same), values)

    def add(self, connection: Connection, rows: Iterable[Row]) -> None:
        """Insert the rows."""
        values = list(rows)
        if values:
            connection.execute(insert(self.table), values)

    def put(self, connection: Connection, records: Iterable[R]) -> None:
        """Insert the records, each in the place of the one with its key."""
        rows = self.pack(records)
        self.remove(connection, rows)
        self.add(connection, rows.values())

    def count(self, connection: Connection, *conditions: ColumnElement[bool]) -> int:
        """Return how many rows meet all conditions."""
        found = connection.execute(select(func.count()).select_from(self.table).where(*conditions))
        return int(found.scalar_one())

    def _columns(
        self, connection: Connection, conditions: Iterable[ColumnElement[bool]], *names: str
    ) -> dict[Key, tuple[Any, ...]]:
        columns = [*self.table.primary_key, *(self.table.c[name] for name in names)]
        with decoded():
            found = connection.execute(select(*columns).where(*conditions))
            return {tuple(row[: len(self.keys)]): tuple(row[len(self.keys) :]) for row in found}


def document(value: object) -> str:
    """Return a nested record as JSON: the same text for the same value."""
    return to_json(value).decode()


def _sealed(record: BaseModel, extra: Row) -> Row:
    """Return the record's row with its seal."""
    row = {name: _settled(value) for name, value in record} | extra
    unsealed = {name for name, first in _LATER.items() if row.get(name) == first}
    try:
        written = to_json({name: row[name] for name in row if name not in unsealed})
    except (PydanticSerializationError, UnicodeError) as error:
        raise _refusal(f"{next(iter(row.values()))!a} holds half a character") from error
    if b"\\u0000" in written and any("\0" in v for v in row.values() if isinstance(v, str)):
        raise _refusal(f"{next(iter(row.values()))!a} holds a NUL character")
    return row | {"seal": blake2b(written, digest_size=8).hexdigest()}


def _settled(value: Any) -> Any:  # noqa: ANN401 - any field of any record
    """Return the value as every database gives it back."""
    if value is None or type(value) is str:  # most are
        return value
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise _refusal(f"{value.isoformat()} has no time zone")
        try:
            return value.astimezone(UTC)
        except OverflowError as error:
            raise _refusal(f"{value.isoformat()} is beyond the calendar in UTC") from error
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return value or 0.0  # -0.0 comes back as 0.0
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise _refusal(f"{value} is beyond 64 bits")
    return value


def _refusal(problem: str) -> StoreError:
    return StoreError(
        f"A record cannot be stored: {problem}.",
        "Correct it in its source; nothing of the source was stored.",
    )
