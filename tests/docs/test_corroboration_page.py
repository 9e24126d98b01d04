"""docs/corroboration.md: the program computes every number of it, and the sample's chains."""

from math import atanh, sqrt

import numpy as np
import pytest

from debtplan.bootstrap.adapters import sample_folder
from debtplan.bootstrap.answers import SAMPLE_DAY, moment
from debtplan.bootstrap.evidence import refresh_evidence
from debtplan.bootstrap.feeds import feeds
from debtplan.config.load import load_settings
from debtplan.core.chains import LEAST_DAYS, MOST_Q, Pair, say_chain
from debtplan.stats import comove, series, shifts
from debtplan.stats.comove import FITTED, LAG_WEIGHTS, MOST_LAG, adjust, chance, level_by_level
from debtplan.stats.shifts import Change
from debtplan.store import open_store
from debtplan.workflows.corroborate import Corroboration
from debtplan.workflows.sync import sync_sources
from tests.docs.page import DOCS, read_blocks, section
from tests.stats.noise import daily, ux

PAGE = (DOCS / "corroboration.md").read_text(encoding="utf-8")


def lines(heading: str) -> list[str]:
    """Return the lines of the first text block under a heading."""
    blocks = read_blocks(section(PAGE, heading))
    return next(list(block.lines) for block in blocks if block.language == "text")


@pytest.fixture(scope="module")
def sample() -> Corroboration:
    """The evidence of OmniRetail, as of its own day."""
    loaded = load_settings(sample_folder() / "debtplan.toml")
    when = moment(SAMPLE_DAY)
    with open_store("sqlite://", loaded.folder) as store:
        sync_sources(feeds(loaded), store, lambda: when)
        return refresh_evidence(loaded, store, when)


def test_the_sample_s_two_stories_come_out_as_the_page_says(sample: Corroboration) -> None:
    settings = load_settings(sample_folder() / "debtplan.toml").settings
    titles = {one.id: one.title for one in settings.metric}
    assert lines("## The sample") == [say_chain(one, titles) for one in sample.chains]


def test_login_failures_lead_to_sessions_and_tickets_from_the_release_on(
    sample: Corroboration,
) -> None:
    login, session, tickets = "login-errors", "session-cut-short", "auth-tickets"
    assert (login, session, tickets) in {one.metrics for one in sample.chains}
    began = {one.metric: one for one in sample.moves.shifts if one.on.month == 10}
    assert [str(began[name].on) for name in (login, session)] == ["2026-10-14"] * 2
    for name in (login, session, tickets):
        named = {release.name for release in sample.releases_of(began[name])}
        assert any("Authentication 5.2" in one for one in named), name


def test_nothing_that_was_not_planted_moves_together(sample: Corroboration) -> None:
    planted = [
        {"login-errors", "session-cut-short", "auth-tickets", "csat-login"},
        {
            "address-latency",
            "shipping-loss-international",
            "address-tickets",
            "csat-shipping",
        },
    ]
    for one in sample.moves.movements:
        assert any({one.leader, one.follower} <= group for group in planted), one
    assert sample.moves.tried > 100


def test_the_example_of_moving_day_by_day() -> None:
    left = 119 - FITTED - 1
    z = atanh(0.45) * sqrt(left - 3)
    of_lag = chance(0.45, left)
    weights = LAG_WEIGHTS[True]
    weight = weights[MOST_LAG + 1]
    of_pair = 1 - float(np.prod(1 - np.minimum(1, of_lag / weight * weights)))
    assert lines("## Day by day") == [
        f"left over   = 119 - {FITTED} - 1 = {left} days",
        f"z           = atanh(0.45) × sqrt({left} - 3) = {z:.2f}",
        f"p of a lag  = {of_lag:.1e}",
        f"its weight  = 0.95 × 0.80 / 4 = {weight:.2f}",
        f"p of a pair = {of_pair:.1e}",
    ]


def test_the_example_of_moving_level_by_level() -> None:
    def p(lag: int) -> float:
        pair = Pair(ux("a"), ux("b", "drop_off"), is_one_way=True, is_one_flow=True)
        found = [
            comove.Noise(
                daily("x", np.arange(180.0)),
                np.arange(180.0),
                (Change(at, 1, 0.002, 9.0, 1.0),),
                np.zeros(180),
                np.zeros(0),
            )
            for at in (60, 60 + lag)
        ]
        fit = level_by_level(found[0], found[1], pair)
        assert fit is not None
        return fit.p

    days = 180 - 2 * shifts.LEAST_DAYS
    assert lines("## Level by level") == [
        f"180 days, {shifts.LEAST_DAYS} at each end cannot be told     {days} days",
        f"three days later                            4 / {days} = {p(3):.3f}",
        f"the same day                                1 / {days} = {p(0):.4f}",
    ]


def test_the_example_of_false_discoveries() -> None:
    rows = [
        [float(cell) for cell in line.split()[-4:]]
        for line in lines("## How many findings are chance")
    ]
    ps, weights, scaled, qs = rows
    given = [comove.FLOW_WEIGHT, comove.FLOW_WEIGHT, 1.0, 1.0]
    mean = sum(given) / 4
    assert weights == pytest.approx([one / mean for one in given], abs=0.005)
    assert scaled == pytest.approx([p * mean / one for p, one in zip(ps, given, strict=True)])
    assert qs == pytest.approx(adjust(ps, given), abs=5e-5)


def test_the_limits_on_the_page_are_those_of_the_program() -> None:
    told = " ".join(PAGE.split())
    for said in (
        f"need {LEAST_DAYS} days in common",
        f"q of at most {MOST_Q:g}",
        f"for {shifts.LEAST_DAYS} days at least",
        f"Then {shifts.SIMULATED} series",
        f"where p is at most {shifts.LEVEL:g}",
        f"up to {MOST_LAG} days, in both directions",
        f"up to three days get {comove.SOON_PART:.0%}",
        "eight tenths of the allowance",
    ):
        assert said in told, said
    assert (comove.SOON, comove.DAY_PART, series.MOST_MEMORY) == (3, 0.8, 7)
