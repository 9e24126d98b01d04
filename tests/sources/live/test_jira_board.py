from datetime import date
from typing import Any

import pytest

from debtplan.errors import DebtplanError, SettingsError, SourceError
from tests.servers.harness import reply
from tests.servers.jira_site import Sprint
from tests.sources.live.jira_boards import Read, close, sprints, start
from tests.sources.live.jira_runs import DAY, HOUR, live_board, omni, shape

BOTH = pytest.mark.parametrize("deployment", ["Cloud", "Server"])


@BOTH
def test_points_are_those_of_the_start_and_of_the_end(deployment: str) -> None:
    with omni(deployment) as jira:
        store = jira.store
        one, two, three = sprints(jira, 3)
        grows = store.create("OMNI", points=5, sprint=one)
        done = store.create("OMNI", points=3, sprint=one)
        taken_out = store.create("OMNI", points=8, sprint=one)
        before = store.create("OMNI", points=13, sprint=one)
        store.update(before, status="Done")
        start(jira, one)
        added = store.create("OMNI", points=2, sprint=one)
        store.update(done, status="Done")
        store.update(added, status="Done")
        store.update(taken_out, sprint=None)
        store.update(grows, points=20)
        reopened = store.create("OMNI", points=1, sprint=one)
        store.update(reopened, status="Done")
        jira.advance(HOUR)
        store.update(reopened, status="To Do")
        close(jira, one, two)
        store.update(done, points=100)
        start(jira, two)
        store.update(grows, status="Done")
        close(jira, two, three)
        start(jira, three)
        read = Read(live_board(jira))
        assert read.points() == {"S1": (16, 5), "S2": (21, 20)}
        first = read.closed["S1"]
        assert (first.position, first.team, first.id) == (1, "web", str(one.id))
        assert first.start_on == date(2026, 11, 2)
        assert first.end_on == date(2026, 11, 16)
        assert list(read.open) == ["S3"]
        assert read.open["S3"].is_active
        assert read.pages[-1].newest == store.sprints[two.id].completed


@BOTH
def test_a_later_run_counts_the_last_sprint_and_what_closed_since(deployment: str) -> None:
    with omni(deployment) as jira:
        all_sprints = sprints(jira, 4)
        for sprint in all_sprints[:3]:
            issue = jira.store.create("OMNI", points=2, sprint=sprint)
            start(jira, sprint)
            jira.store.update(issue, status="Done")
            close(jira, sprint)
        first = Read(live_board(jira))
        assert list(first.closed) == ["S1", "S2", "S3"]
        assert [one.position for one in first.closed.values()] == [1, 2, 3]
        since = max(page.newest for page in first.pages if page.newest)
        assert list(Read(live_board(jira), since).closed) == ["S3"]
        start(jira, all_sprints[3])
        close(jira, all_sprints[3])
        again = Read(live_board(jira), since)
        assert [(name, one.position) for name, one in again.closed.items()] == [
            ("S3", 3),
            ("S4", 4),
        ]


@BOTH
@pytest.mark.slow
def test_all_pages_of_sprints_and_issues_are_read(deployment: str) -> None:
    with omni(deployment) as jira:
        all_sprints = sprints(jira, 120)
        for sprint in all_sprints[:60]:
            start(jira, sprint)
            close(jira, sprint)
        for _ in range(130):
            jira.store.create("OMNI", points=1, sprint=all_sprints[60])
        start(jira, all_sprints[60])
        close(jira, all_sprints[60])
        read = Read(live_board(jira))
        assert len(read.closed) == 61
        assert len(read.open) == 59
        assert read.points()["S61"] == (130, 0)


def test_a_changelog_longer_than_the_newest_entries_is_read_whole() -> None:
    with omni() as jira:
        one, _ = sprints(jira, 2)
        issue = jira.store.create("OMNI", points=5, sprint=one)
        start(jira, one)
        jira.store.update(issue, points=7, status="Done")
        close(jira, one)
        for number in range(1100):
            jira.store.update(issue, points=float(number + 10), summary=f"Again {number}")
        assert Read(live_board(jira)).points() == {"S1": (5, 7)}


@BOTH
@pytest.mark.parametrize("language", ["en", "de"])
def test_unknown_points_stay_unknown_and_are_said(deployment: str, language: str) -> None:
    with omni(deployment, language=language) as jira:
        one, two, three = sprints(jira, 3)
        bare = jira.store.create("OMNI", sprint=one)
        start(jira, one)
        jira.store.update(bare, status="Done")
        close(jira, one)
        jira.store.create("OMNI", points=3, sprint=two)
        jira.store.create("OMNI", sprint=two)
        start(jira, two)
        close(jira, two)
        start(jira, three)
        close(jira, three)
        read = Read(live_board(jira))
        assert read.points() == {"S1": (None, None), "S2": (3, 0), "S3": (None, None)}
        said = " | ".join(read.said)
        assert "S1: none of its 1 issues has points" in said
        assert "S2: 1 of its 2 issues have no points" in said
        assert "S3: no issue was in it" in said


