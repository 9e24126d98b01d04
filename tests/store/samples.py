"""Records for the store: a few by hand, and any at all from Hypothesis."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, TypeAlias

from hypothesis import strategies as st

from debtplan.core.capacity import ClosedSprint
from debtplan.core.item import DebtItem, DebtKind, ItemState, RolePoints, Skipped, UserStory
from debtplan.core.reading import Bands, Buckets, Counts, Percentiles, Rate, Reading
from debtplan.core.source import SourceState, SourceStatus

Given: TypeAlias = DebtItem | Reading | ClosedSprint | Skipped
"""What a source gives."""

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SKIPPED = Skipped(ref="items.csv row 12", reason="The points are 'many'; write a number.")


def state(name: str = "jira", **more: Any) -> SourceState:
    return SourceState(name=name, **{"fetched_at": NOON, **more})


def item(number: int, **more: Any) -> DebtItem:
    values: dict[str, Any] = {
        "key": f"jira:OMNI-{number}",
        "source": "jira",
        "title": f"Refactor part {number}",
        "labels": ("debt", "ux:loss"),
        "points": 3.0,
        "roles": (RolePoints(role="backend", points=2),),
        "story": UserStory(need="to pay", pain="errors", outcome="it works"),
        "created_at": NOON,
    }
    return DebtItem(**{**values, **more})


def reading(day: int, metric: str = "loss", **more: Any) -> Reading:
    start = NOON + timedelta(days=day)
    values: dict[str, Any] = {
        "metric": metric,
        "start_at": start,
        "end_at": start + timedelta(days=1),
        "measure": Counts(bad=3, total=40),
        "source": "csv",
    }
    return Reading(**{**values, **more})


def sprint(number: int, team: str = "checkout") -> ClosedSprint:
    return ClosedSprint(
        team=team, id=str(number), position=number, start_on=date(2026, 1, number), completed=8.0
    )


# Everything a source may give: cleaned text has neither NUL nor half characters.
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=zones)  # noqa: DTZ001 - the zone is drawn
above_zero = st.floats(0, 1e300, exclude_min=True)
from_zero = st.floats(0, 1e300)


def lists(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=3).map(tuple)


items = st.builds(
    DebtItem,
    key=text,
    source=text,
    title=text,
    text=text,
    url=st.none() | text,
    type_name=text,
    epic=text,
    debt_kind=st.none() | st.sampled_from(DebtKind),
    state=st.sampled_from(ItemState),
    team=st.none() | text,
    labels=lists(text),
    components=lists(text),
    paths=lists(text),
    points=st.none() | above_zero,
    roles=lists(st.builds(RolePoints, role=text, points=above_zero)),
    story=st.none() | st.builds(UserStory, need=text, pain=text, outcome=text, who=text),
    prerequisites=lists(text),
    excludes=lists(text),
    sprint=st.none() | text,
    created_at=st.none() | instants,
    updated_at=st.none() | instants,
    closed_at=st.none() | instants,
)

ascending = st.lists(st.floats(1e-6, 1e9), min_size=2, max_size=5, unique=True).map(sorted)


@st.composite
def measures(draw: st.DrawFn) -> Counts | Buckets | Percentiles | Bands | Rate:
    numbers = draw(ascending)
    shares = draw(st.floats(0, 1))
    ranks = [number / (numbers[-1] + 1) for number in numbers]
    possible: list[Counts | Buckets | Percentiles | Bands | Rate] = [
        Counts(bad=numbers[0], total=numbers[-1]),
        Buckets(bounds=tuple(numbers), counts=tuple(numbers), total=numbers[-1]),
        Percentiles(ranks=(0.5, 0.95), values=(numbers[0], numbers[-1])),
        Bands(good=shares, needs_improvement=1 - shares, poor=0.0),
        Rate(bad_share=ranks[0]),
    ]
    return draw(st.sampled_from(possible))


readings = st.builds(
    Reading,
    metric=text,
    start_at=instants,
    end_at=instants,
    measure=measures(),
    sample_size=st.none() | above_zero,
    source=text,
    fetched_at=st.none() | instants,
    stated_by=st.none() | text,
)

sprints = st.builds(
    ClosedSprint,
    team=text,
    id=text,
    name=text,
    position=st.integers(-(2**63) + 1, 2**63 - 1),
    start_on=st.none() | st.dates(),
    end_on=st.none() | st.dates(),
    committed=st.none() | from_zero,
    completed=st.none() | from_zero,
    debt_points=st.none() | from_zero,
)

skipped = st.builds(Skipped, ref=text, reason=text)

states = st.builds(
    SourceState,
    name=st.just("any"),
    fetched_at=st.none() | instants,
    status=st.sampled_from([SourceStatus.OK, SourceStatus.PARTIAL]),
    records=st.integers(0, 2**63 - 1),
    skipped=st.integers(0, 2**63 - 1),
    detail=text,
)
