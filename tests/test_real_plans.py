"""Every real project: read, planned, reported and proven again, with nothing lost on the way."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from debtplan.cli.app import app
from tests.real_projects import PROJECTS, Project, merico, nlbse

SETTINGS = """
[plan]
explain_limit = 8
worlds = 20

[team.real]
{capacity}

[sources.backlog]
{items}

[[flow]]
id = "use"
sessions_per_sprint = 50000

[[metric]]
id = "wait"
flow = "use"
step = "open"
kind = "latency"
threshold_s = 1.0
target = 0.9

[metric.reading]
percentiles = {{ p50 = 0.8, p95 = 6.0 }}
sample_size = 5000
stated_by = "Operations"
stated_on = 2026-11-01

[[metric]]
id = "fail"
flow = "use"
step = "save"
kind = "error_rate"
target = 0.01
reading = {{ bad = 400, total = 9000, stated_by = "Operations", stated_on = 2026-11-01 }}

[[metric]]
id = "lost"
flow = "use"
step = "find"
kind = "drop_off"
reference = 0.2
reading = {{ rate = 0.3, sample_size = 3000, stated_by = "Research", stated_on = 2026-11-01 }}

[[rule]]
match = {{ words = ["slow", "performance", "timeout", "latency", "hang", "排序"] }}
metric = "wait"
share = [0.05, 0.1, 0.3]

[[rule]]
match = {{ words = ["error", "fail", "fails", "crash", "exception", "broken"] }}
metric = "fail"
share = 0.1

[[rule]]
match = {{ words = ["confusing", "UI", "usability", "page", "button", "form"] }}
metric = "lost"
"""


def spelled(value: object) -> str:
    """Return a value as TOML; columns may be lists."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {spelled(v)}" for k, v in value.items()) + " }"
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def settings_of(project: Project, data: Path) -> str:
    """Return the debtplan.toml that the project's team would write."""
    table = project.items.model_dump(exclude_defaults=True)
    for name in ("path", "links_path"):
        if table.get(name):
            table[name] = str(data / table[name])
    items = "\n".join(f"{name} = {spelled(value)}" for name, value in table.items())
    capacity = "capacity = 40"
    if project.sprints is not None:
        sprints = project.sprints.model_dump(exclude_defaults=True)
        sprints["path"] = str(data / project.sprints.path)
        capacity = f"sprints = {spelled(sprints)}"
    return SETTINGS.format(capacity=capacity, items=items)


def run(*arguments: str, exit_code: int = 0) -> str:
    """Return what a command prints."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == exit_code, (arguments, result.output, result.exception)
    return result.output


def planned(project: Project, data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict:  # type: ignore[type-arg]
    """Run the whole job on a project and return its plan."""
    monkeypatch.chdir(folder)
    (folder / "debtplan.toml").write_text(settings_of(project, data), encoding="utf-8")
    run("sync")
    run("plan", "--as-of", "2026-11-23", "-o", "plan.json", "--format", "json")
    run("report", "plan.json", "-o", "report.html")
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    keys = [row["key"] for row in (*plan["chosen"], *plan["passed_over"])]
    assert sorted(keys) == sorted(item["key"] for item in plan["inputs"]["items"])
    reserve = plan["capacity"]["reserve"]
    assert sum(row["points"] for row in plan["chosen"]) <= reserve["available"] + 1e-9
    assert all(row["reason"] and row["detail"] for row in plan["passed_over"])
    return plan  # type: ignore[no-any-return]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PROJECTS))
def test_a_real_backlog_is_planned_within_its_real_capacity(
    name: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(PROJECTS[name](), data_dir, tmp_path, monkeypatch)
    assert plan["chosen"], "a backlog with estimates and links fills some of its reserve"
    assert plan["solver"]["status"] == "optimal"
    assert plan["baseline"]["share"] <= 1


@pytest.mark.slow
def test_the_report_of_a_real_backlog_is_proven_again(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(PROJECTS["mesos"](), data_dir, tmp_path, monkeypatch)
    assert "holds" in run("verify", "report.html")


def test_a_site_whose_sprints_carry_no_points_is_told_what_to_set(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "debtplan.toml").write_text(settings_of(merico(), data_dir), encoding="utf-8")
    run("sync")
    said = run("plan", "--as-of", "2026-11-23", exit_code=2)
    assert "no closed sprint with points" in said
    assert "Set capacity under [team.real]" in said


def test_the_same_site_is_planned_with_a_stated_capacity(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(replace(merico(), sprints=None), data_dir, tmp_path, monkeypatch)
    reasons = {row["key"]: row["reason"] for row in plan["passed_over"]}
    assert reasons["backlog:EE-1"] == "not_open"
    assert reasons["backlog:K5-2"] == "not_open", "it is in a sprint of its own"
    assert reasons["backlog:K5-4"] == "no_estimate"


@pytest.mark.slow
def test_issues_without_estimates_are_all_listed_to_be_estimated(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(nlbse(), data_dir, tmp_path, monkeypatch)
    assert plan["chosen"] == []
    assert len(plan["measure_first"]) == len(plan["inputs"]["items"])
