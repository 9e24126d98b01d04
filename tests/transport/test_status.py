"""What an answer's status means, in the words that people read."""

import pytest

from debtplan.errors import AuthenticationError, DebtplanError, SourceError
from debtplan.transport.answer import Answer
from debtplan.transport.client import Login
from debtplan.transport.secret import Secret, bearer
from tests.transport.asking import LOGIN, ORIGIN, TOKEN, answer, scripted

PLACE = "jira.example.com/rest/api/3/project/OMNI"


def failed(
    status: int, content: bytes = b"{}", login: Login = LOGIN, **headers: str
) -> DebtplanError:
    with (
        scripted(answer(status, content, **headers), login=login) as asking,
        pytest.raises(DebtplanError) as caught,
    ):
        asking.get("/rest/api/3/project/OMNI", fields="summary")
    assert asking.requests == 1
    return caught.value


def test_a_refused_token_is_named_by_its_variable() -> None:
    error = failed(401, b'{"message": "Token expired."}')
    assert isinstance(error, AuthenticationError)
    assert error.what == (f"{PLACE} refused the token from {ORIGIN} (status 401: Token expired).")
    assert error.fix == "Make a new token."


def test_a_service_that_wants_a_token_says_so() -> None:
    error = failed(401, login=Login())
    assert error.what == f"{PLACE} wants a token (status 401)."
    assert error.fix == "Check the token and what it may read, then run it again."


def test_a_real_403_fails_at_once_with_the_reason() -> None:
    error = failed(403, b'{"message": "Resource not accessible by personal access token"}')
    assert isinstance(error, AuthenticationError)
    assert error.what == (
        f"{PLACE} is forbidden for this token "
        "(status 403: Resource not accessible by personal access token)."
    )


def test_an_allowed_status_is_an_answer() -> None:
    with scripted(answer(403, b'{"message": "no"}')) as asking:
        assert asking.get("rest", allow=frozenset({403})).status == 403


def test_a_limit_is_no_answer_even_where_403_is_allowed(waits: list[float]) -> None:
    limit = answer(403, b'{"message": "You have exceeded a secondary rate limit."}')
    with scripted(limit, answer(200)) as asking:
        assert asking.get("rest", allow=frozenset({403})).status == 200
    assert waits == [60.0]


def test_an_endpoint_that_was_removed_is_no_empty_list() -> None:
    error = failed(410, b'{"errorMessages": ["The requested API has been removed."], "errors": {}}')
    assert isinstance(error, SourceError)
    assert error.what == (
        f"{PLACE} was removed by its maker (410: The requested API has been removed)."
    )
    assert error.fix.startswith("Upgrade debtplan")


def test_what_is_hidden_or_absent_names_both() -> None:
    assert failed(404).what == f"{PLACE} does not exist, or is hidden from this token (404)."


def test_nothing_changed_is_a_failure_where_nothing_is_known() -> None:
    assert "nothing is known from before" in failed(304).what


def test_the_judge_of_a_login_refuses_what_looks_like_success() -> None:
    def judge(found: Answer) -> str | None:
        reason = found.headers.get("x-seraph-loginreason", "")
        return "login failed" if "FAILED" in reason else None

    login = Login({"Authorization": bearer(Secret(TOKEN))}, ORIGIN, judge=judge)
    error = failed(200, b"[]", login, X_Seraph_LoginReason="AUTHENTICATED_FAILED")
    assert isinstance(error, AuthenticationError)
    assert error.what == f"{PLACE} refused the token from {ORIGIN} (login failed)."


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            b'{"errorMessages": ["", "The value \'X\' does not exist."]}',
            ": The value 'X' does not exist",
        ),
        (b'{"errorMessages": [], "errors": {"jql": "is wrong"}}', ": is wrong"),
        (b'{"errors": [{"message": "Bad NRQL"}]}', ": Bad NRQL"),
        (b'{"error": {"message": "no such query"}}', ": no such query"),
        (b'[{"message": "first"}, {"message": "second"}]', ": first"),
        (
            b'{"detail": "You do not\\nhave \\u202epermission"}',
            ": You do not have <U+202E>permission",
        ),
        (b'{"message": 5, "title": "Bad"}', ": Bad"),
        (b"{}", ""),
        (b"[]", ""),
        (b"null", ""),
        (b"<html>no</html>", ""),
        (b"", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_the_servers_own_words_are_shown_where_it_has_some(content: bytes, words: str) -> None:
    assert failed(400, content).what == f"{PLACE} answered with status 400{words}."


def test_long_words_are_cut() -> None:
    assert len(failed(400, b'{"message": "%s"}' % (b"long " * 10_000)).what) < 300


def test_a_token_that_no_header_carries_is_refused_before_it_is_sent() -> None:
    for plain in (f"{TOKEN}\n", "töken-123456", f" {TOKEN}", "a\r\nHost: evil.example"):
        login = Login({"Private-Token": Secret(plain, ORIGIN)}, ORIGIN)
        with scripted(answer(200), login=login) as asking:
            with pytest.raises(AuthenticationError) as caught:
                asking.get("rest")
            assert asking.requests == 0
        assert caught.value.what == f"{ORIGIN} holds a character that no token has."
        assert plain.strip() not in str(caught.value)
