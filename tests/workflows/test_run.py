"""The unattended run: once per sprint and team, safe to repeat, at most one message a plan."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from debtplan.core.account import RunAccount, say_account
from debtplan.core.capacity import Sprint
from debtplan.core.notice import Delivery, Notice
from debtplan.core.source import SourceState, SourceStatus
from debtplan.errors import (
    AuthenticationError,
    InputError,
    LostAnswerError,
    NoPlanError,
    NotSentError,
    SourceError,
    StoreError,
    UsageError,
)
from debtplan.render.notice import LATE
from debtplan.store import open_store
from debtplan.workflows.run import TimeUpError
from debtplan.workflows.tell import Reader
from tests.builders import SPRINT, claim, item
from tests.workflows.desks import FakeNotifier, Office

NEXT = Sprint(
    id="50",
    name="Sprint 50",
    start_on=SPRINT.start_on + timedelta(days=14),
    end_on=SPRINT.end_on + timedelta(days=14),
)
DOWN = SourceError("jira.example.com cannot be reached.", "Check the network.")


@pytest.fixture
def office() -> Iterator[Office]:
    """A team whose first run is still to come."""
    with open_store("sqlite://") as store:
        yield Office(store)


def test_a_run_reads_plans_writes_and_tells(office: Office) -> None:
    done = office.run()
    (source,), (row,) = done.sources, done.teams
    assert (source.name, source.status, source.records, source.added) == ("jira", "ok", 2, 2)
    assert (row.team, row.is_new, row.is_late) == ("web", True, False)
    assert row.sprint is not None
    assert row.sprint.name == "Sprint 49"
    assert row.files == ("web/49/plan.json",)
    assert row.notified == {"slack": Delivery.SENT}
    assert (done.exit_code, done.errors) == (0, ())
    (notice,) = office.slack.taken
    assert notice.id == row.digest
    assert [line.text.split()[0] for line in notice.sections[0].lines] == ["W-1", "W-2"]
    plan = office.store.last_plan("web", "49")
    assert plan is not None
    assert plan.plan_id == row.plan_id


def test_a_second_run_changes_nothing_and_tells_nobody(office: Office) -> None:
    first = office.run()
    plan = office.store.last_plan("web")
    office.clock = lambda: first.started_at + timedelta(hours=3)
    second = office.run()
    assert second.teams[0].digest == first.teams[0].digest
    assert second.teams[0].is_new is False
    assert second.teams[0].notified == {"slack": Delivery.SKIPPED}
    assert len(office.slack.tried) == 1
    assert office.store.last_plan("web") == plan
    assert office.written == [plan, plan]
    assert second.exit_code == 0


@pytest.mark.slow
def test_changed_data_replaces_the_plan_and_tells_only_what_changed(office: Office) -> None:
    office.run()
    office.items.append(item("W-3", 1))
    office.claims.append(claim("W-3", "m", 0.4))
    done = office.run()
    assert done.teams[0].is_new
    notice = office.slack.taken[-1]
    assert notice.subject.startswith("Changed plan: ")
    assert notice.change is not None
    assert [one.key for one in notice.change.entered] == ["jira:W-3"]
    assert [section.title for section in notice.sections] == ["Comes in", "Before"]
    said = "\n".join(line.text for section in notice.sections for line in section.lines)
    assert "W-3 Mend jira:W-3 (1 point)" in said
    assert "5 points went to debt" in said
    assert "W-1" not in said
    office.run()
    assert len(office.slack.taken) == 2


def test_a_change_that_nobody_would_see_is_not_told(office: Office) -> None:
    office.run()
    office.items[0] = item("W-1", 3, title="Mend it well")
    done = office.run()
    assert done.teams[0].is_new
    assert done.teams[0].notified == {"slack": Delivery.SKIPPED}
    assert len(office.slack.tried) == 1


def test_who_missed_the_last_plan_hears_all_of_the_next(office: Office) -> None:
    office.slack.error = NotSentError("Slack refused.", "Look.")
    office.run()
    office.slack.error = None
    office.items.append(item("W-3", 1))
    office.claims.append(claim("W-3", "m", 0.4))
    office.run()
    (notice,) = office.slack.plans
    assert notice.subject.startswith("Plan: ")
    assert len(notice.sections[0].lines) == 3


def test_a_refused_notice_is_sent_by_the_next_run(office: Office) -> None:
    office.slack.error = NotSentError("Slack refused.", "Make a new webhook.")
    done = office.run()
    assert done.teams[0].notified == {"slack": Delivery.FAILED}
    assert done.exit_code == 5
    assert done.errors == ("notifier slack: Slack refused. Make a new webhook.",)
    assert office.written, "the plan stands all the same"
    office.slack.error = None
    again = office.run()
    assert again.teams[0].notified == {"slack": Delivery.SENT}
    assert again.exit_code == 0
    assert len(office.slack.plans) == 1


def test_settings_of_a_notifier_that_do_not_hold_fail_only_the_notice(office: Office) -> None:
    office.slack.error = UsageError("There is no address.", "Set DEBTPLAN_SLACK_URL.")
    done = office.run()
    assert done.exit_code == 5
    assert done.teams[0].notified == {"slack": Delivery.FAILED}


def test_a_notice_whose_answer_was_lost_is_never_sent_again(office: Office) -> None:
    office.slack.error = LostAnswerError("Slack did not answer.", "Look.")
    done = office.run()
    assert done.teams[0].notified == {"slack": Delivery.UNKNOWN}
    assert done.exit_code == 5
    office.slack.error = None
    again = office.run()
    assert again.teams[0].notified == {"slack": Delivery.UNKNOWN}
    assert again.exit_code == 0
    assert len(office.slack.tried) == 1


def test_one_notifier_fails_and_the_other_is_told_of_both(office: Office) -> None:
    mail = FakeNotifier()
    office.readers = {"mail": Reader(mail), "slack": Reader(office.slack)}
    office.slack.error = NotSentError("Slack refused.", "Look.")
    done = office.run()
    assert done.teams[0].notified == {"mail": Delivery.SENT, "slack": Delivery.FAILED}
    assert len(mail.plans) == 1
    (failure,) = mail.failures
    assert failure.failures[0].scope == "notifier slack"
    assert len(office.slack.tried) == 1, "Slack is not told of itself"


def test_a_reader_of_one_team_hears_of_no_other(office: Office) -> None:
    other = FakeNotifier()
    office.teams = ("api", "web")
    office.readers = {"all": Reader(office.slack), "api": Reader(other, ("api",))}
    office.broken = {"web": NoPlanError("No plan for web.", "Unpin one.")}
    done = office.run()
    assert [one.team for one in other.taken] == ["api"]
    assert done.told == {"all": Delivery.SENT}
    assert office.slack.failures[0].failures[0].team == "web"


def test_a_source_that_fails_leaves_a_plan_of_the_rest_that_says_so(office: Office) -> None:
    office.run()
    office.error = DOWN
    done = office.run()
    assert done.exit_code == 5
    assert done.sources[0].status == "failed"
    assert done.teams[0].plan_id
    assert done.told == {"slack": Delivery.SENT}
    (notice,) = office.slack.failures
    assert notice.failures[0].what == DOWN.what
    assert done.errors == (f"source jira: {DOWN.what} {DOWN.fix}",)
    assert "jira failed" in say_account(done)


def test_a_failure_is_told_once_until_it_ends(office: Office) -> None:
    office.error = DOWN
    office.run()
    office.run()
    assert len(office.slack.failures) == 1
    office.error = SourceError("jira.example.com sent a web page.", "Look.")
    office.run()
    assert len(office.slack.failures) == 2, "another failure is news"
    office.error = None
    office.run()
    office.error = DOWN
    office.run()
    assert len(office.slack.failures) == 3, "it had ended in between"


def test_a_failure_whose_notice_was_refused_is_told_by_the_next_run(office: Office) -> None:
    office.error, office.slack.error = DOWN, NotSentError("Slack refused.", "Look.")
    assert office.run().told == {"slack": Delivery.FAILED}
    office.slack.error = None
    assert office.run().told == {"slack": Delivery.SENT}
    assert office.run().told == {"slack": Delivery.SKIPPED}


def test_a_refused_token_ends_the_run_with_4(office: Office) -> None:
    office.run()
    office.error = AuthenticationError("jira refused the token.", "Make a new one.")
    done = office.run()
    assert done.exit_code == 4
    assert done.teams[0].plan_id


def test_a_source_that_has_shrunk_stops_planning_and_somebody_hears_of_it(office: Office) -> None:
    office.run()
    shrunk = SourceState(name="jira", status=SourceStatus.SHRUNK, detail="8 of 9 are gone.")
    office.more = {"sources": (shrunk,)}
    done = office.run()
    assert done.exit_code == 5
    assert done.teams[0].plan_id == ""
    assert "shrunk" in done.teams[0].errors[0]
    assert "8 of 9" in office.slack.failures[0].failures[0].what


def test_one_team_without_a_plan_leaves_the_others(office: Office) -> None:
    office.teams = ("api", "web")
    office.broken = {"api": NoPlanError("X and Y cannot both be.", "Unpin one.")}
    done = office.run()
    assert [bool(row.plan_id) for row in done.teams] == [False, True]
    assert done.teams[0].errors == ("X and Y cannot both be. Unpin one.",)
    assert done.exit_code == 6


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([NoPlanError("a", "b"), UsageError("a", "b")], 2),
        ([NoPlanError("a", "b"), SourceError("a", "b")], 6),
        ([StoreError("a", "b"), InputError("a", "b")], 1),
    ],
)
def test_the_worst_failure_gives_the_exit_code(
    office: Office, errors: list[Exception], code: int
) -> None:
    office.teams = ("api", "web")
    office.broken = dict(zip(office.teams, errors, strict=True))
    assert office.run().exit_code == code


def test_a_missed_sprint_is_planned_first_and_marked_late(office: Office) -> None:
    office.sprints = (SPRINT, NEXT)
    office.today = SPRINT.start_on + timedelta(days=2)
    done = office.run()
    assert [(r.sprint.id, r.is_late) for r in done.teams if r.sprint] == [
        ("49", True),
        ("50", False),
    ]
    late, following = office.slack.plans
    assert late.is_late
    assert LATE in late.sentences
    assert not following.is_late
    assert "late" in say_account(done)
    again = office.run()
    assert [row.is_new for row in again.teams] == [False]
    assert len(office.slack.plans) == 2


def test_a_late_plan_that_could_not_be_told_is_told_by_the_next_run(office: Office) -> None:
    office.today = SPRINT.start_on + timedelta(days=1)
    office.clock = lambda: datetime(2026, 12, 1, 6, tzinfo=UTC)
    office.slack.error = NotSentError("Slack refused.", "Look.")
    first = office.run()
    office.slack.error = None
    office.items[0] = item("W-1", 4)
    (row,) = office.run().teams
    assert row.notified == {"slack": Delivery.SENT}
    assert (row.is_new, row.digest) == (False, first.teams[0].digest)
    assert office.slack.plans[0].is_late


def test_a_sprint_that_was_planned_in_time_is_not_planned_again_while_it_runs(
    office: Office,
) -> None:
    office.sprints = (SPRINT, NEXT)
    office.run()
    office.today = SPRINT.start_on + timedelta(days=1)
    office.items[0] = item("W-1", 4)
    done = office.run()
    assert [row.sprint.id for row in done.teams if row.sprint] == ["50"]
    kept = office.store.last_plan("web", "49")
    assert kept is not None
    assert kept.chosen[0].points == 3


def test_an_approved_plan_is_not_replaced(office: Office) -> None:
    first = office.run()
    office.is_approved = lambda plan: plan.digest == first.teams[0].digest
    office.items[0] = item("W-1", 5)
    done = office.run()
    (row,) = done.teams
    assert row.is_approved
    assert not row.is_new
    assert row.digest == first.teams[0].digest
    assert len(office.slack.taken) == 1
    assert "approved" in say_account(done)


@contextmanager
def ending() -> Iterator[None]:
    """A limit that is over when the work is."""
    yield
    raise TimeUpError(3540, lambda: None)


def test_when_the_time_is_up_what_was_done_stays_and_somebody_hears_of_it(office: Office) -> None:
    office.limit = ending
    done = office.run()
    assert done.exit_code == 1
    assert done.teams[0].notified == {"slack": Delivery.SENT}
    assert "total_s" in done.errors[0]
    assert done.ended_at is not None
    assert office.slack.failures[0].failures[0].scope == "run"


def test_time_that_is_up_inside_a_source_ends_the_run_not_the_source(office: Office) -> None:
    stopped: list[bool] = []
    over = TimeUpError(10, lambda: stopped.append(True))

    office.error = over
    done = office.run()
    assert done.exit_code == 1
    assert stopped == [True]
    assert done.teams == ()
    assert done.sources == ()


def test_a_deadline_while_a_notice_is_sent_leaves_it_unknown(office: Office) -> None:
    office.slack.error, office.slack.is_fleeting = TimeUpError(10, lambda: None), True
    assert office.run().exit_code == 1
    assert office.run().teams[0].notified == {"slack": Delivery.UNKNOWN}
    assert office.slack.plans == []
    assert len(office.slack.failures) == 1


def test_a_bug_is_taken_down_before_it_goes_on(office: Office) -> None:
    office.broken = {"web": ZeroDivisionError("x")}
    with pytest.raises(ZeroDivisionError):
        office.run()
    assert office.kept[-1].exit_code == 70
    assert "ZeroDivisionError" in office.kept[-1].errors[0]


@pytest.mark.slow
def test_an_interruption_is_taken_down_before_it_goes_on(office: Office) -> None:
    office.slack.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        office.run()
    assert office.kept[-1].exit_code == 130


def test_the_account_grows_as_the_run_does(office: Office) -> None:
    office.run()
    assert [one.exit_code for one in office.kept[:-1]] == [None] * (len(office.kept) - 1)
    assert len(office.kept) > 4
    assert office.kept[0].teams == ()
    parsed = RunAccount.model_validate_json(office.kept[-1].model_dump_json())
    assert parsed == office.kept[-1]


@pytest.mark.slow
def test_a_run_that_is_killed_before_it_sends_is_unknown_to_the_next(tmp_path: Path) -> None:
    def die(_notice: Notice) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    url = "sqlite:///runs.db"
    child = os.fork()
    if child == 0:  # pragma: no cover - the child is killed
        with open_store(url, tmp_path) as store:
            Office(store, readers={"slack": Reader(die)}).run()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    with open_store(url, tmp_path) as store:
        office = Office(store)
        done = office.run()
        assert done.teams[0].notified == {"slack": Delivery.UNKNOWN}
        assert not done.teams[0].is_new
        assert office.slack.tried == []
        office.items[0] = item("W-1", 4)
        office.run()
        (notice,) = office.slack.taken
        assert notice.subject.startswith("Plan: "), "it may have missed the last one: it hears all"
