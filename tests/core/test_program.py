"""Who may compete for the reserve, why the others may not, and the program of those who do."""

from fractions import Fraction
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.appraisal import appraise
from debtplan.core.flow import Flow
from debtplan.core.inputs import Inputs, Rules
from debtplan.core.item import DebtItem, RolePoints
from debtplan.core.lint import LintPolicy
from debtplan.core.plan import Reason
from debtplan.core.program import Program, write_program
from debtplan.core.reserve import ReservePolicy
from tests.builders import claim, closed, inputs, item, metric, program_of


def program(*items: DebtItem, linked: str = "", **more: Any) -> Program:
    """The program of a backlog whose items with these names touch metric m."""
    claims = [claim(name, "m") for name in linked.split()]
    return program_of(inputs(items, claims, **more))[1]


def barred(found: Program) -> dict[str, tuple[str, str]]:
    """Reason and detail by short key."""
    return {
        key.partition(":")[2]: (one.reason.value, one.detail) for key, one in found.barred.items()
    }


def test_items_that_stand_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="items stand twice: jira:a"):
        inputs([item("a"), item("a", 2)])


def test_unknown_capacity_stops_with_its_reason() -> None:
    with pytest.raises(ValueError, match="of team 'web' is not known: no closed sprint"):
        program(item("a"), linked="a", capacity=None)


def test_a_capacity_of_nothing_is_not_called_unknown() -> None:
    with pytest.raises(ValueError, match="of team 'web' is 0: median of the last 1"):
        program(item("a"), linked="a", capacity=None, sprints=(closed(48, 0, committed=9),))


def test_a_finished_item_and_one_of_another_sprint_are_not_open() -> None:
    found = barred(
        program(
            item("a", state="done"),
            item("b", sprint="Sprint 48"),
            item("c", sprint="Sprint 49"),
            item("d", sprint="49"),
            linked="a b c d",
        )
    )
    assert found == {
        "a": ("not_open", "is done"),
        "b": ("not_open", "is already in Sprint 48"),
    }


def test_an_open_item_of_a_sprint_that_has_closed_is_back_in_the_backlog() -> None:
    sprints = (closed(47), closed(48))
    found = barred(
        program(
            item("a", sprint="Sprint 48"),
            item("b", sprint="48"),
            item("c", sprint="Sprint 50"),
            linked="a b c",
            sprints=sprints,
        )
    )
    assert found == {"c": ("not_open", "is already in Sprint 50")}


def test_a_forbidden_item_is_out_with_the_teams_reason() -> None:
    rules = Rules(forbidden={"jira:a": "after the fair", "jira:b": ""})
    found = barred(program(item("a"), item("b"), linked="a b", rules=rules))
    assert found["a"] == ("forbidden", "ruled out by the team: after the fair")
    assert found["b"] == ("forbidden", "ruled out by the team: no reason given")


def test_an_item_without_estimate_is_named_with_its_worth() -> None:
    found = barred(program(item("a", None), item("b", None), linked="a"))
    assert found["a"] == (
        "no_estimate", "has no estimate; estimate it, worth about 250 sessions a sprint"
    )  # fmt: skip
    assert found["b"] == ("no_estimate", "has no estimate; estimate it")


def test_an_item_without_link_is_unknown_and_not_zero() -> None:
    found = program(item("a"), item("b"), linked="b")
    assert barred(found)["a"] == (
        "no_link", "touches no metric, so its value is not known (not zero)"
    )  # fmt: skip


def test_an_item_whose_metric_has_no_reading_is_unknown_with_the_reason() -> None:
    found = barred(program(item("a"), linked="a", readings=()))
    assert found["a"] == ("no_link", "no reading of m is known")


def test_an_item_that_only_supports_other_metrics_says_so() -> None:
    made_from = inputs([item("a")], [claim("a", "csat")])
    happy = metric("csat", step="m", kind="csat", target=0.9)
    answers = made_from.readings[0].model_copy(update={"metric": "csat"})
    made_from = inputs(
        [item("a")],
        [claim("a", "csat")],
        metrics=(*made_from.metrics, happy),
        readings=(*made_from.readings, answers),
        flows=(Flow(id="shop", sessions_per_sprint=10_000),),
    )
    found = barred(program_of(made_from)[1])
    assert found["a"][0] == "no_link"
    assert "csat" in found["a"][1]


@pytest.mark.parametrize("rule", ["no_story", "no_link"])
def test_what_the_linter_refuses_is_out_unless_pinned(rule: str) -> None:
    lint = LintPolicy.model_validate({rule: "refuse"})
    rules = Rules(pinned=("jira:b",))
    found = program(item("a"), item("b"), linked="" if rule == "no_link" else "a b",
                    lint=lint, rules=rules)  # fmt: skip
    assert barred(found)["a"][0] == ("no_link" if rule == "no_link" else "forbidden")
    assert f"refused by [items.lint] {rule}" in barred(found)["a"][1]
    assert found.problem.keys == ("jira:b",)


