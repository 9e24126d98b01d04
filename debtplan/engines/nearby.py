"""The sets near the bound, looked through where branching got stuck.

So most of Chu and Beasley's knapsacks of 100 to 500 items in 5 rows are proven in 1 to 20 s, where
branching leaves a gap after minutes.
"""

from time import perf_counter

from debtplan.engines.closing import Closing, Start
from debtplan.engines.frame import make_frame
from debtplan.engines.search import Search

LEAST_S = 5.0
"""Time in seconds that has to be left."""

SHARE = 0.4
"""Part of it that it may take."""

PARTS = 1_000_000_000
"""Parts of sets after which it gives up."""


def look_nearby(search: Search) -> None:
    """Tell a search of a better set, and a bound, if either is found."""
    if search.seconds_left < LEAST_S:
        return
    until = perf_counter() + SHARE * search.seconds_left
    closed = Closing(make_frame(search.indexed), Start(PARTS)).run((search.best,), until)
    if closed is not None:
        search.believe(closed.best, closed.bound)
