from typing import Any

import pytest

from debtplan.core.item import ItemState
from debtplan.errors import SourceError
from tests.servers.harness import reply
from tests.sources.live.jira_runs import add_issues, kept, omni

BOTH = pytest.mark.parametrize("deployment", ["Cloud", "Server"])


def origin(run: Any) -> str:
    return " | ".join(run.skipped.get("jira", []))


@BOTH
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_estimate_stands_where_the_board_says(deployment: str, language: str) -> None:
    with omni(deployment, issues=2, language=language) as jira:
        run = kept(jira).run()
        assert run.item("OMNI-2").points == 2
        assert "as the board says" in origin(run)
        assert jira.store.site.points in origin(run)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_team_managed_project_has_its_own_field(language: str) -> None:
    with omni(language=language) as jira:
        jira.store.add_project("TEAM", team_managed=True)
        jira.store.add_board("TEAM", kind="simple")
        jira.store.create("TEAM", points=8)
        run = kept(jira, projects=("TEAM",)).run()
        assert run.item("TEAM-1").points == 8
        assert "customfield_10016" in origin(run)


@BOTH
@pytest.mark.parametrize("language", ["en", "de"])
def test_without_a_board_the_field_list_decides(deployment: str, language: str) -> None:
    with omni(deployment, issues=1, language=language) as jira:
        jira.store.boards.clear()
        run = kept(jira).run()
        assert run.item("OMNI-1").points == 1
        assert "as the field list says" in origin(run)


def test_boards_that_disagree_decide_nothing_and_it_is_said() -> None:
    with omni(issues=1) as jira:
        jira.store.add_board("OMNI", estimate="customfield_10016")
        run = kept(jira).run()
        assert "customfield_10016 and customfield_10026; set estimate_field" in origin(run)
        assert run.item("OMNI-1").points == 1


def test_boards_that_count_issues_or_have_no_sprints_say_nothing() -> None:
    with omni(issues=1) as jira:
        jira.store.add_board("OMNI", estimate="")
        jira.store.add_board("OMNI", kind="kanban", estimate="customfield_10016")
        run = kept(jira).run()
        assert "customfield_10026 (Story Points), as the board says" in origin(run)
        assert not any("/board/3/" in path for path in jira.paths())


@BOTH
@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_boards_that_cannot_be_asked_are_no_reason_to_stop(deployment: str, status: int) -> None:
    with omni(deployment, issues=1) as jira:
        no = reply({"errorMessages": ["no"]}, status=status)
        jira.faults.append(lambda seen: no if "/agile/" in seen.path else None)
        run = kept(jira).run()
        assert run.item("OMNI-1").points == 1
        assert f"its boards cannot be asked (status {status})" in origin(run)


@pytest.mark.parametrize("name", ["customfield_10026", "Story Points", " story points "])
def test_the_settings_name_the_field_by_id_or_name(name: str) -> None:
    with omni(issues=1) as jira:
        run = kept(jira, estimate_field=name).run()
        assert run.item("OMNI-1").points == 1
        assert origin(run) == ""
        assert not any("/agile/" in path for path in jira.paths())


@BOTH
def test_a_field_that_nobody_knows_is_said(deployment: str) -> None:
    with omni(deployment, issues=1) as jira:
        run = kept(jira, estimate_field="Size<b>").run()
        assert run.item("OMNI-1").points is None
        assert "estimate_field 'Size<b>' is no field" in origin(run)


def test_a_site_without_any_estimate_says_so() -> None:
    with omni(issues=1) as jira:
        jira.store.boards.clear()
        plain = [one for one in jira.store.site.fields() if not one["custom"]]
        jira.fail_once("/rest/api/3/field", reply([*plain]), times=5)
        run = kept(jira).run()
        assert run.item("OMNI-1").points is None
        assert "no field with estimates" in origin(run)


@BOTH
def test_no_fields_at_all_is_an_error(deployment: str) -> None:
    with omni(deployment, issues=1) as jira:
        jira.fail_once("/field", reply([]), times=5)
        with pytest.raises(SourceError, match="names no fields"):
            kept(jira).run()


