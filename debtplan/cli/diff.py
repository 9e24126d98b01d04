"""Commands about plans beside others: diff, approve, and `plan --what-if`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from debtplan.cli import terminal
from debtplan.cli.state import Progress, settings

if TYPE_CHECKING:
    from debtplan.core.plan import Plan

CHANGED = 3

FORMS = ("table", "json")

WhatIfs = Annotated[
    list[str] | None,
    typer.Option(
        "--what-if",
        metavar="CHANGE",
        help="Show the plan with this changed beside the plan as it stands, and save nothing: "
        "reserve=0.12, capacity=30, availability=0.8, points:KEY=3, share:KEY:METRIC=0.4, "
        "weight:FLOW=2, pin:KEY, forbid:KEY, free:KEY, done:KEY. May be given several times.",
    ),
]


Team = Annotated[str | None, typer.Option(help="Team; needed where the settings name several.")]
Old = Annotated[
    str | None,
    typer.Argument(
        help="Plan id or plan.json; else the sprint's approved plan, else the last one saved."
    ),
]
New = Annotated[
    str | None, typer.Argument(help="Plan id or plan.json; else the plan as it would be made now.")
]


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of `debtplan plan` that a question takes."""

    team: str | None
    sprint: str | None
    as_of: str | None
    horizon: int | None
    form: str


def diff(
    context: typer.Context,
    *,
    old: Old = None,
    new: New = None,
    team: Team = None,
    sprint: Annotated[str | None, typer.Option(help="Name of the coming sprint.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Plan as of this day, YYYY-MM-DD; now if left out.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 3 where anything differs.")
    ] = False,
) -> None:
    """Say what differs between two plans, and why.

    Causes are found by solving again with the new inputs swapped in group by group: data, links,
    estimates, backlog, capacity, rules, weights. Nothing is saved.
    """
    from debtplan.bootstrap import adapters, answers, compare
    from debtplan.render.diff import changes_json, changes_text

    _check_form(form)
    loaded = settings(context)
    with adapters.open_store(loaded) as store, Progress(context) as progress:
        inputs = None
        if new is None:
            inputs = answers.plan_inputs(loaded, store, team, answers.moment(as_of), sprint)
        found = compare.diff(loaded, store, (old, new), inputs, progress)
    if form == "json":
        terminal.hand_over(changes_json(found))
    else:
        terminal.show(changes_text(found, terminal.width(), is_named=old is not None))
    if detailed_exitcode and found.changes:
        raise typer.Exit(CHANGED)


def approve(
    context: typer.Context,
    by: Annotated[str, typer.Option(help="Who approves it, as the team knows them.")],
    plan: Annotated[
        str | None, typer.Argument(help="Plan id or plan.json; else the last plan of the team.")
    ] = None,
    team: Team = None,
) -> None:
    """Mark a plan as approved, after proving it again.

    From then on plans of its sprint keep its items where that costs nothing, or up to keep_within
    under [plan], and `debtplan diff` compares with it. What it promises is kept as it is, for
    `debtplan outcomes` to hold against what happens.
    """
    from debtplan.bootstrap import adapters, compare
    from debtplan.config.assemble import pick_team
    from debtplan.core.text import clean_line
    from debtplan.errors import UsageError

    loaded = settings(context)
    name = clean_line(by, 200)
    if not name:
        raise UsageError("Nobody is named who approves the plan.", "Say who, such as --by Ann.")
    with adapters.open_store(loaded) as store, Progress(context) as progress:
        asked = None if plan else pick_team(loaded.settings, team)
        policy = loaded.settings.outcomes
        found = compare.approve(store, (plan, asked), name, adapters.now(), progress, policy)
    count = len(found.chosen)
    items = f"{count} item{'' if count == 1 else 's'}"
    terminal.show(
        f"Plan {found.plan_id} is approved by {name}: {items}, {found.sprint.name} of {found.team}."
    )


def tell_changes(made: "Plan") -> None:
    """Write what changed below the plan, where there was one before."""
    from debtplan.render.diff import changes_text

    text = changes_text(made, terminal.width())
    if text:
        terminal.show(f"\n{text}")


def show_what_if(context: typer.Context, texts: list[str], asked: Asked) -> None:
    """Show the plan with what is asked about beside the plan as it stands."""
    from debtplan.bootstrap import adapters, answers, compare
    from debtplan.render.whatif import whatif_json, whatif_text

    _check_form(asked.form)
    loaded = answers.looking_ahead(settings(context), asked.horizon)
    when = answers.moment(asked.as_of)
    with adapters.open_store(loaded) as store, Progress(context) as progress:
        inputs = answers.plan_inputs(loaded, store, asked.team, when, asked.sprint)
        found = compare.what_if(loaded, inputs, texts, progress)
    plans = (found.standing, found.plan)
    alone = tuple((one.text, one.ux_value, one.points) for one in found.alone)
    if asked.form == "json":
        terminal.hand_over(whatif_json(plans, found.changes, alone))
    else:
        terminal.show(whatif_text(plans, found.changes, alone, terminal.width()))


def refuse_beside(**options: object) -> None:
    """Refuse options that make no sense beside --what-if, each by its name in the program.

    Raises:
        UsageError: One is given.
    """
    from debtplan.errors import UsageError

    for name, value in options.items():
        if value:
            option = f"--{name.replace('_', '-')}"
            what = (
                f"{option} does not go with --what-if, which shows one team's plan and keeps none."
            )
            raise UsageError(what, f"Leave out {option}; --format json gives the figures.")


def _check_form(form: str) -> None:
    from debtplan.bootstrap.names import unknown_name

    if form not in FORMS:
        raise unknown_name("format", form, FORMS)
