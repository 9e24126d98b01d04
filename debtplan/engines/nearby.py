"""The sets near the bound, looked through where branching got stuck.

So most of Chu and Beasley's knapsacks of 100 to 500 items in 5 rows are proven in 1 to 20 s, where
branching leaves a gap after minutes. Where items require others, branching is quicker.
"""

from time import perf_counter

from debtplan.engines.closing import Closing, Start
from debtplan.engines.frame import make_frame
from debtplan.engines.search import Search

LEAST_S = 5.0
"""Time in seconds that has to be left."""

SHARE = 0.6
"""Part of it that it may take."""

MOST = 15_000
"""Items times rows squared: bounds are too far off beyond it. 500 items in 5 rows and 100 in 10 are
proven, 250 in 10 and 100 in 30 are not."""

PARTS = 1_000_000_000
"""Parts of sets after which it gives up."""


def look_nearby(search: Search) -> None:
    """Tell a search of a better set, and a bound, if either is found."""
    rows, size = len(search.indexed.rows), len(search.indexed.points)
    is_knapsack = not any(search.indexed.requires)
    if search.seconds_left < LEAST_S or size * rows**2 > MOST or not is_knapsack:
        return
    until = perf_counter() + SHARE * search.seconds_left
    closed = Closing(make_frame(search.indexed), Start(PARTS)).run((search.best,), until)
    if closed is not None:
        search.believe(closed.best, closed.bound)
