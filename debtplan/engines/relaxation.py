"""The problem without whole numbers: prices from a linear program, and the bound that they prove.

Curves are followed in straight pieces, coarse ones first and then fine ones around where the first
solution lies. HiGHS proposes prices; the bound is Lagrange's, from the curves themselves, so that
it owes nothing to the solver:

    sum_r y_r limit_r + sum_m max over u of (f_m(u) - p_m u) + sum_i max(0, d_i)

with d_i what item i earns from prices less what it pays.
"""

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from debtplan.engines.frame import Box, Floats, Frame, Ints, summed

PIECES = 16
"""Straight pieces of a curve."""

FAR = 8.0
"""Where a curve is flat: beyond it is one piece."""

BEND = 1.5
"""By what power of their number the first pieces get on: those near 0 are short."""

AROUND = 0.5
"""How far around a solution finer pieces go, in lengths of the piece it lies on."""

ROUNDS = 2
"""Times that pieces are made finer at most."""

EXACT = 0.1
"""Part of a radius that pieces may hide."""

COARSE = 1e-4
"""Part of the bound that pieces of another problem may hide; where they hide more, they do not fit
and even coarse ones are better."""

FINE = 2e-6
"""Part of the bound that they may hide in any case: a third of the gap of a backlog of 1,000."""

NEAREST = 70
"""A radius is what so many undecided items are worth less than, at least."""

ALL = 1_000.0
"""What all harm together counts in the solver's objective."""

