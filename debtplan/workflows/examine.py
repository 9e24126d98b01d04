"""Looking at everything a plan needs, part by part, and saying what has to be mended."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction

from debtplan.core.appraisal import Appraisal, appraise
from debtplan.core.availability import say_team
from debtplan.core.flow import UxMetric
from debtplan.core.inputs import Inputs
from debtplan.core.intake import NOT_DECLARED
from debtplan.core.item import ItemKey, ItemState, Skipped
from debtplan.core.measured import Mark, why_unmeasured
from debtplan.core.problem import Candidate, Problem, Status
from debtplan.core.program import write_program
from debtplan.core.proof import verify
from debtplan.core.reading import NOBODY
from debtplan.core.source import Probe
from debtplan.errors import DebtplanError
from debtplan.ports import Engine
from debtplan.workflows.feed import Feed
from debtplan.workflows.synced import is_unread, say_read
from debtplan.workflows.walk import Live


def examine_feeds(feeds: Sequence[Feed | Live]) -> Iterator[Probe]:
    """Yield how every source reads right now; nothing is stored."""
    if not feeds:
        yield Probe(
            part="sources",
            is_well=False,
            what="no source is set",
            fix="Add [sources.NAME], or run `debtplan init`.",
        )
    barred: set[str] = set()
    for feed in feeds:
        if isinstance(feed, Live):
            if feed.after not in barred:
                yield from _look(feed, barred)
            continue
        try:
            found = list(feed.read())
        except DebtplanError as error:
            yield Probe(part=feed.name, is_well=False, what=error.what, fix=error.fix)
            continue
        yield _read(feed.name, found)


def _look(live: Live, barred: set[str]) -> Iterator[Probe]:
    """Yield what a live source finds; one whose first look fails joins those that are barred."""
    for number, probe in enumerate(live.source.probe()):
        if not (number or probe.is_well):
            barred.add(live.name)
        yield probe
    live.source.close()


def _read(name: str, found: Sequence[object]) -> Probe:
    """Return how a source was read, with the first record that was lost, else the first remark."""
    skipped = [one for one in found if isinstance(one, Skipped)]
    unread = [one for one in skipped if is_unread(one)]
    what = say_read(len(found) - len(skipped), len(unread), len(skipped) - len(unread))
    first = next(iter((*unread, *skipped)), None)
    fix = f"{first.ref}: {first.reason}" if first else ""
    if not found:
        fix = "The source gives nothing; check its path, filter and labels."
    return Probe(part=name, is_well=len(found) > len(skipped), what=what, fix=fix)


def examine_engine(make: Callable[[], Engine]) -> Probe:
    """Return whether the solver loads and solves a problem of two items right."""
    problem = Problem.of(
        [
            Candidate("a", Fraction(1), (("m", 0.5),)),
            Candidate("b", Fraction(1), (("m", 0.25),)),
        ],
        {"m": 8.0},
        Fraction(1),
    )
    try:
        engine = make()
        selection = engine.select(problem)
    except DebtplanError as error:
        return Probe(part="solver", is_well=False, what=error.what, fix=error.fix)
    right = selection.chosen == ("a",) and verify(problem, selection).holds
    if right and selection.status is Status.OPTIMAL:
        return Probe(part="solver", is_well=True, what=f"{engine.name} with {selection.backend}")
    return Probe(
        part="solver",
        is_well=False,
        what=f"{engine.name} answers {selection.status} {selection.chosen} to a problem of two",
        fix="Install the locked requirements again, or set another backend under [plan].",
    )


def examine_inputs(inputs: Inputs) -> Iterator[Probe]:
    """Yield whether capacity, sprint, metrics and links are there for a plan."""
    if not (inputs.sources or inputs.items):
        what = "nothing has been read yet"
        fix = "Run `debtplan sync`; then capacity, metrics and links are looked at, too."
        yield Probe(part="inputs", is_well=True, what=what, fix=fix)
        return
    sprint = inputs.sprint
    yield Probe(
        part="sprint", is_well=True, what=f"{sprint.name}, {sprint.start_on} to {sprint.end_on}"
    )
    if inputs.attendance is not None:
        fix = "`debtplan plan` lists what was not used." if inputs.attendance.unread else ""
        said = say_team(inputs.attendance)
        yield Probe(part="availability", is_well=True, what=said, fix=fix)
    appraisal = appraise(inputs)
    yield from _capacity(inputs, appraisal)
    for metric in sorted(inputs.metrics, key=lambda one: one.id):
        yield _metric(metric, inputs, appraisal)
    open_items = [item for item in inputs.items if item.state is not ItemState.DONE]
    linked = [item for item in open_items if item.key in appraisal.links_of]
    lost = [one for one in inputs.skipped if NOT_DECLARED in one.reason]
    what = f"{len(linked)} of {len(open_items)} open items touch a metric"
    fix = "" if linked else "Add labels ux:METRIC, debtplan blocks, or [[rule]] entries."
    if lost:
        what += f", {len(lost)} link{'' if len(lost) == 1 else 's'} to no metric"
        fix = f"{lost[0].ref}: {lost[0].reason}"
    yield Probe(part="links", is_well=bool(linked), what=what, fix=fix)
    yield from _uncounted(inputs, appraisal, {item.key for item in open_items})


def _metric(metric: UxMetric, inputs: Inputs, appraisal: Appraisal) -> Probe:
    """Return whether a metric is measured."""
    harm = appraisal.harms[metric.id]
    readings = f"{harm.readings} reading{'' if harm.readings == 1 else 's'}"
    if harm.only_speaks and harm.level is not None:
        what = f"{metric.id}: {readings}; only speaks for links"
        return Probe(part="metrics", is_well=True, what=what)
    if harm.harm is None:
        what = f"{metric.id}: harm not known"
        return Probe(part="metrics", is_well=False, what=what, fix=harm.missing)
    what = f"{metric.id}: {harm.harm:,.0f} frustrated sessions per sprint from {readings}"
    fix = _made_up(metric, inputs)
    return Probe(part="metrics", is_well=not fix, what=what, fix=fix)


def _made_up(metric: UxMetric, inputs: Inputs) -> str:
    """Return what to do where a metric rests on the reading that the first settings make up."""
    stated = (one.stated_by or "" for one in inputs.readings if one.metric == metric.id)
    if not any(one.startswith(NOBODY) for one in stated):
        return ""
    return "`debtplan init` made it up: replace the reading, or name a source."


def _uncounted(
    inputs: Inputs, appraisal: Appraisal, open_keys: AbstractSet[ItemKey]
) -> Iterator[Probe]:
    """Yield each mark that links name and nobody counted, though others of the metric were."""
    counted = {one.metric for one in inputs.tallies}
    marks: dict[Mark, list[ItemKey]] = {}
    for link in appraisal.links:
        if link.selector is None or link.is_measured or link.unmeasured:
            continue
        if link.metric in counted and link.item in open_keys:
            marks.setdefault((link.metric, link.selector), []).append(link.item)
    for mark, (first, *others) in marks.items():
        more = f" and {len(others)} more" if others else ""
        why = why_unmeasured(mark, inputs.tallies)
        yield Probe(
            part="links",
            is_well=False,
            what=f"the share of {first}{more} ({mark[1]}) {why}",
            fix=f"Correct the selector of their links to {mark[0]}, or take it out.",
        )


def _capacity(inputs: Inputs, appraisal: Appraisal) -> Iterator[Probe]:
    try:
        program = write_program(inputs, appraisal)
    except ValueError as error:
        fix = f"Set capacity or sprints under [team.{inputs.team}]."
        yield Probe(part="capacity", is_well=False, what=str(error), fix=fix)
        return
    capacity, reserve = program.capacity, program.reserve
    what = f"{capacity.points:g} {inputs.unit}, {capacity.basis}"
    yield Probe(part="capacity", is_well=True, what=what)
    yield Probe(
        part="reserve",
        is_well=reserve.available > 0,
        what=f"{reserve.available:g} {inputs.unit}: {reserve.basis}",
    )
