"""Adoption, raw values, accessibility and rage clicks speak for links and never carry harm."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from debtplan.core.appraisal import appraise
from debtplan.core.chains import pairs_of
from debtplan.core.consistency import UNITS, better_of, misread, say_value, value_of
from debtplan.core.flow import CONSISTENCY, FOUND, Flow, MetricKind, UxMetric
from debtplan.core.goal import GoalStatus, Wanted, read_goal
from debtplan.core.harm import Harm
from debtplan.core.inputs import Inputs
from debtplan.core.link import Evidence, EvidenceKind, Grade, Link
from debtplan.core.movement import Movement
from debtplan.core.reading import Counts, Findings, Measure, Rate, Reading, midnight
from debtplan.workflows.examine import examine_inputs
from tests.builders import NOW, claim, inputs, item, metric, plan_of

FAILURES = metric("failures")
INTERVIEW = (Evidence(kind=EvidenceKind.INTERVIEW),)


def spoken(kind: str, target: float, step: str = "elsewhere") -> UxMetric:
    return metric("signal", step=step, kind=kind, target=target)


def scan(measure: Measure, days_ago: int = 3, name: str = "signal") -> Reading:
    start = midnight((NOW - timedelta(days=days_ago)).date())
    return Reading(
        metric=name, start_at=start, end_at=start + timedelta(days=1), measure=measure, source="s"
    )


def made(
    signal: UxMetric, *readings: Reading, moves: tuple[Movement, ...] = (), **more: Any
) -> Inputs:
    """Return inputs with one item linked to failures, and a signal."""
    found = inputs(
        [item("A-1")],
        [claim("A-1", "failures", **more)],
        harms={"failures": 1_000.0},
        movements=moves,
    )
    update = {
        "metrics": (*found.metrics, signal),
        "readings": (*found.readings, *readings),
    }
    return found.model_copy(update=update)


def moved(leader: str, follower: str, r: float = 0.6, lag: int = 2) -> Movement:
    return Movement(
        leader=leader, follower=follower, lag_days=lag, correlation=r, p=0.001, q=0.02, days=120
    )


def settled(found: Inputs) -> Link:
    (link,) = appraise(found).links
    return link


def standing(signal: UxMetric, *readings: Reading) -> Harm:
    return appraise(made(signal, *readings)).harms["signal"]


@pytest.mark.parametrize(
    ("kind", "target", "measure"),
    [
        ("adoption", 0.8, Counts(bad=60, total=100)),
        ("off_token", 0, Findings(found=42)),
        ("accessibility", 0, Findings(found=42)),
        ("rage_clicks", 0.01, Counts(bad=600, total=10_000)),
    ],
)
def test_a_metric_of_these_kinds_never_carries_harm_even_alone_at_its_step(
    kind: str, target: float, measure: Measure
) -> None:
    signal = spoken(kind, target)
    found = made(signal, scan(measure))
    appraisal = appraise(found)
    harm = appraisal.harms["signal"]
    assert (harm.harm, harm.low, harm.high, harm.is_beyond) == (None, None, None, True)
    assert harm.missing == "signal only speaks for links and carries no harm"
    assert "signal" not in appraisal.counted
    assert all("signal" not in pool.corroborating for pool in appraisal.pools)
    alone = found.model_copy(update={"metrics": (signal,), "claims": ()})
    assert appraise(alone).pools == ()


def test_an_item_linked_to_such_a_metric_alone_has_no_value_and_is_told_so() -> None:
    found = made(spoken("off_token", 0), scan(Findings(found=42)))
    found = found.model_copy(update={"claims": (claim("A-1", "signal"),)})
    plan = plan_of(found)
    (passed,) = plan.passed_over
    assert passed.reason.value == "no_link"
    assert "only speaks for links" in passed.detail
    (first,) = [one for one in plan.measure_first if one.key == "jira:A-1"]
    assert first.missing == "a link to a metric"
    assert all(one.key != "signal" for one in plan.measure_first)


def test_values_are_the_same_whether_or_not_scans_are_there() -> None:
    bare = appraise(made(spoken("off_token", 0, "failures")))
    beside = appraise(made(spoken("off_token", 0, "failures"), scan(Findings(found=9e6))))
    assert beside.values == bare.values
    assert beside.pools == bare.pools


def test_a_scan_s_latest_reading_counts_and_rage_clicks_are_averaged() -> None:
    newer, older = scan(Findings(found=3), 2), scan(Findings(found=90), 9)
    assert standing(spoken("off_token", 5), older, newer).level == 3
    assert not standing(spoken("off_token", 5), older, newer).is_beyond
    rages = scan(Counts(bad=10, total=1_000), 2), scan(Counts(bad=50, total=1_000), 9)
    rage = standing(spoken("rage_clicks", 0.01), *rages)
    assert rage.level == pytest.approx(0.03)
    assert rage.is_beyond


def test_few_sessions_with_rage_clicks_prove_nothing() -> None:
    few = standing(spoken("rage_clicks", 0.01), scan(Counts(bad=1, total=50)))
    assert few.level == pytest.approx(0.02)
    assert not few.is_beyond
    assert not standing(spoken("rage_clicks", 0.01), scan(Rate(bad_share=0.5))).is_beyond


def test_adoption_is_told_as_the_share_from_the_design_system() -> None:
    found = standing(spoken("adoption", 0.8), scan(Counts(bad=60, total=100)))
    assert (found.level, found.share, found.is_beyond) == (0.4, 0.6, True)
    assert found.goal == pytest.approx(0.2)
    assert not standing(spoken("adoption", 0.8), scan(Counts(bad=10, total=100))).is_beyond


def test_without_a_reading_in_the_window_the_last_day_is_named() -> None:
    found = standing(spoken("off_token", 0), scan(Findings(found=3), 60))
    assert (found.level, found.is_beyond, found.only_speaks) == (None, False, True)
    assert "the last one ends on 2026-09-25" in found.missing


def test_a_reading_of_the_wrong_form_is_left_out_and_told() -> None:
    found = standing(spoken("accessibility", 0), scan(Rate(bad_share=0.2)))
    assert found.level is None
    assert found.missing == (
        "signal is accessibility: it needs how many were found, this reading has rate"
    )
    adoption = standing(spoken("adoption", 0.8), scan(Findings(found=3)))
    assert "needs counts, or a rate with its sample size" in adoption.missing
    with pytest.raises(ValueError, match="needs how many were found"):
        value_of(spoken("accessibility", 0), scan(Rate(bad_share=0.2)))


def test_a_table_of_counts_tells_findings_by_its_bad_column() -> None:
    reading = scan(Counts(bad=12, total=4_000))
    assert misread(spoken("off_token", 0), reading) == ""
    assert value_of(spoken("off_token", 0), reading) == 12


@pytest.mark.parametrize("kind", sorted(CONSISTENCY))
def test_every_kind_has_a_unit_and_a_direction(kind: MetricKind) -> None:
    assert UNITS[kind]
    assert better_of(kind) == ("more" if kind is MetricKind.ADOPTION else "fewer")


def test_values_are_said_in_the_metric_s_own_terms() -> None:
    assert say_value(spoken("off_token", 0), 1_204) == "1,204"
    assert say_value(spoken("adoption", 0.8), 0.62) == "38%"
    assert say_value(metric("errors"), 0.0123, 2) == "1.23%"


def test_a_target_above_one_is_for_findings_only() -> None:
    assert spoken("accessibility", 25).target == 25
    for kind in sorted(set(MetricKind) - FOUND):
        with pytest.raises(ValidationError, match="a share is at most 1"):
            metric("m", kind=kind, target=25)
    with pytest.raises(ValidationError, match="the most findings that are fine"):
        UxMetric(id="m", flow="shop", step="s", kind=MetricKind.OFF_TOKEN)
    for never in (float("nan"), -1.0):
        with pytest.raises(ValidationError):
            spoken("off_token", never)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
def test_a_scan_finds_a_number_of_things(value: float) -> None:
    with pytest.raises(ValidationError):
        Findings(found=value)


@pytest.mark.parametrize("kind", ["off_token", "accessibility"])
def test_a_scan_that_moves_before_a_metric_lifts_its_measured_link(kind: str) -> None:
    found = made(spoken(kind, 5), scan(Findings(found=42)), moves=(moved("signal", "failures"),))
    link = settled(found)
    assert (link.claimed_grade, link.grade) == (Grade.C, Grade.B)
    assert "lifted: inspection and telemetry agree" in link.reasons
    assert "moves with signal, 2 days after" in link.reasons


@pytest.mark.parametrize(
    ("found", "move"),
    [
        (4.0, moved("signal", "failures")),
        (42.0, moved("signal", "failures", r=-0.6)),
        (42.0, moved("signal", "signal")),
    ],
)
def test_a_scan_within_its_target_or_against_the_metric_speaks_for_nothing(
    found: float, move: Movement
) -> None:
    signal, reading = spoken("off_token", 5), scan(Findings(found=found))
    assert settled(made(signal, reading, moves=(move,))) == settled(made(signal, reading))


def test_what_a_scan_finds_at_a_step_does_not_speak_by_its_place() -> None:
    found = made(spoken("off_token", 0, FAILURES.step), scan(Findings(found=42)))
    assert settled(found).grade is Grade.C


def test_rage_clicks_at_the_step_are_telemetry_and_lift_what_an_interview_opened() -> None:
    signal = spoken("rage_clicks", 0.01, FAILURES.step)
    many = scan(Counts(bad=600, total=10_000))
    heard = settled(made(signal, many, grade=Grade.E, evidence=INTERVIEW))
    assert heard.grade is Grade.D
    assert heard.reasons == ("lifted: observation and telemetry agree (signal)",)
    assert settled(made(signal, many)).grade is Grade.C
    few = scan(Counts(bad=60, total=10_000))
    assert settled(made(signal, few, grade=Grade.E, evidence=INTERVIEW)).grade is Grade.E


def test_rage_clicks_that_follow_a_metric_speak_for_it() -> None:
    many = scan(Counts(bad=600, total=10_000))
    moves = (moved("failures", "signal"),)
    found = made(spoken("rage_clicks", 0.01), many, moves=moves, grade=Grade.E, evidence=INTERVIEW)
    assert settled(found).grade is Grade.D
    assert "moves with signal, 2 days before" in settled(found).reasons


def test_scans_may_lead_everything_and_nothing_leads_them() -> None:
    metrics = [
        metric("adopted", kind="adoption", target=0.8),
        metric("errors"),
        metric("raw", kind="off_token", target=0),
        metric("rage", kind="rage_clicks", target=0.01),
        metric("slow", kind="latency", target=0.9, threshold_s=1.0),
    ]
    pairs, _ = pairs_of(metrics, [Flow(id="shop")])
    found = {(one.first.id, one.second.id): one.is_one_way for one in pairs}
    assert found == {
        **{(scan, other): True for scan in ("adopted", "raw") for other in ("errors", "slow")},
        **{(scan, "rage"): True for scan in ("adopted", "raw")},
        **{(tech, "rage"): True for tech in ("errors", "slow")},
        ("errors", "slow"): False,
    }


def test_a_goal_on_such_a_metric_says_why_its_price_cannot_be_computed() -> None:
    signal = spoken("adoption", 0.8)
    harm = standing(signal, scan(Counts(bad=60, total=100)))
    need = read_goal(signal, harm, Wanted(value=0.9), is_counted=False)
    assert need.status is GoalStatus.UNKNOWN
    assert "carries no harm" in need.why
    assert (need.today, need.normal) == (0.4, 0.8)


def test_the_doctor_finds_nothing_wrong_with_a_metric_that_only_speaks() -> None:
    def probe(*readings: Reading) -> tuple[bool, str, str]:
        told = examine_inputs(made(spoken("off_token", 0), *readings))
        (found,) = [one for one in told if one.what.startswith("signal")]
        return found.is_well, found.what, found.fix

    assert probe(scan(Findings(found=3))) == (True, "signal: 1 reading; only speaks for links", "")
    assert probe() == (False, "signal: harm not known", "no reading of signal is known")


def test_a_plan_warns_of_one_without_a_reading_and_of_no_other() -> None:
    silent = plan_of(made(spoken("off_token", 0)))
    said = [one.claim for one in silent.findings if one.source == "signal"]
    assert said == ["signal speaks for no link: no reading of signal is known"]
    heard = plan_of(made(spoken("off_token", 0), scan(Findings(found=3))))
    assert not [one for one in heard.findings if one.source == "signal"]
