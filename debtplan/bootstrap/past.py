"""What came of earlier plans, put into the inputs of the next one for its report."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from debtplan.config.assemble import plain_metrics
from debtplan.config.settings import Loaded
from debtplan.core.inputs import Inputs
from debtplan.core.tracked import Headway
from debtplan.ports import Store
from debtplan.workflows.court import Court
from debtplan.workflows.past import Past, look_back


@dataclass(frozen=True)
class Lookback:
    """Earlier plans as of a moment, read once however many teams are planned.

    What could be judged and is not yet is named; `debtplan outcomes` and `debtplan run` judge.
    """

    loaded: Loaded
    store: Store
    when: datetime

    def put_into(self, made: Inputs) -> Inputs:
        """Return a team's inputs with what came of its earlier plans and where the goals stand."""
        found = self._past.of(made.team).model_copy(update={"goals": self._goals})
        return made.model_copy(update={"outcomes": found})

    @cached_property
    def _past(self) -> Past:
        from debtplan.bootstrap.outcomes import LazyMeter

        settings = self.loaded.settings
        court = Court(self.store, plain_metrics(settings), LazyMeter(), settings.outcomes)
        return look_back(court, self.when)

    @cached_property
    def _goals(self) -> tuple[Headway, ...]:
        if not self.loaded.settings.goal:
            return ()
        from debtplan.bootstrap.tracked import headways

        return headways(self.loaded, self.store, self.when)
