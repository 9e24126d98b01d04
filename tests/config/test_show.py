"""The settings in force, each with where it comes from."""

import tomllib
from pathlib import Path

from debtplan.config.show import show_settings
from tests.config.settings_file import load


def shown(folder: Path, extra: str = "", *, origin: bool = False) -> dict[str, str]:
    """What is shown, by place."""
    lines = show_settings(load(folder, extra), with_origin=origin)
    return dict(line.split(" = ", 1) for line in lines)


def test_defaults_are_shown_too(tmp_path: Path) -> None:
    found = shown(tmp_path)
    assert found["reserve.ceiling"] == "0.15"
    assert found["reserve.window"] == '"auto"'
    assert found["team.web.capacity"] == "40.0"
    assert found["team.web.match"] == "(not set)"
    assert found["flow[1].steps"] == '["pay", "find"]'
    assert found["team.web.pinned"] == "[]"


def test_each_value_says_where_it_comes_from(tmp_path: Path) -> None:
    found = shown(tmp_path, "[reserve]\nfloor = 0.05", origin=True)
    assert found["reserve.floor"].endswith("debtplan.toml")
    assert found["reserve.ceiling"].endswith("# default")
    assert "debtplan.toml" in found["flow[1].sessions_per_sprint"]


def test_a_text_is_shown_as_toml_reads_it(tmp_path: Path) -> None:
    extra = '[weights]\ncurrency = "a\\"b\\\\c\\td"'
    found = shown(tmp_path, extra)
    assert tomllib.loads(f"x = {found['weights.currency']}")["x"] == 'a"b\\c\td'
