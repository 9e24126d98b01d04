"""The ledger as a table: what was measured, claimed and relieved, each harmed session once."""

from collections.abc import Mapping, Sequence
from math import expm1, fsum, log1p

from debtplan.core.appraisal import Appraisal
from debtplan.core.ledger import Pool
from debtplan.core.plan import LedgerRow


def write_ledger(appraisal: Appraisal, chosen: Sequence[str]) -> tuple[LedgerRow, ...]:
    """Return what was measured, claimed and relieved, pool by pool, unweighted."""
    taken = frozenset(chosen)
    left_all: dict[str, float] = {}
    left_plan: dict[str, float] = {}
    for key, value in appraisal.values.items():
        for term in value.terms:
            left_all[term.metric] = left_all.get(term.metric, 0.0) + log1p(-term.removal)
            if key in taken:
                left_plan[term.metric] = left_plan.get(term.metric, 0.0) + log1p(-term.removal)
    return tuple(
        LedgerRow(
            pool=pool.name,
            sessions=pool.sessions,
            measured=pool.measured,
            claimed=_gone(pool, left_all),
            relieved=_gone(pool, left_plan),
            low=pool.low,
            high=pool.high,
            metrics=tuple(member.metric for member in pool.members),
            basis=pool.basis,
        )
        for pool in appraisal.pools
    )


def _gone(pool: Pool, left: Mapping[str, float]) -> float:
    """Return the part of a pool's harm that is gone, from the logarithms of what is left."""
    parts = [m.counted * -expm1(left[m.metric]) for m in pool.members if m.metric in left]
    return fsum(parts)
