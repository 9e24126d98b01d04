"""Walking through a repository on the fake GitHub: nothing lost, whatever moves."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from debtplan.core.source import Mark
from debtplan.errors import SettingsError, SourceError
from tests.servers.github import FakeGithub
from tests.servers.github_records import stamp
from tests.servers.harness import Reply
from tests.sources.live.github_source import (
    SHOP,
    items_of,
    serving,
    sighted,
    skipped_of,
    source_of,
    walk,
)


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with serving() as server:
        yield server


def fill(github: FakeGithub, count: int, step_s: float = 60) -> list[Any]:
    made = []
    for number in range(1, count + 1):
        github.advance(step_s)
        made.append(github.store.add_issue(SHOP, f"Issue {number}", labels=("debt",)))
    return made


def numbers(keys: Any) -> set[int]:
    return {int(key.rpartition("#")[2]) for key in keys if key}


def test_an_issue_becomes_an_item_with_all_its_fields(github: FakeGithub) -> None:
    github.store.add_type("acme", "Bug")
    github.store.add_milestone(SHOP, "Autumn")
    fields = {"labels": ("debt", "points:3"), "type": "Bug", "milestone": 1}
    github.store.add_issue(SHOP, "Slow <script> checkout", body="It hangs.", **fields)
    with_site = walk(source_of(github))
    item = items_of(with_site)["github:acme/shop#1"]
    assert (item.title, item.text, item.points) == ("Slow <script> checkout", "It hangs.", 3)
    assert (item.type_name, item.sprint, item.labels) == ("Bug", "Autumn", ("debt", "points:3"))
    assert item.url == "https://github.com/acme/shop/issues/1"
    assert item.updated_at == github.now


def test_an_empty_repository_gives_no_items_and_no_error(github: FakeGithub) -> None:
    assert items_of(walk(source_of(github))) == {}


def test_all_pages_are_read_and_every_issue_is_given_once(github: FakeGithub) -> None:
    fill(github, 250)
    batches = walk(source_of(github))
    given = [key for batch in batches for _, key in batch.sightings]
    assert len(given) == len(set(given)) == 250
    assert len(items_of(batches)) == 250
    newest = [batch.newest for batch in batches if batch.newest]
    assert newest == sorted(newest)
    assert all(batch.is_ordered for batch in batches)
    assert "page" not in {name for seen in github.log for name in seen.query}


def test_an_issue_that_changes_between_two_pages_shifts_no_other_one_out(
    github: FakeGithub,
) -> None:
    made = fill(github, 250)

    def touch(page: int) -> None:
        github.store.touch(made[page])

    github.options.on_page = touch
    assert numbers(items_of(walk(source_of(github)))) == set(range(1, 251))


def test_issues_of_one_second_are_read_over_the_borders_of_pages(github: FakeGithub) -> None:
    fill(github, 320, step_s=0)
    assert numbers(items_of(walk(source_of(github)))) == set(range(1, 321))


def test_one_second_beside_others_is_read_over_the_borders_of_pages(github: FakeGithub) -> None:
    fill(github, 50)
    fill(github, 260, step_s=0)
    fill(github, 50)
    assert numbers(items_of(walk(source_of(github)))) == set(range(1, 361))


def test_a_change_inside_such_a_second_loses_none_either(github: FakeGithub) -> None:
    made = fill(github, 320, step_s=0)
    before = stamp(github.now)
    github.advance(60)

    def touch(page: int) -> None:
        if page == 3:
            github.store.touch(made[5])

    github.options.on_page = touch
    batches = walk(source_of(github))
    assert numbers(items_of(batches)) == set(range(1, 321))
    assert stamp(items_of(batches)["github:acme/shop#6"].updated_at or github.now) != before


def test_a_walk_that_breaks_off_goes_on_where_it_was(github: FakeGithub) -> None:
    fill(github, 250)
    source = source_of(github)
    mark = Mark(source="github", part=SHOP, scope=source.scope(SHOP))
    some = source.walk(SHOP, mark)
    first = next(some)
    some.close()  # type: ignore[attr-defined]
    rest = walk(source, since=first.newest)
    assert numbers(items_of(rest)) == set(range(90, 251))  # ten minutes are read again


def test_a_second_walk_reads_ten_minutes_again_and_no_more(github: FakeGithub) -> None:
    made = fill(github, 250)
    source = source_of(github)
    newest = max(batch.newest for batch in walk(source) if batch.newest)
    github.advance(86_400)
    github.store.close(made[0])
    asked = len(github.log)
    again = walk(source, since=newest)
    assert numbers(items_of(again)) == {1, *range(240, 251)}
    assert len(github.log) - asked == 1
    assert items_of(again)["github:acme/shop#1"].state == "done"


def test_a_change_that_the_list_shows_late_is_read_next_time() -> None:
    with serving(lag_s=300) as github:
        made = fill(github, 3)
        github.advance(3_600)
        source = source_of(github)
        newest = max(batch.newest for batch in walk(source) if batch.newest)
        github.store.update(made[0], title="New")
        github.advance(10)
        assert items_of(walk(source, since=newest))["github:acme/shop#1"].title == "Issue 1"
        github.advance(300)
        assert items_of(walk(source, since=newest))["github:acme/shop#1"].title == "New"


def test_pull_requests_are_sighted_counted_and_not_listed_one_by_one(github: FakeGithub) -> None:
    fill(github, 2)
    for _ in range(3):
        github.store.add_issue(SHOP, "Change", is_pull=True)
    batches = walk(source_of(github))
    assert numbers(items_of(batches)) == {1, 2}
    assert sorted(sighted(batches).values()) == [
        "",
        "",
        "",
        "github:acme/shop#1",
        "github:acme/shop#2",
    ]
    day = "2026-11-02"
    assert skipped_of(batches) == {
        "acme/shop pulls": f"3 pull requests are no items (counted on {day})"
    }


def test_an_issue_that_loses_its_label_is_sighted_without_a_key(github: FakeGithub) -> None:
    made = fill(github, 2)
    source = source_of(github, labels=("Debt",))
    first = walk(source)
    github.advance(60)
    github.store.unlabel(made[0], "debt")
    then = walk(source, since=github.now)
    id_ = next(id_ for id_, key in sighted(first).items() if key == "github:acme/shop#1")
    assert sighted(then)[id_] == ""
    assert numbers(items_of(then)) == {2}
    day = "(counted on 2026-11-02)"
    whole = skipped_of(walk(source))
    assert whole == {
        "acme/shop issues": f"1 issue carries none of the labels Debt; left out as asked {day}"
    }


def test_a_renamed_repository_is_still_read_and_read_anew(github: FakeGithub) -> None:
    fill(github, 120)
    source = source_of(github)
    before = source.scope(SHOP)
    source.close()
    github.store.rename(SHOP, "acme/store")
    batches = walk(source)
    assert len(items_of(batches)) == 120
    assert "github:acme/store#1" in items_of(batches)
    assert source.scope(SHOP) != before


def test_every_repository_is_read_anew_once_a_day(github: FakeGithub) -> None:
    source = source_of(github)
    first = source.scope(SHOP)
    github.advance(3_600)
    assert source.scope(SHOP) == first
    github.advance(86_400)
    assert source.scope(SHOP) != first


def test_other_labels_are_another_scope(github: FakeGithub) -> None:
    assert source_of(github).scope(SHOP) != source_of(github, labels=("debt",)).scope(SHOP)


@pytest.mark.parametrize("repos", [(), ("acme",), ("acme/shop/x",), ("a b/c",)])
def test_what_is_no_repository_is_a_mistake_of_the_settings(
    github: FakeGithub, repos: tuple[str, ...]
) -> None:
    with pytest.raises(SettingsError, match=r"repos of \[sources\.github\]"):
        source_of(github, repos=repos).parts()


def test_a_repository_named_twice_is_one_part(github: FakeGithub) -> None:
    assert source_of(github, repos=(SHOP, "b/c", "Acme/Shop")).parts() == (SHOP, "b/c")


def test_a_repository_whose_issues_are_off_is_no_empty_backlog(github: FakeGithub) -> None:
    github.store.repo(SHOP).has_issues = False
    with pytest.raises(SourceError, match="has its issues switched off"):
        walk(source_of(github))


def test_a_hidden_repository_is_no_empty_backlog(github: FakeGithub) -> None:
    github.store.hide(SHOP)
    with pytest.raises(SourceError, match="does not exist, or is hidden") as error:
        walk(source_of(github))
    assert "Issues: read" in error.value.fix


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>Sign in</html>", "a web page"),
        (b"{}", "no list"),
        (b"null", "no list"),
        (b'[{"id": 1', "is not JSON"),
        (b"", "is empty"),
    ],
)
def test_an_odd_answer_is_never_an_empty_list(
    github: FakeGithub, content: bytes, message: str
) -> None:
    github.fail_once("/issues", Reply(200, content))
    with pytest.raises(SourceError, match=message):
        walk(source_of(github))


def test_a_page_that_fails_once_is_asked_for_again(
    github: FakeGithub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda s: None)
    fill(github, 150)
    github.fail_once("/issues", Reply(502, b"<html>"), times=2)
    assert len(items_of(walk(source_of(github)))) == 150


def test_fields_that_older_servers_leave_out_are_not_missed(github: FakeGithub) -> None:
    record = {"id": 9, "number": 7, "title": "T", "state": "open", "updated_at": stamp(github.now)}
    github.faults.append(
        lambda seen: (
            Reply(200, f"[{json.dumps(record)}, 3, {{}}]".encode())
            if seen.path.endswith("/issues")
            else None
        )
    )
    batches = walk(source_of(github))
    assert items_of(batches)["github:acme/shop#7"].updated_at == github.now
    assert sorted(skipped_of(batches)) == ["acme/shop issue 2", "acme/shop issue 3"]
    assert sighted(batches) == {"9#7": "github:acme/shop#7"}


def test_a_list_that_runs_in_a_circle_is_an_error(github: FakeGithub) -> None:
    fill(github, 3, step_s=0)
    link = f'<{github.api}/repos/acme/shop/issues?page=2>; rel="next"'
    records = [{"id": n, "number": n, "updated_at": stamp(github.now)} for n in (1, 2, 3)]

    def circle(one: Any) -> Reply | None:
        content = json.dumps(records).encode()
        return Reply(200, content, {"Link": link}) if one.path.endswith("/issues") else None

    github.faults.append(circle)
    with pytest.raises(SourceError, match="without an end"):
        walk(source_of(github))


def test_an_empty_page_in_the_middle_is_passed_and_many_are_an_error(github: FakeGithub) -> None:
    fill(github, 3)
    empty = [2]

    def hole(one: Any) -> Reply | None:
        if not one.path.endswith("/issues") or not empty[0]:
            return None
        empty[0] -= 1
        link = (
            f'<{github.api}/repos/acme/shop/issues?state=all&per_page={50 + empty[0]}>; rel="next"'
        )
        return Reply(200, b"[]", {"Link": link})

    github.faults.append(hole)
    assert numbers(items_of(walk(source_of(github)))) == {1, 2, 3}
    empty[0] = 9
    with pytest.raises(SourceError, match="without an end"):
        walk(source_of(github))


def test_the_first_error_comes_after_the_pages_before_it(github: FakeGithub) -> None:
    fill(github, 250)

    def second_page(one: Any) -> Reply | None:
        return Reply(200, b"oops") if "since" in one.query else None

    github.faults.append(second_page)
    source = source_of(github)
    batches = []
    mark = Mark(source="github", part=SHOP, scope=source.scope(SHOP))
    some = source.walk(SHOP, mark)
    batches.append(next(some))
    with pytest.raises(SourceError, match="is not JSON"):
        next(some)
    assert len(items_of(batches)) == 100
    assert batches[0].newest == github.now - timedelta(minutes=150)
