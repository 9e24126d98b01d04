"""The walk-through of docs/live.md, walked: its commands, against stand-ins of its services.

The rules, which the page tells its readers in a comment: a command runs as it stands there; a line
that ends with a backslash goes on in the next one. The names of the services lead to stand-ins on
this machine, the day is the page's own, the variables that it exports hold the stand-ins' tokens,
and a heading that ends with "empty folder" opens one.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from debtplan.config.load import load_settings
from debtplan.metrics import LIVE_METRICS
from debtplan.sources import LIVE_SOURCES
from tests.docs.page import DOCS, Command, read_blocks, read_steps, section
from tests.docs.shell import check, write
from tests.live import omniretail
from tests.live.roads import lead_home, stop_the_clock
from tests.metrics.live.programs import prometheus
from tests.servers.github import TOKEN

PAGE = DOCS / "live.md"
TEXT = PAGE.read_text(encoding="utf-8")

_FOLDER = re.compile(r"^## (?:.*: )?[Aa]n(?:other)? empty folder$", re.MULTILINE)
_EXPORT = re.compile(r"^export (\w+)=", re.MULTILINE)


def parts() -> list[str]:
    """Return the parts of the page that start from an empty folder, as documents are read here.

    Every line stays where it is, so that a failure names the line of the page.
    """
    text = TEXT.replace("```shellsession\n", "```console\n")
    text = re.sub(r" \\\n +(.*\n)", r" \1\n", text)
    starts = [found.start() for found in _FOLDER.finditer(text)]
    ends = [*starts[1:], len(text)]
    return [
        "\n" * text[:start].count("\n") + text[start:end]
        for start, end in zip(starts, ends, strict=True)
    ]


@pytest.fixture(params=["a stand-in", pytest.param("a real one", marks=pytest.mark.heavy)])
def metrics(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Serve what the checkout counted."""
    if request.param == "a stand-in":
        with omniretail.prometheus() as server:
            yield server.url
        return
    folder = tmp_path / "real"
    folder.mkdir()
    with prometheus(folder, omniretail.samples()) as url:
        yield url


@pytest.fixture
def services(metrics: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Let the names of the page lead to stand-ins; gives the token of each variable."""
    with omniretail.jira() as jira, omniretail.github() as github:
        github._desk.url = "https://api.github.com"  # noqa: SLF001 - its next links name the host
        homes = {
            "omniretail.atlassian.net": jira.url,
            "api.github.com": github.url,
            "prometheus.omniretail.example": metrics,
        }
        lead_home(monkeypatch, homes)
        stop_the_clock(monkeypatch, omniretail.MONDAY)
        yield {"DEBTPLAN_JIRA_TOKEN": jira.options.token, "DEBTPLAN_GITHUB_TOKEN": TOKEN}


@pytest.mark.slow
def test_the_walk_through_goes_as_the_page_says(
    services: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, part in enumerate(parts()):
        folder = tmp_path / f"part-{number}"
        folder.mkdir()
        monkeypatch.chdir(folder)
        for name in _EXPORT.findall(part):
            monkeypatch.setenv(name, services[name])
        for step in read_steps(part):
            if isinstance(step, Command):
                check(step, PAGE.name)
            else:
                write(step, folder)


def test_the_walk_through_holds_every_command_of_a_first_day() -> None:
    jira, github = (
        [step.words.split()[1] for step in read_steps(part) if isinstance(step, Command)]
        for part in parts()
    )
    first_day = ("init", "doctor", "sync", "releases", "items", "metrics", "plan", "report", "run")
    assert tuple(dict.fromkeys(jira)) == first_day
    assert set(github) <= set(first_day)
    assert {"init", "doctor", "sync", "plan"} <= set(github)


SERVICES = {page.stem: page for page in (DOCS / "services").glob("*.md")}
FLOWS = "".join(
    f'\n[[flow]]\nid = "{name}"\nsessions_per_sprint = 1\n' for name in ("checkout", "login")
)


def test_every_service_that_can_be_asked_has_a_page() -> None:
    assert set(SERVICES) == {*LIVE_SOURCES, *LIVE_METRICS}


@pytest.mark.parametrize("name", SERVICES)
def test_the_settings_of_a_service_page_hold(name: str, tmp_path: Path) -> None:
    text = SERVICES[name].read_text(encoding="utf-8")
    shown = "\n".join(one.text for one in read_blocks(text) if one.language == "toml")
    file = tmp_path / "debtplan.toml"
    for settings in (shown, re.sub(r"^# (\w+ = )", r"\1", shown, flags=re.MULTILINE)):
        file.write_text(f"{settings}{FLOWS}", encoding="utf-8")
        loaded = load_settings(file).settings
        assert set(loaded.sources) | set(loaded.metrics) == {name}
        for metric in loaded.metric:
            assert metric.source == name


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_page_says_token_what_is_read_and_limits(name: str) -> None:
    text = SERVICES[name].read_text(encoding="utf-8")
    for heading in ("## Token", "## What is read", "## Limits"):
        assert f"\n{heading}\n" in text
    assert f"DEBTPLAN_{name.upper()}_TOKEN" in section(text, "## Token")
