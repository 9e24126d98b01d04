from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.errors import SourceError
from debtplan.transport.answer import Answer, http_date


def answered(content: bytes = b"", **headers: str) -> Answer:
    return Answer(200, "jira.example.com/rest", "https://jira.example.com/rest?x", headers, content)


def test_the_link_header_names_pages_by_relation() -> None:
    link = (
        '<https://h/a?page=1,2>; rel="prev"; results="false", '
        '<https://h/a?page=3>; title="a, b"; rel="last next"; results="true"; cursor="0:1:0"'
    )
    found = answered(link=link)
    assert found.link("next") == "https://h/a?page=3"
    assert found.link("prev") == "https://h/a?page=1,2"
    assert found.link("first") is None
    assert found.link_says("next", "results") == "true"
    assert found.link_says("prev", "results") == "false"
    assert found.link_says("prev", "cursor") is None
    assert found.link_says("first", "results") is None
    assert answered().link("next") is None


def test_a_relation_needs_no_quotes_and_no_small_letters() -> None:
    assert answered(link="<https://h/2>; REL=Next").link("next") == "https://h/2"


@given(st.text(max_size=200))
def test_no_link_header_breaks_the_reader(text: str) -> None:
    answered(link=text).link("next")
    answered(link=f"<x>; rel=next; {text}").link_says("next", "results")


def test_a_date_of_each_kind_is_read_as_utc() -> None:
    at = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
    assert answered(date="Sun, 06 Nov 1994 08:49:37 GMT").date == at
    assert http_date("Sunday, 06-Nov-94 08:49:37 GMT") == at
    assert http_date("Sun Nov  6 08:49:37 1994") == at
    assert http_date("Sun, 06 Nov 1994 09:49:37 +0100") == at
    assert answered().date is None


@pytest.mark.parametrize("text", ["", "soon", "-1", "1e9", "Fri, 31 Dec 9999 23:00:00 -0500"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert http_date(text) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_date(text: str) -> None:
    found = http_date(text)
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize("content", [b"<!doctype html>", b" \n<html>", b"\xef\xbb\xbf<html>"])
def test_a_page_with_status_200_is_no_data(content: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        answered(content).json()
    assert caught.value.what == (
        "jira.example.com/rest answered with a web page where data was expected."
    )
    assert "login page" in caught.value.fix


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b'{"issues": [{"key": "A-', "is not JSON"),
        (b"[" * 200_000 + b"]" * 200_000, "nested more than 200 deep"),
        (b'{"a":' * 100_000, "nested more than 200 deep"),
        (b"[1e999]", "too large"),
        (b"[NaN]", "no JSON number"),
        (b"[" + b"9" * 5000 + b"]", "5000 digits"),
        (b"\xff\xfe\xfd", "is not"),
    ],
)
def test_what_is_no_json_is_named_and_never_an_empty_list(content: bytes, said: str) -> None:
    with pytest.raises(SourceError) as caught:
        answered(content).json()
    assert caught.value.what.startswith("The answer of jira.example.com/rest ")
    assert said in caught.value.what


def test_an_answer_shows_neither_its_headers_nor_its_body_nor_its_query() -> None:
    found = Answer(200, "h/p", "https://h/p?token=abc", {"set-cookie": "abc"}, b"abc")
    assert "abc" not in repr(found)
