"""Evidence for the store: one record of each kind by hand, and any at all from Hypothesis."""

from datetime import date, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st

from debtplan.core.forecast import Forecast
from debtplan.core.link import EvidenceKind, Grade
from debtplan.core.movement import Movement, Shift
from debtplan.core.note import Note
from debtplan.core.placebo import Placebo
from debtplan.core.release import Release
from debtplan.core.suggestion import LinkDecision
from debtplan.core.tally import Overlap, OverlapPart, Stratum, Tally
from debtplan.core.verdict import Outcome, Verdict
from tests.store.samples import NOON, from_zero, instants, lists, text

T = TypeVar("T")

TODAY = date(2026, 3, 2)


def tally(value: str = "ADDR_INVALID", **more: Any) -> Tally:
    stratum = Stratum(bad_with=8, total_with=10, bad_without=5, total_without=90)
    values: dict[str, Any] = {
        "metric": "loss",
        "dimension": "error_code",
        "value": value,
        "start_at": NOON - timedelta(days=28),
        "end_at": NOON,
        "strata": (stratum,),
        "source": "events",
    }
    return Tally(**{**values, **more})


def overlap(step: str = "shipping", **more: Any) -> Overlap:
    parts = (OverlapPart(metric="errors", frustrated=30), OverlapPart(metric="loss", frustrated=50))
    values: dict[str, Any] = {
        "flow": "checkout",
        "step": step,
        "segment": "",
        "start_at": NOON - timedelta(days=28),
        "end_at": NOON,
        "sessions": 400,
        "frustrated": 60,
        "parts": parts,
        "source": "events",
    }
    return Overlap(**{**values, **more})


def note(number: int, **more: Any) -> Note:
    values: dict[str, Any] = {
        "id": f"interviews:{number}",
        "method": EvidenceKind.INTERVIEW,
        "noted_on": TODAY,
        "seen": 5,
        "of": 8,
        "severity": 3,
        "metric": "loss",
        "text": "They do not find their country.",
    }
    return Note(**{**values, **more})


def release(number: int, **more: Any) -> Release:
    values: dict[str, Any] = {
        "id": f"deployments:{number}",
        "released_at": NOON + timedelta(days=number),
        "items": ("jira:OMNI-1", "jira:OMNI-2"),
    }
    return Release(**{**values, **more})


def movement(follower: str, **more: Any) -> Movement:
    values = {"lag_days": 1, "correlation": 0.6, "p": 0.001, "q": 0.01, "days": 120}
    return Movement(leader="login", follower=follower, **{**values, **more})


def shift(metric: str, day: int = 0) -> Shift:
    on = TODAY + timedelta(days=day)
    return Shift(metric=metric, on=on, before=0.1, after=0.2, p=0.001)


def decision(number: int, *, is_confirmed: bool = True, **more: Any) -> LinkDecision:
    key = f"jira:OMNI-{number}"
    return LinkDecision(item=key, metric="loss", is_confirmed=is_confirmed, decided_at=NOON, **more)


def forecast(number: int, **more: Any) -> Forecast:
    values: dict[str, Any] = {
        "plan_id": "checkout-41",
        "item": f"jira:OMNI-{number}",
        "metric": "loss",
        "team": "checkout",
        "sprint_id": "41",
        "frozen_at": NOON,
        "grade": Grade.C,
        "sessions": 10_000,
        "bad_share": 0.3,
        "goal_share": 0.2,
        "harm": 1000,
        "removal": 0.2,
        "low": 0.05,
        "high": 0.4,
        "baseline_start_on": TODAY - timedelta(days=60),
        "baseline_end_on": TODAY,
        "controls": ("search_loss",),
        "method": "its/1",
    }
    return Forecast(**{**values, **more})


def verdict(number: int, **more: Any) -> Verdict:
    values: dict[str, Any] = {
        "plan_id": "checkout-41",
        "item": f"jira:OMNI-{number}",
        "metric": "loss",
        "judged_at": NOON,
        "outcome": Outcome.MOVED,
        "effect": -0.05,
        "reasons": ("It fell.",),
    }
    return Verdict(**{**values, **more})


shares = st.floats(0, 1)
days = st.dates()
counts = st.integers(1, 2**63 - 1)


