"""The debtplan block in an item's text."""

from typing import Any

import pytest

from debtplan.core.block import find_blocks, full_key, read_text
from debtplan.core.item import DebtItem, DebtKind, ItemState, RolePoints
from debtplan.core.link import Grade, LinkBasis
from tests.builders import item, share


def with_block(body: str, **more: Any) -> DebtItem:
    """An item whose text holds a block."""
    return item("OMNI-1", text=f"Before.\n```debtplan\n{body}\n```\nAfter.", **more)


def reason_of(body: str) -> str:
    """Why a block is ignored."""
    gain = read_text(with_block(body, points=5))
    assert gain.items[0].points == 5
    assert gain.claims == ()
    (skipped,) = gain.skipped
    assert skipped.ref == "jira:OMNI-1"
    return skipped.reason


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("points = ", "it must be TOML"),
        ("pionts = 3", "pionts: Extra inputs are not permitted"),
        ("points = 0", "points"),
        ("points = -1", "points"),
        ("points = nan", "points"),
        ("points = { backend = 0 }", "points"),
        ('debt_kind = "ugly"', "debt_kind"),
        ("share = 0.4", "share, grade and selector belong to a metric"),
        ('grade = "B"', "share, grade and selector belong to a metric"),
        ('metric = "m"\nshare = 1.4', "share"),
        ('metric = "m"\nshare = [0.5, 0.4, 0.6]', "must not fall"),
        ('metric = "m"\nshare = [0.5, 0.4]', "share"),
        ('metric = "m"\nshare = true', "share"),
        ('who = "a guest"', "a story needs its need"),
        ("[[links]]\nshare = 0.4", "links.0.metric"),
        ('[[phases]]\nid = "a"\n[[phases]]\nid = "a"', "two phases have the same id"),
        ('[[phases]]\nid = "a b"', "phases.0.id"),
        ('[[phases]]\ntitle = "x"', "phases.0.id"),
    ],
)
def test_a_block_that_does_not_hold_is_ignored_with_its_reason(body: str, said: str) -> None:
    reason = reason_of(body)
    assert reason.startswith("its debtplan block was ignored: ")
    assert said in reason


def test_a_block_that_is_never_closed_is_said_so() -> None:
    gain = read_text(item("OMNI-1", text="```debtplan\npoints = 3\n"))
    assert [one.reason for one in gain.skipped] == [
        "its debtplan block was ignored: it is never closed"
    ]
    assert gain.items[0].points == 1


def test_a_second_block_is_said_to_be_ignored() -> None:
    text = "```debtplan\npoints = 3\n```\n~~~debtplan\npoints = 5\n~~~"
    gain = read_text(item("OMNI-1", text=text))
    assert gain.items[0].points == 3
    assert "more than one" in gain.skipped[0].reason


def test_a_bad_block_leaves_the_story_of_the_text() -> None:
    story = read_text(with_block("x x", title="As a guest I want to pay")).items[0].story
    assert story is not None
    assert story.who == "guest"


@pytest.mark.parametrize(
    "text",
    [
        "no block at all",
        "```toml\npoints = 3\n```",
        "```debtplanner\npoints = 3\n```",
        "inline ```debtplan points = 3```",
        "{code:python}\npoints = 3\n{code}",
    ],
)
def test_other_code_is_no_block(text: str) -> None:
    assert find_blocks(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "```debtplan\nBODY\n```",
        "text\n  ```debtplan  \nBODY\n  ```  \nmore",
        "~~~debtplan\nBODY\n~~~",
        "````debtplan\nBODY\n```not the end\n````",
        "```DebtPlan\nBODY\n```",
        "{code:debtplan}\nBODY\n{code}",
        "{code:title=debtplan}BODY{code}",
        "{code:toml|title=debtplan|borderStyle=solid}\nBODY\n{CODE}",
    ],
)
def test_a_block_is_found_however_it_is_fenced(text: str) -> None:
    (body,) = find_blocks(text)
    assert body is not None
    assert body.strip().startswith("BODY")


def test_a_block_gives_story_points_roles_keys_and_kind() -> None:
    body = (
        'who = "customer abroad"\nneed = "my address accepted"\npain = "it is refused"\n'
        'outcome = "I can order"\npoints = { backend = 2, frontend = 1.5 }\n'
        'prerequisites = ["OMNI-12", "github:o/r#3"]\nexcludes = ["OMNI-40"]\n'
        'paths = ["src/a.py"]\ndebt_kind = "reliability"'
    )
    gain = read_text(with_block(body, paths=("src/b.py", "src/a.py"), prerequisites=("OMNI-12",)))
    (one,) = gain.items
    assert one.story is not None
    assert one.story.sentence() == (
        "As a customer abroad I want my address accepted, so that I can order."
    )
    assert one.story.pain == "it is refused"
    assert one.points == 3.5
    assert one.roles == (
        RolePoints(role="backend", points=2), RolePoints(role="frontend", points=1.5)
    )  # fmt: skip
    assert one.prerequisites == ("jira:OMNI-12", "github:o/r#3")
    assert one.excludes == ("jira:OMNI-40",)
    assert one.paths == ("src/b.py", "src/a.py")
    assert one.debt_kind is DebtKind.RELIABILITY
    assert gain.skipped == ()


