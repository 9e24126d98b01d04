"""A segment that moves against everyone: drawn with its sentence, and said nowhere else."""

from itertools import pairwise

import pytest

from debtplan.core.plan import Plan
from debtplan.render import RENDERERS
from debtplan.render.facts import Facts
from debtplan.render.parts import draw_slope
from debtplan.render.slope import read_slopes
from debtplan.render.story import tell
from tests.builders import inputs, item, plan_of
from tests.core.test_simpson import ABROAD, ALL, FLOWS, HOME, total, two
from tests.render.test_html import Page

Spell = tuple[float, float]
"""Share that fails, and attempts a day."""


def plan(abroad: tuple[Spell, Spell], home: tuple[Spell, Spell]) -> Plan:
    """Return a plan of the segments before the window and in it, and of everyone."""
    parts = (two("abroad", *abroad), two("home", *home))
    made_from = inputs(
        [item("A-1")],
        flows=tuple(FLOWS.values()),
        metrics=(ALL, ABROAD, HOME),
        readings=(*parts[0], *parts[1], *total(*parts)),
    )
    return plan_of(made_from)


def hidden() -> Plan:
    return plan(((0.40, 500), (0.48, 250)), ((0.20, 500), (0.20, 750)))


def test_without_a_disagreement_nothing_is_drawn() -> None:
    alike = plan(((0.4, 500), (0.4, 500)), ((0.2, 500), (0.2, 500)))
    assert read_slopes(Facts(alike)) == ()
    assert "slope-1" not in Page(RENDERERS["html"]().render(alike)).ids


def test_one_segment_alone_disagrees_with_nobody() -> None:
    abroad = two("abroad", (0.4, 500), (0.5, 500))
    made_from = inputs(
        [item("A-1")], flows=tuple(FLOWS.values()), metrics=(ABROAD,), readings=abroad
    )
    assert read_slopes(Facts(plan_of(made_from))) == ()


def test_a_hidden_rise_is_drawn_beside_everyone() -> None:
    (found,) = read_slopes(Facts(hidden()))
    lines = {one.name: (one.before, one.after) for one in found.lines}
    assert lines["abroad"] == pytest.approx((0.40, 0.48))
    assert lines["home"] == pytest.approx((0.20, 0.20))
    assert lines["everyone"] == pytest.approx((0.30, 0.27))
    assert [one.name for one in found.lines if one.is_told] == ["abroad"]
    assert found.lines[-1].is_whole
    assert found.title == "Abroad rose from 40% to 48%, unseen in all (30% to 27%)"
    assert found.split == (
        "Of the change of everyone (\N{MINUS SIGN}3.0 percentage points), +3.0 come from the "
        "segments themselves and \N{MINUS SIGN}6.0 from another mix of sessions."
    )


def test_the_table_holds_the_sessions_of_both_spans() -> None:
    (found,) = read_slopes(Facts(hidden()))
    assert found.rows[0] == ("abroad", "40%", "48%", "14,000", "7,000")
    assert found.rows[-1][3:] == ("28,000", "28,000")


def test_its_sentence_stands_with_the_chart_and_not_among_the_notes() -> None:
    made = hidden()
    assert any("unseen in" in one.claim for one in made.findings)
    assert not any("unseen in" in one for one in tell(made).notes)
    page = Page(RENDERERS["html"]().render(made))
    assert "slope-1" in page.ids
    assert page.open == []
    assert RENDERERS["markdown"]().render(made).count("unseen in") == 1


def test_the_names_of_lines_that_end_together_do_not_cover_each_other() -> None:
    (found,) = read_slopes(Facts(hidden()))
    same = [one._replace(after=0.3) for one in found.lines]
    drawn = Page(str(draw_slope(found._replace(lines=tuple(same)), "slope-1")))
    heights = [
        float(value.split(",")[1].rstrip(")"))
        for tag, name, value in drawn.attributes
        if (tag, name) == ("text", "transform") and value.startswith("translate(187,")
    ]
    assert len(heights) == len(found.lines)
    ordered = sorted(heights)
    assert all(high - low > 13 for low, high in pairwise(ordered))
