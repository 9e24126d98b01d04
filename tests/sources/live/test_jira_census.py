import pytest

from debtplan.core.source import Fate
from debtplan.errors import SourceError
from debtplan.ports import Census
from debtplan.sources.jira.live import LiveJira
from tests.servers.harness import reply
from tests.servers.jira import Paging
from tests.sources.live.jira_runs import HOUR, in_jira, kept, live, omni, titles

BOTH = pytest.mark.parametrize("deployment", ["Cloud", "Server"])


def census(source: LiveJira, part: str = "OMNI") -> Census:
    found = source.census(part)
    assert found is not None
    return found


@BOTH
def test_every_id_is_listed_without_its_fields(deployment: str) -> None:
    with omni(deployment, issues=45, paging=Paging(size=lambda _: 10), page_limit=10) as jira:
        found = census(live(jira))
        assert set(found.ids()) == {str(one) for one in jira.store.issues}
        asked = [seen.json for seen in jira.log if "/search" in seen.path]
        assert {tuple(one["fields"]) for one in asked} == {("id",)}


@BOTH
def test_a_count_is_exact_or_none(deployment: str) -> None:
    with omni(deployment, issues=45) as jira:
        assert census(live(jira)).count() == (None if deployment == "Cloud" else 45)


@BOTH
def test_deleted_moved_hidden_and_relabelled_issues_are_told_apart(deployment: str) -> None:
    with omni(deployment, issues=6) as jira:
        store = jira.store
        store.add_project("ELSE")
        for number in range(1, 7):
            store.update(f"OMNI-{number}", labels=["debt"])
        store.delete("OMNI-1")
        store.move("OMNI-2", "ELSE")
        store.update("OMNI-3", labels=[])
        store.archive("OMNI-4")
        jira.advance(HOUR)
        ids = [str(10_000 + number) for number in range(1, 7)]
        found = dict(census(live(jira, jql="labels = debt")).look(ids))
        assert found == {
            "10001": Fate.GONE,
            "10002": Fate.LEFT,
            "10003": Fate.LEFT,
            "10004": Fate.LEFT,
            "10005": Fate.HERE,
            "10006": Fate.HERE,
        }


@BOTH
def test_a_project_out_of_sight_hides_its_issues_and_deletes_none(deployment: str) -> None:
    with omni(deployment, issues=60) as jira:
        found = census(live(jira))
        ids = list(found.ids())
        jira.store.hide_project("OMNI")
        assert set(dict(found.look(ids)).values()) == {Fate.HIDDEN}


@BOTH
def test_an_issue_that_may_not_be_seen_is_hidden(deployment: str) -> None:
    with omni(deployment, issues=2) as jira:
        jira.store.hide("OMNI-1")
        no = reply({"errorMessages": ["no"]}, status=403)
        jira.faults.append(lambda seen: no if seen.path.endswith("/issue/10001") else None)
        assert dict(census(live(jira)).look(["10001"])) == {"10001": Fate.HIDDEN}


@BOTH
def test_an_issue_that_the_index_does_not_show_yet_is_here(deployment: str) -> None:
    with omni(deployment, issues=2) as jira:
        jira.store.lag_s = HOUR
        jira.store.create("OMNI")
        found = census(live(jira))
        assert "10003" not in set(found.ids())
        assert dict(found.look(["10003"])) == {"10003": Fate.HERE}


@BOTH
@pytest.mark.slow
def test_more_ids_than_one_search_takes_are_looked_up_in_parts(deployment: str) -> None:
    with omni(deployment, issues=130) as jira:
        for number in (7, 77, 127):
            jira.store.delete(f"OMNI-{number}")
        ids = [str(10_000 + number) for number in range(1, 131)]
        found = dict(census(live(jira)).look(ids))
        assert [one for one in ids if found[one] is Fate.GONE] == ["10007", "10077", "10127"]
        assert sum(fate is Fate.HERE for fate in found.values()) == 127
        asked = [seen.json for seen in jira.log if seen.path.endswith("/search/jql")]
        assert all(len(one["reconcileIssues"]) <= 50 for one in asked)


@BOTH
def test_an_answer_about_another_issue_proves_nothing(deployment: str) -> None:
    with omni(deployment, issues=2) as jira:
        jira.store.archive("OMNI-1")
        jira.faults.append(
            lambda seen: reply({"id": "1"}) if seen.path.endswith("/issue/10001") else None
        )
        with pytest.raises(SourceError, match="another issue"):
            dict(census(live(jira)).look(["10001"]))


@BOTH
def test_issues_that_no_walk_gave_are_fetched_by_id(deployment: str) -> None:
    with omni(deployment, issues=30) as jira:
        jira.store.hide("OMNI-2")
        run = kept(jira).run()
        jira.store.show("OMNI-2")
        jira.advance(HOUR)
        run.run()
        assert "OMNI-2" not in run.names
        run.count()
        assert titles(run) == in_jira(jira)


@BOTH
def test_what_is_deleted_while_it_is_fetched_is_left_out(deployment: str) -> None:
    with omni(deployment, issues=3) as jira:
        found = census(live(jira))
        ids = sorted(found.ids())
        jira.store.delete("OMNI-2")
        given = [key for batch in found.fetch(ids) for _, key in batch.sightings]
        assert sorted(given) == ["jira:OMNI-1", "jira:OMNI-3"]
        assert all(batch.newest is None for batch in found.fetch(ids))


@BOTH
def test_ids_that_cannot_all_be_read_are_an_error(deployment: str) -> None:
    with omni(deployment, issues=3) as jira:
        path = "/search/jql" if deployment == "Cloud" else "/search"
        jira.fail_once(path, reply({"issues": [{"key": "OMNI-1"}], "total": 3}))
        with pytest.raises(SourceError, match="no id"):
            list(census(live(jira)).ids())
        jira.fail_once(path, reply({"total": 3}))
        with pytest.raises(SourceError, match="list of issues"):
            list(census(live(jira)).ids())
