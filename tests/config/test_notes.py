"""Notes in a plan's inputs: they open links at grade E, corroborate and contradict others."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from debtplan.config.assemble import Held, assemble_inputs
from debtplan.core.appraisal import appraise
from debtplan.core.inputs import Inputs
from debtplan.core.link import EvidenceKind, Grade, Link, LinkBasis
from debtplan.core.note import Note
from tests.builders import NOW, item
from tests.config.settings_file import load

DAY = NOW.date() - timedelta(days=10)


def note(number: int = 1, **more: Any) -> Note:
    values = {
        "id": f"lab:{number}",
        "method": "interview",
        "noted_on": DAY,
        "text": "They give up.",
    }
    return Note.model_validate({**values, **more})


def made(folder: Path, *notes: Note, labels: tuple[str, ...] = ()) -> Inputs:
    held = Held(items=(item("a", labels=labels), item("b")), notes=notes)
    return assemble_inputs(load(folder), "web", held, NOW)


def links(found: Inputs) -> list[Link]:
    return list(appraise(found).links)


def only(found: Inputs) -> Link:
    (one,) = links(found)
    return one


def said(found: Inputs) -> dict[str, str]:
    return {one.ref: one.reason for one in found.skipped}


METRIC, FLOW, STEP = "pay-errors", "shop", "pay"


def test_a_note_with_item_and_metric_opens_a_link_at_grade_e(tmp_path: Path) -> None:
    found = only(made(tmp_path, note(item="a", metric=METRIC, seen=5, of=8)))
    assert (found.item, found.metric, found.grade) == ("jira:a", METRIC, Grade.E)
    assert (found.basis, found.origin, found.is_assumed) == (LinkBasis.NOTE, "note lab:1", True)
    (piece,) = found.evidence
    assert (piece.kind, piece.noted_on) == (EvidenceKind.INTERVIEW, DAY)
    assert piece.note == "5 of 8: They give up."


@pytest.mark.parametrize(
    "more",
    [
        {"metric": METRIC},
        {"metric": METRIC.upper()},
        {"flow": FLOW},
        {"flow": FLOW, "step": STEP},
        {"flow": FLOW, "item": "a"},
        {"flow": FLOW, "segment": "all"},
    ],
)
def test_a_note_on_a_metric_or_place_opens_nothing_and_corroborates(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    assert links(made(tmp_path, note(**more))) == []
    found = only(made(tmp_path, note(**more), labels=(f"ux:{METRIC}=0.4",)))
    assert [piece.kind for piece in found.evidence] == [EvidenceKind.INTERVIEW]
    assert found.basis is LinkBasis.LABEL


@pytest.mark.parametrize(
    "more",
    [
        {"flow": FLOW, "step": "find"},
        {"flow": FLOW, "segment": "international"},
        {"flow": FLOW, "item": "b"},
        {"step": STEP},
        {"metric": "another"},
        {},
    ],
)
def test_a_note_on_something_else_changes_nothing(tmp_path: Path, more: dict[str, Any]) -> None:
    found = only(made(tmp_path, note(**more), labels=(f"ux:{METRIC}=0.4",)))
    assert found.evidence == ()


def test_two_kinds_of_notes_lift_a_link_one_grade(tmp_path: Path) -> None:
    both = (note(1, metric=METRIC), note(2, metric=METRIC, method="survey"))
    found = only(made(tmp_path, *both, labels=(f"ux:{METRIC}=0.4",)))
    assert found.grade is Grade.D
    assert "agree" in found.reasons[0]


def test_a_note_against_a_link_drops_it_and_opens_none(tmp_path: Path) -> None:
    against = note(item="a", metric=METRIC, contradicts=True)
    assert links(made(tmp_path, against)) == []
    found = only(made(tmp_path, against, labels=(f"ux:{METRIC}=0.4",)))
    assert found.reasons == ("dropped: evidence contradicts it",)


def test_a_note_of_the_future_is_not_used_and_said_so(tmp_path: Path) -> None:
    later = note(item="a", metric=METRIC, noted_on=NOW.date() + timedelta(days=1))
    found = made(tmp_path, later)
    assert links(found) == []
    assert "which is after" in said(found)["note lab:1"]


def test_an_old_note_opens_a_link_and_corroborates_none(tmp_path: Path) -> None:
    old = date(2020, 1, 1)
    assert only(made(tmp_path, note(item="a", metric=METRIC, noted_on=old))).grade is Grade.E
    found = only(made(tmp_path, note(metric=METRIC, noted_on=old), labels=(f"ux:{METRIC}=0.4",)))
    assert (found.evidence, found.noted_on) == ((), None)


def test_what_a_note_names_wrongly_is_told(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        note(1, item="a", metric="pay-error"),
        note(2, metric="nothing"),
        note(3, flow=FLOW, step="find"),
        note(4),
        note(5, item="zzz", metric=METRIC),
    )
    reasons = said(found)
    assert "did you mean 'pay-errors'" in reasons["jira:a"]
    assert "not declared" in reasons["note lab:2"]
    assert "where no metric is declared" in reasons["note lab:3"]
    assert "names neither" in reasons["note lab:4"]
    assert "in no backlog" in reasons["zzz"]


def test_only_the_newest_notes_stand_beside_a_link(tmp_path: Path) -> None:
    many = [
        note(n, metric=METRIC, noted_on=DAY - timedelta(days=n), text=f"N {n}.") for n in range(30)
    ]
    found = only(made(tmp_path, *many, labels=(f"ux:{METRIC}=0.4",)))
    assert [piece.note for piece in found.evidence] == [f"N {n}." for n in range(9, -1, -1)]


def test_the_order_of_notes_makes_no_difference(tmp_path: Path) -> None:
    some = [
        note(1, metric=METRIC),
        note(2, item="a", metric=METRIC),
        note(3, flow=FLOW, method="survey"),
    ]
    first = made(tmp_path, *some, labels=(f"ux:{METRIC}",))
    assert made(tmp_path, *reversed(some), labels=(f"ux:{METRIC}",)) == first
