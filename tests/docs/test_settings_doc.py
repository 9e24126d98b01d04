"""docs/settings.md names every setting, its true default, and nothing else."""

import inspect
import re
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from debtplan import errors
from debtplan.cli.boundary import BUG, INTERRUPTED
from debtplan.cli.plan import CHANGED
from debtplan.config import actuals
from debtplan.config.actuals import ActualsTable
from debtplan.config.links import FiledLink, LinksFile
from debtplan.config.members import DaysOff, Member
from debtplan.config.run import RunTable
from debtplan.config.settings import (
    ItemSettings,
    LinkSettings,
    MetricSettings,
    PlanSettings,
    Settings,
    SprintSettings,
    StoreSettings,
    TeamSettings,
    WeightSettings,
)
from debtplan.core.block import Block, BlockLink, BlockPhase
from debtplan.core.flow import Flow, MetricKind, Segment
from debtplan.core.harm import HarmPolicy
from debtplan.core.inputs import HorizonPolicy
from debtplan.core.item import DebtKind
from debtplan.core.judge import OutcomePolicy
from debtplan.core.link import Evidence, EvidenceKind, LinkPolicy, Share
from debtplan.core.lint import LintPolicy
from debtplan.core.reserve import KeptFor, ReservePolicy
from debtplan.core.rule import Match, Rule
from debtplan.core.tally import Selector
from debtplan.core.tracked import Baseline, TrackedGoal
from debtplan.engines import BACKENDS, ENGINES
from debtplan.files import absence
from debtplan.files.column import Column
from debtplan.files.options import FileTable
from debtplan.metrics import csv as readings_csv
from debtplan.metrics import events
from debtplan.metrics.options import ReadingTable, StatedReading
from debtplan.notify.options import NotifyTable
from debtplan.sources import csv as items_csv
from debtplan.sources import csv_sprints, notes, releases
from debtplan.sources.options import IssueTable, NoteTable, ReleaseTable, SprintTable
from debtplan.transport.options import LineTable
from debtplan.warehouse.options import BOT_WORDS, EventColumns, WarehouseTable
from tests.docs.page import DOCS, REPOSITORY, codes, section, table_rows

TEXT = (DOCS / "settings.md").read_text(encoding="utf-8")

TABLES: dict[str, type[BaseModel]] = {
    "## `[reserve]`": ReservePolicy,
    "### `kept_for`": KeptFor,
    "## `[horizon]`": HorizonPolicy,
    "## `[team.NAME]`": TeamSettings,
    "### `members`": Member,
    "### `days_off`": DaysOff,
    "### `[team.NAME.sprint]`": SprintSettings,
    "### `[team.NAME.sprints]`": SprintTable,
    "### `[team.NAME.actuals]`": ActualsTable,
    "### `match`": Match,
    "## `[sources.NAME]`": IssueTable,
    "## `[metrics.NAME]`": ReadingTable,
    "## `[notes.NAME]`": NoteTable,
    "## `[releases.NAME]`": ReleaseTable,
    "## `[warehouse.NAME]`": WarehouseTable,
    "### `[warehouse.NAME.columns]`": EventColumns,
    "## Every file table": FileTable,
    "## `[[flow]]`": Flow,
    "### `[[flow.segments]]`": Segment,
    "## `[[metric]]`": MetricSettings,
    "### `reading`": StatedReading,
    "## `[[goal]]`": TrackedGoal,
    "### `baseline`": Baseline,
    "## `[[rule]]`": Rule,
    "## `[harm]`": HarmPolicy,
    "## `[items]`": ItemSettings,
    "### `[items.lint]`": LintPolicy,
    "## `[links]`": LinkSettings,
    "## `[weights]`": WeightSettings,
    "## `[plan]`": PlanSettings,
    "## `[store]`": StoreSettings,
    "## `[notify.NAME]`": NotifyTable,
    "## `[run]`": RunTable,
    "## `[outcomes]`": OutcomePolicy,
    "## `[transport]`": LineTable,
    "### `[[link]]`": FiledLink,
    "### `evidence`": Evidence,
    "### `share`": Share,
    "### `selector`": Selector,
    "### `block`": Block,
    "### `[[links]]`": BlockLink,
    "### `[[phases]]`": BlockPhase,
}

COLUMNS: dict[str, tuple[Column, ...]] = {
    "## Columns of items": items_csv.COLUMNS,
    "## Columns of links between items": items_csv.LINK_COLUMNS,
    "## Columns of closed sprints": csv_sprints.COLUMNS,
    "## Columns of actuals": actuals.COLUMNS,
    "## Columns of days off": absence.COLUMNS,
    "## Columns of readings": readings_csv.COLUMNS,
    "## Columns of notes": notes.COLUMNS,
    "## Columns of releases": releases.COLUMNS,
    "## Columns of tickets": events.TICKET_COLUMNS,
    "## Columns of survey answers": events.ANSWER_COLUMNS,
}


