from contextlib import nullcontext
from typing import Any

import pytest

from debtplan.errors import ForbiddenError, SourceError
from tests.servers.harness import Reply, Seen, reply
from tests.servers.jira import FakeJira, Paging
from tests.sources.live.jira_runs import (
    DAY,
    MINUTE,
    Kept,
    add_issues,
    in_jira,
    kept,
    omni,
    shape,
    titles,
)

BOTH = pytest.mark.parametrize("deployment", ["Cloud", "Server"])
ORDERS = pytest.mark.parametrize("order", ["key", "number"])


def searches(jira: FakeJira) -> list[Any]:
    return [seen.json for seen in jira.log if "/search" in seen.path and seen.method == "POST"]


def everything(jira: FakeJira, run: Kept) -> bool:
    return titles(run) == in_jira(jira)


def searches_answer(jira: FakeJira) -> dict[str, Any]:
    writes = shape(jira)
    return {"issues": [writes.issue(one, None) for one in jira.store.issues.values()]}


@pytest.mark.parametrize("says", [True, False, None])
@pytest.mark.parametrize("by", ["offset", "keyset"])
def test_what_is_last_does_not_count(*, says: bool | None, by: Any) -> None:
    paging = Paging(size=lambda _: 7, by=by, is_last=lambda _page, _is_last: says)
    with omni(issues=50, paging=paging) as jira:
        assert everything(jira, kept(jira).run())


@pytest.mark.parametrize("sizes", [(3,), (1,), (20, 9, 4, 1), (1, 50)])
@BOTH
def test_pages_of_any_size_lose_nothing(deployment: str, sizes: tuple[int, ...]) -> None:
    paging = Paging(size=lambda page: sizes[page % len(sizes)])
    with omni(deployment, issues=40, paging=paging, page_limit=sizes[-1]) as jira:
        assert everything(jira, kept(jira).run())


def test_a_fresh_project_is_read_by_tokens_too() -> None:
    with omni(paging=Paging(size=lambda _: 6)) as jira:
        for _ in range(40):
            jira.store.create("OMNI")
        run = kept(jira).run()
        assert everything(jira, run)
        assert sum(1 for one in searches(jira) if "nextPageToken" in one) >= 6


def test_an_empty_page_in_the_middle_is_passed_over() -> None:
    with omni(paging=Paging(size=lambda _: 5, empty=frozenset({2, 4}))) as jira:
        for _ in range(20):
            jira.store.create("OMNI")
        assert everything(jira, kept(jira).run())


def test_empty_pages_without_end_are_an_error() -> None:
    with omni(paging=Paging(size=lambda _: 5, empty=frozenset(range(2, 99)))) as jira:
        for _ in range(20):
            jira.store.create("OMNI")
        with pytest.raises(SourceError, match="nothing new"):
            kept(jira).run()
        assert len(searches(jira)) <= 6


@pytest.mark.parametrize("age_s", [0, DAY])
def test_a_repeated_token_is_an_error_or_everything_is_read(age_s: float) -> None:
    with omni(paging=Paging(size=lambda _: 5, repeats_from=2)) as jira:
        for _ in range(30):
            jira.store.create("OMNI")
        jira.advance(age_s)
        if age_s:  # tokens are not needed for what has its place in the index
            assert everything(jira, kept(jira).run())
            return
        with pytest.raises(SourceError, match=r"read before|nothing new"):
            kept(jira).run()
        assert len(searches(jira)) <= 6


def test_a_list_that_runs_in_a_circle_is_an_error() -> None:
    with omni(issues=3) as jira:
        tokens = iter(range(1000))
        page = searches_answer(jira)

        def circle(seen: Seen) -> Reply | None:
            if not seen.path.endswith("/search/jql"):
                return None
            return reply({**page, "nextPageToken": f"t{next(tokens)}", "isLast": False})

        jira.faults.append(circle)
        with pytest.raises(SourceError, match="nothing new"):
            kept(jira).run()
        assert next(tokens) <= 8


@BOTH
def test_changes_between_pages_lose_nothing(deployment: str) -> None:
    for order in ("key", "number"):
        with omni(deployment, issues=60, id_order=order, page_limit=7) as jira:
            jira.options.paging = Paging(size=lambda _: 7)
            turn = iter(range(1, 100))

            def change(_page: int, jira: FakeJira = jira, turn: Any = turn) -> None:
                number = next(turn)
                jira.advance(MINUTE)
                if number <= 20:
                    jira.store.update(f"OMNI-{number}", summary=f"Changed {number}")
                if number in {3, 5, 8}:
                    jira.store.delete(f"OMNI-{number * 5 + 20}")
                    jira.store.create("OMNI")

            jira.options.on_page = change
            run = kept(jira).run()
            jira.options.on_page = None
            run.run().count()
            assert everything(jira, run)


@ORDERS
@pytest.mark.parametrize("fate", ["delete", "move", "hide"])
def test_data_center_goes_on_when_the_last_issue_of_a_page_is_gone(order: Any, fate: str) -> None:
    with omni("Server", issues=30, id_order=order, page_limit=10) as jira:
        jira.store.add_project("ELSE")
        for _ in range(3):
            jira.store.create("ELSE")
        happened: list[bool] = []

        def lose(_page: int) -> None:
            if happened:
                return
            happened.append(True)
            if fate == "move":
                jira.store.move("OMNI-10", "ELSE")
            else:
                getattr(jira.store, fate)("OMNI-10")

        jira.options.on_page = lose
        run = kept(jira).run()
        run.count()
        assert happened
        assert everything(jira, run)


