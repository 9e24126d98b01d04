"""`debtplan plan --all-teams`: every team's plan, and what they relieve together."""

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from debtplan.cli import terminal
from debtplan.cli.output import write_result
from debtplan.cli.state import Progress, note, settings
from debtplan.errors import UsageError

if TYPE_CHECKING:
    from debtplan.core.plan import Plan
    from debtplan.core.summary import GroupTotal, Summary, TeamFailure, TeamLine
    from debtplan.ports import Store
    from debtplan.workflows.jointly import Grouped

TEAM_FILES = {"plan.json": "json", "report.html": "html"}
"""Files of each team below the folder of --output, and their forms."""

FILE_ENDINGS = frozenset({".csv", ".html", ".json", ".md", ".txt"})
"""Endings of what --output names without --all-teams; few folders end so."""

AllTeams = Annotated[
    bool,
    typer.Option(
        "--all-teams",
        help="Plan every team. --format is table or json then, and --output a folder.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(help="With --all-teams: processes that plan; as many as there are cores."),
]
Address = Annotated[
    str | None,
    typer.Option(
        "--executor", help="With --all-teams: a Dask cluster that plans, dask://HOST:PORT."
    ),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of `plan --all-teams`."""

    team: str | None
    sprint: str | None
    as_of: str | None
    horizon: int | None
    form: str
    output: tuple[Path, ...]


@dataclass(slots=True)
class _Made:
    """What came of the teams so far; of the plans themselves only what is asked for is kept.

    Attributes:
        documents: Each plan as one line of JSON, by team, where the document is asked for.
    """

    folder: Path | None
    keeps_documents: bool
    lines: "dict[str, TeamLine]" = field(default_factory=dict)
    failed: "list[TeamFailure]" = field(default_factory=list)
    groups: "list[GroupTotal]" = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)
    broken_sources: set[str] = field(default_factory=set)

    def take(self, grouped: "Grouped", store: "Store") -> None:
        """Save a group's plans, write their files, and keep their lines."""
        from debtplan.core.summary import GroupTotal, team_line

        self.failed += grouped.failed
        for plan in grouped.plans:
            last = store.last_plan(plan.team, plan.sprint.id)
            store.save_plan(plan)
            is_new = last is None or last.digest != plan.digest
            self.lines[plan.team] = team_line(plan, grouped.own[plan.team], is_new=is_new)
            self._write(plan)
            self.broken_sources |= {one.name for one in plan.sources if one.status == "failed"}
        if grouped.status is not None:
            self.groups.append(
                GroupTotal(
                    ux_value=grouped.ux_value,
                    sessions=grouped.sessions,
                    status=grouped.status,
                    gap=grouped.gap,
                )
            )

    def _write(self, plan: "Plan") -> None:
        from debtplan.bootstrap import adapters
        from debtplan.bootstrap.runs import safe_name
        from debtplan.render.json import plan_json

        if self.keeps_documents:
            self.documents[plan.team] = plan_json(plan)
        if self.folder is not None:
            for name, form in TEAM_FILES.items():
                place = self.folder / safe_name(plan.team) / name
                write_result(place, adapters.render(plan, form))


def refuse_alone(workers: int | None, executor: str | None) -> None:
    """Refuse options that say nothing of one team's plan.

    Raises:
        UsageError: One of them is set.
    """
    if workers is not None or executor is not None:
        name = "--executor" if workers is None else "--workers"
        raise UsageError(f"{name} is for the plans of all teams.", "Add --all-teams.")


def plan_teams(
    context: typer.Context,
    asked: Asked,
    crew: tuple[int | None, str | None],
    *,
    is_new_told: bool,
) -> None:
    """Plan every team, and exit with the worst of their codes; see `exit_code_of`.

    Args:
        context: Of the command.
        asked: What to plan, and in what form.
        crew: Workers, and the executor's address; see `open_crew`.
        is_new_told: Whether code 3 tells of a plan that differs from the last one.
    """
    from debtplan.bootstrap.crew import check_crew
    from debtplan.core.summary import exit_code_of
    from debtplan.render.portfolio import render_document, render_summary

    check_crew(*crew)
    folder = _checked(asked)
    made = _Made(folder, keeps_documents=asked.form == "json" or folder is not None)
    summary = _planned(context, asked, crew, made)
    documents = [made.documents[team] for team in sorted(made.documents)]
    if folder is not None:
        write_result(folder / "portfolio.json", render_document(summary, documents))
        note(context, f"Wrote {len(summary.lines):,} plans and portfolio.json to {folder}.")
    if asked.form == "json":
        terminal.hand_over(render_document(summary, documents))
        for one in summary.failed:
            note(context, f"note: team {one.team} has no plan: {one.what} {one.fix}")
    else:
        terminal.show(render_summary(summary, terminal.width()))
    broken = sorted(made.broken_sources)
    if broken:
        terminal.tell(f"debtplan: partial data: {', '.join(broken)} failed when last read.")
    code = exit_code_of(summary, is_partial=bool(broken), is_change_told=is_new_told)
    if code:
        raise typer.Exit(code)


def _checked(asked: Asked) -> Path | None:
    """Return the folder for the files, if one is asked for.

    Raises:
        UsageError: What is asked for does not go with --all-teams.
    """
    from debtplan.render.portfolio import FORMS

    if asked.team is not None:
        what = "--team and --all-teams exclude each other."
        raise UsageError(what, "Leave out one of them.")
    if asked.form not in FORMS:
        what = f"--all-teams has no form {asked.form!r}."
        fix = f"Use one of: {', '.join(FORMS)}; --output writes every team's report.html."
        raise UsageError(what, fix)
    if len(asked.output) > 1:
        what = "With --all-teams --output is one folder."
        raise UsageError(what, "Name one folder.")
    folder = asked.output[0] if asked.output else None
    if folder is not None and folder.exists() and not folder.is_dir():
        what = f"{folder} is a file, and with --all-teams --output is a folder."
        raise UsageError(what, "Name a folder.")
    if folder is not None and folder.suffix in FILE_ENDINGS and not folder.exists():
        what = f"{folder} looks like a file, and with --all-teams --output is a folder."
        raise UsageError(what, f"Name a folder, such as {folder.stem}.")
    return folder


def _planned(
    context: typer.Context, asked: Asked, crew: tuple[int | None, str | None], made: _Made
) -> "Summary":
    from debtplan import __version__
    from debtplan.bootstrap import adapters, answers
    from debtplan.bootstrap.crew import open_crew
    from debtplan.bootstrap.portfolio import Portfolio
    from debtplan.core.summary import Summary, add_up

    loaded = answers.looking_ahead(settings(context), asked.horizon)
    when, now = answers.moment(asked.as_of), adapters.now()
    with adapters.open_store(loaded) as store, Progress(context) as progress:
        portfolio = Portfolio(loaded, store, when, now, asked.sprint)
        made.failed += portfolio.failed
        number, address = crew
        is_one = address is None and len(portfolio.groups) == 1
        with (
            open_crew(1 if is_one else number, address) as workers,
            closing(portfolio.plans(workers, progress)) as plans,
        ):
            for grouped in plans:
                made.take(grouped, store)
    lines = tuple(made.lines[team] for team in sorted(made.lines))
    failed = tuple(sorted(made.failed, key=lambda one: one.team))
    return Summary(
        debtplan_version=__version__,
        created_at=now,
        lines=lines,
        failed=failed,
        total=add_up(lines, failed, made.groups, portfolio.sprint_days),
    )
