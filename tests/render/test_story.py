"""What the report says: the answer's numbers are the plan's, and what is unknown is said so."""

import re
from dataclasses import replace

import pytest

from debtplan.core.calibration import Calibration, Factor, Pooled
from debtplan.core.flow import MetricKind, UxMetric, Vital
from debtplan.core.item import Skipped
from debtplan.core.link import Grade
from debtplan.core.plan import Flip, FrontierPoint, Plan, Reason
from debtplan.core.problem import Status
from debtplan.render.card import say_metric
from debtplan.render.facts import Facts
from debtplan.render.number import about
from debtplan.render.story import Story, tell
from tests import plans

VOID = {
    "empty": plans.empty,
    "unlinked": plans.unlinked,
    "unread": plans.unread,
}


def all_said(story: Story) -> str:
    parts = [story.answer, story.people.claim, story.sure.claim, story.displaced.claim]
    return " ".join((*parts, story.baseline.claim, story.frontier.claim, story.track.claim))


def test_every_number_of_the_answer_is_the_plans() -> None:
    plan = plans.omniretail()
    story = tell(plan)

    assert plan.interval
    assert story.answer == (
        f"{plan.capacity.reserve.used:g} of {plan.capacity.points:g} points go to debt. "
        f"They should spare about {about(plan.sessions)} sessions a sprint "
        "a frustrating experience "
        f"(likely {about(plan.interval.p10)}–{about(plan.interval.p90)})."
    )
    assert story.points.figures == {"used": 6.0, "capacity": 40.0}
    assert story.relief.figures == {"sessions": plan.sessions, "ux_value": plan.ux_value}
    assert story.interval.figures == {"p10": plan.interval.p10, "p90": plan.interval.p90}


def test_the_answer_names_for_whom_how_sure_and_what_it_displaces() -> None:
    story = tell(plans.omniretail())

    assert story.people.claim == (
        "Most of them, about 80%: international users at shipping information (Checkout)."
    )
    assert story.sure.claim == (
        "Two of the three choices hold in at least 9 of 10 simulated worlds; "
        "OMNI-18 (71%) is close and worth two minutes of talk."
    )
    assert story.displaced.claim == (
        "It displaces 6 points of other work, 15% of the sprint. Seven debt items must wait; "
        "the most valuable of them is OMNI-31 (about 490 sessions)."
    )


def test_weighted_values_say_so() -> None:
    plan = plans.weighted()
    story = tell(plan)

    assert plan.ux_value != plan.sessions
    assert f"about {about(plan.sessions)} sessions a sprint" in story.relief.claim
    assert story.interval.claim.startswith(f"about {about(plan.ux_value)} weighted, likely ")
    assert "weighted sessions" in story.frontier.claim
    assert "× 2 (weight)" in story.cards[0].sums[0].claim
    assert "weighted" not in all_said(tell(plans.omniretail()))


@pytest.mark.parametrize("name", VOID)
def test_a_plan_without_a_choice_says_why_and_promises_nothing(name: str) -> None:
    story = tell(VOID[name]())

    assert story.answer.startswith("No debt work is chosen for this sprint.")
    assert not re.search(r"\b0 sessions|likely|spare about", all_said(story))
    assert story.strip[1].figure == "none"
    assert story.interval.claim == ""


def test_what_was_not_computed_is_not_known() -> None:
    story = tell(plans.unsimulated())

    assert story.answer.endswith("(how far off that may be is not known).")
    assert story.sure.claim == "How sure the choice is, is not known: nothing was simulated."
    assert "not known" in story.frontier.claim
    assert all("not known" in card.without.claim for card in story.cards)


def test_a_choice_nobody_measured_promises_nothing() -> None:
    plan = plans.omniretail()
    bare = tuple(one.model_copy(update={"terms": (), "ux_value": 0.0}) for one in plan.chosen)
    none = {"chosen": bare, "ux_value": 0.0, "sessions": 0.0, "interval": None, "ledger": ()}
    story = tell(plan.model_copy(update=none))

    assert "will spare users is not known" in story.answer
    assert story.strip[1].figure == "not known"
    assert story.people.claim == "Whom it helps is not known."
    assert story.cards[0].worth == "What it spares users is not known; 3 points"


def test_an_assumed_share_is_said_to_be_assumed() -> None:
    plan = plans.omniretail()
    first = plan.chosen[0]
    term = first.terms[0].model_copy(update={"is_assumed": True})
    chosen = (first.model_copy(update={"terms": (term,)}), *plan.chosen[1:])
    story = tell(plan.model_copy(update={"chosen": chosen}))

    assert "For OMNI-12 we assume the share it removes" in story.sure.claim
    assert "(assumed)" in story.cards[0].sums[0].claim


def test_the_sum_multiplies_to_its_result() -> None:
    plan = plans.omniretail()
    term = plan.chosen[0].terms[0]

    assert tell(plan).cards[0].sums[0].claim == (
        "7,414 frustrated sessions × 41% × 0.70 (grade B) = 2,130, "
        "shrunk to 1,860 as one of many estimates."
    )
    assert term.harm * term.share * term.grade_factor * term.shrink == pytest.approx(term.ux_value)


