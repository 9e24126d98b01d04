"""User stories as people write them, and sentences that only look like one."""

from time import perf_counter

import pytest

from debtplan.core.story import find_story


@pytest.mark.parametrize(
    "text",
    [
        "",
        "As soon as I want to pay it fails.",
        "as long as I need the token",
        "It is as fast as I want.",
        "As a result I need to restart the service.",
        "As a workaround we want to restart it.",
        "As a first step we need to split it.",
        "As a side effect I need two logins.",
        "As expected we need to fix this.",
        "As described above we want this gone.",
        "As I need to pay twice, ...",
        "As the database grows, we need to shard it.",
        "As much as I want to, no.",
        "As a user, I can't log in.",
        "I want to be as good as I can.",
        "As a user the page is slow.",
        "has a customer I want",
        "As a user I want",
    ],
)
def test_a_sentence_that_names_no_user_is_no_story(text: str) -> None:
    assert find_story(text) is None


@pytest.mark.parametrize(
    ("text", "who", "need", "outcome"),
    [
        (
            "As a customer I want to pay by card so that I finish my order.",
            "customer", "to pay by card", "I finish my order",
        ),
        ("*As a* customer *I want* to pay, *so that* I am done", "customer", "to pay", "I am done"),
        ("__As an admin__, I'd like to see logs", "admin", "to see logs", ""),
        ("As an admin, I\u2019d love a log.", "admin", "a log", ""),
        ("As customers, we need speed, so we can buy.", "customers", "speed", "we can buy"),
        ("As a user\nI want to pay\nSo that I am happy", "user", "to pay", "I am happy"),
        ("As a user,\n\nI want to pay\n\nother text", "user", "to pay", ""),
        ("AS A USER I WANT X2 SO THAT Y", "USER", "X2", "Y"),
        ("As the shop's owner I want v2.0 back. More.", "shop's owner", "v2.0 back", ""),
        ("As a user, I can reset it in order to get in!", "user", "to reset it", "get in"),
        ("As a user I must be able to stop.", "user", "to stop", ""),
        ("In order to pay, as a guest I want one field", "guest", "one field", "pay"),
        ("User story: As guest I would like to check out", "guest", "to check out", ""),
        ("- As shop staff I only want orders", "shop staff", "orders", ""),
        ("As a user I really need it; thanks", "user", "it", ""),
    ],
)  # fmt: skip
def test_a_story_is_found_however_it_is_told(text: str, who: str, need: str, outcome: str) -> None:
    story = find_story(text)
    assert story is not None
    assert (story.who, story.need, story.outcome) == (who, need, outcome)


def test_the_first_story_of_a_text_counts() -> None:
    story = find_story("Title\nAs a guest I want A1. As a user I want B1.")
    assert story is not None
    assert (story.who, story.need) == ("guest", "A1")


def test_a_long_need_is_cut_and_not_lost() -> None:
    story = find_story("As a guest I want " + "much more " * 400)
    assert story is not None
    assert len(story.need) <= 300


@pytest.mark.parametrize(
    "text",
    [
        "as" + " " * 65_000,
        "as a " * 13_000,
        "as a b I want c so that d " * 2_500,
        "as a\n" * 13_000,
        "as a b I want " + "x" * 65_000,
        "\n" * 65_000,
        "as a " + "b " * 32_000,
        "in order to " * 5_000 + "as a b I want c",
    ],
)
def test_no_text_takes_long(text: str) -> None:
    started = perf_counter()
    find_story(text)
    assert perf_counter() - started < 1
