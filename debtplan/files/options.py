"""How a delimited file is read, as the settings say it."""

from typing import Literal, TypeAlias

from debtplan.core.record import Value

Columns = dict[str, str | tuple[str, ...]]
"""Our name -> the file's column, or several columns that are added up (`-name` is subtracted)."""


Dates: TypeAlias = Literal["auto", "day-first", "month-first"]
"""What 03/04/2026 is: "auto" does not guess."""

Decimal: TypeAlias = Literal["auto", "point", "comma"]
"""Which sign parts whole from fraction: "auto" takes either and refuses what could be both."""


class FileTable(Value):
    """A delimited file and how to read it.

    Attributes:
        path: One file or a pattern such as `exports/*.csv`; `.gz` is unpacked. Relative to the
            settings file.
        columns: Our names for the file's columns; names that agree need no entry.
        where: Only rows whose column has this value.
        dates: Order of day and month in dates such as 03/04/2026.
        decimal: Sign before a number's fraction; the other one groups its thousands.
        encoding: "auto" tries UTF-8 (with or without BOM), then Windows-1252.
        delimiter: "auto" looks at the first line.
        on_error: "skip" reads the rest and lists the row; "stop" refuses the file.
    """

    path: str = ""
    columns: Columns = {}
    where: dict[str, str] = {}
    dates: Dates = "auto"
    decimal: Decimal = "auto"
    encoding: str = "auto"
    delimiter: str = "auto"
    on_error: Literal["skip", "stop"] = "skip"