def test_a_track_record_is_named_and_enters_the_sum() -> None:
    plan = plans.omniretail()
    term = plan.chosen[0].terms[0].model_copy(update={"calibration": 0.62, "shrink": 1.0})
    chosen = (plan.chosen[0].model_copy(update={"terms": (term,)}),)
    delivered = Pooled(name="all", mean=0.62, low=0.45, high=0.8, verdicts=14)
    factors = tuple(Factor(grade=grade, factor=0.62, error=0.1) for grade in Grade)
    known = Calibration(team="checkout", verdicts=14, delivered=delivered, factors=factors)
    inputs = plan.inputs.model_copy(update={"calibration": known})
    story = tell(plan.model_copy(update={"chosen": chosen, "inputs": inputs}))

    assert story.track.claim == (
        "The last 14 forecasts delivered 62% (45% to 80%) of what they claimed; "
        "today's are already reduced by that."
    )
    assert "× 0.62 (track record)" in story.cards[0].sums[0].claim
    assert "shrunk" not in story.cards[0].sums[0].claim


def test_a_card_says_for_whom_in_which_order_and_on_what_evidence() -> None:
    first, second, third = tell(plans.omniretail()).cards

    assert first.story == (
        "As a customer abroad I want my address accepted, so that I can finish my order."
    )
    assert first.worth == "Should spare about 1,900 sessions a sprint, for 3 points"
    assert first.tags == ("backend", "reliability", "must come before OMNI-18")
    assert second.tags == ("usability", "must come after OMNI-12")
    assert "stated as C" in first.evidence[0]
    assert "lifted: observation and telemetry agree" in first.evidence[0]
    assert "4 of 6 testers" in " ".join(first.evidence)
    assert first.without.claim.endswith("OMNI-31 would take its place.")
    assert second.why[0].claim == "The same users as with OMNI-12, at shipping information."
    assert "4.7% of attempts at sign in fail; the goal is at most 3%." in third.why[0].claim


def test_the_next_points_of_reserve_have_their_worth() -> None:
    plan = plans.omniretail()
    used, value = plan.capacity.reserve.used, plan.ux_value
    rises = (
        FrontierPoint(reserve_share=0.15, points=used, ux_value=value),
        FrontierPoint(reserve_share=0.2, points=used + 2, ux_value=value + 900),
        FrontierPoint(reserve_share=0.25, points=used + 4, ux_value=value + 1050),
    )
    told = tell(plan.model_copy(update={"frontier": rises})).frontier
    flat = tell(plan.model_copy(update={"frontier": rises[:1]})).frontier

    assert told.claim == (
        "2 more points would spare about 900 more sessions a sprint (a reserve of 20%); "
        "the next 2 points after that only about 150."
    )
    assert flat.claim == "More reserve, up to 15% of the sprint, would spare nobody more."


def test_what_waits_is_ranked_with_its_reason_and_its_flips() -> None:
    waiting = tell(plans.omniretail()).waiting
    by_name = {one.name: one for one in waiting}

    assert [one.ux_value for one in waiting][:1] == [max(o.ux_value or 0 for o in waiting)]
    assert waiting[-1].ux_value is None
    assert by_name["OMNI-21"].reason == "Others help more"
    assert by_name["OMNI-21"].detail.startswith("OMNI-12 and OMNI-18 relieve more users")
    assert by_name["OMNI-31"].flips == (
        "if it shrinks to 1 point",
        "if it is worth 920 sessions a sprint",
        "with a reserve of 23%",
    )
    assert by_name["OMNI-44"].flips == ("with an estimate",)


@pytest.mark.parametrize(
    ("status", "gap", "words"),
    [
        (Status.OPTIMAL, 0.0, "Proven"),
        (Status.FEASIBLE, 0.021, "no allowed set is worth over 2.1% more"),
        (Status.FEASIBLE, None, "not known"),
        (Status.GREEDY, None, "Not proven"),
        (Status.INFEASIBLE, None, "contradict"),
    ],
)
def test_what_is_proven_is_said(status: Status, gap: float | None, words: str) -> None:
    plan = plans.omniretail()
    solver = plan.solver.model_copy(update={"status": status, "gap": gap})

    assert words in tell(plan.model_copy(update={"solver": solver})).proof.claim


METRIC = plans.METRICS[0]
KINDS = (
    (METRIC.model_copy(update={"reference": "best"}), "its own best window had"),
    (METRIC.model_copy(update={"reference": "other"}), "“other” has"),
    (METRIC, "36% of sessions are lost at shipping information; 16% counts as normal."),
    (plans.METRICS[3], "19% of visits at product page are frustrated by slow loading"),
    (plans.METRICS[4], "27% of answers about shipping information are unhappy"),
)


@pytest.mark.parametrize(("metric", "words"), KINDS)
def test_each_kind_of_metric_has_its_sentence(metric: UxMetric, words: str) -> None:
    facts = Facts(plans.omniretail())

    assert words in say_metric(facts, metric)


