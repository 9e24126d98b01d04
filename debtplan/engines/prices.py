"""Prices from a linear program that stays loaded, and the bound that they prove.

HiGHS proposes prices; a bound is Lagrange's, from the curves and sets themselves, so that it owes
nothing to the solver:

    base + sum_r y_r limit_r + sum_m max over what m allows of (f_m - its price) + sum_i max(0, d_i)

with d_i what item i earns from prices less what it pays.
"""

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from debtplan.engines.frame import Floats

Columns = NDArray[np.int32]


class Rows:
    """Rows of weights, each at most a limit, in the making."""

    def __init__(self) -> None:
        """Start with none."""
        nothing = np.zeros(0)
        self._columns: list[NDArray[Any]] = [nothing]
        self._weights: list[Floats] = [nothing]
        self._lengths: list[NDArray[Any]] = [nothing]
        self._limits: list[Floats] = [nothing]
        self.count = 0

    def add(self, columns: NDArray[Any], weights: Floats, limit: float) -> None:
        """Add a row."""
        self.add_all(columns, weights, np.array([len(columns)]), np.array([limit]))

    def add_all(
        self, columns: NDArray[Any], weights: Floats, lengths: NDArray[Any], limits: Floats
    ) -> None:
        """Add rows that follow each other: the entries of all, the length and the limit of each."""
        self._columns.append(columns)
        self._weights.append(weights)
        self._lengths.append(lengths)
        self._limits.append(limits)
        self.count += len(lengths)

    @property
    def columns(self) -> Columns:
        """The columns of all entries, row by row."""
        return np.concatenate(self._columns, dtype=np.int32, casting="unsafe")

    @property
    def weights(self) -> Floats:
        """The weights of all entries, row by row."""
        return np.concatenate(self._weights)

    @property
    def limits(self) -> Floats:
        """By row."""
        return np.concatenate(self._limits)

    @property
    def starts(self) -> Columns:
        """Where each row starts, and the end of the last."""
        lengths = np.concatenate(self._lengths)
        return np.concatenate([[0], np.cumsum(lengths)], dtype=np.int32, casting="unsafe")


@dataclass(frozen=True, slots=True)
class Quote:
    """What the solver proposes.

    Attributes:
        values: By column.
        prices: By row, 0 or more.
    """

    values: Floats
    prices: Floats


class LoadedProgram:
    """A linear program in HiGHS, solved again from where it stood after its bounds changed."""

    def __init__(
        self,
        gains: Floats,
        upper: Floats,
        rows: Rows,
        basis: Any = None,  # noqa: ANN401 -- highspy's own
    ) -> None:
        """Load it.

        Args:
            gains: By column.
            upper: By column; the lower bound is 0.
            rows: All of them `<=`.
            basis: Of a program of the same shape, to start from.
        """
        self._model = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in _OPTIONS.items():
            self._model.setOptionValue(name, value)
        self._pass(gains, upper, rows)
        if basis is not None and _fits(basis, len(gains), rows.count):
            self._model.setBasis(basis)
        else:
            self._model.setOptionValue("simplex_strategy", PRIMAL)

    def _pass(self, gains: Floats, upper: Floats, rows: Rows) -> None:
        weights = rows.weights
        self._model.passModel(
            len(gains),
            rows.count,
            len(weights),
            int(highspy.MatrixFormat.kRowwise),
            int(highspy.ObjSense.kMinimize),
            0.0,
            -gains,
            np.zeros(len(gains)),
            upper,
            np.full(rows.count, -highspy.kHighsInf),
            rows.limits,
            rows.starts,
            rows.columns,
            weights,
            # One for each column: HiGHS reads past the end of an empty one.
            np.zeros(len(gains), np.int32),
        )

    def bound_columns(self, low: Floats, high: Floats) -> None:
        """Set the bounds of the first columns."""
        places = np.arange(len(low), dtype=np.int32)
        self._model.changeColsBounds(len(low), places, low, high)

    def add(self, rows: Rows) -> None:
        """Add rows."""
        starts = rows.starts
        self._model.addRows(
            rows.count,
            np.full(rows.count, -highspy.kHighsInf),
            rows.limits,
            int(starts[-1]),
            starts[:-1],
            rows.columns,
            rows.weights,
        )

    def solve(self, time_limit_s: float) -> Quote | None:
        """Return what the solver proposes; None where it gives nothing."""
        self._model.setOptionValue("time_limit", time_limit_s + self._model.getRunTime())
        self._model.run()
        self._model.setOptionValue("simplex_strategy", DUAL)
        if self._model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self._model.getSolution()
        prices = np.maximum(0.0, -np.array(solution.row_dual))
        values = np.array(solution.col_value)
        if not (np.isfinite(prices).all() and np.isfinite(values).all()):
            return None
        return Quote(values, prices)

    @property
    def basis(self) -> Any:  # noqa: ANN401 -- highspy's own
        """Where it stands, for programs of the same shape."""
        return self._model.getBasis()


def _fits(basis: Any, columns: int, rows: int) -> bool:  # noqa: ANN401 -- highspy has no types
    return len(basis.col_status) == columns and len(basis.row_status) == rows


PRIMAL, DUAL = 4, 1
"""HiGHS's numbers of its simplex strategies. Where a program starts from nothing, the primal's
vertex left half as much to branch as the dual's; where it starts from a basis, the dual is
quicker."""

_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "presolve": "off",
    "dual_simplex_cost_perturbation_multiplier": 0.0,
}
