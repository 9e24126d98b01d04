"""Measured shares: which counts are taken, what becomes of the claim, and the grade."""

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from debtplan.core.appraisal import appraise
from debtplan.core.attributable import attribute
from debtplan.core.link import Claim, Evidence, EvidenceKind, Grade, Link, LinkPolicy, settle_links
from debtplan.core.measured import (
    MeasuredShare,
    claimed_apart,
    latest_tallies,
    measure,
    measure_shares,
    why_unmeasured,
)
from debtplan.core.tally import Selector, Tally
from debtplan.workflows.verify import verify_plan
from tests.builders import NOW, claim, inputs, item, plan_of, planner
from tests.tallies import CODE, END, stratum, tally

TODAY = date(2026, 11, 23)


def counted_of(
    cells: tuple[float, float, float, float] = (900, 100, 600, 2_400), **more: Any
) -> Tally:
    """Bad and good sessions with the code, bad and good ones without it."""
    b1, g1, b0, g0 = cells
    return tally(stratum(b1, b1 + g1, b0, b0 + g0), **more)


def link_of(*claims: Claim, counted: Tally | None = None) -> Link:
    """The settled link of claims on one pair, with what is counted."""
    known = measure_shares([("m", CODE)], [counted] if counted else [], NOW)
    (found,) = settle_links(claims, LinkPolicy(), TODAY, measured=known)
    return found


def test_the_measured_fraction_becomes_the_share_and_the_claim_stands_beside_it() -> None:
    found = link_of(claim("A-1", "m", 0.6, grade="D", selector=CODE), counted=counted_of())
    assert found.is_measured
    assert not found.is_assumed
    assert found.share.likely == pytest.approx(0.6 * (1 - 0.2 / 0.9))
    assert found.claimed_share is not None
    assert found.claimed_share.likely == 0.6
    assert (found.claimed_grade, found.grade) == (Grade.D, Grade.C)
    assert found.selector == CODE
    assert found.reasons[0].startswith(
        "measured by error_code = ADDR_INVALID: 47% of the bad sessions (44% to 49%); 900 of 1,500"
    )


def test_the_spread_of_the_share_is_the_standard_error() -> None:
    known = measure(counted_of())
    low, likely, high = known.parts
    error = (1 - likely) * (known.found.error or 0)
    assert (high - low) / 6 == pytest.approx(error, rel=0.01)
    assert known.found.low is not None
    assert low < known.found.low


def test_a_link_without_share_or_grade_is_measured_and_no_longer_assumed() -> None:
    found = link_of(claim("A-1", "m", None, grade=None, selector=CODE), counted=counted_of())
    assert (found.grade, found.is_assumed, found.claimed_share) == (Grade.C, False, None)


def test_without_counts_the_claim_stands() -> None:
    with_selector = claim("A-1", "m", 0.6, grade="D", selector=CODE)
    found = link_of(with_selector)
    plain = link_of(claim("A-1", "m", 0.6, grade="D"))
    assert found.model_copy(update={"selector": None}) == plain
    assert not found.is_measured


def test_better_evidence_keeps_its_grade() -> None:
    found = link_of(claim("A-1", "m", 0.5, grade="A", selector=CODE), counted=counted_of())
    assert found.grade is Grade.A


@pytest.mark.parametrize(
    ("claimed", "grade"), [("A", "A"), ("B", "B"), ("C", "D"), ("D", "D"), ("E", "E")]
)
def test_an_interval_that_contains_0_gives_no_grade_c(claimed: str, grade: str) -> None:
    even = counted_of((20, 80, 200, 800))
    found = link_of(claim("A-1", "m", 0.4, grade=claimed, selector=CODE), counted=even)
    assert found.is_measured
    assert found.share.low == 0
    assert found.grade == grade
    assert "the interval contains 0, so no grade C" in found.reasons


def test_a_mark_that_protects_gives_no_share_below_0() -> None:
    found = link_of(
        claim("A-1", "m", 0.4, grade="C", selector=CODE), counted=counted_of((10, 490, 100, 400))
    )
    assert (found.share.low, found.share.likely, found.share.high) == (0, 0, 0)
    assert found.measured is not None
    assert (found.measured.found.fraction or 0) < 0


def test_counts_that_tell_nothing_leave_the_claim_and_say_why() -> None:
    found = link_of(
        claim("A-1", "m", 0.4, grade="D", selector=CODE), counted=counted_of((5, 5, 0, 0))
    )
    assert not found.is_measured
    assert (found.share.likely, found.grade) == (0.4, Grade.D)
    assert found.unmeasured == "every session carries it, so there is nothing to compare with"
    assert found.reasons[0].startswith("cannot be measured by error_code = ADDR_INVALID: every")


def test_a_claim_far_from_what_is_measured_is_told() -> None:
    said = "claimed was 90%, far from what was measured"
    assert said in link_of(claim("A-1", "m", 0.9, selector=CODE), counted=counted_of()).reasons
    near = link_of(claim("A-1", "m", 0.5, selector=CODE), counted=counted_of()).reasons
    assert not any("far from" in reason for reason in near)