@ORDERS
def test_data_center_reads_several_projects_of_a_query(order: Any) -> None:
    with omni("Server", issues=25, id_order=order, page_limit=10) as jira:
        for project in ("ALFA", "ZULU"):
            jira.store.add_project(project)
            add_issues(jira, 15, project)
        jira.store.add_project("OTHER")
        add_issues(jira, 3, "OTHER")
        add_issues(jira, 5, "ALFA")
        run = kept(jira, projects=(), jql="project in (OMNI, ALFA, ZULU) ORDER BY rank").run()
        wanted = {**in_jira(jira), **in_jira(jira, "ALFA"), **in_jira(jira, "ZULU")}
        assert titles(run) == wanted


def test_data_center_never_asks_beyond_its_window() -> None:
    with omni("Server", issues=120, page_limit=20, window=20) as jira:
        # The window of the fake is as small as its page: any deep place would be refused.
        jira.options.window = 100
        run = kept(jira).run()
        assert everything(jira, run)
        assert {one["startAt"] for one in searches(jira)} == {0}


@BOTH
def test_an_odd_issue_is_skipped_with_its_key(deployment: str) -> None:
    with omni(deployment, issues=3) as jira:
        path = "/search/jql" if deployment == "Cloud" else "/search"
        page = searches_answer(jira)
        page["issues"][1]["fields"] = None
        page["issues"].append("nonsense")
        jira.fail_once(path, reply({**page, "total": 4}))
        if deployment == "Server":
            jira.fail_once(path, reply({"issues": [], "total": 0}))
        with pytest.raises(SourceError, match="no id") if deployment == "Server" else nullcontext():
            run = kept(jira).run()
            assert run.names == ["OMNI-1", "OMNI-3"]
            assert "without fields" in run.skipped["jira:OMNI-2"][0]
            assert "10002" not in dict(run.pages[0].sightings)


@BOTH
@pytest.mark.parametrize(
    "answer",
    [
        reply({}),
        reply({"issues": None}),
        reply({"issues": {"id": "1"}}),
        reply([]),
        reply({"issues": ["a", "b"], "total": 2}),
        reply({"issues": [{}, {"key": ""}], "total": 2}),
        Reply(200, b"<html><title>Log in</title></html>", {"Content-Type": "text/html"}),
        Reply(200, b'{"issues": [', {"Content-Type": "application/json"}),
        Reply(200, b"", {"Content-Type": "application/json"}),
        reply({"errorMessages": ["gone"]}, status=410),
        reply({"errorMessages": ["no"]}, status=400),
        reply({"errorMessages": ["teapot"]}, status=418),
    ],
    ids=lambda one: f"{one.status} {one.content[:20]!r}",
)
def test_an_answer_that_is_no_page_is_an_error_and_never_empty(
    deployment: str, answer: Reply
) -> None:
    with omni(deployment, issues=3) as jira:
        path = "/search/jql" if deployment == "Cloud" else "/search"
        jira.fail_once(path, answer, times=9)
        with pytest.raises(SourceError) as found:
            kept(jira).run()
        assert found.value.fix


def test_a_token_that_is_no_text_is_an_error() -> None:
    with omni(issues=3) as jira:
        jira.fail_once("/search/jql", reply({**searches_answer(jira), "nextPageToken": ["x"]}))
        with pytest.raises(SourceError, match="token"):
            kept(jira).run()


def test_an_empty_page_of_a_list_that_counts_more_is_an_error_on_data_center() -> None:
    with omni("Server", issues=30) as jira:
        jira.fail_once("/search", reply({"issues": [], "total": 30, "startAt": 0}))
        with pytest.raises(SourceError, match="holds 30"):
            kept(jira).run()


@BOTH
def test_an_empty_project_is_empty_and_a_hidden_one_is_an_error(deployment: str) -> None:
    with omni(deployment) as jira:
        run = kept(jira).run()
        assert run.names == []
        assert len(run.pages) == 1
        jira.store.hide_project("OMNI")
        with pytest.raises(SourceError):
            kept(jira, estimate_field="none").run()


@BOTH
def test_a_project_that_answers_empty_because_it_is_closed_is_an_error(deployment: str) -> None:
    with omni(deployment) as jira:
        jira.fail_once("/project/OMNI", reply({"errorMessages": ["no"]}, status=403))
        with pytest.raises(ForbiddenError, match="closed to this token"):
            kept(jira).run()
        jira.fail_once("/project/OMNI", reply({"errorMessages": ["no"]}, status=404))
        with pytest.raises(SourceError, match="hidden from this token"):
            kept(jira).run()


def test_an_issue_shown_newer_than_its_place_in_the_index_leads_past_no_other() -> None:
    with omni(issues=30) as jira:
        page = searches_answer(jira)
        del page["issues"][10:]
        page["issues"][-1]["fields"]["updated"] = jira.now.isoformat()
        jira.fail_once("/search/jql", reply({**page, "nextPageToken": "on"}))
        with pytest.raises(SourceError, match="nextPageToken"):  # the fake gave no such token
            kept(jira).run()
        following = searches(jira)[1]
        assert following["nextPageToken"] == "on"
        assert "updated >=" not in following["jql"]
