"""The JQL of the fake Jira, query by query."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.servers.jira_match import IdOrder, Matcher, milliseconds
from tests.servers.jira_query import JqlError
from tests.servers.jira_search import Searcher
from tests.servers.jira_site import Site
from tests.servers.jira_store import START, JiraStore


def site(language: str = "en") -> JiraStore:
    """Two projects, six issues an hour apart, a closed, an active and a future sprint."""
    store = JiraStore(Site(language=language))
    store.add_project("A", "Apples")
    store.add_project("B", team_managed=True)
    board = store.add_board("A")
    old, new, later = (store.add_sprint(board, name) for name in ("Old", "New one", "Later"))
    store.start_sprint(old)
    store.create("A", "Slow search", labels=["debt", "ux"], points=3, sprint=old)
    store.advance(3600)
    store.create("A", "Crash in cart", kind="Bug", status="In Progress", sprint=old)
    store.close_sprint(old)
    store.start_sprint(new)
    store.advance(3600)
    store.create("B", "Search fails", labels=["debt"], components=["cart"], status="Done")
    store.advance(3600)
    epic = store.create("A", "Checkout", kind="Epic", priority="High")
    store.advance(3600)
    store.create("A", 'Say "hello"', parent=epic, points=8, sprint=new)
    store.advance(3600)
    store.create("B", "Archived", labels=["debt"])
    store.archive("B-2")
    store.create("B", "Tidy up", sprint=later)
    return store


def found(
    jql: str, store: JiraStore | None = None, zone: str = "UTC", id_order: IdOrder = "key"
) -> str:
    searcher = Searcher(Matcher(store or site(), ZoneInfo(zone), id_order))
    answer = searcher.find(jql)
    return " ".join(issue.key for issue in answer.page(0, 100))


@pytest.mark.parametrize(
    ("where", "keys"),
    [
        ("project = A", "A-1 A-2 A-3 A-4"),
        ("project = apples", "A-1 A-2 A-3 A-4"),
        ("project in (A, 'B')", "A-1 A-2 A-3 A-4 B-1 B-3"),
        ("project not in (A)", "B-1 B-3"),
        ("project != B", "A-1 A-2 A-3 A-4"),
        ("labels = debt", "A-1 B-1"),
        ("labels in (ux, nothing)", "A-1"),
        # As in Jira, an issue without labels is not found by !=.
        ("labels != ux", "B-1"),
        ("labels is empty", "A-2 A-3 A-4 B-3"),
        ("labels is not EMPTY", "A-1 B-1"),
        ("component = cart", "B-1"),
        ("issuetype = Bug", "A-2"),
        ("type in (Bug, Epic)", "A-2 A-3"),
        ('status = "In Progress"', "A-2"),
        ("statusCategory = Done", "B-1"),
        ("statusCategory != Done and project = B", "B-3"),
        ("statusCategory = 2", "A-1 A-3 A-4 B-3"),
        ("sprint = 2", "A-1 A-2"),
        ('sprint = "New one"', "A-4"),
        ("sprint in openSprints()", "A-4"),
        ("sprint in futureSprints()", "B-3"),
        ("sprint is EMPTY", "A-3 B-1"),
        ("parent = A-3", "A-4"),
        ('"Epic Link" = A-3', "A-4"),
        ("key = a-2", "A-2"),
        ("key in (A-2, B-1)", "A-2 B-1"),
        ("id = 10002", "A-2"),
        ("key > A-2", "A-3 A-4"),
        ("id >= 10002 AND project in (A, B)", "A-2 A-3 A-4"),
        ('"Story Points" > 3', "A-4"),
        ("cf[10026] = 3", "A-1"),
        ("priority = High", "A-3"),
        ("resolution is not EMPTY", "B-1"),
        ("summary ~ search", "A-1 B-1"),
        ("NOT project = A", "B-1 B-3"),
        (r'summary ~ "\"hello\"" AND labels != "\u0064ebt"', ""),
        (r'summary ~ "\"hello\""', "A-4"),
        (r"labels = '\u0064ebt' AND project = B", "B-1"),
        ("project = A AND (labels = debt OR issuetype = Bug)", "A-1 A-2"),
        ("project = A AND labels = debt OR project = B", "A-1 B-1 B-3"),
        ("! labels = debt && project = B || key = A-1", "A-1 B-3"),
        ("updated >= -2h and project = A", "A-3 A-4"),
        ("created < '2026-11-02 10:00'", "A-1"),
        ("created >= 2026-11-02 AND created < '2026/11/02 10:00'", "A-1"),
        ("updated <= now()", "A-1 A-2 A-3 A-4 B-1 B-3"),
    ],
)
def test_a_query_finds(where: str, keys: str) -> None:
    assert found(f"{where} ORDER BY key ASC") == keys


@pytest.mark.parametrize(
    ("order", "keys"),
    [
        ("updated ASC", "A-1 A-2 B-1 A-3 A-4 B-3"),
        ("created DESC", "B-3 A-4 A-3 B-1 A-2 A-1"),
        ("key DESC", "B-3 B-1 A-4 A-3 A-2 A-1"),
        ("project DESC, key", "B-1 B-3 A-1 A-2 A-3 A-4"),
        ("status, updated", "A-1 A-3 A-4 B-3 A-2 B-1"),
        # Nothing is promised among equals; the fake gives the newest first.
        ("project", "A-4 A-3 A-2 A-1 B-3 B-1"),
    ],
)
def test_an_order_sorts(order: str, keys: str) -> None:
    assert found(f"project in (A, B) ORDER BY {order}") == keys


@pytest.mark.parametrize(
    ("jql", "message"),
    [
        ("project = Z", "The value 'Z' does not exist for the field 'project'."),
        ("status = Nope", "The value 'Nope' does not exist for the field 'status'."),
        ("colour = red", "Field 'colour' does not exist or you do not have permission to view it."),
        ("project = A ORDER BY colour", "Not able to sort using field 'colour'."),
        ("id > 1", "An issue with ID '1' does not exist for field 'id'."),
        ("key = A-99", "An issue with key 'A-99' does not exist for field 'key'."),
        (
            "sprint = 99",
            "Sprint with id '99' does not exist or you do not have permission to view it.",
        ),
        (
            "project = ",
            (
                "Error in the JQL Query: Expecting either a value, list or function before the"
                " end of the query."
            ),
        ),
        (
            "project = A labels = x",
            (
                "Error in the JQL Query: Expecting either 'OR' or 'AND' but got 'labels'."
                " (line 1, character 13)"
            ),
        ),
        ("(project = A", "Error in the JQL Query: Expecting ')' before the end of the query."),
        (
            "project = OR",
            (
                "Error in the JQL Query: 'OR' is a reserved JQL word. You must surround it in"
                " quotation marks to use it as a value. (line 1, character 11)"
            ),
        ),
        (
            "labels = a/b",
            (
                "Error in the JQL Query: The character '/' is a reserved JQL character. You must"
                " enclose it in a string or use the escape '\\u002f' instead."
                " (line 1, character 11)"
            ),
        ),
        (
            "labels = 'a",
            (
                "Error in the JQL Query: The quoted string 'a' has not been completed."
                " (line 1, character 10)"
            ),
        ),
        (
            r'labels = "\q"',
            (
                r"Error in the JQL Query: '\q' is an illegal JQL escape sequence. The valid escape"
                r""" sequences are \', \", \t, \n, \r, \\, '\ ' and \uXXXX."""
                " (line 1, character 10)"
            ),
        ),
        ("labels > x", "The operator '>' is not supported by the 'labels' field."),
        (
            "updated >= '2026-11-01 10:00:30'",
            (
                "Date value '2026-11-01 10:00:30' for field 'updated' is invalid. Valid formats"
                " include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a"
                " period format e.g. '-5d', '4w 2d'."
            ),
        ),
    ],
)
def test_a_query_is_refused_in_jiras_words(jql: str, message: str) -> None:
    with pytest.raises(JqlError) as error:
        found(jql)
    assert error.value.messages == (message,)


