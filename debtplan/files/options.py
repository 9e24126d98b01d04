"""How a delimited file is read, as the settings say it."""

from typing import Literal

from debtplan.core.record import Value

Columns = dict[str, str | tuple[str, ...]]
"""Our name -> the file's column, or several columns that are added up (`-name` is subtracted)."""


class FileTable(Value):
    """A delimited file and how to read it.

    Attributes:
        path: One file or a pattern such as `exports/*.csv`; `.gz` is unpacked. Relative to the
            settings file.
        columns: Our names for the file's columns; names that agree need no entry.
        where: Only rows whose column has this value.
        encoding: "auto" tries UTF-8 (with or without BOM), then Windows-1252.
        delimiter: "auto" looks at the first line.
        on_error: "skip" reads the rest and lists the row; "stop" refuses the file.
    """

    path: str = ""
    columns: Columns = {}
    where: dict[str, str] = {}
    encoding: str = "auto"
    delimiter: str = "auto"
    on_error: Literal["skip", "stop"] = "skip"
