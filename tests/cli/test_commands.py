"""Every command and every option: what it prints, where, and in which form."""

import csv
import json
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from debtplan import __version__
from debtplan.cli.app import app
from debtplan.cli.output import FORM_BY_SUFFIX
from debtplan.core.document import parse_plan
from debtplan.render import RENDERERS
from tests.cli.shop import DAY, Shop

COMMANDS = tuple(
    str(one.name or (one.callback.__name__ if one.callback else ""))
    for one in app.registered_commands
)
GROUPS = {"links": "suggest", "config": "show", "db": "path"}


@pytest.mark.parametrize("command", [*COMMANDS, *GROUPS])
def test_every_command_explains_itself(shop: Shop, command: str) -> None:
    done = shop.run(command, "--help")
    assert done.code == 0
    assert done.out.startswith(f"Usage: debtplan {command}")
    assert "-h, --help" in done.out
    assert done.err == ""


@pytest.mark.parametrize(("group", "command"), GROUPS.items())
def test_every_command_of_a_group_explains_itself(shop: Shop, group: str, command: str) -> None:
    done = shop.run(group, command, "-h")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: debtplan {group} {command}")


def test_the_help_lists_every_command_with_its_whole_sentence(shop: Shop) -> None:
    out = shop.run("--help").out
    listed = out.partition("Commands:")[2].splitlines()
    assert [line.split()[0] for line in listed if line] == [*COMMANDS, *GROUPS]
    assert [line for line in listed if line and not line.endswith(".")] == []
    assert [line for line in listed if line.endswith("...")] == []
    assert max(map(len, out.splitlines())) <= 80


def test_the_version_is_a_result(shop: Shop) -> None:
    done = shop.run("--version")
    assert (done.code, done.out, done.err) == (0, f"debtplan {__version__}\n", "")


def test_a_command_that_is_nearly_right_is_suggested(shop: Shop) -> None:
    done = shop.run("plna")
    assert done.code == 2
    assert "Did you mean 'plan'?" in done.err
    assert "--format" in shop.run("plan", "--fromat", "json").err


def test_sync_says_what_was_read_and_what_changed(shop: Shop) -> None:
    done = shop.run("sync")
    assert (done.code, done.err) == (0, "")
    assert re.split(" {2,}", done.out.splitlines()[-1]) == [
        "csv", "ok", "5 records", "5 added, 0 changed, 0 gone",
    ]  # fmt: skip
    lines = (shop.folder / "items.csv").read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace("typed,3", "typed,5")
    shop.write("items.csv", "\n".join(lines[:-1]))
    assert "0 added, 1 changed, 1 gone" in shop.run("sync", "csv").out


def test_sync_reads_one_named_source_from_another_file(shop: Shop) -> None:
    shop.write("other.csv", "key,title\nB-1,Only this\n")
    assert shop.run("sync", "csv", "--from-file", "other.csv").code == 0
    assert "csv:B-1" in shop.run("items").out


def test_a_source_that_is_no_longer_set_is_taken_out(shop: Shop) -> None:
    shop.settings('[sources.more]\ntype = "csv"\npath = "more.csv"\n')
    shop.write("more.csv", "key,title\nM-1,Other work\n")
    shop.run("sync")
    assert "more:M-1" in shop.run("items").out
    shop.settings()
    assert "more:M-1" not in shop.run("sync", "csv").said, "one named source leaves the others"
    assert "more:M-1" in shop.run("items").out
    assert "more is no longer set" in shop.run("sync").err
    assert "more:M-1" not in shop.run("items").out


@pytest.mark.parametrize("command", ["items", "metrics", "links"])
def test_a_list_is_a_table_or_json_with_a_version(shop: Shop, command: str) -> None:
    shop.run("sync")
    table, data = shop.run(command), shop.run(command, "--format", "json")
    assert (table.code, data.code) == (0, 0)
    content = json.loads(data.out)
    assert content["schema_version"] == 1
    lines = table.out.splitlines()
    assert set(lines[0].split()) <= set(content["rows"][0])
    assert len(lines) == len(content["rows"]) + 2


def test_items_are_listed_with_state_points_and_metrics(shop: Shop) -> None:
    shop.run("sync")
    rows = json.loads(shop.run("items", "--team", "shop", "--format", "json").out)["rows"]
    assert rows[0] == {
        "key": "csv:A-1",
        "state": "open",
        "points": 3.0,
        "epic": "",
        "metrics": ["pay-errors"],
        "title": "Validate addresses where they are typed",
    }
    assert rows[4]["points"] is None


def test_lint_names_every_finding_and_counts_on_stderr(shop: Shop) -> None:
    shop.run("sync")
    done = shop.run("items", "--lint")
    assert done.code == 0
    assert "csv:A-5" in done.out
    assert "no_estimate" in done.out
    assert "7 findings on 5 items, 0 refused." in done.err
    rows = json.loads(shop.run("items", "--lint", "--format", "json").out)["rows"]
    assert len(rows) == 7


