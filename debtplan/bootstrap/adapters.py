"""Settings in, ports out. Adapters load when first used."""

import os
from datetime import UTC, datetime
from pathlib import Path

from debtplan.bootstrap.names import unknown_name
from debtplan.bootstrap.standing import standing_crew
from debtplan.config.load import find_settings, load_settings
from debtplan.config.settings import Loaded, PlanSettings
from debtplan.core.plan import Plan
from debtplan.core.risk import Risk
from debtplan.engines import make_engine
from debtplan.ports import Clock, Explorer, Renderer, Store
from debtplan.render import RENDERERS
from debtplan.render.item import ITEM_FORMS
from debtplan.render.item import render_item as render_words
from debtplan.stats.draws import Draws
from debtplan.store import open_store as open_sql
from debtplan.workflows.planner import Planner, Progress, no_progress

HEDGE_PART = 0.2
"""Part of the time limit that one of the many programs of a plan for bad worlds may take."""

QUESTION_PART = 0.2
"""Part of the time for explaining that one of its many questions may take."""

AHEAD_S = 20.0
"""Time in seconds that planning several sprints together may take."""


def now() -> datetime:
    """Return the time, aware UTC."""
    return datetime.now(UTC)


def load(config: Path | None) -> Loaded:
    """Return the checked settings that apply here. See `find_settings`."""
    return load_settings(find_settings(config, os.environ, Path.cwd()))


def by_risk(loaded: Loaded, risk: str | None) -> Loaded:
    """Return the settings with another word for what plans are chosen by; None leaves them.

    Raises:
        UsageError: There is no such word.
    """
    if risk is None:
        return loaded
    if risk not in {one.value for one in Risk}:
        raise unknown_name("risk", risk, [one.value for one in Risk])
    plan = loaded.settings.plan.model_copy(update={"risk": Risk(risk)})
    settings = loaded.settings.model_copy(update={"plan": plan})
    return loaded.model_copy(update={"settings": settings})


def open_store(loaded: Loaded) -> Store:
    """Return the store of the settings, or of `DEBTPLAN_STORE_URL`, created where needed."""
    url = os.environ.get("DEBTPLAN_STORE_URL") or loaded.settings.store.url
    return open_sql(url, loaded.folder)


def store_place(loaded: Loaded) -> str:
    """Return where the store is: a SQLite file, or a server, without a password. Opens nothing."""
    from debtplan.store.database import Database

    url = os.environ.get("DEBTPLAN_STORE_URL") or loaded.settings.store.url
    database = Database(url, loaded.folder, 0.0)
    database.close()
    return database.place


def planner(
    settings: PlanSettings, clock: Clock = now, progress: Progress = no_progress
) -> Planner:
    """Return what a plan is made with. Loads the solver."""
    return Planner(
        engine=make_engine(
            settings.engine, backend=settings.backend, time_limit_s=settings.time_limit_s
        ),
        baseline=make_engine("greedy"),
        simulator=Draws(),
        clock=clock,
        explain_limit=settings.explain_limit,
        progress=progress,
        patient=make_engine(
            settings.engine,
            backend=settings.backend,
            time_limit_s=min(settings.time_limit_s, AHEAD_S),
        ),
        hedger=make_engine(
            settings.engine,
            backend=settings.backend,
            time_limit_s=settings.time_limit_s * HEDGE_PART,
        ),
        hedge_limit_s=settings.time_limit_s,
        explorer=explorer(settings),
        crew=standing_crew(),
        explain_limit_s=settings.explain_limit_s,
        worlds=settings.worlds,
    )


def explorer(settings: PlanSettings) -> Explorer | None:
    """Return what solves many problems as the engine of the settings would."""
    if settings.engine != "milp":
        return None
    from debtplan.engines.explorer import Explorer as MilpExplorer

    longest_s = settings.explain_limit_s * QUESTION_PART
    return MilpExplorer(settings.engine, settings.backend, min(settings.time_limit_s, longest_s))


def renderer(name: str, width: int | None = None) -> Renderer:
    """Return the renderer of that name; the table as wide as asked.

    Raises:
        UsageError: There is none.
    """
    if name not in RENDERERS:
        raise unknown_name("format", name, RENDERERS)
    if name == "table" and width is not None:
        from debtplan.render.table import TableRenderer

        return TableRenderer(width)
    return RENDERERS[name]()


def render(plan: Plan, name: str) -> str:
    """Return the plan in that form."""
    return renderer(name).render(plan)


def check_item_form(form: str) -> None:
    """Refuse a form of `debtplan explain` that there is not.

    Raises:
        UsageError: There is no such form.
    """
    if form not in ITEM_FORMS:
        raise unknown_name("format", form, ITEM_FORMS)


def render_item(plan: Plan, key: str, form: str, width: int | None = None) -> str:
    """Return what a plan says of one item, the words as wide as asked; see `check_item_form`."""
    if form == "table" and width is not None:
        return render_words(plan, key, width)
    return ITEM_FORMS[form](plan, key)


def sample_folder() -> Path:
    """Return the folder of the OmniRetail sample: beside a checkout, inside an installed wheel."""
    here = Path(__file__).parents[1]
    installed = here / "_sample_data"
    return installed if installed.is_dir() else here.parent / "sample_data"
