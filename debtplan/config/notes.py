"""Notes as links take them: some open a link at grade E, others speak for or against links."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from debtplan.core.flow import UxMetric
from debtplan.core.intake import NOT_DECLARED, Backlog
from debtplan.core.item import Skipped, key_resolver
from debtplan.core.link import Claim, Evidence, Grade, LinkBasis
from debtplan.core.note import Note
from debtplan.core.text import clean_line

MOST = 10
"""Notes for a link, and against it, that it takes; the newest count."""

_SAID = 160
"""Characters of a note that stand beside a link."""


class Noted(NamedTuple):
    """The notes, and the day that is planned on: later ones count for nothing; None takes all."""

    notes: Sequence[Note] = ()
    today: date | None = None

    def by_now(self) -> Iterator[Note]:
        """Return the notes that are not of later."""
        return (one for one in self.notes if self.today is None or one.noted_on <= self.today)


NOTHING_NOTED = Noted()


def opened_claims(noted: Noted) -> tuple[Claim, ...]:
    """Return the links that notes open: those that name an item and a metric, and speak for it."""
    return tuple(
        Claim(
            item=note.item,
            metric=note.metric,
            basis=LinkBasis.NOTE,
            grade=Grade.E,
            evidence=(_evidence(note),),
            noted_on=note.noted_on,
            origin=f"note {note.id}",
        )
        for note in noted.by_now()
        if _opens(note)
    )


def with_notes(
    backlog: Backlog, noted: Noted, metrics: Sequence[UxMetric], expire_days: int
) -> Backlog:
    """Return the backlog with notes as evidence of the links that are there, and remarks.

    A note that names a metric is about its links; one that names a place is about the links of
    every metric there. Where it names an item too, only that item's links are meant. Notes older
    than `expire_days` are left out: they would only make a link look old.

    Args:
        backlog: With every claim that there is.
        noted: All notes.
        metrics: The declared ones.
        expire_days: Age in days from which a note says nothing any more.
    """
    if not noted.notes:
        return backlog
    latest = noted.today or date.max
    oldest = latest - timedelta(days=expire_days) if noted.today else date.min
    good = [one for one in noted.by_now() if not _opens(one) and one.noted_on >= oldest]
    by_id = {metric.id: metric for metric in metrics}
    is_about = _Items(claim.item for claim in backlog.claims)
    claims, seen = [], set()
    for claim in backlog.claims:
        pair, metric = (claim.item, claim.metric), by_id.get(claim.metric)
        if pair in seen or metric is None:
            claims.append(claim)
            continue
        seen.add(pair)
        meant = [n for n in good if _is_there(n, metric) and is_about(n.item, claim.item)]
        evidence = tuple(map(_evidence, _newest(meant)))
        update = {"evidence": (*claim.evidence, *evidence)}
        claims.append(claim.model_copy(update=update) if evidence else claim)
    ordered = sorted(claims, key=lambda one: (one.item, one.metric, one.model_dump_json()))
    remarks = tuple(_remarks(noted, metrics))
    return backlog.model_copy(
        update={"claims": tuple(ordered), "skipped": (*backlog.skipped, *remarks)}
    )


class _Items:
    """Tells whether a note's item is a claim's: by its full key, its short one, or as a whole."""

    def __init__(self, keys: Iterable[str]) -> None:
        known = set(keys)
        wholes = {whole for key in known if (whole := key.rpartition("/")[0]).partition(":")[2]}
        self._resolve = key_resolver(known)
        self._resolve_whole = key_resolver(wholes)

    def __call__(self, said: str, key: str) -> bool:
        if not said:
            return True
        return key == self._resolve(said) or key.rpartition("/")[0] == self._resolve_whole(said)


def _opens(note: Note) -> bool:
    return bool(note.item and note.metric) and not note.contradicts


def _is_there(note: Note, metric: UxMetric) -> bool:
    """Tell whether a note is about a metric, by its name or else by its place."""
    if note.metric:
        return note.metric.casefold() == metric.id.casefold()
    if not note.flow:
        return False
    wanted: Mapping[str, str] = {"flow": note.flow, "step": note.step, "segment": note.segment}
    return all(value in ("", getattr(metric, name)) for name, value in wanted.items())


def _newest(notes: Sequence[Note]) -> list[Note]:
    """Return the newest notes for a link and against it, oldest first."""
    ordered = sorted(notes, key=lambda one: (one.noted_on, one.id))
    speaking = [one for one in ordered if not one.contradicts][-MOST:]
    against = [one for one in ordered if one.contradicts][-MOST:]
    return sorted((*speaking, *against), key=lambda one: (one.noted_on, one.id))


def _evidence(note: Note) -> Evidence:
    counted = "" if note.of is None else f"{note.seen} of {note.of}: "
    return Evidence(
        kind=note.method,
        note=clean_line(f"{counted}{note.text}", limit=_SAID),
        noted_on=note.noted_on,
        contradicts=note.contradicts,
    )


def _remarks(noted: Noted, metrics: Sequence[UxMetric]) -> Iterator[Skipped]:
    """Yield why notes are not used, where that is not for their age."""
    known = {metric.id.casefold() for metric in metrics}
    for note in noted.notes:
        ref = f"note {note.id}"
        if noted.today is not None and note.noted_on > noted.today:
            yield Skipped(ref=ref, reason=f"is of {note.noted_on}, which is after {noted.today}")
        elif note.metric and note.metric.casefold() not in known and not _opens(note):
            yield Skipped(ref=ref, reason=f"names metric {note.metric!r}, {NOT_DECLARED}")
        elif not note.metric and not note.flow:
            reason = "names neither a metric nor a flow, so it says nothing of any link yet"
            yield Skipped(ref=ref, reason=reason)
        elif not note.metric and not any(_is_there(note, metric) for metric in metrics):
            place = " / ".join(one for one in (note.flow, note.step, note.segment) if one)
            yield Skipped(ref=ref, reason=f"is about {place}, where no metric is declared")