@pytest.mark.slow
def test_metrics_and_links_can_be_asked_for_another_day(shop: Shop) -> None:
    shop.run("sync")
    early = json.loads(shop.run("metrics", "--as-of", DAY, "--format", "json").out)["rows"]
    late = json.loads(shop.run("metrics", "--as-of", "2028-01-01", "--format", "json").out)["rows"]
    assert early[0]["harm"] == pytest.approx(200)
    assert late[0]["harm"] is None
    assert shop.run("links", "--as-of", DAY).out.count("pay-errors") == 6


@pytest.mark.parametrize("form", RENDERERS)
def test_a_plan_is_printed_in_every_form(shop: Shop, form: str) -> None:
    done = shop.synced("plan", "--format", form)
    assert done.code == 0, done.err
    assert "A-1" in done.out
    assert "A-4" in done.out
    if form == "json":
        assert json.loads(done.out)["schema_version"] == 1
    if form == "csv":
        assert len(list(csv.DictReader(StringIO(done.out)))) == 5
    if form == "html":
        assert done.out.startswith("<!DOCTYPE html>")


@pytest.mark.slow
def test_notes_of_a_plan_stand_once(shop: Shop) -> None:
    """The table tells them itself; beside a form for programs they go to stderr."""
    table, data = shop.synced("plan"), shop.synced("plan", "--format", "csv")
    assert "Note: " in table.out
    assert table.err == ""
    assert "note: " in data.err
    assert "note: " not in data.out


@pytest.mark.parametrize("suffix", FORM_BY_SUFFIX)
@pytest.mark.slow
def test_a_plan_is_written_in_the_form_of_the_ending(shop: Shop, suffix: str) -> None:
    done = shop.synced("plan", "-o", f"out/plan{suffix}")
    assert done.code == 0, done.err
    assert f"Wrote out/plan{suffix}." in done.err
    text = (shop.folder / f"out/plan{suffix}").read_text(encoding="utf-8")
    assert "A-1" in text
    assert text.startswith(
        {".json": "{", ".html": "<!DOCTYPE", ".htm": "<!DOCTYPE"}.get(suffix, "")
    )


@pytest.mark.slow
def test_a_plan_is_written_in_several_forms_at_once(shop: Shop) -> None:
    shop.synced("plan", "-o", "plan.json", "-o", "page.html")
    assert parse_plan((shop.folder / "plan.json").read_text(encoding="utf-8")) == parse_plan(
        (shop.folder / "page.html").read_text(encoding="utf-8")
    )


@pytest.mark.slow
def test_the_sprint_and_the_team_can_be_named(shop: Shop) -> None:
    shop.settings("[team.other]\ncapacity = 10\nmatch = { label = 'x' }\n")
    assert "--team other or --team shop" in shop.synced("plan").err
    done = shop.synced("plan", "--team", "other", "--sprint", "S 7", "--format", "json")
    assert done.code == 2
    assert "empty" in done.err
    shop.settings()
    made = json.loads(shop.synced("plan", "--sprint", "S 7", "--format", "json").out)
    assert made["sprint"]["name"] == "S 7"


def test_explain_says_why_and_why_not(shop: Shop) -> None:
    chosen = shop.synced("explain", "A-1").out
    assert "Chosen" in chosen
    assert "The sum" in chosen
    assert "Not chosen" in shop.synced("explain", "a-4").out
    data = json.loads(shop.synced("explain", "A-1", "--format", "json").out)
    assert data["schema_version"] == 1
    assert data["chosen"]["key"] == "csv:A-1"


@pytest.mark.slow
def test_a_report_is_made_from_a_plan_and_from_a_report(shop: Shop) -> None:
    shop.synced("plan", "-o", "plan.json")
    assert shop.run("report", "plan.json", "-o", "page.html").err == "Wrote page.html.\n"
    assert "WHAT WE DO" in shop.run("report", "page.html").out
    assert shop.run("report", "page.html", "--format", "markdown").out.startswith("# ")
    assert shop.run("report", "plan.json", "--format", "csv", "-o", "list").code == 0
    assert (shop.folder / "list").read_text(encoding="utf-8").startswith("order,key,title")


@pytest.mark.slow
def test_verify_holds_for_plan_and_report_and_not_for_a_changed_one(shop: Shop) -> None:
    shop.synced("plan", "-o", "plan.json", "-o", "page.html")
    done = shop.run("verify", "plan.json")
    assert (done.code, done.err) == (0, "")
    assert "plan.json holds" in done.out
    assert len(done.out.splitlines()) == 1
    assert "holds  the digest" in shop.run("verify", "page.html", "-v").out
    text = (shop.folder / "plan.json").read_text(encoding="utf-8")
    shop.write("plan.json", text.replace('"points": 3.0', '"points": 2.5', 1))
    done = shop.run("verify", "plan.json")
    assert done.code == 1
    assert "does NOT hold" in done.out