def test_what_a_block_leaves_out_stays_as_the_tracker_has_it() -> None:
    (one,) = read_text(with_block('metric = "m"', points=5, debt_kind="usability")).items
    assert (one.points, one.debt_kind) == (5, DebtKind.USABILITY)


def test_a_block_claims_its_metric_and_its_links() -> None:
    body = (
        'metric = "m"\nshare = 0.4\ngrade = "C"\n[[links]]\nmetric = "n"\nshare = [0.1, 0.2, 0.6]\n'
        'noted_on = 2026-11-01\nevidence = [{ kind = "interview", note = "5 of 8" }]'
    )
    first, second = read_text(with_block(body)).claims
    assert (first.metric, first.share, first.grade) == ("m", share(0.4), Grade.C)
    assert (second.metric, second.share, second.grade) == ("n", share(0.1, 0.2, 0.6), None)
    assert second.evidence[0].note == "5 of 8"
    assert {one.basis for one in (first, second)} == {LinkBasis.BLOCK}


def test_phases_become_items_that_wait_for_each_other() -> None:
    body = (
        'prerequisites = ["OMNI-9"]\nmetric = "whole"\n'
        '[[phases]]\nid = "a"\ntitle = "Service"\npoints = 3\nis_done = true\n'
        '[[phases]]\nid = "b"\npoints = { web = 2 }\n[[phases.links]]\nmetric = "part"\n'
        '[[phases]]\nid = "c"\nprerequisites = ["a", "OMNI-7"]'
    )
    gain = read_text(with_block(body, points=13))
    first, second, third = gain.items
    assert [one.key for one in gain.items] == [f"jira:OMNI-1/{name}" for name in "abc"]
    assert first.title == "Mend jira:OMNI-1: Service"
    assert (first.prerequisites, second.prerequisites, third.prerequisites) == (
        ("jira:OMNI-9",),
        ("jira:OMNI-1/a",),
        ("jira:OMNI-1/a", "jira:OMNI-7"),
    )
    assert (first.points, second.points, third.points) == (3, 2, None)
    assert (first.state, second.state) == (ItemState.DONE, ItemState.OPEN)
    assert [(one.item, one.metric) for one in gain.claims] == [
        ("jira:OMNI-1/b", "part"),
        ("jira:OMNI-1/c", "whole"),
    ]


@pytest.mark.parametrize(
    ("key", "near", "full"),
    [
        ("OMNI-1", "jira:OMNI-12", "jira:OMNI-1"),
        ("#7", "github:owner/repo#12", "github:owner/repo#7"),
        ("other/repo#7", "github:owner/repo#12", "github:other/repo#7"),
        ("jira:OMNI-1", "github:owner/repo#12", "jira:OMNI-1"),
    ],
)
def test_a_short_key_is_of_the_same_source(key: str, near: str, full: str) -> None:
    assert full_key(key, near) == full


@pytest.mark.parametrize(
    "body",
    [
        'metric = "m"\nselector = { error_code = "E1" }',
        '[[links]]\nmetric = "m"\nselector = { error_code = "E1" }',
        '[[links]]\nmetric = "m"\nselector = { dimension = "error_code", value = "E1" }',
        '[[phases]]\nid = "a"\n[[phases.links]]\nmetric = "m"\nselector = { error_code = "E1" }',
    ],
)
def test_a_block_names_the_mark_that_its_share_is_measured_by(body: str) -> None:
    (claim,) = read_text(with_block(body)).claims
    assert str(claim.selector) == "error_code = E1"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('selector = { error_code = "E1" }', "share, grade and selector belong to a metric"),
        ('metric = "m"\nselector = { a = "1", b = "2" }', "a selector names one dimension"),
        ('metric = "m"\nselector = { a = true }', "selector.value"),
        ('metric = "m"\nselector = { dimension = "a" }', "selector.value"),
        ('metric = "m"\nselector = "a"', "selector"),
    ],
)
def test_a_selector_that_does_not_hold_is_told(body: str, said: str) -> None:
    assert said in reason_of(body)
