"""`debtplan plan --all-teams`: every team's plan and their total, whoever computes them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from debtplan.bootstrap.crew import open_crew
from debtplan.core.document import parse_plan
from debtplan.core.plan import Plan
from debtplan.errors import DebtplanError
from debtplan.workflows import jointly
from debtplan.workflows.plan import make_plan
from tests.cli.company import IDLE, TEAMS, found
from tests.cli.shop import DAY, Ran, Shop

ALL = ("plan", "--all-teams", "--as-of", DAY)


def document(ran: Ran) -> Any:
    assert ran.code in {0, 5}, ran.err
    return json.loads(ran.out)


def without_seconds(text: str) -> Any:
    """The document but for what belongs to the run."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            run = {"seconds", "created_at", "fetched_at"}
            return {key: plain(one) for key, one in value.items() if key not in run}
        return [plain(one) for one in value] if isinstance(value, list) else value

    return plain(json.loads(text))


@pytest.mark.slow
def test_every_team_has_a_line_and_the_total_counts_each_session_once(shop: Shop) -> None:
    ran = found(shop).run(*ALL, "--workers", "1")
    assert ran.code == 0, ran.err
    lines = {line.split("  ")[0]: line.split() for line in ran.out.splitlines() if line}
    assert lines["checkout"][-2:] == ["optimal", "payments"]
    assert lines["payments"][-2:] == ["optimal", "checkout"]
    assert lines["search"][-1] == "optimal"
    assert "Several teams at once" in lines
    total = document(shop.run(*ALL, "--workers", "1", "--format", "json"))["total"]
    plans = document(shop.run(*ALL, "--workers", "1", "--format", "json"))["teams"]
    assert sum(one["ux_value"] for one in plans) == pytest.approx(
        total["ux_value"] - total["shared"]
    )
    assert (total["teams"], total["failed"], total["status"]) == (3, 0, "optimal")
    assert total["shared"] > 0


@pytest.mark.slow
def test_the_document_holds_every_plan_as_it_is(shop: Shop) -> None:
    data = document(found(shop).run(*ALL, "--workers", "1", "--format", "json"))
    assert (data["schema_version"], data["failed"]) == (1, [])
    plans = [parse_plan(json.dumps(one)) for one in data["teams"]]
    assert [one.team for one in plans] == ["checkout", "payments", "search"]
    assert [one["digest"] for one in data["lines"]] == [one.digest for one in plans]
    kept = {key for one in plans for key in (row.key for row in one.chosen)}
    assert {"csv:A-1", "csv:B-2"} <= kept


@pytest.mark.slow
def test_every_team_gets_its_files_and_they_prove_themselves(shop: Shop) -> None:
    ran = found(shop).run(*ALL, "--workers", "1", "-o", "out")
    assert ran.code == 0, ran.err
    for team in ("checkout", "payments", "search"):
        assert shop.run("verify", f"out/{team}/plan.json").code == 0, team
        assert shop.run("verify", f"out/{team}/report.html").code == 0, team
    data = json.loads((shop.folder / "out/portfolio.json").read_text())
    assert [one["team"] for one in data["teams"]] == ["checkout", "payments", "search"]


@pytest.mark.slow
def test_a_team_that_depends_on_nobody_gets_the_plan_it_gets_alone(shop: Shop) -> None:
    data = document(found(shop).run(*ALL, "--workers", "1", "--format", "json"))
    alone = shop.run("plan", "--team", "search", "--as-of", DAY, "--format", "json")
    assert parse_plan(alone.out).digest == data["lines"][2]["digest"]


@pytest.mark.slow
def test_plans_are_kept_and_a_change_is_told_once(shop: Shop) -> None:
    found(shop)
    told = (*ALL, "--workers", "1", "--detailed-exitcode")
    assert [shop.run(*told).code, shop.run(*told).code] == [3, 0]


@pytest.mark.slow
def test_a_team_without_capacity_is_named_and_leaves_the_others(shop: Shop) -> None:
    ran = found(shop, IDLE).run(*ALL, "--workers", "1")
    assert ran.code == 5
    assert "Team idle has no plan: The capacity of team 'idle' is not known" in ran.out
    assert "search" in ran.out
    data = document(shop.run(*ALL, "--workers", "1", "--format", "json"))
    assert [(one["team"], one["exit_code"]) for one in data["failed"]] == [("idle", 2)]


def test_where_no_team_has_a_plan_its_own_code_stands(shop: Shop) -> None:
    shop.settings(changes={"[team.shop]\ncapacity = 40": "[team.shop]"})
    ran = shop.synced("plan", "--all-teams")
    assert ran.code == 2
    assert "Team shop has no plan" in ran.out


@pytest.mark.slow
def test_rules_that_contradict_each_other_are_worse_than_partial_data(shop: Shop) -> None:
    pins = TEAMS.replace("capacity = 20", 'capacity = 20\npinned = ["S-1", "S-2"]')
    found(shop)
    shop.settings(IDLE, changes={"[team.shop]\ncapacity = 40\n": pins})
    ran = shop.run(*ALL, "--workers", "1")
    assert ran.code == 6
    assert "csv:S-1 pinned; csv:S-2 pinned" in ran.out


