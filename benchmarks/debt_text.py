"""Texts that people labelled as technical debt or not: fitting `core.debt_words`, and testing it.

The data are split by project, so that no project is on both sides: a third of them, by a checksum
of the name, is only ever measured on. `python -m benchmarks.debt_text --data DIR` fits the weights
to the other projects and prints them.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from csv import DictReader
from dataclasses import dataclass
from gzip import decompress
from io import StringIO
from math import log
from pathlib import Path
from zlib import crc32

import numpy as np

from benchmarks.figure import Figure, at_most
from debtplan.core.debt_words import SUSPECT, looks_like_debt, read_signs

FOLDER = "backlogs/debt_text"
HELD_OUT = 3
"""One project of so many is held out."""

PHRASES = 250
LEAST_TEXTS = 6
PENALTY = 4.0
LEAST_WEIGHT = 0.1
ALWAYS = ("intercept", "per log word")


@dataclass(frozen=True, slots=True)
class Text:
    """A text and what people said of it."""

    project: str
    text: str
    is_debt: bool

    @property
    def is_held_out(self) -> bool:
        """Whether its project is only measured on."""
        return crc32(self.project.encode()) % HELD_OUT == 0


def read_texts(data: Path | None) -> list[Text]:
    """Return the labelled texts below a data folder, files in order; none where it is absent."""
    folder = (data or Path(os.environ.get("DEBTPLAN_DATA", "../shared/data"))) / FOLDER
    found = []
    for path in sorted(folder.glob("*.csv*")):
        packed = path.read_bytes()
        text = (decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8")
        found += [
            Text(row["project"], row["text"], row["classification"] != "non_debt")
            for row in DictReader(StringIO(text, newline=""))
        ]
    return found


def measure(data: Path | None = None) -> Iterator[Figure]:
    """Yield precision and recall of "this is debt" on the projects held out, beside baselines."""
    texts = read_texts(data)
    for name, some in (
        ("held out", [one for one in texts if one.is_held_out]),
        ("fitted", [one for one in texts if not one.is_held_out]),
    ):
        if some:
            yield from _figures(name, some)


def _figures(name: str, texts: Sequence[Text]) -> Iterator[Figure]:
    ranked = sorted(((looks_like_debt(one.text), one.is_debt) for one in texts), reverse=True)
    hits = [is_debt for likely, is_debt in ranked if likely >= SUSPECT]
    debts, count = sum(one.is_debt for one in texts), len(texts)
    precision, recall = sum(hits) / max(1, len(hits)), sum(hits) / max(1, debts)
    projects = len({one.project for one in texts})
    what = f"{count} texts of {projects} projects, {debts} debt; suspected {len(hits)}"
    right = (sum(hits) + count - debts - (len(hits) - sum(hits))) / count
    both = 2 * sum(hits) / (len(hits) + debts)
    guess = 2 * debts / (count + debts)
    for figure, value, said in (
        ("precision", precision, f"{what}; {debts / count:.2f} by chance"),
        ("recall", recall, what),
        ("F1", both, f"{guess:.2f} for calling all of them debt, 0 for none (the majority)"),
        ("accuracy", right, f"{1 - debts / count:.2f} for the majority: none is debt"),
        ("average precision", _average(ranked), f"{debts / count:.2f} by chance"),
    ):
        yield at_most("links", f"debt text, {name}: {figure}", value, None, "", said)


def _average(ranked: Sequence[tuple[float, bool]]) -> float:
    """Return the mean of the precision at each debt of a ranking."""
    found, parts = 0, []
    for place, (_, is_debt) in enumerate(ranked, 1):
        if is_debt:
            found += 1
            parts.append(found / place)
    return sum(parts) / len(parts) if parts else 0.0


def fit(texts: Sequence[Text]) -> dict[str, float]:
    """Return weights by what they are of: logistic regression with a ridge, by Newton's method.

    What tells most (log-likelihood ratio, Dunning 1993) is kept.
    """
    read = [_features(one.text) for one in texts]
    y = np.array([one.is_debt for one in texts], float)
    names = _telling([found for found, _ in read], [one.is_debt for one in texts])
    place = {name: number for number, name in enumerate(names, 2)}
    x = np.zeros((len(texts), len(names) + 2))
    for row, (found, length) in enumerate(read):
        x[row, 0], x[row, 1] = 1.0, log(1 + length)
        for name in found:
            if name in place:
                x[row, place[name]] = 1.0
    weights = newton(x, y, [1e-6, 1e-6, *[PENALTY] * len(names)])
    named = {"intercept": weights[0], "per log word": weights[1]}
    named |= {name: weights[number] for name, number in place.items()}
    kept = {name: one for name, one in named.items() if name in ALWAYS or abs(one) >= LEAST_WEIGHT}
    return {name: round(float(one), 2) for name, one in kept.items()}


def newton(x: np.ndarray, y: np.ndarray, penalties: Sequence[float]) -> np.ndarray:
    """Return the weights of a logistic regression with a ridge, after forty steps."""
    weights, ridge = np.zeros(x.shape[1]), np.diag(penalties)
    for _ in range(40):
        p = 1 / (1 + np.exp(-x @ weights))
        curve = (x * (p * (1 - p))[:, None]).T @ x + ridge
        weights = weights + np.linalg.solve(curve, x.T @ (y - p) - ridge @ weights)
    return weights


def _features(text: str) -> tuple[set[str], int]:
    signs, phrases, length = read_signs(text)
    counts = {
        name for name, least in (("any sign", 1), ("several signs", 2)) if len(signs) >= least
    }
    return {*(f"sign {one}" for one in signs), *phrases, *counts}, length


def _telling(read: Sequence[set[str]], labels: Sequence[bool]) -> list[str]:
    count, debts = len(labels), sum(labels)
    often = Counter(name for found in read for name in found)
    with_debt = Counter(
        name for found, debt in zip(read, labels, strict=True) if debt for name in found
    )

    def ratio(name: str) -> float:
        n, a = often[name], with_debt[name]
        cells = (
            (a, n * debts), (n - a, n * (count - debts)), (debts - a, (count - n) * debts),
            (count - n - debts + a, (count - n) * (count - debts)),
        )  # fmt: skip
        return sum(k * log(k * count / e) for k, e in cells if k > 0)

    known = [name for name, number in often.items() if number >= LEAST_TEXTS]
    return sorted(known, key=lambda name: (-ratio(name), name))[:PHRASES]


if __name__ == "__main__":
    chosen = Path(sys.argv[sys.argv.index("--data") + 1]) if "--data" in sys.argv else None
    for name, weight in sorted(
        fit([one for one in read_texts(chosen) if not one.is_held_out]).items()
    ):
        print(f"{weight:6.2f}  {name}")