@BOTH
def test_a_sprint_without_dates_is_kept_and_said(deployment: str) -> None:
    with omni(deployment) as jira:
        (one,) = sprints(jira, 1)
        jira.store.create("OMNI", points=3, sprint=one)
        close(jira, one)
        jira.store.sprints[one.id] = Sprint(one.id, "S1", 1, state="closed")
        read = Read(live_board(jira))
        found = read.closed["S1"]
        assert (found.start_on, found.end_on, found.committed, found.completed) == (None,) * 4
        assert any("without its dates" in one for one in read.said)


@BOTH
def test_the_moment_of_starting_counts_more_than_the_date_that_was_set(deployment: str) -> None:
    with omni(deployment) as jira:
        (one,) = sprints(jira, 1)
        start(jira, one)
        jira.store.create("OMNI", points=3, sprint=one)
        jira.advance(DAY)
        began = jira.now
        close(jira, one)
        shaped = shape(jira).sprint(jira.store.sprints[one.id])
        shaped["activatedDate"] = began.isoformat()
        jira.fail_once("/board/1/sprint", reply({"isLast": True, "values": [shaped], "total": 1}))
        assert Read(live_board(jira)).points() == {"S1": (3, 0)}


def test_a_sprint_shared_by_boards_counts_this_boards_issues() -> None:
    with omni() as jira:
        (one,) = sprints(jira, 1)
        mine = jira.store.create("OMNI", points=3, sprint=one)
        jira.store.create("OMNI", points=50, sprint=one)
        start(jira, one)
        close(jira, one)
        writes = shape(jira)
        shaped: dict[str, Any] = {**writes.sprint(jira.store.sprints[one.id]), "originBoardId": 99}
        jira.faults.append(
            lambda seen: (
                reply({"isLast": True, "values": [shaped], "total": 1})
                if seen.path.endswith("/board/1/sprint")
                else None
            )
        )
        page: dict[str, Any] = {"issues": [writes.issue(mine, None)], "total": 1}
        jira.fail_once(f"/board/1/sprint/{one.id}/issue", reply(page), times=2)
        assert Read(live_board(jira)).points() == {"S1": (3, 0)}


def test_a_board_may_be_named() -> None:
    with omni() as jira:
        jira.store.add_board("OMNI", "Web team")
        assert "board 2;" in live_board(jira, "web team").scope("web team")
        jira.store.add_board("OMNI", "Web team")
        with pytest.raises(SourceError, match="2 boards are named"):
            live_board(jira, "web team").scope("web team")
        with pytest.raises(SourceError, match="No board"):
            live_board(jira, "Mobile").scope("Mobile")


@BOTH
def test_a_board_that_is_not_there_is_an_error(deployment: str) -> None:
    with omni(deployment) as jira:
        with pytest.raises(SourceError, match="404"):
            live_board(jira, "77").scope("77")
        with pytest.raises(SettingsError, match="name no board"):
            live_board(jira, " ").parts()


@BOTH
@pytest.mark.parametrize(
    "answer",
    [reply({}), reply({"values": None}), reply({"values": [{"id": 1}]}), reply([1])],
    ids=["nothing", "null", "no sprint", "list"],
)
def test_sprints_that_cannot_be_read_are_an_error(deployment: str, answer: Any) -> None:
    with omni(deployment) as jira:
        jira.fail_once("/board/1/sprint", answer)
        with pytest.raises(SourceError):
            Read(live_board(jira))


@BOTH
def test_a_list_of_sprints_that_repeats_itself_is_an_error(deployment: str) -> None:
    with omni(deployment) as jira:
        sprints(jira, 2)
        shaped: list[Any] = [shape(jira).sprint(one) for one in jira.store.sprints.values()]
        endless = reply({"values": shaped, "isLast": False, "maxResults": 2})
        jira.faults.append(lambda seen: endless if seen.path.endswith("/sprint") else None)
        with pytest.raises(SourceError, match="read before"):
            Read(live_board(jira))


def test_sprints_have_no_census_and_their_teams_name() -> None:
    with omni() as jira:
        source = live_board(jira)
        assert source.name == "sprints:web"
        assert source.census("1") is None
        assert jira.log == []


@BOTH
def test_doctor_sees_board_sprints_and_changelogs(deployment: str) -> None:
    with omni(deployment) as jira:
        one, _ = sprints(jira, 2)
        jira.store.create("OMNI", points=1, sprint=one)
        start(jira, one)
        probes = list(live_board(jira).probe())
        assert all(probe.is_well for probe in probes)
        said = " ".join(probe.what for probe in probes)
        assert "0 closed, 1 active, 1 to come" in said
        assert "as the board says" in said
        ill = list(live_board(jira, "77").probe())
        assert [probe.is_well for probe in ill] == [False]
        assert ill[0].fix


@pytest.mark.parametrize("status", [401, 403, 404, 410, 418])
def test_doctor_survives_whatever_boards_answer(status: int) -> None:
    with omni() as jira:
        jira.faults.append(
            lambda seen: reply({}, status=status) if "/agile/" in seen.path else None
        )
        (probe,) = live_board(jira).probe()
        assert not probe.is_well
        assert probe.fix


def test_a_token_refused_in_the_middle_is_an_error() -> None:
    with omni() as jira:
        one, _ = sprints(jira, 2)
        start(jira, one)
        close(jira, one)
        jira.fail_once(f"/sprint/{one.id}/issue", reply({}, status=401))
        with pytest.raises(DebtplanError):
            Read(live_board(jira))
