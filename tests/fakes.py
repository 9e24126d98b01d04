"""Stand-ins for ports, one class each. What they promise is what the port says."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from debtplan.core.item import DebtItem
from debtplan.core.source import Batch, Fate, Mark, Probe
from tests.builders import NOW, item


@dataclass
class Kept:
    """A record of the fake tracker."""

    id: str
    key: str
    part: str
    updated_at: datetime
    points: float = 2.0
    fate: Fate = Fate.HERE

    def item(self) -> DebtItem:
        return item(self.key, self.points)


@dataclass
class FakeTracker:
    """A tracker in memory: see `LiveSource` and `Census`. Pages are ordered by last change.

    Attributes:
        on_page: Called after each page: data may change, an error may be raised.
        counts: Whether it says how many records it has.
        drops: Ids that no walk gives, as if pages had drifted.
    """

    name: str = "jira"
    page: int = 2
    now: datetime = NOW
    records: dict[str, Kept] = field(default_factory=dict)
    projects: tuple[str, ...] = ("OMNI",)
    on_page: Callable[[int], None] = lambda _: None
    counts: bool = False
    drops: set[str] = field(default_factory=set)
    asks_for: str = "all"
    walks: list[datetime | None] = field(default_factory=list)
    is_closed: bool = False

    def put(self, id_: str, key: str, points: float = 2.0, part: str = "OMNI") -> None:
        """Create or change a record, a minute later than the last change."""
        self.now += timedelta(minutes=1)
        self.records[id_] = Kept(id_, key, part, self.now, points)

    def parts(self) -> tuple[str, ...]:
        return self.projects

    def scope(self, part: str) -> str:
        return f"{self.asks_for} {part}"

    def walk(self, part: str, mark: Mark) -> Iterator[Batch]:
        self.walks.append(mark.since)
        since, given = mark.since, 0
        while True:
            page = self._after(part, since, given)
            if not page:
                return
            given = sum(1 for one in page if one.updated_at == page[-1].updated_at)
            since = page[-1].updated_at
            yield self.batch(page)
            self.on_page(len(self.walks))

    def _after(self, part: str, since: datetime | None, given: int) -> list[Kept]:
        found = sorted(self.there(part), key=lambda one: (one.updated_at, one.id))
        found = [one for one in found if since is None or one.updated_at >= since]
        if since is not None and given:
            found = [one for one in found if one.updated_at > since]
        return [one for one in found if one.id not in self.drops][: self.page]

    def there(self, part: str) -> list[Kept]:
        return [one for one in self.records.values() if one.part == part and one.fate is Fate.HERE]

    def batch(self, page: Sequence[Kept]) -> Batch:
        return Batch(
            records=tuple(one.item() for one in page),
            sightings=tuple((one.id, one.item().key) for one in page),
            newest=max(one.updated_at for one in page),
        )

    def census(self, part: str) -> "FakeCensus":
        return FakeCensus(self, part)

    def probe(self) -> Iterator[Probe]:
        yield Probe(part=self.name, is_well=True, what="answers")

    def close(self) -> None:
        self.is_closed = True


@dataclass
class FakeCensus:
    """See `Census`."""

    tracker: FakeTracker
    part: str

    def count(self) -> int | None:
        return len(self.tracker.there(self.part)) if self.tracker.counts else None

    def ids(self) -> Iterator[str]:
        yield from (one.id for one in self.tracker.there(self.part))

    def look(self, ids: Sequence[str]) -> Iterator[tuple[str, Fate]]:
        for id_ in ids:
            one = self.tracker.records.get(id_)
            if one is None:
                yield id_, Fate.GONE
            else:
                yield id_, Fate.LEFT if one.part != self.part else one.fate

    def fetch(self, ids: Sequence[str]) -> Iterator[Batch]:
        yield self.tracker.batch([self.tracker.records[id_] for id_ in ids])
