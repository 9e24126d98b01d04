"""Keys stand by their numbers wherever people read them."""

import random

from debtplan.core.natural import in_order, natural


def test_ten_does_not_come_before_two() -> None:
    assert in_order(["jira:FER-10", "jira:FER-2", "jira:FER-1"]) == [
        "jira:FER-1", "jira:FER-2", "jira:FER-10",
    ]  # fmt: skip


def test_keys_of_one_project_stay_together() -> None:
    keys = ["csv:B-1", "github:a/b#12", "csv:A-3", "csv:A", "github:a/b#7", "csv:A-20", "csv:A-3a"]
    assert in_order(keys) == [
        "csv:A", "csv:A-3", "csv:A-3a", "csv:A-20", "csv:B-1", "github:a/b#7", "github:a/b#12",
    ]  # fmt: skip


def test_every_number_of_a_key_counts() -> None:
    assert in_order(["v10.2", "v9.12", "v9.2"]) == ["v9.2", "v9.12", "v10.2"]


def test_keys_that_are_one_number_have_one_order_whatever_came_first() -> None:
    keys = ["A-01", "A-1", "A-001", "A-2", "2", "", "-"]
    mixed = random.Random(7).sample(keys, len(keys))
    assert in_order(mixed) == in_order(keys)
    assert natural("A-01") != natural("A-1")


def test_a_number_of_thousands_of_digits_has_a_place() -> None:
    long = f"A-{'9' * 10_000}"
    assert in_order([f"{long}9", long, "A-10"]) == ["A-10", long, f"{long}9"]


def test_digits_that_are_no_ascii_are_text() -> None:
    assert in_order(["A-²", "A-٣", "A-3"]) == ["A-3", "A-²", "A-٣"]
