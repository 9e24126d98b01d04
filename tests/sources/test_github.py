from datetime import UTC, datetime
from typing import Any

import pytest

from debtplan.core.item import DebtItem, ItemState, Skipped
from debtplan.errors import InputError
from debtplan.files.saved import Page
from debtplan.sources.github.issue import awaited, parse_issue, read_issues
from debtplan.sources.options import IssueTable

Found = list[DebtItem | Skipped]


def issue(number: int = 7, **fields: Any) -> dict[str, Any]:
    address = f"https://github.com/acme/shop/issues/{number}"
    return {"number": number, "title": "T", "state": "open", "html_url": address, **fields}


def read(*contents: Any, **settings: Any) -> Found:
    pages = [Page(f"p{number}.json", content) for number, content in enumerate(contents, 1)]
    table = IssueTable.model_validate({"path": "p*.json", **settings})
    return list(read_issues(pages, "github", table))


def items_of(found: Found) -> dict[str, DebtItem]:
    return {one.key: one for one in found if isinstance(one, DebtItem)}


def skipped_of(found: Found) -> list[tuple[str, str]]:
    return [(one.ref, one.reason) for one in found if isinstance(one, Skipped)]


def one_of(record: Any, **settings: Any) -> DebtItem:
    found = parse_issue(record, "github", IssueTable.model_validate(settings))
    assert isinstance(found, DebtItem), found
    return found


@pytest.mark.parametrize(
    "record",
    [None, 3, "x", [], {}, {"number": 7}, {"number": "x; y"}, {"title": "a"}, {"number": -1}],
)
def test_a_record_that_cannot_be_named_is_skipped(record: Any) -> None:
    found = parse_issue(record, "github", IssueTable(), "p.json issue 3")
    assert isinstance(found, Skipped)
    assert found.ref == "p.json issue 3"
    assert found.reason.startswith("is no issue that can be named")


def test_every_field_may_be_missing_null_or_of_the_wrong_type() -> None:
    names = "title body labels type milestone state user created_at updated_at repository_url url"
    wrong: tuple[Any, ...] = (None, 3, "x", True, [], {}, [None, 3, {}], {"name": 3, "title": []})
    for name in names.split():
        for value in wrong:
            assert one_of(issue(**{name: value})).key == "github:acme/shop#7"


def test_stop_refuses_a_record_that_is_none() -> None:
    with pytest.raises(InputError, match=r"p1\.json issue 2 is no issue"):
        read([issue(), 3], on_error="stop")


def test_an_answer_that_is_an_error_is_never_no_items() -> None:
    with pytest.raises(InputError, match="GitHub refused it: Bad credentials"):
        read({"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"})


def test_no_issues_at_all_says_so() -> None:
    assert skipped_of(read([])) == [("p*.json", "holds no issues; check the request that saved it")]


def test_a_pull_request_is_skipped_with_its_reason() -> None:
    found = read([issue(), issue(8, pull_request={"url": "x"}), issue(9, head={}, base={})])
    assert sorted(items_of(found)) == ["github:acme/shop#7"]
    assert skipped_of(found) == [
        ("github:acme/shop#8", "is a pull request"),
        ("github:acme/shop#9", "is a pull request"),
    ]


def test_stop_does_not_refuse_a_pull_request() -> None:
    assert len(read([issue(), issue(8, pull_request={"url": "x"})], on_error="stop")) == 2