@pytest.mark.parametrize(
    ("share", "said"), [(0.46, "near"), (0.5, "near"), (0.3, "far"), (0.7, "far")]
)
def test_far_is_outside_of_the_interval_and_off_by_a_quarter(share: float, said: str) -> None:
    assert claimed_apart(share, attribute(counted_of().strata)) is (said == "far")


def test_a_usability_test_that_agrees_lifts_the_measured_grade() -> None:
    seen = Evidence(kind=EvidenceKind.USABILITY_TEST, noted_on=TODAY)
    found = link_of(
        claim("A-1", "m", 0.4, grade="E", selector=CODE, evidence=(seen,)), counted=counted_of()
    )
    assert found.grade is Grade.B


def test_a_measured_link_ages_from_the_day_it_was_counted() -> None:
    noted = date(2025, 1, 1)
    fresh = link_of(claim("A-1", "m", 0.4, selector=CODE, noted_on=noted), counted=counted_of())
    assert (fresh.grade, fresh.noted_on) == (Grade.C, END.date())
    old = counted_of(end_at=END - timedelta(days=200))
    assert link_of(claim("A-1", "m", 0.4, selector=CODE), counted=old).grade is Grade.D


def test_the_latest_counts_are_taken_whatever_their_order() -> None:
    old, new = counted_of(end_at=END - timedelta(days=5)), counted_of(source="zoo")
    twin, other = counted_of(source="lake"), counted_of(value="X")
    for order in permutations([old, new, twin, other]):
        assert latest_tallies(order, NOW) == (twin, other)


def test_counts_that_begin_later_than_the_plan_do_not_count() -> None:
    assert latest_tallies([counted_of(end_at=NOW + timedelta(days=40))], NOW) == ()


def test_why_nothing_is_measured_is_told() -> None:
    assert why_unmeasured(("m", CODE), []) == (
        "is not measured yet: run `debtplan sync` with a warehouse"
    )
    other = [counted_of(value="X")]
    assert why_unmeasured(("m", CODE), other) == (
        "is not measured yet: no session with error_code = ADDR_INVALID was counted, or too few"
    )
    country = Selector(dimension="country", value="IE")
    assert why_unmeasured(("m", country), other) == (
        "cannot be measured: country is not among what was counted (error_code)"
    )


def test_the_nearest_known_dimension_or_value_is_named() -> None:
    counted = [counted_of(), counted_of(metric="n", dimension="error")]
    error = Selector(dimension="error", value="ADDR_INVALID")
    assert why_unmeasured(("m", error), counted) == (
        "cannot be measured: error is not among what was counted (error_code), "
        "the nearest is error_code"
    )
    value = Selector(dimension="error_code", value="ADR_INVALID")
    assert why_unmeasured(("m", value), counted) == (
        "is not measured yet: no session with error_code = ADR_INVALID was counted, or too few, "
        "the nearest is ADDR_INVALID"
    )


def test_a_plan_takes_the_measured_share_and_is_verified_from_its_inputs_alone() -> None:
    claims = [claim("A-1", "m", 0.6, grade="D", selector=CODE), claim("B-1", "m", 0.2)]
    made_from = inputs([item("A-1", 2), item("B-1", 2)], claims, tallies=(counted_of(),))
    plan = plan_of(made_from)
    (term,) = next(one.terms for one in plan.chosen if one.key == "jira:A-1")
    (plain,) = next(one.terms for one in plan.chosen if one.key == "jira:B-1")
    assert (term.is_measured, plain.is_measured) == (True, False)
    assert term.share == pytest.approx(measure(counted_of()).found.fraction, abs=0.003)
    assert not any("not measured yet" in one.claim for one in plan.findings)
    assert [one.what for one in verify_plan(plan, planner()) if not one.holds] == []


def test_a_plan_says_what_would_be_measured() -> None:
    made_from = inputs([item("A-1", 2)], [claim("A-1", "m", 0.6, selector=CODE)])
    said = [one.claim for one in plan_of(made_from).findings]
    assert (
        "The share of jira:A-1 (error_code = ADDR_INVALID) is not measured yet: "
        "run `debtplan sync` with a warehouse"
    ) in said


def test_a_plan_does_not_wait_for_a_dimension_that_does_not_exist() -> None:
    typo = Selector(dimension="error", value="ADDR_INVALID")
    links = [claim("A-1", "m", 0.6, selector=typo)]
    made_from = inputs([item("A-1", 2)], links, tallies=(counted_of(),))
    (said,) = [one.claim for one in plan_of(made_from).findings if "error = " in one.claim]
    assert said == (
        "The share of jira:A-1 (error = ADDR_INVALID) cannot be measured: "
        "error is not among what was counted (error_code), the nearest is error_code"
    )


def test_tallies_in_any_order_make_the_same_inputs() -> None:
    rows = (counted_of(), counted_of(value="X"), counted_of(value="Y"))
    made = [inputs([item("A-1")], tallies=order) for order in permutations(rows)]
    assert len({one.model_dump_json() for one in made}) == 1
    assert isinstance(appraise(made[0]).links, tuple)


def test_the_measured_share_is_a_record_that_survives_json() -> None:
    known = measure(counted_of())
    assert MeasuredShare.model_validate_json(known.model_dump_json()) == known
