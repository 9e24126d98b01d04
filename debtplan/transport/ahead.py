"""Asking for the following page while this one is worked on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")

_LAST_WAIT_S = 5.0
"""Time in seconds that a page which nobody wants any more may still take."""

_TURN_S = 0.001
"""Time in seconds that one thread computes before another has its turn; Python's own is 5 ms, and
the thread that reads an answer would wait it out at every packet."""


def one_ahead(pages: Iterator[T]) -> Iterator[T]:
    """Yield what an iterator yields; its following step runs while the caller has this one.

    A service takes its time to answer, and a page to be read and stored: both at once take as long
    as the longer. No step begins before the one before it is over, so the iterator is never in two
    threads at the same time; what it uses must not be used elsewhere meanwhile. Errors come out
    where they would without it.
    """
    with _short_turns():
        step = _Step(pages)
        while step.wait():
            found = step.found[0]
            step = _Step(pages)
            try:
                yield found
            except GeneratorExit:
                step.join(_LAST_WAIT_S)  # a request is under way; after it the line is free
                raise


@contextmanager
def _short_turns() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, _TURN_S))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


class _Step(Thread, Generic[T]):
    """Takes one more from an iterator.

    Attributes:
        found: What there was; empty at the end.
    """

    def __init__(self, pages: Iterator[T]) -> None:
        """Begin."""
        super().__init__(daemon=True)  # a run that is interrupted does not wait for an answer
        self.found: list[T] = []
        self._pages = pages
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self.found = [next(self._pages)]
        except StopIteration:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again by `wait`, in the caller
            self._error = error

    def wait(self) -> bool:
        """Wait to the end; tell whether there was one more."""
        self.join()
        if self._error is not None:
            raise self._error
        return bool(self.found)