def any_of(record: type[T], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[T]:
    return st.builds(record, **fields)


@st.composite
def _strata(draw: st.DrawFn) -> Stratum:
    bad, good, other_bad, other_good = (draw(st.floats(0, 1e12)) for _ in range(4))
    return Stratum(
        name=draw(text),
        bad_with=bad,
        total_with=bad + good,
        bad_without=other_bad,
        total_without=other_bad + other_good,
    )


tallies = any_of(
    Tally,
    metric=text,
    dimension=text,
    value=text,
    start_at=instants,
    end_at=instants,
    strata=lists(_strata()),
    source=text,
)

overlaps = any_of(
    Overlap,
    flow=text,
    step=text,
    segment=text,
    start_at=instants,
    end_at=instants,
    sessions=from_zero,
    frustrated=from_zero,
    parts=lists(any_of(OverlapPart, metric=text, frustrated=from_zero)),
    source=text,
)

notes = any_of(
    Note,
    id=text,
    method=st.sampled_from(EvidenceKind),
    noted_on=days,
    seen=st.just(1),
    of=st.none() | counts,
    severity=st.none() | st.integers(0, 4),
    **dict.fromkeys(("flow", "step", "segment", "metric", "item", "text", "source"), text),
    contradicts=st.booleans(),
)

releases = any_of(
    Release,
    id=text,
    released_at=instants,
    name=text,
    items=lists(text),
    is_assumed=st.booleans(),
    source=text,
)

movements = any_of(
    Movement,
    leader=text,
    follower=text,
    lag_days=st.integers(0, 30),
    correlation=st.floats(-1, 1),
    p=shares,
    q=shares,
    days=counts,
    is_shift=st.booleans(),
)

shifts = any_of(Shift, metric=text, on=days, before=shares, after=shares, p=shares)

decisions = any_of(
    LinkDecision,
    is_confirmed=st.booleans(),
    decided_at=instants,
    confidence=st.none() | shares,
    share=st.none() | shares,
    grade=st.none() | st.sampled_from(Grade),
    **dict.fromkeys(("item", "metric", "decided_by", "dimension", "value", "why"), text),
)

forecasts = any_of(
    Forecast,
    **dict.fromkeys(("plan_id", "item", "metric", "team", "sprint_id", "debt_kind"), text),
    frozen_at=instants,
    grade=st.sampled_from(Grade),
    sessions=st.floats(1e-300, 1e300),
    calibration=st.floats(1e-300, 1e300),
    harm=from_zero,
    **dict.fromkeys(("bad_share", "goal_share", "removal", "low", "high"), shares),
    **dict.fromkeys(("baseline_start_on", "baseline_end_on"), days),
    after_days=counts,
    **dict.fromkeys(("controls", "guardrails"), lists(text)),
    method=text,
    definition=text,
    due_on=st.none() | days,
)

numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)

verdicts = any_of(
    Verdict,
    **dict.fromkeys(("plan_id", "item", "metric"), text),
    judged_at=instants,
    released_at=st.none() | instants,
    outcome=st.sampled_from(Outcome),
    **dict.fromkeys(("observed", "effect", "low", "high"), numbers),
    **dict.fromkeys(("realised", "ratio", "ratio_error"), numbers),
    **dict.fromkeys(("days_before", "days_after"), st.integers(0, 2**63 - 1)),
    **dict.fromkeys(("reasons", "beside", "alarms"), lists(text)),
)

placebos = any_of(
    Placebo,
    **dict.fromkeys(("plan_id", "item", "metric"), text),
    judged_at=instants,
    due_on=days,
    outcome=st.sampled_from(Outcome),
    **dict.fromkeys(("observed", "effect", "low", "high"), numbers),
    **dict.fromkeys(("realised", "realised_error"), numbers),
    **dict.fromkeys(("days_before", "days_after"), st.integers(0, 2**63 - 1)),
    **dict.fromkeys(("reasons", "beside"), lists(text)),
)


def placebo(number: int, **more: Any) -> Placebo:
    """What one metric did by itself."""
    values = {
        "plan_id": f"plan-{number}",
        "item": "jira:OMNI-12",
        "metric": "shipping-loss",
        "judged_at": NOON,
        "due_on": date(2026, 11, 27),
        "outcome": Outcome.NOT_MOVED,
        "realised": 0.05,
        "realised_error": 0.04,
        "reasons": ("Nothing of it was released.",),
    }
    return Placebo(**{**values, **more})
