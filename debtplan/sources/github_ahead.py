"""Asking for the next page while this one is worked on, which hides most of the network's delay."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

_LEAVE_S = 1.0
"""How long is waited for the other thread where nobody wants more of it; it ends by itself."""


class _End:
    """There is no more, or there was an error."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Ahead(Generic[T]):
    """Yields what a generator yields, which works on one more in a thread of its own.

    The generator does all its asking there, one question at a time; whoever iterates must not ask
    through the same client in the meantime. An error comes after all that was yielded before it.
    """

    def __init__(self, make: Callable[[], Iterator[T]]) -> None:
        """Start nothing yet."""
        self._make = make
        self._made: Queue[T | _End] = Queue(1)
        self._is_over = Event()

    def __iter__(self) -> Iterator[T]:
        """Yield it."""
        thread = Thread(target=self._run, name="debtplan-ahead", daemon=True)
        thread.start()
        try:
            while not isinstance(one := self._made.get(), _End):
                yield one
            if one.error is not None:
                raise one.error
        finally:
            self._is_over.set()
            self._let_go()
            thread.join(_LEAVE_S)

    def _run(self) -> None:
        try:
            for one in self._make():
                self._made.put(one)
                if self._is_over.is_set():
                    return
            self._made.put(_End())
        except BaseException as error:  # noqa: BLE001 - raised again where it can be handled
            self._made.put(_End(error))

    def _let_go(self) -> None:
        """Make room, so that the other thread does not wait for ever to hand something over."""
        with suppress(Empty):
            self._made.get_nowait()
