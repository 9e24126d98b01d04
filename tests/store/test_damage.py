"""A database that cannot be used says so in two sentences; a damaged one never misleads."""

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from debtplan.core.source import Batch, Mark
from debtplan.errors import StoreError
from debtplan.store import SqlStore, open_store
from tests import plans
from tests.store.evidence import forecast, note
from tests.store.samples import SKIPPED, Given, item, reading, sprint, state

MARK = Mark(source="jira", part="OMNI", scope="all")

FLIPS = 200


def fill(url: str) -> None:
    with open_store(url) as store:
        given: list[Given] = [
            *(item(number, text=f"Item {number} " * 20) for number in range(60)),
            *(reading(day, metric) for day in range(40) for metric in ("loss", "errors")),
            *(sprint(number) for number in range(1, 9)),
            SKIPPED,
        ]
        store.save_source(state(), given)
        seen = tuple((str(number), f"jira:OMNI-{number}") for number in range(200))
        store.save_batch(Batch((), seen), MARK)
        store.keep("field list", '"1"', b"[]" * 20_000)
        store.save_notice("0", "slack", is_sent=True)
        store.save_plan(plans.empty())
        store.save_source(state("notes"), [note(number) for number in range(30)])
        store.save_forecasts(forecast(number) for number in range(30))


def everything(store: SqlStore) -> tuple[object, ...]:
    plan = store.last_plan(plans.empty().team)
    found = (store.items(), store.readings(), store.sprints(), store.skipped(), store.sources())
    walked = (store.marks("jira"), store.sightings("jira", "OMNI"), store.recall("field list"))
    return (*found, *walked, store.notices("0"), plan, store.notes(), store.forecasts())


@pytest.mark.slow
def test_a_changed_byte_is_noticed_or_harmless(tmp_path: Path) -> None:
    fill(f"sqlite:///{tmp_path}/good.db")
    good = (tmp_path / "good.db").read_bytes()
    with open_store("sqlite:///good.db", tmp_path) as store:
        right = everything(store)
    noticed = 0
    for seed in range(FLIPS):
        draw = random.Random(seed)
        bad = bytearray(good)
        for _ in range(draw.choice([1, 1, 8])):
            bad[draw.randrange(len(bad))] ^= 1 << draw.randrange(8)
        (tmp_path / f"{seed}.db").write_bytes(bad)
        try:
            with open_store(f"sqlite:///{seed}.db", tmp_path) as store:
                assert everything(store) == right, f"seed {seed} misleads"
        except StoreError as error:
            assert error.fix  # noqa: PT017 - either outcome is right
            noticed += 1
    assert noticed > FLIPS / 2


@pytest.mark.slow
def test_a_page_that_hides_a_row_is_noticed(tmp_path: Path) -> None:
    fill(f"sqlite:///{tmp_path}/a.db")
    file = tmp_path / "a.db"
    good = file.read_bytes()
    # A leaf of a table starts with 13; the count of its rows is in its bytes 3 and 4.
    leaves = [n for n in range(4096, len(good), 4096) if good[n] == 13 and good[n + 4] > 1]
    assert len(leaves) > 5
    for start in leaves:
        bad = bytearray(good)
        bad[start + 4] -= 1
        file.write_bytes(bad)
        with pytest.raises(StoreError, match="damaged"):
            open_store("sqlite:///a.db", tmp_path)


@pytest.mark.parametrize("kept", [1, 100, 4096, 20_000, -4096])
def test_a_cut_file_is_refused(tmp_path: Path, kept: int) -> None:
    fill(f"sqlite:///{tmp_path}/cut.db")
    file = tmp_path / "cut.db"
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(StoreError, match=r"damaged|not a database"):
        open_store("sqlite:///cut.db", tmp_path)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Not a database. " * 100, encoding="utf-8")
    with pytest.raises(StoreError, match=r"notes\.txt is not a database") as caught:
        open_store("sqlite:///notes.txt", tmp_path)
    assert "[store] url" in caught.value.fix
    assert file.read_text(encoding="utf-8") == "Not a database. " * 100


def test_check_notices_what_opening_does_not_read(tmp_path: Path) -> None:
    fill(f"sqlite:///{tmp_path}/a.db")
    file = tmp_path / "a.db"
    file.write_bytes(file.read_bytes().replace(b"Item 17 Item 17", b"Item 17 Item 71", 1))
    with open_store("sqlite:///a.db", tmp_path) as store:
        with pytest.raises(StoreError, match="damaged") as caught:
            store.check()
        assert "backup" in caught.value.fix


@pytest.mark.parametrize("name", ["missing/a.db", "."])
def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{name}", tmp_path)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that a user without rights can reach; root could write anywhere."""
    made = Path(tempfile.mkdtemp(prefix="debtplan-"))
    yield made
    os.seteuid(os.getuid())
    made.chmod(0o755)
    shutil.rmtree(made)


def test_a_read_only_folder_is_refused(folder: Path) -> None:
    fill(f"sqlite:///{folder}/a.db")
    folder.chmod(0o555)
    (folder / "a.db").chmod(0o444)
    if os.getuid() == 0:
        os.seteuid(65534)
    for name in ("a.db", "new.db"):
        with pytest.raises(StoreError, match=r"cannot be (opened|written)") as caught:
            open_store(f"sqlite:///{name}", folder)
        assert "right" in caught.value.fix


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ann:hunter2@db/x",
        "sqlite+aiosqlite:///a.db",
        "hunter2",
        "",
        "postgresql+pg8000://h",
    ],
)
def test_an_address_we_cannot_use_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreError, match=r"\[store\] url") as caught:
        open_store(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.heavy
def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="no psycopg: install debtplan[postgres]")
    with pytest.raises(StoreError) as caught:
        open_store(f"postgresql://ann:hunter2@/plans?host={tmp_path}")
    assert "plans" in caught.value.what
    assert "hunter2" not in str(caught.value)


def test_postgresql_without_its_driver_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(StoreError, match="psycopg") as caught:
        open_store("postgresql://ann:hunter2@db/plans")
    assert "debtplan[postgres]" in caught.value.fix
    assert "hunter2" not in str(caught.value)
