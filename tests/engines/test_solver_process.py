"""A solver that crashes, is killed, hangs or cannot be started costs the proof, not the plan."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from math import inf
from multiprocessing import get_context
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from benchmarks.instances import backlog
from debtplan.core.problem import Selection, Status
from debtplan.core.proof import verify
from debtplan.engines import child, make_engine, worker
from debtplan.engines.backend import CbcBackend, HighsBackend
from debtplan.engines.child import CHILDREN
from debtplan.engines.program import NOTHING, Answer, LinearRow, Program, Word

PROGRAM = Program((1.0, 2.0), (1.0, 1.0), (LinearRow(((0, 1.0), (1, 1.0)), 1.5),), whole=2)
OPTIMUM = Answer(Word.OPTIMAL, (0.0, 1.0), bound=2.0)
PROBLEM = backlog(Random(4), 60, 8, 0.2)
BEST = make_engine("milp").select(PROBLEM)

CRASH = "import ctypes; ctypes.string_at(0)"
HANG = "import signal, time; signal.pause()"
LEAVE = "pass"
BABBLE = "import os; os.write(0, b'HiGHS says hello\\n' * 99); import signal; signal.pause()"

WORKER = child.WORKER


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Have every solver process run this file instead."""
    CHILDREN.end()
    script = tmp_path / "worker.py"
    monkeypatch.setattr(child, "WORKER", script)
    monkeypatch.setattr(child, "GRACE_S", 0.1)
    yield script
    CHILDREN.end()


def late(code: str, answers: int) -> str:
    """Return a solver that answers some tasks and then does what the code says."""
    return f"""
import sys
sys.path.insert(0, {str(WORKER.parent)!r})
import worker
count, solve = 0, worker.solve
def spoilt(task):
    global count
    count += 1
    if count > {answers}:
        {code.replace("; ", chr(10) + "        ")}
    return solve(task)
worker.solve = spoilt
worker.main()
"""


def check_stands_in(selection: Selection) -> None:
    assert verify(PROBLEM, selection).failures == ()
    assert selection.value is not None
    assert BEST.value is not None
    assert selection.bound is not None
    assert selection.value <= BEST.value <= selection.bound + 1e-9


@pytest.mark.parametrize("code", [CRASH, LEAVE, BABBLE], ids=["crash", "leave", "babble"])
@pytest.mark.slow
def test_a_solver_that_dies_or_talks_nonsense_says_nothing(code: str, fake: Path) -> None:
    fake.write_text(code)
    assert HighsBackend().solve(PROGRAM, 0.2) == NOTHING
    selection = make_engine("milp", backend="highs", time_limit_s=0.5).select(PROBLEM)
    assert selection.status is Status.GREEDY
    check_stands_in(selection)


@pytest.mark.parametrize("limit_s", [0.2, 0.4])
@pytest.mark.slow
def test_a_solver_that_ignores_its_limit_is_ended(limit_s: float, fake: Path) -> None:
    fake.write_text(HANG)
    started = monotonic()
    selection = make_engine("milp", backend="highs", time_limit_s=limit_s).select(PROBLEM)
    assert monotonic() - started < limit_s + 2.0
    assert selection.status is Status.GREEDY
    check_stands_in(selection)


@pytest.mark.parametrize("code", [CRASH, HANG], ids=["crash", "hang"])
@pytest.mark.parametrize("answers", [1, 2, 3])
@pytest.mark.slow
def test_what_was_known_before_it_failed_is_kept(code: str, answers: int, fake: Path) -> None:
    fake.write_text(late(code, answers))
    selection = make_engine("milp", backend="highs", time_limit_s=1.0).select(PROBLEM)
    check_stands_in(selection)
    assert selection.gap is not None
    assert selection.gap < 0.05, "the relaxation's bound"


def test_a_process_killed_between_two_tasks_is_replaced() -> None:
    solver = HighsBackend()
    assert solver.solve(PROGRAM, 5.0) == OPTIMUM
    killed = [one.process for one in CHILDREN.idle]
    for process in killed:
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert solver.solve(PROGRAM, 5.0) == OPTIMUM
    assert all(one.process not in killed for one in CHILDREN.idle)


def test_a_process_stopped_by_a_signal_is_ended_and_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child, "GRACE_S", 0.1)
    solver = HighsBackend()
    assert solver.solve(PROGRAM, 5.0) == OPTIMUM
    stopped = CHILDREN.idle[-1].process
    stopped.send_signal(signal.SIGSTOP)
    wide = replace(PROGRAM, rows=PROGRAM.rows * 50_000)  # more than the link takes at once
    assert solver.solve(wide, 0.1) == NOTHING
    assert stopped.returncode == -signal.SIGKILL
    assert solver.solve(PROGRAM, 5.0) == OPTIMUM


