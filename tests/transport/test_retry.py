"""When is asked again, and for how long is waited before: never longer than allowed."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.errors import AuthenticationError, DebtplanError, SourceError
from debtplan.transport import retry
from debtplan.transport.answer import Answer
from debtplan.transport.retry import Budget, RetryError, asked_wait
from tests.transport.asking import answer, client, scripted

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DATE = format_datetime(NOW, usegmt=True)
OK = answer(200, b'{"issues": []}')


def http_time(seconds: int) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": " 7 "}, 7.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "0"}, 1.0),
        ({"Retry-After": http_time(90), "Date": DATE}, 90.0),
        ({"Retry-After": http_time(-90), "Date": DATE}, 1.0),
        ({"Retry-After": "-1"}, 60.0),
        ({"Retry-After": "1e9"}, 60.0),
        ({"Retry-After": "soon"}, 60.0),
        ({}, 60.0),
        (
            {
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": f"{NOW.timestamp() + 42:.0f}",
                "Date": DATE,
            },
            42.0,
        ),
        (
            {
                "X-RateLimit-Remaining": "9",
                "X-RateLimit-Reset": f"{NOW.timestamp() + 42:.0f}",
                "Date": DATE,
            },
            60.0,
        ),
    ],
)
@pytest.mark.parametrize("status", [429, 403])
def test_a_limit_is_waited_for_as_the_server_asks(
    asked: dict[str, str], waited: float, status: int, waits: list[float]
) -> None:
    limit = httpx.Response(status, headers=asked, content=b'{"message": "API rate limit exceeded"}')
    with scripted(limit, OK) as asking:
        assert asking.get("rest").status == 200
    assert waits == [waited]


@pytest.mark.parametrize("asked", ["301", "999999999999", http_time(3600)])
def test_a_wait_beyond_the_limit_is_not_begun(asked: str, waits: list[float]) -> None:
    limit = answer(429, Retry_After=asked, Date=DATE)
    with scripted(limit) as asking, pytest.raises(SourceError) as caught:
        asking.get("rest")
    assert waits == []
    assert asking.requests == 1
    assert "asks to wait" in caught.value.what
    assert "300 s are left of the 300 s" in caught.value.what
    assert "max_wait_s" in caught.value.fix


def test_a_server_that_always_asks_for_a_minute_gets_what_is_allowed(waits: list[float]) -> None:
    with scripted(answer(429, Retry_After="60"), max_wait_s=150) as asking:
        with pytest.raises(SourceError, match="30 s are left of the 150 s"):
            asking.get("rest")
        assert waits == [60.0, 60.0]
        with pytest.raises(SourceError):
            asking.get("other")
    assert waits == [60.0, 60.0]


def test_a_limit_that_says_nothing_takes_what_is_left(waits: list[float]) -> None:
    with scripted(answer(429), OK, max_wait_s=20) as asking:
        assert asking.get("rest").status == 200
    assert waits == [20.0]


def test_a_failure_is_asked_again_after_growing_pauses(waits: list[float]) -> None:
    with scripted(answer(503)) as asking, pytest.raises(SourceError) as caught:
        asking.get("rest")
    assert waits == [0.5, 1.0, 2.0, 4.0]
    assert asking.requests == 5
    assert caught.value.what == "jira.example.com/rest failed with status 503 (asked 5 times)."
    assert caught.value.fix == "Run it again later; what was read so far is kept."


def test_nothing_is_told_or_counted_of_a_wait_that_does_not_follow(waits: list[float]) -> None:
    told: list[tuple[str, float]] = []
    busy = answer(429, Retry_After="5")
    with (
        scripted(busy, attempts=2, told=lambda why, s: told.append((why, s))) as asking,
        pytest.raises(SourceError, match=r"asked 2 times"),
    ):
        asking.get("rest")
    assert waits == [5.0]
    assert told == [("jira.example.com/rest has a limit of requests, which is reached", 5.0)]
    assert asking.budget.wait_left_s == 295.0


def test_short_pauses_are_not_told(waits: list[float]) -> None:
    told: list[float] = []
    with scripted(answer(502), OK, told=lambda _, s: told.append(s)) as asking:
        asking.get("rest")
    assert waits == [0.5]
    assert told == []


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again(status: int) -> None:
    page = answer(status, b"<html>Bad gateway</html>", Content_Type="text/html")
    with scripted(page, OK) as asking:
        assert asking.get("rest").json() == {"issues": []}
    assert asking.requests == 2


@pytest.mark.parametrize(
    "status", [400, 401, 402, 403, 404, 405, 407, 409, 410, 418, 451, 501, 505]
)
def test_what_stays_is_asked_once(status: int, waits: list[float]) -> None:
    with scripted(answer(status)) as asking, pytest.raises(DebtplanError):
        asking.get("rest")
    assert (asking.requests, waits) == (1, [])


def test_a_refused_token_is_never_asked_again_however_the_answer_looks(waits: list[float]) -> None:
    refused = answer(401, Retry_After="1")
    with scripted(refused) as asking, pytest.raises(AuthenticationError):
        asking.get("rest")
    assert (asking.requests, waits) == (1, [])


def test_the_time_of_the_whole_run_ends_the_asking(
    waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(retry, "monotonic", lambda: clock[0])
    with scripted(answer(503, Retry_After="50"), total_s=100.0) as asking:
        clock[0] += 60
        with pytest.raises(SourceError, match="asks to wait 50 s, past the end of the run"):
            asking.get("rest")
        clock[0] += 60
        with pytest.raises(SourceError) as caught:
            asking.get("rest")
    assert caught.value.what == "The 100 s for jira.example.com are over."
    assert "total_s" in caught.value.fix
    assert (asking.requests, waits) == (1, [])


def test_clients_of_one_source_share_their_time() -> None:
    budget = Budget(total_s=1000, max_wait_s=100)
    assert budget.grant("one", RetryError("is busy", 70), 1) == 70
    assert budget.grant("two", RetryError("is busy", 70), 1) is None
    assert budget.grant("two", RetryError("is busy", 30), 1) == 30
    assert budget.wait_left_s == 0


def test_an_interrupt_goes_through_a_wait_and_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupt)
    with scripted(answer(503)) as asking, pytest.raises(KeyboardInterrupt):
        asking.get("rest")
    assert asking.requests == 1

    with scripted(KeyboardInterrupt()) as asking, pytest.raises(KeyboardInterrupt):
        asking.get("rest")
    assert asking.requests == 1


def test_nobody_listening_is_said_with_what_to_check(waits: list[float]) -> None:
    with client("http://127.0.0.1:1") as asking, pytest.raises(SourceError) as caught:
        asking.get("rest")
    assert caught.value.what.startswith("127.0.0.1:1/rest cannot be reached (")
    assert caught.value.what.endswith("(asked 5 times).")
    assert "HTTPS_PROXY" in caught.value.fix
    assert sum(waits) == 7.5


HEADERS = st.one_of(
    st.none(),
    st.integers(-10, 2_000).map(str),
    st.sampled_from(["1e9", "soon", "", "9" * 40, http_time(30), http_time(-30), "1.25"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20),
)
STEPS = st.lists(
    st.tuples(st.sampled_from([200, 403, 408, 429, 500, 503]), HEADERS), min_size=1, max_size=12
)


@given(steps=STEPS, max_wait_s=st.floats(0, 400), attempts=st.integers(1, 8))
@pytest.mark.slow
def test_the_waits_add_up_to_no_more_than_allowed(
    steps: list[tuple[int, str | None]], max_wait_s: float, attempts: int
) -> None:
    told: list[float] = []
    slept: list[float] = []
    answers = [
        httpx.Response(
            status,
            headers={"Date": DATE} | ({} if asked is None else {"Retry-After": asked}),
            content=b'{"message": "secondary rate limit"}' if status == 403 else b"{}",
        )
        for status, asked in steps
    ]
    with (
        pytest.MonkeyPatch.context() as patch,
        scripted(
            *answers, told=lambda _, s: told.append(s), max_wait_s=max_wait_s, attempts=attempts
        ) as asking,
    ):
        patch.setattr(time, "sleep", slept.append)
        for _ in range(3):
            try:
                asked = asking.get("rest")
            except SourceError:
                continue
            assert asked.status == 200
    assert sum(slept) <= max_wait_s + 1e-6
    assert asking.budget.wait_left_s == pytest.approx(max_wait_s - sum(slept), abs=1e-6)
    assert told == [one for one in slept if one >= 1]
    assert asking.requests <= 3 * attempts
    assert len(slept) <= asking.requests


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_header_breaks_the_reading_of_a_wait(asked: str, reset: str) -> None:
    headers = {"retry-after": asked, "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    found = asked_wait(Answer(429, "h", "https://h", headers, b""))
    assert found is None or found >= 0
