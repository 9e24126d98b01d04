"""The rules of the house that no linter checks; each checker is shown to catch its violation."""

import ast
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "debtplan"
MAX_FILE_LINES = 399
MAX_FUNCTION_LINES = 39
TEXT_SUFFIXES = {".css", ".jinja", ".py", ".toml"}
EMPTY_NAMES = {"common", "helpers", "utils"}

# Put together here, so that this file does not name them either.
REGISTRY_HOSTS = (
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "yarn" + "pkg.com",
    "deb." + "debian.org",
    "security." + "debian.org",
    "archive." + "ubuntu.com",
)
INDEX_OPTION = re.compile(r"--(?:extra-)?index" + r"-url|\b(?:extra-)?index" + r"-url\s*=")
MACHINE_PATH = re.compile(r"(?<![\w.~)}\]*$-])/(?:work|root|home/\w+)(?![\w-])")


def package_files() -> list[Path]:
    """The package's text files, in order."""
    return sorted(p for p in PACKAGE.rglob("*") if p.suffix in TEXT_SUFFIXES)


def package_modules() -> list[Path]:
    """The package's Python files, in order."""
    return [p for p in package_files() if p.suffix == ".py"]


def tracked_files() -> Iterator[Path]:
    """Every file that is, or is about to be, in the repository."""
    git = shutil.which("git")
    if git is None or not (REPOSITORY / ".git").exists():
        pytest.skip("not a git checkout")
    command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    for name in sorted(set(listing.stdout.decode().split("\0"))):
        path = REPOSITORY / name
        if name and path.is_file():
            yield path


def long_functions(source: str) -> list[str]:
    """Name each function of 40 lines or more, from its `def` to its end."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                found.append(f"{node.name} has {lines} lines")
    return found


def has_empty_name(path: Path) -> bool:
    """Say whether a file, or a folder above it, is named for nothing in particular."""
    words = {word for part in path.with_suffix("").parts for word in part.split("_")}
    return not EMPTY_NAMES.isdisjoint(words)


def imports_future_annotations(source: str) -> bool:
    """Say whether a module postpones its annotations."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in ast.walk(ast.parse(source))
    )


def impure_calls(source: str) -> list[str]:
    """Name each call that reads the clock or talks to the world without an import to forbid."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id="open" | "print" | "input" | "breakpoint" as name)):
                found.append(f"{name}() in line {node.lineno}")
            case ast.Call(func=ast.Attribute(attr="now" | "today" | "utcnow" as name)):
                found.append(f".{name}() in line {node.lineno}")
    return found


def unwanted_text(text: str) -> list[str]:
    """List what ties a file to one machine or one index: hosts, options, absolute paths."""
    hosts = [host for host in REGISTRY_HOSTS if host in text]
    options = [match.group() for match in INDEX_OPTION.finditer(text)]
    paths = [match.group() for match in MACHINE_PATH.finditer(text)]
    return hosts + options + paths


@pytest.mark.parametrize("path", package_files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_file_stays_under_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("path", package_modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
@pytest.mark.slow
def test_a_function_stays_under_40_lines(path: Path) -> None:
    assert long_functions(path.read_text(encoding="utf-8")) == []


def test_a_function_of_40_lines_is_caught_and_its_decorators_are_free() -> None:
    body = "    x = 1\n" * 38
    assert long_functions(f"@one\n@two\ndef short():\n{body}") == []
    assert long_functions(f"class A:\n  def long(self):\n{body}    y = 2\n") == [
        "long has 40 lines"
    ]


def test_no_file_or_folder_has_an_empty_name() -> None:
    folders = [REPOSITORY / name for name in ("debtplan", "tests", "benchmarks")]
    paths = [p.relative_to(REPOSITORY) for folder in folders for p in folder.rglob("*.py")]
    assert [str(p) for p in paths if has_empty_name(p)] == []


@pytest.mark.parametrize("name", ["utils.py", "_helpers.py", "date_utils.py", "common/x.py"])
def test_an_empty_name_is_caught(name: str) -> None:
    assert has_empty_name(Path("debtplan") / name)
    assert not has_empty_name(Path("debtplan/core/uncommon.py"))


def test_annotations_are_never_postponed() -> None:
    paths = [*package_modules(), *sorted((REPOSITORY / "tests").rglob("*.py"))]
    assert [p for p in paths if imports_future_annotations(p.read_text(encoding="utf-8"))] == []


def test_postponed_annotations_are_caught() -> None:
    assert imports_future_annotations("from __future__ import annotations\n")
    assert not imports_future_annotations("import math\n")


def test_core_reads_no_clock_and_opens_nothing() -> None:
    found = {
        str(p.relative_to(REPOSITORY)): calls
        for p in sorted((PACKAGE / "core").rglob("*.py"))
        if (calls := impure_calls(p.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_a_clock_and_an_open_file_are_caught() -> None:
    assert impure_calls("at = datetime.now(UTC)\nopen(path)\nlen(x)\n") == [
        ".now() in line 1",
        "open() in line 2",
    ]


@pytest.mark.slow
def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = {
        str(path.relative_to(REPOSITORY)): unwanted
        for path in tracked_files()
        if (unwanted := unwanted_text(path.read_bytes().decode("utf-8", errors="ignore")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "https://" + REGISTRY_HOSTS[0] + "/simple",
        "pip install --index" + "-url x",
        "index" + "-url = x",
        "cd /" + "work/main",
        'Path("/' + 'root")',
        "/" + "home/ann/x",
    ],
)
def test_a_registry_and_a_machine_path_are_caught(text: str) -> None:
    assert unwanted_text(text)


@pytest.mark.parametrize("text", ["https://example.com/work/7", "docs/root/x", "frame/worker"])
def test_an_address_with_the_same_words_is_not_caught(text: str) -> None:
    assert unwanted_text(text) == []


def test_a_test_that_leaves_this_machine_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 9), timeout=0.01)
    with pytest.raises(pytest.fail.Exception, match="example"):
        socket.getaddrinfo("example.invalid", 80)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as box,
        pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"),
    ):
        box.sendto(b"", ("192.0.2.1", 9))


def test_a_test_may_talk_to_this_machine() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_the_shell_of_the_person_who_runs_the_tests_does_not_matter() -> None:
    ours = {n for n in os.environ if n.startswith("DEBTPLAN_")} - {"DEBTPLAN_DATA"}
    assert ours == set()
    assert "NO_COLOR" not in os.environ
    assert time.timezone == -(12 * 60 + 45) * 60
