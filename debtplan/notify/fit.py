"""Making a notice fit: fewer lines of each list, and how many are left out."""

from collections.abc import Callable
from typing import TypeVar

from debtplan.core.notice import Line, Notice, Section
from debtplan.core.text import clean_line

Made = TypeVar("Made")

_STEPS = (1_000, 300, 100, 50, 25, 12, 6, 3, 1)
"""Lines of a list that are tried."""

_FEW = 10
"""Lists and sentences that are kept where not even one line of each fits."""

_SHORT = 200
"""Characters of a text then."""


def fit(notice: Notice, make: Callable[[Notice], Made], is_small: Callable[[Made], bool]) -> Made:
    """Return the fullest message that is small enough; the barest one where none is.

    Args:
        notice: What is told.
        make: Writes it in the service's form.
        is_small: Whether the service takes it.
    """
    for most in _STEPS:
        made = make(_with_lines(notice, most))
        if is_small(made):
            return made
    return make(_barest(notice))


def _with_lines(notice: Notice, most: int) -> Notice:
    sections = tuple(_cut(section, most) for section in notice.sections)
    return notice.model_copy(update={"sections": sections})


def _cut(section: Section, most: int) -> Section:
    left = len(section.lines) - most
    if left <= 0:
        return section
    more = Line(text=f"... and {left:,} more")
    return section.model_copy(update={"lines": (*section.lines[:most], more)})


def _barest(notice: Notice) -> Notice:
    """Return a notice of at most some 6,000 characters, whatever it held."""
    sections = tuple(
        Section(
            title=clean_line(section.title, 80),
            lines=tuple(Line(text=clean_line(one.text, _SHORT)) for one in _cut(section, 1).lines),
        )
        for section in notice.sections[:_FEW]
    )
    sentences = tuple(clean_line(one, _SHORT) for one in notice.sentences[:_FEW])
    return notice.model_copy(update={"sections": sections, "sentences": sentences})
