"""A small team's folder, and the command line run in it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from debtplan.cli.app import app

DAY = "2026-11-23"

ITEMS = """\
key,title,points,labels,state,blocked by
A-1,Validate addresses where they are typed,3,ux:pay-errors=0.5,Open,
A-2,Retry a payment that timed out,2,ux:pay-errors=0.3,Open,
A-3,Speed up the search index,3,ux:find-errors=0.4,Open,
A-4,Replace the icon font,1,,Open,
A-5,Log every request,,ux:pay-errors=0.2,Open,
"""

SETTINGS = """\
[team.shop]
capacity = 40

[sources.csv]
path = "items.csv"

[[flow]]
id = "shop"
steps = ["pay", "find"]
sessions_per_sprint = 10000

[[metric]]
id = "pay-errors"
flow = "shop"
step = "pay"
kind = "error_rate"
target = 0.01
reading = { rate = 0.05, sample_size = 1000, stated_by = "Ann", stated_on = 2026-11-02 }

[[metric]]
id = "find-errors"
flow = "shop"
step = "find"
kind = "error_rate"
target = 0.01
reading = { rate = 0.03, sample_size = 1000, stated_by = "Ann", stated_on = 2026-11-02 }
"""


@dataclass(frozen=True)
class Ran:
    """What a run left behind."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Both streams."""
        return self.out + self.err


@dataclass(frozen=True)
class Shop:
    """A folder with settings and an export, five items and two metrics."""

    folder: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file of the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
        return path

    def settings(self, more: str = "", changes: Mapping[str, str] | None = None) -> None:
        """Write the settings with words changed and text added."""
        text = SETTINGS
        for old, new in (changes or {}).items():
            assert old in text, old
            text = text.replace(old, new)
        self.write("debtplan.toml", text + more)

    def run(self, *words: str, answers: str | None = None) -> Ran:
        """Run debtplan inside this process."""
        done = CliRunner().invoke(app, words, input=answers, prog_name="debtplan")
        return Ran(done.exit_code, done.stdout, done.stderr)

    def synced(self, *words: str) -> Ran:
        """Run a command after a sync, both as of the shop's day."""
        self.run("sync", "--as-of", DAY)
        return self.run(*words, "--as-of", DAY)

    def spawn(self, *words: str, **variables: str) -> Ran:
        """Run debtplan as a program of its own, its output piped."""
        done = subprocess.run(
            [sys.executable, "-m", "debtplan", *words],
            cwd=self.folder,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=120,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
