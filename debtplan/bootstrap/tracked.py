"""Where the goals of the settings stand: from what the store holds to values."""

from datetime import datetime

from debtplan.config.measured import pick_readings
from debtplan.config.settings import Loaded, Settings
from debtplan.core.days import last_complete
from debtplan.core.outcomes import Outcomes
from debtplan.core.same_release import told_once
from debtplan.core.tracked import Headway
from debtplan.ports import Store
from debtplan.stats.goal_path import chances
from debtplan.workflows.court import docket_of, promises_of
from debtplan.workflows.targets import Known, track_goals

WHOLE_HISTORY = 1096
"""Days of readings that a goal may look back on: three years."""


def headways(loaded: Loaded, store: Store, when: datetime) -> tuple[Headway, ...]:
    """Return where every `[[goal]]` stands, as seen on that day, in their order."""
    settings = loaded.settings
    if not settings.goal:
        return ()
    metrics = settings.metric
    readings, _ = pick_readings(_with_history(settings), metrics, tuple(store.readings()), when)
    known = Known(
        metrics=metrics,
        readings=readings,
        verdicts=tuple(one for one in store.verdicts() if one.judged_at <= when),
        releases=tuple(one for one in told_once(store.releases()) if one.released_at <= when),
        end_on=last_complete(when),
        seed=settings.plan.seed,
        promises=promises_of(docket_of(store, when)),
    )
    return track_goals(settings.goal, known, chances)


def with_goals(found: Outcomes, loaded: Loaded, store: Store, when: datetime) -> Outcomes:
    """Return outcomes with where every goal stands."""
    return found.model_copy(update={"goals": headways(loaded, store, when)})


def _with_history(settings: Settings) -> Settings:
    """Return the settings with all days, not only those that plans look at."""
    harm = settings.harm.model_copy(update={"history_days": WHOLE_HISTORY})
    return settings.model_copy(update={"harm": harm})
