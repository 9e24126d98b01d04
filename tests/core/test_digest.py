"""The digest: one for one decision, whatever the order of the input or the time of the run."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from debtplan.core.decision import Extras, write_plan
from debtplan.core.digest import plan_digest, with_digest
from debtplan.core.inputs import Inputs, Rules
from debtplan.core.item import Skipped
from debtplan.core.plan import Plan
from debtplan.core.source import SourceState
from tests.builders import NOW, claim, closed, inputs, item, picked, program_of, reading

LISTS = ("items", "claims", "flows", "metrics", "readings", "sprints", "skipped", "sources", "kept")


def written(made_from: Inputs, version: str = "1", hours: int = 0) -> Plan:
    """The document of a choice of two items."""
    appraisal, program = program_of(made_from)
    selections = (picked(program, "jira:a", "jira:b"), picked(program, "jira:a"))
    made = (NOW + timedelta(hours=hours), version)
    return write_plan(made_from, appraisal, program, selections, Extras(), made)


def made() -> Inputs:
    """Inputs with more than one of everything, and near twins among them."""
    twin = reading("m", 2_000)
    return inputs(
        [item(name, i % 3 + 1, prerequisites=("a",) if name == "b" else ()) for i, name in
         enumerate("abcdefg")],
        [claim(name, metric, 0.1 * i + 0.05, grade=grade)
         for i, name in enumerate("abcdefg")
         for metric, grade in (("m", "C"), ("n", "D"), ("n", None))],
        {"m": 1_000.0, "n": 777.7, "o": 0.1},
        capacity=None,
        readings=(twin, twin.model_copy(update={"source": "other"}),
                  *(reading("n", 900 + day / 7, days_ago=day) for day in range(3, 20))),
        sprints=tuple(closed(n, 40 + n / 10) for n in range(40, 49)),
        skipped=tuple(Skipped(ref=ref, reason=why) for ref in "xy" for why in "pq"),
        sources=(SourceState(name="jira", fetched_at=NOW), SourceState(name="csv")),
        rules=Rules(pinned=("jira:a", "jira:b"), done=("jira:z", "jira:y")),
        kept=("jira:a", "jira:c"),
    )  # fmt: skip


def shuffled(made_from: Inputs, random: Random) -> Inputs:
    """The same inputs, every list of them in another order."""
    fields: dict[str, Any] = {name: getattr(made_from, name) for name in Inputs.model_fields}
    for name in LISTS:
        fields[name] = random.sample(fields[name], len(fields[name]))
    pinned = random.sample(made_from.rules.pinned, 2)
    fields["rules"] = Rules(
        pinned=tuple(pinned), done=tuple(random.sample(("jira:z", "jira:y"), 2))
    )
    return Inputs(**fields)


@pytest.mark.slow
def test_a_thousand_shuffles_give_one_digest_and_one_document() -> None:
    made_from = made()
    plan = written(made_from)
    random = Random(1)
    for number in range(1_000):
        other = shuffled(made_from, random)
        assert other == made_from
        if number < 100:
            assert written(other).model_dump_json() == plan.model_dump_json()
    assert plan.digest == plan_digest(plan)


def test_what_belongs_to_the_run_does_not_count() -> None:
    plan = written(made())
    later = written(made(), version="2", hours=5)
    seconds = later.model_copy(update={"solver": later.solver.model_copy(update={"seconds": 99.0})})
    sources = tuple(
        one.model_copy(update={"fetched_at": NOW + timedelta(days=1)}) for one in seconds.sources
    )
    other = seconds.model_copy(update={"sources": sources})
    assert other.created_at != plan.created_at
    assert with_digest(other).digest == plan.digest
    assert with_digest(other).plan_id == plan.plan_id == f"web-49-{plan.digest[:12]}"


@pytest.mark.parametrize(
    "update", [{"ux_value": 1.0}, {"unit": "hours"}, {"chosen": ()}, {"money": 3.0}]
)
def test_what_belongs_to_the_decision_counts(update: dict[str, Any]) -> None:
    plan = written(made())
    assert plan_digest(plan.model_copy(update=update)) != plan.digest


def test_the_last_bits_of_a_float_and_a_minus_zero_do_not_count() -> None:
    plan = written(made())
    near = plan.model_copy(update={"ux_value": plan.ux_value * (1 + 1e-14)})
    assert plan_digest(near) == plan.digest
    zero = [plan.model_copy(update={"ux_value": one}) for one in (0.0, -0.0)]
    assert plan_digest(zero[0]) == plan_digest(zero[1])


def test_a_reading_more_changes_the_digest() -> None:
    more = made().model_copy(update={"readings": (*made().readings, reading("o", 3))})
    assert written(more).digest != written(made()).digest
