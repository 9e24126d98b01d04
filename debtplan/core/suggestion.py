"""Links that nobody has drawn yet: what suggests them, and what people decided."""

from pydantic import AwareDatetime
from pydantic import Field as Bounded
from sqlmodel import Field

from debtplan.core.link import Grade
from debtplan.core.record import Stored, Value
from debtplan.core.tally import Selector


class Suggestion(Value):
    """An item may touch a metric.

    Attributes:
        confidence: How often suggestions like this one are right, in [0, 1]; those of one item add
            up to at most 1.
        reasons: What speaks for it, one phrase each, the strongest first; what speaks for another
            as much, last.
        selector: The mark that the item's text names, where there is one.
        rivals: Metrics that are about as likely: a person has to say which it is.
    """

    item: str
    metric: str
    confidence: float = Bounded(ge=0, le=1)
    reasons: tuple[str, ...]
    selector: Selector | None = None
    rivals: tuple[str, ...] = ()


class LinkDecision(Stored):
    """What a person decided on a suggested link.

    Attributes:
        dimension, value: Of the selector that the link goes by; "" without one.
        why: The reasons it was suggested for, in one line.
        share: Part of the metric's harm that the item would remove, as the person says; None where
            they said none.
        grade: As the person says; None where they said none.
    """

    item: str = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    is_confirmed: bool
    decided_at: AwareDatetime
    decided_by: str = ""
    dimension: str = ""
    value: str = ""
    confidence: float | None = Field(default=None, ge=0, le=1)
    why: str = ""
    share: float | None = Field(default=None, ge=0, le=1)
    grade: Grade | None = None
