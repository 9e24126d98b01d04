"""From stored items to candidates and claims; nothing is lost on the way."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.intake import Backlog, DebtFilter, take_in
from debtplan.core.item import DebtItem, key_resolver, resolve_key
from debtplan.core.link import Claim
from debtplan.core.rule import Rule
from tests.builders import claim, item, share

EVERYTHING = DebtFilter()
METRICS = frozenset({"checkout-errors", "login-errors"})
BLOCK = '```debtplan\n[[phases]]\nid = "a"\npoints = 1\n[[phases]]\nid = "b"\npoints = 2\n```'


def taken(
    *items: DebtItem,
    rules: tuple[dict[str, Any], ...] = (),
    filed: tuple[Claim, ...] = (),
    debt: DebtFilter = EVERYTHING,
    elsewhere: tuple[str, ...] = (),
) -> Backlog:
    """The backlog of these items."""
    parsed = [Rule.model_validate(rule) for rule in rules]
    return take_in(items, parsed, filed, METRICS, debt, elsewhere)


@pytest.mark.parametrize(
    "label",
    ["ux:", "ux: login-errors", "ux:login-errors=", "ux:login-errors=1.5", "ux:login-errors=140%",
     "ux:login-errors=-0.1", "ux:login-errors=much", "ux:login-errors=0.4 maybe",
     "ux:login-errors=" + "9" * 400],
)  # fmt: skip
def test_a_label_that_is_not_understood_is_listed(label: str) -> None:
    backlog = taken(item("A-1", labels=(label,)))
    assert backlog.claims == ()
    (skipped,) = backlog.skipped
    assert skipped.ref == "jira:A-1"
    assert repr(label) in skipped.reason


@pytest.mark.parametrize(
    ("label", "part"),
    [("ux:login-errors", None), ("UX:Login-Errors=0.4", 0.4), ("ux:login-errors=0,4", 0.4),
     ("ux:login-errors=40%", 0.4), ("ux:login-errors=.4", 0.4), ("ux:login-errors=1", 1.0),
     ("ux:login-errors=0", 0.0)],
)  # fmt: skip
def test_a_label_claims_a_metric(label: str, part: float | None) -> None:
    backlog = taken(item("A-1", labels=("web", label)))
    (found,) = backlog.claims
    assert (found.item, found.metric) == ("jira:A-1", "login-errors")
    assert found.share == (None if part is None else share(part))
    assert found.origin == f"label {label}"
    assert backlog.skipped == ()


def test_an_unknown_metric_is_listed_with_the_nearest_name() -> None:
    backlog = taken(item("A-1", labels=("ux:chekout-errors",)), filed=(claim("A-1", "zzz"),))
    assert [one.ref for one in backlog.skipped] == ["jira:A-1", "jira:A-1"]
    assert "did you mean 'checkout-errors'?" in backlog.skipped[0].reason
    assert "declare it under [[metric]]" in backlog.skipped[1].reason


def test_metrics_that_differ_in_case_alone_are_told_apart() -> None:
    backlog = take_in(
        [item("A-1", labels=("ux:LCP", "ux:lcp", "ux:Lcp"))], (), (), {"LCP", "lcp"}, DebtFilter()
    )
    assert sorted(one.metric for one in backlog.claims) == ["LCP", "LCP", "lcp"]


def test_an_item_that_is_no_debt_is_listed_with_what_is_asked_for() -> None:
    debt = DebtFilter(labels=("Tech-Debt",), types=("Refactoring",))
    backlog = taken(
        item("A-1", labels=("tech-debt",)),
        item("A-2", type_name="refactoring"),
        item("A-3", type_name="Story", labels=("ux:login-errors",)),
        debt=debt,
    )
    assert [one.key for one in backlog.items] == ["jira:A-1", "jira:A-2"]
    (skipped,) = backlog.skipped
    assert skipped.ref == "jira:A-3"
    assert "(Story); [items] asks for Tech-Debt, type Refactoring" in skipped.reason
    assert backlog.claims == ()


def test_a_filed_link_finds_its_item_by_short_key() -> None:
    short = claim("A-1", "login-errors").model_copy(update={"item": "a-1"})
    (found,) = taken(item("A-1"), filed=(short,)).claims
    assert found.item == "jira:A-1"


def test_a_filed_link_to_an_item_that_is_nowhere_waits_in_the_list() -> None:
    backlog = taken(item("A-1"), filed=(claim("A-2", "login-errors"),))
    assert backlog.claims == ()
    assert "jira:A-2 is in no backlog" in backlog.skipped[0].reason


@pytest.mark.parametrize("key", ["github:owner/repo#7", "jira:B-1", "jira:B-1/phase"])
def test_a_filed_link_of_another_team_is_not_ours_to_report(key: str) -> None:
    filed = (claim(key, "login-errors"),)
    backlog = taken(item("A-1"), filed=filed, elsewhere=("github:owner/repo#7", "jira:B-1"))
    assert backlog.skipped == ()


def test_what_is_said_of_a_split_item_goes_to_its_last_phase() -> None:
    rule = {"match": {"label": "web"}, "metric": "checkout-errors"}
    backlog = taken(
        item("A-1", text=BLOCK, labels=("web", "ux:login-errors=0.3")),
        rules=(rule,),
        filed=(claim("A-1", "login-errors"),),
    )
    assert [one.key for one in backlog.items] == ["jira:A-1/a", "jira:A-1/b"]
    assert [(one.item, one.basis.value) for one in backlog.claims] == [
        ("jira:A-1/b", "rule"),
        ("jira:A-1/b", "label"),
        ("jira:A-1/b", "links file"),
    ]


def test_a_filed_link_can_name_a_phase() -> None:
    (found,) = taken(item("A-1", text=BLOCK), filed=(claim("A-1/a", "login-errors"),)).claims
    assert found.item == "jira:A-1/a"


def test_points_of_a_rule_are_marked_as_its_assumption() -> None:
    rule = {"match": {"label": "web"}, "points": 2}
    backlog = taken(
        item("A-1", None, labels=("web",)),
        item("A-2", 3, labels=("web",)),
        item("A-3", None, labels=("web",), text="```debtplan\npoints = 2\n```"),
        rules=(rule,),
    )
    assert [one.points for one in backlog.items] == [2, 3, 2]
    assert backlog.sized_by_rule == ("jira:A-1",)


ITEMS = st.lists(
    st.builds(
        item,
        st.integers(1, 30).map(lambda number: f"A-{number}"),
        st.one_of(st.none(), st.integers(1, 8)),
        labels=st.lists(
            st.sampled_from(["debt", "ux:login-errors", "ux:nope", "ux:=", "web"]), max_size=3
        ).map(tuple),
        text=st.sampled_from(["", BLOCK, "```debtplan\nx\n```", "As a user I want it"]),
        type_name=st.sampled_from(["Bug", "Story"]),
    ),
    max_size=8,
    unique_by=lambda one: one.key,
)


@given(ITEMS, st.sampled_from([DebtFilter(), DebtFilter(labels=("debt",), types=("bug",))]))
def test_every_item_is_in_the_backlog_or_listed(items: list[DebtItem], debt: DebtFilter) -> None:
    backlog = taken(*items, debt=debt)
    whole = {one.key.partition("/")[0] for one in backlog.items}
    left = {one.ref for one in backlog.skipped}
    for one in items:
        assert (one.key in whole) == debt.takes(one)
        assert one.key in whole or one.key in left
    keys = [one.key for one in backlog.items]
    assert len(set(keys)) == len(keys)


@given(ITEMS, st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(items: list[DebtItem], random: Any) -> None:
    other = list(items)
    random.shuffle(other)
    assert taken(*items) == taken(*other)


@pytest.mark.parametrize(
    ("key", "found"),
    [("jira:A-1", "jira:A-1"), ("a-1", "jira:A-1"), ("A-2", None), ("A-3", None), ("", None),
     ("csv:A-2", "csv:A-2"), ("o/r#1", "github:o/r#1")],
)  # fmt: skip
def test_a_key_is_resolved_where_only_one_fits(key: str, found: str | None) -> None:
    known = ["jira:A-1", "jira:A-2", "csv:A-2", "github:o/r#1"]
    assert resolve_key(key, known) == found
    assert key_resolver(known)(key) == found
