"""Processes that solve a plan's many small problems: started when needed, kept for the next."""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import TypeVar

from debtplan.bootstrap.crew import begin_worker
from debtplan.workflows.portfolio import Crew

T = TypeVar("T")


class _Standing(Executor):
    """A pool that outlives a run that ended well: to start its processes takes long."""

    def __init__(self, workers: int) -> None:
        # Spawned, not forked: threads and database handles do not survive a fork.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(workers, context, begin_worker)
        self.is_open = True

    def submit(self, fn: Callable[..., T], /, *args: object, **kwargs: object) -> Future[T]:
        """See `Executor.submit`."""
        return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 -- its name
        """Stay where all is done; end where a worker was lost or the run was given up."""
        if not wait:
            self.is_open = False
            self._pool.shutdown(wait=False, cancel_futures=cancel_futures)


_POOLS: list[_Standing] = []


def standing_crew() -> Crew | None:
    """Return who solves many problems; None where this process is to do it alone.

    A process that works for another one has all cores taken already.
    """
    workers = len(os.sched_getaffinity(0))
    if workers == 1 or multiprocessing.parent_process() is not None:
        return None
    return Crew(_opened, workers, warm=_warm)


def _warm(job: Callable[[], object]) -> None:
    executor = _opened()
    try:
        for _ in os.sched_getaffinity(0):
            executor.submit(job)
    except Exception:  # noqa: BLE001 - whatever it is, no job has failed
        executor.shutdown(wait=False)


def _opened() -> Executor:
    if not (_POOLS and _POOLS[-1].is_open):
        _POOLS.append(_Standing(len(os.sched_getaffinity(0))))
    return _POOLS[-1]
