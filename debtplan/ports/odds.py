"""The seam to what forecasts a level."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from debtplan.core.outlook import Outlook


class Odds(Protocol):
    """What tells how likely a level gets somewhere."""

    def __call__(self, outlook: "Outlook") -> tuple[float, ...] | None:
        """Return the chance, by month, that this month or an earlier one gets there.

        None where too little was measured to say.
        """
