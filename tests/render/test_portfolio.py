"""All teams in a table and a document."""

import json
from typing import Any

from debtplan.core.problem import Status
from debtplan.core.summary import (
    GroupTotal,
    Summary,
    TeamFailure,
    TeamLine,
    add_up,
    exit_code_of,
)
from debtplan.render.portfolio import render_document, render_summary
from debtplan.render.table import display_width
from tests.builders import NOW
from tests.render.payloads import PAYLOADS


def line(team: str = "checkout", **more: Any) -> TeamLine:
    fields = {
        "team": team,
        "together": (),
        "plan_id": f"{team}-49",
        "digest": "0" * 64,
        "sprint": "Sprint 49",
        "unit": "points",
        "capacity": 40.0,
        "reserve": 6.0,
        "used": 5.5,
        "items": 2,
        "ux_value": 100.0,
        "status": Status.OPTIMAL,
        "gap": 0.0,
        **more,
    }
    return TeamLine.model_validate(fields)


def failure(team: str = "empty", code: int = 2) -> TeamFailure:
    return TeamFailure(team=team, what="It has no capacity.", fix="Set one.", exit_code=code)


def group(value: float = 100.0, status: Status = Status.OPTIMAL, gap: float | None = 0.0) -> Any:
    return GroupTotal(ux_value=value, sessions=value / 2, status=status, gap=gap)


def summary(lines: Any, failed: Any = (), groups: Any = None) -> Summary:
    groups = [group(one.ux_value) for one in lines] if groups is None else groups
    return Summary(
        debtplan_version="1",
        created_at=NOW,
        lines=tuple(lines),
        failed=tuple(failed),
        total=add_up(lines, failed, groups, 14.0),
    )


def test_teams_and_failures_stand_in_one_order() -> None:
    text = render_summary(summary([line("a"), line("c")], [failure("b")]))
    rows = [row.split()[0] for row in text.splitlines()[1:6]]
    assert rows == ["Team", "a", "b", "c", "Total"]
    assert "Team b has no plan: It has no capacity. Set one." in text


def test_what_several_teams_spare_stands_once_in_the_total() -> None:
    pair = [line("a", together=("b",)), line("b", together=("a",))]
    text = render_summary(summary(pair, groups=[group(250.0)]))
    assert [row.split()[-1] for row in text.splitlines() if row.startswith("Several")] == ["50"]
    total = next(row for row in text.splitlines() if row.startswith("Total"))
    assert total.split() == ["Total", "11", "4", "250", "optimal"]
    assert "50 of them are spared by items of several teams at once" in text


def test_units_that_differ_are_not_added_up() -> None:
    made = summary([line("a"), line("b", unit="hours")])
    assert (made.total.used, made.total.unit) == (None, None)
    assert "different units" in render_summary(made)


def test_points_add_up_exactly() -> None:
    made = summary([line(str(n), used=0.1) for n in range(3)])
    assert made.total.used == 0.3


def test_the_weakest_answer_is_the_totals_with_its_gap() -> None:
    groups = [group(300.0), group(100.0, Status.FEASIBLE, 0.2)]
    made = summary([line("a", ux_value=300.0), line("b", status="feasible", gap=0.2)], (), groups)
    assert made.total.status is Status.FEASIBLE
    assert made.total.gap == 0.05
    assert "feasible (20% gap)" in render_summary(made)
    unknown = summary([line("a")], (), [group(100.0, Status.GREEDY, None)])
    assert unknown.total.gap is None


def test_no_plan_at_all_is_said() -> None:
    made = summary([], [failure()], [])
    assert made.total.status is None
    assert render_summary(made).splitlines()[3].split() == ["Total", "0", "0", "no", "plan"]
    assert json.loads(render_document(made, []))["teams"] == []


def test_the_document_has_sorted_keys_and_the_plans_as_given() -> None:
    text = render_document(summary([line("a")]), ['{"a":1}'])
    data = json.loads(text)
    assert list(data) == sorted(data)
    assert data["teams"] == [{"a": 1}]
    assert data["total"]["ux_value"] == 100


def test_no_line_is_wider_than_the_screen_or_wild() -> None:
    for payload in PAYLOADS:
        made = summary([line(payload or "x", together=(payload,))], [failure(payload)])
        for row in render_summary(made, 70).splitlines():
            assert display_width(row) <= 100, payload
            assert all(character >= " " for character in row), payload
        assert json.loads(render_document(made, []))["lines"][0]["team"] == (payload or "x")


def test_the_worst_code_counts() -> None:
    def code(*codes: int, lines: int = 1, **more: Any) -> int:
        made = summary(
            [line(str(n), is_new=True) for n in range(lines)], [failure("f", c) for c in codes]
        )
        return exit_code_of(made, **{"is_partial": False, "is_change_told": False, **more})

    assert code() == 0
    assert code(is_change_told=True) == 3
    assert code(is_partial=True, is_change_told=True) == 5
    assert code(2) == 5
    assert code(2, lines=0) == 2
    assert code(2, 6) == 6
    assert code(6, 1) == 1
    assert code(5, lines=0) == 5
    assert code(99) == 1