def test_every_mistake_of_a_query_is_told() -> None:
    with pytest.raises(JqlError) as error:
        found("project = Z AND colour = red")
    assert len(error.value.messages) == 2


def test_a_date_is_read_in_the_accounts_time_zone() -> None:
    asked = 'created >= "2026-11-02 10:00" AND project = A ORDER BY key'
    assert found(asked, zone="UTC") == "A-2 A-3 A-4"
    assert found(asked, zone="Pacific/Kiritimati") == "A-1 A-2 A-3 A-4"
    assert found(asked, zone="America/Los_Angeles") == ""


@given(offset=st.integers(0, 6 * 3_600_000))
def test_a_bound_in_milliseconds_is_exact(offset: int) -> None:
    store = site()
    bound = milliseconds(START) + offset
    known = [one for one in store.issues.values() if one.archived is None]
    expected = {one.key for one in known if milliseconds(one.updated) >= bound}
    for order in ("updated ASC", "key DESC"):
        jql = f"updated >= {bound} ORDER BY {order}"
        assert set(found(jql, store, "Asia/Tokyo").split()) == expected


def test_an_index_in_whole_seconds_cuts_what_it_compares() -> None:
    store = site()
    store.now = START + timedelta(days=1, milliseconds=700)
    store.update("A-1", points=5)
    bound = milliseconds(store.now) - 100
    zone = ZoneInfo("UTC")
    for unit, count in ((1, 1), (1000, 0)):
        searcher = Searcher(Matcher(store, zone, date_unit_ms=unit))
        assert len(searcher.find(f"updated >= {bound}")) == count


