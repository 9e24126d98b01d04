"""Released versions of a live Jira: which issues they hold, what is refused, what it costs."""

import csv
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.contained import all_releases
from debtplan.core.item import ItemState
from debtplan.sources.jira.versions import parse_version
from debtplan.store import SqlStore, open_store
from tests.builders import item
from tests.servers.harness import Reply, reply
from tests.servers.jira import FakeJira
from tests.sources.live.shipping import Harbour, jira_harbour

HOUR, DAY = 3600, 86_400
ID = "jira:OMNI@5.2"


@pytest.fixture(scope="module")
def opened() -> Iterator[SqlStore]:
    with open_store("sqlite://") as store:
        yield store


@pytest.fixture
def store(opened: SqlStore, monkeypatch: pytest.MonkeyPatch) -> SqlStore:
    monkeypatch.setattr("time.sleep", lambda _: None)
    for state in opened.sources():
        opened.forget_source(state.name)
    return opened


@pytest.fixture(params=["Cloud", "Server"])
def jira(request: pytest.FixtureRequest) -> Iterator[FakeJira]:
    with FakeJira(request.param) as server:
        server.store.add_project("OMNI")
        server.store.add_project("ELSE")
        yield server


@pytest.fixture
def harbour(jira: FakeJira, store: SqlStore) -> Harbour:
    return jira_harbour(jira, store)


def fixed_in(jira: FakeJira, *versions: Any, project: str = "OMNI") -> str:
    """Create an issue that is fixed in versions; return its key."""
    jira.advance(HOUR)
    ids = tuple(one.id for one in versions)
    return f"jira:{jira.store.create(project, fix_versions=ids).key}"


def released(jira: FakeJira, name: str = "5.2", on: str | None = "2026-10-14") -> Any:
    return jira.store.add_version("OMNI", name, released=True, released_on=on)


def test_a_released_version_holds_the_issues_that_are_fixed_in_it(
    jira: FakeJira, harbour: Harbour
) -> None:
    version, other = released(jira), released(jira, "5.3", "2026-10-28")
    one, both = fixed_in(jira, version), fixed_in(jira, version, other)
    fixed_in(jira)
    fixed_in(jira, version, project="ELSE")
    assert harbour.sync().error is None
    assert harbour.kept() == {
        ID: ("10-14 00:00", (one, both)),
        "jira:OMNI@5.3": ("10-28 00:00", (both,)),
    }
    (found, _) = harbour.store.releases()
    assert (found.name, found.source, found.is_assumed) == ("5.2", "jira", False)


def test_a_version_that_is_to_come_is_none_and_becomes_one(
    jira: FakeJira, harbour: Harbour
) -> None:
    version = jira.store.add_version("OMNI", "5.2", released_on="2026-11-20")
    key = fixed_in(jira, version)
    harbour.sync()
    assert harbour.kept() == {}
    jira.advance(60)
    jira.store.release(version, "2026-11-02")
    harbour.sync()
    assert harbour.kept() == {ID: ("11-02 00:00", (key,))}
    jira.store.release(version, "2026-11-02", released=False)  # by mistake
    harbour.sync()
    assert harbour.kept() == {}


def test_an_archived_version_was_released_all_the_same(jira: FakeJira, harbour: Harbour) -> None:
    jira.store.add_version("OMNI", "5.2", released=True, released_on="2026-10-14", archived=True)
    harbour.sync()
    assert [*harbour.kept()] == [ID]


def test_a_version_without_a_day_is_told_until_it_has_one(jira: FakeJira, harbour: Harbour) -> None:
    version, odd = released(jira, on=None), released(jira, "5.3", "14/Oct/26")
    assert harbour.sync().error is None
    assert harbour.kept() == {}
    assert "no day" in harbour.said()[ID]
    assert "cannot be read" in harbour.said()["jira:OMNI@5.3"]
    jira.store.release(version, "2026-10-14")
    jira.store.release(odd, "2026-10-15")
    harbour.sync()
    assert (len(harbour.kept()), harbour.said()) == (2, {})


