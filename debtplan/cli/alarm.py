"""A time limit that holds: an exception inside the work, and an end by force beside it."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Thread, Timer
from types import FrameType

from debtplan.workflows.run import TimeUpError

MOST_KEPT_S = 60.0
"""Seconds at the end of a run that are kept for telling of it; at most a tenth of all."""

_AGAIN_S = 5.0
"""Seconds after which it is raised again: an exception inside a destructor is lost."""

_LAST_WORDS_S = 5.0
"""Seconds that writing down a forced end may take."""


class Alarm:
    """The limit of one run. In the main thread only, which is where signals arrive."""

    def __init__(self, total_s: float, on_end: Callable[[], None]) -> None:
        """Start nothing yet.

        Args:
            total_s: Time in seconds after which the process ends, whatever it is doing.
            on_end: Called just before that, in another thread.
        """
        self._total_s = total_s
        self._work_s = total_s - min(MOST_KEPT_S, total_s / 10)
        self._on_end = on_end
        self._ending = Lock()

    @contextmanager
    def running(self) -> Iterator[None]:
        """End the process with exit 1 when the time is over, even out of a stuck solver.

        A timer in Python reaches only code that comes back to Python; a thread also runs beside a
        solver, which lets go of the interpreter's lock while it works.
        """
        timer = Timer(self._total_s, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            with self._ending:  # the end has begun, or will not begin any more
                timer.cancel()

    @contextmanager
    def limit(self) -> Iterator[None]:
        """Raise `TimeUpError` in what is inside when nearly all of the time is over."""
        before = signal.signal(signal.SIGALRM, self._ring)
        try:
            signal.setitimer(signal.ITIMER_REAL, self._work_s, _AGAIN_S)
            yield
        finally:
            _stop()
            signal.signal(signal.SIGALRM, before)

    def _ring(self, _signal: int, _frame: FrameType | None) -> None:
        raise TimeUpError(self._work_s, _stop)

    def _end(self) -> None:
        with self._ending:
            last_words = Thread(target=self._on_end, daemon=True)
            last_words.start()
            last_words.join(_LAST_WORDS_S)  # a disk that hangs does not put off the end
            os._exit(1)


def _stop() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
