"""Kills a process in the middle of what it writes, at one point after the other.

    python -m tests.store.drill create|save URL     kill at every statement until one run is clean
    python -m tests.store.drill steps URL           kill inside statements (SQLite only)
    python -m tests.store.drill write URL NAME N    save N times, as one of several writers

Run as a program of its own: it forks, which a test runner with threads must not.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text

from debtplan.store import open_store
from debtplan.store.database import Database
from tests import plans
from tests.store.samples import item, state

BEFORE = [item(number) for number in range(300)]
AFTER = [item(number, points=8) for number in range(100, 400)]
STEPS = 40


def main(job: str, url: str, *more: str) -> None:
    """Run one of the jobs above."""
    match job:
        case "create":
            drill(url, at_statement, lambda: None, lambda: open_store(url).close())
        case "save":
            drill(url, at_statement, lambda: save(url, BEFORE), lambda: save(url, AFTER))
        case "steps":
            for seed in range(1, STEPS + 1):
                save(url, BEFORE)
                is_done, killed = run(partial(save, url, AFTER), partial(at_step, seed * 500))
                check(url, is_done=is_done)
                assert killed or seed > 1, "no step was reached"
        case "write":
            write(url, *more)


def drill(
    url: str,
    trap: Callable[[int], None],
    prepare: Callable[[], None],
    act: Callable[[], None],
) -> None:
    """Kill `act` at its first, second, ... statement; nothing may be half, nothing said be lost."""
    for number in count(1):
        wipe(url)
        prepare()
        is_done, killed = run(act, partial(trap, number))
        check(url, is_done=is_done)
        if not killed:
            assert number > 8, f"only {number} statements"
            sys.stdout.write(f"{number} points\n")
            return


def run(act: Callable[[], None], trap: Callable[[], None]) -> tuple[bool, bool]:
    """Return whether the child said that it is done, and whether it was killed."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        trap()
        act()
        os.write(writer, b"1")
        os._exit(0)
    os.close(writer)
    _, status = os.waitpid(child, 0)
    is_done = os.read(reader, 1) == b"1"
    os.close(reader)
    assert is_done or os.WIFSIGNALED(status), f"the child failed: {status}"
    return is_done, os.WIFSIGNALED(status)


def check(url: str, *, is_done: bool) -> None:
    """Open what is there: all of before or all of after, and after where that was acknowledged."""
    with open_store(url) as store:
        store.check()
        found = store.items()
        before, after = (tuple(sorted(some, key=lambda one: one.key)) for some in (BEFORE, AFTER))
        assert found in ((), before, after), "half of it is there"
        assert not is_done or found in ((), after), "an acknowledged write is lost"


def save(url: str, items: list[Any]) -> None:
    """Save the items as a source, and a plan."""
    with open_store(url) as store:
        store.save_source(state(), items)
        store.save_plan(plans.empty())


def at_statement(number: int) -> None:
    """Kill this process before its n-th statement or commit."""
    seen = count(1)

    def strike(*_: object) -> None:
        if next(seen) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", strike)
    event.listen(Engine, "commit", strike)


def at_step(number: int) -> None:
    """Kill this process after so many steps of SQLite's machine, inside a statement."""
    seen = count(1)

    def strike() -> int:
        if next(seen) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    event.listen(Engine, "connect", lambda raw, _: raw.set_progress_handler(strike, 1))


def wipe(url: str) -> None:
    """Make the database as if it had never been."""
    if url.startswith("sqlite"):
        for end in ("", "-wal", "-shm", "-journal"):
            Path(url.removeprefix("sqlite:///") + end).unlink(missing_ok=True)
        return
    database = Database(url, Path(), 30)
    with database.writing() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    database.close()


def write(url: str, name: str, times: str) -> None:
    """Save another set of items of one source again and again; a plan in between."""
    for number in range(int(times)):
        with open_store(url) as store:
            items = [item(n, key=f"{name}:{n}", points=number + 1) for n in range(200)]
            store.save_source(state(name), items)
            store.save_plan(plans.empty())
            mine = [one for one in store.items() if one.key.startswith(f"{name}:")]
            assert {one.points for one in mine} == {number + 1}


if __name__ == "__main__":
    main(*sys.argv[1:])
