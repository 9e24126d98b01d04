"""From the readings of a file to a series: oldest first, no instant counted twice."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from debtplan.core.item import Skipped
from debtplan.core.reading import Reading


class Placed(NamedTuple):
    """A reading and where it stood: `FILE row 12`."""

    place: str
    reading: Reading


def settle(found: Iterable[Placed | Skipped]) -> Iterator[Reading | Skipped]:
    """Yield what was skipped, then every reading, by metric and oldest first.

    Of two readings with one metric and one start the later in the file stands. A reading that
    begins before the one before it has ended would count its users twice: it is skipped.
    """
    standing: dict[tuple[str, str], Placed] = {}
    for one in found:
        if isinstance(one, Skipped):
            yield one
            continue
        key = (one.reading.metric, one.reading.start_at.isoformat())
        earlier = standing.get(key)
        if earlier is not None:
            yield _repeated(earlier, one)
        standing[key] = one
    yield from _in_order(standing.values())


def _in_order(found: Iterable[Placed]) -> Iterator[Reading | Skipped]:
    before: Reading | None = None
    for place, reading in sorted(found, key=lambda one: (one.reading.metric, one.reading.start_at)):
        if (
            before is not None
            and before.metric == reading.metric
            and reading.start_at < before.end_at
        ):
            yield Skipped(ref=place, reason=_overlapping(reading, before))
            continue
        before = reading
        yield reading


def _repeated(earlier: Placed, later: Placed) -> Skipped:
    what = f"a reading of {later.reading.metric} from {later.reading.start_at:%Y-%m-%d %H:%M} UTC"
    return Skipped(
        ref=earlier.place, reason=f"holds {what}, and so does {later.place}, which stands"
    )


def _overlapping(reading: Reading, before: Reading) -> str:
    return (
        f"holds a reading of {reading.metric} that begins before the one from "
        f"{before.start_at:%Y-%m-%d %H:%M} UTC has ended; give days or weeks, not both"
    )
