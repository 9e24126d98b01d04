"""Commands about the decision: plan, explain."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from debtplan.cli import diff as beside
from debtplan.cli import portfolio, terminal
from debtplan.cli.output import form_of, write_result
from debtplan.cli.state import Progress, note, options, settings

if TYPE_CHECKING:
    from debtplan.core.plan import Plan

CHANGED = 3
PARTIAL = 5

FOR_PEOPLE = ("table", "markdown", "html")
"""Forms that tell the plan's notes themselves."""

FLAWS = ("is in a cycle", "not in this backlog")
"""What the detail of an item says whose prerequisites nobody can meet."""

SHOWN_FLAWS = 5

Team = Annotated[str | None, typer.Option(help="Team; needed where the settings name several.")]
SprintName = Annotated[str | None, typer.Option(help="Name of the coming sprint.")]
AsOf = Annotated[str | None, typer.Option(help="Plan as of this day, YYYY-MM-DD; now if left out.")]

Form = Annotated[
    str, typer.Option("--format", help="table, json, markdown, csv or html, to stdout.")
]
Outputs = Annotated[
    list[Path] | None,
    typer.Option(
        "--output",
        "-o",
        help="Also write plan.json, report.html, report.md or items.csv here: the ending "
        "decides. May be given several times.",
    ),
]
Horizon = Annotated[
    int | None,
    typer.Option(min=1, max=6, help="Sprints planned together; only the first is committed."),
]
RiskWord = Annotated[
    str | None,
    typer.Option(
        "--risk",
        help="What to choose by: expected (relief), or cvar (relief in the worst simulated "
        "worlds); [plan] says it if left out.",
    ),
]
Detailed = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit 3 where the plan differs from the last.")
]


def plan(
    context: typer.Context,
    *,
    team: Team = None,
    sprint: SprintName = None,
    as_of: AsOf = None,
    horizon: Horizon = None,
    risk: RiskWord = None,
    form: Form = "table",
    output: Outputs = None,
    detailed_exitcode: Detailed = False,
    what_if: beside.WhatIfs = None,
    all_teams: portfolio.AllTeams = False,
    workers: portfolio.Workers = None,
    executor: portfolio.Address = None,
) -> None:
    """Allocate the coming sprint's reserve to debt work, with reasons.

    Exit 5 where a source had failed (the plan says which), 6 where the rules contradict each other.
    """
    context.find_root().obj = replace(options(context), risk=risk)
    question = beside.Asked(team, sprint, as_of, horizon, form)
    if what_if:
        beside.refuse_beside(
            output=output, detailed_exitcode=detailed_exitcode, all_teams=all_teams,
            workers=workers, executor=executor,
        )  # fmt: skip
        beside.show_what_if(context, what_if, question)
        return
    if all_teams:
        asked = portfolio.Asked(team, sprint, as_of, horizon, form, tuple(output or ()))
        portfolio.plan_teams(context, asked, (workers, executor), is_new_told=detailed_exitcode)
        return
    portfolio.refuse_alone(workers, executor)
    if _plan_one(context, question, output or ()) and detailed_exitcode:
        raise typer.Exit(CHANGED)


def explain(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="Key of the item, such as OMNI-12 or jira:OMNI-12.")],
    team: Team = None,
    sprint: SprintName = None,
    as_of: AsOf = None,
    form: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """Say everything about one item: why, why not, what would change."""
    from debtplan.bootstrap import adapters, answers
    from debtplan.workflows.plan import explain_item

    adapters.check_item_form(form)
    loaded = settings(context)
    with adapters.open_store(loaded) as store, Progress(context) as progress:
        inputs = answers.plan_inputs(loaded, store, team, answers.moment(as_of), sprint)
        found = answers.item_key(inputs, key)
        planner = adapters.planner(loaded.settings.plan, progress=progress)
        made = explain_item(inputs, found, planner)
    told = adapters.render_item(made, found, form, terminal.width())
    (terminal.show if form == "table" else terminal.hand_over)(told)


def _plan_one(context: typer.Context, asked: beside.Asked, output: Sequence[Path]) -> bool:
    """Make, save and show one team's plan; return whether it differs from the last one."""
    from debtplan.bootstrap import adapters

    renderer = adapters.renderer(asked.form, terminal.width())
    files = {path: form_of(path) for path in output}
    made, is_new = _make(context, asked.team, asked.sprint, asked.as_of, asked.horizon)
    for path, wanted in files.items():
        write_result(path, adapters.render(made, wanted))
        note(context, f"Wrote {path}.")
    document = renderer.render(made)
    (terminal.show if asked.form == "table" else terminal.hand_over)(document)
    _tell_beside(context, made, asked.form)
    return is_new


def _tell_beside(context: typer.Context, made: "Plan", form: str) -> None:
    """Tell what the form leaves out; exit where a source had failed."""
    if form == "table":
        beside.tell_changes(made)
    if form not in FOR_PEOPLE:
        for finding in made.findings:
            note(context, f"note: {finding.claim}.")
    _tell_flaws(context, made)
    failed = [source.name for source in made.sources if source.status == "failed"]
    if failed:
        terminal.tell(f"debtplan: partial data: {', '.join(failed)} failed when last read.")
        raise typer.Exit(PARTIAL)


def _tell_flaws(context: typer.Context, made: "Plan") -> None:
    """Tell of prerequisites that nobody can meet: each cycle and each missing item once."""
    from debtplan.core.natural import natural

    flaws = {
        one.detail: one.key
        for one in reversed(made.passed_over)
        if one.reason == "blocked" and any(flaw in one.detail for flaw in FLAWS)
    }
    for detail, key in sorted(flaws.items(), key=lambda flaw: natural(flaw[1]))[:SHOWN_FLAWS]:
        note(context, f"note: {key} {detail}.")
    if len(flaws) > SHOWN_FLAWS:
        note(context, f"note: {len(flaws) - SHOWN_FLAWS:,} more wait for what cannot be done.")


def _make(
    context: typer.Context,
    team: str | None,
    sprint: str | None,
    as_of: str | None,
    horizon: int | None,
) -> tuple["Plan", bool]:
    """Return the plan, saved, and whether it differs from the last one of its sprint."""
    from debtplan.bootstrap import adapters, answers, compare
    from debtplan.workflows.plan import make_plan

    loaded = answers.looking_ahead(settings(context), horizon)
    when = answers.moment(as_of)
    with adapters.open_store(loaded) as store, Progress(context) as progress:
        inputs = answers.plan_inputs(loaded, store, team, when, sprint)
        made = make_plan(inputs, adapters.planner(loaded.settings.plan, progress=progress))
        last = store.last_plan(made.team, made.sprint.id)
        made = compare.compared(loaded, store, made, progress)
        store.save_plan(made)
    return made, last is None or last.digest != made.digest
