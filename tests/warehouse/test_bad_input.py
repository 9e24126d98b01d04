"""What is wrong with events or settings is told with a fix, and the right exit code."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlglot import exp, parse_one

from debtplan.core.flow import Flow, MetricKind, UxMetric
from debtplan.core.item import Skipped
from debtplan.core.reading import Window
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
from debtplan.transport.options import LineTable
from debtplan.warehouse import ENGINES, connect
from debtplan.warehouse.duckdb import DuckDbRunner
from debtplan.warehouse.events import Warehouse
from debtplan.warehouse.options import EventColumns, WarehouseTable
from tests.store.conftest import server  # noqa: F401 - a fixture
from tests.warehouse import engines
from tests.warehouse.dirty import END, FIELDS, NOW, START, STEPS, dirty_events

FLOW = Flow(id="checkout", steps=STEPS)
WINDOW = Window(start_on=START.date(), end_on=END.date())
COLUMNS = EventColumns(session="session_id", error="error_code")


def loss(**changed: Any) -> UxMetric:
    given = {"id": "m", "flow": "checkout", "step": "cart", "kind": "drop_off", "reference": 0.1}
    return UxMetric.model_validate(given | changed)


def table(**changed: Any) -> WarehouseTable:
    given: dict[str, Any] = {"path": "clicks.parquet", "table": "clicks", "columns": COLUMNS}
    return WarehouseTable(**(given | changed))


def asked(folder: Path, settings: WarehouseTable, *metrics: UxMetric) -> Warehouse:
    def opened() -> DuckDbRunner:
        return DuckDbRunner(settings, folder, settings.path)

    return Warehouse("w", settings, metrics or (loss(),), (FLOW,), opened)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the dirty events in clicks.parquet."""
    made = tmp_path_factory.mktemp("bad")
    with engines.duckdb(made, "clicks", dirty_events(3, 20), FIELDS):
        return made


def access(**variables: str) -> Access:
    return Access("lake", variables, LineTable(), Path(), lambda: NOW)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"session": "visit"}, "no column 'visit', which columns.session names"),
        ({"at": "when", "session": "session_id"}, "no column 'when', which columns.at names"),
        ({}, "Nothing says whose events those of clicks.parquet are"),
    ],
)
def test_a_wrong_column_map_names_the_columns_there_are(
    folder: Path, columns: dict[str, str], said: str
) -> None:
    warehouse = asked(folder, table(columns=EventColumns(**columns)))
    with pytest.raises(InputError) as error:
        list(warehouse.readings(WINDOW, NOW))
    assert said in error.value.what
    assert "agent, anonymous_id, at, country, device" in error.value.fix


def test_a_column_is_found_in_any_case(folder: Path) -> None:
    columns = EventColumns(session="SESSION_ID", error="Error_Code")
    assert len(list(asked(folder, table(columns=columns)).readings(WINDOW, NOW))) >= 7


def test_a_dimension_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(InputError, match=r"no column .browser., which dimensions\.browser names"):
        list(asked(folder, table(dimensions=["browser"])).readings(WINDOW, NOW))


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(InputError, match=r"No file of events is at gone\*\.parquet"):
        list(asked(folder, table(path="gone*.parquet")).readings(WINDOW, NOW))


def test_a_file_that_is_none_of_events_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"a\.xlsx is no file of events"):
        list(asked(tmp_path, table(path="a.xlsx")).readings(WINDOW, NOW))


def test_a_folder_for_large_queries_that_cannot_be_is_told(folder: Path) -> None:
    settings = table(temp_directory=str(folder / "clicks.parquet"))
    with pytest.raises(InputError, match=r"temp_directory .* cannot be used"):
        list(asked(folder, settings).readings(WINDOW, NOW))


def test_a_folder_for_large_queries_is_left_empty(folder: Path, tmp_path: Path) -> None:
    assert list(asked(folder, table(temp_directory=str(tmp_path / "spill"))).readings(WINDOW, NOW))
    assert not list((tmp_path / "spill").iterdir())


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 but no more")
    with pytest.raises(InputError, match=r"a\.parquet cannot be read"):
        list(asked(tmp_path, table(path="a.parquet")).readings(WINDOW, NOW))


