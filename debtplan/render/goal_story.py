"""The way to a goal told in sentences, for every form that shows it."""

from collections.abc import Iterator, Sequence
from datetime import date

from debtplan.core.flow import CONSISTENCY, FOUND, MetricKind
from debtplan.core.goal import RISING, GoalStatus
from debtplan.core.natural import in_order, natural
from debtplan.core.route import GoalSet, GoalSprint, Lacking, Price, Route
from debtplan.core.text import clean_line
from debtplan.render.number import (
    UNKNOWN,
    about,
    amount,
    counted,
    day,
    days,
    listed,
    percent,
    plain,
    rounded,
    sentence,
)

NAMED = 8
"""Items that are named in a sentence; the rest is counted."""

SHOWN = 10
"""Rungs of the ladder that are shown; all are in the JSON form."""

INSTEAD = (
    "Items are priced by the harm they remove, and a metric of this kind carries none, whatever is "
    "read of it. Ask for a goal on a metric of the same step that does: `debtplan metrics` lists "
    "them, and where this one stands beside its target."
)
"""What to do where a goal has no price because its metric never carries harm."""

_TODAY = {
    MetricKind.DROP_OFF: "of sessions are lost",
    MetricKind.ERROR_RATE: "of attempts fail",
    MetricKind.TICKET_RATE: "of sessions write a ticket",
    MetricKind.WEB_VITAL: "of visits are good",
    MetricKind.CSAT: "of answers are satisfied",
    MetricKind.ADOPTION: "of components are from the design system",
    MetricKind.RAGE_CLICKS: "of sessions have a rage click",
}


