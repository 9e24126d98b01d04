"""Links: which item touches which metric, how strongly, and how far we trust it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field, model_validator

from debtplan.core.measured import NO_SHARES, Mark, MeasuredShare, claimed_apart
from debtplan.core.record import Value
from debtplan.core.tally import Selector
from debtplan.core.voice import Voice


class Grade(StrEnum):
    """How likely it is that a link is real and its fix works."""

    A = "A"
    """Randomised test."""
    B = "B"
    """Quasi-experiment with a control."""
    C = "C"
    """Mechanism seen on the failing step: an error code, an endpoint, a trace."""
    D = "D"
    """Correlation."""
    E = "E"
    """Opinion, interview, usability test, or an assumption."""


GRADE_WEIGHT = 4.0
"""How many observations a grade's probability is worth: a convention until verdicts replace it."""


class LinkBasis(StrEnum):
    """Where a link was found; the first in this order gives share and grade."""

    FILE = "links file"
    BLOCK = "debtplan block"
    LABEL = "label"
    RULE = "rule"
    CONFIRMED = "confirmed suggestion"
    SUGGESTED = "suggested, not confirmed"
    NOTE = "note"


class EvidenceKind(StrEnum):
    """What a piece of evidence is."""

    EXPERIMENT = "experiment"
    QUASI_EXPERIMENT = "quasi_experiment"
    MECHANISM = "mechanism"
    CORRELATION = "correlation"
    USABILITY_TEST = "usability_test"
    INTERVIEW = "interview"
    SURVEY = "survey"
    CSAT = "csat"
    TICKETS = "tickets"
    OPINION = "opinion"


FAMILIES: dict[EvidenceKind, str] = {
    EvidenceKind.EXPERIMENT: "telemetry",
    EvidenceKind.QUASI_EXPERIMENT: "telemetry",
    EvidenceKind.MECHANISM: "telemetry",
    EvidenceKind.CORRELATION: "telemetry",
    EvidenceKind.USABILITY_TEST: "observation",
    EvidenceKind.INTERVIEW: "observation",
    EvidenceKind.SURVEY: "users' own words",
    EvidenceKind.CSAT: "users' own words",
    EvidenceKind.TICKETS: "users' own words",
    EvidenceKind.OPINION: "opinion",
}
"""Kinds of one family are not independent of each other; opinion never corroborates."""

QUALITATIVE = frozenset({"observation", "users' own words", "opinion"})


class Share(Value):
    """The part of a metric's harm that an item would remove: low, likely, high, in [0, 1]."""

    low: float = Field(ge=0, le=1)
    likely: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _check(self) -> "Share":
        if not self.low <= self.likely <= self.high:
            msg = f"share {self.low:g}/{self.likely:g}/{self.high:g} must not fall"
            raise ValueError(msg)
        return self

    @property
    def expected(self) -> float:
        """(low + 4 likely + high) / 6, the PERT mean (Malcolm et al. 1959)."""
        return (self.low + 4 * self.likely + self.high) / 6

    @property
    def spread(self) -> float:
        """(high - low) / 6, the PERT standard deviation."""
        return (self.high - self.low) / 6


class Evidence(Value):
    """One piece of evidence for a link, or against it."""

    kind: EvidenceKind
    note: str = ""
    noted_on: date | None = None
    contradicts: bool = False


class Claim(Value):
    """A link as somebody or something stated it, before it is settled.

    Attributes:
        share: None where nobody said how much; the configured default is then assumed.
        grade: None where nobody graded it; E is then taken.
        noted_on: Day of the claim; links expire from here, or from their latest evidence.
        origin: Where exactly, for people: the label, the file and entry, the rule's number.
        selector: The mark that hurt sessions carry, where the share is to be measured by it.
    """

    item: str
    metric: str
    basis: LinkBasis
    share: Share | None = None
    grade: Grade | None = None
    evidence: tuple[Evidence, ...] = ()
    noted_on: date | None = None
    origin: str = ""
    selector: Selector | None = None


