"""The answer: what goes to debt, what it should spare, for whom, how sure, what it displaces."""

from debtplan.core.natural import natural
from debtplan.core.plan import Chosen, Finding, Plan, Reason
from debtplan.core.problem import Status
from debtplan.core.text import clean_line
from debtplan.render.facts import UNSIMULATED, Facts
from debtplan.render.number import (
    about,
    counted,
    listed,
    percent,
    plain,
    sentence,
    some,
    span,
    spelled,
)

SURE = 0.9
"""An item that stays chosen in at least this share of simulated worlds is safe to promise."""

LEAST_GAP = 1e-6
"""A proven plan whose gap is larger gave up value to keep what was approved."""

MOST = 0.5
"""From this share of the relief on, "most of them" is said."""


def say_points(facts: Facts) -> Finding:
    """Return how much of the sprint goes to debt."""
    plan = facts.plan
    used, points = plan.capacity.reserve.used, plan.capacity.points
    figures = {"used": used, "capacity": points}
    if not plan.chosen:
        claim = "No debt work is chosen for this sprint."
        return Finding(claim=claim, figures=figures, source="capacity")
    verb = "goes" if round(used, 2) == 1 else "go"
    claim = f"{plain(used)} of {facts.points(points)} {verb} to debt."
    return Finding(claim=claim, figures=figures, source="capacity")


def say_relief(facts: Facts) -> Finding:
    """Return what the plan should spare users, without its interval."""
    plan = facts.plan
    figures = {"sessions": plan.sessions, "ux_value": plan.ux_value}
    if not plan.chosen:
        return Finding(claim=_why_nothing(facts), figures=figures, source="passed over")
    they = "It" if round(plan.capacity.reserve.used, 2) == 1 else "They"
    if plan.sessions <= 0 and any(one.terms for one in facts.begun):
        return Finding(claim=_say_begun(facts, they), figures=figures, source="ahead")
    if plan.sessions <= 0:
        claim = f"What {they.lower()} will spare users is not known: none of the work is measured."
        return Finding(claim=claim, figures=figures, source="ledger")
    many = some(plan.sessions, "sessions")
    claim = f"{they} should spare {many} a sprint a frustrating experience"
    return Finding(claim=claim, figures=figures, source="ledger")


def say_interval(facts: Facts) -> Finding:
    """Return the interval that belongs to the relief, for brackets behind it."""
    plan = facts.plan
    if not plan.chosen or plan.sessions <= 0:
        return Finding(claim="")
    weighted = f"about {about(plan.ux_value)} weighted" if facts.is_weighted else ""
    if plan.interval is None:
        claim = "how far off that may be is not known"
        return Finding(claim=f"{weighted}; {claim}" if weighted else claim)
    likely = f"likely {span(plan.interval.p10, plan.interval.p90)}"
    figures = {"p10": plan.interval.p10, "p90": plan.interval.p90}
    claim = f"{weighted}, {likely}" if weighted else likely
    return Finding(claim=claim, figures=figures, source="simulated worlds")


def say_people(facts: Facts) -> Finding:
    """Return for whom the plan is."""
    rows = facts.relieved()
    if not rows:
        return Finding(claim=_say_later_people(facts))
    row, share = rows[0]
    metric = facts.metrics.get(row.metrics[0]) if row.metrics else None
    people = facts.people(metric) if metric else clean_line(row.pool)
    figures = {"share": share, "relieved": row.relieved}
    if len(rows) == 1:
        claim = f"All of them: {people}."
    elif share >= MOST:
        claim = f"Most of them, about {percent(share)}: {people}."
    else:
        claim = f"The largest group, about {percent(share)}: {people}."
    return Finding(claim=claim, figures=figures, source="ledger")


