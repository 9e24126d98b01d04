"""A terminal to run debtplan in: its size, its kind, and what it was sent."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path
from threading import Thread


class Screen:
    """A pseudo terminal; stdout and stderr are each it, or a pipe.

    Attributes:
        sent: Everything the terminal was sent.
        piped: Everything that went to the pipe instead.
        code: Exit code.
    """

    def __init__(
        self,
        folder: Path,
        words: tuple[str, ...],
        *,
        columns: int = 80,
        stdout: bool = True,
        stderr: bool = True,
        typed: str = "",
    ) -> None:
        """Run until the end."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        environment = {"TERM": "xterm-256color", **os.environ}
        for name in ("COLUMNS", "LINES"):  # the terminal's own size counts
            environment.pop(name, None)
        with subprocess.Popen(
            [sys.executable, "-m", "debtplan", *words],
            cwd=folder,
            env=environment,
            stdin=theirs,
            stdout=theirs if stdout else subprocess.PIPE,
            stderr=theirs if stderr else subprocess.PIPE,
        ) as run:
            os.close(theirs)
            parts: list[bytes] = []
            reader = Thread(target=_collect, args=(ours, parts))
            reader.start()
            if typed:
                os.write(ours, typed.encode())
            try:
                out, err = run.communicate(timeout=60)
            finally:
                run.kill()  # one that still waits for an answer would be waited for
            reader.join(timeout=30)
        os.close(ours)
        self.sent = b"".join(parts).decode().replace("\r\n", "\n")
        self.piped = ((out or b"") + (err or b"")).decode()
        self.code = run.returncode

    @property
    def widest(self) -> int:
        """Characters of the longest line."""
        return max(map(len, self.sent.splitlines()))


def _collect(terminal: int, parts: list[bytes]) -> None:
    while True:
        try:
            part = os.read(terminal, 65_536)
        except OSError:  # Linux says so at the end
            return
        if not part:
            return
        parts.append(part)
