"""What `debtplan outcomes`, approvals and runs need of settings and adapters to judge forecasts."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from debtplan.bootstrap.names import unknown_name
from debtplan.config.assemble import plain_metrics
from debtplan.config.settings import Loaded
from debtplan.core.effect import Effect, Question
from debtplan.core.judge import OutcomePolicy
from debtplan.core.outcomes import Outcomes
from debtplan.core.plan import Plan
from debtplan.core.verdict import Outcome, Verdict
from debtplan.ports import Store
from debtplan.render.outcomes import OUTCOME_FORMS, render_outcomes
from debtplan.render.verdicts import WORDS
from debtplan.stats.draws import Draws
from debtplan.workflows.court import Court
from debtplan.workflows.outcomes import Session, judge_due, keep_forecasts


class LazyMeter:
    """See `EffectMeter`: loads the statistics when there is something to judge."""

    def measure(self, question: Question) -> Effect:
        """See `EffectMeter.measure`."""
        from debtplan.stats.interrupted import InterruptedSeries

        return InterruptedSeries().measure(question)


def outcome_form(name: str, width: int | None = None) -> Callable[[Outcomes], str]:
    """Return what writes outcomes in that form; the table as wide as asked.

    Raises:
        UsageError: There is no such form.
    """
    if name not in OUTCOME_FORMS:
        raise unknown_name("format", name, OUTCOME_FORMS)
    if name == "table" and width is not None:
        return lambda found: render_outcomes(found, width)
    return OUTCOME_FORMS[name]


def freeze_plan(store: Store, plan: Plan, when: datetime, policy: OutcomePolicy) -> int:
    """Keep what an approved plan promises; return how many promises are new."""
    return keep_forecasts(plan, store, Draws(), when, policy)


def judge_now(loaded: Loaded, store: Store, when: datetime, team: str = "") -> Session:
    """Judge what can be judged, and return all outcomes of a team, "" of all."""
    settings = loaded.settings
    court = Court(store, plain_metrics(settings), LazyMeter(), settings.outcomes)
    return judge_due(court, when, team)


def say_judged(session: Session) -> str:
    """Return one line on what was judged this time; empty where nothing was."""
    if not session.new:
        return ""
    counts = Counter(one.outcome for one in session.new)
    said = ", ".join(f"{counts[one]} {WORDS[one]}" for one in Outcome if counts[one])
    alarms = _alarms(session.new)
    return f"{_forecasts(len(session.new))} judged: {said}. {session.outcomes.line}{alarms}"


def _forecasts(count: int) -> str:
    return f"{count} forecast{' was' if count == 1 else 's were'}"


def _alarms(verdicts: tuple[Verdict, ...]) -> str:
    found = dict.fromkeys(alarm for one in verdicts for alarm in one.alarms)
    return "".join(f" {alarm}" for alarm in found)
