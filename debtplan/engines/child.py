"""Solver processes: one solves a task, and is ended when it does not come back.

A solver that crashes, is killed or hangs takes its process along, not the plan. A process is kept
for the next task, since a start takes as long as many a solve; threads share none.
"""

import atexit
import os
import pickle
import socket
import sys
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, Popen
from time import monotonic

from debtplan.engines.worker import HEADER_BYTES, Reply, Task

WORKER = Path(__file__).with_name("worker.py")

GRACE_S = 2.0
"""What a solver may take beyond its limit before it is ended."""

LEAST_WAIT_S = 0.001
"""A timeout of 0 means not to wait at all to a socket."""

PART_BYTES = 2**20
"""What is read at once: a length that is nonsense reserves no memory."""

_FAILURES = (
    OSError,
    EOFError,
    pickle.UnpicklingError,
    AttributeError,
    ImportError,
    LookupError,
    TypeError,
    ValueError,
)
"""What comes up where a process is gone, does not answer in time, or answers nonsense."""


class Child:
    """One solver process with our end of the link to it.

    Attributes:
        process: The process.
        link: Our end.
        spent_s: Processor time in seconds up to its last answer, its start included.
    """

    def __init__(self) -> None:
        self.spent_s = 0.0
        self.link, theirs = socket.socketpair()
        try:
            with theirs:
                # -P: the folder of the script is no place to import from.
                self.process = Popen(  # noqa: S603 -- this interpreter, our own file
                    [sys.executable, "-P", str(WORKER)],
                    stdin=theirs.fileno(),
                    stdout=DEVNULL,
                    stderr=DEVNULL,
                )
        except BaseException:
            self.link.close()
            raise

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def ask(self, task: Task) -> Reply | None:
        """Return its reply; None where it could not take the task.

        Raises:
            OSError, EOFError: It is gone, or did not answer in time.
        """
        until = task.until + GRACE_S
        body = pickle.dumps(tuple(task))
        self.link.settimeout(max(until - monotonic(), LEAST_WAIT_S))
        self.link.sendall(len(body).to_bytes(HEADER_BYTES) + body)
        length = int.from_bytes(self._read(HEADER_BYTES, until))
        answer = pickle.loads(self._read(length, until))  # noqa: S301 -- from our own child
        if answer is None:
            return None
        reply = Reply(*answer)
        self.spent_s = reply.spent_s
        return reply

    def end(self) -> None:
        """End it, whatever it does."""
        self.link.close()
        self.process.kill()
        self.process.wait()

    def forget(self) -> None:
        """Let go of a process that belongs to the one this process was forked from."""
        self.link.close()
        self.process.returncode = 0

    def _read(self, length: int, until: float) -> bytes:
        parts = bytearray()
        while len(parts) < length:
            left_s = until - monotonic()
            if left_s <= 0:
                raise TimeoutError
            self.link.settimeout(left_s)
            part = self.link.recv(min(length - len(parts), PART_BYTES))
            if not part:
                raise EOFError
            parts += part
        return bytes(parts)


class Children:
    """The solver processes of this process.

    Attributes:
        idle: Those that wait for a task.
    """

    def __init__(self) -> None:
        """Start none: the first task does."""
        self.idle: list[Child] = []

    @property
    def spent_s(self) -> float:
        """Processor time in seconds of those that wait; the system counts those that ended."""
        return sum(child.spent_s for child in self.idle)

    def ask(self, task: Task) -> Reply | None:
        """Return the solver's reply; None where it crashed, was ended or could not take the task.

        Raises:
            OSError: No process could be started.
        """
        child = self._take()
        try:
            reply = child.ask(task)
        except _FAILURES:
            child.end()
            return None
        except BaseException:
            # An interrupt: what the solver still says would be taken for the next answer.
            child.end()
            raise
        self.idle.append(child)
        return reply

    def end(self) -> None:
        """End those that wait."""
        while self.idle:
            self.idle.pop().end()

    def forget(self) -> None:
        """Let go of all of them: they answer the process this one was forked from."""
        while self.idle:
            self.idle.pop().forget()

    def _take(self) -> Child:
        # No test before the pop: another thread may be as far.
        with suppress(IndexError):
            while not (child := self.idle.pop()).is_alive:
                child.end()
            return child
        return Child()


CHILDREN = Children()
atexit.register(CHILDREN.end)
os.register_at_fork(after_in_child=CHILDREN.forget)
