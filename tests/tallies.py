"""Sessions counted with and without a mark, for the tests of measured shares and suspects."""

from datetime import UTC, datetime, timedelta
from typing import Any

from debtplan.core.tally import Selector, Stratum, Tally

END = datetime(2026, 11, 22, tzinfo=UTC)
CODE = Selector(dimension="error_code", value="ADDR_INVALID")


def stratum(b1: float, n1: float, b0: float, n0: float, name: str = "") -> Stratum:
    """Bad and all with the mark, bad and all without it."""
    return Stratum(name=name, bad_with=b1, total_with=n1, bad_without=b0, total_without=n0)


def tally(*strata: Stratum, **more: Any) -> Tally:
    """What was counted of a mark in 28 days: by default of ADDR_INVALID on metric m."""
    end = more.pop("end_at", END)
    fields = {
        "metric": "m",
        "dimension": CODE.dimension,
        "value": CODE.value,
        "start_at": end - timedelta(days=28),
        "source": "lake",
    }
    return Tally.model_validate({**fields, "end_at": end, "strata": strata, **more})
