"""The sample's events: sessions, losses and codes as sample_data/README.md tells them."""

import csv
import gzip
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from debtplan.bootstrap.warehouses import make_warehouse
from debtplan.cli.app import app
from debtplan.config.load import load_settings
from debtplan.core.flow import Flow, MetricKind, Segment, UxMetric
from debtplan.core.reading import Counts, Reading, Window
from debtplan.core.tally import Overlap, Tally
from debtplan.warehouse.events import Warehouse
from debtplan.warehouse.options import EventColumns, WarehouseTable
from tests.store.conftest import server  # noqa: F401 - a fixture
from tests.warehouse import engines
from tests.warehouse.engines import Open
from tests.warehouse.oracle import Oracle, Want, visits

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
WINDOW = Window(start_on=date(2026, 10, 25), end_on=date(2026, 11, 22))
START, END = (datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STEPS = ("cart", "shipping", "payment", "done")
FIELDS = {
    "session_id": "text", "country": "text", "device": "text", "step": "text", "at": "timestamp",
    "error_code": "text",
}  # fmt: skip


def rows() -> list[dict[str, Any]]:
    text = gzip.decompress((SAMPLE / "events.csv.gz").read_bytes()).decode("utf-8")
    found: list[dict[str, Any]] = []
    for row in csv.DictReader(text.splitlines()):
        at = datetime.fromisoformat(row["at"])
        found.append({**row, "at": at, "error_code": row["error_code"] or None})
    return found


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    empty = dict.fromkeys(("id", "user", "anonymous", "sent", "original", "agent"))
    known = [
        {**empty, **one, "event": one["step"], "session": one["session_id"], "received": one["at"]}
        for one in rows()
    ]
    return Oracle(visits(known, START, END, NOW, idle=None), STEPS)


@pytest.fixture(
    scope="module",
    params=[
        "the file itself",
        *(
            pytest.param(one, marks=pytest.mark.heavy)
            for one in ("postgres", "clickhouse", "spark")
        ),
    ],
)
def connect(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Open | None]:
    """Each engine with the sample's events; None for DuckDB on the file of the settings."""
    if request.param == "the file itself":
        yield None
        return
    folder = tmp_path_factory.mktemp("omni")
    place = request.getfixturevalue("server") if request.param == "postgres" else folder
    with getattr(engines, request.param)(place, "omni", rows(), FIELDS) as opened:
        yield opened


def sample(connect: Open | None) -> Warehouse:
    loaded = load_settings(SAMPLE / "debtplan.toml")
    found = make_warehouse(loaded, "events")
    if connect is None:
        return found
    table = found.table.model_copy(update={"table": "omni"})
    return Warehouse(found.name, table, found.metrics, found.flows, connect, found.compared)


@pytest.mark.slow
def test_lost_sessions_abroad_carry_the_planted_code(connect: Open | None, oracle: Oracle) -> None:
    found = [one for one in sample(connect).tallies(WINDOW, NOW) if isinstance(one, Tally)]
    (code,) = (
        one
        for one in found
        if one.metric == "shipping-loss-international" and one.value == "ADDR_INVALID"
    )
    lost = sum(one.bad_with + one.bad_without for one in code.strata)
    marked = sum(one.bad_with for one in code.strata)
    entered = sum(one.total_with + one.total_without for one in code.strata)
    assert marked / lost == pytest.approx(0.63, abs=0.02)
    assert lost / entered == pytest.approx(0.54, abs=0.01)
    assert marked / sum(one.total_with for one in code.strata) == pytest.approx(0.92, abs=0.01)
    want = Want("shipping-loss-international", "drop_off", "shipping", "US")
    wanted = oracle.tallies(want, "error_code", ["device"], is_mark=True)["ADDR_INVALID"]
    seen = {
        (one.name.removeprefix("device = "),):
        (one.bad_with, one.total_with, one.bad_without, one.total_without)
        for one in code.strata
    }  # fmt: skip
    assert seen == wanted


@pytest.mark.slow
def test_the_funnel_is_that_of_the_plain_reading(connect: Open | None, oracle: Oracle) -> None:
    warehouse = sample(connect)
    (flow,) = (one for one in warehouse.flows if one.id == "checkout")
    found = warehouse.funnel(flow, WINDOW, NOW, by="segment")
    for group, is_abroad in (("domestic", False), ("international", True)):
        here = [one for one in oracle.visits if (one.mark("country") != "US") is is_abroad]
        counts = [sum(1 for one in here if one.entered(step)) for step in STEPS]
        mine = [one for one in found.steps if one.group == group]
        assert [one.entered for one in mine] == counts
        on = [one.went_on for one in mine]
        assert on == [*counts[1:], None]


TABLE = WarehouseTable(
    path="events.csv.gz",
    columns=EventColumns(session="session_id", event="step", error="error_code"),
    dimensions={"country": "country", "error_code": "error_code"},
    segments={"abroad": {"country": {"not": ("US",)}}},
)
FLOW = Flow(id="checkout", steps=STEPS, segments=(Segment(id="abroad"),))


def test_an_error_that_the_session_got_over_has_recovered() -> None:
    from debtplan.warehouse.duckdb import DuckDbRunner

    metric = UxMetric(
        id="e", flow="checkout", step="payment", kind=MetricKind.ERROR_RATE, target=0.02
    )
    asked = Warehouse(
        "w", TABLE, (metric,), (FLOW,), lambda: DuckDbRunner(TABLE, SAMPLE, TABLE.path)
    )
    found = [one for one in asked.readings(WINDOW, NOW) if isinstance(one, Reading)]
    assert len(found) == 28
    assert found[0].end_at - found[0].start_at == timedelta(days=1)
    measures = [one.measure for one in found]
    assert all(isinstance(one, Counts) and 0 < one.recovered < one.bad for one in measures)


def test_an_overlap_of_one_metric_is_none() -> None:
    assert not [one for one in sample(None).tallies(WINDOW, NOW) if isinstance(one, Overlap)]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sample, and the tests inside it."""
    folder = tmp_path / "sample"
    shutil.copytree(SAMPLE, folder)
    monkeypatch.chdir(folder)
    return folder


def run(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def test_the_command_shows_the_funnel_of_a_segment(shop: Path) -> None:
    done = run("funnel", "checkout", "--segment", "international", "--as-of", "2026-11-23")
    assert done.exit_code == 0
    assert [line.split() for line in done.stdout.splitlines()[2:4]] == [
        ["cart", "international", "6,814", "4,907", "28.0%", "84", "s"],
        ["shipping", "international", "4,907", "2,268", "53.8%", "88", "s"],
    ]


def test_the_command_gives_the_funnel_as_json(shop: Path) -> None:
    done = run("funnel", "checkout", "--by", "device", "--as-of", "2026-11-23", "--format", "json")
    said = json.loads(done.stdout)
    assert said["schema_version"] == 1
    assert {one["group"] for one in said["rows"]} == {"mobile", "desktop", "tablet"}
    first = said["rows"][0]
    assert first["drop_off"] == pytest.approx(1 - first["went_on"] / first["entered"])


@pytest.mark.slow
def test_the_command_uses_saved_readings_where_it_is_told_to(shop: Path) -> None:
    assert run("sync", "readings").exit_code == 0
    done = run(
        "funnel", "checkout", "--saved", "--segment", "international", "--as-of", "2026-11-23"
    )
    assert done.exit_code == 0
    (line,) = done.stdout.splitlines()[2:]
    assert line.split()[:2] == ["shipping", "international"]
    assert line.split()[4] == "53.8%"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("funnel", "chekout"), "Did you mean 'checkout'?"),
        (("funnel", "checkout", "--segment", "nobody"), "Use one of: all, domestic, international"),
        (("funnel", "checkout", "--by", "browser"), "Use one of: segment, country, device"),
        (("funnel", "checkout", "--warehouse", "lake"), "There is no warehouse 'lake'"),
        (("funnel", "checkout", "--saved", "--by", "device"), "tell no dimensions apart"),
        (("funnel", "checkout", "--saved"), "No readings tell where sessions of checkout are lost"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_what_can_be(
    shop: Path, words: tuple[str, ...], said: str
) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert said in done.stderr.replace("\n", " ")


@pytest.mark.slow
def test_a_broken_warehouse_leaves_the_other_sources_alone(shop: Path) -> None:
    settings = (shop / "debtplan.toml").read_text(encoding="utf-8")
    broken = settings.replace('session = "session_id"', 'session = "visit"')
    (shop / "debtplan.toml").write_text(broken, encoding="utf-8")
    done = run("sync")
    assert done.exit_code == 5
    assert "events.csv.gz has no column 'visit', which columns.session names" in done.stderr
    assert "country, device, error_code, session_id, step" in done.stderr.replace("\n", " ")
    (line,) = (one for one in done.stdout.splitlines() if one.startswith("readings "))
    assert line.split()[1:3] == ["ok", "1,980"]


@pytest.mark.slow
def test_the_doctor_names_what_is_wrong_with_the_events(shop: Path) -> None:
    settings = (shop / "debtplan.toml").read_text(encoding="utf-8")
    broken = settings.replace('path = "events.csv.gz"', 'path = "clicks.csv.gz"')
    (shop / "debtplan.toml").write_text(broken, encoding="utf-8")
    done = run("doctor", "events")
    assert done.exit_code == 1
    assert "No file of events is at clicks.csv.gz" in done.stdout
