"""Jobs over any executor: in order, in a window, and a lost worker costs only time."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import (
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from debtplan.workflows.portfolio import TRIES, WINDOW, Crew, InProcess, run_jobs


def square(number: int) -> int:
    return number * number


@dataclass
class Flaky(Executor):
    """Does jobs at once, and fails those that it is told to.

    Attributes:
        fails: Gives the error of a submitted job, or None.
        seen: Jobs that it was given.
    """

    fails: Callable[[Any], Exception | None]
    refuses: bool = False
    seen: list[Any] = field(default_factory=list)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        self.seen.append(args[0])
        error = self.fails(args[0])
        if error is not None and self.refuses:
            raise error
        future: Future[Any] = Future()
        if error is None:
            future.set_result(fn(*args))
        else:
            future.set_exception(error)
        return future


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_answers_come_in_the_order_of_the_jobs(workers: int) -> None:
    crew = Crew(lambda: ThreadPoolExecutor(workers), workers)
    assert list(run_jobs(square, range(50), crew)) == [n * n for n in range(50)]


def test_answers_keep_their_order_whoever_is_quicker() -> None:
    class Shuffled(Executor):
        """Answers the newest job first."""

        def __init__(self) -> None:
            self.waiting: list[tuple[Future[int], int]] = []

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            future: Future[int] = Future()
            self.waiting.append((future, args[0]))
            if len(self.waiting) == 3 or args[0] == 10:
                Random(args[0]).shuffle(self.waiting)
                for one, job in self.waiting:
                    one.set_result(fn(job))
                self.waiting.clear()
            return future

    found = list(run_jobs(square, range(11), Crew(Shuffled, 2)))
    assert found == [n * n for n in range(11)]


def test_no_jobs_are_no_answers() -> None:
    def opened() -> Executor:
        raise AssertionError

    assert list(run_jobs(square, [], Crew(opened, 1))) == []


def test_jobs_are_taken_in_a_window() -> None:
    taken = 0

    def jobs() -> Iterator[int]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield number

    run = run_jobs(square, jobs(), Crew(InProcess, 2))
    for given in range(40):
        assert next(run) == given * given
        assert taken <= given + 2 * WINDOW + 1
    run.close()
    assert taken < 60


def test_a_job_that_loses_its_worker_is_tried_again() -> None:
    lost = {3, 7}
    executor = Flaky(lambda job: RuntimeError("worker lost") if job in lost else None)

    def work(job: int) -> int:
        return job

    def fails(job: int) -> Exception | None:
        if job in lost:
            lost.discard(job)
            return RuntimeError("worker lost")
        return None

    executor.fails = fails
    assert list(run_jobs(work, range(10), Crew(lambda: executor, 2))) == list(range(10))
    assert executor.seen.count(3) == executor.seen.count(7) == 2


def test_a_job_that_always_loses_its_worker_is_done_here() -> None:
    executor = Flaky(lambda job: RuntimeError("worker lost") if job == 4 else None)
    assert list(run_jobs(square, range(6), Crew(lambda: executor, 2))) == [0, 1, 4, 9, 16, 25]
    assert executor.seen.count(4) == TRIES


def test_a_bug_is_raised_as_it_is() -> None:
    def work(job: int) -> int:
        return 1 // job

    crew = Crew(lambda: ThreadPoolExecutor(2), 2)
    with pytest.raises(ZeroDivisionError):
        list(run_jobs(work, [1, 0], crew))
    calls = []

    def counted(job: int) -> int:
        calls.append(job)
        return 1 // job

    with pytest.raises(ZeroDivisionError):
        list(run_jobs(counted, [0], Crew(InProcess, 1)))
    assert calls == [0]


@pytest.mark.parametrize("error", [BrokenProcessPool("gone"), CancelledError()])
@pytest.mark.parametrize("refuses", [False, True])
def test_a_broken_executor_is_replaced_once(error: Exception, *, refuses: bool) -> None:
    opened: list[Flaky] = []

    def fresh() -> Executor:
        is_first = not opened
        opened.append(Flaky(lambda job: error if is_first and job > 4 else None, refuses))
        return opened[-1]

    assert list(run_jobs(square, range(12), Crew(fresh, 3))) == [n * n for n in range(12)]
    assert len(opened) == 2


def test_where_no_other_executor_can_be_had_this_process_goes_on() -> None:
    opened: list[Executor] = []

    def once() -> Executor:
        if opened:
            raise OSError
        opened.append(Flaky(lambda job: BrokenProcessPool("gone") if job > 1 else None))
        return opened[0]

    assert list(run_jobs(square, range(9), Crew(once, 2))) == [n * n for n in range(9)]


def test_an_executor_that_never_opens_is_said() -> None:
    def never() -> Executor:
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        list(run_jobs(square, range(3), Crew(never, 1)))


def test_an_interruption_ends_the_run_and_takes_back_what_is_out() -> None:
    class Held(Executor):
        def __init__(self) -> None:
            self.futures: list[Future[int]] = []
            self.was_waited: bool | None = None

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            if len(self.futures) == 3:
                raise KeyboardInterrupt
            self.futures.append(Future())
            return self.futures[-1]

        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as the standard library has it
            self.was_waited = wait

    held = Held()
    with pytest.raises(KeyboardInterrupt):
        list(run_jobs(square, range(9), Crew(lambda: held, 2)))
    assert all(one.cancelled() for one in held.futures)
    assert held.was_waited is False


class Deadly(ProcessPoolExecutor):
    """A pool whose workers die of certain jobs, until a file says that it has happened."""

    def __init__(self, mark: Path, job: int) -> None:
        super().__init__(2, multiprocessing.get_context("spawn"))
        self.mark, self.job = mark, job

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        if args[0] == self.job and not self.mark.exists():
            return super().submit(die, self.mark)
        return super().submit(fn, *args, **kwargs)


def die(mark: Path) -> None:
    mark.touch()
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.heavy
def test_a_killed_process_costs_only_time(tmp_path: Path) -> None:
    opened = []

    def fresh() -> Executor:
        opened.append(Deadly(tmp_path / "died", 5))
        return opened[-1]

    found = list(run_jobs(square, range(20), Crew(fresh, 2)))
    assert found == [n * n for n in range(20)]
    assert (tmp_path / "died").exists()
    assert len(opened) == 2
