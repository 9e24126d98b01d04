"""How we know: marks, chains and changes of level are told as they were counted."""

from datetime import UTC, date, datetime

from debtplan.core.movement import Movement, Shift
from debtplan.core.plan import Plan
from debtplan.core.release import Release
from debtplan.core.tally import Stratum, Tally
from debtplan.render.causes import write_causes
from debtplan.render.facts import Facts
from debtplan.render.story import tell
from tests import plans

FIRST = "shipping-loss"


def tally(bad_with: float = 600, bad_without: float = 300) -> Tally:
    return Tally(
        metric=FIRST,
        dimension="error_code",
        value="ADDR_INVALID",
        start_at=datetime(2026, 10, 25, tzinfo=UTC),
        end_at=datetime(2026, 11, 22, tzinfo=UTC),
        strata=(
            Stratum(
                bad_with=bad_with, total_with=650, bad_without=bad_without, total_without=1_000
            ),
        ),
        source="events",
    )


def plan(**found: object) -> Plan:
    made = plans.omniretail()
    return made.model_copy(update={"inputs": made.inputs.model_copy(update=found)})


def metrics(made: Plan) -> list[str]:
    return sorted(one.id for one in made.inputs.metrics)


def test_a_plan_without_evidence_says_nothing() -> None:
    causes = write_causes(Facts(plans.omniretail()))
    assert not causes.is_told
    assert causes.lines == ()


def test_a_mark_is_told_with_its_part_and_interval() -> None:
    made = plan(tallies=(tally(),))
    assert FIRST in metrics(made)
    (group,) = write_causes(Facts(made)).groups
    (mark,) = group.marks
    low, part, high = mark.parts
    # 1 - (1,650 * 0.3) / 900 of the bad sessions would not be without the mark.
    assert abs(part - 0.45) < 0.001
    assert 0 < low < part < high < 1
    assert "67% of the bad sessions carry error_code = ADDR_INVALID" in group.claim


def test_a_mark_that_explains_nothing_is_not_told() -> None:
    assert write_causes(Facts(plan(tallies=(tally(195, 300),)))).groups == ()


def test_a_chain_is_told_in_its_order() -> None:
    names = metrics(plans.omniretail())[:2]
    move = Movement(
        leader=names[1], follower=names[0], lag_days=2, correlation=0.6, p=0.001, q=0.01, days=120
    )
    made = plan(movements=(move,))
    (chain,) = write_causes(Facts(made)).chains
    assert chain.metrics == (names[1], names[0])
    assert chain.words.endswith("2 days later.")
    assert chain.words in " ".join(tell(made).causes.lines)


def test_a_change_of_level_names_the_releases_of_the_week_before() -> None:
    shift = Shift(metric=FIRST, on=date(2026, 8, 18), before=0.47, after=0.54, p=0.001)
    releases = tuple(
        Release(id=name, name=name, released_at=datetime(2026, 8, day, tzinfo=UTC))
        for name, day in (("Address rules 3.1", 17), ("An older one", 2))
    )
    (said,) = write_causes(Facts(plan(shifts=(shift,), releases=releases))).shifts
    assert "rose from 47% to 54% on 18 Aug 2026" in said
    assert "Address rules 3.1" in said
    assert "older" not in said
