"""Zendesk: tickets over sessions, and both forms of satisfaction."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from debtplan.core.flow import MetricKind
from debtplan.core.reading import midnight
from debtplan.errors import SourceError, UsageError
from debtplan.metrics.options import MetricQuery
from debtplan.ports import LiveSource
from tests.metrics.live.asking import (
    TODAY,
    TOKEN,
    asked,
    counts,
    probed,
    readings,
    skipped,
    source,
    walk,
)
from tests.servers.harness import FakeServer, Reply, Seen, reply

EXPORT = "/api/v2/incremental/tickets/cursor.json"
START = TODAY - timedelta(days=5)


def on(days_ago: int, clock: str = "10:00:00Z") -> str:
    return f"{TODAY - timedelta(days=days_ago)}T{clock}"


def ticket(number: int, made: str, *tags: str, **more: Any) -> dict[str, Any]:
    """Return a ticket as the export has it, with what must not be kept."""
    return {
        "id": number,
        "subject": "My parcel, Ada Lovelace",
        "requester_id": 77,
        "status": "open",
        "type": "problem",
        "tags": list(tags),
        "custom_fields": [{"id": 360, "value": "shipping"}, {"id": 361, "value": ["a", "b"]}],
        "via": {"channel": "web"},
        "created_at": made,
        "updated_at": made,
        **more,
    }


def survey(number: int, made: str, ticket_id: int, **answer: Any) -> dict[str, Any]:
    """Return a survey response with one rating and a comment."""
    rating = {
        "type": "rating_scale",
        "question": {"type": "rating_scale_numeric", "sub_type": "customer_satisfaction"},
        "created_at": made,
        **answer,
    }
    comment = {"type": "open_ended", "value": "secret words", "created_at": made}
    return {
        "id": f"01J{number}",
        "responder_id": 5,
        "subject_zrns": [f"zen:ticket:{ticket_id}"],
        "answers": [comment, rating],
    }


def rating(number: int, made: str, score: str, ticket_id: int = 1) -> dict[str, Any]:
    """Return a satisfaction rating of the older form."""
    return {
        "id": number,
        "score": score,
        "created_at": made,
        "ticket_id": ticket_id,
        "comment": "x",
    }


class Desk:
    """Zendesk with tickets in pages of two and lists in pages of two.

    Attributes:
        surveys: None where the plan has none.
    """

    def __init__(self) -> None:
        self.tickets: list[dict[str, Any]] = []
        self.surveys: list[dict[str, Any]] | None = []
        self.ratings: list[dict[str, Any]] | None = []
        self.user: dict[str, Any] = {"id": 1, "role": "admin", "name": "Ada"}

    def __call__(self, seen: Seen) -> Reply:
        if seen.path == EXPORT:
            return self._export(seen)
        if seen.path == "/api/v2/users/me.json":
            return reply({"user": self.user})
        if seen.path == "/api/v2/tickets/show_many.json":
            wanted = {int(one) for one in seen.query["ids"].split(",")}
            return reply({"tickets": [one for one in self.tickets if one["id"] in wanted]})
        if seen.path == "/api/v2/guide/survey_responses":
            return self._list("survey_responses", self.surveys, seen)
        if seen.path == "/api/v2/satisfaction_ratings":
            return self._list("satisfaction_ratings", self.ratings, seen)
        return Reply(404)

    def _export(self, seen: Seen) -> Reply:
        start = int(seen.query.get("cursor", "0"))
        page: Any = self.tickets[start : start + 2]
        return reply(
            {
                "tickets": page,
                "after_cursor": str(start + 2),
                "end_of_stream": start + 2 >= len(self.tickets),
            }
        )

    def _list(self, name: str, all_of: list[dict[str, Any]] | None, seen: Seen) -> Reply:
        if all_of is None:
            return reply({"error": "Forbidden"}, 403)
        start = int(seen.query.get("page[after]", "0"))
        page: Any = all_of[start : start + 2]
        more = start + 2 < len(all_of)
        meta: Any = {"has_more": more, "after_cursor": str(start + 2) if more else None}
        return reply({name: page, "meta": meta})


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def server(desk: Desk) -> Iterator[FakeServer]:
    with FakeServer(desk) as found:
        yield found


def rate(query: str = "", id_: str = "m") -> MetricQuery:
    return asked({"": query}, id_, MetricKind.TICKET_RATE)


def mood(query: str = "") -> MetricQuery:
    return asked({"": query} if query else {}, "m", MetricKind.CSAT)


def zendesk(server: FakeServer, *queries: MetricQuery, **more: Any) -> LiveSource:
    settings = {"url": server.url, "user": "a@example.com", "history_days": 5, **more}
    return source("zendesk", *queries, **{"sessions_per_day": 100, **settings})


def day(days_ago: int) -> date:
    return TODAY - timedelta(days=days_ago)


def test_tickets_count_on_the_day_they_were_made_over_the_sessions(
    server: FakeServer, desk: Desk
) -> None:
    desk.tickets = [
        ticket(1, on(9)),
        ticket(2, on(4)), ticket(3, on(4, "23:30:00-02:00")), ticket(4, on(1)),
        ticket(5, on(0)),
    ]  # fmt: skip
    assert counts(walk(zendesk(server, rate()))) == {
        day(5): (0, 100), day(4): (1, 100), day(3): (1, 100), day(2): (0, 100), day(1): (1, 100),
    }  # fmt: skip


def test_days_before_the_first_ticket_of_all_are_not_known(server: FakeServer, desk: Desk) -> None:
    desk.tickets = [ticket(1, on(2), "other"), ticket(2, on(1), "ship")]
    assert counts(walk(zendesk(server, rate("tag:ship")))) == {day(2): (0, 100), day(1): (1, 100)}


def test_a_deleted_ticket_does_not_count(server: FakeServer, desk: Desk) -> None:
    desk.tickets = [
        ticket(1, on(1)),
        ticket(2, on(1), status="deleted"),
        {"id": 3, "status": "deleted"},
    ]
    batches = walk(zendesk(server, rate(), history_days=1))
    assert counts(batches) == {day(1): (1, 100)}
    assert skipped(batches) == []


def test_a_ticket_that_changes_between_pages_counts_once_as_it_is_last(
    server: FakeServer, desk: Desk
) -> None:
    desk.tickets = [
        ticket(1, on(1), "ship"), ticket(2, on(1), "ship"),
        ticket(3, on(1), "ship"), ticket(2, on(1), "ship"),
        ticket(1, on(1), "spam"),
    ]  # fmt: skip
    found = counts(walk(zendesk(server, rate("tag:ship"), history_days=1)))
    assert found == {day(1): (2, 100)}


def test_one_export_serves_every_metric_of_a_run(server: FakeServer, desk: Desk) -> None:
    desk.tickets = [ticket(1, on(1), "a"), ticket(2, on(1), "b"), ticket(3, on(1), "b")]
    live = zendesk(server, rate("tag:a", "first"), rate("tag:b", "second"), history_days=120)
    found = {part: sum(1 for _ in _records(live, part)) for part in live.parts()}
    live.close()
    assert found == {"first": 1, "second": 1}
    assert server.paths().count(f"GET {EXPORT}") == 2
    start = midnight(TODAY - timedelta(days=120)).timestamp()
    assert server.log[0].query["start_time"] == f"{start:.0f}"


def _records(live: LiveSource, part: str) -> Iterator[Any]:
    from debtplan.core.source import Mark

    mark = Mark(source=live.name, part=part, scope="")
    for batch in live.walk(part, mark):
        yield from readings([batch])


def test_seven_days_are_read_again(server: FakeServer, desk: Desk) -> None:
    desk.tickets = [ticket(1, on(30))]
    found = counts(walk(zendesk(server, rate()), since=midnight(TODAY)))
    assert list(found) == [day(days) for days in range(7, 0, -1)]


def test_an_account_without_a_ticket_is_said(server: FakeServer) -> None:
    batches = walk(zendesk(server, rate()))
    assert readings(batches) == []
    assert "gave no data" in skipped(batches)[0].reason


def test_a_ticket_without_a_time_is_counted_among_the_odd(server: FakeServer, desk: Desk) -> None:
    desk.tickets = [ticket(1, on(1)), ticket(2, "soon")]
    batches = walk(zendesk(server, rate(), history_days=1))
    assert "1 tickets without a number or a time" in skipped(batches)[0].reason


def test_more_tickets_than_sessions_are_skipped_with_the_day(
    server: FakeServer, desk: Desk
) -> None:
    desk.tickets = [ticket(1, on(1)), ticket(2, on(1))]
    batches = walk(zendesk(server, rate(), history_days=1, sessions_per_day=1))
    assert "2 bad of 1 in all" in skipped(batches)[0].reason


def test_the_limit_of_exports_is_waited_for(
    server: FakeServer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    desk.tickets = [ticket(1, on(1))]
    server.fail_once(EXPORT, Reply(429, b"", {"Retry-After": "42"}))
    assert counts(walk(zendesk(server, rate(), history_days=1))) == {day(1): (1, 100)}
    assert waits == [42.0]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"count": 0, "end_of_stream": True}, "answered without tickets"),
        ({"tickets": []}, "neither that it ended"),
        ({"tickets": [], "end_of_stream": False, "after_cursor": None}, "neither that it ended"),
    ],
)
def test_an_odd_export_is_no_empty_one(server: FakeServer, body: dict[str, Any], why: str) -> None:
    server.fail_once(EXPORT, reply(body))
    with pytest.raises(SourceError, match=why):
        walk(zendesk(server, rate()))


def test_an_export_that_names_its_own_page_again_is_an_error(
    server: FakeServer, desk: Desk
) -> None:
    desk.tickets = [ticket(1, on(1))]
    page: Any = {"tickets": [], "end_of_stream": False, "after_cursor": "7"}
    server.fail_once(EXPORT, reply(page), times=9)
    with pytest.raises(SourceError, match="read before"):
        walk(zendesk(server, rate()))


def test_an_agent_signs_with_mail_and_token_and_an_app_with_its_own(
    server: FakeServer, desk: Desk
) -> None:
    walk(zendesk(server, rate()))
    walk(zendesk(server, rate(), user=""))
    assert server.log[0].headers["authorization"].startswith("Basic ")
    assert server.log[-1].headers["authorization"] == f"Bearer {TOKEN}"


def test_both_forms_of_satisfaction_add_up(server: FakeServer, desk: Desk) -> None:
    desk.surveys = [
        survey(1, on(1), 9, rating=5, rating_category="good"),
        survey(2, on(1), 9, rating=1, rating_category="bad"),
        survey(3, on(1), 9, rating=2),
        survey(4, on(0), 9, rating=1),
    ]
    desk.ratings = [
        rating(1, on(3), "bad_with_comment"), rating(2, on(3), "good"), rating(3, on(3), "offered"),
    ]  # fmt: skip
    assert counts(walk(zendesk(server, mood()))) == {day(3): (1, 2), day(1): (2, 3)}


def test_a_day_without_an_answer_has_no_reading(server: FakeServer, desk: Desk) -> None:
    desk.ratings = [rating(1, on(2), "good")]
    assert counts(walk(zendesk(server, mood()))) == {day(2): (0, 1)}


def test_what_the_survey_calls_bad_outweighs_the_number(server: FakeServer, desk: Desk) -> None:
    desk.surveys = [survey(1, on(1), 9, rating=2, rating_category="good")]
    assert counts(walk(zendesk(server, mood()))) == {day(1): (0, 1)}


def test_a_skipped_rating_is_no_answer(server: FakeServer, desk: Desk) -> None:
    desk.surveys = [survey(1, on(1), 9, type="skipped"), survey(2, on(1), 9, rating=4)]
    assert counts(walk(zendesk(server, mood()))) == {day(1): (0, 1)}


def test_a_plan_without_surveys_still_gives_its_ratings_and_says_so(
    server: FakeServer, desk: Desk
) -> None:
    desk.surveys = None
    desk.ratings = [rating(1, on(1), "bad")]
    batches = walk(zendesk(server, mood()))
    assert counts(batches) == {day(1): (1, 1)}
    assert "only the older satisfaction ratings" in skipped(batches)[0].reason


def test_no_form_at_all_is_an_error_and_not_an_empty_list(server: FakeServer, desk: Desk) -> None:
    desk.surveys = desk.ratings = None
    with pytest.raises(SourceError, match="hidden from the token"):
        walk(zendesk(server, mood()))


def test_answers_about_other_tickets_are_left_out(server: FakeServer, desk: Desk) -> None:
    desk.tickets = [ticket(1, on(8), "ship"), ticket(2, on(8), "login")]
    desk.surveys = [survey(1, on(1), 1, rating=1), survey(2, on(1), 2, rating=1)]
    desk.ratings = [rating(1, on(1), "good", 1), rating(2, on(1), "good", 404)]
    assert counts(walk(zendesk(server, mood("tag:ship")))) == {day(1): (1, 2)}


def test_no_word_and_no_name_of_a_person_is_kept(server: FakeServer, desk: Desk) -> None:
    desk.tickets = [ticket(1, on(1))]
    desk.surveys = [survey(1, on(1), 1, rating=1)]
    for query in (rate(), mood()):
        shown = repr(walk(zendesk(server, query)))
        assert "Ada" not in shown
        assert "secret words" not in shown


@pytest.mark.parametrize(
    ("query", "more", "why"),
    [
        (asked({}, "m", MetricKind.ERROR_RATE), {}, "which Zendesk does not measure"),
        (asked({"bad": "x"}, "m", MetricKind.CSAT), {}, "no figure"),
        (asked({"p95": "x"}, "m", MetricKind.CSAT), {}, "no figure"),
        (asked({}, "m", MetricKind.TICKET_RATE), {"sessions_per_day": None}, "how many sessions"),
        (asked({}, "m", MetricKind.TICKET_RATE), {"url": ""}, "url is not set"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    server: FakeServer, query: MetricQuery, more: dict[str, Any], why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        walk(zendesk(server, query, **more))


def test_a_broken_filter_of_one_metric_leaves_the_others(server: FakeServer, desk: Desk) -> None:
    desk.tickets = [ticket(1, on(1))]
    live = zendesk(server, rate("nonsense", "broken"), rate(), history_days=1)
    assert counts(walk(live)) == {day(1): (1, 100)}
    with pytest.raises(UsageError, match="'nonsense'"):
        walk(live, "broken")


@pytest.mark.parametrize(
    ("user", "why"),
    [
        ({"id": None, "name": "Anonymous user"}, "does not know who"),
        ({"id": 2, "role": "agent"}, "'agent'"),
    ],
)
def test_a_probe_notices_a_token_that_is_too_weak(
    server: FakeServer, desk: Desk, user: dict[str, Any], why: str
) -> None:
    desk.user = user
    found = probed(zendesk(server, rate()))
    assert [one.is_well for one in found] == [False]
    assert why in found[0].what


def test_a_probe_says_what_each_metric_gives(server: FakeServer, desk: Desk) -> None:
    desk.tickets = [ticket(1, on(30))]
    found = probed(zendesk(server, rate()))
    assert [one.is_well for one in found] == [True, True]
    assert found[1].what == "m: 14 of 14 days, the newest 2026-03-19"
