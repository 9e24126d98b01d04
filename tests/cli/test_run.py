"""debtplan run: what a scheduler sees of it, in processes of their own where that matters."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from debtplan.bootstrap import adapters, answers
from debtplan.bootstrap.runs import safe_name, sprint_folder
from debtplan.core.account import RunAccount
from debtplan.core.plan import SprintRef
from tests.cli.shop import DAY, ITEMS, Ran, Shop
from tests.servers.harness import FakeServer, Reply

SPRINTS = """\
id,name,start_on,end_on,completed
47,Sprint 47,2026-11-02,2026-11-13,40
48,Sprint 48,2026-11-16,2026-11-27,40
"""
CALENDAR = {"capacity = 40": 'capacity = 40\nsprints = "sprints.csv"'}
HOOK = '\n[notify.hook]\ntype = "webhook"\n'


def account(shop: Shop, out: str = "plans") -> dict[str, Any]:
    """run.json, which always holds what its schema says."""
    text = (shop.folder / out / "run.json").read_text(encoding="utf-8")
    RunAccount.model_validate_json(text)
    found: dict[str, Any] = json.loads(text)
    return found


def files(shop: Shop) -> dict[str, tuple[bytes, int]]:
    """Content and time of every file of the plans but run.json."""
    found = sorted((shop.folder / "plans").rglob("*.*"))
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in found
        if path.is_file() and path.name != "run.json"
    }


@pytest.fixture
def planned(shop: Shop) -> Shop:
    """A shop with a calendar: sprint 49 starts on 30 November."""
    shop.write("sprints.csv", SPRINTS)
    shop.settings(changes=CALENDAR)
    return shop


@pytest.fixture
def hook(planned: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    """A webhook that takes everything."""
    planned.settings(HOOK, CALENDAR)
    with FakeServer(lambda _: Reply(204)) as server:
        monkeypatch.setenv("DEBTPLAN_HOOK_URL", f"{server.url}/in/" + "canary-0123456789")
        yield server


def test_a_run_leaves_a_plan_in_every_form_and_says_so(planned: Shop) -> None:
    ran = planned.run("run", "--as-of", DAY)
    assert ran.code == 0, ran.said
    assert ran.out.strip().splitlines()[-1] == (
        "debtplan run: shop: plan for Sprint 49 new | 2 sources read | exit 0"
    )
    folder = planned.folder / "plans" / "shop" / "Sprint-49"
    assert sorted(one.name for one in folder.iterdir()) == [
        *("items.csv", "plan.json", "report.html", "report.md"),
    ]
    told = account(planned)
    (team,) = told["teams"]
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert team["digest"] == plan["digest"]
    assert team["files"][0] == "shop/Sprint-49/plan.json"
    assert {one["name"]: one["records"] for one in told["sources"]} == {"csv": 5, "sprints:shop": 2}
    assert told["exit_code"] == 0
    assert told["started_at"] <= told["ended_at"]
    assert planned.run("verify", str(folder / "report.html")).code == 0


@pytest.mark.slow
def test_a_second_run_changes_no_file_and_tells_nobody(planned: Shop, hook: FakeServer) -> None:
    first = planned.run("run", "--as-of", DAY)
    before, told = files(planned), account(planned)
    second = planned.run("run", "--as-of", DAY)
    assert (first.code, second.code) == (0, 0)
    assert files(planned) == before
    assert account(planned)["teams"][0]["digest"] == told["teams"][0]["digest"]
    assert account(planned)["teams"][0]["notified"] == {"hook": "skipped"}
    assert "unchanged, hook skipped" in second.out
    assert len(hook.log) == 1


@pytest.mark.slow
def test_changed_data_tells_what_changed_once(planned: Shop, hook: FakeServer) -> None:
    planned.run("run", "--as-of", DAY)
    planned.write("items.csv", ITEMS.replace("typed,3", "typed,4"))
    planned.run("run", "--as-of", DAY)
    planned.run("run", "--as-of", DAY)
    first, second = (seen.json for seen in hook.log)
    assert first["change"]["is_first"]
    assert not second["change"]["is_first"]
    assert [one["key"] for one in second["change"]["resized"]] == ["csv:A-1"]
    assert second["id"] == account(planned)["teams"][0]["digest"]


@pytest.mark.slow
def test_no_notify_tells_nobody_and_the_next_run_does(planned: Shop, hook: FakeServer) -> None:
    ran = planned.run("run", "--as-of", DAY, "--no-notify")
    assert ran.code == 0
    assert hook.log == []
    assert account(planned)["teams"][0]["notified"] == {}
    planned.run("run", "--as-of", DAY)
    assert len(hook.log) == 1


@pytest.mark.slow
def test_a_notifier_that_fails_leaves_the_plan(planned: Shop, hook: FakeServer) -> None:
    hook.faults.append(lambda _: Reply(404, b"no such hook"))
    ran = planned.run("run", "--as-of", DAY)
    assert ran.code == 5
    assert "(404: no such hook)" in ran.err
    assert account(planned)["teams"][0]["notified"] == {"hook": "failed"}
    assert len(files(planned)) == 4
    assert "canary" not in ran.said + json.dumps(account(planned))
    hook.faults.clear()
    again = planned.run("run", "--as-of", DAY)
    assert again.code == 0
    assert account(planned)["teams"][0]["notified"] == {"hook": "sent"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("\n[notify.mine]\n", "[notify.mine] says no type"),
        ('\n[notify.slack]\nteams = ["shoop"]\n', "Did you mean 'shop'?"),
    ],
)
def test_a_notifier_that_is_none_is_found_out_first(shop: Shop, more: str, said: str) -> None:
    shop.settings(more)
    ran = shop.run("run", "--as-of", DAY)
    assert ran.code == 2
    assert said in ran.err
    assert account(shop)["sources"] == []


@pytest.mark.slow
def test_a_notifier_without_its_secret_leaves_the_plan(shop: Shop) -> None:
    shop.settings("\n[notify.slack]\n")
    ran = shop.run("run", "--as-of", DAY)
    assert ran.code == 5
    assert "DEBTPLAN_SLACK_URL is not set" in ran.err
    assert account(shop)["teams"][0]["plan_id"]


@pytest.mark.slow
def test_the_address_of_a_webhook_is_nowhere_afterwards(planned: Shop, hook: FakeServer) -> None:
    said = planned.run("run", "--as-of", DAY).said
    hook.faults.append(lambda seen: Reply(500, f"no {seen.path}".encode()))
    planned.write("items.csv", ITEMS.replace("typed,3", "typed,4"))
    said += planned.run("run", "--as-of", DAY).said
    assert account(planned)["teams"][0]["notified"] == {"hook": "unknown"}
    assert "canary" not in said
    for path in planned.folder.rglob("*"):
        assert path.is_dir() or b"canary" not in path.read_bytes(), path


@pytest.mark.slow
def test_a_source_that_fails_is_told_once_and_the_plan_is_made_of_the_rest(
    planned: Shop, hook: FakeServer
) -> None:
    planned.run("run", "--as-of", DAY)
    (planned.folder / "items.csv").rename(planned.folder / "gone.csv")
    ran = planned.run("run", "--as-of", DAY)
    assert ran.code == 5
    assert "csv failed" in ran.out
    assert account(planned)["teams"][0]["plan_id"]
    planned.run("run", "--as-of", DAY)
    failures = [seen.json for seen in hook.log if seen.json["kind"] == "failure"]
    assert len(failures) == 1
    assert failures[0]["failures"][0]["scope"] == "source csv"


@pytest.mark.slow
def test_a_missed_sprint_is_planned_first(planned: Shop, hook: FakeServer) -> None:
    ran = planned.run("run", "--as-of", "2026-12-01")
    assert ran.code == 0, ran.said
    rows = account(planned)["teams"]
    assert [(row["sprint"]["name"], row["is_late"]) for row in rows] == [
        ("Sprint 49", True),
        ("Sprint 50", False),
    ]
    assert [seen.json["is_late"] for seen in hook.log] == [True, False]
    assert "Sprint 49 new, late" in ran.out


@pytest.mark.slow
def test_a_sprint_that_was_missed_for_longer_is_left(planned: Shop) -> None:
    planned.run("run", "--as-of", "2026-12-03")
    assert [row["sprint"]["name"] for row in account(planned)["teams"]] == ["Sprint 50"]


@pytest.mark.slow
def test_a_guessed_sprint_was_never_missed(shop: Shop) -> None:
    shop.run("run", "--as-of", "2026-11-24")
    assert [row["is_late"] for row in account(shop)["teams"]] == [False]


@pytest.mark.parametrize(
    ("now", "sprint"),
    [
        ("2026-11-30T23:59:00+00:00", "Sprint 49"),
        ("2026-12-01T00:01:00+00:00", "Sprint 49"),
        ("2026-12-03T00:01:00+00:00", "Sprint 50"),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.slow
def test_today_is_the_day_in_utc_wherever_the_machine_stands(
    planned: Shop, monkeypatch: pytest.MonkeyPatch, now: str, sprint: str, zone: str
) -> None:
    import time

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    at = datetime.fromisoformat(now).astimezone(UTC)
    for module in (adapters, answers):
        monkeypatch.setattr(module, "now", lambda: at)
    assert planned.run("run").code == 0
    assert account(planned)["teams"][0]["sprint"]["name"] == sprint


def test_every_team_gets_its_own_folder_and_one_may_be_asked_for(shop: Shop) -> None:
    team = '\n[team."../evil/team"]\ncapacity = 20\nmatch = { label = ["other"] }\n'
    shop.settings(team)
    ran = shop.run("run", "--as-of", DAY)
    rows = {row["team"]: row for row in account(shop)["teams"]}
    assert set(rows) == {"shop", "../evil/team"}
    assert "backlog of team" in rows["../evil/team"]["errors"][0] or rows["../evil/team"]["files"]
    assert ran.code in {0, 2}
    assert not (shop.folder.parent / "evil").exists()
    assert {one.name for one in shop.folder.iterdir()} <= {
        *("debtplan.toml", "items.csv", "plans", "debtplan.db", "debtplan.db.lock"),
        *("debtplan.db-wal", "debtplan.db-shm"),
    }
    shop.run("run", "--as-of", DAY, "--team", "shop")
    assert [row["team"] for row in account(shop)["teams"]] == ["shop"]


@pytest.mark.parametrize(
    "text",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "..",
        ".",
        "",
        "a/b",
        "a\\b",
        "a\x00b",
        "x" * 500,
        "\u202ex",
    ],
)
def test_a_name_becomes_one_folder_below_its_own(text: str) -> None:
    made = safe_name(text)
    assert made
    assert not made.startswith(".")
    assert "/" not in made
    assert "\\" not in made
    assert "\0" not in made
    assert len(made.encode()) < 255


def test_different_names_become_different_folders() -> None:
    texts = ["a/b", "a b", "a?b", "../a", "./a", "x" * 80, "x" * 81]
    assert len({safe_name(text) for text in texts}) == len(texts)
    day = datetime(2026, 11, 30, tzinfo=UTC).date()
    one, other = (
        SprintRef(id=id_, name="Sprint 49", start_on=day, end_on=day) for id_ in ("1", "2")
    )
    assert sprint_folder(one) == "Sprint-49-1"
    assert sprint_folder(other) == "Sprint-49-2"


def test_settings_that_do_not_hold_are_in_run_json_where_that_has_a_place(shop: Shop) -> None:
    shop.write("debtplan.toml", "[team.shop]\ncapacity = -1\n")
    ran = shop.run("run", "--out", "there")
    assert ran.code == 2
    told = account(shop, "there")
    assert told["exit_code"] == 2
    assert told["errors"]
    assert "exit 2" in ran.out
    assert shop.run("run").code == 2


def test_a_webhook_address_in_the_settings_is_refused_without_showing_it(shop: Shop) -> None:
    shop.settings('\n[notify.slack]\nurl = "https://hooks.example.com/' + 'canary-0123456789"\n')
    ran = shop.run("run")
    assert ran.code == 2
    assert "DEBTPLAN_NAME_URL" in ran.err
    assert "canary" not in ran.said


def test_a_folder_that_cannot_be_written_is_found_out_before_anything_is_read(shop: Shop) -> None:
    shop.write("plans", "a file")
    ran = shop.run("run", "--as-of", DAY)
    assert ran.code == 2
    assert "cannot be written" in ran.err
    assert shop.run("items", "--format", "json").out.count('"key"') == 0


def test_without_a_source_the_run_fails_and_says_what_to_add(shop: Shop) -> None:
    shop.settings(changes={'[sources.csv]\npath = "items.csv"\n': ""})
    ran = shop.run("run", "--as-of", DAY)
    assert ran.code == 2
    assert "No source is set" in account(shop)["errors"][0]


@contextmanager
def running(shop: Shop, *words: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """A run in a process of its own, ended with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "debtplan", "run", "--as-of", DAY, *words],
        cwd=shop.folder,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[bytes]) -> Ran:
    out, err = process.communicate(timeout=60)
    return Ran(process.returncode, out.decode(), err.decode())