class LinkPolicy(Value):
    """How links are settled.

    Attributes:
        default_share: Taken where a link states none, and called assumed.
        grades: Probability that a link of the grade is real and its fix works, in (0, 1].
        expire_days: Age from which a link with telemetry behind it drops one grade.
        expire_days_qualitative: The same where all its evidence is qualitative.
    """

    default_share: Share = Share(low=0.1, likely=0.3, high=0.6)
    grades: dict[Grade, float] = {
        Grade.A: 0.9,
        Grade.B: 0.7,
        Grade.C: 0.5,
        Grade.D: 0.3,
        Grade.E: 0.15,
    }
    expire_days: int = Field(default=180, ge=1)
    expire_days_qualitative: int = Field(default=365, ge=1)

    @model_validator(mode="after")
    def _check(self) -> "LinkPolicy":
        missing = [grade for grade in Grade if grade not in self.grades]
        values = [self.grades[grade] for grade in Grade if grade in self.grades]
        if missing or values != sorted(values, reverse=True) or not all(0 < v <= 1 for v in values):
            msg = "grades need A to E, each in (0, 1], none above the one before"
            raise ValueError(msg)
        return self


class Link(Value):
    """A settled link: item touches metric.

    Attributes:
        is_assumed: True where the share is the configured default.
        claimed_grade: As stated, before it was lifted or dropped.
        reasons: Why the grade is what it is, one phrase each, in order.
        selector: The mark that the share is measured by, or would be; None without one.
        measured: What was measured by it; None where the share is claimed or assumed.
        claimed_share: What was claimed before it was measured; None where nothing was.
        unmeasured: Why the counts of the mark do not tell a share; empty where they do, or where
            there are none.
    """

    item: str
    metric: str
    share: Share
    is_assumed: bool
    grade: Grade
    claimed_grade: Grade
    basis: LinkBasis
    origin: str
    evidence: tuple[Evidence, ...] = ()
    noted_on: date | None = None
    reasons: tuple[str, ...] = ()
    selector: Selector | None = None
    measured: MeasuredShare | None = None
    claimed_share: Share | None = None
    unmeasured: str = ""

    @property
    def is_measured(self) -> bool:
        """Whether the share is the measured one."""
        return self.measured is not None


class Heard(NamedTuple):
    """What is known of a link beside its claims.

    Attributes:
        voices: What speaks for it.
        known: What was measured by its mark.
    """

    voices: tuple[Voice, ...]
    known: MeasuredShare | None


def settle_links(
    claims: Iterable[Claim],
    policy: LinkPolicy,
    today: date,
    stated_metrics: frozenset[str] = frozenset(),
    corroborated: Mapping[str, tuple[Voice, ...]] | None = None,
    measured: Mapping[Mark, MeasuredShare] = NO_SHARES,
) -> tuple[Link, ...]:
    """Return one link for each item and metric that are claimed to touch, in that order.

    Args:
        claims: As found, in any order, several for one pair allowed.
        policy: Default share, grades, expiry.
        today: Day from which ages are counted.
        stated_metrics: Metrics with a reading stated by hand: grade E at most.
        corroborated: By metric, what speaks for its links: users' own words (CSAT, tickets) at its
            place, and what moves with it.
        measured: By metric and mark, what was measured.
    """
    pairs: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        pairs.setdefault((claim.item, claim.metric), []).append(claim)
    order = list(LinkBasis)
    settled = []
    for (_, metric), found in sorted(pairs.items()):
        ranked = sorted(found, key=lambda c: (order.index(c.basis), c.model_dump_json()))
        heard = Heard((corroborated or {}).get(metric, ()), _measured(ranked, measured))
        settled.append(_settle(ranked, policy, today, heard, is_stated=metric in stated_metrics))
    return tuple(settled)


def _measured(
    claims: Sequence[Claim], measured: Mapping[Mark, MeasuredShare]
) -> MeasuredShare | None:
    """Return what is known by the first selector of the claims."""
    selector = _selector(claims)
    return None if selector is None else measured.get((claims[0].metric, selector))


def _selector(claims: Iterable[Claim]) -> Selector | None:
    return next((one.selector for one in claims if one.selector), None)


