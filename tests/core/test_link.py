"""Settling links: share, grade, and why the grade is what it is."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from debtplan.core.link import (
    Claim,
    Evidence,
    EvidenceKind,
    Grade,
    Link,
    LinkBasis,
    LinkPolicy,
    Share,
    settle_links,
)
from debtplan.core.voice import OWN_WORDS, Voice
from tests.builders import claim, share

TODAY = date(2026, 11, 23)
POLICY = LinkPolicy()


def settled(*claims: Claim, stated: bool = False, voice: str = "") -> Link:
    """The one link of the claims."""
    metrics = frozenset({"m"} if stated else ())
    voices = {"m": (Voice(OWN_WORDS, voice),)} if voice else {}
    (found,) = settle_links(claims, POLICY, TODAY, metrics, voices)
    return found


def evidence(kind: str, **more: Any) -> Evidence:
    """A piece of evidence."""
    return Evidence.model_validate({"kind": kind, **more})


@pytest.mark.parametrize("parts", [(0.5, 0.4, 0.6), (0.1, 0.5, 0.4), (-0.1, 0, 1), (0, 0.5, 1.1)])
def test_a_share_that_falls_or_leaves_0_to_1_is_refused(parts: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError):
        Share(low=parts[0], likely=parts[1], high=parts[2])


@pytest.mark.parametrize(
    "grades", [{"A": 0.9}, {"A": 0.5, "B": 0.7, "C": 0.5, "D": 0.3, "E": 0.1},
               {"A": 1.1, "B": 0.7, "C": 0.5, "D": 0.3, "E": 0.1},
               {"A": 0.9, "B": 0.7, "C": 0.5, "D": 0.3, "E": 0}],
)  # fmt: skip
def test_grades_that_rise_or_lack_one_are_refused(grades: dict[Grade, float]) -> None:
    with pytest.raises(ValidationError, match="grades need A to E"):
        LinkPolicy.model_validate({"grades": grades})


def test_the_expected_share_is_the_pert_mean() -> None:
    assert share(0.1, 0.3, 0.8).expected == pytest.approx((0.1 + 4 * 0.3 + 0.8) / 6)
    assert share(0.1, 0.3, 0.8).spread == pytest.approx(0.7 / 6)


def test_a_link_without_a_share_takes_the_default_and_grade_e() -> None:
    found = settled(claim("A-1", "m", None, grade="A"))
    assert found.is_assumed
    assert found.share == POLICY.default_share
    assert (found.claimed_grade, found.grade) == (Grade.A, Grade.E)
    assert "share assumed, so grade E at most" in found.reasons


def test_a_reading_stated_by_hand_supports_grade_e_at_most() -> None:
    found = settled(claim("A-1", "m", 0.3, grade="B"), stated=True)
    assert found.grade is Grade.E
    assert not found.is_assumed


def test_a_link_without_a_grade_is_an_opinion() -> None:
    assert settled(claim("A-1", "m", 0.3, grade=None)).grade is Grade.E


def test_the_claim_of_the_better_basis_gives_share_and_grade() -> None:
    bases = [LinkBasis.RULE, LinkBasis.LABEL, LinkBasis.BLOCK, LinkBasis.FILE]
    claims = [claim("A-1", "m", 0.1 * i, basis=one, grade=grade)
              for i, (one, grade) in enumerate(zip(bases, "DCBA", strict=True), 1)]  # fmt: skip
    found = settled(*claims)
    assert (found.share.likely, found.grade, found.basis) == (0.4, Grade.A, LinkBasis.FILE)


def test_what_the_better_basis_leaves_out_comes_from_the_next() -> None:
    found = settled(
        claim("A-1", "m", None, grade="C"), claim("A-1", "m", 0.2, grade="E", basis="label")
    )
    assert (found.share.likely, found.grade, found.is_assumed) == (0.2, Grade.C, False)


@pytest.mark.parametrize(
    ("grade", "kinds", "voice", "after"),
    [
        ("C", ["mechanism"], "", "C"),
        ("C", ["mechanism", "interview"], "", "B"),
        ("C", ["mechanism", "interview", "csat"], "", "B"),
        ("C", ["opinion"], "", "C"),
        ("C", [], "Tickets of checkout", "B"),
        ("C", ["tickets"], "Tickets of checkout", "B"),
        ("E", [], "Tickets of checkout", "E"),
        ("E", ["opinion"], "Tickets of checkout", "E"),
        ("E", ["interview"], "Tickets of checkout", "D"),
        ("E", ["interview", "survey"], "", "D"),
        ("E", ["csat", "survey"], "", "E"),
        ("A", ["experiment", "interview"], "", "A"),
    ],
)
def test_two_independent_kinds_of_evidence_lift_one_grade(
    grade: str, kinds: list[str], voice: str, after: str
) -> None:
    pieces = tuple(evidence(kind) for kind in kinds)
    found = settled(claim("A-1", "m", 0.3, grade=grade, evidence=pieces), voice=voice)
    assert found.grade == after
    assert found.share == share(0.3)


def test_a_contradiction_drops_one_grade_and_supports_nothing() -> None:
    against = evidence("interview", contradicts=True)
    found = settled(claim("A-1", "m", 0.3, grade="B", evidence=(against,)))
    assert found.grade is Grade.C
    assert found.reasons == ("dropped: evidence contradicts it",)


@pytest.mark.parametrize(
    ("grade", "kinds", "days", "after"),
    [
        ("B", [], 180, "B"), ("B", [], 181, "C"), ("B", ["interview"], 181, "B"),
        ("E", ["interview", "csat"], 365, "D"), ("E", ["interview", "csat"], 366, "E"),
        ("E", [], 5_000, "E"),
    ],
)  # fmt: skip
def test_an_old_link_drops_one_grade(grade: str, kinds: list[str], days: int, after: str) -> None:
    pieces = tuple(evidence(kind) for kind in kinds)
    noted = TODAY - timedelta(days=days)
    found = settled(claim("A-1", "m", 0.3, grade=grade, evidence=pieces, noted_on=noted))
    assert found.grade == after


def test_an_opinion_is_qualitative_and_lasts_a_year() -> None:
    noted = TODAY - timedelta(days=300)
    found = settled(
        claim("A-1", "m", 0.3, grade="E", evidence=(evidence("opinion"),), noted_on=noted)
    )
    assert found.reasons == ()


def test_a_link_without_a_day_ages_with_its_latest_evidence() -> None:
    old = evidence("mechanism", noted_on=TODAY - timedelta(days=900))
    new = evidence("mechanism", noted_on=TODAY - timedelta(days=200))
    found = settled(claim("A-1", "m", 0.3, grade="B", evidence=(old, new)))
    assert (found.noted_on, found.grade) == (new.noted_on, Grade.C)


CLAIMS = st.builds(
    claim,
    st.sampled_from(["A-1", "A-2"]),
    st.sampled_from(["m", "n"]),
    st.one_of(st.none(), st.sampled_from([0.1, 0.5])),
    grade=st.one_of(st.none(), st.sampled_from(list(Grade))),
    basis=st.sampled_from(list(LinkBasis)),
    evidence=st.lists(
        st.builds(Evidence, kind=st.sampled_from(list(EvidenceKind)), contradicts=st.booleans()),
        max_size=2,
    ).map(tuple),
    noted_on=st.one_of(st.none(), st.dates(date(2024, 1, 1), TODAY)),
)


@given(st.lists(CLAIMS, max_size=6), st.randoms(use_true_random=False))
@pytest.mark.slow
def test_the_order_of_claims_does_not_matter(claims: list[Claim], random: Any) -> None:
    other = list(claims)
    random.shuffle(other)
    links = settle_links(claims, POLICY, TODAY)
    assert links == settle_links(other, POLICY, TODAY)
    pairs = [(one.item, one.metric) for one in links]
    assert pairs == sorted({(one.item, one.metric) for one in claims})


@given(CLAIMS)
def test_evidence_moves_a_grade_by_two_steps_at_most_and_never_the_share(one: Claim) -> None:
    (found,) = settle_links([one], POLICY, TODAY)
    grades = list(Grade)
    moved = grades.index(found.grade) - grades.index(found.claimed_grade)
    assert found.is_assumed or -1 <= moved <= 2
    assert found.share == (one.share or POLICY.default_share)
