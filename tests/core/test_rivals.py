"""Why a candidate was not chosen: the rule that binds, or the better rivals by name."""

from typing import Any

import pytest

from debtplan.core.eligible import Barred
from debtplan.core.inputs import Rules
from debtplan.core.item import DebtItem, RolePoints
from debtplan.core.plan import Reason
from debtplan.core.reserve import ReservePolicy
from debtplan.core.rivals import Rivals
from tests.builders import claim, inputs, item, picked, program_of

TIGHT = ReservePolicy(window=1)
WEB = (RolePoints(role="web", points=2),)


def why(key: str, chosen: str, items: list[DebtItem], shares: str, **more: Any) -> Barred:
    """Why `key` is out where `chosen` are in; `shares` is "a=0.5 b=0.2"."""
    claims = [
        claim(name, metric or "m", float(part))
        for name, metric, part in (
            (*pair.split("=")[0].partition(".")[::2], pair.split("=")[1]) for pair in shares.split()
        )
    ]
    fields = {"harms": {"m": 1_000.0, "n": 500.0, "zero": 0.0}, "reserve": TIGHT, **more}
    appraisal, program = program_of(inputs(items, claims, **fields))
    selection = picked(program, *(f"jira:{one}" for one in chosen.split()))
    return Rivals(program, appraisal, selection).why_not(f"jira:{key}")


def test_a_better_rival_is_named_and_that_it_helps_the_same_users() -> None:
    found = why("b", "a", [item("a", 4), item("b", 4)], "a=0.5 b=0.2")
    assert found == Barred(
        Reason.OUTRANKED,
        "the reserve goes further with jira:a; jira:a already relieves the same users",
    )


def test_rivals_of_other_users_are_not_said_to_relieve_the_same() -> None:
    found = why("b", "a", [item("a", 4), item("b", 4)], "a=0.5 b.n=0.2")
    assert found.detail == "the reserve goes further with jira:a"


def test_more_rivals_than_a_sentence_holds_are_counted() -> None:
    items = [item(name) for name in "abcdez"]
    found = why("z", "a b c d e", items, "a=0.9 b=0.8 c=0.7 d=0.6 e=0.5 z=0.1")
    assert "jira:a, jira:b, jira:c and 2 more" in found.detail


def test_rivals_stand_as_people_count() -> None:
    items = [item(f"A-{number}") for number in (2, 10, 100, 1)]
    found = why("A-1", "A-2 A-10 A-100", items, "A-2=0.5 A-10=0.5 A-100=0.5 A-1=0.1")
    assert found.detail == (
        "the reserve goes further with jira:A-2, jira:A-10, jira:A-100; "
        "jira:A-2, jira:A-10, jira:A-100 already relieve the same users"
    )


def test_an_item_that_does_not_fit_beside_the_others_is_said_so() -> None:
    items = [item("a", 4), item("b", 3)]
    found = why("b", "a", items, "a=0.5 b=0.4")
    assert found.reason is Reason.OUTRANKED
    assert found.detail.startswith("gives no less per point, but does not fit")


@pytest.mark.parametrize(("taken", "verb"), [("a", "is"), ("a d", "are")])
def test_an_alternative_or_a_full_flow_excludes(taken: str, verb: str) -> None:
    items = [item("a"), item("b", excludes=("a",)), item("d"), item("c")]
    rules = Rules(per_flow=2)
    out = "b" if taken == "a" else "c"
    found = why(out, taken, items, "a=0.5 b=0.3 c=0.3 d=0.4", rules=rules)
    assert found.reason is Reason.EXCLUDED
    assert found.detail.endswith(f"{verb} in the plan")


def test_an_item_whose_prerequisite_is_excluded_is_excluded() -> None:
    items = [item("a"), item("b", excludes=("a",)), item("c", prerequisites=("b",))]
    found = why("c", "a", items, "a=0.5 c=0.4")
    assert found == Barred(Reason.EXCLUDED, "jira:a or jira:b, not both; jira:a is in the plan")


def test_an_item_whose_own_needs_exclude_each_other_is_excluded() -> None:
    items = [item("a"), item("b", excludes=("c",)), item("c", prerequisites=("b",))]
    found = why("c", "a", items, "a=0.5 c=0.4")
    assert found.reason is Reason.EXCLUDED
    assert "it needs jira:b, jira:c together" in found.detail


def test_a_used_up_role_is_named() -> None:
    items = [item("a", 2, roles=WEB), item("b", 2, roles=WEB)]
    found = why("b", "a", items, "a=0.5 b=0.4", rules=Rules(roles={"web": 3}))
    assert found == Barred(Reason.ROLE_FULL, "the sprint's web points for debt are used up")


def test_an_item_that_only_helps_others_says_so() -> None:
    items = [item("a"), item("b", prerequisites=("c",)), item("c")]
    found = why("c", "a", items, "a=0.5 b=0.1")
    assert found.detail == "only helps others, and none of them is in the plan"


def test_no_harm_and_no_share_are_two_reasons() -> None:
    items = [item("a"), item("b"), item("c")]
    no_harm = why("b", "a", items, "a=0.5 b.zero=0.5 c=0")
    assert no_harm.detail == "its metrics meet their goals, so there is no harm to relieve"
    no_share = why("c", "a", items, "a=0.5 b.zero=0.5 c=0")
    assert no_share.detail == "its stated share of the harm is 0, so it relieves nobody"


def test_nothing_chosen_is_said_plainly() -> None:
    assert why("a", "", [item("a")], "a=0.5").detail == "does not fit into this plan"
