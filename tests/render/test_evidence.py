"""How a link is told: suggested, measured beside claimed, and each test once."""

from datetime import UTC, date, datetime

import pytest

from debtplan.core.ledger import ALONE, ASSUMED, COUNTED, PARTLY
from debtplan.core.link import Claim, Evidence, EvidenceKind, Grade, LinkBasis, Share
from debtplan.core.plan import Plan
from debtplan.core.tally import Selector, Stratum, Tally
from debtplan.render import RENDERERS
from debtplan.render.check import say_basis
from debtplan.render.evidence import UNCONFIRMED, say_evidence, say_share, without_repeats
from debtplan.render.facts import Facts
from debtplan.render.story import tell
from tests import plans
from tests.render.test_html import Page

ITEM, METRIC = "jira:OMNI-12", "shipping-loss"
MARK = Selector(dimension="error_code", value="ADDR_INVALID")


def piece(note: str, on: date = date(2026, 10, 28), **more: object) -> Evidence:
    fields = {"kind": EvidenceKind.USABILITY_TEST, "note": note, "noted_on": on, **more}
    return Evidence.model_validate(fields)


def plan(*claims: Claim, tallies: tuple[Tally, ...] = ()) -> Plan:
    """Return the plan of the tests with these links of its first item instead of its own."""
    made = plans.omniretail()
    others = tuple(one for one in made.inputs.claims if (one.item, one.metric) != (ITEM, METRIC))
    update = {"claims": (*others, *claims), "tallies": tallies}
    return made.model_copy(update={"inputs": made.inputs.model_copy(update=update)})


def stated(**more: object) -> Claim:
    fields = {"item": ITEM, "metric": METRIC, "basis": LinkBasis.FILE, "grade": Grade.C, **more}
    return Claim.model_validate(fields)


def counted(bad_with: float = 600) -> Tally:
    """Bad sessions of which 45% would not have gone wrong without the mark."""
    strata = (Stratum(bad_with=bad_with, total_with=650, bad_without=300, total_without=1_000),)
    return Tally(
        metric=METRIC,
        dimension=MARK.dimension,
        value=MARK.value,
        start_at=datetime(2026, 10, 25, tzinfo=UTC),
        end_at=datetime(2026, 11, 22, tzinfo=UTC),
        strata=strata,
        source="events",
    )


def evidence(made: Plan) -> tuple[str, ...]:
    facts = Facts(made)
    link = facts.link(ITEM, METRIC)
    assert link is not None
    return say_evidence(facts, link)


THIRD = Share(low=0.2, likely=0.3, high=0.4)


def test_a_claimed_share_is_told_as_it_was_claimed() -> None:
    said = evidence(plan(stated(share=THIRD)))
    assert "It should remove 30% (20%–40%) of the harm, if it works." in said
    assert UNCONFIRMED not in said
    assert not any("measured" in one for one in said)


def test_a_share_that_nobody_stated_is_assumed() -> None:
    assert any("nobody has measured it" in one for one in evidence(plan(stated())))


def test_a_measured_share_stands_beside_the_claimed_one() -> None:
    said = evidence(plan(stated(share=THIRD, selector=MARK), tallies=(counted(),)))
    (share,) = [one for one in said if "measured" in one]
    assert share == (
        "It should remove 45% of the harm, if it works: claimed 30%, measured 45% (41%–49%) by "
        "error_code = ADDR_INVALID, far from the claim."
    )
    assert sum("600 of 900 bad sessions carry it" in one for one in said) == 1


def test_a_measured_share_that_nobody_claimed_stands_alone() -> None:
    said = evidence(plan(stated(selector=MARK), tallies=(counted(),)))
    assert any("if it works: measured 45%" in one for one in said)


def grade_of(made: Plan) -> str:
    return next(one for one in evidence(made) if one.startswith("Grade "))


def test_a_grade_that_was_not_measured_is_not_told_as_measured() -> None:
    assert "measured" not in grade_of(plan(stated(share=THIRD, grade=Grade.E)))
    made = plan(stated(share=THIRD, grade=Grade.B, selector=MARK), tallies=(counted(),))
    assert "so C" not in grade_of(made), "more was stated than counts give"
    made = plan(stated(share=THIRD, grade=Grade.E, selector=MARK), tallies=(counted(bad_with=195),))
    assert "so C (" not in grade_of(made), "the counts may be chance"