def test_an_absent_table_of_a_database_is_told(tmp_path: Path) -> None:
    import duckdb

    duckdb.connect(str(tmp_path / "w.duckdb")).close()
    with pytest.raises(InputError, match=r"w\.duckdb lacks what is asked for: .*clicks"):
        list(asked(tmp_path, table(path="w.duckdb")).readings(WINDOW, NOW))


def test_a_query_that_takes_too_long_is_ended_and_told(folder: Path) -> None:
    runner = DuckDbRunner(table(timeout_s=0.05), folder, "clicks.parquet")
    endless = parse_one("SELECT sum(a.range * b.range) FROM range(10000000) a, range(100000) b")
    assert isinstance(endless, exp.Query)
    with pytest.raises(SourceError, match=r"took longer than 0\.05 s; it was ended") as error:
        runner.rows(endless)
    assert "timeout_s" in error.value.fix
    assert runner.rows(exp.select("1")) == [(1,)]
    runner.close()


def test_a_segment_without_sessions_is_a_remark_and_no_reading(folder: Path) -> None:
    segments = {"mars": {"country": "MARS"}}
    settings = table(dimensions=["country"], segments=segments)
    warehouse = asked(folder, settings, loss(segment="mars"), loss(id="n"))
    found = list(warehouse.tallies(WINDOW, NOW))
    (remark,) = (one for one in found if isinstance(one, Skipped))
    assert remark.ref == "m"
    assert remark.reason.startswith("no session of the segment mars met the step cart from 2026")
    assert {one.metric for one in warehouse.readings(WINDOW, NOW) if hasattr(one, "metric")} == {
        "n"
    }


def test_what_is_left_out_of_the_events_is_counted(folder: Path) -> None:
    columns = EventColumns(session="session_id", received="received_at")
    found = asked(folder, table(columns=columns)).readings(WINDOW, NOW)
    remarks = [one.reason for one in found if isinstance(one, Skipped)]
    raw = dirty_events(3, 20)
    late = timedelta(minutes=5)
    near = [one for one in raw if one["at"] is None or one["at"] >= START]
    future = sum(1 for one in near if one["at"] and one["at"] > one["received_at"] + late)
    untimed = sum(1 for one in near if one["at"] is None)
    assert future
    assert untimed
    assert any(f"{future} event" in one and "received" in one for one in remarks)
    assert any(f"{untimed} event" in one and "no time" in one for one in remarks)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "csat", "target": 0.8, "reference": None}, "which events do not tell"),
        ({"step": "done"}, "the last step of its flow"),
        ({"step": "basket"}, "which its flow lacks"),
        ({"segment": "vip"}, "does not say who is in the segment 'vip'"),
        (
            {"kind": "latency", "threshold_s": 1, "target": 0.9, "reference": None},
            "no column holds its time",
        ),
        (
            {
                "kind": "completion_time", "threshold_s": 1, "target": 0.9, "reference": None,
                "step": "done",
            },
            "after which no step comes",
        ),
    ],
)  # fmt: skip
def test_a_metric_that_events_cannot_tell_is_refused(
    folder: Path, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError) as error:
        asked(folder, table(), loss(**changed)).questions()
    assert said in error.value.what


def test_an_error_rate_needs_a_column_of_errors(folder: Path) -> None:
    metric = loss(kind=MetricKind.ERROR_RATE, target=0.1, reference=None)
    settings = table(columns=EventColumns(session="session_id"))
    with pytest.raises(UsageError, match="no column tells of errors"):
        asked(folder, settings, metric).questions()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": "postgresql://x"}, "give either path"),
        ({"path": ""}, "give either path"),
        ({"strata": ["browser"]}, "strata names 'browser'"),
        ({"segments": {"a": {"country": "US"}}}, "segment 'a' names 'country'"),
        ({"segments": {"a": {}}}, "says nothing about its sessions"),
        ({"dimensions": ["segment"]}, "cannot be called segment"),
        ({"memory_limit": "1GB'; DROP"}, "memory_limit"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(
    changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError) as error:
        table(**changed)
    assert said in str(error.value)


@pytest.mark.parametrize("url", ["postgresql://me:hush@host/db", "trino://me:hush@host"])
def test_a_password_in_an_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError) as error:
        connect("lake", table(path="", url=url), access())
    assert "holds a password" in error.value.what
    assert "hush" not in str(error.value)


