"""Working on the next one while this one is used."""

import threading
from collections.abc import Iterator

import pytest

from debtplan.transport.ahead import one_ahead


def test_all_is_yielded_in_order() -> None:
    assert list(one_ahead(iter(range(50)))) == list(range(50))


def test_an_error_comes_after_what_was_yielded_before_it() -> None:
    def made() -> Iterator[int]:
        yield 1
        yield 2
        raise KeyError("three")

    found = one_ahead(made())
    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(KeyError, match="three"):
        next(found)


def test_the_next_one_is_made_while_this_one_is_used_and_no_more_than_that() -> None:
    made: list[int] = []
    second = threading.Event()

    def numbers() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            if number == 1:
                second.set()
            yield number

    found = one_ahead(numbers())
    assert next(found) == 0
    assert second.wait(5)
    assert len(made) <= 3
    assert list(found) == list(range(1, 10))


def test_who_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    found = one_ahead(iter(range(1_000)))
    assert next(found) == 0
    found.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
