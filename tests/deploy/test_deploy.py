"""The examples in deploy/ hold, as far as a machine can tell without a cluster."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from debtplan.cli.app import app
from debtplan.config.load import load_settings
from tests.test_house import unwanted_text

REPOSITORY = Path(__file__).resolve().parent.parent.parent
DEPLOY = REPOSITORY / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
CRON = DEPLOY / "cron" / "debtplan"
SERVICE = DEPLOY / "systemd" / "debtplan.service"
TIMER = DEPLOY / "systemd" / "debtplan.timer"
CRONJOB = DEPLOY / "kubernetes" / "cronjob.yaml"
ACTION = DEPLOY / "github" / "debtplan.yml"
DOCKERFILE = DEPLOY / "docker" / "Dockerfile"
IGNORED = DEPLOY / "docker" / "Dockerfile.dockerignore"

FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
"""Least and greatest value of the fields of a cron expression."""

yaml: Any = pytest.importorskip("yaml", reason="PyYAML comes with the test tools of `make check`")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def cron_faults(expression: str) -> list[str]:
    """Return the fields of a cron expression that are none (POSIX `crontab`, steps beside)."""
    parts = expression.split()
    if len(parts) != len(FIELDS):
        return [expression]
    return [part for part, bounds in zip(parts, FIELDS, strict=True) if not is_field(part, *bounds)]


def is_field(text: str, least: int, most: int) -> bool:
    for one in text.split(","):
        found = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/([1-9]\d*))?", one)
        if found is None:
            return False
        first, last = int(found[1] or least), int(found[2] or found[1] or most)
        if not least <= first <= last <= most:
            return False
    return True


def dockerfile() -> list[tuple[str, str]]:
    """Return the instructions and what they say, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", read(DOCKERFILE))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.partition(" ")[2]) for line in lines]


def commands() -> dict[str, list[str]]:
    """Return every command line of debtplan in the examples, by where it stands."""
    cron = [line for line in read(CRON).splitlines() if re.match(r"[\d*]", line)]
    (schedule,) = cron
    (service,) = re.findall(r"^ExecStart=(.*)$", read(SERVICE), re.MULTILINE)
    container = pod()["containers"][0]
    (docker,) = [json.loads(rest) for verb, rest in dockerfile() if verb == "CMD"]
    steps = yaml.safe_load(read(ACTION))["jobs"]["run"]["steps"]
    action = [
        line.split("bin/debtplan", 1)[1]
        for step in steps
        for line in step.get("run", "").splitlines()
        if "bin/debtplan " in line
    ]
    return {
        "cron": shlex.split(schedule)[7:],
        "systemd": shlex.split(service)[1:],
        "kubernetes": container["args"],
        "docker": docker,
        "github": shlex.split(action[0]),
    }


