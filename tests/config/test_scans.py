"""A scanner that is to tell a metric of another kind is refused when the settings are read."""

from pathlib import Path

import pytest

from debtplan.config.load import load_settings
from debtplan.errors import SettingsError

TEXT = """
[team.web]
capacity = 20

[[flow]]
id = "shop"
steps = ["pay"]

[[metric]]
id = "signal"
flow = "shop"
step = "pay"
kind = "{kind}"
target = {target}

[metrics.{name}]
path = "scans"
metric = "signal"
{type}
"""


def written(folder: Path, kind: str, name: str, type_: str = "", target: float = 0) -> Path:
    file = folder / "debtplan.toml"
    file.write_text(TEXT.format(kind=kind, name=name, type=type_, target=target), encoding="utf-8")
    return file


@pytest.mark.parametrize(("name", "type_"), [("stylelint", ""), ("styles", 'type = "stylelint"')])
def test_a_scanner_tells_its_own_kind_alone(name: str, type_: str, tmp_path: Path) -> None:
    loaded = load_settings(written(tmp_path, "off_token", name, type_, 12))
    assert loaded.settings.metric[0].target == 12
    with pytest.raises(SettingsError) as error:
        load_settings(written(tmp_path, "accessibility", name, type_))
    said = f"metrics.{name} reads stylelint, which tells off_token, but metric 'signal' is"
    assert said in str(error.value)


def test_a_table_of_any_other_type_may_tell_any_kind(tmp_path: Path) -> None:
    load_settings(written(tmp_path, "accessibility", "counts", 'type = "csv"'))
    load_settings(written(tmp_path, "error_rate", "counts", 'type = "csv"', 0.1))


def test_a_share_above_one_is_refused_at_its_place(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings(written(tmp_path, "adoption", "react-scanner", target=80))
    assert 'metric[1] "signal".target' in str(error.value)
    assert "is 80, and a share is at most 1" in str(error.value)
