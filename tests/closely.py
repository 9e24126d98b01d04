"""Backlogs of 60 items that are answered as very large ones are: closely, by a dive alone."""

import pytest

from debtplan.engines import closing, explorer, near


def answer_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take 50 candidates for many, search no further than the dive, and let half the value do."""
    monkeypatch.setattr(explorer, "LARGE", 50)
    monkeypatch.setattr(explorer, "LARGE_PARTS", 0)
    monkeypatch.setattr(near, "MOST_PARTS", 0)
    monkeypatch.setattr(explorer, "CLOSE", 0.5)
    monkeypatch.setattr(explorer, "WORLD_CLOSE", 0.5)
    monkeypatch.setattr(closing, "MANY", 40)
    monkeypatch.setattr(closing, "DIVE", 20)