def pod() -> Any:
    return job()["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def job() -> Any:
    return next(one for one in yaml.safe_load_all(read(CRONJOB)) if one["kind"] == "CronJob")


@pytest.mark.parametrize("where", ["cron", "systemd", "kubernetes", "docker", "github"])
def test_the_command_of_an_example_is_one_of_debtplan(where: str) -> None:
    words = commands()[where]
    assert "run" in words
    done = CliRunner().invoke(app, [*words, "--help"], prog_name="debtplan")
    assert done.exit_code == 0, done.output
    assert "Usage: debtplan run" in done.output


def test_a_command_that_does_not_exist_is_caught() -> None:
    for words in (["run", "--output", "x"], ["-q", "walk"], ["--confg", "x", "run"]):
        assert CliRunner().invoke(app, [*words, "--help"]).exit_code == 2


def test_every_schedule_is_one() -> None:
    (line,) = [line for line in read(CRON).splitlines() if re.match(r"[\d*]", line)]
    found = [
        " ".join(line.split()[:5]),
        job()["spec"]["schedule"],
        *re.findall(r'cron: "([^"]*)"', read(ACTION)),
    ]
    assert len(found) == 3
    assert [cron_faults(one) for one in found] == [[], [], []]


@pytest.mark.parametrize(
    "wrong", ["60 6 * * 1-5", "15 24 * * *", "15 6 * *", "15 6 0 * *", "* * * * 5-1"]
)
def test_a_schedule_that_is_none_is_caught(wrong: str) -> None:
    assert cron_faults(wrong)


def test_cron_names_a_user_and_ends_its_last_line() -> None:
    text = read(CRON)
    assert text.endswith("\n"), "cron ignores a last line without an end"
    (line,) = [line for line in text.splitlines() if re.match(r"[\d*]", line)]
    assert line.split()[5] == "debtplan"
    assert "%" not in line, "cron takes it for a line break"


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze here")
    program = shutil.which("true")
    service = re.sub(r"^ExecStart=\S+", f"ExecStart={program}", read(SERVICE), flags=re.MULTILINE)
    (tmp_path / SERVICE.name).write_text(service, encoding="utf-8")
    shutil.copy(TIMER, tmp_path)
    units = [str(tmp_path / SERVICE.name), str(tmp_path / TIMER.name)]
    done = subprocess.run([analyze, "verify", *units], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "debtplan" in line]
    assert (done.returncode, said) == (0, [])
    (calendar,) = re.findall(r"^OnCalendar=(.*)$", read(TIMER), re.MULTILINE)
    subprocess.run([analyze, "calendar", calendar], capture_output=True, check=True)


def test_the_service_is_hardened_and_outlives_the_deadline_of_the_run() -> None:
    options = dict(re.findall(r"^(\w+)=(.*)$", read(SERVICE), re.MULTILINE))
    assert options["NoNewPrivileges"] == "yes"
    assert options["ProtectSystem"] == "strict"
    assert options["DynamicUser"] == "yes"
    assert options["SuccessExitStatus"] == "75"
    assert int(options["TimeoutStartSec"]) > 3600


def test_the_cron_job_runs_alone_as_nobody_special_and_its_volumes_are_there() -> None:
    spec, made = job()["spec"], pod()
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["timeZone"] == "Etc/UTC"
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] > 3600
    assert made["securityContext"]["runAsNonRoot"]
    (container,) = made["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    mounted = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
    assert set(mounted) == {one["name"] for one in made["volumes"]}
    assert container["args"][1] == f"{mounted['settings']}/debtplan.toml"
    for variable in container["env"]:
        if variable["name"].endswith("_FILE"):
            assert variable["value"].startswith(f"{mounted['secrets']}/")
    uid = next(rest for verb, rest in dockerfile() if verb == "USER").split(":")[0]
    assert made["securityContext"]["runAsUser"] == int(uid)


def test_the_settings_of_the_cron_job_hold(tmp_path: Path) -> None:
    found = [one for one in yaml.safe_load_all(read(CRONJOB)) if one["kind"] == "ConfigMap"]
    text = found[0]["data"]["debtplan.toml"]
    (tmp_path / "debtplan.toml").write_text(text, encoding="utf-8")
    loaded = load_settings(tmp_path / "debtplan.toml")
    assert set(loaded.settings.notify) == {"slack"}


def test_the_image_is_built_from_files_that_are_there_and_runs_as_nobody() -> None:
    found = dockerfile()
    given = {line[1:] for line in read(IGNORED).splitlines() if line.startswith("!")}
    for verb, rest in found:
        if verb == "COPY" and "--from" not in rest:
            for name in rest.split()[:-1]:
                assert (REPOSITORY / name).exists(), name
                assert name in given, f"{name} is kept out of the build by {IGNORED.name}"
    bases = [rest.split()[0] for verb, rest in found if verb == "FROM"]
    assert all(re.fullmatch(r"python:3\.1[123]-slim", base) for base in bases)
    installs = [rest for verb, rest in found if verb == "RUN" and "pip install" in rest]
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert all("--no-deps" in one for one in installs[1:])
    assert [verb for verb, _ in found].index("USER") < [verb for verb, _ in found].index("CMD")
    assert not any(rest.startswith(("root", "0")) for verb, rest in found if verb == "USER")


def test_what_the_image_needs_to_build_itself_is_locked() -> None:
    lock = read(REPOSITORY / "requirements.lock")
    assert re.search(r"^hatchling==", lock, re.MULTILINE), "--no-build-isolation needs it"


def test_the_action_writes_no_permission_and_shows_no_secret() -> None:
    action = yaml.safe_load(read(ACTION))
    assert action["permissions"] == {"contents": "read"}
    steps = action["jobs"]["run"]["steps"]
    assert not any("secrets." in step.get("run", "") for step in steps)
    variables = action["jobs"]["run"]["env"]
    assert all(re.fullmatch(r"DEBTPLAN_[A-Z_]+|NUMBA_CACHE_DIR", name) for name in variables)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_example_names_a_registry_or_holds_a_secret(path: Path) -> None:
    text = read(path)
    assert unwanted_text(text) == []
    assert not re.search(r"hooks\.slack|ghp_|xoxb-|://[^/\s]+:[^/\s@]+@", text)


def test_the_readme_names_every_example() -> None:
    text = read(DEPLOY / "README.md")
    for path in FILES:
        if path.name not in {"README.md", IGNORED.name}:
            assert f"deploy/{path.relative_to(DEPLOY).as_posix()}" in text
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (DEPLOY / target).exists(), target
