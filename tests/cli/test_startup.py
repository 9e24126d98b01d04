"""`debtplan --help` is there at once: nothing heavy is loaded for it."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "altair",
    "debtplan.bootstrap",
    "debtplan.core.item",
    "duckdb",
    "fastapi",
    "highspy",
    "httpx",
    "jinja2",
    "numpy",
    "pandas",
    "pulp",
    "pydantic",
    "rich",
    "sqlalchemy",
    "sqlmodel",
    "statsmodels",
    "vl_convert",
)
CPU_LIMIT_S = 0.3

# Runs the command line and then lists what it has loaded.
PROBE = """\
import sys
from debtplan.cli.app import app
try:
    app(sys.argv[1:], prog_name="debtplan")
except SystemExit as end:
    assert end.code == 0, end.code
print("LOADED", *sorted(sys.modules), sep="\\n", file=sys.stderr)
"""


def loaded_by(*words: str) -> set[str]:
    """Return the modules that a run has loaded."""
    command = [sys.executable, "-c", PROBE, *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return set(done.stderr.partition("LOADED\n")[2].split())


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_and_version_load_nothing_heavy(word: str) -> None:
    found = loaded_by(word)
    assert "debtplan.cli.app" in found
    assert [name for name in HEAVY if name in found] == []


@pytest.mark.parametrize("command", ["demo", "init", "plan", "report", "sync"])
def test_the_help_of_a_command_loads_nothing_heavy(command: str) -> None:
    """Typer itself checks the options of a command with pydantic."""
    found = loaded_by(command, "--help")
    assert [name for name in HEAVY if name in found and name != "pydantic"] == []


def test_a_heavy_module_is_caught(tmp_path: Path) -> None:
    settings = tmp_path / "debtplan.toml"
    settings.write_text("[team.shop]\n", encoding="utf-8")
    found = loaded_by("--config", str(settings), "config", "show")
    assert {"pydantic", "sqlmodel"} <= found


def test_help_takes_little_cpu() -> None:
    """The least of three runs: the first may still compile."""
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "debtplan", "--help"], check=True, stdout=subprocess.DEVNULL
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(
            after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        )
    assert min(seconds) < CPU_LIMIT_S


@pytest.mark.slow
def test_settings_and_what_the_store_holds_are_shown_without_http(tmp_path: Path) -> None:
    settings = tmp_path / "debtplan.toml"
    live = '[sources.jira]\nsite = "https://jira.example.com"\n[notify.slack]\n'
    settings.write_text(f"[team.shop]\n{live}", encoding="utf-8")
    for words in (("config", "show"), ("items",)):
        found = loaded_by("--config", str(settings), *words)
        assert "debtplan.config.settings" in found
        assert not {"httpx", "stamina", "truststore"} & found
