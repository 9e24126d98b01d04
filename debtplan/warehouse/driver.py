"""Engines behind Python's database interface (PEP 249): a cursor, its rows, and its errors."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from sqlglot import exp

from debtplan.core.text import clean_line
from debtplan.errors import (
    AuthenticationError,
    DebtplanError,
    ForbiddenError,
    InputError,
    SourceError,
    UnreachedError,
    UsageError,
)
from debtplan.transport.access import Access
from debtplan.warehouse.address import password_of
from debtplan.warehouse.options import WarehouseTable
from debtplan.warehouse.runner import Row
from debtplan.warehouse.tongue import Tongue

Judge = Callable[[Exception], str]
"""Says what an engine's error is about: one of the keys of `_KINDS`, or "" for anything else."""

ABSENT, FORBIDDEN, REFUSED, SLOW, UNREACHED = "absent", "forbidden", "refused", "slow", "unreached"


class DriverRunner:
    """See `Runner`."""

    def __init__(
        self,
        connection: Any,  # noqa: ANN401 - any module of PEP 249
        tongue: Tongue,
        place: str,
        judge: Judge,
        timeout_s: float,
    ) -> None:
        """Run on an open connection, which is closed at the end."""
        self.tongue = tongue
        self.place = place
        self._connection = connection
        self._judge = judge
        self._timeout_s = timeout_s
        self._can_stage = tongue.dialect in {"postgres", "snowflake"}

    def columns(self, table: exp.Table) -> Mapping[str, str]:
        """See `Runner.columns`."""
        query = exp.select("*").from_(table.copy()).limit(0)
        cursor = self._execute(self.tongue.write(query))
        found = {str(one[0]): self._type(one) for one in cursor.description}
        cursor.close()
        return found

    def rows(self, query: exp.Query) -> list[Row]:
        """See `Runner.rows`."""
        cursor = self._execute(self.tongue.write(query))
        try:
            found: list[Row] = cursor.fetchall()
        except Exception as error:  # noqa: BLE001 - every driver has its own
            raise self._told(error) from None
        finally:
            cursor.close()
        return found

    def stage(self, name: str, query: exp.Query) -> bool:
        """See `Runner.stage`."""
        if not self._can_stage:
            return False
        target = exp.to_table(name)
        drop = exp.Drop(tables=[target], kind="TABLE", exists=True)
        made = exp.Create(
            this=target.copy(),
            kind="TABLE",
            expression=query,
            properties=exp.Properties(expressions=[exp.TemporaryProperty()]),
        )
        try:
            for statement in (drop, made):
                self._execute(self.tongue.write(statement)).close()
        except ForbiddenError:
            return False
        return True

    def close(self) -> None:
        """See `Runner.close`."""
        self._connection.close()

    def _type(self, described: Any) -> str:  # noqa: ANN401 - a description of PEP 249
        return str(getattr(described, "type_display", None) or described[1])

    def _execute(self, statement: str) -> Any:  # noqa: ANN401 - a cursor of PEP 249
        cursor = self._connection.cursor()
        try:
            cursor.execute(statement)
        except Exception as error:  # noqa: BLE001 - every driver has its own
            cursor.close()
            raise self._told(error) from None
        return cursor

    def _told(self, error: Exception) -> DebtplanError:
        return told(error, self._judge(error), self.place, self._timeout_s)


@contextmanager
def connecting(table: WarehouseTable, place: str, judge: Judge, otherwise: str) -> Iterator[None]:
    """Tell why an engine gives no connection, in a sentence with a fix.

    Args:
        table: How long its queries may take.
        place: Of the address, for people.
        judge: Says what an error is about.
        otherwise: What one is about of which the judge says nothing.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - of a driver, what it stands on, or the system
        raise told(error, judge(error) or otherwise, place, table.timeout_s) from None


def password_text(access: Access) -> str | None:
    """Return the password as a driver takes it; None where none is set."""
    password = password_of(access)
    return password.reveal() if password else None


def told(error: Exception, kind: str, place: str, timeout_s: float) -> DebtplanError:
    """Return a sentence with a fix for what an engine says."""
    if isinstance(error, DebtplanError):
        return error
    said = clean_line(str(error).strip().partition("\n")[0], 200).rstrip(".")
    if kind == SLOW:
        what = f"A query on {place} took longer than {timeout_s:g} s; it was ended."
        return SourceError(what, "Raise timeout_s, or set history_days to fewer days.")
    if kind == ABSENT:
        what = f"{place} lacks what is asked for: {said}."
        return InputError(what, "Check table, dataset, steps and columns.")
    if kind == FORBIDDEN:
        what = f"{place} does not allow this to be read: {said}."
        return ForbiddenError(what, "Let the user read the tables of events.")
    if kind == REFUSED:
        what = f"{place} refused the credentials."
        return AuthenticationError(what, "Check the user of the url, and the DEBTPLAN_ variable.")
    if kind == UNREACHED:
        what = f"{place} cannot be reached: {said}."
        return UnreachedError(what, "Check the url, and whether the server runs.")
    return SourceError(f"{place} failed: {said}.", "Check the columns that are named, and retry.")


def library(module: str, extra: str = "") -> Any:  # noqa: ANN401 - a module
    """Return a module that comes with the extra `evidence`, and perhaps with another.

    Raises:
        UsageError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError:
        what = f"Raw events are read by {module}, which is not installed."
        extras = f"evidence,{extra}" if extra else "evidence"
        raise UsageError(what, f"Run pip install 'debtplan[{extras}]'.") from None


def by_words(words: Mapping[str, str]) -> Judge:
    """Return a judge that looks for words in what an engine says, in small letters."""

    def judge(error: Exception) -> str:
        said = str(error).lower()
        return next((kind for word, kind in words.items() if word in said), "")

    return judge
