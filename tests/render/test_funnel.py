"""Where a flow loses its users: what is counted is drawn, the worst named, the rest left alone."""

from collections.abc import Sequence

import pytest

from debtplan.core.flow import Flow, MetricKind, Segment, UxMetric
from debtplan.core.plan import Plan
from debtplan.core.reading import Counts, Rate, Reading
from debtplan.render import RENDERERS
from debtplan.render.facts import Facts
from debtplan.render.funnel import BARS, Funnel, read_funnels
from debtplan.render.parts import draw_funnel
from tests import plans
from tests.render.payloads import PAYLOADS
from tests.render.test_html import Page

Place = tuple[str, str, float, float]
"""Step, segment, sessions that came to it in the window, those of them that were lost."""

STEPS = ("cart", "shipping", "payment")


def plan(*places: Place, reference: float = 0.1, steps: Sequence[str] = STEPS) -> Plan:
    """Return the plan of the tests with a flow that is counted like that, and no other loss."""
    made = plans.omniretail()
    names = sorted({segment for _, segment, *_ in places} - {"all"})
    flow = Flow(
        id="shop", name="Shop", steps=tuple(steps), segments=tuple(Segment(id=n) for n in names)
    )
    metrics = tuple(
        UxMetric(
            id=f"{step}-{segment}",
            flow="shop",
            step=step,
            segment=segment,
            kind=MetricKind.DROP_OFF,
            reference=reference,
            source="events",
            sessions_per_sprint=came,
        )
        for step, segment, came, _ in places
    )
    readings = [
        one.model_copy(
            update={
                "metric": f"{step}-{segment}",
                "measure": Counts(bad=lost / 28, total=came / 28),
                "source": "events",
            }
        )
        for step, segment, came, lost in places
        for one in made.inputs.readings
        if one.metric == "shipping-loss"
    ]
    others = tuple(one for one in made.inputs.metrics if one.kind is not MetricKind.DROP_OFF)
    update = {
        "flows": (*made.inputs.flows, flow),
        "metrics": (*others, *metrics),
        "readings": (*(o for o in made.inputs.readings if o.metric != "shipping-loss"), *readings),
    }
    return made.model_copy(update={"inputs": made.inputs.model_copy(update=update)})


def funnels(made: Plan) -> tuple[Funnel, ...]:
    return read_funnels(Facts(made))


WHOLE: tuple[Place, ...] = (
    ("cart", "abroad", 1_000, 200),
    ("cart", "home", 4_000, 800),
    ("shipping", "abroad", 800, 400),
    ("shipping", "home", 3_200, 640),
    ("payment", "abroad", 400, 40),
    ("payment", "home", 2_560, 256),
)


def test_without_step_counts_there_is_no_funnel() -> None:
    assert funnels(plan()) == ()


def test_one_segment_at_one_step_is_no_funnel() -> None:
    assert funnels(plan(("cart", "all", 1_000, 300))) == ()


def test_shares_without_counts_are_no_funnel() -> None:
    made = plan(*WHOLE)
    rates: list[Reading] = [
        one.model_copy(update={"measure": Rate(bad_share=0.3)})
        if one.metric == "cart-abroad"
        else one
        for one in made.inputs.readings
    ]
    inputs = made.inputs.model_copy(update={"readings": tuple(rates)})
    (found,) = funnels(made.model_copy(update={"inputs": inputs}))
    assert "cart-abroad" not in {one.metric for one in found.bars}


def test_a_metric_that_calls_any_loss_normal_is_only_tracked() -> None:
    assert funnels(plan(*WHOLE, reference=1.0)) == ()


def test_steps_that_the_flow_does_not_name_have_no_place_in_it() -> None:
    assert funnels(plan(*WHOLE, steps=("search",))) == ()


def test_bars_stand_in_the_order_of_steps_and_shrink_with_who_is_left() -> None:
    (found,) = funnels(plan(*WHOLE))
    assert [one.step for one in found.bars] == ["cart", "cart", *["shipping"] * 2, *["payment"] * 2]
    abroad = [one for one in found.bars if one.users == "abroad"]
    assert [one.reach for one in abroad] == pytest.approx([1.0, 0.8, 0.4])
    assert [one.share for one in abroad] == pytest.approx([0.2, 0.5, 0.1])


