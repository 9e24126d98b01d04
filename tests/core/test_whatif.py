"""What would be if: how it is written, what it is refused for, what it makes of the inputs."""

from typing import Any

import pytest

from debtplan.core.inputs import Inputs, Rules
from debtplan.core.item import ItemState
from debtplan.core.whatif import FORMS, Kind, apply, parse_whatifs
from debtplan.errors import UsageError
from tests.builders import claim, inputs, item, metric


def shop(**more: Any) -> Inputs:
    items = [item("A-1", 2), item("A-2", 3), item("A-3/one", 1), item("github:o/r#7", 5)]
    claims = [claim("A-1", "m", 0.5), claim("A-2", "m", 0.2)]
    return inputs(items, claims, {"m": 1_000.0, "x:y": 100.0}, **more)


def after(text: str, **more: Any) -> Inputs:
    base = shop(**more)
    return apply(base, parse_whatifs([text], base))


def points(made: Inputs) -> dict[str, float | None]:
    return {one.key: one.points for one in made.items}


def test_every_kind_has_a_form_and_an_effect() -> None:
    base = shop()
    for kind, form in FORMS.items():
        text = form.replace("KEY", "A-1").replace("METRIC", "m").replace("FLOW", "shop")
        (one,) = parse_whatifs([text], base)
        assert (one.kind, one.text) == (kind, text)
        assert (apply(base, [one]) == base) == (kind is Kind.FREE)  # it was free before


def test_the_reserve_becomes_the_ceiling_and_bounds_the_floor() -> None:
    lowered = after("reserve=0.05").reserve
    assert (lowered.floor, lowered.ceiling, lowered.sprint_max) == (0.05, 0.05, 0.30)
    raised = after("reserve=40%").reserve
    assert (raised.floor, raised.ceiling, raised.sprint_max) == (0.10, 0.40, 0.40)


def test_capacity_and_availability_are_stated() -> None:
    assert after("capacity=30").capacity.points == 30
    there = after("availability=0.8")
    assert (there.capacity.availability, there.attendance) == (0.8, None)


def test_an_estimate_is_no_rule_s_assumption_any_more() -> None:
    made = after("points:A-2=8", sized_by_rule=("jira:A-2",))
    assert points(made)["jira:A-2"] == 8
    assert points(made)["jira:A-1"] == 2
    assert made.sized_by_rule == ()


def test_a_share_replaces_what_every_claim_says_or_makes_a_link() -> None:
    made = after("share:A-1:m=0.4")
    assert {one.item: one.share.likely for one in made.claims if one.share} == {
        "jira:A-1": 0.4,
        "jira:A-2": 0.2,
    }
    new = after("share:A-1:x:y=40%")
    assert [(one.item, one.metric) for one in new.claims] == [
        ("jira:A-1", "m"), ("jira:A-1", "x:y"), ("jira:A-2", "m"),
    ]  # fmt: skip


def test_pins_bans_and_freedom_replace_each_other() -> None:
    rules = Rules(pinned=("jira:A-1",), forbidden={"jira:A-2": "no"})
    assert after("forbid:A-1", rules=rules).rules.pinned == ()
    assert set(after("forbid:A-1", rules=rules).rules.forbidden) == {"jira:A-1", "jira:A-2"}
    assert after("pin:A-2", rules=rules).rules.pinned == ("jira:A-1", "jira:A-2")
    assert after("pin:A-2", rules=rules).rules.forbidden == {}
    assert after("free:A-1", rules=rules).rules.pinned == ()


def test_a_finished_item_is_not_pinned_any_more() -> None:
    made = after("done:A-1", rules=Rules(pinned=("jira:A-1",)))
    assert made.rules.pinned == ()
    assert next(one for one in made.items if one.key == "jira:A-1").state is ItemState.DONE


def test_keys_may_hold_colons_and_slashes_and_any_case() -> None:
    assert points(after("points:github:o/r#7=2"))["github:o/r#7"] == 2
    assert points(after("POINTS:o/r#7=2"))["github:o/r#7"] == 2
    assert after("pin:a-1").rules.pinned == ("jira:A-1",)


def test_what_is_given_stays_as_it_is_and_the_later_change_counts() -> None:
    base = shop()
    before = base.model_dump_json()
    made = apply(base, parse_whatifs(["points:A-1=3", "points:A-1=5"], base))
    assert points(made)["jira:A-1"] == 5
    assert base.model_dump_json() == before


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        ("reserv=0.1", "no what-if 'reserv=0.1'", "Did you mean reserve=0.12?"),
        ("magic", "no what-if 'magic'", "share:KEY:METRIC=0.4"),
        ("", "no what-if ''", "reserve=0.12"),
        ("reserve", "says no number", "reserve=0.12"),
        ("reserve=much", "'much' in 'reserve=much' is no number", "reserve=0.12"),
        ("reserve=0", "out of range", "above 0, at most 1"),
        ("reserve=1.2", "out of range", "at most 1"),
        ("reserve=12", "out of range", "A percentage needs its sign, as in 12%."),
        ("reserve=nan", "out of range", "at most 1"),
        ("availability=-1", "out of range", "at most 2"),
        ("reserve:A-1=0.1", "names 'A-1'", "reserve=0.12"),
        ("points:A-9=3", "no item 'A-9'", "A-1"),
        ("points:A-3=3", "no item 'A-3'", "A-3/one"),
        ("points:=3", "names no item", "points:KEY=3"),
        ("pin:", "names no item", "pin:KEY"),
        ("pin:ZZZZZZ", "no item 'ZZZZZZ'", "debtplan items"),
        ("weight:shp=2", "no flow 'shp'", "Did you mean shop?"),
        ("weight:nowhere=2", "no flow 'nowhere'", "Use one of: shop."),
        ("share:A-1=0.4", "names no item and metric", "share:KEY:METRIC=0.4"),
        ("share:A-1:n=0.4", "no metric 'n'", "m, x:y"),
        ("share:A-9:m=0.4", "no item 'A-9'", "A-1"),
        ("share:A-1:m=1.4", "out of range", "0 or more, at most 1"),
    ],
)
def test_what_is_written_otherwise_is_refused_with_what_is_allowed(
    text: str, what: str, fix: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse_whatifs([text], shop())
    assert what in caught.value.what
    assert fix in caught.value.fix


def test_a_metric_is_looked_for_among_those_declared() -> None:
    base = inputs([item("A-1")], metrics=(metric("one"),), readings=())
    with pytest.raises(UsageError, match="no metric 'm'"):
        parse_whatifs(["share:A-1:m=0.4"], base)
