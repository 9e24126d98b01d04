"""debtplan as a process of its own, in a folder of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

DEBTPLAN = ("-m", "debtplan")
DEADLINE_S = 120.0


@dataclass
class Program:
    """A folder with settings, and the variables that its runs get.

    Attributes:
        folder: Where it runs; its temporary files go to `tmp` below it.
        variables: On top of the ones of this process.
    """

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def start(self, *words: str, python: tuple[str, ...] = DEBTPLAN) -> "subprocess.Popen[bytes]":
        """Start a command, or what else Python is to run; its output is piped."""
        temporary = self.folder / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            [sys.executable, *python, *words],
            cwd=self.folder,
            env={**os.environ, "TMPDIR": str(temporary), **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    @contextmanager
    def running(
        self, *words: str, python: tuple[str, ...] = DEBTPLAN
    ) -> Iterator["subprocess.Popen[bytes]"]:
        """A command that is ended with the block."""
        process = self.start(*words, python=python)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def run(self, *words: str, python: tuple[str, ...] = DEBTPLAN) -> "Ended":
        """Run a command to its end."""
        with self.running(*words, python=python) as process:
            out, err = process.communicate(timeout=DEADLINE_S)
        return Ended(process.returncode, out, err)


@dataclass(frozen=True)
class Ended:
    """What a run left behind."""

    code: int
    out: bytes
    err: bytes

    @property
    def said(self) -> str:
        """Both streams."""
        return (self.out + self.err).decode()

    @property
    def is_killed(self) -> bool:
        return self.code == -signal.SIGKILL
