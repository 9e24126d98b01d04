"""The whole job on the OmniRetail sample: the plan of a sprint, and what came of it.

Everything happens in memory, as of the sample's own days. The forecasts are those that the plan
itself makes when it is approved; nothing about them is written down beforehand.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec

from debtplan.bootstrap.adapters import planner, sample_folder
from debtplan.bootstrap.answers import SAMPLE_DAY, moment, plan_inputs
from debtplan.bootstrap.evidence import refresh_evidence
from debtplan.bootstrap.feeds import Way, feeds
from debtplan.bootstrap.outcomes import freeze_plan, judge_now
from debtplan.bootstrap.tracked import with_goals
from debtplan.config.load import load_settings
from debtplan.config.settings import Loaded
from debtplan.core.outcomes import Outcomes
from debtplan.core.plan import Plan
from debtplan.ports import Store
from debtplan.store import open_store as open_sql
from debtplan.workflows.plan import make_plan
from debtplan.workflows.planner import Progress, no_progress
from debtplan.workflows.sync import sync_sources

APPROVED_DAY = "2026-11-27"
"""The day that the sample's plans are approved."""

LATER_DAY = "2027-06-02"
"""The day that the sample's goal is over and looked at."""

APPROVER = "the sample"


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample as of the day it is planned on.

    Attributes:
        loaded: Its settings.
        later: Those of half a year later.
        store: Holds what its files say.
    """

    loaded: Loaded
    later: Loaded
    store: Store


@contextmanager
def open_sample(progress: Progress = no_progress) -> Iterator[Sample]:
    """Open the sample, read into memory."""
    loaded = _countable(load_settings(sample_folder() / "debtplan.toml"))
    later = load_settings(sample_folder() / "later" / "debtplan.toml")
    with open_sql("sqlite://", loaded.folder) as memory:
        _sync(loaded, memory, SAMPLE_DAY, progress)
        refresh_evidence(loaded, memory, moment(SAMPLE_DAY))
        yield Sample(loaded, later, memory)


def plan_sample(sample: Sample, progress: Progress = no_progress) -> Plan:
    """Return the plan of the sample's coming sprint."""
    when = moment(SAMPLE_DAY)
    made_from = plan_inputs(sample.loaded, sample.store, None, when)
    settings = sample.loaded.settings.plan
    return make_plan(made_from, planner(settings, lambda: when, progress))


def make_demo(progress: Progress = no_progress) -> Plan:
    """Return the plan of the sample alone."""
    with open_sample(progress) as sample:
        return plan_sample(sample, progress)


def look_back(sample: Sample, plan: Plan, progress: Progress = no_progress) -> Outcomes:
    """Return what came of the plan and of the other team's, half a year later.

    The second team's plan is made on the spot, without explanations: only its forecasts count.
    """
    _approve(sample, plan)
    (other,) = set(sample.later.settings.team) - set(sample.loaded.settings.team)
    when = moment(SAMPLE_DAY)
    quick = replace(
        planner(sample.later.settings.plan, lambda: when, progress), explain_limit=0, worlds=0
    )
    _approve(sample, make_plan(plan_inputs(sample.later, sample.store, other, when), quick))
    _sync(sample.later, sample.store, LATER_DAY, progress)
    then = moment(LATER_DAY)
    progress("judging", 0, 1)
    found = judge_now(sample.later, sample.store, then).outcomes
    return with_goals(found, sample.later, sample.store, then)


def _countable(loaded: Loaded) -> Loaded:
    """Return the settings, without raw events where nothing is installed that counts them.

    The share that is measured there is then taken as stated in the links.
    """
    if find_spec("duckdb") is not None and find_spec("sqlglot") is not None:
        return loaded
    settings = loaded.settings.model_copy(update={"warehouse": {}})
    return loaded.model_copy(update={"settings": settings})


def _approve(sample: Sample, plan: Plan) -> None:
    when = moment(APPROVED_DAY)
    sample.store.save_plan(plan)
    sample.store.approve(plan.plan_id, APPROVER, when)
    freeze_plan(sample.store, plan, when, sample.later.settings.outcomes)


def _sync(loaded: Loaded, store: Store, day: str, progress: Progress) -> None:
    when = moment(day)
    sources = feeds(loaded, way=Way(clock=lambda: when))
    sync_sources(sources, store, lambda: when, progress)
