"""Reading a document: its blocks, the files it shows, the commands it gives, its tables.

Conventions of the documents that these tests run:

* **`issues.csv`** alone on a line names the file that the next block holds. With ", at its end" the
  block is appended to the file; with ", in place of `LINE`" it stands where that line stood.
* In a `console` block a line that begins with `$ ` is a command, and the lines after it are lines
  of what it prints, in their order; `...` stands for lines that are left out.
* `$ echo $?` gives the exit code of the command before; without it the code is 0.
* Blocks of any other language, such as `sh`, are shown and not run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
DOCS = REPOSITORY / "docs"

_FENCE = re.compile(r"^(?P<mark>`{3,})(?P<language>[\w-]*)\s*$")
_FILE = re.compile(
    r"^\*\*`(?P<name>[^`]+)`\*\*(?P<mode>, at its end|, in place of `(?P<line>[^`]+)`)?:?$"
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its lines, and the last line of text before it."""

    language: str
    lines: tuple[str, ...]
    lead: str
    line: int

    @property
    def text(self) -> str:
        """The block's text with its last line break."""
        return "".join(f"{line}\n" for line in self.lines)


@dataclass(frozen=True)
class Shown:
    """A file that the document shows: whole, appended, or in the place of one line."""

    name: str
    text: str
    is_added: bool = False
    replaced: str | None = None


@dataclass(frozen=True)
class Command:
    """A command with the lines it is said to print and its exit code."""

    words: str
    said: tuple[str, ...]
    code: int
    line: int


def pages() -> tuple[Path, ...]:
    """Return every document, README first."""
    return (REPOSITORY / "README.md", *sorted(DOCS.rglob("*.md")))


def read_blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a document."""
    mark, language, start = "", "", 0
    lines: list[str] = []
    lead = ""
    for number, line in enumerate(text.splitlines(), 1):
        fence = _FENCE.match(line)
        if not mark and fence:
            mark, language, start, lines = fence["mark"], fence["language"], number, []
        elif mark and line.rstrip() == mark:
            yield Block(language, tuple(lines), lead, start)
            mark = ""
        elif mark:
            lines.append(line)
        elif line.strip():
            lead = line.strip()


def read_steps(text: str) -> Iterator[Shown | Command]:
    """Yield the files and the commands of a document in their order."""
    for block in read_blocks(text):
        named = _FILE.match(block.lead)
        if block.language == "console":
            yield from _commands(block)
        elif named:
            added = named["mode"] == ", at its end"
            yield Shown(named["name"], block.text, is_added=added, replaced=named["line"])


def _commands(block: Block) -> Iterator[Command]:
    found: list[Command] = []
    for number, line in enumerate(block.lines, block.line + 1):
        if line.startswith("$ "):
            found.append(Command(line[2:], (), 0, number))
        elif found and line.strip():
            last = found[-1]
            found[-1] = Command(last.words, (*last.said, line.rstrip()), 0, last.line)
    for one, after in zip(found, [*found[1:], None], strict=True):
        if one.words == "echo $?":
            continue
        code = int(after.said[0]) if after and after.words == "echo $?" else 0
        yield Command(one.words, one.said, code, one.line)


def section(text: str, heading: str) -> str:
    """Return the part under a heading, up to the next one of the same or a higher level."""
    level = heading.index(" ")
    start = text.index(f"\n{heading}\n") + len(heading) + 2
    following = re.compile(rf"^#{{1,{level}}} ", re.MULTILINE).search(text, start)
    return text[start : following.start() if following else len(text)]


def table_rows(text: str) -> list[list[str]]:
    """Return the cells of the first table of a text, its head and its rule left out."""
    rows = []
    for line in text.splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif rows:
            break
    return rows[2:]


def codes(text: str) -> list[str]:
    """Return what stands between backticks, in order."""
    return re.findall(r"`([^`]+)`", text)