def _settle(
    claims: list[Claim], policy: LinkPolicy, today: date, heard: Heard, *, is_stated: bool
) -> Link:
    known = heard.known
    stated = next((c.share for c in claims if c.share), None)
    claimed = next((c.grade for c in claims if c.grade), None) or Grade.E
    evidence = tuple(dict.fromkeys(piece for claim in claims for piece in claim.evidence))
    said = () if known is None else _say_measured(known, stated)
    used = known if known is not None and known.found.fraction is not None else None
    share, base = stated, claimed
    if used is not None:
        share, base = _share_of(used), _graded(claimed, used)
    noted_on = _noted_on(claims, evidence, used)
    grade, reasons = _weigh(base, evidence, noted_on, policy, today, heard)
    reasons = (*said, *reasons)
    if share is None:
        grade, reasons = Grade.E, (*reasons, "share assumed, so grade E at most")
    if is_stated:
        grade, reasons = Grade.E, (*reasons, "reading stated by hand, so grade E at most")
    return Link(
        item=claims[0].item,
        metric=claims[0].metric,
        share=share or policy.default_share,
        is_assumed=share is None,
        grade=grade,
        claimed_grade=claimed,
        basis=claims[0].basis,
        origin=claims[0].origin,
        evidence=evidence,
        noted_on=noted_on,
        reasons=reasons,
        selector=_selector(claims),
        measured=used,
        claimed_share=stated if used else None,
        unmeasured=known.found.missing if known else "",
    )


def _noted_on(
    claims: Sequence[Claim], evidence: Iterable[Evidence], used: MeasuredShare | None
) -> date | None:
    """Return the day that the link ages from: of the counts, the claims, or their evidence."""
    seen = [one.noted_on for one in evidence if one.noted_on and not one.contradicts]
    stated = [one.noted_on for one in claims if one.noted_on] or seen
    return max([*stated, *([used.end_on] if used else [])], default=None)


def _share_of(known: MeasuredShare) -> Share:
    low, likely, high = known.parts
    return Share(low=low, likely=likely, high=high)


def _say_measured(known: MeasuredShare, stated: Share | None) -> tuple[str, ...]:
    """Return what was measured, and how that stands to what was claimed."""
    said = [known.say()]
    if known.found.fraction is not None and not known.found.is_clear:
        said.append("the interval contains 0, so no grade C")
    if stated is not None and claimed_apart(stated.expected, known.found):
        said.append(f"claimed was {stated.expected:.0%}, far from what was measured")
    return tuple(said)


def _graded(claimed: Grade, known: MeasuredShare) -> Grade:
    """Return the grade that a measured share starts from.

    A mechanism seen on the failing step is grade C at least. Where the interval contains 0 it was
    not seen: what rests on the mechanism alone is a D at most, experiments (A, B) stand.
    """
    if known.found.is_clear:
        return min(claimed, Grade.C)
    return Grade.D if claimed is Grade.C else claimed


def _weigh(
    claimed: Grade,
    evidence: tuple[Evidence, ...],
    noted_on: date | None,
    policy: LinkPolicy,
    today: date,
    heard: Heard,
) -> tuple[Grade, tuple[str, ...]]:
    """Return the grade after lifting, contradiction and age, and the reasons."""
    steps, reasons = 0, []
    named = {FAMILIES[one.kind] for one in evidence if not one.contradicts}
    if claimed is not Grade.E:
        named.add("telemetry")
    families = named - {"opinion"}
    if families:
        families |= {one.family for one in heard.voices}
    if len(families) > 1:
        steps -= 1
        said = ", ".join(one.words for one in heard.voices if not one.is_movement)
        spoken = f" ({said})" if said else ""
        *first, last = sorted(families)
        reasons.append(f"lifted: {', '.join(first)} and {last} agree{spoken}")
    reasons += [one.words for one in heard.voices if one.is_movement]
    if any(one.contradicts for one in evidence):
        steps += 1
        reasons.append("dropped: evidence contradicts it")
    qualitative = bool(named) and named <= QUALITATIVE
    limit = policy.expire_days_qualitative if qualitative else policy.expire_days
    if noted_on is not None and (today - noted_on).days > limit:
        steps += 1
        reasons.append(f"dropped: noted on {noted_on}, older than {limit} days")
    grades = list(Grade)
    index = min(max(grades.index(claimed) + steps, 0), len(grades) - 1)
    return grades[index], tuple(reasons)
