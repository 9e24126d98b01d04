"""Prometheus and VictoriaMetrics for the tests: Debian's own, on a free port of this machine."""

import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import pytest

DEADLINE_S = 60.0
"""Time in seconds that a server may take until it answers."""


def program(name: str, package: str) -> str:
    """Return the path of a program; skips the test where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name}: install Debian's package {package}")
    return found


def ask(url: str, content: bytes | None = None) -> bytes:
    """Return what a server of this machine answers."""
    with urllib.request.urlopen(url, data=content, timeout=10) as answer:  # noqa: S310 - loopback
        return bytes(answer.read())


@contextmanager
def prometheus(folder: Path, openmetrics: str) -> Iterator[str]:
    """Serve the samples of an OpenMetrics text; gives the address."""
    server = program("prometheus", "prometheus")
    tool = program("promtool", "prometheus")
    file, data = folder / "samples.txt", folder / "prometheus"
    file.write_text(openmetrics, encoding="utf-8")
    # Blocks of two hours, its default, would be hundreds.
    whole = ["create-blocks-from", "--max-block-duration=2000h", "openmetrics"]
    make = [tool, "tsdb", *whole, str(file), str(data)]
    subprocess.run(make, check=True, capture_output=True)
    config = folder / "prometheus.yml"
    config.write_text("global: {}\n", encoding="utf-8")
    port = _free_port()
    command = [
        server,
        f"--config.file={config}",
        f"--storage.tsdb.path={data}",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    url = f"http://127.0.0.1:{port}"
    with _running(command, folder, f"{url}/-/ready"):
        yield url


@contextmanager
def victoria_metrics(folder: Path, openmetrics: str) -> Iterator[str]:
    """Serve the same samples from VictoriaMetrics; gives the address."""
    server = program("victoria-metrics", "victoria-metrics")
    port = _free_port()
    command = [
        server,
        f"-storageDataPath={folder / 'victoria'}",
        "-retentionPeriod=100y",
        f"-httpListenAddr=127.0.0.1:{port}",
    ]
    url = f"http://127.0.0.1:{port}"
    with _running(command, folder, f"{url}/health"):
        ask(f"{url}/api/v1/import/prometheus", _in_milliseconds(openmetrics).encode())
        ask(f"{url}/internal/force_flush")
        yield url


@contextmanager
def _running(command: Sequence[str], folder: Path, ready: str) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
        try:
            _await(process, ready, folder / "log")
            yield
        finally:
            process.kill()
            process.wait()


def _await(process: "subprocess.Popen[bytes]", ready: str, log: Path) -> None:
    """Ask for readiness until it is given, the process ends or the deadline passes."""
    until = time.monotonic() + DEADLINE_S
    while time.monotonic() < until:
        assert process.poll() is None, f"the server ended: {log.read_text()[-2000:]}"
        try:
            ask(ready)
        except (URLError, OSError):
            # Gives the server the processor instead of a sleep of a guessed length.
            _yield_to(process)
        else:
            return
    pytest.fail(f"not ready within {DEADLINE_S:g} s: {log.read_text()[-2000:]}")


def _yield_to(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(timeout=0.02)
    except subprocess.TimeoutExpired:
        return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _in_milliseconds(openmetrics: str) -> str:
    """Return samples as the older text format has them: times in milliseconds."""
    lines = []
    for line in openmetrics.splitlines():
        if line.startswith("#"):
            continue
        head, _, at = line.rpartition(" ")
        lines.append(f"{head} {int(at) * 1000}")
    return "\n".join(lines) + "\n"