@contextmanager
def stalled(hook: FakeServer) -> Iterator[tuple[threading.Event, threading.Event]]:
    """A hook that has got a message, and answers when it may."""
    arrived, may_answer = threading.Event(), threading.Event()

    def fault(_: object) -> Reply:
        arrived.set()
        return Reply(204, waits_for=may_answer)

    hook.faults.append(fault)
    try:
        yield arrived, may_answer
    finally:
        may_answer.set()
        hook.faults.clear()


@pytest.mark.slow
def test_of_two_runs_at_once_one_works_and_the_other_ends_at_once(
    planned: Shop, hook: FakeServer
) -> None:
    with stalled(hook) as (arrived, may_answer), running(planned) as first:
        assert arrived.wait(60)
        before = (planned.folder / "plans" / "run.json").read_bytes()
        second = planned.spawn("run", "--as-of", DAY)
        assert second.code == 75
        assert "Another run is at work" in second.err
        assert (planned.folder / "plans" / "run.json").read_bytes() == before
        assert first.poll() is None
        may_answer.set()
        assert ended(first).code == 0
    assert len(hook.log) == 1
    assert planned.spawn("run", "--as-of", DAY).code == 0


@pytest.mark.slow
def test_a_run_that_is_killed_while_it_tells_is_not_told_again(
    planned: Shop, hook: FakeServer
) -> None:
    with stalled(hook) as (arrived, _), running(planned) as first:
        assert arrived.wait(60)
        first.send_signal(signal.SIGKILL)
        assert ended(first).code == -signal.SIGKILL
    cut = account(planned)
    assert (cut["exit_code"], cut["ended_at"]) == (None, None)
    again = planned.spawn("run", "--as-of", DAY)
    assert again.code == 0
    assert account(planned)["teams"][0]["notified"] == {"hook": "unknown"}
    assert len(hook.log) == 1


