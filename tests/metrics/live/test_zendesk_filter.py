"""Which tickets a metric is about."""

import pytest

from debtplan.errors import UsageError
from debtplan.metrics.zendesk_filter import parse_filter
from tests.metrics.live.test_zendesk import on, ticket


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True), ("all", True), ("tag:Ship", True), ("-tag:ship", False), ("tag:shi", False),
        ("tag:ship field:360=shipping", True), ("field:361=b", True), ("-field:361=b", False),
        ("field:999=x", False), ("type:problem channel:web", True), ("group:7", True),
        ('tag:"ship"', True), ("priority:high", False), ("-priority:high", True),
    ],
)  # fmt: skip
def test_a_filter_takes_tickets_that_are_so(text: str, fits: bool) -> None:  # noqa: FBT001 - data
    one = ticket(1, on(1), "ship", group_id=7, priority=None)
    assert all(word.holds(one) for word in parse_filter("It", text)) is fits


@pytest.mark.parametrize("text", ["ship", "subject:x", "tag:", "field:x=1", "field:1", 'tag:"x'])
def test_a_word_that_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_filter("It", text)
