"""What became of phases of items."""

from datetime import UTC, date, datetime

from debtplan.core.contained import closing_of
from debtplan.core.item import ItemState
from debtplan.core.phase import dated, names_whole, with_phases
from debtplan.core.verdict import Outcome, Verdict
from tests.builders import item
from tests.court import at, release

TEXT = """```debtplan
[[phases]]
id = "service"
done_on = 2026-06-12
[[phases]]
id = "form"
is_done = true
[[phases]]
id = "rest"
```"""
CHANGED = at(date(2026, 6, 20))
WANTED = ("jira:A-1/service", "jira:A-1/form", "jira:A-1/rest", "jira:A-1/gone", "jira:B-1/x")


def test_a_phase_is_as_done_as_its_text_says() -> None:
    found = with_phases([item("A-1", text=TEXT, updated_at=CHANGED)], WANTED)
    service, form, rest = (found[key] for key in WANTED[:3])
    assert (service.state, service.closed_at) == (
        ItemState.DONE,
        datetime(2026, 6, 12, tzinfo=UTC),
    )
    assert (form.state, form.closed_at, form.updated_at) == (ItemState.DONE, None, CHANGED)
    assert rest.state is ItemState.OPEN
    assert sorted(found) == ["jira:A-1", *sorted(WANTED[:3])]
    assert closing_of(rest) is None


def test_every_phase_of_a_closed_item_is_done_with_it() -> None:
    closed = item("A-1", text=TEXT, state=ItemState.DONE, closed_at=CHANGED)
    found = with_phases([closed], WANTED)
    assert found["jira:A-1/service"].closed_at == datetime(2026, 6, 12, tzinfo=UTC)
    for key in ("jira:A-1/form", "jira:A-1/rest", "jira:A-1/gone"):
        assert (found[key].state, found[key].closed_at) == (ItemState.DONE, CHANGED)


def test_a_number_after_a_repository_is_no_phase() -> None:
    whole = item("A-1", text=TEXT)
    assert set(with_phases([whole], ["github:owner/repo#7"])) == {"jira:A-1"}
    assert not names_whole(release("github:owner/repo#7"), "github:owner/repo#7")
    assert names_whole(release("jira:A-1"), "jira:A-1/form")
    assert not names_whole(release("jira:A-1/form"), "jira:A-1/form")


def test_the_day_that_a_verdict_took_stands() -> None:
    items = with_phases([item("A-1", text=TEXT, updated_at=CHANGED)], WANTED)
    before = at(date(2026, 6, 13))
    verdicts = [
        Verdict(
            plan_id="p", item=key, metric="m", judged_at=CHANGED, released_at=before,
            outcome=Outcome.MOVED,
        )
        for key in ("jira:A-1", "jira:A-1/form", "jira:A-1/service", "jira:Z-1")
    ]  # fmt: skip
    found = dated(items, verdicts)
    assert found["jira:A-1/form"].updated_at == before
    assert found["jira:A-1/service"].updated_at == CHANGED
    assert found["jira:A-1"].updated_at == CHANGED
