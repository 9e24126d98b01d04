"""What every test gets: a clean environment, a fixed time zone, no network, the data folder."""

import ipaddress
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPOSITORY = Path(__file__).resolve().parent.parent
# Debian's package; `make system` installs it. Nothing downloads a browser.
CHROMIUM = Path("/usr/bin/chromium")

# Settings of the shell that would change what the program prints or reads.
FOREIGN_VARIABLES = (
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "FORCE_COLOR",
    "GITHUB_ACTIONS",  # makes typer colour its help
    "NO_COLOR",
    "PY_COLORS",
    "TERMINAL_WIDTH",
)
# Far from UTC and not a whole hour, so that code which trusts the local zone fails everywhere.
TIME_ZONE = "<+1245>-12:45"

settings.register_profile("fast", deadline=None, derandomize=True)
settings.register_profile(
    "soak",
    deadline=None,
    max_examples=5_000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("fast")


def clean_environment() -> None:
    """Remove the shell's settings; `DEBTPLAN_DATA` stays, it names the data folder."""
    for name in list(os.environ):
        is_ours = name.startswith("DEBTPLAN_") and name != "DEBTPLAN_DATA"
        if is_ours or name in FOREIGN_VARIABLES:
            del os.environ[name]
    os.environ["COLUMNS"] = "80"
    os.environ["TZ"] = TIME_ZONE
    time.tzset()


def pytest_configure() -> None:
    """Clean before the first import of the package: libraries read variables at import."""
    clean_environment()


@pytest.fixture(autouse=True)
def _clean_environment() -> Iterator[None]:
    """Give every test the same environment, whatever the one before it left."""
    clean_environment()
    yield
    clean_environment()


def is_loopback(host: object) -> bool:
    """Say whether a host is this machine: a name that needs no lookup, or a loopback address."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


def _refuse(host: object) -> None:
    # pytest.fail is no Exception: code that retries or reports errors cannot swallow it.
    pytest.fail(f"This test reached for {host!r}; tests talk to this machine only.")


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse every lookup and connection that leaves this machine (child processes aside)."""

    def guard_socket(name: str) -> Callable[..., Any]:
        call = getattr(socket.socket, name)

        def guarded(self: socket.socket, *args: Any) -> Any:
            # The address comes last in connect(address) and sendto(data[, flags], address).
            is_internet = self.family in (socket.AF_INET, socket.AF_INET6)
            if is_internet and not is_loopback(args[-1][0]):
                _refuse(args[-1][0])
            return call(self, *args)

        return guarded

    look_up = socket.getaddrinfo

    def guarded_look_up(host: object, *args: Any, **kwargs: Any) -> Any:
        if not is_loopback(host):
            _refuse(host)
        return look_up(host, *args, **kwargs)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, guard_socket(name))
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of data too large for the repository; skips the test where it is absent."""
    folder = Path(os.environ.get("DEBTPLAN_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("no data folder: set DEBTPLAN_DATA, or put it at ../shared/data")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """The system's chromium, which reaches this machine only; for tests marked `browser`."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists():
        pytest.fail(f"no browser at {CHROMIUM}: run `make system`")
    only_here = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--disable-gpu", "--disable-quic", only_here]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """An empty page of its own for each test; see `browser`."""
    page = browser.new_page()
    yield page
    page.context.close()