def test_audit_adds_up_every_step(shop: Shop) -> None:
    done = shop.synced("audit", "--team", "shop")
    assert done.code == 0
    assert done.out.count("holds") == 2
    assert "In all" in done.out


def test_audit_without_any_harm_says_so(shop: Shop) -> None:
    shop.run("sync")
    done = shop.run("audit", "--as-of", "2028-01-01")
    assert (done.code, done.out.split(";")[0]) == (0, "No harm is known, so nothing is claimed")


def test_doctor_looks_at_all_and_at_one_part(shop: Shop) -> None:
    done = shop.run("doctor", "--as-of", DAY)
    assert done.code == 0, done.said
    assert {line.split()[1] for line in done.out.splitlines()} == {
        "settings", "solver", "store", "csv", "sprint", "capacity", "reserve", "metrics", "links",
    }  # fmt: skip
    assert "from 1 reading\n" in done.out
    one = shop.run("doctor", "csv", "--as-of", DAY)
    assert one.out == "ok    csv  5 records\n"
    assert "Use one of: settings, solver" in shop.run("doctor", "nothing").err


def test_config_show_names_every_value_and_its_origin(shop: Shop) -> None:
    plain = shop.run("config", "show").out
    assert "team.shop.capacity = 40.0\n" in plain
    assert "#" not in plain
    told = shop.run("config", "show", "--origin").out
    assert f"team.shop.capacity = 40.0    # {shop.folder / 'debtplan.toml'}\n" in told
    assert "reserve.ceiling = 0.15    # default\n" in told


def test_db_path_names_the_file_and_makes_none(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop.run("db", "path").out == f"{shop.folder / 'debtplan.db'}\n"
    assert not (shop.folder / "debtplan.db").exists()
    monkeypatch.setenv("DEBTPLAN_STORE_URL", "sqlite:///elsewhere.db")
    assert shop.run("db", "path").out == f"{shop.folder / 'elsewhere.db'}\n"


def test_settings_are_found_by_option_by_variable_and_upward(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = shop.folder / "a" / "b"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert shop.run("config", "show").code == 0
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert "debtplan init" in shop.run("config", "show").err
    path = str(shop.folder / "debtplan.toml")
    assert shop.run("--config", path, "config", "show").code == 0
    monkeypatch.setenv("DEBTPLAN_CONFIG", path)
    assert shop.run("config", "show").code == 0


def test_quiet_leaves_results_and_errors(shop: Shop) -> None:
    shop.write("items.csv", "key,title,points\nA-1,One,many\nA-2,Two,2\n")
    assert "not used: items.csv row 2" in shop.run("sync").err
    quiet = shop.run("-q", "sync")
    assert "1 record, 1 not used" in quiet.out
    assert quiet.err == ""
    assert shop.run("--quiet", "explain", "Z-9", "--as-of", DAY).err.startswith("debtplan: ")


@pytest.mark.slow
def test_demo_needs_nothing_and_writes_six_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = Shop(tmp_path).run("demo", "--out", "here")
    assert done.code == 0, done.err
    assert "WHAT WE DO" in done.out
    assert "Open here/report.html in a browser." in done.err
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "items.csv", "outcomes.html", "outcomes.json", "plan.json", "report.html", "report.md",
    ]  # fmt: skip


@pytest.mark.slow
def test_an_output_device_is_written_to_and_never_replaced(shop: Shop) -> None:
    shop.synced("plan", "-o", "plan.json")
    os.mkfifo(shop.folder / "pipe.md")
    with subprocess.Popen(
        [sys.executable, "-m", "debtplan", "report", "plan.json", "-o", "pipe.md"],
        stdout=subprocess.DEVNULL,
    ) as run:
        text = (shop.folder / "pipe.md").read_text(encoding="utf-8")
    assert run.returncode == 0
    assert text.startswith("# ")
    assert (shop.folder / "pipe.md").is_fifo()


@pytest.mark.slow
def test_an_output_link_stays_a_link(shop: Shop) -> None:
    shop.write("real.json", "old")
    (shop.folder / "plan.json").symlink_to("real.json")
    assert shop.synced("plan", "-o", "plan.json").code == 0
    assert (shop.folder / "plan.json").is_symlink()
    assert (shop.folder / "real.json").read_text(encoding="utf-8").startswith("{")


@pytest.mark.slow
def test_an_output_that_cannot_be_written_leaves_what_was_there(shop: Shop) -> None:
    (shop.folder / "folder.json").mkdir()
    done = shop.synced("plan", "-o", "folder.json")
    assert done.code == 2
    assert "folder.json cannot be written: is a folder." in done.err
    assert shop.synced("plan", "-o", "items.csv/plan.json").code == 2
    assert list(shop.folder.glob(".*")) == []