def test_an_issue_that_comes_later_is_found(jira: FakeJira, harbour: Harbour) -> None:
    version, other = released(jira), released(jira, "5.3", "2026-10-28")
    first = fixed_in(jira, version)
    fixed_in(jira, other)
    jira.advance(HOUR)
    harbour.sync()
    late = fixed_in(jira, version)
    harbour.sync()
    assert harbour.kept()[ID][1] == (first, late)


def test_an_issue_that_is_taken_out_goes_within_a_day(jira: FakeJira, harbour: Harbour) -> None:
    version = released(jira)
    key = fixed_in(jira, version)
    harbour.sync()
    jira.store.update(key.partition(":")[2], fix_versions=())
    jira.advance(DAY)
    harbour.sync()
    assert harbour.kept()[ID][1] == ()


def test_nothing_new_costs_two_requests_a_project(jira: FakeJira, harbour: Harbour) -> None:
    for number in range(30):
        version = released(jira, f"5.{number}")
        fixed_in(jira, version)
    jira.advance(HOUR)
    harbour.sync()
    asked = harbour.asked(harbour.sync)
    paths = [one.path for one in asked if not one.path.endswith(("/serverInfo", "/myself"))]
    assert len(paths) == 2
    assert paths[0].endswith("/project/OMNI/versions")
    assert "/search" in paths[1]


def test_a_project_without_releases_costs_one(jira: FakeJira, harbour: Harbour) -> None:
    asked = harbour.asked(harbour.sync)
    assert len([one for one in asked if "/search" in one.path]) == 0


def test_a_long_version_is_read_to_its_end(jira: FakeJira, harbour: Harbour) -> None:
    jira.options.page_limit = 40
    jira.options.paging.size = lambda _: 40
    version = released(jira)
    keys = {fixed_in(jira, version) for _ in range(130)}
    harbour.sync()
    assert set(harbour.kept()[ID][1]) == keys


def test_only_the_versions_of_the_last_days_count(jira: FakeJira, harbour: Harbour) -> None:
    released(jira, "4.0", "2025-01-01")
    released(jira)
    harbour.sync()
    assert [*harbour.kept()] == [ID]
    harbour.sync(release_days=1000)
    assert len(harbour.kept()) == 2


def test_the_condition_of_the_items_holds_for_releases_too(
    jira: FakeJira, harbour: Harbour
) -> None:
    version = released(jira)
    fixed_in(jira, version)
    debt = jira.store.create("OMNI", fix_versions=(version.id,), labels=("tech-debt",))
    harbour.sync(jql="labels = tech-debt")
    assert harbour.kept()[ID][1] == (f"jira:{debt.key}",)


def test_a_version_that_is_renamed_or_deleted_is_told_once_or_not_at_all(
    jira: FakeJira, harbour: Harbour
) -> None:
    version = released(jira)
    released(jira, "5.3")
    key = fixed_in(jira, version)
    harbour.sync()
    jira.store.versions[version.id] = type(version)(
        version.id, "OMNI", "5.2 Checkout", released=True, released_on="2026-10-14"
    )
    harbour.sync()
    assert harbour.kept()["jira:OMNI@5.2 Checkout"][1] == (key,)
    assert ID not in harbour.kept()
    del jira.store.versions[version.id]
    harbour.sync()
    harbour.sync()
    assert [*harbour.kept()] == ["jira:OMNI@5.3"]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_what_may_not_be_read_is_a_remark_until_it_may(
    jira: FakeJira, harbour: Harbour, status: int
) -> None:
    released(jira)
    no = reply({"errorMessages": ["No."]}, status)
    jira.faults.append(lambda seen: no if seen.path.endswith("/versions") else None)
    assert harbour.sync().error is None
    assert f"(status {status})" in harbour.said()["jira OMNI versions"]
    (probe,) = harbour.probes()
    assert (probe.is_well, "Browse Projects" in probe.fix) == (False, True)
    jira.faults.clear()
    harbour.sync()
    assert (len(harbour.kept()), harbour.said()) == (1, {})


def test_a_token_without_the_scope_is_a_remark(jira: FakeJira, harbour: Harbour) -> None:
    no = reply({"code": 401, "message": "Unauthorized; scope does not match"}, 401)
    jira.faults.append(lambda seen: no if seen.path.endswith("/versions") else None)
    assert harbour.sync().error is None
    assert "read:jira-work" in harbour.said()["jira OMNI versions"]


