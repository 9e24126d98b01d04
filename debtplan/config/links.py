"""The links file: links that people wrote down and confirmed, with their evidence."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, ValidationError

from debtplan.config.load import cleaned
from debtplan.core.link import Claim, Evidence, Grade, LinkBasis, Share
from debtplan.core.record import Value
from debtplan.core.rule import short_share
from debtplan.core.tally import Selector
from debtplan.errors import InputError

_SHOWN = 10
"""Problems that are named; the rest is counted."""

_WORDS = {"missing": "is missing", "extra_forbidden": "is not a known key"}


class FiledLink(Value):
    """One `[[link]]`: item and metric, how much, how sure, why, and the mark to measure it by."""

    item: str
    metric: str
    share: Annotated[Share | None, BeforeValidator(short_share)] = None
    grade: Grade | None = None
    noted_on: date | None = None
    evidence: tuple[Evidence, ...] = ()
    selector: Selector | None = None


class LinksFile(Value):
    """The whole file."""

    link: tuple[FiledLink, ...] = ()


def read_links(path: Path) -> tuple[Claim, ...]:
    """Return the claims of a links file, in its order.

    Raises:
        InputError: The file is missing, not TOML, or an entry does not hold; all are named.
    """
    try:
        found = cleaned(tomllib.loads(path.read_text(encoding="utf-8-sig")))
        filed = LinksFile.model_validate(found)
    except FileNotFoundError:
        what = f"The links file {path} does not exist."
        raise InputError(what, "Check `file` under [links], or take it out.") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not TOML: {error}.", "Mend that line.") from None
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        what = f"The links file {path} cannot be read: {error}."
        raise InputError(what, "Check the file's rights and that it is UTF-8.") from None
    except ValidationError as error:
        raise InputError(
            f"{path} has entries that do not hold: {_problems(error)}.",
            "Each [[link]] takes item, metric, share, grade, noted_on, evidence and selector.",
        ) from None
    return tuple(
        Claim(
            basis=LinkBasis.FILE,
            origin=f"{path.name} entry {number}",
            **link.model_dump(),
        )
        for number, link in enumerate(filed.link, 1)
    )


def _problems(error: ValidationError) -> str:
    found = [
        f"{_entry(problem['loc'])} {_WORDS.get(problem['type']) or _said(problem['msg'])}"
        for problem in error.errors(include_url=False)
    ]
    return "; ".join(found[:_SHOWN]) + (f"; and {len(found) - _SHOWN} more" * (len(found) > _SHOWN))


def _said(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Input ")


def _entry(loc: tuple[int | str, ...]) -> str:
    """Return `entry 3 share` for ("link", 2, "share")."""
    words = [f"entry {part + 1}" if isinstance(part, int) else str(part) for part in loc[1:]]
    return " ".join(words) or "the file"
