"""Tokens that sing where they should not be: how to make them, and how to find them again."""

import html
import json
import os
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

PIECE = 12
"""Letters of a token that are a leak by themselves."""

_TRIMMED = 2
"""Letters at each end of Base64 that depend on what stands beside the token."""


@dataclass(frozen=True)
class Canary:
    """A secret of a service; no other text on the machine has twelve letters in common with it."""

    name: str
    value: str

    def forms(self) -> Iterator[tuple[str, bytes]]:
        """Yield how it may be written, with the name of the form."""
        for at in range(0, len(self.value) - PIECE + 1, PIECE // 2):
            yield "plain", self.value[at : at + PIECE].encode()
        yield "quoted", quote(self.value, safe="").encode()
        yield "quoted", quote_plus(self.value).encode()
        yield "JSON", json.dumps(self.value)[1:-1].encode()
        yield "HTML", html.escape(self.value).encode()
        yield "hexadecimal", self.value.encode().hex().encode()
        yield "backwards", self.value[::-1].encode()
        for before in range(3):  # where in the groups of three letters it begins
            coded = b64encode(b"-" * before + self.value.encode()).rstrip(b"=")
            middle = coded[before + _TRIMMED : -_TRIMMED]
            yield "Base64", middle
            yield "Base64", middle.translate(bytes.maketrans(b"+/", b"-_"))


def make(name: str, number: int) -> Canary:
    """Return a canary: letters that need escaping stand in its middle."""
    letters = os.urandom(12).hex()
    return Canary(name, f"{letters}+/={number}&{os.urandom(12).hex()}")


def search(canaries: Iterable[Canary], places: Mapping[str, bytes]) -> list[str]:
    """Return one sentence for every canary in every place that has it."""
    found = []
    for one in canaries:
        forms = {form: name for name, form in one.forms()}
        either = re.compile(b"|".join(map(re.escape, forms)), re.IGNORECASE)
        for place, content in places.items():
            hit = either.search(content)
            if hit:
                form = next((n for f, n in forms.items() if f.lower() == hit[0].lower()), "")
                found.append(f"{place} holds the secret of {one.name} ({form})")
    return found


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder: name, then content."""
    return {
        str(path.relative_to(folder)): str(path).encode() + b"\n" + path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def command_lines() -> dict[str, bytes]:
    """Return the command line of every process that can be seen."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found[str(path)] = path.read_bytes().replace(b"\0", b" ")
        except OSError:  # it has ended
            continue
    return found
