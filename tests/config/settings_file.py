"""A small settings file, and changes to it."""

from pathlib import Path

from debtplan.config.load import load_settings
from debtplan.config.settings import Loaded

SETTINGS = """\
[team.web]
capacity = 40

[[flow]]
id = "shop"
steps = ["pay", "find"]
sessions_per_sprint = 10000

[[metric]]
id = "pay-errors"
flow = "shop"
step = "pay"
kind = "error_rate"
target = 0.01
"""


def load(folder: Path, extra: str = "", text: str = SETTINGS) -> Loaded:
    """The settings with something added at the end."""
    path = folder / "debtplan.toml"
    path.write_text(f"{text}\n{extra}\n", encoding="utf-8")
    return load_settings(path)
