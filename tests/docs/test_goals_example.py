"""The worked example of docs/goals.md on approved work: the program computes every line of it."""

from datetime import date

from debtplan.core.awaited import Promise, awaited, change_of, on_time
from tests.court import at, forecast
from tests.docs.page import DOCS, section

WEIGHTS = {"loss": 1.0, "part": 0.25}
LOOK, DUE = date(2027, 3, 1), date(2027, 3, 12)


def promise(item: str, metric: str, shares: tuple[float, float], removal: float) -> Promise:
    bad, goal = shares
    made = at(date(2027, 2, 28))
    return Promise(
        forecast(
            item=item, metric=metric, bad_share=bad, goal_share=goal, removal=removal,
            frozen_at=made, due_on=DUE,
        )
    )  # fmt: skip


def earlier(number: int, *, in_time: bool) -> Promise:
    due = date(2027, 2, 12)
    made = forecast(item=f"jira:E-{number}", metric="x", frozen_at=at(due, 1), due_on=due)
    return Promise(made, due if in_time else None)


def test_every_line_is_what_the_program_computes() -> None:
    part = section((DOCS / "goals.md").read_text(encoding="utf-8"), "## A worked example")
    both = [promise("A", "loss", (0.36, 0.20), 0.3), promise("B", "part", (0.5, 0.3), 0.4)]
    found = {one.forecast.item: one for one in awaited(both, WEIGHTS, LOOK)}
    change = {name: change_of([one], WEIGHTS, 0.4) for name, one in found.items()}
    whole = change_of(list(found.values()), WEIGHTS, 0.4)
    past = [earlier(number, in_time=number < 7) for number in range(9)]
    lines = []
    for name, said in (("A", "0.30 × 16.0 points        "), ("B", "0.40 × 20.0 points × 0.25 ")):
        one = change[name]
        assert one is not None
        lines.append(f"{name}          {said}= {-40 * one.value:.1f} points: {one.value:.1%}")
    assert whole is not None
    lines.append(f"expected   {whole.value:.1%} of 40.0%, if both come")
    lines.append(f"in time    (7 + 1) / (9 + 1) = {on_time([*past, *both], LOOK):.0%}")
    assert "\n".join(lines) in part
