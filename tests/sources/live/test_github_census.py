"""What became of issues that are no longer where they were."""

from collections.abc import Iterator, Sequence

import pytest

from debtplan.core.decode import Json
from debtplan.core.source import Fate
from debtplan.errors import SourceError
from debtplan.sources.github.live import LiveGithub
from tests.servers.github import FakeGithub
from tests.servers.harness import Reply, reply
from tests.sources.live.github_source import (
    SHOP,
    items_of,
    serving,
    sighted,
    source_of,
    walk,
    with_token,
)


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with serving() as server:
        for number in range(1, 6):
            server.advance(60)
            server.store.add_issue(SHOP, f"Issue {number}", labels=("debt",))
        server.store.add_issue(SHOP, "Change", is_pull=True)
        yield server


def fates(source: LiveGithub, ids: Sequence[str]) -> dict[str, Fate]:
    found = source.census(SHOP).look(ids)
    return {id_.partition("#")[2]: fate for id_, fate in found}


def test_the_census_and_the_walk_see_the_same(github: FakeGithub) -> None:
    source = source_of(github)
    seen = sighted(walk(source))
    census = source.census(SHOP)
    assert sorted(census.ids()) == sorted(seen)
    assert census.count() == len(seen) == 6


def test_labels_do_not_change_the_census(github: FakeGithub) -> None:
    source = source_of(github, labels=("other",))
    assert source.census(SHOP).count() == len(sighted(walk(source))) == 6


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_smallest_counts_are_right(count: int) -> None:
    with serving() as github:
        for _ in range(count):
            github.store.add_issue(SHOP)
        assert source_of(github).census(SHOP).count() == count


def test_a_list_that_names_no_last_page_is_counted_by_graphql(github: FakeGithub) -> None:
    github.options.links = "cursor"
    totals: Json = {"issues": {"totalCount": 5}, "pullRequests": {"totalCount": 1}}
    github.fail_once("/graphql", reply({"data": {"repository": totals}}))
    assert source_of(github).census(SHOP).count() == 6
    assert github.log[-1].json["variables"] == {"owner": "acme", "name": "shop"}


@pytest.mark.parametrize(
    "answer",
    [
        reply({"data": {"repository": None}, "errors": [{"type": "NOT_FOUND"}]}),
        reply({"data": {"repository": {"issues": {"totalCount": 5}, "pullRequests": None}}}),
        reply({"message": "Not Found"}, 404),
        Reply(200, b"<html>"),
    ],
)
def test_a_count_that_nobody_gives_is_not_known(github: FakeGithub, answer: Reply) -> None:
    github.options.links = "cursor"
    github.fail_once("/graphql", answer)
    assert source_of(github).census(SHOP).count() is None


def test_without_a_token_such_a_list_has_no_count(github: FakeGithub) -> None:
    github.options.links = "cursor"
    github.store.repo(SHOP).private = False
    source = source_of(github, with_token(github, None))
    assert source.census(SHOP).count() is None
    assert len(list(source.census(SHOP).ids())) == 6


def test_what_is_there_is_here(github: FakeGithub) -> None:
    source = source_of(github)
    assert set(fates(source, list(sighted(walk(source)))).values()) == {Fate.HERE}


def test_what_was_deleted_is_gone_and_what_was_transferred_has_left(github: FakeGithub) -> None:
    github.store.add_repo("acme/other")
    source = source_of(github)
    seen = list(sighted(walk(source)))
    github.store.delete(github.store.numbered(SHOP, 2))
    github.store.transfer(github.store.numbered(SHOP, 3), "acme/other")
    found = fates(source, seen)
    assert (found["2"], found["3"], found["4"]) == (Fate.GONE, Fate.LEFT, Fate.HERE)
    assert len(list(source.census(SHOP).ids())) == 4


def test_what_went_where_the_token_may_not_read_is_gone_from_here(github: FakeGithub) -> None:
    source = source_of(github)
    (id_,) = [one for one in sighted(walk(source)) if one.endswith("#2")]
    github.fail_once("/issues/2", Reply(404, b'{"message": "Not Found"}'))
    assert fates(source, [id_]) == {"2": Fate.GONE}


def test_a_repository_that_vanished_hides_its_issues(github: FakeGithub) -> None:
    source = source_of(github)
    seen = list(sighted(walk(source)))
    github.store.hide(SHOP)
    assert set(fates(source, seen).values()) == {Fate.HIDDEN}


def test_another_issue_under_the_same_number_is_another_one(github: FakeGithub) -> None:
    source = source_of(github)
    walk(source)
    assert fates(source, ["999#2"]) == {"2": Fate.GONE}


def test_a_renamed_repository_has_the_same_sightings(github: FakeGithub) -> None:
    source = source_of(github)
    before = sighted(walk(source))
    source.close()
    github.store.rename(SHOP, "acme/store")
    assert sighted(walk(source)).keys() == before.keys()
    assert set(fates(source, list(before)).values()) == {Fate.HERE}


def test_issues_are_fetched_by_their_sightings(github: FakeGithub) -> None:
    source = source_of(github)
    seen = sighted(walk(source))
    github.store.delete(github.store.numbered(SHOP, 2))
    batches = list(source.census(SHOP).fetch(sorted(seen)))
    assert sorted(items_of(batches)) == [f"github:acme/shop#{n}" for n in (1, 3, 4, 5)]
    assert set(sighted(batches)) == {one for one in seen if not one.endswith("#2")}
    assert not any(batch.is_ordered or batch.newest for batch in batches)


def test_ids_that_cannot_all_be_read_prove_nothing(github: FakeGithub) -> None:
    source = source_of(github)
    census = source.census(SHOP)
    github.store.hide(SHOP)
    with pytest.raises(SourceError):
        list(census.ids())
