"""The folder that the tests of the command line start from."""

from pathlib import Path

import pytest

from tests.cli.shop import ITEMS, Shop


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A team's folder, and the tests inside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)  # as where nobody set a width
    found = Shop(tmp_path)
    found.settings()
    found.write("items.csv", ITEMS)
    return found