@pytest.mark.parametrize("grade", [Grade.D, Grade.E])
def test_a_grade_that_rests_on_counts_says_so(grade: Grade) -> None:
    said = grade_of(plan(stated(share=THIRD, grade=grade, selector=MARK), tallies=(counted(),)))
    assert f"stated as {grade} (" in said
    assert "its share is measured, so C (the mechanism seen on the failing step)" in said
    assert said.index("stated as") < said.index("measured, so C")


def test_a_grade_that_was_raised_and_dropped_again_tells_both() -> None:
    against = piece("5 of 6: Never saw the message", contradicts=True)
    claim = stated(share=THIRD, grade=Grade.D, selector=MARK, evidence=(against,))
    said = grade_of(plan(claim, tallies=(counted(),)))
    assert said.startswith("Grade D: ")
    assert "rests on" not in said
    assert said.index("measured, so C") < said.index("dropped: evidence contradicts it")


def test_a_mark_that_explains_less_than_nothing_is_a_share_of_nothing() -> None:
    made = plan(stated(share=THIRD, selector=MARK), tallies=(counted(bad_with=150),))
    link = Facts(made).link(ITEM, METRIC)
    assert link is not None
    assert "claimed 30%, measured 0% by error_code = ADDR_INVALID" in say_share(link)


@pytest.mark.slow
def test_a_link_that_was_only_suggested_is_marked_on_its_card() -> None:
    made = plan(stated(basis=LinkBasis.SUGGESTED, share=THIRD))
    (card,) = [one for one in tell(made).cards if one.key == ITEM]
    assert any(UNCONFIRMED in one for one in card.evidence)
    for form in ("html", "markdown"):
        text = RENDERERS[form]().render(made)
        assert (Page(text).text if form == "html" else text).count("not confirmed by anyone") == 1


def test_one_test_that_stands_in_two_files_is_told_once() -> None:
    filed = piece("4 of 6 customers abroad gave up after a refused address (interviews.md)")
    noted = piece("4 of 6: Gave up after the form refused their address: 'It is my address.'")
    assert without_repeats([filed, noted]) == (noted,)
    assert without_repeats([noted, filed]) == (noted,)


@pytest.mark.parametrize(
    "other",
    [
        piece("2 of 6: Gave up after the form refused their address"),
        piece("4 of 6: Gave up after the form refused their address", date(2026, 10, 29)),
        piece("4 of 6: Gave up after the form refused their address", contradicts=True),
        piece("4 of 6: Gave up after the form refused their address", kind="interview"),
        piece("4 of 6: Asked what a province is"),
        piece("Gave up after the form refused their address"),
    ],
    ids=["count", "day", "side", "kind", "words", "uncounted"],
)
def test_what_is_another_finding_stays(other: Evidence) -> None:
    own = piece("4 of 6 customers abroad gave up after a refused address")
    assert without_repeats([own, other]) == (own, other)


def test_a_dated_note_ends_with_one_full_stop() -> None:
    said = evidence(plan(stated(evidence=(piece("2 of 6: Tried a friend's address."),))))
    assert "Usability test: 2 of 6: Tried a friend's address (28 Oct 2026)." in said


@pytest.mark.parametrize(
    ("basis", "word"),
    [(ALONE, "counted"), (COUNTED, "counted"), (PARTLY, "counted in part"), (ASSUMED, "bounded")],
)
@pytest.mark.slow
def test_the_ledger_names_how_it_is_known(basis: str, word: str) -> None:
    row = plans.omniretail().ledger[0].model_copy(update={"basis": basis})
    assert say_basis(row).startswith(word)
    made = plans.omniretail().model_copy(update={"ledger": (row,)})
    for form in ("html", "markdown"):
        assert say_basis(row) in RENDERERS[form]().render(made)


def test_a_ledger_of_an_older_document_says_that_it_does_not_know() -> None:
    assert say_basis(plans.omniretail().ledger[0].model_copy(update={"basis": ""})) == "not stated"