def test_without_a_process_the_solver_runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    CHILDREN.end()
    monkeypatch.setattr(sys, "executable", "/no/python")
    assert HighsBackend().solve(PROGRAM, 5.0) == OPTIMUM
    assert HighsBackend().solve(replace(PROGRAM, start=(1.0, 0.0)), inf) == OPTIMUM
    relaxed = HighsBackend().solve(replace(PROGRAM, whole=0), 5.0)
    assert relaxed == Answer(Word.OPTIMAL, (0.5, 1.0), (1.0,))
    nowhere = replace(PROGRAM, rows=(LinearRow(((7, 1.0),), 1.0),))
    assert HighsBackend().solve(nowhere, 5.0) == NOTHING
    assert CHILDREN.idle == []


@pytest.mark.parametrize("solver", [HighsBackend(), CbcBackend()], ids=["highs", "cbc"])
def test_what_no_solver_can_take_says_nothing_and_the_next_is_answered(
    solver: HighsBackend | CbcBackend,
) -> None:
    assert solver.solve(replace(PROGRAM, rows=(LinearRow(((7, 1.0),), 1.0),)), 5.0) == NOTHING
    assert solver.solve(PROGRAM, 5.0).values == OPTIMUM.values
    impossible = replace(PROGRAM, rows=(LinearRow(((0, 1.0),), -1.0),))
    assert solver.solve(impossible, 5.0).word is Word.INFEASIBLE


def test_a_failing_cbc_says_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for says in ("exit 3", "kill -SEGV $$", "echo no solution"):
        program = tmp_path / "cbc"
        program.write_text(f"#!/bin/sh\n{says}\n")
        program.chmod(0o755)
        monkeypatch.setattr("pulp.PULP_CBC_CMD.pulp_cbc_path", str(program))
        assert CbcBackend().solve(PROGRAM, 5.0) == NOTHING


@pytest.mark.slow
def test_threads_do_not_wait_for_each_other_s_solver() -> None:
    problems = [backlog(Random(seed), 30, 5, 0.2) for seed in range(8)]
    engine = make_engine("milp")
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(engine.select, problems))
    assert [one.chosen for one in together] == [engine.select(one).chosen for one in problems]


def _select(seed: int) -> tuple[str, ...]:
    return make_engine("milp").select(backlog(Random(seed), 30, 5, 0.2)).chosen


@pytest.mark.slow
def test_a_forked_process_starts_solvers_of_its_own() -> None:
    expected = [_select(seed) for seed in range(6)]
    ours = {one.process.pid for one in CHILDREN.idle}
    with ProcessPoolExecutor(2, get_context("fork")) as pool:
        assert list(pool.map(_select, range(6))) == expected
    assert [_select(seed) for seed in range(6)] == expected
    assert {one.process.pid for one in CHILDREN.idle} == ours


ORPHAN = """
import os, signal
from debtplan.engines import child
from debtplan.engines.backend import HighsBackend
from debtplan.engines.program import Program
HighsBackend().solve(Program((1.0,), (1.0,), ()), 5.0)
print(child.CHILDREN.idle[0].process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
def test_no_solver_outlives_the_plan() -> None:
    ran = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, check=False)
    assert ran.returncode == -signal.SIGKILL
    until = monotonic() + 20
    while Path(f"/proc/{int(ran.stdout)}").exists() and monotonic() < until:
        os.sched_yield()
    assert not Path(f"/proc/{int(ran.stdout)}").exists()


def test_a_solver_left_alone_is_ended_by_its_own_alarm(
    fake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.write_text(late(f"worker.signal.setitimer(0, 0.05); {HANG}", 0))
    monkeypatch.setattr(child, "GRACE_S", 30.0)
    started = monotonic()
    assert HighsBackend().solve(PROGRAM, 30.0) == NOTHING
    assert monotonic() - started < 20


def test_an_interrupt_ends_the_solver_that_was_asked(
    fake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.write_text(HANG)
    ended: list[int] = []
    monkeypatch.setattr(child.Child, "_read", _interrupted)
    monkeypatch.setattr(child.Child, "end", lambda self: ended.append(_end(self)))
    with pytest.raises(KeyboardInterrupt):
        HighsBackend().solve(PROGRAM, 5.0)
    assert ended == [-signal.SIGKILL]
    assert CHILDREN.idle == []


END = child.Child.end


def _interrupted(*_: object) -> bytes:
    raise KeyboardInterrupt


def _end(one: child.Child) -> int:
    END(one)
    return int(one.process.returncode)


def test_the_solver_s_processor_time_is_counted() -> None:
    before = CHILDREN.spent_s
    make_engine("milp").select(backlog(Random(1), 60, 8, 0.2))
    assert CHILDREN.spent_s > before


def test_the_worker_answers_frames_until_there_are_no_more() -> None:
    from io import BytesIO

    asked, answered = BytesIO(b"short"), BytesIO()
    worker.serve(asked, answered)
    assert answered.getvalue() == b""