def test_ids_compare_as_numbers_where_the_option_says_so() -> None:
    assert found("id > 10002 ORDER BY id", id_order="number") == "B-1 A-3 A-4 B-3"
    assert found("id > 1 AND project = B ORDER BY key", id_order="number") == "B-1 B-3"
    assert found("key > A-2 ORDER BY id", id_order="number") == "A-3 A-4"


@given(
    after=st.sampled_from(["A-1", "A-2", "A-3", "B-1", "B-3"]),
    operator=st.sampled_from(["<", "<=", ">", ">="]),
    order=st.sampled_from(["key", "key DESC", "id", "updated", "created DESC, key"]),
    id_order=st.sampled_from(["key", "number"]),
)
def test_a_kept_list_gives_what_a_fresh_search_gives(
    after: str, operator: str, order: str, id_order: IdOrder
) -> None:
    store = site()
    bound = f"id {operator} {store.get(after).id}"
    searcher = Searcher(Matcher(store, ZoneInfo("UTC"), id_order))
    searcher.find(f"id <= {store.get('A-1').id} ORDER BY {order}")
    answer = searcher.find(f"{bound} ORDER BY {order}")
    tested = found(f"NOT NOT ({bound}) ORDER BY {order}", store, id_order=id_order)
    assert " ".join(one.key for one in answer.page(0, 99)) == tested


def test_a_german_site_knows_its_own_names_and_the_english_ones() -> None:
    store = site("de")
    assert found('status = "In Arbeit"', store) == "A-2"
    assert found('"Story-Punkte" = 8', store) == "A-4"
    assert found("issuetype = Fehler OR issuetype = Epic ORDER BY key", store) == "A-2 A-3"


def test_a_moved_issue_is_found_by_both_keys() -> None:
    store = site()
    store.move("A-2", "B")
    assert found("key = A-2", store) == found("key = B-4", store) == "B-4"
    assert found("project = A ORDER BY key", store) == "A-1 A-3 A-4"


def test_a_hidden_project_does_not_exist() -> None:
    store = site()
    store.hide_project("B")
    with pytest.raises(JqlError, match="The value 'B' does not exist for the field 'project'"):
        found("project in (A, B)", store)
    assert found("labels = debt", store) == "A-1"


def test_the_search_sees_a_change_after_the_lag() -> None:
    store = JiraStore(Site(), lag_s=30)
    store.add_project("A")
    store.create("A")
    assert found("project = A", store) == ""
    store.advance(30)
    assert found("project = A", store) == "A-1"
    store.update("A-1", labels=["debt"])
    store.delete("A-1")
    store.advance(29)
    assert found("labels is EMPTY", store) == "A-1"
    store.advance(1)
    assert found("project = A", store) == ""


def test_reconciled_issues_are_seen_as_they_are() -> None:
    store = JiraStore(Site(), lag_s=30)
    store.add_project("A")
    one, two = store.create("A"), store.create("A")
    store.advance(30)
    store.delete(one)
    new = store.create("A", labels=["debt"])
    searcher = Searcher(Matcher(store, ZoneInfo("UTC")))
    keys = [issue.id for issue in searcher.find("project = A ORDER BY key").page(0, 9)]
    assert keys == [one.id, two.id]
    answer = searcher.find("project = A ORDER BY key", [one.id, new.id])
    assert [issue.id for issue in answer.page(0, 9)] == [two.id, new.id]


def test_an_instant_is_counted_exactly() -> None:
    assert milliseconds(datetime(2026, 11, 2, 9, 0, 0, 1000, tzinfo=UTC)) == 1_793_610_000_001


def test_a_walk_sorts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    searcher = Searcher(Matcher(site(), ZoneInfo("UTC")))
    sort, sorts = Searcher._sorted, []  # noqa: SLF001 - counts what a page costs

    def counted(*given: Any) -> Any:
        sorts.append(given)
        return sort(*given)

    monkeypatch.setattr(Searcher, "_sorted", counted)
    for key in ("A-1", "A-2", "A-3"):
        bound = searcher.find(f"key > {key} AND project = A ORDER BY key")
        assert bound.page(0, 1)[0].number == int(key[-1]) + 1
    for minute in range(10):
        searcher.find(f"updated >= {milliseconds(START) + minute} ORDER BY updated")
    assert len(sorts) == 2