@pytest.mark.slow
def test_a_run_is_over_when_its_time_is(planned: Shop, hook: FakeServer) -> None:
    planned.settings(f"{HOOK}timeout_s = 60\n[run]\ntotal_s = 10\n", CALENDAR)
    with stalled(hook) as (arrived, _), running(planned) as first:
        assert arrived.wait(60)
        hook.faults[:] = [lambda _: Reply(204)]
        ran = ended(first)
    assert ran.code == 1
    assert "total_s under [run]" in ran.err
    told = account(planned)
    assert told["exit_code"] == 1
    assert told["told"] == {"hook": "sent"}
    assert told["teams"][0]["plan_id"]
    assert [seen.json["kind"] for seen in hook.log] == ["plan", "failure"]


STUCK = """
import sys, threading
from debtplan.engines import backend
never = threading.Event()
def stuck(self, *rest, **more):
    while True:
        try:
            never.wait()
        except BaseException:
            pass  # as code that never comes back to Python
backend.HighsBackend.solve = stuck
from debtplan.__main__ import main
sys.argv[0] = "debtplan"
main()
"""


@pytest.mark.slow
def test_a_solver_that_never_comes_back_is_ended_by_force(planned: Shop) -> None:
    planned.settings("\n[run]\ntotal_s = 8\n", CALENDAR)
    done = subprocess.run(
        [sys.executable, "-c", STUCK, "run", "--as-of", DAY],
        cwd=planned.folder,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert b"ended by force after 8 s" in done.stderr
    assert b"exit 1" in done.stdout.splitlines()[-1]
    told = account(planned)
    assert told["exit_code"] == 1
    assert "by force" in told["errors"][-1]
    assert [one["name"] for one in told["sources"]] == ["csv", "sprints:shop"]
    planned.settings(changes=CALENDAR)
    assert planned.spawn("run", "--as-of", DAY).code == 0, "it held no lock any more"


def test_the_lines_of_an_error_stay_one_line_at_the_end(planned: Shop) -> None:
    planned.settings(changes={"capacity = 40": 'sprints = "none.csv"'})
    ran = planned.run("run", "--as-of", DAY)
    assert ran.code != 0
    assert ran.out.count("\n") == 1


@pytest.mark.slow
def test_the_files_of_a_run_stay_in_its_folder(planned: Shop, tmp_path: Path) -> None:
    planned.run("run", "--as-of", DAY, "--out", "elsewhere/deep")
    assert (planned.folder / "elsewhere" / "deep" / "run.json").is_file()
    assert not (planned.folder / "plans").exists()
