"""Words brought to one form: identifiers split, synonyms met, hostile text without effect."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.vocabulary import (
    COMPOUNDS,
    CONCEPTS,
    READ_LIMIT,
    STOP_WORDS,
    spellings,
    words,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("AddressService.validateAddress", ["address", "servic", "valid", "address"]),
        ("src/checkout/shipping_form.py", ["src", "checkout", "shipping", "form", "py"]),
        ("HTTPTimeout", ["http", "latency"]),
        ("Carrier times out", ["carri", "latency"]),
        ("high drop-off, people give up", ["high", "loss", "peopl", "loss"]),
        ("Signing in fails", ["login", "error"]),
        ("Adressprüfung scheitert", ["address", "adresspruef", "error"]),
        ("Kunden brechen ab", ["loss"]),
        ("the iOS app of eBay, on iPhones", ["ios", "app", "ebay", "ios"]),
        ("users call support", ["ticket"]),
        ("too many clicks, nobody finishes", ["toil", "loss"]),
        ("the users of it", []),
        ("caf\u00e9 cafe\u0301", ["cafe", "cafe"]),
    ],
)
def test_words_are_concepts_or_stems(text: str, found: list[str]) -> None:
    assert list(words(text)) == found


def test_bent_words_meet() -> None:
    for one, other in (
        ("validation", "validators"),
        ("carriers", "carrier"),
        ("addresses", "address"),
    ):
        assert list(words(one)) == list(words(other))


def test_no_synonym_stands_under_two_concepts_or_among_the_stop_words() -> None:
    listed = [word for said in CONCEPTS.values() for word in said.split()]
    assert len(listed) == len(set(listed))
    assert not STOP_WORDS & set(listed)
    assert set(COMPOUNDS.values()) <= set(CONCEPTS)


def test_every_synonym_is_found_as_its_concept() -> None:
    for name, said in CONCEPTS.items():
        for word in said.split():
            assert list(words(word)) == [name]


def test_directions_that_were_made_visible_say_nothing() -> None:
    assert list(words("pay<U+202E>ment <U+2066>")) == ["payment", "ment"] or list(
        words("cart <U+202E> <U+2066>")
    ) == ["cart"]
    assert list(words("cart<U+202E>")) == ["cart"]


def test_what_lies_beyond_the_limit_is_not_read() -> None:
    assert list(words("x" * READ_LIMIT + " payment")) == ["x" * 40] * (READ_LIMIT // 40)


def test_a_spelling_is_the_first_of_its_word() -> None:
    assert spellings("Outcomes of an outcome, slow") == {"outcom": "outcomes", "latency": "latency"}


@given(st.text(max_size=300))
def test_any_text_has_words_of_letters_and_digits_only(text: str) -> None:
    for word in words(text):
        assert word == word.casefold()
        assert all(unicodedata.category(sign)[0] in "LNM" for sign in word)


def test_a_hostile_text_costs_little() -> None:
    started = time.process_time()
    for text in (
        "a_" * 100_000,
        "sign " * 100_000,
        "-" * 300_000,
        "aA" * 200_000,
        "\u0301" * 90_000,
    ):
        list(words(text))
    assert time.process_time() - started < 1.0