def say_sure(facts: Facts) -> Finding:
    """Return how sure the choice is."""
    chosen = facts.plan.chosen
    known = [one for one in chosen if one.certainty is not None]
    if not chosen:
        return Finding(claim="")
    if len(known) < len(chosen):
        claim = f"How sure the choice is, is not known: {say_unsimulated(facts)}."
        return Finding(claim=claim, figures={"simulated": float(len(known))})
    core = [one for one in known if (one.certainty or 0) >= SURE]
    close = [one for one in known if one not in core]
    figures = {"core": float(len(core)), "chosen": float(len(chosen))}
    claim = _sure_words(facts, len(chosen), close)
    assumed = [one for one in chosen if any(term.is_assumed for term in one.terms)]
    if assumed:
        names = listed([facts.name(one.key) for one in assumed[:3]])
        claim += f" For {names} we assume the share it removes: nobody has measured it."
    return Finding(claim=claim, figures=figures, source="simulated worlds")


def say_displaced(facts: Facts) -> Finding:
    """Return what the plan displaces: other work, and the debt that waits."""
    plan = facts.plan
    used, points = plan.capacity.reserve.used, plan.capacity.points
    kept = [one for one in plan.passed_over if one.reason is not Reason.NOT_OPEN]
    figures = {"used": used, "capacity": points, "waiting": float(len(kept))}
    rest = facts.points(max(0.0, points - used))
    claim = f"The sprint keeps {rest} for everything else."
    if plan.chosen and points > 0:
        part = percent(used / points)
        claim = f"It displaces {facts.points(used)} of other work, {part} of the sprint."
    waiting = sorted(
        (one for one in kept if one.ux_value),
        key=lambda one: (-(one.ux_value or 0), natural(one.key)),
    )
    if kept:
        claim += " " + sentence(f"{counted(len(kept), 'debt item')} must wait")
    if waiting and plan.chosen:
        first = waiting[0]
        worth = f"{facts.name(first.key)} ({some(first.ux_value, facts.sessions)})"
        lead = ": " if len(kept) == 1 else "; the most valuable of them is "
        claim = f"{claim[:-1]}{lead}{worth}."
    return Finding(claim=claim, figures=figures, source="capacity")


def say_baseline(plan: Plan) -> Finding:
    """Return what a simple rule would have got."""
    share = plan.baseline.share
    figures = {"share": share, "ux_value": plan.baseline.ux_value}
    rule = clean_line(plan.baseline.rule, 80)
    if not plan.chosen:
        claim = "There is nothing to compare with a simple rule."
    elif not is_comparable(plan):
        claim = f"What sorting by {rule} would have got cannot be told from this sprint alone."
    elif share >= 1 - 1e-9:
        claim = f"Sorting by {rule} would have got the same."
    else:
        claim = f"Sorting by {rule} would have got {percent(share)} of this."
    return Finding(claim=claim, figures=figures, source="baseline")


def is_comparable(plan: Plan) -> bool:
    """Tell whether the baseline's share says anything: not of a sprint that finishes nothing."""
    return bool(plan.chosen) and any(one.finishes_in == 1 for one in plan.chosen)


def say_unsimulated(facts: Facts) -> str:
    """Return why some chosen item has no certainty."""
    lacking = [one for one in facts.plan.chosen if one.certainty is None]
    if lacking and all(one.finishes_in > 1 for one in lacking):
        return UNSIMULATED
    return "nothing was simulated"


def say_track(plan: Plan) -> Finding:
    """Return what is known of earlier forecasts."""
    known = plan.inputs.calibration
    if known is None:
        return Finding(claim="Not calibrated yet: fewer than five forecasts have been checked.")
    said = known.delivered
    way = "reduced" if said.mean < 1 else "raised"
    claim = (
        f"The last {known.verdicts} forecasts delivered {percent(said.mean)} "
        f"({percent(max(0.0, said.low))} to {percent(said.high)}) of what they claimed; "
        f"today's are already {way} by that."
    )
    figures = {"mean": said.mean, "low": said.low, "high": said.high}
    return Finding(claim=claim, figures=figures, source="verdicts")


