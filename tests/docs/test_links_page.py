"""docs/links.md and docs/measure-first.md: the program computes every line of their examples."""

from math import exp
from typing import Any

import pytest

from debtplan.bootstrap import answers
from debtplan.bootstrap.adapters import sample_folder
from debtplan.bootstrap.feeds import feeds
from debtplan.config.assemble import plain_metrics
from debtplan.config.load import load_settings
from debtplan.core.flow import Flow
from debtplan.core.likeness import Features, Likeness
from debtplan.core.suggest import (
    INTERCEPT,
    WEIGHTS,
    Known,
    confidences_of,
    score_of,
    suggest_links,
)
from debtplan.core.vocabulary import CONCEPTS
from debtplan.store import open_store
from debtplan.workflows.information import FEW, MOST
from debtplan.workflows.sync import sync_sources
from tests.builders import claim, item, metric
from tests.docs.page import DOCS, section, table_rows

LINKS = (DOCS / "links.md").read_text(encoding="utf-8")
MEASURE = (DOCS / "measure-first.md").read_text(encoding="utf-8")


def example() -> dict[str, Features]:
    """What speaks for the page's item and each metric."""
    items = [
        item(
            "A-1",
            title="Paying by card crashes after a retry",
            text="The gateway answers CARD_LOCKED.",
        ),
        item("A-2", title="The cart is slow with 40 lines"),
        item("A-3", title="Replace the icon font"),
        item("A-4", title="Split the payment gateway adapters", components=("gateway",)),
        item("A-5", title="Retry a payment once", components=("gateway",)),
    ]
    timed: dict[str, Any] = {"kind": "latency", "threshold_s": 1, "target": 0.9}
    metrics = [
        metric("payment-errors", step="payment"),
        metric("payment-latency", step="payment", **timed),
        metric("cart-latency", step="cart", **timed),
    ]
    known = Known(items, metrics, [Flow(id="shop")], [claim("A-5", "payment-errors")])
    likeness = Likeness(
        known.items, known.metrics, known.flows, [("jira:A-5", "payment-errors")], {}
    )
    pairs = likeness.of("jira:A-1")
    found = confidences_of([one.features for one in pairs])
    assert suggest_links(known)[0].confidence == round(max(found), 4)
    return {one.metric: one.features for one in pairs}


def test_the_confidence_of_the_example_is_made_of_its_table() -> None:
    text = section(LINKS, '## How sure "87%" is')
    rows = [row for row in table_rows(text) if row[0] != "what" and len(row) == 4]
    found = example()
    features = found["payment-errors"]
    expected = [["always", "1.00", f"{INTERCEPT:.2f}", f"{INTERCEPT:.2f}"]]
    for name, number, weight in zip(Features._fields, features, WEIGHTS, strict=True):
        said = f"{number * weight:.2f}".replace("-0.00", "0.00")
        expected.append([name, f"{number:.2f}", f"{weight:.2f}", said])
    assert rows == expected
    plain = " ".join(text.split())
    mine, other = score_of(features), score_of(found["payment-latency"])
    assert set(found) == {"payment-errors", "payment-latency"}
    assert f"Together {mine:.2f}; for `payment-latency` it is {other:.2f}" in plain
    whole = 1 + exp(mine) + exp(other)
    assert (
        f"exp({mine:.2f}) / (1 + exp({mine:.2f}) + exp({other:.2f})) = {exp(mine) / whole:.1%}"
        in plain
    )
    assert f"{exp(other) / whole:.1%} for the other" in plain
    first, second = confidences_of([features, found["payment-latency"]])
    assert (first, second) == pytest.approx((exp(mine) / whole, exp(other) / whole))


def test_every_synonym_stands_on_the_page() -> None:
    rows = [row for row in table_rows(section(LINKS, "## The synonyms")) if row[0] != "concept"]
    assert {row[0]: row[1] for row in rows} == dict(CONCEPTS)


@pytest.mark.slow
def test_about_half_of_omniretail_s_own_links_are_found_when_hidden() -> None:
    loaded = load_settings(sample_folder() / "debtplan.toml")
    when = answers.moment(answers.SAMPLE_DAY)
    with open_store("sqlite://", loaded.folder) as memory:
        sync_sources(feeds(loaded), memory, lambda: when)
        backlog = answers.backlog(loaded, memory, None)
    metrics = plain_metrics(loaded.settings)
    linked = sorted({one.item for one in backlog.claims})
    right = 0
    for key in linked:
        others = [one for one in backlog.claims if one.item != key]
        rows = suggest_links(Known(backlog.items, metrics, loaded.settings.flow, others), [key])
        own = {one.metric for one in backlog.claims if one.item == key}
        right += bool(rows) and rows[0].metric in own
    assert 0.4 <= right / len(linked) <= 0.7
    assert "about half of the linked items" in LINKS


def test_the_example_of_measure_first_adds_up() -> None:
    text = section(MEASURE, "## An example")
    rows = [row for row in table_rows(text) if row[0] != "A's share"]
    worth = 0.0
    for share, chance, a, b, lost in rows:
        top, _, bottom = chance.partition("/")
        assert float(a) == pytest.approx(1_000 * float(share) * 0.5)
        assert float(b) == pytest.approx(1_000 * 0.45 * 0.5)
        assert float(lost) == max(0.0, float(b) - float(a))
        worth += int(top) / int(bottom) * float(lost)
    assert f"worth 175 / 6 = {worth:.0f} sessions a sprint" in text


def test_the_page_says_how_many_are_solved() -> None:
    said = " ".join(section(MEASURE, "## How much is computed").split())
    assert f"for the {MOST} numbers that may be worth most, a plan for {FEW} of them" in said
