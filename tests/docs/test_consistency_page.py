"""docs/consistency.md: its series of every night, recomputed on the sample."""

import json
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from debtplan.bootstrap import answers
from debtplan.bootstrap.adapters import sample_folder
from debtplan.bootstrap.answers import SAMPLE_DAY, moment
from debtplan.bootstrap.evidence import refresh_evidence
from debtplan.bootstrap.feeds import feeds
from debtplan.config.load import load_settings
from debtplan.config.settings import Loaded
from debtplan.core.chains import say_chain
from debtplan.core.consistency import UNITS, better_of
from debtplan.core.flow import CONSISTENCY
from debtplan.metrics.options import TOLD_BY
from debtplan.metrics.scanners import TOKEN_RULES
from debtplan.ports import Store
from debtplan.store import open_store
from debtplan.warehouse.options import RAGE_CLICKS
from debtplan.workflows.corroborate import Corroboration
from debtplan.workflows.sync import sync_sources
from tests.docs.page import DOCS, codes, read_blocks, section, table_rows

PAGE = (DOCS / "consistency.md").read_text(encoding="utf-8")
RAW = "sign-in-raw-values"
RELEASED = date(2026, 10, 14)
NIGHTS = 180


def quoted(heading: str) -> list[list[str]]:
    """Return the lines of each text block under a heading."""
    blocks = read_blocks(section(PAGE, heading))
    return [list(block.lines) for block in blocks if block.language == "text"]


def scan_every_night(folder: Path) -> None:
    """Write a result of stylelint for each night, as the page tells it."""
    folder.mkdir(parents=True)
    for number in range(NIGHTS):
        day = moment(SAMPLE_DAY).date() - timedelta(days=NIGHTS + 1 - number)
        found = (60 if day >= RELEASED else 14) + (7 * number) % 3
        warnings = [{"rule": "color-no-hex", "severity": "error"}] * found
        text = json.dumps([{"source": "form.css", "warnings": warnings}])
        (folder / f"{day}.json").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    folder = tmp_path_factory.mktemp("nights") / "omni"
    shutil.copytree(sample_folder(), folder, ignore=shutil.ignore_patterns("*.db"))
    scan_every_night(folder / "scans" / "styles")
    file = folder / "debtplan.toml"
    added = next(one for one in read_blocks(PAGE) if one.language == "toml").text
    kept = added.partition("[metrics.axe]")[0]
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{kept}", encoding="utf-8")
    return load_settings(file)


@pytest.fixture(scope="module")
def store(loaded: Loaded) -> Iterator[Store]:
    with open_store("sqlite://", loaded.folder) as opened:
        sync_sources(feeds(loaded), opened, lambda: moment(SAMPLE_DAY))
        yield opened


@pytest.fixture(scope="module")
def found(loaded: Loaded, store: Store) -> Corroboration:
    return refresh_evidence(loaded, store, moment(SAMPLE_DAY))


@pytest.mark.slow
def test_the_chains_begin_with_the_raw_values_as_the_page_says(
    loaded: Loaded, found: Corroboration
) -> None:
    titles = {one.id: one.title for one in loaded.settings.metric}
    said = [say_chain(one, titles) for one in found.chains]
    assert said[:2] == quoted("## A series of every night")[0]


@pytest.mark.slow
def test_their_level_changed_with_the_release_as_the_page_says(found: Corroboration) -> None:
    (shift,) = [one for one in found.moves.shifts if one.metric == RAW]
    named = [f"{one.name} ({one.released_at.date()})" for one in found.releases_of(shift)]
    row = (RAW, shift.on, f"{shift.before:.0f}", f"{shift.after:.0f}", f"{shift.p:.2g}", *named)
    assert "  ".join(map(str, row)) == quoted("## A series of every night")[1][0]


@pytest.mark.slow
def test_links_to_sign_in_failures_are_spoken_for_and_no_harm_is_added(
    loaded: Loaded, store: Store, found: Corroboration
) -> None:
    assert found.moves.movements
    links = answers.settled_links(loaded, store, moment(SAMPLE_DAY))
    about = [one for one in links if one.metric == "login-errors"]
    said = "moves with Raw colours and sizes on sign-in, on the same day"
    assert about
    assert all(said in one.reasons for one in about)
    harms = {one.metric: one for one in answers.harms(loaded, store, moment(SAMPLE_DAY))}
    assert (harms[RAW].harm, harms[RAW].level, harms[RAW].is_beyond) == (None, 62.0, True)


def test_the_page_names_every_kind_scanner_rule_and_event() -> None:
    kinds = {codes(row[0])[0]: row[2] for row in table_rows(PAGE)}
    assert kinds == {kind.value: better_of(kind) for kind in CONSISTENCY}
    assert all(UNITS[kind].split()[-1] in PAGE for kind in CONSISTENCY)
    read = table_rows(section(PAGE, "## What is read"))
    assert {codes(row[0])[0] for row in read} == set(TOLD_BY)
    styles = next(row for row in read if "stylelint" in row[0])
    assert tuple(codes(styles[2])[1:]) == TOKEN_RULES
    assert set(RAGE_CLICKS) <= set(codes(section(PAGE, "## Rage clicks")))