def test_an_item_is_blocked_by_what_is_nowhere() -> None:
    found = barred(program(item("a", prerequisites=("zz",)), linked="a"))
    assert found["a"] == (
        "blocked", "waits for jira:zz, which is not in this backlog and not known to be done"
    )  # fmt: skip


def test_a_finished_prerequisite_is_met_wherever_it_stands() -> None:
    done, elsewhere = item("b", state="done"), Rules(done=("jira:zz",))
    found = program(item("a", prerequisites=("b", "zz")), done, linked="a", rules=elsewhere)
    assert found.problem.keys == ("jira:a",)
    assert found.waits["jira:a"] == ()


def test_a_prerequisite_of_another_source_is_found_by_its_short_key() -> None:
    waiting = item("github:o/r#1", prerequisites=("github:OMNI-1",))
    found = program(waiting, item("OMNI-1"), linked="github:o/r#1")
    assert found.waits["github:o/r#1"] == ("jira:OMNI-1",)


def test_blocking_passes_on_and_names_the_first_cause() -> None:
    found = barred(
        program(
            item("a", prerequisites=("b",)),
            item("b", prerequisites=("c",)),
            item("c", None),
            linked="a",
        )
    )
    detail = "waits for jira:c, which has no estimate; estimate it"
    assert found["a"] == found["b"] == ("blocked", detail)


@pytest.mark.parametrize("others", [("a",), ("b",)])
def test_a_cycle_of_prerequisites_is_listed(others: tuple[str, ...]) -> None:
    found = program(
        item("a", prerequisites=others),
        item("b", prerequisites=("a",)),
        item("c", prerequisites=("b",)),
        item("d"),
        linked="a b c d",
    )
    path = "jira:a -> jira:a" if others == ("a",) else "jira:a -> jira:b -> jira:a"
    assert barred(found)["a"] == (
        "blocked", f"is in a cycle of prerequisites: {path}; remove one of these links"
    )  # fmt: skip
    assert barred(found)["c"][0] == "blocked"
    assert found.problem.keys == ("jira:d",)


def test_a_prerequisite_on_a_split_item_waits_for_all_its_phases() -> None:
    found = program(
        item("a", prerequisites=("b",)), item("b/x"), item("b/y", prerequisites=("b/x",)),
        linked="a",
    )  # fmt: skip
    assert found.waits["jira:a"] == ("jira:b/x", "jira:b/y")
    assert set(found.problem.keys) == {"jira:a", "jira:b/x", "jira:b/y"}


def test_an_unlinked_item_competes_where_a_valued_one_needs_it() -> None:
    found = program(item("a", prerequisites=("b",)), item("b"), item("c"), linked="a")
    assert found.problem.keys == ("jira:a", "jira:b")
    assert barred(found)["c"][0] == "no_link"
    assert dict(zip(found.problem.keys, found.problem.candidates, strict=True))[
        "jira:a"
    ].requires == ("jira:b",)


def test_a_pinned_item_competes_without_a_link() -> None:
    found = program(item("a", prerequisites=("b",)), item("b"), rules=Rules(pinned=("jira:a",)))
    assert found.problem.keys == ("jira:a", "jira:b")
    assert found.problem.pinned == ("jira:a",)


def test_an_item_larger_than_the_reserve_is_too_large() -> None:
    policy = ReservePolicy(window=1)
    found = barred(program(item("a", 6), item("b", 6.5), linked="a b", reserve=policy))
    assert found == {
        "b": ("too_large", "costs 6.5, more than the 6 of this sprint; split it into phases")
    }


def test_a_bundle_larger_than_the_reserve_is_too_large_together() -> None:
    found = barred(
        program(item("a", 4, prerequisites=("b",)), item("b", 4), linked="a",
                reserve=ReservePolicy(window=1))
    )  # fmt: skip
    assert found["a"][0] == "too_large"
    assert found["a"][1].startswith("costs with jira:b, which it waits for, 8")


def test_a_reserve_of_exactly_the_points_holds_the_item() -> None:
    policy = ReservePolicy(floor=0, ceiling=0.29, sprint_max=0.29, window=1)
    found = program(item("a", 29), linked="a", capacity=100, reserve=policy)
    assert found.problem.keys == ("jira:a",)
    assert found.problem.ceiling == 29


def test_an_item_that_needs_more_of_a_role_than_there_is_is_out() -> None:
    roles = (RolePoints(role="ios", points=3),)
    rules = Rules(roles={"ios": 2, "web": 9})
    found = program(item("a", 3, roles=roles), linked="a", rules=rules)
    assert barred(found)["a"] == ("role_full", "needs more ios than the sprint has for debt")
    assert program(item("a", 3, roles=roles), linked="a").barred == {}


def test_an_item_needs_the_roles_of_what_it_waits_for_too() -> None:
    roles = (RolePoints(role="ios", points=2),)
    found = program(
        item("a", 2, roles=roles, prerequisites=("b",)), item("b", 2, roles=roles),
        linked="a b", rules=Rules(roles={"ios": 3}),
    )  # fmt: skip
    assert {key: one[0] for key, one in barred(found).items()} == {"a": "role_full"}


