"""The processes that stay for a plan's next problems."""

import multiprocessing
import os
from concurrent.futures import BrokenExecutor, Executor
from functools import partial

import pytest

from debtplan.bootstrap import standing
from debtplan.bootstrap.standing import standing_crew
from debtplan.workflows.portfolio import run_jobs


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of two cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: None)


@pytest.mark.usefixtures("cores")
def test_processes_stay_for_the_next_run_and_end_with_one_that_is_given_up() -> None:
    crew = standing_crew()
    assert crew is not None
    assert list(run_jobs(abs, range(-3, 0), crew)) == [3, 2, 1]
    first: Executor = crew.open()
    assert list(run_jobs(abs, [-4], crew)) == [4]
    assert crew.open() is first
    jobs = run_jobs(abs, range(-9, 0), crew)
    assert next(jobs) == 9
    jobs.close()
    second: Executor = crew.open()
    assert second is not first
    second.shutdown(wait=False)


def test_one_core_is_no_crew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert standing_crew() is None


@pytest.mark.usefixtures("cores")
def test_a_process_that_works_for_another_works_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "parent_process", object)
    assert standing_crew() is None


def test_a_crew_that_cannot_start_early_is_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = []

    class Broken:
        def submit(self, _job: object) -> None:
            raise BrokenExecutor

        def shutdown(self, *, wait: bool) -> None:
            let_go.append(wait)

    monkeypatch.setattr(standing, "_opened", Broken)
    crew = standing_crew()
    assert crew is not None
    assert crew.warm is not None
    crew.warm(partial(abs, 1))
    assert let_go == [False]