def test_a_refused_token_is_an_error(jira: FakeJira, harbour: Harbour) -> None:
    harbour.token = "wrong"  # noqa: S105 - on loopback
    error = harbour.sync().error
    assert error is not None
    assert "refused" in error.what


@pytest.mark.parametrize("body", [b"{}", b'[{"name": "5.2"}]', b"<html>"])
def test_an_odd_answer_is_an_error_and_no_empty_list(
    jira: FakeJira, harbour: Harbour, body: bytes
) -> None:
    jira.faults.append(lambda seen: Reply(200, body) if seen.path.endswith("/versions") else None)
    assert harbour.sync().error is not None


def test_a_search_that_fails_leaves_what_is_known(jira: FakeJira, harbour: Harbour) -> None:
    version = released(jira)
    key = fixed_in(jira, version)
    harbour.sync()
    jira.advance(DAY)
    jira.faults.append(lambda seen: reply({}, 500) if "/search" in seen.path else None)
    assert harbour.sync().error is not None
    assert harbour.kept()[ID][1] == (key,)


def test_a_query_alone_names_no_project(jira: FakeJira, harbour: Harbour) -> None:
    asked = harbour.asked(lambda: harbour.sync(projects=(), jql="labels = debt"))
    assert asked == []
    assert "projects" in harbour.said()["jira all versions"]


def test_the_doctor_says_what_is_there(jira: FakeJira, harbour: Harbour) -> None:
    released(jira)
    jira.store.add_version("OMNI", "6.0")
    (probe,) = harbour.probes()
    assert probe.what == "OMNI: versions can be read, 2 listed, 1 of them released with a day"


def test_a_released_version_is_preferred_to_a_closing(jira: FakeJira, harbour: Harbour) -> None:
    key = fixed_in(jira, released(jira))
    other = fixed_in(jira)
    harbour.sync()
    closed = datetime(2026, 10, 2, tzinfo=UTC)
    items = [
        item(one.partition(":")[2], state=ItemState.DONE, closed_at=closed) for one in (key, other)
    ]
    found = all_releases(harbour.store.releases(), items)
    assert [(one.items, one.is_assumed) for one in found] == [((other,), True), ((key,), False)]


def test_a_token_with_scopes_reads_versions_through_the_gateway(store: SqlStore) -> None:
    with FakeJira("Cloud", scoped=True) as jira:
        jira.store.add_project("OMNI")
        key = fixed_in(jira, released(jira))
        harbour = jira_harbour(jira, store)
        assert harbour.sync().error is None
        assert harbour.kept()[ID][1] == (key,)


def test_versions_of_a_real_site_are_read(data_dir: Path) -> None:
    file = data_dir / "api/recorded/jira/devlake-merico/_raw_jira_api_issues.csv.gz"
    if not file.is_file():
        pytest.skip(f"no {file.name} in the data folder")
    csv.field_size_limit(10**9)
    with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
        issues = [json.loads(row["data"]) for row in csv.DictReader(stream)]
    told = [one for issue in issues for one in issue["fields"]["fixVersions"]]
    found = {one.key: one.released_on for one in (parse_version(v, "jira", "EE") for v in told)}
    assert found == {
        "jira:EE@v2.5.4": date(2020, 6, 11),
        "jira:EE@v2.6.0": date(2020, 6, 30),
        "jira:EE@v2.7.0": date(2020, 7, 10),
    }


def test_recorded_versions_without_a_day_are_told(data_dir: Path) -> None:
    file = data_dir / "api/recorded/jira/jira-cli/releases.json"
    if not file.is_file():
        pytest.skip(f"no {file.name} in the data folder")
    told = json.loads(file.read_text(encoding="utf-8"))
    found = [parse_version(one, "jira", "TEST") for one in told]
    assert [(one.id, one.known_as, bool(one.missing)) for one in found] == [
        ("1000", "", True),  # released, nobody knows when
        ("1001", "", False),  # to come
        ("1002", "", False),
    ]
