"""The first settings file: whatever the answers, it loads."""

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from debtplan.config.template import Answers, tracker_of, write_settings
from debtplan.errors import InputError
from tests.config.settings_file import load


def test_an_export_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        write_settings(Answers("web", "issues.csv", 40, "checkout"), tmp_path)


def test_an_export_of_no_known_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "issues.xlsx").write_text("")
    with pytest.raises(InputError, match="neither CSV nor JSON"):
        write_settings(Answers("web", "issues.xlsx", 40, "checkout"), tmp_path)


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("a.csv", "", "csv"), ("a.tsv", "", "csv"), ("a.CSV.gz", "", "csv"),
        ("a.json", '{"issues": []}', "jira"), ("a.json.gz", "", "jira"),
        ("a.json", '[{"html_url": "x"}]', "github"), ("pages/*.json", "", "jira"),
        ("a.txt", "", "csv"), ("a.ndjson", '{"url": "https://github.com/a/b/issues/1"}', "github"),
    ],
)  # fmt: skip
def test_the_export_tells_the_source(tmp_path: Path, name: str, body: str, kind: str) -> None:
    if "*" not in name:
        (tmp_path / name).write_text(body)
    loaded = load(tmp_path, text=write_settings(Answers("web", name, 40, "checkout"), tmp_path))
    assert list(loaded.settings.sources) == [kind]
    assert loaded.settings.sources[kind].path == name


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(max_size=20), st.floats(0.5, 1e6), st.text(max_size=20))
@pytest.mark.slow
def test_any_answers_make_settings_that_load(
    tmp_path: Path, team: str, capacity: float, flow: str
) -> None:
    (tmp_path / "issues.csv").write_text("")
    text = write_settings(Answers(team, "issues.csv", capacity, flow), tmp_path)
    loaded = load(tmp_path, text=text.encode("utf-8", "replace").decode())
    (own,) = loaded.settings.team.values()
    assert own.capacity == pytest.approx(capacity, rel=1e-5)
    (metric,) = loaded.settings.metric
    assert loaded.settings.rule[0].metric == metric.id
    assert metric.flow == loaded.settings.flow[0].id


def test_the_first_file_of_a_pattern_or_folder_tells_the_source(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    body = b'[{"body": "' + b"x" * 50_000 + b'", "html_url": "x"}]'
    (tmp_path / "p" / "a.json.gz").write_bytes(gzip.compress(body))
    for name in ("p", "p/*.json.gz"):
        loaded = load(tmp_path, text=write_settings(Answers("web", name, 40, "checkout"), tmp_path))
        assert list(loaded.settings.sources) == ["github"]


def test_a_damaged_export_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b"[]" * 999)[:-9])
    with pytest.raises(InputError, match="damaged gzip"):
        write_settings(Answers("web", "a.json.gz", 40, "checkout"), tmp_path)


@pytest.mark.parametrize(
    ("items", "kind"),
    [
        ("https://acme.atlassian.net", "jira"),
        ("http://127.0.0.1:8080/jira", "jira"),
        ("acme/shop", "github"),
        ("acme/shop.js", "github"),
        ("exports/issues.csv", ""),
        ("exports/issues.json.gz", ""),
        ("pages/*.json", ""),
        ("issues.csv", ""),
    ],
)
def test_addresses_and_repositories_are_live_and_files_are_not(
    tmp_path: Path, items: str, kind: str
) -> None:
    assert tracker_of(items, tmp_path) == kind


def test_a_folder_that_is_there_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "exports" / "jira").mkdir(parents=True)
    assert tracker_of("exports/jira", tmp_path) == ""


def test_a_live_jira_with_a_board_needs_no_capacity(tmp_path: Path) -> None:
    answers = Answers(
        "web", "https://acme.atlassian.net/", None, "checkout", "bot@acme.example", ("OMNI",), "42"
    )
    loaded = load(tmp_path, text=write_settings(answers, tmp_path))
    table, team = loaded.settings.sources["jira"], loaded.settings.team["web"]
    assert (table.site, table.email) == ("https://acme.atlassian.net", "bot@acme.example")
    assert table.projects == ("OMNI",)
    assert team.board is not None
    assert (team.board.source, team.board.board, team.capacity) == ("jira", "42", None)


def test_a_prometheus_gives_the_first_metric_its_queries(tmp_path: Path) -> None:
    answers = Answers("web", "acme/shop", 40, "checkout", prometheus="https://prom.acme.example")
    settings = load(tmp_path, text=write_settings(answers, tmp_path)).settings
    assert settings.sources["github"].repos == ("acme/shop",)
    assert sorted(settings.metric[0].queries) == ["bad", "total"]
    assert settings.metric[0].source == "prometheus"
    assert 'code=~"5.."' in settings.metric[0].queries["bad"]
