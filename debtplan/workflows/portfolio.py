"""Many jobs over any `concurrent.futures.Executor`: a lost worker costs time, and nothing else.

Jobs are handed out in a window, not all at once, so memory does not grow with their number; what
comes back is given out in the order of the jobs, whoever was quicker. A job whose worker is lost is
tried again, in a new executor where the old one is broken, and at last in this very process.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")

TRIES = 2
"""Times that a job is given to a worker; after that it is done in this process."""

WINDOW = 4
"""Jobs for each worker that are out or wait to be given back in their order."""


class InProcess(Executor):
    """An executor without workers: every job is done when it is submitted."""

    def submit(
        self, fn: Callable[..., Answer], /, *args: object, **kwargs: object
    ) -> "Future[Answer]":
        """Do it now; a failure is the future's, an interruption is not."""
        future: Future[Answer] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as every executor does
            future.set_exception(error)
        return future


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does the jobs.

    Attributes:
        open: Makes an executor; called again where one is broken.
        workers: How many jobs it does at a time, 1 or more.
        stop: Ends workers in the middle of a job, where that is in our hands; None leaves them.
        warm: Has each worker start, and do something first, while we go on; None where it cannot.
    """

    open: Callable[[], Executor]
    workers: int
    stop: Callable[[], None] | None = None
    warm: Callable[[Callable[[], object]], None] | None = None


@dataclass(slots=True, eq=False)
class _Out(Generic[Job]):
    """A job that is out.

    Attributes:
        place: Its place among the jobs.
        tries: How often it was given to a worker.
        round: Which of the executors it was given to.
    """

    place: int
    job: Job
    tries: int = 0
    round: int = 0


def run_jobs(
    work: Callable[[Job], Answer], jobs: Iterable[Job], crew: Crew
) -> Generator[Answer, None, None]:
    """Yield the answers in the order of the jobs.

    Args:
        work: Does a job; a failure of it that is no worker's loss is raised from this process.
        jobs: Taken one by one, as the window moves on.
        crew: Who does them.
    """
    run = _Run(work, crew)
    try:
        yield from run.answers(iter(jobs))
        run.end(is_clean=True)
    except BaseException:
        run.end(is_clean=False)
        raise


@dataclass(slots=True)
class _Run(Generic[Job, Answer]):
    """One run: `out` is what workers have, `done` what waits for its turn."""

    work: Callable[[Job], Answer]
    crew: Crew
    executor: Executor | None = None
    round: int = 0
    out: dict[Future[Answer], _Out[Job]] = field(default_factory=dict)
    done: dict[int, Answer] = field(default_factory=dict)

    def answers(self, jobs: Iterator[Job]) -> Iterator[Answer]:
        taken = given = 0
        is_more = True
        while is_more or self.out or self.done:
            while is_more and len(self.out) + len(self.done) < self.crew.workers * WINDOW:
                try:
                    job = next(jobs)
                except StopIteration:
                    is_more = False
                    break
                self._hand_out(_Out(taken, job))
                taken += 1
            if given in self.done:
                yield self.done.pop(given)
                given += 1
            elif self.out:
                self._take_back()

    def end(self, *, is_clean: bool) -> None:
        """Let go of the workers: when all is done, or at once, with what they are at."""
        stop = self.crew.stop
        if not is_clean and stop is not None:
            # Nothing is cancelled: CPython 3.11's pool trips over that when its workers end.
            stop()
        elif not is_clean:
            for future in self.out:
                future.cancel()
        if self.executor is not None:
            self.executor.shutdown(wait=is_clean or stop is not None)

    def _hand_out(self, one: _Out[Job]) -> None:
        """Give a job to a worker, or do it here where workers have failed it."""
        one.tries += 1
        if one.tries > TRIES:
            self.done[one.place] = self.work(one.job)
            return
        executor = self._opened()
        one.round = self.round
        try:
            future = executor.submit(self.work, one.job)
        except Exception:  # noqa: BLE001 - whatever it is, no job has failed
            self._renew(self.round)
            self._hand_out(one)
        else:
            self.out[future] = one

    def _opened(self) -> Executor:
        """Return the executor at work; where no other can be had, this process."""
        if self.executor is None:
            try:
                self.executor = self.crew.open()
            except Exception:
                if not self.round:
                    raise
                self.executor = InProcess()
        return self.executor

    def _take_back(self) -> None:
        """Wait for an answer; what a worker was lost with goes out again."""
        found, _ = wait(self.out, return_when=FIRST_COMPLETED)
        for future in sorted(found, key=lambda one: self.out[one].place):
            one = self.out.pop(future)
            try:
                self.done[one.place] = future.result()
            except Exception as error:
                if isinstance(self.executor, InProcess) and one.round == self.round:
                    raise
                if isinstance(error, BrokenExecutor | CancelledError):
                    self._renew(one.round)
                self._hand_out(one)

    def _renew(self, broken: int) -> None:
        """Let go of a broken executor, once; the next job opens another."""
        if broken == self.round and self.executor is not None:
            self.executor.shutdown(wait=False)
            self.executor = None
            self.round += 1
