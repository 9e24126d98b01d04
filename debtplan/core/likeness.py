"""How alike an item and a metric are: the numbers that a suggestion's confidence is made from.

Words are weighed by how rare they are (idf, Sparck Jones 1972) among the team's own items and among
its metrics, and count less the more often they come (as in BM25, Robertson and Walker 1994). What
items that are linked already say and carry speaks for their metrics, steps and kinds of harm.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import NamedTuple

from debtplan.core.flow import EVERYONE, Flow, UxMetric
from debtplan.core.item import DebtItem
from debtplan.core.precedent import Precedents
from debtplan.core.vocabulary import words
from debtplan.core.wording import AKIN, HARMS, OWN_CONCEPT, Bag, Wording, read_items, read_metric

SATURATION = 1.2
"""BM25's k1: the weight w of a word counts w * (1 + k1) / (w + k1)."""

CARRIED_WEIGHT, WORD_WEIGHT = 2.0, 4.0
"""Linked items that what is usual is worth beside those that carry, or say, the same."""

TELLING = 0.25
"""Part of the items from which on a word is too common to tell where an item belongs."""


class Features(NamedTuple):
    """What speaks for a pair, as numbers.

    Attributes:
        lead: How far the words that it shares with the item, but for harm and segment, outweigh
            those of the best other metric, in [-1, 1].
        step: 1 where the item names the metric's step, -1 where only another one's.
        kind: Part of what the item says of harm that is this kind's, in [0, 1].
        akin: Part of it that is said of this kind too.
        other: Part of it that is other kinds'.
        upkeep: 1 where its title is about tests, builds or tidying up, else 0.
        segment: -1 where the item names only another metric's segment, else 0: a segment's name is
            often an ordinary word, so it parts metrics but speaks for none.
        tracks: Part of the linked items which carry the same that touch the metric, in [0, 1).
        place: How far those which carry or say the same move the log odds of its step.
        harm: How far those which say the same move the log odds of its kind.
        mark: 1 where the item names an endpoint or code of the metric's query; -1 where only of
            others'.
        counted: The same of what was counted of the metric.
    """

    lead: float
    step: float
    kind: float
    akin: float
    other: float
    upkeep: float
    segment: float
    tracks: float
    place: float
    harm: float
    mark: float
    counted: float


@dataclass(frozen=True, slots=True)
class Alike:
    """One pair, with what can be said of it.

    Attributes:
        shared: Words that both have, the weightiest first.
        carried: What linked items with the same carry: (what, linked to this metric, linked).
        marks: Endpoints and codes that the item names and the metric has.
    """

    item: str
    metric: str
    features: Features
    shared: tuple[str, ...]
    carried: tuple[tuple[str, int, int], ...]
    marks: tuple[str, ...]


