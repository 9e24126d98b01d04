"""Result files: the form by the ending, written whole or not at all."""

import os
from pathlib import Path

from debtplan.errors import InputError, UsageError

FORM_BY_SUFFIX = {
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".csv": "csv",
    ".txt": "table",
}


def form_of(path: Path) -> str:
    """Return the form that the ending of a file asks for.

    Raises:
        UsageError: No form has this ending.
    """
    form = FORM_BY_SUFFIX.get(path.suffix.lower())
    if form is None:
        what = f"The ending of {path.name!r} names no form."
        raise UsageError(what, f"End it in one of: {', '.join(FORM_BY_SUFFIX)}.")
    return form


def write_result(path: Path, text: str) -> None:
    """Write the text to a file beside its place, then move it there.

    A device or pipe, such as /dev/stdout, is written to and never replaced; a symbolic link stays,
    and what it points to is replaced.

    Raises:
        InputError: The place cannot be written; what stood there stays.
    """
    try:
        if _is_special(path):
            path.write_text(text, encoding="utf-8", newline="")
        else:
            _replace(path.resolve(), text)
    except (OSError, ValueError) as error:
        cause = (getattr(error, "strerror", None) or str(error)).lower()
        what = f"{path} cannot be written: {cause}."
        raise InputError(what, "Choose another place, or free space and rights there.") from None


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises:
        InputError: It cannot be read as UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        fix = "Check the path; `debtplan plan -o plan.json` writes a plan."
        raise InputError(f"{path} does not exist.", fix) from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder.", "Name the file in it.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is no text in UTF-8.", "Name a plan.json or a report.") from None
    except (OSError, ValueError) as error:
        cause = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(f"{path} cannot be read: {cause}.", "Check the file's rights.") from None


def _is_special(path: Path) -> bool:
    if path.is_dir() or not path.exists():
        return False
    return not path.is_file() or str(path.absolute()).startswith(("/dev/", "/proc/"))


def _replace(path: Path, text: str) -> None:
    import tempfile

    if path.is_dir():
        raise IsADirectoryError(21, "is a folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(name, 0o644)  # noqa: PTH101 - mkstemp makes it private; a report is to be read
        os.replace(name, path)  # noqa: PTH105 - the same call, by name
    except BaseException:
        os.unlink(name)  # noqa: PTH108 - likewise
        raise
