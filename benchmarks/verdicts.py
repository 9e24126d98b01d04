"""What verdicts are worth: series with a planted truth, judged as `debtplan outcomes` judges them.

A series has a weekday pattern, a straight trend, a deviation of which the next day keeps a part
(0 to 0.6) and which good controls share, and binomial noise. There are 60 days before the release
and 30 after it; the plan is approved 14 days before the release, and the 28 days that it was made
from are left out.

Where nothing happened, a bad fortnight among those 28 days is planted too, or the series is the one
of 20 whose last 28 days were worst: either falls back by itself, which is no effect of a release.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from benchmarks.figure import Figure, at_most
from debtplan.core.days import DayShare
from debtplan.core.effect import Effect, Question
from debtplan.core.forecast import Forecast
from debtplan.core.judge import METHOD, Case, OutcomePolicy, judge, question_of
from debtplan.core.link import Grade
from debtplan.core.release import Release
from debtplan.core.verdict import Outcome
from debtplan.stats.interrupted import InterruptedSeries

SERIES = 400
WORKERS = 2
BEFORE, AFTER, LEAD, WINDOW = 60, 30, 14, 28
EXCESS = 0.5
"""Part of the share that lies beyond the goal."""

PEERS = 20
POLICY = OutcomePolicy()
DAY = date(2026, 1, 5)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Kind:
    """What is planted.

    Attributes:
        effect: Relative change at the release.
        lead: Days from the approval to the release.
        bad: Relative rise in a fortnight that ends within a fortnight before the approval.
        worst_by: What the worst of 20 series is worst against: `level`, what it is in the long run,
            or `baseline`, its own days before; "" takes one series.
        controls: Good controls.
        spoilt: By how much a further control changes itself at the release.
        stray: Whether a further control has nothing to do with it.
        is_hard: Whether days deviate by 5%, keep 0.6 of it, and have hardly any noise of their own.
        is_fixed: Whether the fortnight ends on the day of the approval.
    """

    effect: float = 0.0
    lead: int = LEAD
    bad: float = 0.0
    worst_by: str = ""
    controls: int = 0
    spoilt: float = 0.0
    stray: bool = False
    is_fixed: bool = False
    is_hard: bool = False


@dataclass(frozen=True)
class Judged:
    """One verdict beside the truth."""

    outcome: Outcome
    truth: float
    effect: float
    low: float
    high: float
    has_fakes: bool
    kept: int
    refused: tuple[str, ...]
    newey: tuple[float, float]


@dataclass(frozen=True)
class Drawn:
    """A series, its truth and its controls."""

    days: tuple[DayShare, ...]
    truth: float
    controls: dict[str, tuple[DayShare, ...]]
    badness: float


def measure(_data: Path | None = None) -> Iterator[Figure]:
    """Yield how often verdicts are wrong, how much they see, and what their intervals hold."""
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        yield from figures(partial(_judged, pool.map), SERIES)


def figures(run: Callable[[Kind, int], list[Judged]], count: int) -> Iterator[Figure]:
    """Yield all figures, each from so many series."""
    still, helped = run(Kind(), count), run(Kind(controls=2), count)
    moved = run(Kind(effect=-0.15), count)
    moved_helped = run(Kind(effect=-0.15, controls=2), count)
    said = (
        f"{BEFORE} + {AFTER} days, approved {LEAD} days before; {count} series, seeds 0-{count - 1}"
    )
    falls: dict[str, Sequence[Judged]] = {
        "nothing happened": still,
        "nothing happened, two controls": helped,
        "bad fortnight before the approval": run(Kind(bad=0.3), count),
        "worst of 20 series": run(Kind(worst_by="level"), count),
        "bad fortnight, released on the day of approval": run(
            Kind(bad=0.3, lead=0, is_fixed=True), count
        ),
    }
    for name, rows in falls.items():
        worse = _part(rows, Outcome.WORSE)
        detail = (
            f"worse in {worse:.3f}, cannot tell in {_part(rows, Outcome.CANNOT_TELL):.3f}; {said}"
        )
        yield at_most("verdicts", f"moved: {name}", _part(rows, Outcome.MOVED), 0.05, "", detail)
    hard = run(Kind(worst_by="baseline"), count)
    detail = f"chosen by the very days that are the baseline; {said}"
    yield at_most(
        "verdicts",
        "moved: worst of 20 against its own baseline",
        _part(hard, Outcome.MOVED),
        None,
        "",
        detail,
    )
    for name, rows in (("", moved), (", two controls", moved_helped)):
        detail = f"cannot tell in {_part(rows, Outcome.CANNOT_TELL):.3f}; {said}"
        yield _at_least(f"15% less is seen{name}", _part(rows, Outcome.MOVED), 0.8, detail)
    late = run(Kind(effect=-0.15, lead=0), count)
    yield at_most(
        "verdicts", "15% less is seen, released on the day of approval",
        _part(late, Outcome.MOVED), None, "", f"only 32 days before count; {said}",
    )  # fmt: skip
    every = [*still, *helped, *moved, *moved_helped]
    held = _covered([(one.low, one.high, one.truth) for one in every])
    yield _within(
        "95% intervals hold the truth", held, (0.93, 0.97), f"{len(every)} series; {said}"
    )
    for name in ("bad fortnight before the approval", "worst of 20 series"):
        share = _covered([(one.low, one.high, one.truth) for one in falls[name]])
        yield at_most("verdicts", f"the same: {name}", share, None, "", said)
    for effect in (0.0, -0.15):
        rows = run(Kind(effect=effect, is_hard=True), count)
        share = _covered([(one.low, one.high, one.truth) for one in rows])
        detail = f"moved in {_part(rows, Outcome.MOVED):.3f}; carry-over 0.6 of 5%; {said}"
        figure = f"the same: hardest series, {abs(effect):.0%} less"
        yield at_most("verdicts", figure, share, None, "", detail)
    newey = _covered([(*one.newey, one.truth) for one in (*still, *moved)])
    detail = f"the same series by least squares with HAC errors, 7 lags; {said}"
    yield at_most("verdicts", "Newey-West intervals hold the truth", newey, None, "", detail)
    fakes = fmean(one.has_fakes for one in every)
    yield at_most(
        "verdicts", "a fake date stops a verdict", fakes, None, "", f"no planted cause; {said}"
    )
    yield from _controls(run, count, said, helped + moved_helped)


def _controls(
    run: Callable[[Kind, int], list[Judged]], count: int, said: str, good: Sequence[Judged]
) -> Iterator[Figure]:
    spoilt = run(Kind(effect=-0.15, controls=1, spoilt=-0.15), count)
    part = fmean("spoilt" in one.refused for one in spoilt)
    yield _at_least("a control that changes at the release is refused", part, 0.9, f"15%; {said}")
    held = _covered([(one.low, one.high, one.truth) for one in spoilt])
    yield at_most("verdicts", "95% intervals hold the truth beside it", held, None, "", said)
    stray = run(Kind(controls=1, stray=True), count)
    part = fmean("stray" in one.refused for one in stray)
    yield _at_least("a control that moves on its own is refused", part, 0.9, said)
    kept = fmean(one.kept / 2 for one in good)
    yield at_most("verdicts", "a good control is used", kept, None, "", said)


def _judged(spread: Callable[..., Iterator[list[Judged]]], kind: Kind, count: int) -> list[Judged]:
    size = max(1, count // 8)
    parts = [range(start, min(start + size, count)) for start in range(0, count, size)]
    return [one for part in spread(partial(judge_some, kind), parts) for one in part]


def judge_some(kind: Kind, seeds: Sequence[int]) -> list[Judged]:
    """Return the verdicts on the series of these seeds."""
    return [judge_one(kind, seed) for seed in seeds]


def judge_one(kind: Kind, seed: int) -> Judged:
    """Return the verdict on one series, made as the program makes it."""
    random = np.random.default_rng(seed)
    if kind.worst_by:
        drawn = max((_draw(kind, random) for _ in range(PEERS)), key=lambda one: one.badness)
    else:
        drawn = _draw(kind, random)
    case = _case(kind, drawn)
    question = question_of(case, {"m": drawn.days, **drawn.controls}, POLICY)
    effect = InterruptedSeries().measure(question)
    verdict = judge(case, effect, (), (), case.forecasts[0].frozen_at)[0]
    assert effect.effect is not None
    assert effect.low is not None
    assert effect.high is not None
    return Judged(
        verdict.outcome, drawn.truth, effect.effect, effect.low, effect.high, bool(effect.fakes),
        len(set(effect.controls) - {"spoilt", "stray"}),
        tuple(one.metric for one in effect.refused), _newey_west(question, effect),
    )  # fmt: skip


def _draw(kind: Kind, random: np.random.Generator) -> Drawn:
    """Return a series: release on day BEFORE, counted from 0."""
    length = BEFORE + AFTER + 1
    rho, share = random.uniform(0, 0.6), random.uniform(0.1, 0.35)
    depth, slope = random.uniform(0.01, 0.04), random.uniform(-0.1, 0.1)
    sessions = float(np.exp(random.uniform(np.log(800), np.log(5_000))))
    if kind.is_hard:
        rho, depth, sessions = 0.6, 0.05, 50_000.0
    common = _carried(rho, length, random)
    approved = BEFORE - kind.lead
    level = np.ones(length)
    ends = approved - (0 if kind.is_fixed else int(random.integers(0, 15)))
    level[ends - 14 : ends] += kind.bad
    level[BEFORE:] *= 1 + kind.effect
    times = np.arange(length) / 90
    plain = share * (1 + slope * times) * (1 + depth * common)
    own = _seen(plain * level, sessions, random)
    truth = float((plain * kind.effect)[BEFORE + 2 :].mean())
    controls = {
        f"good-{number}": _seen(
            share * random.uniform(0.5, 1.5) * (1 + depth * common), sessions, random
        )
        for number in range(kind.controls)
    }
    if kind.spoilt:
        jump = np.where(np.arange(length) >= BEFORE, 1 + kind.spoilt, 1.0)
        controls["spoilt"] = _seen(share * (1 + depth * common) * jump, sessions, random)
    if kind.stray:
        other = _carried(rho, length, random)
        controls["stray"] = _seen(share * (1 + depth * other), sessions, random)
    late = [one.share for one in own[approved - WINDOW : approved]]
    early = fmean(one.share for one in own[: approved - WINDOW])
    usual = share if kind.worst_by == "level" else early
    return Drawn(own, truth, controls, fmean(late) / usual)


def _carried(rho: float, length: int, random: np.random.Generator) -> Array:
    """Return a deviation with variance 1 of which the next day keeps the part rho."""
    found = random.normal(size=length)
    for place in range(1, length):
        found[place] = rho * found[place - 1] + np.sqrt(1 - rho**2) * found[place]
    return found


def _seen(shares: Array, sessions: float, random: np.random.Generator) -> tuple[DayShare, ...]:
    """Return what is counted of a share, with a weekday pattern in it and in the sessions."""
    week, traffic = random.normal(0, 0.05, 7), random.normal(0, 0.15, 7)
    found = []
    for place, share in enumerate(shares):
        size = max(1, int(random.poisson(sessions * np.exp(traffic[place % 7]))))
        bad = random.binomial(size, float(np.clip(share * (1 + week[place % 7]), 0, 1)))
        on = DAY + timedelta(days=place)
        found.append(DayShare(on=on, share=bad / size, size=size))
    return tuple(found)


def _case(kind: Kind, drawn: Drawn) -> Case:
    """Return the forecast that claims the planted change, or 15% where nothing is planted."""
    release = DAY + timedelta(days=BEFORE)
    approval = release - timedelta(days=kind.lead)
    before = fmean(one.share for one in drawn.days[:BEFORE])
    forecast = Forecast(
        plan_id="p", item="i", metric="m", team="t", sprint_id="s",
        frozen_at=datetime.combine(approval, time(12), UTC), grade=Grade.C,
        sessions=10_000, bad_share=before, goal_share=before * (1 - EXCESS),
        harm=10_000 * before * EXCESS, removal=0.15 / EXCESS, low=0.1, high=0.5,
        baseline_start_on=DAY, baseline_end_on=approval - timedelta(days=WINDOW),
        after_days=AFTER, controls=tuple(sorted(drawn.controls)), method=METHOD,
    )  # fmt: skip
    released = Release(id="r", released_at=datetime.combine(release, time(9), UTC), items=("i",))
    end = DAY + timedelta(days=BEFORE + AFTER + 1)
    return Case((forecast,), (released,), (DAY, end), is_redefined=False, titles={})


def _newey_west(question: Question, effect: Effect) -> tuple[float, float]:
    """Return the interval that least squares with HAC errors gives on the same days."""
    import statsmodels.api as sm  # noqa: PLC0415 - only here

    aside = timedelta(days=question.transition_days)
    days = [
        one
        for one in question.days
        if not question.left_out[0] <= one.on < question.left_out[1]
        and abs(one.on - question.released_on) > aside
    ]
    times = np.array([(one.on - question.released_on).days for one in days])
    weekdays = np.array([one.on.weekday() for one in days])
    columns = [np.ones(len(days)), times >= 0, times / 30]
    columns += [(weekdays == day).astype(float) - (weekdays == 6) for day in range(6)]
    del effect
    shares = [one.share for one in days]
    fit = sm.OLS(shares, np.column_stack(columns)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 7, "use_correction": True}, use_t=True
    )
    low, high = fit.conf_int()[1]
    return float(low), float(high)


def _part(rows: Sequence[Judged], outcome: Outcome) -> float:
    return fmean(one.outcome is outcome for one in rows)


def _covered(rows: Sequence[tuple[float, float, float]]) -> float:
    return fmean(low <= truth <= high for low, high, truth in rows)


def _at_least(figure: str, value: float, limit: float, detail: str) -> Figure:
    return Figure("verdicts", figure, value, limit, value >= limit, "", detail)


def _within(figure: str, value: float, limits: tuple[float, float], detail: str) -> Figure:
    low, high = limits
    said = f"{low:g} to {high:g}; {detail}"
    return replace(_at_least(figure, value, low, said), ok=low <= value <= high)
