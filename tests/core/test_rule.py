"""Rules that tie items to metrics by what they carry."""

from typing import Any

import pytest
from pydantic import ValidationError

from debtplan.core.item import DebtKind
from debtplan.core.rule import Match, Rule, claims_by_rule, sort_by_rule
from tests.builders import item, share


def match(**conditions: Any) -> Match:
    """A match as the settings say it."""
    return Match.model_validate(conditions)


def rule(**fields: Any) -> Rule:
    """A rule for label `web`."""
    return Rule.model_validate({"match": {"label": "web"}, **fields})


@pytest.mark.parametrize(
    "conditions", [{}, {"label": []}, {"label": ""}, {"words": ["a", " "]}, {"colour": "red"}]
)
def test_a_match_that_would_take_every_item_is_refused(conditions: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        match(**conditions)


def test_a_rule_that_does_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="does nothing"):
        rule(share=0.3)


@pytest.mark.parametrize(
    ("conditions", "fields"),
    [
        ({"label": "web"}, {"labels": ("website",)}),
        ({"label": "[ux]"}, {"labels": ("u", "x")}),
        ({"label": "a?c"}, {"labels": ("abc",)}),
        ({"type": "bug"}, {}),
        ({"path": "src/*.py"}, {"paths": ("tests/a.py",)}),
        ({"words": "fail"}, {"title": "failure of the failover"}),
        ({"words": "time out"}, {"title": "timeout"}),
        ({"label": "web", "component": "cart"}, {"labels": ("web",)}),
        ({"epic": "OMNI-100"}, {"epic": "OMNI-10"}),
        ({"epic": "*"}, {}),
    ],
)
def test_an_item_that_lacks_a_condition_does_not_match(
    conditions: dict[str, Any], fields: dict[str, Any]
) -> None:
    assert not match(**conditions).holds(item("A-1", **fields))


@pytest.mark.parametrize(
    ("conditions", "fields"),
    [
        ({"label": "Web"}, {"labels": ("x", "wEB")}),
        ({"label": ["no", "web*"]}, {"labels": ("website",)}),
        ({"label": "[ux]"}, {"labels": ("[UX]",)}),
        ({"component": "cart"}, {"components": ("Cart",)}),
        ({"path": "src/*.py"}, {"paths": ("src/deep/a.py",)}),
        ({"type": "technical *"}, {"type_name": "Technical debt"}),
        ({"epic": "omni-100"}, {"epic": "OMNI-100"}),
        ({"epic": ["X-1", "acme/*"]}, {"epic": "acme/shop#7"}),
        ({"words": "fail"}, {"text": "It may FAIL."}),
        ({"words": ["c++"]}, {"title": "Move to C++ now"}),
        ({"words": "über"}, {"title": "Text ÜBER allem"}),
        ({"words": "支払"}, {"title": "クレジット支払い"}),
        ({"label": "web", "component": "cart"}, {"labels": ("web",), "components": ("cart",)}),
    ],
)
def test_an_item_that_carries_all_conditions_matches(
    conditions: dict[str, Any], fields: dict[str, Any]
) -> None:
    assert match(**conditions).holds(item("A-1", **fields))


def test_a_rule_claims_its_metric_with_its_number() -> None:
    rules = [rule(points=2), rule(metric="m", share=[0.1, 0.2, 0.3], grade="D")]
    (found,) = claims_by_rule(item("A-1", labels=("web",)), rules)
    assert (found.metric, found.share, found.origin) == ("m", share(0.1, 0.2, 0.3), "rule 2")
    assert list(claims_by_rule(item("A-2"), rules)) == []


def test_the_first_rule_that_gives_points_or_kind_counts_and_the_item_counts_more() -> None:
    rules = [rule(metric="m"), rule(points=2), rule(points=3, debt_kind="usability")]
    sorted_in = sort_by_rule(item("A-1", None, labels=("web",)), rules)
    assert (sorted_in.points, sorted_in.debt_kind) == (2, DebtKind.USABILITY)
    own = item("A-2", 5, labels=("web",), debt_kind="other")
    assert sort_by_rule(own, rules) == own


def test_a_rule_gives_every_item_the_mark_to_measure_by() -> None:
    found = rule(metric="m", selector={"endpoint": "POST /validate"})
    (claim,) = claims_by_rule(item("A-1", labels=("web",)), [found])
    assert str(claim.selector) == "endpoint = POST /validate"
    assert rule(metric="m", selector={"status": 500}).selector.value == "500"  # type: ignore[union-attr]


def test_a_selector_without_a_metric_is_refused() -> None:
    with pytest.raises(ValidationError, match="name the metric"):
        rule(points=3, selector={"error_code": "E1"})
