"""The benchmarks of verdicts and calibration: what is planted is there, and is judged as such."""

from benchmarks import calibration, verdicts
from benchmarks.verdicts import Kind, judge_one, judge_some
from debtplan.core.verdict import Outcome


def test_a_seed_gives_one_verdict_and_seeds_differ() -> None:
    assert judge_one(Kind(), 3) == judge_one(Kind(), 3)
    assert judge_one(Kind(), 3).effect != judge_one(Kind(), 4).effect


def test_a_large_planted_change_is_seen_and_nothing_mostly_is_not() -> None:
    seen = judge_some(Kind(effect=-0.3), range(6))
    assert sum(one.outcome is Outcome.MOVED for one in seen) >= 5
    assert all(one.truth < 0 for one in seen)
    still = judge_some(Kind(), range(6))
    assert sum(one.outcome is Outcome.MOVED for one in still) <= 1
    assert {one.truth for one in still} == {0.0}


def test_a_spoilt_control_is_refused() -> None:
    rows = judge_some(Kind(effect=-0.15, controls=1, spoilt=-0.3), range(4))
    assert all("spoilt" in one.refused for one in rows)


def test_figures_have_the_limits_of_the_issue() -> None:
    def run(kind: Kind, count: int) -> list[verdicts.Judged]:
        return judge_some(kind, range(count))

    limits = {one.figure: one.limit for one in verdicts.figures(run, 2)}
    assert limits["moved: bad fortnight before the approval"] == 0.05
    assert limits["15% less is seen"] == 0.8


def test_a_team_has_promises_before_and_after_its_verdicts() -> None:
    team = calibration.run_team(1)
    assert len([one for one in team.promises if one.is_last]) == 10
    assert len([one for one in team.promises if not one.is_last]) == 5
    assert calibration.run_team(1) == team