class GoalStory:
    """A route with the sentences that tell it. Every text it hands out is cleaned and cut."""

    def __init__(self, route: Route) -> None:
        """Look everything up once."""
        self.route = route
        keys = {one.key for one in route.items} | {one.key for one in route.lacking}
        keys |= set(route.unlinked)
        keys |= {part.key for sprint in self.sprints for part in sprint.parts}
        owners: dict[str, list[str]] = {}
        for key in sorted(keys):
            owners.setdefault(key.partition(":")[2] or key, []).append(key)
        self._short = {mine[0]: short for short, mine in owners.items() if len(mine) == 1}

    @property
    def sprints(self) -> tuple[GoalSprint, ...]:
        """The sprints on the way; none where nothing is to be done, or nothing would do."""
        return self.route.time.sprints if self.route.time else ()

    @property
    def heading(self) -> str:
        """Team, metric and goal in one line."""
        team = clean_line(self.route.team, 60)
        start = f"{team[:1].upper()}{team[1:]} team"
        return f"{start} · Goal: {clean_line(self.route.metric.title, 120)}, {self._asked()}"

    def name(self, key: str) -> str:
        """Return an item's key as people say it."""
        return clean_line(self._short.get(key, key), 120)

    def names(self, keys: Sequence[str]) -> str:
        """Return the keys of items in a row, the rest counted."""
        named = [self.name(key) for key in in_order(keys)[:NAMED]]
        more = len(keys) - len(named)
        return f"{', '.join(named)} and {more:,} more" if more else listed(named)

    def number(self, value: float | None) -> str:
        """Return the metric's number: `53.8%`; an Apdex as `0.76`, findings as `142`."""
        if value is None:
            return UNKNOWN
        if self.route.metric.kind in FOUND:
            return plain(value)
        if self.route.metric.kind in (MetricKind.LATENCY, MetricKind.COMPLETION_TIME):
            return f"{rounded(value, 3):g}"
        return percent(value, 3)

    def points(self, number: float) -> str:
        """Return points in the team's unit."""
        return amount(number, clean_line(self.route.unit, 40))

    def answer(self) -> Iterator[str]:
        """Yield what it takes, when, and with what chance."""
        route, need = self.route, self.route.need
        if route.status is GoalStatus.UNKNOWN:
            if need.today is not None:
                yield f"{self._today()}."
            yield f"What this goal takes cannot be computed: {clean_line(need.why, 600)}."
            if route.metric.kind in CONSISTENCY:
                yield INSTEAD
            return
        yield f"{self._today()}; the goal is {self.number(need.wanted)}."
        if route.status is GoalStatus.MET:
            yield "It is met already: no debt work is needed for it."
        elif route.status is GoalStatus.BEYOND:
            yield f"This model cannot show a way there: {clean_line(need.why, 600)}."
            yield from self._at_most()
        elif route.status is GoalStatus.UNREACHABLE:
            yield "Today's items do not get there."
            yield from self._at_most()
        elif route.least:
            yield self._least(route.least)
            yield from self._when()
            yield from self._chance(route.least)

    def reading(self) -> str:
        """Return how the goal is translated into harm; empty where it is not."""
        need, harm = self.route.need, self.route.metric.harm
        if need.removal is None or harm is None or self.route.status is GoalStatus.MET:
            return ""
        normal = self.number(need.normal)
        side = "below" if self.route.metric.kind in RISING else "above"
        start = (
            f"Items can remove what is {side} {normal}, the target: about {about(harm)} frustrated "
            "sessions a sprint."
        )
        if self.route.metric.kind is MetricKind.DROP_OFF:
            start = start.replace("the target", "which counts as normal")
        if need.removal > 1:
            return f"{start} The goal asks for more than all of that."
        return f"{start} The goal needs {percent(need.removal)} of them gone."

    def work(self) -> list[str]:
        """Return the keys of the set that is taken, or of all that could be done.

        In the order of work where that is known.
        """
        route = self.route
        shown = route.taken or route.least or route.most
        keys = in_order(shown.keys) if shown else []
        done = [part.key for sprint in self.sprints for part in sprint.parts if part.is_for_goal]
        known = list(dict.fromkeys(key for key in done if key in keys))
        return [*known, *(key for key in keys if key not in known)]

    def lacking(self) -> list[Lacking]:
        """Return the items that do not count, the most helpful first."""
        return sorted(self.route.lacking, key=lambda one: (-(one.removal or 0), natural(one.key)))

    def legend(self) -> Iterator[str]:
        """Yield what the columns of the items mean."""
        shown = [one for one in self.route.items if one.key in self.work()]
        if shown:
            yield "Removes: expected share of that harm, each item alone."
        if any(one.removal is None for one in shown):
            yield "-: done because another item waits for it."

    def rungs(self) -> list[tuple[GoalSet, str]]:
        """Return the rungs to show, each with how it differs from the one before."""
        ladder = self.route.ladder
        wanted = {one.keys for one in self.route.prices if one.points is not None}
        stride = max(1, -(-len(ladder) // SHOWN))
        shown = [
            one
            for place, one in enumerate(ladder)
            if place % stride == 0 or one in (ladder[-1], self.route.least) or one.keys in wanted
        ]
        before: tuple[str, ...] = ()
        rows = []
        for one in shown:
            rows.append((one, self._change(before, one.keys)))
            before = one.keys
        return rows

    def _change(self, before: Sequence[str], keys: Sequence[str]) -> str:
        new = [key for key in keys if key not in before]
        gone = [key for key in before if key not in keys]
        words = [f"{'+ ' if before else ''}{self.names(new)}"] if new else []
        words += [f"without {self.names(gone)}"] if gone else []
        least = self.route.least
        mark = " (the least points)" if least and least.keys == tuple(keys) else ""
        return f"{', '.join(words)}{mark}"

    def prices(self) -> Iterator[str]:
        """Yield what chances cost."""
        route = self.route
        # What was asked for has been answered above.
        dear = [one for one in route.prices if one.points is None]
        dear = [one for one in dear if one.chance != route.asked_chance]
        for points, levels in _by_points(route.prices):
            verb = "costs" if len(levels) == 1 else "cost"
            yield f"{_chances(levels)} {verb} at most {self.points(points)}."
        if dear and route.most:
            yield (
                f"{_chances([one.chance for one in dear])} cannot be had with today's items: all "
                f"that could be done together has {percent(route.most.chance)}."
            )
        if route.prices:
            yield (
                "At most: for each budget we take the items that remove most on average, which "
                "need not be those with the best chance."
            )
            yield f"Chance: in so many of {route.worlds:,} simulated worlds the goal is reached."

    def beside(self) -> Iterator[str]:
        """Yield what might help and cannot count yet."""
        if self.route.status in (GoalStatus.MET, GoalStatus.UNKNOWN):
            return
        for one in self.lacking()[:NAMED]:
            yield f"{self.name(one.key)} {clean_line(one.detail, 300)}."
        number = len(self.route.unlinked)
        if number:
            verb = "touches" if number == 1 else "touch"
            whether = "it would help" if number == 1 else "they would help"
            yield (
                f"{sentence(counted(number, 'open item'))[:-1]} {verb} no metric, so nobody knows "
                f"whether {whether}: {self.names(self.route.unlinked)}. "
                f"Link {'it' if number == 1 else 'them'} first."
            )

    def notes(self) -> Iterator[str]:
        """Yield where the numbers are approximate, assumed or old."""
        route = self.route
        taken = set(route.taken.keys if route.taken else route.most.keys if route.most else ())
        assumed = [one.key for one in route.items if one.is_assumed and one.key in taken]
        if assumed:
            yield f"The share that {self.names(assumed)} would remove is assumed, not measured."
        for one in route.caveats:
            yield clean_line(one, 600)
        if route.failed:
            failed = [clean_line(one, 60) for one in route.failed]
            yield f"The data is partial: {listed(failed)} failed when last read."

    def sprint_name(self, one: GoalSprint) -> str:
        """Return a sprint's name, or which one after the coming one it is."""
        return clean_line(one.name, 40) or f"{one.number - 1} later"

    def sprint_days(self, one: GoalSprint) -> str:
        """Return a sprint's days."""
        return days(one.start_on, one.end_on)

    def sprint_work(self, one: GoalSprint) -> str:
        """Return what a sprint does."""
        words = []
        for part in one.parts:
            pin = "" if part.is_for_goal else " (pinned)"
            some = "" if part.is_finished else " (goes on)"
            words.append(f"{self.name(part.key)}{pin}{some}")
        return ", ".join(words) or "nothing: the reserve is used up"

    def pace(self) -> Iterator[str]:
        """Yield what else there is to say about the time it takes."""
        time, asked = self.route.time, self.route.asked_chance
        if time is None:
            return
        if time.trouble:
            yield f"When is not known: {clean_line(time.trouble, 300)}."
            return
        if asked is not None and self.route.taken is None:
            yield "These are the sprints of the least points."
        number = len(time.sprints)
        if time.at_least is not None and time.at_least < number:
            yield f"The points alone would take {counted(time.at_least, 'sprint')} at least."
        if time.at_floor is not None and time.at_floor > number:
            many = counted(time.at_floor, "sprint")
            yield f"With no more than the floor of the reserve it takes {many}."
        yield (
            "This assumes that the whole reserve goes to this goal, and that later sprints are as "
            "large as the coming one."
        )

    def _today(self) -> str:
        kind, today = self.route.metric.kind, self.number(self.route.need.today)
        return f"Today {today} {_TODAY[kind]}" if kind in _TODAY else f"Today the Apdex is {today}"

    def _asked(self) -> str:
        wanted = self.route.wanted
        if wanted.relative is None:
            return f"to {self.number(wanted.value)}"
        change = f"{'+' if wanted.relative > 0 else '−'}{percent(abs(wanted.relative))}"
        is_bad_part = wanted.relative < 0 and self.route.metric.kind in RISING
        return f"{change} of what is bad" if is_bad_part else change

    def _least(self, least: GoalSet) -> str:
        points = self.points(least.points)
        verb = "is" if round(least.points, 2) == 1 else "are"
        end = f"should get there: {self.number(least.number)} is expected."
        if self.route.is_proven:
            return f"{points} of debt work {verb} the least that {end} Proven: no fewer would do."
        above = self.points(self.route.points_above)
        return f"{points} of debt work {end} Proven is only that {above} would not do."

    def _when(self) -> Iterator[str]:
        time = self.route.time
        if time is None or time.done_on is None or time.shown_on is None:
            return
        last, metric = time.sprints[-1], self.route.metric
        span = (metric.window_end_on - metric.window_start_on).days
        many = counted(len(time.sprints), "sprint")
        where = f"It fits into {self.sprint_name(last)}" if last.number == 1 else f"It takes {many}"
        what = "The work for that chance" if self._is_another() else "It"
        where = where.replace("It", what, 1)
        yield (
            f"{where} and is done on {_date(time.done_on)}; the metric, read over {span} days, "
            f"shows all of it from {_date(time.shown_on)} on."
        )

    def _is_another(self) -> bool:
        route = self.route
        return bool(route.taken and route.least and route.taken.keys != route.least.keys)

    def _chance(self, least: GoalSet) -> Iterator[str]:
        route = self.route
        if least.chance is None:
            yield "How sure that is, is not known: nothing was simulated."
            return
        yield f"The chance that these points are enough is {percent(least.chance)}."
        asked, taken = route.asked_chance, route.taken
        if asked is None:
            return
        if taken is None:
            most = route.most
            yield (
                f"A chance of {percent(asked)} cannot be had with today's items: all that could be "
                f"done together ({self.points(most.points) if most else UNKNOWN}) has "
                f"{percent(most.chance) if most else UNKNOWN}."
            )
        elif self._is_another():
            yield (
                f"For a chance of {percent(asked)} it takes at most {self.points(taken.points)}, "
                f"which should bring it to {self.number(taken.number)}."
            )

    def _at_most(self) -> Iterator[str]:
        most = self.route.most
        if most is None or not most.keys:
            yield "No open item that could be done is linked to this metric."
            return
        start = (
            f"All that could be done together, {self.points(most.points)}, should bring it to "
            f"{self.number(most.number)}"
        )
        if most.chance is None:
            yield f"{start}."
        else:
            yield f"{start}; the chance that this is enough is {_odds(most.chance)}."


def _by_points(prices: Sequence[Price]) -> list[tuple[float, list[float]]]:
    """Return what chances cost, those that cost the same together."""
    found: dict[float, list[float]] = {}
    for one in prices:
        if one.points is not None:
            found.setdefault(one.points, []).append(one.chance)
    return sorted(found.items())


def _chances(levels: Sequence[float]) -> str:
    start = "A chance" if len(levels) == 1 else "Chances"
    return f"{start} of {listed([percent(level) for level in levels])}"


def _odds(chance: float) -> str:
    return "practically none" if chance == 0 else percent(chance)


def _date(on: date) -> str:
    return f"{day(on)} {on.year}"
