"""Text from trackers: nothing invisible, nothing endless, and cleaning twice changes nothing."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.text import LINE_LIMIT, TEXT_LIMIT, clean_line, clean_text, safe_url

ANYTHING = st.text(st.characters(codec=None, exclude_categories=()), max_size=400)


@pytest.mark.parametrize(
    "url",
    [
        None, "", "javascript:alert(1)", "ftp://host/x", "http://a b", 'https://a"onload=x',
        "https://a<b>", "HTTPS://", "//host", "https://a\x00b", "https://a\u202eb", "https://a\n",
    ],
)  # fmt: skip
def test_an_address_that_is_not_plain_http_is_none(url: str | None) -> None:
    assert safe_url(url) is None


def test_a_plain_address_stays() -> None:
    assert safe_url("https://x.example/browse/A-1?b=c#d") == "https://x.example/browse/A-1?b=c#d"


def test_a_direction_override_becomes_visible() -> None:
    assert clean_line("pay \u202efdp.exe") == "pay <U+202E>fdp.exe"


def test_controls_surrogates_and_invisible_characters_go() -> None:
    assert clean_line("a\x00b\x1b[31m\ud800\u200b\ufeffc") == "ab[31mc"


def test_a_line_separator_keeps_words_apart() -> None:
    assert clean_line("one\u2028two\x0bthree\x85four\rfive\tsix\u00a0seven") == (
        "one two three four five six seven"
    )


def test_line_breaks_of_a_text_stay() -> None:
    assert clean_text("a\r\nb\rc\nd\u2029e") == "a\nb\nc\nd\ne"


def test_emoji_and_other_scripts_stay() -> None:
    assert clean_line("👩‍💻 支払い läuft עברית") == "👩‍💻 支払い läuft עברית"


def test_a_long_line_says_how_long_it_was() -> None:
    line = clean_line("x" * 1_000)
    assert len(line) <= LINE_LIMIT
    assert line.endswith("(cut from 1,000 characters)")


def test_a_megabyte_is_cut_in_a_moment() -> None:
    started = perf_counter()
    text = clean_text("\u202ea\x00 " * 250_000)
    assert perf_counter() - started < 2
    assert len(text) <= TEXT_LIMIT
    assert text.endswith("(cut from 1,000,000 characters)")


@given(ANYTHING)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(ANYTHING, st.integers(60, 200))
def test_cleaned_text_keeps_to_its_limit_and_can_be_encoded(text: str, limit: int) -> None:
    once = clean_text(text, limit)
    assert len(once) <= limit
    assert clean_text(once, limit) == once
    once.encode("utf-8")
    assert "\n" not in clean_line(text)
