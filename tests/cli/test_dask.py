"""All teams planned by a real Dask cluster of two worker processes on this machine."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli.company import IDLE, found
from tests.cli.shop import Shop
from tests.cli.test_all_teams import ALL, without_seconds

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(find_spec("distributed") is None, reason="distributed is not installed"),
]

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(ROOT),
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3",
}


@dataclass(frozen=True)
class Cluster:
    """A scheduler and its workers.

    Attributes:
        place: HOST:PORT of the scheduler.
        workers: Their processes.
    """

    place: str
    workers: tuple[subprocess.Popen[str], ...]


@contextmanager
def started(*words: str, until: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A part of Dask, from when it has said what it says once it is there."""
    child = subprocess.Popen(
        [sys.executable, "-m", "dask", *words],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=ENVIRONMENT,
    )
    try:
        assert child.stderr is not None
        said = ""
        for line in child.stderr:
            said += line
            hit = re.search(until, line)
            if hit:
                yield child, hit.group(1)
                return
        raise AssertionError(said)
    finally:
        child.kill()
        child.communicate()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    quiet = ("--no-dashboard",)
    with started(
        "scheduler", "--host", "127.0.0.1", "--port", "0", *quiet, until=r"at:.*tcp://(\S+)"
    ) as (_, place):
        worker = (
            "worker",
            f"tcp://{place}",
            "--host",
            "127.0.0.1",
            "--nthreads",
            "1",
            "--no-nanny",
            *quiet,
        )
        there = r"(Registered) to:"
        with started(*worker, until=there) as (one, _), started(*worker, until=there) as (two, _):
            yield Cluster(place, (one, two))


def test_a_cluster_gives_the_same_plans(shop: Shop, cluster: Cluster) -> None:
    here = found(shop, IDLE).spawn(*ALL, "--format", "json", "--workers", "1")
    there = found(shop, IDLE).spawn(
        *ALL, "--format", "json", "--executor", f"dask://{cluster.place}"
    )
    assert (here.code, there.code) == (5, 5), there.err
    assert without_seconds(there.out) == without_seconds(here.out)
    assert "Traceback" not in there.err


def test_a_worker_killed_in_the_middle_costs_only_time(tmp_path: Path, cluster: Cluster) -> None:
    script = tmp_path / "deadly.py"
    script.write_text(DEADLY, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script), f"dask://{cluster.place}", str(tmp_path / "died")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [n * n for n in range(12)]
    assert (tmp_path / "died").exists()
    ended = [one for one in cluster.workers if one.poll() is not None]
    assert len(ended) == 1


def test_a_scheduler_that_is_not_there_is_said(shop: Shop) -> None:
    found(shop, IDLE)
    code = (
        "import debtplan.bootstrap.crew as c; c.CONNECT_S = 1; "
        "from debtplan.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *ALL, "--executor", "dask://127.0.0.1:9"],
        cwd=shop.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=ENVIRONMENT,
    )
    assert done.returncode == 1
    assert "The Dask scheduler at dask://127.0.0.1:9 does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_cluster_without_workers_is_said(shop: Shop) -> None:
    found(shop, IDLE)
    words = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    with started(*words, until=r"at:.*tcp://(\S+)") as (_, place):
        ran = shop.spawn(*ALL, "--executor", f"dask://{place}")
    assert ran.code == 1
    assert f"dask worker tcp://{place}" in ran.err


DEADLY = """\
import json
import os
import signal
import sys
from concurrent.futures import Executor
from pathlib import Path

from debtplan.bootstrap.crew import open_crew
from debtplan.workflows.portfolio import Crew, run_jobs

MARK = sys.argv[2]


def square(number):
    return number * number


def die_once(number, mark=MARK):
    if not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


class Deadly(Executor):
    def __init__(self, executor):
        self.executor = executor

    def submit(self, fn, /, *args, **kwargs):
        return self.executor.submit(die_once if args[0] == 5 else fn, *args, **kwargs)

    def shutdown(self, wait=True, *, cancel_futures=False):
        self.executor.shutdown(wait=wait)


if __name__ == "__main__":
    with open_crew(None, sys.argv[1]) as crew:
        deadly = Crew(lambda: Deadly(crew.open()), crew.workers)
        print(json.dumps(list(run_jobs(square, range(12), deadly))))
"""
