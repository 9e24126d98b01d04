"""What the store keeps beside items and plans: evidence, link decisions, forecasts, verdicts."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from debtplan.core.chains import Moves
    from debtplan.core.effect import Effect, Question
    from debtplan.core.flow import Flow, UxMetric
    from debtplan.core.forecast import Forecast
    from debtplan.core.movement import Movement, Shift
    from debtplan.core.note import Note
    from debtplan.core.placebo import Placebo
    from debtplan.core.reading import Reading, Window
    from debtplan.core.release import Release
    from debtplan.core.suggestion import LinkDecision
    from debtplan.core.tally import Overlap, Tally
    from debtplan.core.verdict import Verdict


class EffectMeter(Protocol):
    """A way to tell by how much a metric's level changed at a release."""

    def measure(self, question: "Question") -> "Effect":
        """Return the change; one with `missing` where the days do not allow to tell."""


class MoveFinder(Protocol):
    """Finds metrics that move together."""

    def __call__(
        self,
        metrics: Sequence["UxMetric"],
        flows: Sequence["Flow"],
        readings: Iterable["Reading"],
        window: "Window",
    ) -> "Moves":
        """Return what moves together in a window, and the shifts of every metric."""


class EvidenceStore(Protocol):
    """The part of `Store` that is about evidence; every method is one transaction, as there."""

    def tallies(self) -> tuple["Tally", ...]:
        """Return what warehouses counted with and without each mark, by metric and mark."""

    def overlaps(self) -> tuple["Overlap", ...]:
        """Return how far metrics of one place frustrate the same sessions, by place."""

    def notes(self) -> tuple["Note", ...]:
        """Return what people said or did, by day, then by id."""

    def releases(self) -> tuple["Release", ...]:
        """Return what reached users, oldest first, then by id."""

    def save_movements(self, movements: Iterable["Movement"], shifts: Iterable["Shift"]) -> None:
        """Keep which metrics move together and when levels changed, in the place of all before."""

    def movements(self) -> tuple["Movement", ...]:
        """Return which metrics move together, by leader and follower."""

    def shifts(self) -> tuple["Shift", ...]:
        """Return the days on which levels changed, by metric and day."""

    def decide_link(self, decision: "LinkDecision") -> None:
        """Keep what a person decided on a link, in the place of an earlier decision."""

    def forget_decision(self, item: str, metric: str) -> bool:
        """Take a decision back; return whether there was one."""

    def link_decisions(self) -> tuple["LinkDecision", ...]:
        """Return what people decided on links, by item and metric."""

    def save_forecasts(self, forecasts: Iterable["Forecast"]) -> int:
        """Keep forecasts for good: one that is kept already stays as it was.

        Returns:
            How many are new.
        """

    def forecasts(self, team: str | None = None) -> tuple["Forecast", ...]:
        """Return forecasts, oldest first, then by plan, item and metric; None takes all teams."""

    def save_verdicts(self, verdicts: Iterable["Verdict"]) -> None:
        """Keep verdicts, each in the place of the one on the same forecast."""

    def verdicts(self) -> tuple["Verdict", ...]:
        """Return all verdicts, by plan, item and metric."""

    def save_placebos(self, placebos: Iterable["Placebo"]) -> None:
        """Keep what metrics did where promised work did not come, in the place of all before."""

    def placebos(self) -> tuple["Placebo", ...]:
        """Return it, by plan, item and metric."""
