"""What is known of approved plans, without judging any: for the report of the plan made next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from debtplan.core.contained import with_keys
from debtplan.core.judge import OutcomePolicy
from debtplan.core.outcomes import Outcomes, Pair, Pending, pair_up, sum_up
from debtplan.workflows.outcomes import Court, sort_forecasts

DUE = "can be judged: `debtplan outcomes` does it"


@dataclass(frozen=True, slots=True)
class Past:
    """Forecasts of every team with their verdicts, and those that wait for one.

    Attributes:
        pairs: See `sum_up`, `pending` and `titles` likewise.
        as_of: The moment it is looked at.
        verdict_days: Days from a release to its verdict.
    """

    pairs: tuple[Pair, ...]
    pending: tuple[Pending, ...]
    titles: Mapping[str, str]
    as_of: datetime
    verdict_days: int

    def of(self, team: str) -> Outcomes:
        """Return the outcomes of a team beside the calibration of all."""
        found = sum_up(self.pairs, self.pending, self.titles, self.as_of, team)
        return found.model_copy(update={"verdict_days": self.verdict_days})


def look_back(court: Court, when: datetime) -> Past:
    """Return what the store holds of forecasts and verdicts as of a moment; nothing is judged."""
    store, days = court.store, verdict_days(court.policy)
    forecasts = tuple(one for one in store.forecasts() if one.frozen_at <= when)
    if not forecasts:
        return Past((), (), {}, when, days)
    verdicts = [one for one in store.verdicts() if one.judged_at <= when]
    items = {item.key: item for item in store.items()}
    known_by_now = (one for one in store.releases() if one.released_at <= when)
    releases = with_keys(known_by_now, (*items, *(one.item for one in forecasts)))
    found = sort_forecasts(forecasts, releases, items, court, when)
    titles = {one.id: one.title for one in court.metrics}
    titles |= {key: item.title for key, item in items.items()}
    told = {(one.plan_id, one.item, one.metric) for one in verdicts}
    due = [
        Pending(
            plan_id=one.plan_id,
            team=one.team,
            item=one.item,
            title=titles.get(one.item, ""),
            metric=one.metric,
            metric_title=titles.get(one.metric, ""),
            from_on=case.window[1] + timedelta(days=1),
            why=DUE,
        )
        for case in found.cases
        for one in case.forecasts
        if (one.plan_id, one.item, one.metric) not in told
    ]
    return Past(pair_up(forecasts, verdicts), (*found.pending, *due), titles, when, days)


def verdict_days(policy: OutcomePolicy) -> int:
    """Return the days from a release to the first on which it can be judged.

    The days after the release, those of the transition, and the last one complete: see `window_of`.
    """
    return policy.transition_days + policy.after_days + 2
