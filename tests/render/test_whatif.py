"""Two plans beside each other: the numbers of a row fit each other as they are read."""

import pytest

from debtplan.render.whatif import Alone, whatif_text
from tests import plans

ALONE: tuple[Alone, ...] = (("points:OMNI-12=1", 30.0, 1.0), ("forbid:OMNI-18", None, None))


def rows(old: float, new: float, alone: tuple[Alone, ...] = ALONE) -> list[str]:
    """Return the lines for two plans of these values."""
    made = plans.omniretail()
    pair = (
        made.model_copy(update={"ux_value": old}),
        made.model_copy(update={"ux_value": new}),
    )
    return whatif_text(pair, (), alone, 80).splitlines()


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (3_654.5, 3_805.4, ["3,654", "3,805", "+151"]),
        (3_655.4, 3_804.6, ["3,655", "3,805", "+150"]),
        (2.04, 3.06, ["2.0", "3.1", "+1.0"]),
        (10.4, 10.1, ["10", "10", "±0"]),
    ],
)
def test_the_difference_is_that_of_the_numbers_beside_it(
    old: float, new: float, shown: list[str]
) -> None:
    (row,) = [line for line in rows(old, new) if line.startswith("Sessions spared")]
    assert row.split()[-3:] == shown


def test_a_change_by_itself_counts_one_point_and_may_leave_no_plan() -> None:
    lines = rows(20.0, 30.0)
    assert next(line for line in lines if line.startswith("  points")).endswith(", 1 point")
    assert next(line for line in lines if line.startswith("  forbid")).endswith("leaves no plan")
