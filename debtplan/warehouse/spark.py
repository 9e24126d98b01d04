"""Spark, by pyspark: `url = "spark:local"` in this process, or `spark://host:7077`, a cluster.

The tables are those of the session's catalog.
"""

from collections.abc import Callable, Mapping
from threading import Event, Timer
from typing import Any

from sqlglot import exp

from debtplan.errors import DebtplanError
from debtplan.transport.access import Access
from debtplan.warehouse.address import Address
from debtplan.warehouse.driver import ABSENT, FORBIDDEN, SLOW, by_words, library, told
from debtplan.warehouse.options import WarehouseTable
from debtplan.warehouse.phrase import when
from debtplan.warehouse.runner import Row
from debtplan.warehouse.tongue import Tongue

CONF: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
"""What makes Spark read SQL as the others do: what is no number is NULL, and times are in UTC."""

LOCAL: Mapping[str, str] = {"spark.sql.shuffle.partitions": "4"}
"""For Spark in this process, which else cuts every step into two hundred pieces."""


def _micros(value: exp.Expr, _type: str) -> exp.Expr:
    return exp.Anonymous(this="UNIX_MICROS", expressions=[exp.cast(value, "timestamp")])


def _collect(value: exp.Expr, condition: exp.Expr) -> exp.Expr:
    """Return `COLLECT_SET(value)`, which passes over NULL."""
    return exp.Anonymous(this="COLLECT_SET", expressions=[when(condition, value)])


SPARK = Tongue("spark", micros=_micros, collect=_collect)

judge = by_words(
    {
        "table_or_view_not_found": ABSENT,
        "schema_not_found": ABSENT,
        "unresolved_column": ABSENT,
        "permission": FORBIDDEN,
        "cancelled": SLOW,
    }
)
"""By the names of Spark's error classes."""


class SparkRunner:
    """See `Runner`."""

    tongue = SPARK

    def __init__(
        self,
        session: Any,  # noqa: ANN401 - of pyspark
        place: str,
        timeout_s: float,
        close: Callable[[], None],
    ) -> None:
        """Run in a session of pyspark."""
        self.place = place
        self._session = session
        self._timeout_s = timeout_s
        self._close = close
        self._staged: Any = None
        for key in ("spark.sql.session.timeZone", "spark.sql.ansi.enabled"):
            session.conf.set(key, CONF[key])

    def columns(self, table: exp.Table) -> Mapping[str, str]:
        """See `Runner.columns`."""
        query = self.tongue.write(exp.select("*").from_(table.copy()))
        found: list[tuple[str, str]] = self._run(lambda: self._session.sql(query).dtypes)
        return dict(found)

    def rows(self, query: exp.Query) -> list[Row]:
        """See `Runner.rows`."""
        statement = self.tongue.write(query)
        return [tuple(row) for row in self._run(lambda: self._session.sql(statement).collect())]

    def stage(self, name: str, query: exp.Query) -> bool:
        """See `Runner.stage`: kept in memory and on the disks of the cluster."""
        statement = self.tongue.write(query)
        self._forget()

        def make() -> Any:  # noqa: ANN401 - a DataFrame
            frame = self._session.sql(statement).persist()
            frame.createOrReplaceTempView(name)
            return frame

        self._staged = self._run(make)
        return True

    def close(self) -> None:
        """See `Runner.close`."""
        self._forget()
        self._close()

    def _forget(self) -> None:
        if self._staged is not None:
            self._staged.unpersist()
            self._staged = None

    def _run(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the work returns
        is_late = Event()

        def stop() -> None:
            is_late.set()
            self._session.sparkContext.cancelAllJobs()

        timer = Timer(self._timeout_s, stop)
        timer.daemon = True
        timer.start()
        try:
            return work()
        except DebtplanError:
            raise
        except Exception as error:  # noqa: BLE001 - of py4j, pyspark or the cluster
            kind = SLOW if is_late.is_set() else judge(error)
            raise told(error, kind, self.place, self._timeout_s) from None
        finally:
            timer.cancel()


def connect(table: WarehouseTable, _access: Access, address: Address) -> SparkRunner:
    """Return a session, in this process or of a cluster."""
    sql = library("pyspark.sql", "spark")
    is_local = address.text == "spark:local"
    master = "local[*]" if is_local else address.text
    builder = sql.SparkSession.builder.master(master).appName("debtplan")
    for key, value in {**CONF, **(LOCAL if is_local else {})}.items():
        builder = builder.config(key, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:  # noqa: BLE001 - of py4j, or no Java
        raise told(error, "unreached", address.place, table.timeout_s) from None
    return SparkRunner(session, address.place, table.timeout_s, session.stop)
