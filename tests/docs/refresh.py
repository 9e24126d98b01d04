"""Put the program's own output into README: `python -m tests.docs.refresh`."""

import os
import re
import tempfile

from tests.docs.page import REPOSITORY
from tests.docs.shell import run

README = REPOSITORY / "README.md"

_BLOCK = re.compile(
    r"(?P<head><!-- demo[^\n]*-->\n```console\n)\$ (?P<command>[^\n]+)\n(?P<said>.*?)"
    r"(?P<foot>```\n<!-- /demo -->\n)",
    re.DOTALL,
)


def shown(text: str) -> tuple[str, str]:
    """Return the command between the markers, and the output that stands below it."""
    found = _BLOCK.search(text)
    assert found, "README has no block between <!-- demo --> and <!-- /demo -->"
    return found["command"], found["said"]


def with_demo(text: str, printed: str) -> str:
    """Return README with this output between the markers."""
    return _BLOCK.sub(
        lambda found: f"{found['head']}$ {found['command']}\n{printed}{found['foot']}", text
    )


def main() -> None:
    """Run the command that README shows, and write down what it prints."""
    text = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        here = os.getcwd()  # noqa: PTH109 - the place to come back to
        os.chdir(folder)
        try:
            code, printed, said = run(shown(text)[0])
            assert code == 0, said
        finally:
            os.chdir(here)
    README.write_text(with_demo(text, printed), encoding="utf-8")


if __name__ == "__main__":
    main()