def own_fields(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's fields without those of every file table."""
    is_file = issubclass(model, FileTable) and model is not FileTable
    shared = FileTable.model_fields if is_file else {}
    return {name: field for name, field in model.model_fields.items() if name not in shared}


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models that a type is made of."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from models_in(one)


def all_models(*roots: type[BaseModel]) -> set[type[BaseModel]]:
    """Return the models that can be reached from the roots."""
    seen: set[type[BaseModel]] = set()
    queue = list(roots)
    while queue:
        model = queue.pop()
        if model not in seen:
            seen.add(model)
            queue += [m for f in model.model_fields.values() for m in models_in(f.annotation)]
    return seen


def plain(value: object) -> object:
    """Return a default as TOML would have it; a share as low, likely and high."""
    if isinstance(value, Share):
        return [value.low, value.likely, value.high]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value


def test_every_model_of_the_settings_has_a_table() -> None:
    wanted = all_models(Settings, LinksFile, Block) - {Settings, LinksFile}
    assert wanted == set(TABLES.values()) - {FileTable}


def test_every_table_of_the_settings_has_a_heading() -> None:
    headings = re.findall(r"^## `\[+([\w.]+?)(?:\.NAME)?\]+`$", TEXT, re.MULTILINE)
    assert set(headings) == set(Settings.model_fields)


@pytest.mark.parametrize("heading", TABLES)
def test_a_table_names_every_key_and_nothing_else(heading: str) -> None:
    rows = table_rows(section(TEXT, heading))
    assert [codes(row[0]) for row in rows] == [[name] for name in own_fields(TABLES[heading])]


@pytest.mark.parametrize("heading", TABLES)
def test_a_table_gives_the_true_defaults(heading: str) -> None:
    fields = own_fields(TABLES[heading])
    for key, _, default, _ in table_rows(section(TEXT, heading)):
        field = fields[key.strip("`")]
        if default == "required":
            assert field.is_required(), key
        elif default == "none":
            assert field.get_default(call_default_factory=True) is None, key
            assert not field.is_required(), key
        elif default != "see below":
            said = tomllib.loads(f"default = {default.strip('`')}")["default"]
            assert said == plain(field.get_default(call_default_factory=True)), key


@pytest.mark.parametrize("heading", COLUMNS)
def test_a_table_of_columns_names_every_header_that_is_recognised(heading: str) -> None:
    part = section(TEXT, heading)
    start = part.index("| our name")
    said = {codes(row[0])[0]: tuple(codes(row[1])) for row in table_rows(part[start:])}
    known = {one.name: one.also for one in COLUMNS[heading] if not re.match(r"p[0-9]", one.name)}
    assert said == known


def test_every_word_of_a_choice_is_named() -> None:
    kinds = {one.value for one in MetricKind}
    assert kinds <= set(codes(section(TEXT, "## `[[metric]]`")))
    assert {one.value for one in DebtKind} <= set(codes(section(TEXT, "## `[[rule]]`")))
    assert {one.value for one in EvidenceKind} <= set(codes(section(TEXT, "### `evidence`")))
    plan = section(TEXT, "## `[plan]`")
    assert all(f'`"{name}"`' in plan for name in (*ENGINES, *BACKENDS))


def test_the_words_of_bots_are_those_of_the_code() -> None:
    (said,) = (
        one
        for one in section(TEXT, "## `[warehouse.NAME]`").split("\n\n")
        if "by default `bot`" in one
    )
    assert tuple(codes(said)[1:]) == BOT_WORDS


def test_the_grades_have_the_values_of_the_code() -> None:
    said = ", ".join(f"{grade} {value:g}" for grade, value in LinkPolicy().grades.items())
    assert said in section(TEXT, "## `[links]`")


def test_every_environment_variable_is_named_and_no_other() -> None:
    files = (REPOSITORY / "debtplan").rglob("*.py")
    found = {
        name
        for file in files
        for name in re.findall(r"environ[^\n]*?\"(DEBTPLAN_[A-Z_]+)\"", file.read_text("utf-8"))
    } | {"DEBTPLAN_CONFIG"}
    said = {codes(row[0])[0] for row in table_rows(section(TEXT, "## Environment variables"))}
    assert said == found | {"COLUMNS", "NO_COLOR"}


def test_the_exit_codes_are_those_of_the_code() -> None:
    tree = [one for one in vars(errors).values() if isinstance(one, type)]
    raised = {one.exit_code for one in tree if issubclass(one, errors.DebtplanError)}
    said = {int(row[0]) for row in table_rows(section(TEXT, "## Exit codes"))}
    assert said == raised | {0, CHANGED, BUG, INTERRUPTED}
