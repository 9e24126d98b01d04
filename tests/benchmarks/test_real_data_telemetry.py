"""What docs say of the real faults, and of debt in real texts, is what the benchmarks find."""

import re
from pathlib import Path

import pytest

from benchmarks import debt_text
from benchmarks.telemetry import Named, find_telemetry, name_causes
from tests.docs.page import DOCS, section, table_rows

pytestmark = pytest.mark.slow

REAL = (DOCS / "real-data.md").read_text(encoding="utf-8")
LINKS = (DOCS / "links.md").read_text(encoding="utf-8")


def places(found: list[Named]) -> list[int]:
    """Return how many faults there are, and how many name the true service first, among three."""
    ranks = ([one.by_level for one in found], [one.by_movement for one in found])
    told = [len(found)]
    for some in ranks:
        known = [rank for rank in some if rank is not None]
        told += [sum(rank == 1 for rank in known), sum(rank <= 3 for rank in known)]
    return told


def test_the_table_of_faults_is_what_is_found(data_dir: Path) -> None:
    telemetry = find_telemetry(data_dir)
    if telemetry is None or not telemetry.faults:
        pytest.skip("no telemetry/petshop in the data folder")
    causes = list(name_causes(telemetry))
    text = section(REAL, "## Evidence on real series").partition("**Injected faults.**")[2]
    told = {row[0]: [int(cell) for cell in row[1:]] for row in table_rows(text)}
    assert told == {
        "latency": places([one for one in causes if one.metric == "latency"]),
        "availability": places([one for one in causes if one.metric == "availability"]),
        "all": places(causes),
    }


def test_the_page_says_how_much_debt_is_found_in_real_texts(data_dir: Path) -> None:
    figures = {one.figure: one.value for one in debt_text.measure(data_dir)}
    if not figures:
        pytest.skip("no backlogs/debt_text in the data folder")
    plain = " ".join(section(LINKS, "## Items that read like debt").split())
    named = {key: figures[f"debt text, held out: {key}"] for key in ("recall", "precision")}
    said = f"it finds {named['recall']:.0%} of the debt, and {named['precision']:.0%} of what it"
    assert said in plain
    assert f"the list is right in {figures['debt text, held out: accuracy']:.0%}" in plain
    texts = [one for one in debt_text.read_texts(data_dir) if one.is_held_out]
    chance = sum(one.is_debt for one in texts) / len(texts)
    assert f"by chance that would be {chance:.0%}" in plain
    assert f"right in {1 - chance:.0%} of the texts and finds none" in plain
    assert f"the {len({one.project for one in texts})} projects that it never saw" in plain
    table = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    row = re.search(r"\| links \| \"this is debt\"[^|]*\| ([0-9.]+) / ([0-9.]+) \|", table)
    assert row is not None
    assert row.groups() == (f"{named['precision']:.2f}", f"{named['recall']:.2f}")