@BOTH
@pytest.mark.parametrize("name", ["Sprint 7", "a, state=CLOSED, [b]", "Sprint,id=9,name=x]"])
def test_open_sprints_are_read_from_objects_and_from_strings(deployment: str, name: str) -> None:
    with omni(deployment, issues=2) as jira:
        sprint = jira.store.add_sprint(jira.store.boards[1], name)
        jira.store.start_sprint(sprint)
        jira.store.update("OMNI-1", sprint=sprint)
        run = kept(jira).run()
        assert run.item("OMNI-2").sprint is None
        found = run.item("OMNI-1").sprint
        assert found is not None
        assert found == name or (deployment == "Server" and found.startswith("Sprint"))


@BOTH
def test_states_are_known_by_category_in_any_language(deployment: str) -> None:
    with omni(deployment, issues=3, language="de") as jira:
        jira.store.update("OMNI-2", status="In Progress")
        jira.store.update("OMNI-3", status="Done")
        run = kept(jira).run()
        states = [run.item(f"OMNI-{number}").state for number in (1, 2, 3)]
        assert states == [ItemState.OPEN, ItemState.IN_PROGRESS, ItemState.DONE]


@BOTH
def test_a_link_makes_the_blocked_issue_wait_from_either_end(deployment: str) -> None:
    with omni(deployment) as jira:
        add_issues(jira, 150)
        jira.store.link("OMNI-1", "Blocks", "OMNI-140")
        jira.store.link("OMNI-3", "Relates", "OMNI-4")
        run = kept(jira).run()
        assert run.item("OMNI-140").prerequisites == ("jira:OMNI-1",)
        waiting = [key for key in run.names if run.item(key).prerequisites]
        assert waiting == ["OMNI-140"]
        assert "jira links" not in run.skipped


@BOTH
def test_links_of_a_german_site_are_known_by_the_built_in_types_id(deployment: str) -> None:
    with omni(deployment, issues=2, language="de") as jira:
        jira.store.link("OMNI-1", "Blocks", "OMNI-2")
        run = kept(jira).run()
        assert run.item("OMNI-2").prerequisites == ("jira:OMNI-1",)
        assert "wird blockiert von" in run.skipped["jira links"][0]


@BOTH
def test_words_of_the_settings_come_before_the_built_in_type(deployment: str) -> None:
    with omni(deployment, issues=3) as jira:
        jira.store.add_link_type("Order", "kommt nach", "kommt vor")
        jira.store.link("OMNI-1", "Order", "OMNI-2")
        jira.store.link("OMNI-1", "Blocks", "OMNI-3")
        own = kept(jira, blocked_by=("Kommt  nach",), blocks=()).run()
        assert own.item("OMNI-2").prerequisites == ("jira:OMNI-1",)
        assert own.item("OMNI-3").prerequisites == ()
        none = kept(jira, blocked_by=("gibt es nicht",), blocks=()).run()
        assert not any(one.prerequisites for one in none.items.values())
        assert "name the site's words there" in none.skipped["jira links"][0]


def test_kinds_of_links_that_cannot_be_asked_are_known_by_their_words() -> None:
    with omni(issues=2) as jira:
        jira.store.link("OMNI-1", "Blocks", "OMNI-2")
        jira.fail_once("/issueLinkType", reply({"errorMessages": ["off"]}, status=404), times=5)
        assert kept(jira).run().item("OMNI-2").prerequisites == ("jira:OMNI-1",)


def test_kinds_of_links_are_asked_for_once_and_only_where_there_are_links() -> None:
    with omni(issues=250) as jira:
        kept(jira).run()
        assert not any("issueLinkType" in path for path in jira.paths())
        for number in (1, 120, 240):
            jira.store.link(f"OMNI-{number}", "Blocks", f"OMNI-{number + 1}")
        kept(jira).run()
        assert sum("issueLinkType" in path for path in jira.paths()) == 1
