"""The warehouses of the settings: raw events, from which only counts come back."""

import os
from datetime import datetime
from functools import partial

from debtplan.bootstrap.adapters import now
from debtplan.bootstrap.names import unknown_name
from debtplan.config.settings import Loaded, MetricSettings
from debtplan.core.flow import EVERYONE, Flow, UxMetric
from debtplan.core.reading import Reading, window_before
from debtplan.errors import UsageError
from debtplan.ports import Store
from debtplan.transport.access import Access
from debtplan.warehouse import connect
from debtplan.warehouse.events import Warehouse
from debtplan.warehouse.funnel import Funnel
from debtplan.warehouse.options import WarehouseTable
from debtplan.warehouse.saved import saved_funnel


def make_warehouse(loaded: Loaded, name: str, table: WarehouseTable | None = None) -> Warehouse:
    """Return the events of `[warehouse.NAME]`; connects to nothing.

    Args:
        loaded: The settings.
        name: Of the table.
        table: Another one in its place.
    """
    settings = loaded.settings
    table = table or settings.warehouse[name]
    metrics = tuple(_plain(one) for one in settings.metric if one.source == name)
    compared = _compared(loaded, name, table)
    touched = {metric.flow for metric in (*metrics, *compared)}
    flows = tuple(flow for flow in settings.flow if flow.id in touched)
    access = Access(
        name=name,
        environment=os.environ,
        line=settings.transport,
        folder=loaded.folder,
        clock=now,
    )
    return Warehouse(name, table, metrics, flows, partial(connect, name, table, access), compared)


def _compared(loaded: Loaded, name: str, table: WarehouseTable) -> tuple[UxMetric, ...]:
    """Return the metrics of other sources that a warehouse compares.

    Raises:
        UsageError: There is no such metric.
    """
    known = {one.id: one for one in loaded.settings.metric}
    for one in table.compare:
        if one not in known:
            raise unknown_name(f"metric for compare of [warehouse.{name}]", one, known)
    return tuple(_plain(known[one]) for one in table.compare if known[one].source != name)


def _plain(metric: MetricSettings) -> UxMetric:
    return UxMetric.model_validate(metric.model_dump(exclude={"reading", "queries"}))


def flow_of(loaded: Loaded, name: str) -> Flow:
    """Return a flow of the settings.

    Raises:
        UsageError: There is no such flow.
    """
    known = {flow.id: flow for flow in loaded.settings.flow}
    if name not in known:
        raise unknown_name("flow", name, known)
    return known[name]


def telling(loaded: Loaded, flow: Flow, asked: str | None = None) -> str | None:
    """Return which warehouse has the events of a flow; None where none is set.

    That is the one asked for, else the only one, else the one that most metrics of the flow name.

    Raises:
        UsageError: There is no warehouse of that name, or nothing says which of several it is.
    """
    known = loaded.settings.warehouse
    if asked is not None:
        if asked not in known:
            raise unknown_name("warehouse", asked, known)
        return asked
    if len(known) <= 1:
        return next(iter(known), None)
    named = [one.source for one in loaded.settings.metric if one.flow == flow.id]
    most = max(sorted(known), key=named.count)
    if not named.count(most):
        what = f"Several warehouses are set, and no metric of {flow.id} names one."
        raise UsageError(what, f"Add --warehouse with one of: {', '.join(sorted(known))}.")
    return most


def read_funnel(
    loaded: Loaded, flow: Flow, name: str, at: datetime, asked: tuple[str, str]
) -> Funnel:
    """Return a flow's funnel over the window that counts, from the events themselves.

    Args:
        loaded: The settings.
        flow: The flow.
        name: Of the warehouse.
        at: The time.
        asked: Segment, and dimension that is told apart ("" for none).
    """
    window = window_before(at, loaded.settings.harm.window_days)
    segment, by = asked
    return make_warehouse(loaded, name).funnel(flow, window, at, segment, by)


def kept_funnel(loaded: Loaded, store: Store, flow: Flow, at: datetime, segment: str) -> Funnel:
    """Return what the readings in the store tell of a flow's funnel.

    Raises:
        UsageError: They tell nothing of it.
    """
    metrics = [
        _plain(one)
        for one in loaded.settings.metric
        if one.flow == flow.id and one.segment == segment
    ]
    window = window_before(at, loaded.settings.harm.window_days)
    readings: list[Reading] = [
        one for one in store.readings(one.id for one in metrics) if window.holds(one)
    ]
    found = saved_funnel(flow, metrics, readings)
    if not found.steps:
        who = "" if segment == EVERYONE else f" for the segment {segment}"
        what = f"No readings tell where sessions of {flow.id} are lost{who}."
        fix = "Set [warehouse.NAME], or readings of drop_off metrics; then run `debtplan sync`."
        raise UsageError(what, fix)
    return found