@pytest.mark.slow
def test_an_item_that_two_teams_match_goes_to_the_first_and_both_say_so(shop: Shop) -> None:
    found(shop)
    rows = shop.folder / "items.csv"
    rows.write_text(rows.read_text().replace("2,checkout;ux", "2,checkout;payments;ux"))
    assert shop.run("sync").code == 0
    plans = document(shop.run(*ALL, "--workers", "1", "--format", "json"))["teams"]
    holders = [p["team"] for p in plans if "csv:A-2" in {i["key"] for i in p["inputs"]["items"]}]
    assert holders == ["checkout"]
    remarks = {p["team"]: {row["ref"] for row in p["skipped"]} for p in plans}
    assert [team for team, refs in remarks.items() if "csv:A-2" in refs] == ["checkout", "payments"]


def test_one_team_alone_says_whose_backlog_holds_what_it_waits_for(shop: Shop) -> None:
    ran = found(shop).run("plan", "--team", "checkout", "--as-of", DAY, "--format", "json")
    row = next(one for one in parse_plan(ran.out).passed_over if one.key == "csv:A-1")
    assert row.detail == (
        "waits for csv:B-2, which team payments has in its backlog; `--all-teams` plans both "
        "together"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--team", "search"), "exclude each other"),
        (("--format", "html"), "no form 'html'"),
        (("-o", "one", "-o", "two"), "one folder"),
        (("-o", "items.csv"), "is a file"),
        (("-o", "plans.html"), "looks like a file"),
        (("--workers", "0"), "cannot be 0 workers"),
        (("--executor", "dask://nowhere"), "no address"),
        (("--executor", "ray://127.0.0.1:1"), "no address"),
        (("--executor", "dask://127.0.0.1:1", "--workers", "2"), "exclude each other"),
    ],
)
@pytest.mark.slow
def test_what_cannot_be_asked_is_said(shop: Shop, words: tuple[str, ...], said: str) -> None:
    ran = found(shop).run(*ALL, *words)
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.parametrize("words", [("--workers", "2"), ("--executor", "dask://127.0.0.1:1")])
def test_options_of_all_teams_say_so_without_it(shop: Shop, words: tuple[str, ...]) -> None:
    ran = found(shop).run("plan", "--team", "search", *words)
    assert (ran.code, "Add --all-teams" in ran.err) == (2, True)


def test_a_cluster_without_dask_says_what_to_install(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    ran = found(shop).run(*ALL, "--executor", "dask://127.0.0.1:8786")
    assert ran.code == 2
    assert "pip install 'debtplan[dask]'" in ran.err


@pytest.mark.slow
def test_a_failing_team_in_the_middle_leaves_nothing_half_done(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = make_plan

    def failing(inputs: Any, planner: Any) -> Plan:
        if inputs.team == "payments":
            raise DebtplanError("The disk of payments is full.", "Free some space.")
        return make(inputs, planner)

    monkeypatch.setattr(jointly, "make_plan", failing)
    ran = found(shop).run(*ALL, "--workers", "1", "-o", "out")
    assert ran.code == 1
    assert "Team payments has no plan: The disk of payments is full." in ran.out
    made = parse_plan((shop.folder / "out/checkout/plan.json").read_text())
    assert made.inputs.beside is None


@pytest.mark.heavy
def test_the_number_of_workers_changes_nothing(shop: Shop) -> None:
    texts = []
    for words in (("--workers", "1"), ("--workers", "2"), ()):
        ran = found(shop, IDLE).spawn(*ALL, "--format", "json", *words)
        assert ran.code == 5, ran.err
        texts.append(without_seconds(ran.out))
    assert texts[0] == texts[1] == texts[2]


@pytest.mark.heavy
def test_an_interruption_ends_at_once_and_leaves_no_worker(tmp_path: Path) -> None:
    script = tmp_path / "long.py"
    script.write_text(LONG, encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        # Who is started in the background ignores interruptions, and so do its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one thread
    )
    assert child.stdout is not None
    workers = [int(child.stdout.readline()) for _ in range(2)]
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=20)
    assert child.returncode == 130, said
    assert "Traceback" not in said
    assert not any(is_alive(one) for one in workers)


@pytest.mark.heavy
def test_workers_do_not_outlive_a_killed_planner(tmp_path: Path) -> None:
    script = tmp_path / "long.py"
    script.write_text(LONG, encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert child.stdout is not None
    workers = [int(child.stdout.readline()) for _ in range(2)]
    child.kill()
    child.stdout.read()  # it ends when the last of them has let go of it
    child.stdout.close()
    child.wait(timeout=20)
    assert not any(is_alive(one) for one in workers)


LONG = """\
import os
import sys
import threading

from debtplan.bootstrap.crew import open_crew
from debtplan.workflows.portfolio import run_jobs


def forever(job):
    print(os.getpid(), flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    try:
        with open_crew(2, None) as crew:
            list(run_jobs(forever, range(9), crew))
    except KeyboardInterrupt:
        sys.exit(130)
"""


def is_alive(pid: int) -> bool:
    """Tell whether a process is there and is no zombie that nobody has looked after yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def test_one_worker_is_this_process() -> None:
    with open_crew(1, None) as crew:
        assert crew.open().submit(os.getpid).result() == os.getpid()
