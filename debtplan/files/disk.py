"""Which files a path of the settings means, and their bytes, within a budget."""

import glob
import gzip
import zlib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO, cast

from debtplan.errors import InputError

_PIECE = 1 << 20


def find_files(path: str, folder: Path, suffixes: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """Return the files that `path` means, sorted by name.

    Args:
        path: A file, a pattern such as `exports/*.csv`, or, with `suffixes`, a folder.
        folder: Where relative paths start.
        suffixes: Endings of the files taken from a folder; `.gz` may follow each.

    Raises:
        InputError: Nothing is there.
    """
    if not path.strip():
        raise InputError("No path is set.", 'Add path = "FILE" to the table in the settings.')
    whole = folder / Path(path).expanduser()
    try:
        return _match(whole, suffixes)
    except (OSError, ValueError) as error:
        raise InputError(f"{path!r} cannot be looked up: {_cause(error)}.", _FIX_PATH) from None


def _match(whole: Path, suffixes: tuple[str, ...]) -> tuple[Path, ...]:
    if whole.is_dir():
        if not suffixes:
            raise InputError(
                f"{whole} is a folder.", f'Name its files: path = "{whole.name}/*.csv".'
            )
        endings = tuple(suffix + more for suffix in suffixes for more in ("", ".gz"))
        found = [one for one in whole.iterdir() if one.name.lower().endswith(endings)]
        return _sorted_files(found, f"{whole} holds no file that ends in {', '.join(suffixes)}.")
    if whole.exists():
        return (whole,)
    if glob.has_magic(str(whole)):
        found = [Path(one) for one in glob.glob(str(whole), recursive=True)]  # noqa: PTH207 - absolute patterns
        return _sorted_files(found, f"No file matches {whole}.")
    raise InputError(f"{whole} does not exist.", _near(whole))


def _sorted_files(found: Iterable[Path], empty: str) -> tuple[Path, ...]:
    files = tuple(sorted(one for one in found if one.is_file()))
    if not files:
        raise InputError(empty, _FIX_PATH)
    return files


_FIX_PATH = "Correct `path`; relative paths start at the folder of the settings file."


def _near(whole: Path) -> str:
    """Return the fix for a missing file, with the name it may have meant."""
    there = sorted(one.name for one in whole.parent.iterdir()) if whole.parent.is_dir() else []
    close = get_close_matches(whole.name, there, n=1)
    return f"Did you mean {close[0]}? {_FIX_PATH}" if close else _FIX_PATH


def shown(file: Path, folder: Path) -> str:
    """Return the file's name as people wrote it: relative to the settings where it lies below."""
    return str(file.relative_to(folder)) if file.is_relative_to(folder) else str(file)


def open_bytes(file: Path, name: str) -> BinaryIO:
    """Open a file for reading, unpacked where it is gzip.

    Raises:
        InputError: It cannot be opened.
    """
    try:
        raw = file.open("rb")
    except OSError as error:
        raise unreadable(name, error) from None
    if raw.read(2) == b"\x1f\x8b":
        raw.close()
        return cast("BinaryIO", gzip.open(file, "rb"))
    raw.seek(0)
    return raw


def read_bytes(file: Path, name: str, limit: int) -> bytes:
    """Return the unpacked bytes of a file, at most `limit` of them.

    Raises:
        InputError: It cannot be read, is no whole gzip file, or is larger than `limit`.
    """
    pieces, size = [], 0
    try:
        with open_bytes(file, name) as stream:
            while piece := stream.read(_PIECE):
                size += len(piece)
                if size > limit:
                    raise InputError(
                        f"{name} holds more than {limit // _PIECE} MiB.",
                        "Save the answer in smaller pages and name them with a pattern.",
                    )
                pieces.append(piece)
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(name, error) from None
    return b"".join(pieces)


def unreadable(name: str, error: Exception) -> InputError:
    """Return the error for a file that is there but cannot be read."""
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return InputError(f"{name} is a damaged gzip file.", "Copy or save it again.")
    return InputError(f"{name} cannot be read: {_cause(error)}.", "Check its permissions.")


def _cause(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
