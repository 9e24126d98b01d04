"""That a person has approved a plan."""

from pydantic import AwareDatetime

from debtplan.core.plan import Plan
from debtplan.core.record import Value


class Approval(Value):
    """A plan with who approved it last, and when."""

    plan: Plan
    approved_at: AwareDatetime
    approved_by: str