def test_waiting_time_is_told_with_its_apdex() -> None:
    facts = Facts(plans.omniretail())
    metric = plans.METRICS[1].model_copy(
        update={"kind": MetricKind.LATENCY, "target": 0.9, "threshold_s": 1.0, "vital": Vital.LCP}
    )

    assert "(Apdex 0.97 against 0.90)" in say_metric(facts, metric)


def test_names_stay_apart_where_two_sources_share_them() -> None:
    plan = plans.omniretail()
    twin = plan.passed_over[0].model_copy(update={"key": "github:OMNI-12", "flip": Flip()})
    facts = Facts(plan.model_copy(update={"passed_over": (*plan.passed_over, twin)}))

    assert facts.name("jira:OMNI-12") == "jira:OMNI-12"
    assert facts.name("jira:OMNI-18") == "OMNI-18"


def test_money_is_called_an_assumption() -> None:
    plan = plans.omniretail()
    chosen = tuple(one.model_copy(update={"money": 12_345.0}) for one in plan.chosen)
    story = tell(plan.model_copy(update={"chosen": chosen, "currency": "EUR"}))

    assert "about 12,000 EUR a sprint, at the value per session that the team assumes" in (
        story.cards[0].chosen.claim
    )


def test_a_pinned_item_says_so_and_a_single_choice_is_one() -> None:
    plan = plans.omniretail()
    one = plan.chosen[0].model_copy(update={"is_pinned": True, "points_now": 1.0})
    capacity = plan.capacity.model_copy(
        update={"reserve": plan.capacity.reserve.model_copy(update={"used": 1.0})}
    )
    story = tell(plan.model_copy(update={"chosen": (one,), "capacity": capacity, "next": (one,)}))

    assert story.points.claim == "1 of 40 points goes to debt."
    assert story.relief.claim.startswith("It should spare")
    assert story.sure.claim.startswith("The one choice holds")
    assert story.cards[0].chosen.claim.startswith("The team pinned it")
    assert story.cards[0].worth.endswith("3 points, 1 of them in this sprint")
    assert story.after.sprints[0].name == "49"
    assert story.after.sprints[0].lines[0].startswith("OMNI-12 Refactor")


def test_a_story_can_be_replaced_for_a_test() -> None:
    story = tell(plans.omniretail())

    assert replace(story, common="x").common == "x"
    assert isinstance(story.facts.plan, Plan)


def test_two_safe_choices_are_both() -> None:
    plan = plans.omniretail()
    two = tuple(one.model_copy(update={"certainty": 0.95}) for one in plan.chosen[:2])

    said = tell(plan.model_copy(update={"chosen": two})).sure.claim

    assert said.startswith("Both choices hold in at least 9 of 10 simulated worlds.")


def test_what_outranks_many_items_is_said_once() -> None:
    plan = plans.omniretail()
    lead = "the reserve goes further with jira:OMNI-12, jira:OMNI-18"
    first, second, third, *rest = plan.passed_over
    outranked = {"reason": Reason.OUTRANKED, "detail": lead}
    shared = {**outranked, "detail": f"{lead}; jira:OMNI-12 already relieves the same users"}
    other = {**outranked, "detail": "the reserve goes further with jira:OMNI-12"}
    changed = [
        first.model_copy(update=outranked),
        second.model_copy(update=shared),
        third.model_copy(update=other),
    ]

    story = tell(plan.model_copy(update={"passed_over": (*changed, *rest)}))

    told = {one.key: one.brief for one in story.waiting}
    assert story.common == (
        "Where others help more, the reserve goes further with OMNI-12, OMNI-18."
    )
    assert told[first.key] == ""
    assert told[second.key] == "OMNI-12 already relieves the same users."
    assert told[third.key] == "The reserve goes further with OMNI-12."


def test_an_item_that_lacks_only_an_estimate_is_told_with_its_worth() -> None:
    plan = plans.omniretail()
    key = next(one.key for one in plan.passed_over if one.reason is Reason.NO_ESTIMATE)
    lack = plan.measure_first[0].model_copy(
        update={"key": key, "missing": "an estimate", "why": "has no estimate; estimate it"}
    )

    (gap,) = tell(plan.model_copy(update={"measure_first": (lack,)})).gaps

    assert gap.missing.startswith("Only an estimate is missing")
    assert gap.items[0][1].endswith("(about 330 sessions a sprint)")


def test_remarks_that_differ_in_row_and_cell_are_told_once_with_their_number() -> None:
    plan = plans.omniretail()
    skipped = tuple(
        Skipped(ref=f"csv:A-{row}", reason=f"a.csv row {row}: 'May {row}' is not a date")
        for row in range(5)
    )

    story = tell(plan.model_copy(update={"skipped": skipped}))

    assert len(story.skipped) == len(skipped)
    assert story.remarks == (
        ("csv:A-0", "a.csv row 0: 'May 0' is not a date (and 4 more like it)"),
    )