def say_proof(plan: Plan) -> Finding:
    """Return what is proven about the choice."""
    solver = plan.solver
    figures = {} if solver.gap is None else {"gap": solver.gap}
    if plan.robust is not None:  # its own words say what was looked for
        claim = "Proven best where things turn out badly, as said above."
        if plan.robust.status is not Status.OPTIMAL:
            claim = "Not proven best where things turn out badly; the bound is said above."
        return Finding(claim=claim, figures=figures, source="solver")
    if solver.status is Status.OPTIMAL and (solver.gap or 0.0) > LEAST_GAP:
        claim = (
            "Proven: no allowed set of items that is worth enough is nearer to the approved plan; "
            f"the best set is worth {percent(solver.gap)} more."
        )
    elif solver.status is Status.OPTIMAL:
        claim = "Proven: no allowed set of items is worth more."
    elif solver.status is Status.GREEDY:
        claim = "Not proven: the solver gave no answer in time, a simple rule stands in."
    elif solver.status is Status.INFEASIBLE:
        claim = "The rules contradict each other: no set of items keeps them all."
    elif solver.gap is None:
        claim = "The time limit passed; how much better another set could be is not known."
    else:
        gap = percent(solver.gap)
        claim = f"The time limit passed; no allowed set is worth over {gap} more than this one."
    return Finding(claim=claim, figures=figures, source="solver")


def _say_begun(facts: Facts, they: str) -> str:
    """Return what a sprint that finishes nothing of value leads to."""
    begun = facts.begun
    begin = "begins" if they == "It" else "begin"
    sprints = list(dict.fromkeys(clean_line(one.sprint, 80) for one in begun))
    claim = f"{they} {begin} {listed([facts.name(one.key) for one in begun])}, which "
    claim += f"{listed(sprints)} {'finishes' if len(sprints) == 1 else 'finish'}. "
    if len(begun) == 1:
        worth = some(begun[0].ux_value, facts.sessions)
        return f"{claim}From then on it should spare {worth} a sprint a frustrating experience."
    return f"{claim}Nobody is spared anything before that."


def _say_later_people(facts: Facts) -> str:
    """Return for whom a plan is that relieves nobody within its sprint."""
    terms = (facts.main_term(one) for one in facts.begun)
    metrics = [
        facts.metrics[term.metric] for term in terms if term and term.metric in facts.metrics
    ]
    if metrics:
        people = list(dict.fromkeys(facts.people(metric) for metric in metrics))
        return f"It is for {listed(people)}."
    return "Whom it helps is not known." if facts.plan.chosen else ""


def _sure_words(facts: Facts, number: int, close: list[Chosen]) -> str:
    worlds = "in at least 9 of 10 simulated worlds"
    if not close:
        many = "Both" if number == len(("one", "other")) else f"All {spelled(number)}"
        whole = "The one choice holds" if number == 1 else f"{many} choices hold"
        return f"{whole} {worlds}."
    names = listed([f"{facts.name(one.key)} ({percent(one.certainty)})" for one in close[:3]])
    more = f" and {len(close) - 3} more" if len(close) > 3 else ""  # noqa: PLR2004 - three are named
    verb = "is" if len(close) == 1 else "are"
    talk = f"{names}{more} {verb} close and worth two minutes of talk."
    core = number - len(close)
    if core == 0:
        return f"No choice holds {worlds}: {talk}"
    hold = "holds" if core == 1 else "hold"
    return f"{spelled(core).capitalize()} of the {spelled(number)} choices {hold} {worlds}; {talk}"


def _why_nothing(facts: Facts) -> str:
    plan = facts.plan
    if plan.solver.status is Status.INFEASIBLE:
        return "The rules contradict each other, so there is no plan."
    if not plan.passed_over:
        return "There are no items to choose from."
    left = [one for one in plan.passed_over if one.reason is not Reason.NOT_OPEN]
    if not left:
        return "No item is open: there is nothing left to do."
    items = counted(len(left), "item")
    if not any(term for one in left for term in one.terms):
        return (
            f"{sentence(items)[:-1]} could be done, but what they would spare users is not known: "
            "none of them touches a metric with known harm."
        )
    return f"{sentence(items)[:-1]} could be done; none of them fits what is reserved and allowed."
