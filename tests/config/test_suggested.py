"""Decisions on links in a backlog: phases, metrics that are gone, settings."""

from typing import Any

from debtplan.config.settings import Settings
from debtplan.config.suggested import NOTHING_TOLD, Told, with_suggested
from debtplan.core.intake import Backlog
from debtplan.core.link import LinkBasis
from debtplan.core.suggestion import LinkDecision
from tests.builders import NOW, item, metric

METRICS = (metric("pay-errors", step="payment"),)
BACKLOG = Backlog(
    items=(
        item("A-1/one", title="Payment crashes"),
        item("A-1/two", title="Payment crashes more"),
        item("B-1", title="Rename it"),
    ),
    claims=(),
    skipped=(),
)


def decision(key: str, name: str = "pay-errors", **more: Any) -> LinkDecision:
    fields = {"item": key, "metric": name, "is_confirmed": True, "decided_at": NOW, **more}
    return LinkDecision.model_validate(fields)


def settings(**links: Any) -> Settings:
    return Settings.model_validate({"links": links})


def decided(*decisions: LinkDecision, **links: Any) -> Backlog:
    return with_suggested(BACKLOG, settings(**links), METRICS, Told(decisions=decisions))


def test_without_decisions_and_setting_the_backlog_stays_as_it_is() -> None:
    assert with_suggested(BACKLOG, settings(), METRICS, NOTHING_TOLD) == BACKLOG


def test_a_decision_on_an_item_that_was_split_since_goes_to_its_last_phase() -> None:
    (made,) = decided(decision("jira:A-1")).claims
    assert (made.item, made.basis) == ("jira:A-1/two", LinkBasis.CONFIRMED)


def test_a_decision_on_a_metric_that_is_gone_is_told() -> None:
    found = decided(decision("jira:B-1", "old-errors", decided_by="Ann"))
    assert found.claims == ()
    (skip,) = found.skipped
    assert skip.ref == "jira:B-1"
    assert skip.reason == (
        "suggestion confirmed by Ann names metric 'old-errors', which is not declared"
    )


def test_a_decision_on_an_item_that_is_not_here_waits_in_silence() -> None:
    found = decided(decision("jira:Z-9"))
    assert (found.claims, found.skipped) == ((), ())


def test_unconfirmed_ones_come_in_only_from_the_confidence_that_is_set() -> None:
    assert decided().claims == ()
    found = decided(use_unconfirmed=0.5)
    assert {(one.item, one.basis) for one in found.claims} == {
        ("jira:A-1/one", LinkBasis.SUGGESTED), ("jira:A-1/two", LinkBasis.SUGGESTED),
    }  # fmt: skip
    assert decided(use_unconfirmed=1.0).claims == ()


def test_a_rejected_one_does_not_come_in_unconfirmed() -> None:
    rejected = decision("jira:A-1/one", is_confirmed=False)
    found = decided(rejected, use_unconfirmed=0.5)
    assert [one.item for one in found.claims] == ["jira:A-1/two"]