def test_an_issue_is_read_whole() -> None:
    record = issue(
        title="Slow\u202e",
        body="x\r\ny",
        user=None,
        type={"name": "Bug"},
        labels=["ux", {"name": "points:3"}, None],
        milestone={"title": "S 1", "state": "open"},
        created_at="2026-01-01T00:00:00Z",
        updated_at="2026-01-02T00:00:00Z",
    )
    assert one_of(record) == DebtItem(
        key="github:acme/shop#7",
        source="github",
        title="Slow<U+202E>",
        text="x\ny",
        url="https://github.com/acme/shop/issues/7",
        type_name="Bug",
        labels=("ux", "points:3"),
        points=3,
        sprint="S 1",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        updated_at=datetime(2026, 1, 2, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "record",
    [
        {"number": 7, "repository_url": "https://api.github.com/repos/acme/shop"},
        {"number": 7, "repository_url": "https://git.example.com/api/v3/repos/acme/shop"},
        {"number": 7, "html_url": "https://github.com/acme/shop/issues/7"},
        {"number": 7, "url": "https://api.github.com/repos/acme/shop/issues/7"},
        {"number": 7},
    ],
)
def test_the_repository_comes_from_any_address_or_the_settings(record: dict[str, Any]) -> None:
    assert one_of(record, repos=["acme/shop"]).key == "github:acme/shop#7"


def test_several_repositories_in_the_settings_say_nothing_about_one_issue() -> None:
    table = IssueTable(repos=("acme/shop", "acme/web"))
    assert isinstance(parse_issue({"number": 7}, "github", table), Skipped)


@pytest.mark.parametrize(
    ("labels", "points", "remark"),
    [
        (["points:3"], 3.0, None),
        (["Points: 3,5"], 3.5, None),
        (["points:?"], None, None),
        (["size/3"], None, None),
        (["points:0"], None, "label 'points:0' is not above 0, taken as not estimated"),
        (["points:-1"], None, "label 'points:-1' is not above 0, taken as not estimated"),
        (["points:NaN"], None, "label 'points:NaN' is not a finite number"),
        (["points:big"], None, "label 'points:big' is not a number"),
        (
            ["points:3", "points:5"],
            None,
            "has the estimates 'points:3' and 'points:5'; none is taken",
        ),
    ],
)
def test_the_estimate_comes_from_a_label_of_the_configured_form(
    labels: list[str], points: float | None, remark: str | None
) -> None:
    found = read([issue(labels=labels)])
    assert items_of(found)["github:acme/shop#7"].points == points
    reasons = [reason for _, reason in skipped_of(found)]
    assert [reason.startswith(remark or "") for reason in reasons] == [True] * (remark is not None)


def test_another_beginning_of_the_label_can_be_set() -> None:
    assert one_of(issue(labels=["size/5"]), estimate_label="size/").points == 5


@pytest.mark.parametrize(
    ("fields", "state", "sprint"),
    [
        ({"state": "closed", "state_reason": "not_planned"}, ItemState.DONE, None),
        ({"state": "open", "state_reason": "reopened"}, ItemState.OPEN, "S 1"),
        ({"milestone": {"title": "S 1", "state": "closed"}}, ItemState.OPEN, None),
    ],
)
def test_state_and_sprint(fields: dict[str, Any], state: ItemState, sprint: str | None) -> None:
    item = one_of(issue(**{"milestone": {"title": "S 1", "state": "open"}, **fields}))
    assert (item.state, item.sprint) == (state, sprint)


@pytest.mark.parametrize(
    ("body", "refs"),
    [
        ("Blocked by #12", ("acme/shop#12",)),
        (
            "text\n- [ ] **Depends on:** #1, other/repo#2 and https://github.com/x/y/issues/3",
            ("acme/shop#1", "other/repo#2", "x/y#3"),
        ),
        ("> blocked by #012\r\n* depends on #12", ("acme/shop#12",)),
        ("This one is blocked by #12", ()),
        ("Blocked by the weather since 12.5.", ()),
        ("```\nBlocked by #1\n```\nBlocked by #2", ("acme/shop#2",)),
        ("~~~\nBlocked by #1", ()),
        ("Not related: #5\nFixes #6", ()),
        ("", ()),
    ],
)
def test_a_line_about_waiting_names_the_prerequisites(body: str, refs: tuple[str, ...]) -> None:
    assert awaited(body, "acme/shop") == refs


def test_prerequisites_are_keys_and_never_the_issue_itself() -> None:
    found = read([issue(body="Blocked by #7, #8")])
    assert items_of(found)["github:acme/shop#7"].prerequisites == ("github:acme/shop#8",)
    assert skipped_of(found)[0][1].startswith("is linked as waiting for itself")


def test_a_search_answer_says_when_pages_are_missing() -> None:
    found = read({"total_count": 3, "incomplete_results": False, "items": [issue()]})
    assert sorted(items_of(found)) == ["github:acme/shop#7"]
    assert skipped_of(found) == [
        ("p*.json", "the pages hold 1 of 3 issues; save the ones that follow")
    ]


def test_only_issues_with_one_of_the_labels_are_taken_and_the_others_counted() -> None:
    found = read([issue(), issue(8, labels=["UX"]), issue(9, labels=["x"])], labels=["ux", "debt"])
    assert sorted(items_of(found)) == ["github:acme/shop#8"]
    assert skipped_of(found) == [
        ("p*.json", "2 issues carry none of the labels ux, debt; left out as asked")
    ]


def test_a_webhook_payload_holds_one_issue() -> None:
    assert sorted(items_of(read({"action": "opened", "issue": issue()}))) == ["github:acme/shop#7"]


def test_other_answers_are_listed() -> None:
    assert ("p2.json", "holds no GitHub issues; not used") in skipped_of(read([issue()], {"id": 1}))


def test_long_lines_about_waiting_cost_no_time() -> None:
    for text in (f"Blocked by {'a' * 100}/{'b' * 100} " * 300, "*" * 60_000, "```\n" * 15_000):
        assert awaited(text, "o/r") == ()


def test_pages_in_one_list_are_read() -> None:
    assert items_of(read([[issue(1)], [issue(2)]])).keys() == {
        "github:acme/shop#1",
        "github:acme/shop#2",
    }


def test_issues_as_the_command_line_client_and_graphql_give_them_are_read() -> None:
    address = "https://github.com/acme/shop/issues/7"
    plain = {"number": 7, "title": "T", "url": address, "createdAt": "2026-03-01T00:00:00Z"}
    one = plain | {"state": "CLOSED", "labels": [{"name": "points:3"}]}
    two = plain | {"state": "OPEN", "labels": {"nodes": [{"name": "points:3"}]}}
    [item] = items_of(read([one])).values()
    assert (item.state, item.url, item.points) == (ItemState.DONE, address, 3)
    assert item.created_at == datetime(2026, 3, 1, tzinfo=UTC)
    answer = {"data": {"repository": {"issues": {"nodes": [two]}}}}
    [item] = items_of(read(answer)).values()
    assert (item.state, item.points) == (ItemState.OPEN, 3)


def test_issues_in_the_way_that_the_text_does_not_name_are_told() -> None:
    summary = {"blocked_by": 2, "total_blocked_by": 3}
    hidden = issue(1, issue_dependencies_summary=summary, body="Blocked by #2")
    named = issue(3, issue_dependencies_summary={"blocked_by": 1}, body="Blocked by #2")
    closed = issue(4, issue_dependencies_summary=summary, state="closed")
    [(ref, reason)] = skipped_of(read([hidden, named, closed]))
    assert ref == "github:acme/shop#1"
    assert "is blocked by 2 open issues by GitHub's count and its text names 1" in reason
