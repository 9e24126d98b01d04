from datetime import timedelta
from typing import Any

import pytest

from debtplan.core.item import Skipped
from debtplan.core.source import Batch, Mark
from debtplan.errors import SettingsError
from tests.servers.jira import FakeJira
from tests.sources.live.jira_runs import (
    DAY,
    HOUR,
    MINUTE,
    Kept,
    add_issues,
    in_jira,
    kept,
    live,
    omni,
    titles,
)

BOTH = pytest.mark.parametrize("deployment", ["Cloud", "Server"])
ORDERS = pytest.mark.parametrize("order", ["key", "number"])


def searches(jira: FakeJira) -> list[Any]:
    return [seen.json for seen in jira.log if "/search" in seen.path and seen.method == "POST"]


def everything(jira: FakeJira, run: Kept) -> bool:
    return titles(run) == in_jira(jira)


@BOTH
def test_every_issue_of_several_pages_is_read_once(deployment: str) -> None:
    with omni(deployment, issues=250) as jira:
        run = kept(jira).run()
        assert everything(jira, run)
        given = [id_ for page in run.pages for id_, _ in page.sightings]
        assert len(given) == len(set(given)) == 250


@BOTH
def test_a_second_run_reads_what_changed_and_a_little_before(deployment: str) -> None:
    with omni(deployment, issues=40) as jira:
        run = kept(jira).run()
        jira.store.update("OMNI-3", summary="Faster start")
        jira.advance(HOUR)
        run.run()
        read = {key for page in run.pages for _, key in page.sightings}
        assert read == {"jira:OMNI-3", *(f"jira:OMNI-{number}" for number in range(30, 41))}
        assert everything(jira, run)
        run.run()
        assert [key for page in run.pages for _, key in page.sightings] == ["jira:OMNI-3"]


@BOTH
def test_bounds_are_milliseconds_and_never_say_until_when(deployment: str) -> None:
    with omni(deployment, issues=5, time_zone="Pacific/Auckland") as jira:
        run = kept(jira).run()
        since = run.since
        assert since is not None
        run.run()
        bound = int((since - timedelta(minutes=10)).timestamp() * 1000)
        jql = searches(jira)[-1]["jql"]
        assert f"updated >= {bound}" in jql
        assert "<" not in "".join(one["jql"] for one in searches(jira))
        assert all(one["jql"].startswith('project = "OMNI"') for one in searches(jira))


@BOTH
@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Pacific/Kiritimati", "America/New_York"])
def test_the_accounts_time_zone_changes_nothing(deployment: str, zone: str) -> None:
    with omni(deployment, issues=30, time_zone=zone) as jira:
        run = kept(jira).run()
        for number in range(1, 6):
            jira.advance(11 * MINUTE)
            jira.store.update(f"OMNI-{number}", summary=f"Changed {number}")
            run.run()
            assert everything(jira, run)
            assert len(run.pages[0].sightings) <= 12


@BOTH
def test_all_fields_are_named_in_the_request(deployment: str) -> None:
    with omni(deployment, issues=1) as jira:
        kept(jira).run()
        fields = searches(jira)[0]["fields"]
        assert {"summary", "description", "status", "issuelinks", "updated"} <= set(fields)
        assert {jira.store.site.points, jira.store.site.sprint} <= set(fields)
        assert not any(name.startswith("*") for name in fields)


@BOTH
@pytest.mark.parametrize("stop", [1, 2, 3])
def test_a_walk_that_broke_off_goes_on_where_it_was(deployment: str, stop: int) -> None:
    with omni(deployment, issues=350) as jira:
        run = kept(jira).run(stop_after=stop)
        assert len(run.items) <= stop * 100
        before = len(searches(jira))
        jira.store.update("OMNI-1", summary="Changed while nobody read")
        jira.advance(HOUR)
        run.run()
        assert len(searches(jira)) - before <= 5 - stop + 1
        run.run()
        assert everything(jira, run)


def test_what_changed_while_data_center_was_read_comes_with_the_next_run() -> None:
    with omni("Server", issues=30, page_limit=10) as jira:
        pages = iter(range(10))

        def slow(_page: int) -> None:
            jira.advance(HOUR)
            if next(pages) == 0:
                jira.store.update("OMNI-1", summary="Changed behind our back")

        jira.options.on_page = slow
        run = kept(jira).run()
        assert run.item("OMNI-1").title != "Changed behind our back"
        run.run()
        assert everything(jira, run)


