"""What is known of approved plans, without judging any: for the report of the plan made next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from debtplan.core.forecast import promised
from debtplan.core.judge import OutcomePolicy
from debtplan.core.outcomes import Outcomes, Pair, Pending, pair_up, sum_up, waiting
from debtplan.core.undone import Missed, place
from debtplan.workflows.court import Court, docket_of, titles_of
from debtplan.workflows.outcomes import sort_forecasts

DUE = "can be judged: `debtplan outcomes` does it"


@dataclass(frozen=True, slots=True)
class Past:
    """Forecasts of every team with their verdicts, and those that wait for one.

    Attributes:
        pairs: See `sum_up`, `pending` and `titles` likewise.
        as_of: The moment it is looked at.
        verdict_days: Days from a release to its verdict.
        missed: See `sum_up`.
    """

    pairs: tuple[Pair, ...]
    pending: tuple[Pending, ...]
    titles: Mapping[str, str]
    as_of: datetime
    verdict_days: int
    missed: tuple[Missed, ...] = ()

    def of(self, team: str) -> Outcomes:
        """Return the outcomes of a team beside the calibration of all."""
        found = sum_up(self.pairs, self.pending, self.titles, self.as_of, team, self.missed)
        return found.model_copy(update={"verdict_days": self.verdict_days})


def look_back(court: Court, when: datetime) -> Past:
    """Return what the store holds of forecasts and verdicts as of a moment; nothing is judged."""
    store, days = court.store, verdict_days(court.policy)
    forecasts = tuple(one for one in store.forecasts() if one.frozen_at <= when)
    if not forecasts:
        return Past((), (), {}, when, days)
    verdicts = [one for one in store.verdicts() if one.judged_at <= when]
    docket = docket_of(store, when)
    found = sort_forecasts(docket, court, when)
    titles = titles_of(court.metrics, docket.items)
    missed = place(forecasts, (one for one in store.placebos() if one.judged_at <= when))
    told = set(map(promised, verdicts))
    due = [
        waiting(one, titles, DUE, case.window[1] + timedelta(days=1))
        for case in found.cases
        for one in case.forecasts
        if promised(one) not in told
    ]
    pairs = pair_up(forecasts, verdicts)
    return Past(pairs, (*found.pending, *due), titles, when, days, missed)


def verdict_days(policy: OutcomePolicy) -> int:
    """Return the days from a release to the first on which it can be judged.

    The days after the release, those of the transition, and the last one complete: see `window_of`.
    """
    return policy.transition_days + policy.after_days + 2
