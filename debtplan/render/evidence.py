"""How far a link is trusted, in words: grade, share, and the pieces of evidence, each told once."""

import re
from collections.abc import Iterable

from debtplan.core.link import Evidence, Grade, Link, LinkBasis
from debtplan.core.measured import claimed_apart
from debtplan.core.text import clean_line
from debtplan.render.facts import Facts
from debtplan.render.number import day, percent, sentence

GRADES: dict[Grade, str] = {
    Grade.A: "a randomised test",
    Grade.B: "a comparison with a control group",
    Grade.C: "the mechanism seen on the failing step",
    Grade.D: "a correlation",
    Grade.E: "opinion, an interview or an assumption",
}
"""What each grade stands for, in words."""

UNCONFIRMED = "This link was suggested by debtplan and is not confirmed by anyone."

LONG_WORD = 4
"""Characters from which on a word says what a piece is about."""

ALIKE = 0.5
"""Part of the words of one piece that stand in the other where both tell the same."""

_COUNT = re.compile(r"\b(\d+) of (\d+)\b")
_WORD = re.compile(r"\w+")


def say_grade(facts: Facts, link: Link) -> str:
    """Return a link's grade with all its reasons."""
    return _grade(facts, link, link.reasons)


def _grade(facts: Facts, link: Link, reasons: Iterable[str]) -> str:
    factor = facts.plan.inputs.links.grades[link.grade]
    words = f"Grade {link.grade}: counted as a {percent(factor)} chance that it works"
    if link.grade is not link.claimed_grade or _is_raised(link):
        words += f"; stated as {link.claimed_grade} ({GRADES[link.claimed_grade]})"
    else:
        words += f"; rests on {GRADES[link.grade]}"
    if _is_raised(link):
        words += f"; its share is measured, so {Grade.C} ({GRADES[Grade.C]})"
    return sentence("; ".join((words, *(clean_line(reason, 600) for reason in reasons))))


def _is_raised(link: Link) -> bool:
    """Whether a link started from grade C because its share was measured: less was stated."""
    clear = link.measured is not None and link.measured.found.is_clear
    return clear and link.claimed_grade > Grade.C


def say_share(link: Link) -> str:
    """Return the share of a link, with its interval: assumed, claimed, or measured and claimed."""
    share = link.share
    likely = "" if share.low == share.high else f" ({percent(share.low)}–{percent(share.high)})"
    if link.is_assumed:
        return (
            f"We assume that it removes {percent(share.expected)}{likely}: nobody has measured it."
        )
    said = f"It should remove {percent(share.expected)}"
    measured = _measured(link)
    if measured:
        return f"{said} of the harm, if it works: {measured}."
    return f"{said}{likely} of the harm, if it works."


def _measured(link: Link) -> str:
    """Return what was claimed and what was measured; empty where nothing was.

    The interval is the 95% one; the share's own ends lie further apart, see `SPREAD_Z`.
    """
    known = link.measured
    if known is None or known.found.fraction is None:
        return ""
    found = known.found
    low, share, high = (
        percent(min(1.0, max(0.0, one or 0.0))) for one in (found.low, found.fraction, found.high)
    )
    likely = "" if low == high else f" ({low}–{high})"
    said = f"measured {share}{likely} by {clean_line(str(known.selector), 120)}"
    claimed = link.claimed_share
    if claimed is None:
        return said
    far = ", far from the claim" if claimed_apart(claimed.expected, found) else ""
    return f"claimed {percent(claimed.expected)}, {said}{far}"


def say_evidence(facts: Facts, link: Link) -> tuple[str, ...]:
    """Return all that is known of a link, each thing once: mark, grade, share, counts, pieces."""
    marked = (UNCONFIRMED,) if link.basis is LinkBasis.SUGGESTED else ()
    counts = link.measured
    if counts is None:
        lines = [say_grade(facts, link), say_share(link)]
    else:  # the share's line holds what the first reasons say
        told = {counts.say()}
        rest = [one for one in link.reasons if one not in told and not _is_claim(one)]
        counted = sentence(clean_line(counts.found.say(), 600))
        lines = [_grade(facts, link, rest), say_share(link), counted]
    return (*marked, *lines, *(_piece(one) for one in without_repeats(link.evidence)))


def _is_claim(reason: str) -> bool:
    return reason.startswith("claimed was ")


def without_repeats(pieces: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return the pieces of evidence without those that tell what another one does.

    One test may stand in the links file and among the notes: pieces of one kind and day that count
    the same people and mostly say the same words. The longer one stays, at the place of the first.
    """
    kept: list[Evidence] = []
    for one in pieces:
        twin = next((at for at, other in enumerate(kept) if _tell_the_same(one, other)), None)
        if twin is None:
            kept.append(one)
        elif len(one.note) > len(kept[twin].note):
            kept[twin] = one
    return tuple(kept)


def _tell_the_same(one: Evidence, other: Evidence) -> bool:
    if (one.kind, one.noted_on, one.contradicts) != (other.kind, other.noted_on, other.contradicts):
        return False
    counts = (_COUNT.search(one.note), _COUNT.search(other.note))
    if counts[0] is None or counts[1] is None or counts[0].groups() != counts[1].groups():
        return False
    words, others = _words(one.note), _words(other.note)
    return len(words & others) >= ALIKE * min(len(words), len(others))


def _words(note: str) -> frozenset[str]:
    found = _WORD.findall(note.casefold())
    return frozenset(word for word in found if len(word) >= LONG_WORD)


def _piece(piece: Evidence) -> str:
    kind = piece.kind.value.replace("_", " ").capitalize()
    against = ", against it" if piece.contradicts else ""
    on = f" ({day(piece.noted_on)} {piece.noted_on.year})" if piece.noted_on else ""
    note = clean_line(piece.note, 600)
    if on:
        note = note.removesuffix(".")
    return sentence(f"{kind}{against}: {note}{on}" if note else f"{kind}{against}{on}")