Columns = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Priced:
    """Prices, and what they prove.

    Attributes:
        most: What a set were worth that lost nothing.
        bound: No set of the box is worth more.
        worth: By item, what it earns at the prices less what it pays.
        prices: By row of the frame.
        paid: By arc of the frame, what the item pays to the one it needs.
        item: By entry of a curve, which is a metric that more than one item touches.
        curve: By entry.
        log: By entry.
        harms: By curve.
        slopes: By curve, its price.
        peaks: By curve, the u that earns most at its price.
        earned: By curve, what that is.
        values: The solver's columns, by item.
    """

    most: float
    bound: float
    worth: Floats
    prices: Floats
    paid: Floats
    item: Ints
    curve: Ints
    log: Floats
    harms: Floats
    slopes: Floats
    peaks: Floats
    earned: Floats
    values: Floats

    def radius(self, box: Box) -> float:
        """Return what `NEAREST` undecided items are worth less than; infinite where all are."""
        worth = np.sort(np.abs(self.worth[box.open]))
        return float(worth[NEAREST]) if len(worth) > NEAREST else np.inf

    def below(self, curves: Ints, low: Floats, high: Floats) -> Floats:
        """Return what curves lose at least between two reaches, one row for each."""
        shape = (-1, *([1] * (low.ndim - 1)))
        u = np.clip(self.peaks[curves].reshape(shape), low, high)
        harms, slopes = self.harms[curves].reshape(shape), self.slopes[curves].reshape(shape)
        lost = self.earned[curves].reshape(shape) + harms * np.expm1(-u) + slopes * u
        return np.maximum(lost, 0.0)


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a program stands.

    Attributes:
        shape: Its numbers of columns and rows.
        columns_and_rows: The solver's own.
        curves: Logs and harms of its curves, as bytes.
        grid: Where the pieces of its curves begin and end.
    """

    shape: tuple[int, int]
    columns_and_rows: Any
    curves: bytes
    grid: Floats


class Relaxation:
    """The program of a problem, loaded."""

    def __init__(self, frame: Frame, basis: Basis | None = None) -> None:
        """Write the program and load it.

        Args:
            frame: The problem.
            basis: Of a program of the same shape, to start from; with its pieces, where curves
                are the same.
        """
        self.frame = frame
        self.scale = ALL / (float(frame.harms.sum()) or 1.0)
        self._split()
        self._curves = self.log.tobytes() + self.harms.tobytes()
        self._is_given = basis is not None and basis.curves == self._curves
        self._grid = basis.grid if basis is not None and self._is_given else self._coarse()
        self._model = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in _OPTIONS.items():
            self._model.setOptionValue(name, value)
        self._load()
        if basis is not None and basis.shape == (self._size, self._rows):
            self._model.setBasis(basis.columns_and_rows)

    @property
    def basis(self) -> Basis:
        """Where it stands, for programs of the same shape."""
        shape = self._size, self._rows
        return Basis(shape, self._model.getBasis(), self._curves, self._grid)

    def price(self, box: Box, time_limit_s: float, rounds: int = ROUNDS) -> Priced | None:
        """Return prices near the best ones for a box; None where the solver gives nothing.

        Args:
            box: What is to be priced.
            time_limit_s: For each program.
            rounds: Times that pieces are made finer at most.
        """
        size = self.frame.size
        self._change(np.arange(size), box.low.astype(float), box.high.astype(float))
        best = self._solved(box, time_limit_s)
        if best is not None and self._is_given and self._hidden(best) > COARSE * best.bound:
            self._bend(self._coarse())
            best = self._solved(box, time_limit_s)
        for _ in range(rounds):
            if best is None or not len(self.harms):
                break
            if self._hidden(best) <= max(EXACT * best.radius(box), FINE * best.bound):
                break
            self._bend(self._finer(best))
            found = self._solved(box, time_limit_s)
            if found is not None and found.bound < best.bound:
                best = found
        return best

    def _split(self) -> None:
        """Tell curves from metrics that one item touches: those only add up."""
        frame = self.frame
        counts = np.bincount(frame.metric, minlength=len(frame.harms))
        alone = counts[frame.metric] == 1
        lone = frame.harms[frame.metric[alone]] * frame.gone[alone]
        self.gains = summed(frame.item[alone], lone, frame.size) - frame.tolls
        metrics = np.flatnonzero(counts > 1)
        number = np.full(len(counts), -1)
        number[metrics] = np.arange(len(metrics))
        self.item, self.log = frame.item[~alone], frame.log[~alone]
        self.curve, self.harms = number[frame.metric[~alone]], frame.harms[metrics]
        self.counts = counts[metrics]
        self.reach = summed(self.curve, self.log, len(metrics))

    def _load(self) -> None:
        frame, size, curves = self.frame, self.frame.size, len(self.harms)
        row, column = np.nonzero(frame.weights)
        arcs, count = len(frame.arcs), len(frame.weights)
        # A curve's row: its pieces reach no further than its items.
        ends = np.repeat(np.cumsum(self.counts), PIECES)
        pieces = size + np.arange(curves * PIECES)
        columns = [column, frame.arcs.ravel(), np.insert(self.item, ends, pieces)]
        weights = [
            frame.weights[row, column],
            np.tile([1.0, -1.0], arcs),
            np.insert(-self.log, ends, 1.0),
        ]
        lengths = [np.bincount(row, minlength=count), np.full(arcs, 2), self.counts + PIECES]
        limits = np.concatenate([frame.limits, np.zeros(arcs + curves)])
        starts = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
        slopes, long = self._pieces()
        self._size, self._rows = size + curves * PIECES, len(limits)
        self._model.passModel(
            self._size,
            self._rows,
            int(starts[-1]),
            int(highspy.MatrixFormat.kRowwise),
            int(highspy.ObjSense.kMinimize),
            0.0,
            -np.concatenate([self.gains * self.scale, slopes]),
            np.zeros(self._size),
            np.concatenate([np.ones(size), long]),
            np.full(self._rows, -highspy.kHighsInf),
            limits,
            starts.astype(np.int32),
            np.concatenate(columns).astype(np.int32),
            np.concatenate(weights),
            # One for each column: HiGHS reads past the end of an empty one.
            np.zeros(self._size, np.int32),
        )

    def _coarse(self) -> Floats:
        """Return where pieces begin and end that know nothing of a solution."""
        far = np.minimum(self.reach, FAR)[:, None] * np.linspace(0, 1, PIECES) ** BEND
        return np.concatenate([far, self.reach[:, None]], axis=1)

    def _pieces(self) -> tuple[Floats, Floats]:
        """Return what a step on each piece of the curves relieves, scaled, and its length."""
        grid = self._grid
        long = np.diff(grid, axis=1)
        rise = -np.diff(np.exp(-grid), axis=1) * self.harms[:, None] * self.scale
        flat = self.harms[:, None] * np.exp(-grid[:, 1:]) * self.scale
        slopes = np.where(long > TINY, rise / np.maximum(long, TINY), flat)
        return slopes.ravel(), long.ravel()

    def _solution(self, priced: Priced) -> Floats:
        """Return where a solution has the curves."""
        return summed(self.curve, self.log * priced.values[self.item], len(self.harms))

    def _lengths(self, at: Floats) -> Floats:
        """Return how long the pieces are that curves lie on."""
        every, grid = np.arange(len(at)), self._grid
        piece = np.clip((grid <= at[:, None]).sum(axis=1) - 1, 0, PIECES - 1)
        length: Floats = grid[every, piece + 1] - grid[every, piece]
        return length

    def _hidden(self, priced: Priced) -> float:
        """Return how much value pieces hide at most where a solution lies."""
        at = self._solution(priced)
        return float((self.harms * np.exp(-at) * self._lengths(at) ** 2).sum()) / 8

    def _finer(self, priced: Priced) -> Floats:
        """Return fine pieces around where a solution lies, a long one before and one after."""
        at = self._solution(priced)
        width = AROUND * self._lengths(at)
        low, high = np.maximum(at - width, 0.0), np.minimum(at + width, self.reach)
        length = (high - low) / (PIECES - 2)
        fine = low[:, None] + length[:, None] * np.arange(PIECES - 1)
        ends = np.zeros((len(at), 1)), self.reach[:, None]
        return np.concatenate([ends[0], np.minimum(fine, ends[1]), ends[1]], axis=1)

    def _bend(self, grid: Floats) -> None:
        """Have the curves follow other pieces."""
        self._grid = grid
        slopes, long = self._pieces()
        columns = np.arange(self.frame.size, self._size)
        self._change(columns, np.zeros(len(columns)), long)
        self._model.changeColsCost(len(columns), columns.astype(np.int32), -slopes)

    def _change(self, columns: Ints, low: Floats, high: Floats) -> None:
        self._model.changeColsBounds(len(columns), columns.astype(np.int32), low, high)

    def _solved(self, box: Box, time_limit_s: float) -> Priced | None:
        self._model.setOptionValue("time_limit", time_limit_s + self._model.getRunTime())
        self._model.run()
        if self._model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self._model.getSolution()
        prices = np.maximum(0.0, -np.array(solution.row_dual)) / self.scale
        values = np.array(solution.col_value)[: self.frame.size]
        if not (np.isfinite(prices).all() and np.isfinite(values).all()):
            return None
        return self._proven(prices, values, box)

    def _proven(self, paid: Floats, values: Floats, box: Box) -> Priced:
        frame, rows, size = self.frame, len(self.frame.weights), self.frame.size
        prices, passed = paid[:rows], paid[rows : rows + len(frame.arcs)]
        slopes = paid[rows + len(frame.arcs) :]
        worth = self.gains - prices @ frame.weights
        worth -= summed(frame.arcs[:, 0], passed, size)
        worth += summed(frame.arcs[:, 1], passed, size)
        worth += summed(self.item, slopes[self.curve] * self.log, size)
        with np.errstate(divide="ignore"):
            peaks = np.log(self.harms / np.minimum(slopes, self.harms))
        peaks = np.clip(peaks, 0.0, self.reach)
        earned = -self.harms * np.expm1(-peaks) - slopes * peaks
        most = float(prices @ frame.limits + earned.sum() + np.maximum(worth, 0.0).sum())
        lost = np.where(box.low, -worth, np.where(box.high, 0.0, worth))
        return Priced(
            most,
            most - float(np.maximum(lost, 0.0).sum()),
            worth,
            prices,
            passed,
            self.item,
            self.curve,
            self.log,
            self.harms,
            slopes,
            peaks,
            earned,
            values,
        )


TINY = 1e-9
"""A shorter piece is none."""

_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "presolve": "off",
    "dual_simplex_cost_perturbation_multiplier": 0.0,
}
