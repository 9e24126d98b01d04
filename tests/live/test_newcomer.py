"""A newcomer's mistakes: each is named, what to do stands beside it, the rest goes on."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.shop import Ran, Shop
from tests.docs.page import DOCS, codes, section, table_rows
from tests.live import omniretail
from tests.live.roads import lead_home, stop_the_clock
from tests.servers.harness import FakeServer, Reply
from tests.servers.jira import FakeJira

pytestmark = pytest.mark.slow

JIRA, METRICS = "https://omniretail.atlassian.net", "https://prometheus.omniretail.example"
TABLE = section((DOCS / "live.md").read_text(encoding="utf-8"), "## When something is missing")


@dataclass
class Team:
    """A team's folder after init, and its services."""

    shop: Shop
    jira: FakeJira
    prometheus: FakeServer
    patch: pytest.MonkeyPatch

    def change(self, old: str, new: str) -> None:
        file = self.shop.folder / "debtplan.toml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, words: str) -> Ran:
        return self.shop.run(*words.split())


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    with omniretail.jira() as jira, omniretail.prometheus() as prometheus:
        homes = {
            "omniretail.atlassian.net": jira.url,
            "api.atlassian.com": jira.url,
            "prometheus.omniretail.example": prometheus.url,
        }
        lead_home(monkeypatch, homes)
        stop_the_clock(monkeypatch, omniretail.MONDAY)
        monkeypatch.setattr(time, "sleep", lambda _: None)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("DEBTPLAN_JIRA_TOKEN", jira.options.token)
        made = Team(Shop(tmp_path), jira, prometheus, monkeypatch)
        where = f"--team checkout --tracker {JIRA} --prometheus {METRICS} --project OMNI --board 42"
        ran = made.run(f"init {where} --email ada@example.com")
        assert ran.code == 0, ran.said
        yield made


def wrong_token(team: Team) -> None:
    team.patch.setenv("DEBTPLAN_JIRA_TOKEN", "wrong-token-123")


def no_token(team: Team) -> None:
    team.patch.delenv("DEBTPLAN_JIRA_TOKEN")


def wrong_project(team: Team) -> None:
    team.change('"OMNI"', '"OMNO"')


def wrong_board(team: Team) -> None:
    team.change("jira:42", "jira:43")


def prometheus_down(team: Team) -> None:
    lead_home(team.patch, {"prometheus.omniretail.example": "http://127.0.0.1:9"})


def login_page(team: Team) -> None:
    page = Reply(200, b"<html>Sign in</html>", {"Content-Type": "text/html"})
    team.jira.faults.append(lambda _: page)


MISTAKES: dict[str, Callable[[Team], None]] = {
    "the token": wrong_token,
    "there is no token": no_token,
    "the project's key": wrong_project,
    "the board's number": wrong_board,
    "Prometheus is down": prometheus_down,
    "a login page stands in between": login_page,
}


def test_the_page_names_every_mistake() -> None:
    assert [row[0] for row in table_rows(TABLE)] == list(MISTAKES)


@pytest.mark.parametrize("row", table_rows(TABLE), ids=lambda row: row[0])
def test_a_mistake_is_named_with_what_to_do(team: Team, row: list[str]) -> None:
    MISTAKES[row[0]](team)
    (sentence,) = codes(row[1])
    looked = team.run("doctor")
    assert looked.code == 1
    lines = looked.out.splitlines()
    at = next(number for number, line in enumerate(lines) if sentence in line)
    assert lines[at].startswith("MEND")
    assert "-> " in lines[at + 1]
    synced = team.run("sync")
    assert synced.code == int(row[2]), synced.said
    assert "Traceback" not in synced.said
    ran = team.run("run")
    assert ran.code in {2, int(row[2])}, ran.said


def test_a_good_start_needs_no_mending(team: Team) -> None:
    looked = team.run("doctor")
    assert looked.code == 0, looked.out
    assert "Run `debtplan sync`" in looked.out
    assert team.run("sync").code == 0
    assert team.run("doctor").code == 0


def test_one_source_down_marks_the_plan_and_leaves_the_others(team: Team) -> None:
    assert team.run("sync").code == 0
    prometheus_down(team)
    team.jira.store.create("OMNI", "Written since", labels=("tech-debt",))
    assert team.run("sync").code == 5
    assert "Written since" in team.run("items").out
    planned = team.run("plan -o plan.json")
    assert planned.code == 5
    plan = json.loads((team.shop.folder / "plan.json").read_text(encoding="utf-8"))
    states = {one["name"]: one["status"] for one in plan["sources"]}
    trackers = dict.fromkeys(("jira", "jira:releases", "sprints:checkout"), "ok")
    assert states == {**trackers, "prometheus": "failed"}
    assert plan["chosen"][0]["key"] == "jira:OMNI-12"
    assert team.run("run").code == 5