def test_alternatives_become_one_rule_even_for_phases() -> None:
    found = program(
        item("a", excludes=("b",)), item("b", excludes=("a",)), item("c/x"), item("d",
        excludes=("c",)), linked="a b c/x d",
    )  # fmt: skip
    assert [(rule.keys, rule.limit) for rule in found.problem.at_most] == [
        (("jira:a", "jira:b"), 1),
        (("jira:c/x", "jira:d"), 1),
    ]


def test_an_alternative_to_finished_work_is_excluded() -> None:
    found = barred(
        program(item("a", excludes=("b",)), item("b", state="done"), item("c"), linked="a b c")
    )
    assert found["a"] == ("excluded", "is an alternative to jira:b, which is done")


def test_a_flow_takes_at_most_so_many_items() -> None:
    flows = (Flow(id="shop", sessions_per_sprint=1e4), Flow(id="blog", sessions_per_sprint=1e4))
    made_from = inputs(
        [item("a"), item("b"), item("c")],
        [claim("a", "m"), claim("b", "m"), claim("c", "n")],
        {"m": 100.0, "n": 100.0},
        flows=flows,
        metrics=(
            metric("m", sessions_per_sprint=1e4),
            metric("n", "blog", sessions_per_sprint=1e4),
        ),
        rules=Rules(per_flow=1),
    )
    (rule,) = program_of(made_from)[1].problem.at_most
    assert (rule.label, rule.keys, rule.limit) == (
        "at most 1 items of flow shop", ("jira:a", "jira:b"), 1
    )  # fmt: skip


def test_the_floor_is_a_share_of_capacity() -> None:
    found = program(item("a"), linked="a", reserve=ReservePolicy(window=1))
    assert (found.problem.floor, found.problem.ceiling) == (Fraction(4), Fraction(6))


def test_another_reserve_is_exact_and_for_one_sprint() -> None:
    made_from = inputs([item("a"), item("b", 2.9)], [claim("a", "m"), claim("b", "m")], capacity=10)
    found = write_program(made_from, appraise(made_from), 0.29)
    assert found.problem.ceiling == Fraction(29, 10)
    assert found.problem.keys == ("jira:a", "jira:b")


def test_a_chain_of_three_thousand_takes_a_moment() -> None:
    items = [item(f"k{i:04}", prerequisites=(f"k{i + 1:04}",) if i < 2_999 else ())
             for i in range(3_000)]  # fmt: skip
    claims = [claim(f"k{i:04}", "m", 0.01) for i in range(0, 3_000, 3)]
    made_from = inputs(items, claims)
    started = perf_counter()
    found = program_of(made_from)[1]
    assert perf_counter() - started < 5
    assert {one.reason for one in found.barred.values()} == {Reason.TOO_LARGE}
    assert len(found.problem.keys) == 6
    detail = found.barred["jira:k0000"].detail
    assert len(detail) < 200, detail


NAMES = "abcdef"
BACKLOGS = st.lists(
    st.builds(
        item,
        st.sampled_from([*NAMES, "x/p", "x/q"]),
        st.one_of(st.none(), st.integers(1, 9)),
        state=st.sampled_from(["open", "open", "in_progress", "done"]),
        sprint=st.sampled_from([None, None, "Sprint 49", "Sprint 48"]),
        prerequisites=st.lists(st.sampled_from([*NAMES, "x", "zz"]), max_size=2).map(tuple),
        excludes=st.lists(st.sampled_from([*NAMES, "x"]), max_size=1).map(tuple),
        roles=st.sampled_from([(), (RolePoints(role="web", points=2),)]),
    ),
    unique_by=lambda one: one.key,
    min_size=1,
    max_size=8,
)


@given(BACKLOGS, st.sets(st.sampled_from(NAMES)), st.sampled_from([1, 3, 99]))
@pytest.mark.slow
def test_every_item_competes_or_is_barred_and_none_is_both(
    items: list[DebtItem], linked: set[str], role: int
) -> None:
    rules = Rules(forbidden={"jira:a": "no"}, roles={"web": role}, pinned=("jira:f",))
    found = program(*items, linked=" ".join(linked), rules=rules)
    free, out = set(found.problem.keys), set(found.barred)
    assert free | out == {one.key for one in items}
    assert not free & out
    for one in found.problem.candidates:
        assert set(one.requires) <= free
        assert set(one.requires) == set(found.waits[one.key])


@given(BACKLOGS, st.randoms(use_true_random=False))
@pytest.mark.slow
def test_the_order_of_the_backlog_does_not_matter(items: list[DebtItem], random: Any) -> None:
    other = list(items)
    random.shuffle(other)
    made: list[Inputs] = [inputs(one, [claim("a", "m"), claim("b", "m")]) for one in (items, other)]
    assert made[0] == made[1]
    assert program_of(made[0])[1].problem == program_of(made[1])[1].problem