def test_counts_that_grow_along_the_way_are_not_of_one_funnel() -> None:
    (found,) = funnels(plan(("cart", "all", 500, 100), ("shipping", "all", 900, 100)))
    assert [one.reach for one in found.bars] == [1.0, 1.0]


def test_the_step_with_most_harm_is_named_and_there_the_segment_that_loses_the_largest_share() -> (
    None
):
    (found,) = funnels(plan(*WHOLE))
    worst = found.bars[found.worst]
    # Beyond the tenth that is normal: 500 at cart, 640 at shipping, nothing at payment.
    assert (worst.step, worst.users) == ("shipping", "abroad")
    assert found.title == "Abroad users are lost at shipping: 50% of them, 20% of home users"


def test_a_handful_of_sessions_is_not_the_finding() -> None:
    places = (("cart", "isles", 3, 3), ("cart", "abroad", 1_000, 500), ("cart", "home", 900, 100))
    (found,) = funnels(plan(*places))
    assert found.bars[found.worst].users == "abroad"
    assert found.title == "Abroad users are lost at cart: 50% of them, 11% of others"


def test_segments_that_lose_alike_are_told_of_together() -> None:
    (found,) = funnels(plan(*WHOLE[:2], ("payment", "home", 900, 90)))
    assert found.title == "Users are lost at cart: 20% of them; 10% at payment"


def test_the_worst_step_of_one_group_of_users_is_held_against_the_other_steps() -> None:
    (found,) = funnels(plan(("cart", "all", 1_000, 300), ("payment", "all", 700, 70)))
    assert found.title == "Users are lost at cart: 30% of them; 10% at payment"


def test_everyone_is_not_held_against_their_own_segments() -> None:
    places = (("cart", "all", 5_000, 2_500), *WHOLE[:2])
    (found,) = funnels(plan(*places))
    assert found.title == "Users are lost at cart: 50% of them"


def test_a_funnel_of_many_segments_is_cut_and_its_table_is_not() -> None:
    many = [("cart", f"s{n:02}", 1_000.0 + n, 200.0) for n in range(BARS + 5)]
    (found,) = funnels(plan(*many))
    assert len(found.bars) == BARS
    assert len(found.rows) == BARS + 5
    assert "5 more in the table" in found.axis


@pytest.mark.slow
def test_the_chart_stands_once_a_flow_with_its_table() -> None:
    page = Page(RENDERERS["html"]().render(plan(*WHOLE)))
    assert page.ids.count("funnel-1") == 1
    assert "funnel-2" not in page.ids
    assert "Came to it" in page.text
    for said in ("abroad", "cart", "pale goes on"):
        assert said in page.text
    assert page.open == []


@pytest.mark.parametrize("payload", PAYLOADS[::40])
def test_names_in_the_drawing_stay_text(payload: str) -> None:
    made = plan(("cart", f"a{payload}", 1_000, 400), ("cart", "home", 1_000, 100))
    for found in funnels(made):
        drawn = Page(str(draw_funnel(found, "funnel-1")))
        assert drawn.open == []
        assert set(drawn.tags) <= {"svg", "title", "g", "path", "line", "text"}


def test_a_name_with_a_version_in_it_is_drawn_as_it_is() -> None:
    (found,) = funnels(
        plan(("cart", "v1.25", 1_000, 400), ("cart", "\N{SECTION SIGN}0\N{SECTION SIGN}", 9, 1))
    )
    drawn = draw_funnel(found, "funnel-1")
    assert ">v1.25<" in drawn
    assert ">\N{SECTION SIGN}0\N{SECTION SIGN}<" in drawn


def test_markdown_says_the_finding() -> None:
    assert "* Abroad users are lost at shipping: 50%" in RENDERERS["markdown"]().render(
        plan(*WHOLE)
    )


def test_a_step_that_is_called_like_a_place_for_a_name_stays_as_it_is_called() -> None:
    named = "pay 1.25 \N{SECTION SIGN}9\N{SECTION SIGN}"
    places = (("cart", "all", 1_000.0, 100.0), (named, "all", 900.0, 800.0))
    (found,) = funnels(plan(*places, steps=("cart", named)))
    assert named in found.title
    assert f"{found.title}</title>" in draw_funnel(found, "f")
