"""Who plans many teams: this process, a pool of processes, or a Dask cluster."""

import logging
import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

from debtplan.errors import DebtplanError, UsageError
from debtplan.workflows.portfolio import Crew, InProcess

SCHEMES = {"dask": "tcp", "dask+tls": "tls"}
"""Schemes of an executor's address, and what Dask calls them."""

CONNECT_S = 10
"""Time in seconds that a cluster has to answer in."""

MOST_WORKERS = 1_024

_ADDRESS = re.compile(r"(?P<scheme>[a-z+]+)://(?P<place>(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5})")


@contextmanager
def open_crew(workers: int | None, address: str | None) -> Iterator[Crew]:
    """Yield who does the jobs; when it ends early, nobody goes on with them.

    Args:
        workers: Processes of this machine; None takes as many as it has cores for us, 1 none but
            this one.
        address: `dask://HOST:PORT`; None takes processes of this machine.

    Raises:
        UsageError: See `check_crew`.
        DebtplanError: The cluster does not answer, or has no workers.
    """
    check_crew(workers, address)
    number = len(os.sched_getaffinity(0)) if workers is None else workers
    if address is not None:
        with _cluster(_place(address), address) as crew:
            yield crew
    elif number == 1:
        yield Crew(InProcess, 1)
    else:
        with _pool(number) as crew:
            yield crew


def check_crew(workers: int | None, address: str | None) -> None:
    """Refuse what no crew can be opened with, before anything is read.

    Raises:
        UsageError: The address is none, or there can be no such number of workers.
    """
    if address is not None:
        _place(address)
        if workers is not None:
            what = "--workers and --executor exclude each other: a cluster has its own workers."
            raise UsageError(what, "Leave out one of them.")
    elif workers is not None and not 1 <= workers <= MOST_WORKERS:
        what = f"There cannot be {workers:,} workers."
        raise UsageError(what, f"Set --workers to 1 to {MOST_WORKERS:,}.")


@contextmanager
def _pool(workers: int) -> Iterator[Crew]:
    # Spawned, not forked: the solver's threads and the database's handles do not survive a fork.
    context = multiprocessing.get_context("spawn")
    before = set(multiprocessing.active_children())
    pools: list[Executor] = []

    def opened() -> Executor:
        pools.append(ProcessPoolExecutor(workers, context, begin_worker))
        return pools[-1]

    def stop() -> None:
        for child in multiprocessing.active_children():
            if child not in before:
                child.terminate()
        # The pool's own thread sees that before this process ends, so neither complains.
        for pool in pools:
            pool.shutdown(wait=True)

    try:
        yield Crew(opened, workers, stop)
    except BaseException:
        stop()
        raise


def begin_worker() -> None:
    """Let a worker end with Ctrl-C, at once and in silence, and never outlive who it works for."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:  # noqa: ANN401 - what `parent_process` gives has no public type
    parent.join()
    os._exit(1)


def _place(address: str) -> str:
    """Return a cluster's address as Dask writes it.

    Raises:
        UsageError: It is no such address.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or found["scheme"] not in SCHEMES:
        what = f"{address!r} is no address of an executor."
        raise UsageError(what, "Write it as dask://HOST:PORT, such as dask://127.0.0.1:8786.")
    return f"{SCHEMES[found['scheme']]}://{found['place']}"


@contextmanager
def _cluster(place: str, address: str) -> Iterator[Crew]:
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        what = f"{address} needs Dask, which is not installed."
        raise UsageError(what, "Run `pip install 'debtplan[dask]'`.") from None
    # It says on stderr what is told here in a sentence.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)

    def connected() -> Any:  # noqa: ANN401 - Dask gives its client no types
        try:
            return distributed.Client(place, timeout=CONNECT_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            what = f"The Dask scheduler at {address} does not answer ({type(error).__name__})."
            fix = "Start one with `dask scheduler`, or leave out --executor to use this machine."
            raise DebtplanError(what, fix) from None

    client = connected()
    try:
        workers = sum(client.ncores().values())
        if not workers:
            what = f"The Dask scheduler at {address} has no workers."
            raise DebtplanError(what, f"Start some with `dask worker {place}`.")
        # Not pure: a job that is tried again is done again.
        yield Crew(partial(client.get_executor, pure=False), workers)
    finally:
        client.close()
