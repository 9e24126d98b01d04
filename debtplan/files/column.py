"""Which of a file's columns hold what we look for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from debtplan.errors import InputError
from debtplan.files.options import Dates, Decimal, FileTable


@dataclass(frozen=True)
class Column:
    """One thing we look for in a table.

    Attributes:
        name: Our word; ending in "." it stands for any name that begins so (`points.backend`).
        also: Other headers that are recognised, whatever the case, first match first.
        required: A file without it cannot be used.
        is_list: Its header may stand several times; the cells are put together.
        more: Of `also`, the headers whose cell counts where the first one's says nothing; those
            of a list are put together.
    """

    name: str
    also: tuple[str, ...] = ()
    required: bool = False
    is_list: bool = False
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Where each of our names stands in one file.

    Attributes:
        header: The file's own column names, in order.
        parts: Our name -> (position, factor) of the columns it is made of; the factor is -1 where
            the column is subtracted.
        chosen: Our name -> the file's column or columns, for messages.
        positions: The file's column -> where it stands.
        others: Our name -> further columns, the first filled one of which counts where `parts`
            say nothing.
        dates: As the settings say it.
        decimal: As the settings say it; "either" where "1.234" is as doubtful as "1,234".
    """

    header: tuple[str, ...]
    parts: Mapping[str, tuple[tuple[int, int], ...]]
    chosen: Mapping[str, str]
    positions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    others: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    dates: Dates = "auto"
    decimal: Decimal | Literal["either"] = "auto"

    def unread(self) -> tuple[str, ...]:
        """Return the file's columns that nothing is read from."""
        taken = {at for places in self.parts.values() for at, _ in places}
        taken.update(at for places in self.others.values() for at in places)
        return tuple(title for at, title in enumerate(self.header) if title and at not in taken)


def lay_out(
    header: Sequence[str], name: str, table: FileTable, columns: Sequence[Column]
) -> Layout:
    """Return the layout for one file's header.

    A column of the settings goes before one of our own name, and that before the other headers
    that are recognised.

    Raises:
        InputError: A column is missing, or stands twice where one is needed.
    """
    positions: dict[str, tuple[int, ...]] = {}
    for number, title in enumerate(header):
        positions[title] = (*positions.get(title, ()), number)
    _check_names(table, columns)
    for title in table.where:
        _present(title, positions, name, f"where = {{ {title!r} = ... }}")
    wanted = _wanted(table, columns, positions)
    parts, chosen = {}, {}
    for key, (column, headers) in wanted.items():
        parts[key] = tuple(
            place for one in headers for place in _places(one, key, column, positions, name)
        )
        chosen[key] = " + ".join(headers).replace("+ -", "- ")
    _check_required(columns, chosen, header, name)
    others: dict[str, tuple[int, ...]] = {}
    for column in columns:
        found = _others(column, header, {at for at, _ in parts.get(column.name, ())})
        if found and column.is_list and column.name not in table.columns:
            parts[column.name] = (*parts[column.name], *((at, 1) for at in found))
        elif found and column.name not in table.columns:
            others[column.name] = found
    return Layout(tuple(header), parts, chosen, positions, others, table.dates, table.decimal)


def _others(column: Column, header: Sequence[str], taken: Collection[int]) -> tuple[int, ...]:
    """Return where the column's further headers stand, in their order."""
    return tuple(
        at
        for one in column.more
        for at, title in enumerate(header)
        if title.strip().casefold() == one and at not in taken
    )


def _wanted(
    table: FileTable, columns: Sequence[Column], positions: Mapping[str, tuple[int, ...]]
) -> dict[str, tuple[Column, tuple[str, ...]]]:
    """Return our name -> its column and the file's headers for it."""
    folded: dict[str, str] = {}
    for header in positions:
        folded.setdefault(header.strip().casefold(), header)
    wanted: dict[str, tuple[Column, tuple[str, ...]]] = {}
    taken = {one for headers in table.columns.values() for one in _tuple(headers)}
    for column in columns:
        if column.name.endswith("."):
            for header in positions:
                if header.casefold().startswith(column.name) and header not in taken:
                    wanted[header.casefold()] = (column, (header,))
        elif column.name not in table.columns:
            names = (folded.get(one.casefold()) for one in (column.name, *column.also))
            found = next((one for one in names if one is not None and one not in taken), None)
            if found is not None:
                wanted[column.name] = (column, (found,))
    for key, headers in table.columns.items():
        wanted[key] = (_column_of(key, columns) or Column(key), _tuple(headers))
    return wanted


def _places(
    header: str,
    key: str,
    column: Column,
    positions: Mapping[str, tuple[int, ...]],
    name: str,
) -> tuple[tuple[int, int], ...]:
    factor = 1
    if header not in positions and header.startswith("-"):
        header, factor = header[1:], -1
    at = _present(header, positions, name, f"columns = {{ {key} = ... }}")
    if len(at) > 1 and header.strip().casefold() in column.more:
        at = at[:1]  # the others count where it is not filled
    if len(at) > 1 and not column.is_list:
        numbers = ", ".join(str(one + 1) for one in at)
        raise InputError(
            f"{name} has {len(at)} columns {header!r} (columns {numbers}), and {key} needs one.",
            f"Rename all but one, or name another: columns = {{ {key} = ... }}.",
        )
    return tuple((one, factor) for one in at)


def _present(
    header: str, positions: Mapping[str, tuple[int, ...]], name: str, setting: str
) -> tuple[int, ...]:
    if header in positions:
        return positions[header]
    close = get_close_matches(header, list(positions), n=1, cutoff=0.5)
    hint = f"; the nearest is {close[0]!r}" if close else ""
    raise InputError(
        f"{name} has no column {header!r}{hint}.",
        f"Correct {setting}; the file has {_listed(positions)}.",
    )


def _check_names(table: FileTable, columns: Sequence[Column]) -> None:
    for key in table.columns:
        if _column_of(key, columns) is None:
            names = [column.name for column in columns]
            close = get_close_matches(key, names, n=1, cutoff=0.5)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise InputError(
                f"columns names {key!r}, which is nothing that is read{hint}",
                f"Use one of {', '.join(names)}.",
            )


def _column_of(key: str, columns: Sequence[Column]) -> Column | None:
    for column in columns:
        if key == column.name or (column.name.endswith(".") and key.startswith(column.name)):
            return column
    return None


def _check_required(
    columns: Sequence[Column], chosen: Mapping[str, str], header: Sequence[str], name: str
) -> None:
    for column in columns:
        if column.required and column.name not in chosen:
            words = (column.name, *column.also)
            close = next((m for w in words for m in get_close_matches(w, header, n=1)), None)
            example = close or "HEADER"
            raise InputError(
                f"{name} has no column for {column.name}; it has {_listed(header)}.",
                f'Say which one it is: columns = {{ {column.name} = "{example}" }}.',
            )


def _listed(headers: Sequence[str] | Mapping[str, object]) -> str:
    shown = [repr(one[:60]) for one in list(headers)[:12]]
    more = len(headers) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _tuple(headers: str | tuple[str, ...]) -> tuple[str, ...]:
    return (headers,) if isinstance(headers, str) else headers
