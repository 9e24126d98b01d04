"""Endpoints and codes that a text names."""

import time

import pytest

from debtplan.core.mark import find_marks, is_mark, mark_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("POST /validate answers late", ("/validate",)),
        ("GET /carriers/prices.", ("/carriers/prices",)),
        ("it answers ADDR_INVALID, and TOKEN_REFRESH_409", ("ADDR_INVALID", "TOKEN_REFRESH_409")),
        ("HTTP 502 from upstream", ("HTTP 502", "HTTP 5xx")),
        ("status 4xx", ("HTTP 4xx",)),
        ("OMNI-12 blocks ABC-123456", ()),
        ("https://shop.example/validate is a page", ()),
        ("and/or, src/checkout/form.py, </div>", ()),
        ("Code E1234", ("E1234",)),
    ],
)
def test_marks_are_endpoints_codes_and_failing_statuses(text: str, found: tuple[str, ...]) -> None:
    assert find_marks(text) == found


def test_a_value_is_a_mark_unless_it_is_an_ordinary_word() -> None:
    assert [is_mark(one) for one in ("ADDR_INVALID", "/pay", "503", "mobile", "", "US", "5.2")] == [
        True, True, True, False, False, False, False,
    ]  # fmt: skip
    assert mark_of("POST /Validate") == "/validate"
    assert mark_of("503") == "HTTP 503"


def test_a_hostile_text_costs_little() -> None:
    started = time.process_time()
    for text in ("/a" * 100_000, "A_" * 100_000, "GET " * 50_000, "/" * 200_000, "A1" * 100_000):
        find_marks(text)
    assert time.process_time() - started < 1.0
