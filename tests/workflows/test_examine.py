"""Looking at everything a plan needs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from debtplan.core.inputs import Inputs
from debtplan.core.intake import NOT_DECLARED
from debtplan.core.item import Skipped
from debtplan.core.problem import Problem, Selection, Status
from debtplan.core.reading import NOBODY
from debtplan.core.source import Probe
from debtplan.core.tally import Selector
from debtplan.engines import make_engine
from debtplan.errors import InputError, UsageError
from debtplan.workflows.examine import examine_engine, examine_feeds, examine_inputs
from debtplan.workflows.feed import Feed
from tests.builders import claim, inputs, item, reading
from tests.tallies import CODE, stratum, tally


def feed(*records: Any) -> Feed:
    """A source that gives these records, or fails."""

    def read() -> Iterator[Any]:
        for one in records:
            if isinstance(one, Exception):
                raise one
            yield one

    return Feed("jira", read)


@dataclass
class Bent:
    """An engine whose answers are bent."""

    bend: dict[str, Any]
    name: str = "bent"

    def select(self, problem: Problem) -> Selection:
        """See `Engine.select`."""
        return replace(make_engine("milp").select(problem), **self.bend)

    def any_best(self, problem: Problem) -> Selection:
        """See `Engine.any_best`."""
        return self.select(problem)


def ill(parts: Iterator[Probe] | list[Probe]) -> dict[str, str]:
    """What is not well, with what to do."""
    return {one.part: one.fix for one in parts if not one.is_well}


def test_no_source_is_not_well() -> None:
    assert "Add [sources.NAME]" in ill(examine_feeds([]))["sources"]


@pytest.mark.parametrize(
    ("records", "fix"),
    [
        ((InputError("No file.", "Give one."),), "Give one."),
        ((), "gives nothing"),
        ((Skipped(ref="row 1", reason="has no key"),), "row 1: has no key"),
    ],
)
def test_a_source_that_gives_nothing_says_what_to_do(records: tuple[Any, ...], fix: str) -> None:
    assert fix in ill(examine_feeds([feed(*records)]))["jira"]


def test_a_source_that_reads_is_well() -> None:
    (part,) = examine_feeds([feed(item("a"), Skipped(ref="row 1", reason="has no key"))])
    assert part.is_well
    assert part.what.startswith("1 record")


@pytest.mark.parametrize(
    "bend", [{"chosen": ("b",)}, {"value": 3.0}, {"status": Status.FEASIBLE}, {"bound": None}]
)
def test_a_solver_that_answers_wrong_is_found(bend: dict[str, Any]) -> None:
    part = examine_engine(lambda: Bent(bend))
    assert not part.is_well
    assert "bent" in part.what


def test_a_solver_that_does_not_load_says_why() -> None:
    def broken() -> Any:
        raise UsageError("There is no solver.", "Install one.")

    assert examine_engine(broken).fix == "Install one."


def test_the_real_solver_is_well() -> None:
    assert examine_engine(lambda: make_engine("milp")).is_well


def parts(made_from: Inputs) -> dict[str, str]:
    """What is not well of the inputs."""
    return ill(examine_inputs(made_from))


def test_inputs_that_lack_something_say_what() -> None:
    bare = parts(inputs([item("a")], capacity=None, readings=()))
    assert set(bare) == {"capacity", "metrics", "links"}
    assert "[team.web]" in bare["capacity"]
    assert bare["metrics"] == "no reading of m is known"


def test_links_of_finished_items_do_not_count() -> None:
    made_from = inputs([item("a", state="done"), item("b")], [claim("a", "m")])
    assert "links" in parts(made_from)


def test_whole_inputs_are_well() -> None:
    assert parts(inputs([item("a")], [claim("a", "m")])) == {}


def test_a_link_to_a_metric_that_nobody_declares_is_told() -> None:
    made_from = inputs([item("a"), item("b")], [claim("a", "m")])
    lost = Skipped(ref="b", reason=f"label ux:mm names metric 'mm', {NOT_DECLARED}")

    (links,) = [
        part
        for part in examine_inputs(made_from.model_copy(update={"skipped": (lost,)}))
        if part.part == "links"
    ]

    assert links.what == "1 of 2 open items touch a metric, 1 link to no metric"
    assert links.fix == f"b: {lost.reason}"


@pytest.mark.parametrize(
    ("selector", "why"),
    [
        ({"error": "ADDR_INVALID"}, "cannot be measured: error is not among what was counted"),
        ({"error_code": "ADDR"}, "not measured yet: no session with error_code = ADDR was counted"),
    ],
)
def test_a_mark_that_nobody_counted_is_not_well(selector: dict[str, str], why: str) -> None:
    mark = Selector.model_validate(selector)
    made_from = inputs(
        [item("a"), item("b"), item("c", state="done"), item("d")],
        [
            *(claim(key, "m", selector=mark) for key in "abc"),
            claim("d", "m", selector=CODE),
        ],
        tallies=(tally(stratum(60, 90, 40, 900)),),
    )
    (bad,) = [part for part in examine_inputs(made_from) if not part.is_well]
    assert bad.part == "links"
    assert bad.what.startswith(f"the share of jira:a and 1 more ({mark})")
    assert why in bad.what
    assert "selector" in bad.fix


def test_a_mark_of_a_metric_of_which_nothing_is_counted_yet_can_wait() -> None:
    assert parts(inputs([item("a")], [claim("a", "m", selector=CODE)])) == {}


def test_a_reading_that_nobody_stated_is_not_well() -> None:
    def stated(by: str) -> Inputs:
        made_up = reading("m", 3_000).model_copy(update={"stated_by": f"{by} on 2026-11-02"})
        return inputs([item("a")], [claim("a", "m")], readings=(made_up,))

    (bad,) = [part for part in examine_inputs(stated(NOBODY)) if not part.is_well]
    assert (bad.part, bad.what.startswith("m: ")) == ("metrics", True)
    assert "replace the reading, or name a source" in bad.fix.casefold()
    assert parts(stated("ann")) == {}