class Likeness:
    """Compares items of one backlog with the metrics of its settings."""

    def __init__(
        self,
        items: Sequence[DebtItem],
        metrics: Sequence[UxMetric],
        flows: Sequence[Flow],
        linked: Iterable[tuple[str, str]],
        marked: Mapping[str, Iterable[str]],
    ) -> None:
        """Read everything once.

        Args:
            items: The whole backlog, for what is rare in it.
            metrics: Declared ones.
            flows: For their names.
            linked: Pairs of item and metric that are known to touch.
            marked: Endpoints and codes that were counted of each metric.
        """
        titles = {flow.id: flow.title for flow in flows}
        self._metrics = {one.id: one for one in sorted(metrics, key=lambda one: one.id)}
        self._read_metrics = {
            key: read_metric(one, titles.get(one.flow, "")) for key, one in self._metrics.items()
        }
        self._counted = {key: frozenset(marked.get(key, ())) for key in self._metrics}
        known = {word for one in self._read_metrics.values() for word in one.bag}
        self._items = read_items(items, known)
        often = Counter(word for one in self._items.values() for word in one.bag)
        self._rarity = self._weigh(often)
        self._telling = frozenset(
            word for word, count in often.items() if count <= max(3, TELLING * len(self._items))
        )
        self._steps = {key: frozenset(words(one.step)) for key, one in self._metrics.items()}
        segments = {one.segment for one in self._metrics.values()} - {EVERYONE}
        self._segments = {one: frozenset(words(one)) for one in sorted(segments)}
        self._others = _others(self._segments)
        self._every_step = frozenset[str]().union(*self._steps.values())
        # Harm and segment are compared by themselves, see `_named`.
        self._apart = HARMS.union(*self._segments.values())
        self._places = {one.id: f"{one.flow}/{one.step}" for one in self._metrics.values()}
        self._follow(linked)

    def of(self, key: str) -> list[Alike]:
        """Return the item beside every metric that anything speaks for, by metric."""
        item = self._items[key]
        shared = {
            metric: _shared(item.bag, read.bag, self._rarity)
            for metric, read in self._read_metrics.items()
        }
        weights = {
            metric: sum(weight for word, weight in parts.items() if word not in self._apart)
            for metric, parts in shared.items()
        }
        asked = {
            metric: tuple(one for one in item.marks if one in read.marks)
            for metric, read in self._read_metrics.items()
        }
        counted = {
            metric: tuple(one for one in item.marks if one in self._counted[metric])
            for metric in self._metrics
        }
        learned = self._learned(item)
        found = []
        for metric in self._metrics:
            carried = self._of_metric.hits(item.carried, metric)
            marks = tuple(dict.fromkeys((*counted[metric], *asked[metric])))
            if not shared[metric] and not carried and not marks:
                continue
            others = max((w for one, w in weights.items() if one != metric), default=0.0)
            features = Features(
                lead=_lead(weights[metric], others),
                mark=_for_or_against(bool(asked[metric]), any(asked.values())),
                counted=_for_or_against(bool(counted[metric]), any(counted.values())),
                **self._named(item, metric),
                **learned[metric],
            )
            spelt = self._read_metrics[metric].spelt
            order = sorted(shared[metric], key=lambda one: (-shared[metric][one], one))
            told = tuple(spelt.get(one, one) for one in order)
            found.append(Alike(key, metric, features, told, carried, marks))
        return found

    def _weigh(self, often: Counter[str]) -> dict[str, float]:
        """Return what each word of a metric is worth: rare among items, and among metrics."""
        count, metrics = len(self._items), len(self._metrics)
        among = Counter(word for one in self._read_metrics.values() for word in one.bag)
        return {
            word: log(1 + (1 + count) / (1 + often[word])) * log(1 + metrics / number)
            for word, number in among.items()
        }

    def _named(self, item: Wording, name: str) -> dict[str, float]:
        """Return what the item names of the metric's place and kind."""
        metric, said = self._metrics[name], item.bag.keys()
        segment = self._segments.get(metric.segment, frozenset())
        is_other = not self._others[metric.segment].isdisjoint(said)
        harms = {word: item.bag[word] for word in HARMS if word in said}
        whole = sum(harms.values())
        own = harms.get(OWN_CONCEPT[metric.kind], 0.0)
        akin = sum(harms.get(word, 0.0) for word in AKIN[metric.kind])
        return {
            "step": _for_or_against(
                not self._steps[name].isdisjoint(said), not self._every_step.isdisjoint(said)
            ),
            "kind": own / whole if whole else 0.0,
            "akin": akin / whole if whole else 0.0,
            "other": (whole - own - akin) / whole if whole else 0.0,
            "upkeep": float(item.is_upkeep),
            "segment": -1.0 if is_other and segment.isdisjoint(said) else 0.0,
        }

    def _follow(self, linked: Iterable[tuple[str, str]]) -> None:
        """Count what linked items carry and say, by metric, by step and by kind."""
        touched: dict[str, list[str]] = {}
        for key, metric in sorted(set(linked)):
            if key in self._items and metric in self._metrics:
                touched.setdefault(key, []).append(metric)
        read = [(self._items[key], metrics) for key, metrics in touched.items()]
        kinds = {one.kind for one in self._metrics.values()}
        self._of_metric = Precedents(
            ((one.carried, metrics) for one, metrics in read), len(self._metrics), CARRIED_WEIGHT
        )
        self._of_place = Precedents(
            (
                (self._told(one), [self._places[metric] for metric in metrics])
                for one, metrics in read
            ),
            len(set(self._places.values())),
            WORD_WEIGHT,
        )
        self._of_kind = Precedents(
            (
                (self._said(one), [self._metrics[metric].kind for metric in metrics])
                for one, metrics in read
            ),
            len(kinds),
            WORD_WEIGHT,
        )

    def _learned(self, item: Wording) -> dict[str, dict[str, float]]:
        told, said = self._told(item), self._said(item)
        kinds = {one.kind for one in self._metrics.values()}
        where = {one: self._of_place.gain(told, one) for one in set(self._places.values())}
        what = {one: self._of_kind.gain(said, one) for one in kinds}
        return {
            name: {
                "tracks": self._of_metric.part(item.carried, name),
                "place": where[self._places[name]],
                "harm": what[one.kind],
            }
            for name, one in self._metrics.items()
        }

    def _told(self, item: Wording) -> Collection[str]:
        return (*item.carried, *self._said(item))

    def _said(self, item: Wording) -> list[str]:
        return [word for word in item.bag if word in self._telling]


def _others(segments: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Return by segment the words that only the others are called by."""
    every = frozenset[str]().union(*segments.values())
    return {EVERYONE: frozenset()} | {one: every - said for one, said in segments.items()}


def _shared(item: Bag, metric: Bag, rarity: Bag) -> dict[str, float]:
    small, large = (item, metric) if len(item) < len(metric) else (metric, item)
    return {
        word: item[word] * (1 + SATURATION) / (item[word] + SATURATION)
        * metric[word] * rarity[word]
        for word in small
        if word in large
    }  # fmt: skip


def _lead(mine: float, other: float) -> float:
    return (mine - other) / max(mine, other) if max(mine, other) > 0 else 0.0


def _for_or_against(is_named: bool, is_other: bool) -> float:  # noqa: FBT001 - two of a kind
    return 1.0 if is_named else -1.0 if is_other else 0.0