@BOTH
@pytest.mark.parametrize("lag_s", [5, 60, 300])
def test_an_index_that_lags_loses_nothing_on_the_following_run(
    deployment: str, lag_s: float
) -> None:
    with omni(deployment, issues=20, lag_s=lag_s) as jira:
        jira.advance(lag_s)
        run = kept(jira).run()
        for number in range(1, 8):
            jira.store.update(f"OMNI-{number}", summary=f"Changed {number}")
            jira.advance(lag_s / 3)
            run.run()
        jira.advance(lag_s)
        run.run()
        assert everything(jira, run)


@BOTH
def test_an_issue_dated_in_the_future_hides_no_later_change(deployment: str) -> None:
    with omni(deployment, issues=3) as jira:
        jira.advance(100 * DAY)
        jira.store.update("OMNI-1", summary="By a clock that was wrong")
        jira.advance(-100 * DAY)
        run = kept(jira).run()
        jira.advance(HOUR)
        jira.store.update("OMNI-2", summary="Changed later")
        run.run()
        assert everything(jira, run)


def test_parts_are_projects_or_all_of_a_query() -> None:
    with omni(issues=4) as jira:
        jira.store.add_project("DEBT")
        add_issues(jira, 2, "DEBT")
        jira.store.update("OMNI-2", labels=["debt"])
        two = live(jira, projects=("OMNI", " DEBT", "OMNI", ""))
        assert two.parts() == ("OMNI", "DEBT")
        assert kept(jira, projects=("OMNI", "DEBT")).run().names == [
            *(f"DEBT-{number}" for number in (1, 2)),
            *(f"OMNI-{number}" for number in (1, 2, 3, 4)),
        ]
        whole = kept(jira, projects=(), jql="labels = debt ORDER BY created DESC").run()
        assert whole.source.parts() == ("all",)
        assert whole.names == ["OMNI-2"]
        assert kept(jira, jql="labels = debt OR labels = x").run().names == ["OMNI-2"]
        with pytest.raises(SettingsError, match="does not say which issues"):
            live(jira, projects=(), jql="ORDER BY created").parts()


def test_two_projects_keep_their_own_remarks() -> None:
    with omni(issues=1) as jira:
        jira.store.add_project("TEAM", team_managed=True)
        jira.store.add_board("TEAM", kind="simple")
        jira.store.create("TEAM", points=8)
        run = kept(jira, projects=("OMNI", "TEAM")).run()
        assert "customfield_10026" in run.skipped["jira OMNI"][0]
        assert "customfield_10016" in run.skipped["jira TEAM"][0]
        assert run.item("TEAM-1").points == 8
        assert run.item("OMNI-1").points == 1


@BOTH
def test_what_is_asked_for_is_in_the_scope(deployment: str) -> None:
    with omni(deployment) as jira:
        base = live(jira).scope("OMNI")
        assert live(jira).scope("OMNI") == base
        others = [
            live(jira, jql="labels = debt").scope("OMNI"),
            live(jira, estimate_field="timeoriginalestimate").scope("OMNI"),
            live(jira, blocked_by=("waits for",)).scope("OMNI"),
        ]
        jira.store.boards.clear()
        jira.store.add_board("OMNI", estimate="customfield_10099")
        others.append(live(jira).scope("OMNI"))
        assert len({base, *others}) == 5


@BOTH
def test_browse_links_lead_to_the_site(deployment: str) -> None:
    with omni(deployment, issues=1) as jira:
        assert kept(jira).run().item("OMNI-1").url == f"{jira.url}/browse/OMNI-1"


def test_hostile_text_stays_text() -> None:
    with omni() as jira:
        jira.store.create("OMNI", summary="<script>alert(1)</script>\u202e", description="a\x00b")
        found = kept(jira).run().item("OMNI-1")
        assert found.title == "<script>alert(1)</script><U+202E>"
        assert "\x00" not in found.text


def test_a_mark_without_since_reads_everything_again() -> None:
    with omni(issues=5) as jira:
        source = live(jira)
        batches: list[Batch] = list(source.walk("OMNI", Mark(source="jira", part="OMNI")))
        assert len(batches[0].sightings) == 5
        assert batches[0].is_ordered
        assert any(isinstance(one, Skipped) for one in batches[0].records)
        source.close()
