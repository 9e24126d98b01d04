"""From parsed records to items: each key once, links turned to the item that waits."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from debtplan.core.item import DebtItem, Skipped
from debtplan.core.text import clean_line
from debtplan.errors import InputError

KEY_LIMIT = 200
"""Characters of a key; a longer one is no key."""

NAME_LIMIT = 200
"""Characters of a label, component, type or sprint name that are kept."""

LIST_LIMIT = 100
"""Labels, components, paths or links of one item that are kept."""

_TYPES_NAMED = 5

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Parsed:
    """What one record of a source gave.

    Attributes:
        place: Where it stood, for people: `FILE row 12`, `FILE issue 3`.
        outcome: The item, or why there is none.
        notices: What was not taken as it stands; the ref of each is the item's key.
        waits: (waiting, awaited) keys, from links that either end may list.
        is_bad: The record is malformed, not merely none of ours.
    """

    place: str
    outcome: DebtItem | Skipped
    notices: tuple[Skipped, ...] = ()
    waits: tuple[tuple[str, str], ...] = ()
    is_bad: bool = False

    @property
    def key(self) -> str:
        """The item's key, or the ref of the record that gave none."""
        return self.outcome.key if isinstance(self.outcome, DebtItem) else self.outcome.ref

    @property
    def updated_at(self) -> datetime | None:
        """When the item last changed, None where it is not known."""
        return self.outcome.updated_at if isinstance(self.outcome, DebtItem) else None


def settle(
    parsed: Iterable[Parsed], links: Iterable[tuple[str, str]] = ()
) -> Iterator[DebtItem | Skipped]:
    """Yield every item once, in the order of its record, and after it what there is to say.

    Of records with one key the one updated last stands, the later one where that is a tie; the
    others become a `Skipped` with their place. An item's prerequisites are its own and those that
    other records' links, or `links` as (waiting, awaited), give it, sorted.

    A `Skipped` whose ref is the key of an item that was yielded is a notice about that item; every
    other one is a record that gave no item.
    """
    records = list(parsed)
    standing = _standing(records)
    waits: dict[str, set[str]] = {}
    for waiting, awaited in chain(links, *(record.waits for record in records)):
        waits.setdefault(waiting, set()).add(awaited)
    for record in records:
        item = record.outcome
        if isinstance(item, Skipped):
            yield item
        elif standing[item.key] is not record:
            yield _repeated(record, standing[item.key])
        else:
            yield from _with_prerequisites(item, waits.get(item.key, set()), standing.keys())
            yield from record.notices


def refuse_bad_records(parsed: Iterable[Parsed], on_error: str) -> None:
    """Stop at the first malformed record where the settings say so.

    Raises:
        InputError: A record is malformed and `on_error` is "stop".
    """
    for one in parsed:
        if on_error == "stop" and one.is_bad and isinstance(one.outcome, Skipped):
            fix = 'Correct it, or set on_error = "skip" to read the rest; nothing was read.'
            raise InputError(f"{one.outcome.ref} {one.outcome.reason}.", fix)


def _standing(records: Iterable[Parsed]) -> dict[str, Parsed]:
    """Return the record that stands for each key."""
    standing: dict[str, Parsed] = {}
    updated: dict[str, datetime] = {}
    for record in records:
        item = record.outcome
        if isinstance(item, Skipped):
            continue
        at = item.updated_at or _NEVER
        if item.key not in standing or at >= updated[item.key]:
            standing[item.key], updated[item.key] = record, at
    return standing


def _repeated(record: Parsed, standing: Parsed) -> Skipped:
    reason = f"holds {standing.key} again; the one in {standing.place} is taken"
    older, newer = record.updated_at, standing.updated_at
    if older and newer and older < newer:
        reason += f", it was updated later ({newer:%Y-%m-%d %H:%M} UTC)"
    return Skipped(ref=record.place, reason=reason)


def _with_prerequisites(
    item: DebtItem, waits: set[str], keys: Iterable[str]
) -> Iterator[DebtItem | Skipped]:
    """Yield the item with its prerequisites, and a notice where it waits for itself or too much."""
    wanted = waits.union(item.prerequisites)
    named = {_own_key(one, item.source, keys) for one in wanted}
    kept = tuple(sorted(named - {item.key}))[:LIST_LIMIT]
    excludes = sorted({_own_key(one, item.source, keys) for one in item.excludes} - {item.key})
    update = {"prerequisites": kept, "excludes": tuple(excludes)}
    yield item.model_copy(update=update) if kept or excludes or item.excludes or wanted else item
    if item.key in named:
        yield Skipped(ref=item.key, reason="is linked as waiting for itself; the link is left out")
    if len(named - {item.key}) > LIST_LIMIT:
        reason = f"waits for {len(named)} items; the first {LIST_LIMIT} are kept"
        yield Skipped(ref=item.key, reason=reason)


def _own_key(ref: str, source: str, keys: Iterable[str]) -> str:
    """Return the full key: `csv:A-1` for "A-1"; a ref of another source stays as it is."""
    own = f"{source}:{ref}"
    return ref if ":" in ref and own not in keys else own


def clean_names(names: Iterable[str], what: str) -> tuple[tuple[str, ...], str]:
    """Return names cleaned, each once, in order, and a remark where some had to go."""
    cleaned = (clean_line(name, limit=NAME_LIMIT) for name in names)
    found = tuple(dict.fromkeys(name for name in cleaned if name))
    if len(found) <= LIST_LIMIT:
        return found, ""
    return found[:LIST_LIMIT], f"has {len(found)} {what}; the first {LIST_LIMIT} are kept"


def link_phrase(text: str) -> str:
    """Return a link's type for comparison: in lower case, with single blanks."""
    return " ".join(text.casefold().split())


def name_types(others: Counter[str]) -> str:
    """Return the most frequent types of links in brackets, with a blank before; "" for none."""
    named = ", ".join(
        f"{clean_line(kind, limit=40) or 'no type'!r} {count}"
        for kind, count in sorted(others.items(), key=lambda one: (-one[1], one[0]))[:_TYPES_NAMED]
    )
    more = len(others) - _TYPES_NAMED
    return f" ({named}{f' and {more} more' if more > 0 else ''})" if named else ""


def clean_key(key: str) -> str:
    """Return a tracker's key on one line, "" where it is none."""
    return "" if len(key) > KEY_LIMIT else clean_line(key, limit=KEY_LIMIT)
