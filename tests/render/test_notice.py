"""The message about a plan: the report's own sentences, and what changed."""

import pytest

from debtplan.core.notice import Failure, Notice, NoticeKind
from debtplan.core.plan import Plan
from debtplan.core.source import SourceState, SourceStatus
from debtplan.render.notice import LATE, write_failure_notice, write_plan_notice
from debtplan.render.story import tell
from tests.builders import claim, inputs, item, plan_of
from tests.render.hostile import hostile
from tests.render.payloads import PAYLOADS
from tests.thinned import thinned


def plan(*sizes: float, **more: object) -> Plan:
    """A plan of items 1, 2, ... with these points."""
    items = [item(f"W-{number}", size) for number, size in enumerate(sizes, 1)]
    claims = [claim(f"W-{n}", "m", 0.5 / n) for n in range(1, len(sizes) + 1)]
    return plan_of(inputs(items, claims, **more), draws=20, worlds=3)  # type: ignore[arg-type]


def lines(notice: Notice) -> dict[str, list[str]]:
    return {section.title: [one.text for one in section.lines] for section in notice.sections}


def test_the_first_message_says_what_the_report_says() -> None:
    made = plan(3, 2)
    notice, story = write_plan_notice(made, None), tell(made)
    assert notice.subject == f"Plan: {story.heading}"
    assert notice.sentences == (story.answer, story.people.claim, story.sure.claim)
    assert [one.split()[0] for one in lines(notice)["Chosen, in the order of work"]] == [
        card.name for card in story.cards
    ]
    assert (notice.id, notice.plan_id, notice.sprint) == (made.digest, made.plan_id, made.sprint)


def test_a_change_names_what_moved_and_what_was_before() -> None:
    notice = write_plan_notice(plan(7, 2, 3), plan(4, 2))
    assert notice.subject.startswith("Changed plan: Web team")
    said = lines(notice)
    assert said["Comes in"] == ["W-3 Mend jira:W-3 (3 points)"]
    (left,) = said["Goes out"]
    assert left.startswith("W-1 Mend jira:W-1 (4 points): ")
    assert said["Before"][0] == "6 points went to debt"
    assert said["Before"][1].endswith("sessions a sprint were to be spared")


def test_another_size_is_told_with_the_one_before() -> None:
    said = lines(write_plan_notice(plan(4, 2), plan(3, 2)))
    assert said["Has another size"] == ["W-1 Mend jira:W-1 (4 points, before 3 points)"]


def test_a_late_plan_says_so_first() -> None:
    notice = write_plan_notice(plan(3), None, is_late=True)
    assert notice.is_late
    assert notice.sentences[0] == LATE


def test_a_source_that_failed_is_named_with_its_age() -> None:
    down = SourceState(name="jira", status=SourceStatus.FAILED, detail="It cannot be reached.")
    notice = write_plan_notice(plan(3, sources=(down,)), None)
    assert notice.sentences[-1] == "Partial data: jira failed (never read). It cannot be reached."


def test_a_plan_without_items_says_why() -> None:
    notice = write_plan_notice(plan(99), None)
    assert notice.sections == ()
    assert "No debt work is chosen" in notice.sentences[0]


def test_failures_are_told_with_what_to_do() -> None:
    failure = Failure(
        scope="source jira", kind="SourceError", what="It is down.", fix="Wait.", exit_code=5
    )
    notice = write_failure_notice([failure])
    assert notice.kind is NoticeKind.FAILURE
    assert notice.subject == "debtplan run: one thing could not be done"
    assert lines(notice) == {"source jira": ["It is down.", "Wait."]}
    assert notice.failures == (failure,)


@pytest.mark.parametrize("payload", thinned(PAYLOADS, 8))
def test_every_line_of_a_hostile_plan_is_one_visible_line(payload: str) -> None:
    notice = write_plan_notice(hostile(plan(3, 2), payload), None)
    texts = [notice.subject, *notice.sentences]
    texts += [text for rows in lines(notice).values() for text in rows]
    for text in texts:
        assert text.isprintable() or not any(ord(one) < 32 for one in text)
        assert "\n" not in text
        assert "\u202e" not in text