def test_an_engine_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(UsageError) as error:
        connect("lake", table(path="", url="oracle://host"), access())
    assert ", ".join(ENGINES) in error.value.fix


@pytest.mark.parametrize("engine", ["trino", "snowflake", "bigquery", "clickhouse"])
def test_a_driver_that_is_not_installed_is_named_with_its_extra(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    for module in ("trino", "snowflake.connector", "google.cloud.bigquery", "clickhouse_connect"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError) as error:
        connect("lake", table(path="", url=f"{engine}://me@host/a/b"), access())
    assert f"pip install 'debtplan[evidence,{engine}]'" in error.value.fix


@pytest.fixture(scope="module")
def postgres(server: str) -> Iterator[str]:  # noqa: F811 - the fixture
    """The address of a server with the dirty events, for a user who may do little."""
    import psycopg

    with engines.postgres(server, "bad", dirty_events(3, 20), FIELDS):
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("CREATE ROLE weak LOGIN")
            connection.execute("REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC")
        yield server.replace("debtplan@", "weak@")


@pytest.mark.heavy
def test_a_table_that_may_not_be_read_is_a_matter_of_rights(postgres: str) -> None:
    settings = table(path="", url=postgres, table="bad")
    with pytest.raises(ForbiddenError) as error:
        list(Warehouse("w", settings, (loss(),), (FLOW,), lambda: connect("w", settings, access()))
             .readings(WINDOW, NOW))  # fmt: skip
    assert error.value.exit_code == 4
    assert "permission denied for table bad" in error.value.what


@pytest.mark.heavy
def test_without_the_right_to_temporary_tables_the_figures_are_the_same(
    postgres: str, folder: Path
) -> None:
    import psycopg

    with psycopg.connect(postgres.replace("weak@", "debtplan@"), autocommit=True) as connection:
        connection.execute("GRANT SELECT ON bad TO weak")
    try:
        settings = table(path="", url=postgres, table="bad", dimensions=["error_code"])
        weak = Warehouse(
            "w", settings, (loss(),), (FLOW,), lambda: connect("w", settings, access())
        )
        files = asked(folder, table(dimensions=["error_code"]))
        assert list(weak.readings(WINDOW, NOW)) == list(files.readings(WINDOW, NOW))
        assert list(weak.tallies(WINDOW, NOW)) == list(files.tallies(WINDOW, NOW))
    finally:
        with psycopg.connect(postgres.replace("weak@", "debtplan@"), autocommit=True) as connection:
            connection.execute("REVOKE SELECT ON bad FROM weak")


@pytest.mark.heavy
def test_a_server_ends_a_query_that_takes_too_long(postgres: str) -> None:
    runner = connect("w", table(path="", url=postgres, table="bad", timeout_s=0.1), access())
    with pytest.raises(SourceError, match=r"took longer than 0\.1 s"):
        runner.rows(exp.select(exp.Anonymous(this="pg_sleep", expressions=[exp.Literal.number(5)])))
    runner.close()


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (("weak@", "nobody_here@"), AuthenticationError),
        (("/postgres?", "/no_such?"), InputError),
        (("host=/", "host=/gone/"), UnreachedError),
    ],
)
def test_a_server_that_cannot_be_entered_is_told(
    postgres: str, change: tuple[str, str], kind: type[DebtplanError]
) -> None:
    with pytest.raises(kind):
        connect("w", table(path="", url=postgres.replace(*change)), access())


@pytest.mark.heavy
def test_an_absent_table_of_a_server_is_told(postgres: str) -> None:
    settings = table(path="", url=postgres, table="analytics.clicks")
    warehouse = Warehouse(
        "w", settings, (loss(),), (FLOW,), lambda: connect("w", settings, access())
    )
    with pytest.raises(InputError, match="analytics"):
        list(warehouse.readings(WINDOW, NOW))
