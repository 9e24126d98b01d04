"""How alike an item and a metric are: the numbers that a suggestion's confidence is made from.

Words are weighed by how rare they are (idf, Sparck Jones 1972) among the team's own items and among
its metrics, and count less the more often they come (as in BM25, Robertson and Walker 1994). What
items that are linked already carry - components, paths, epics, labels - speaks for their metrics
(naive Bayes).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from math import log
from typing import NamedTuple

from debtplan.core.flow import EVERYONE, Flow, MetricKind, UxMetric
from debtplan.core.item import DebtItem, ItemKey
from debtplan.core.mark import find_marks
from debtplan.core.vocabulary import CONCEPTS, spellings, words

KIND_CONCEPT: Mapping[MetricKind, str] = {
    MetricKind.LATENCY: "latency",
    MetricKind.COMPLETION_TIME: "latency",
    MetricKind.WEB_VITAL: "latency",
    MetricKind.ERROR_RATE: "error",
    MetricKind.DROP_OFF: "loss",
    MetricKind.CSAT: "satisfaction",
    MetricKind.TICKET_RATE: "ticket",
}
"""The word of the field for what each kind measures."""

SATURATION = 1.2
"""BM25's k1: the weight w of a word counts w * (1 + k1) / (w + k1)."""

TRACKS_WEIGHT = 2.0
"""Linked items that the average of all metrics is worth where few carry the same mark."""

USUAL_PART = 0.5
"""Part of the items from which on a label says nothing."""

MOST_ODDS, LEAST_ODDS = 3.0, -5.0

TYPO_LETTERS = 6
"""Words of so many letters or more may have one wrong."""

COMMON = 3
"""Items from which on a word is no slip of the pen."""

_ITEM_WEIGHTS = {"title": 3.0, "story": 2.0, "labels": 2.0, "components": 2.0, "text": 1.0}
_METRIC_WEIGHTS = {"id": 2.0, "name": 2.0, "step": 2.0, "flow": 1.0, "segment": 2.0, "query": 1.0}

Bag = Mapping[str, float]


class Features(NamedTuple):
    """What speaks for a pair, as numbers.

    Attributes:
        strength: ln(1 + weight of the words that both have).
        coverage: Part of the metric's words, by weight, that the item has, in [0, 1].
        lead: How far it is ahead of the item's best other metric, in [-1, 1].
        step: 1 where the item names the metric's step, else 0.
        both: 1 where it names the step and what the kind measures, else 0.
        kind: 1 where the item speaks of what the kind measures, -1 where only of what others do.
        upkeep: 1 where its title is about tests, builds or tidying up, else 0.
        segment: 1 where the item names the metric's segment, -1 where only another one's.
        tracks: Log odds that linked items which carry the same touch the metric; the metric's usual
            log odds where it carries nothing they do.
        mark: 1 where the item names an endpoint or code of the metric; -1 where only of others.
    """

    strength: float
    coverage: float
    lead: float
    step: float
    both: float
    kind: float
    upkeep: float
    segment: float
    tracks: float
    mark: float


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


@dataclass(frozen=True, slots=True)
class _Read:
    """An item or a metric as words."""

    bag: Bag
    is_upkeep: bool = False
    marks: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    spelt: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Tracks:
    """What linked items carry.

    Attributes:
        of_metric: Linked items by metric.
        of_mark: Linked items by what they carry.
        both: Linked items by the two.
    """

    linked: int = 0
    of_metric: Counter[str] = field(default_factory=Counter)
    of_mark: Counter[str] = field(default_factory=Counter)
    both: Counter[tuple[str, str]] = field(default_factory=Counter)


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
            key: _read_metric(one, titles.get(one.flow, ""), marked.get(key, ()))
            for key, one in self._metrics.items()
        }
        slips = _slips({word for one in self._read_metrics.values() for word in one.bag})
        usual = _usual(items)
        plain = {item.key: _read_item(item, usual) for item in sorted(items, key=_by_key)}
        often = Counter(word for one in plain.values() for word in one.bag)
        self._items = {key: _mended(one, slips, often) for key, one in plain.items()}
        self._rarity = self._weigh(often)
        self._tracks = self._follow(linked)
        self._segments = {
            one.segment: frozenset(words(one.segment))
            for one in self._metrics.values()
            if one.segment != EVERYONE
        }

    def of(self, key: str) -> list[Alike]:
        """Return the item beside every metric that anything speaks for, by metric."""
        item = self._items[key]
        shared = {
            metric: _shared(item.bag, read.bag, self._rarity)
            for metric, read in self._read_metrics.items()
        }
        weights = {metric: sum(parts.values()) for metric, parts in shared.items()}
        marks = {
            metric: tuple(one for one in item.marks if one in read.marks)
            for metric, read in self._read_metrics.items()
        }
        found = []
        for metric in self._metrics:
            odds, carried = self._odds(item, metric)
            if weights[metric] <= 0 and not carried and not marks[metric]:
                continue
            others = max((w for one, w in weights.items() if one != metric), default=0.0)
            features = Features(
                strength=log(1 + weights[metric]),
                coverage=self._coverage(metric, shared[metric]),
                lead=_lead(weights[metric], others),
                tracks=odds,
                mark=float(bool(marks[metric])) - float(not marks[metric] and any(marks.values())),
                **self._named(item, self._metrics[metric]),
            )
            spelt = self._read_metrics[metric].spelt
            order = sorted(shared[metric], key=lambda one: (-shared[metric][one], one))
            told = tuple(spelt.get(one, one) for one in order)
            found.append(Alike(key, metric, features, told, carried, marks[metric]))
        return found

    def _weigh(self, often: Counter[str]) -> dict[str, float]:
        """Return what each word of a metric is worth: rare among items, and among metrics."""
        count, metrics = len(self._items), len(self._metrics)
        among = Counter(word for one in self._read_metrics.values() for word in one.bag)
        return {
            word: log(1 + (1 + count) / (1 + often[word])) * log(1 + metrics / number)
            for word, number in among.items()
        }

    def _coverage(self, metric: str, shared: Bag) -> float:
        bag = self._read_metrics[metric].bag
        whole = sum(weight * self._rarity[word] for word, weight in bag.items())
        return sum(bag[word] * self._rarity[word] for word in shared) / whole if whole else 0.0

    def _named(self, item: _Read, metric: UxMetric) -> dict[str, float]:
        """Return what the item names of the metric's place and kind."""
        segment = self._segments.get(metric.segment, frozenset())
        other = {word for words_of in self._segments.values() for word in words_of} - segment
        concept = KIND_CONCEPT[metric.kind]
        harms = item.bag.keys() & set(KIND_CONCEPT.values())
        is_step = not item.bag.keys().isdisjoint(words(metric.step))
        return {
            "step": float(is_step),
            "both": float(is_step and concept in harms),
            "kind": _for_or_against(concept in harms, bool(harms)),
            "upkeep": float(item.is_upkeep),
            "segment": _for_or_against(
                bool(segment & item.bag.keys()), bool(other & item.bag.keys())
            ),
        }

    def _follow(self, linked: Iterable[tuple[str, str]]) -> _Tracks:
        tracks = _Tracks()
        known = {
            pair for pair in linked if pair[0] in self._items and pair[1] in self._read_metrics
        }
        for key in sorted({item for item, _ in known}):
            tracks.linked += 1
            tracks.of_mark.update(self._items[key].carried)
        for key, metric in sorted(known):
            tracks.of_metric[metric] += 1
            tracks.both.update((mark, metric) for mark in self._items[key].carried)
        return tracks

    def _odds(self, item: _Read, metric: str) -> tuple[float, tuple[tuple[str, int, int], ...]]:
        """Return the log odds of naive Bayes by what linked items carry, and which ones say so.

        Each mark's part is shrunk towards what is usual with the weight of two linked items.
        """
        tracks = self._tracks
        usual = (tracks.of_metric[metric] + 0.5) / (tracks.linked + len(self._metrics))
        odds, told = log(usual / (1 - usual)), []
        for mark in item.carried:
            there, hits = tracks.of_mark[mark], tracks.both[mark, metric]
            part = (hits + TRACKS_WEIGHT * usual) / (there + TRACKS_WEIGHT)
            odds += log(part / (1 - part)) - log(usual / (1 - usual))
            if hits:
                told.append((mark, hits, there))
        return max(LEAST_ODDS, min(MOST_ODDS, odds)), tuple(told)


def _by_key(item: DebtItem) -> ItemKey:
    return item.key


def _usual(items: Sequence[DebtItem]) -> frozenset[str]:
    """Return labels that so many items carry that they tell nothing, as one for all debt does."""
    often = Counter(label for item in items for label in item.labels)
    return frozenset(label for label, count in often.items() if count > USUAL_PART * len(items))


def _read_item(item: DebtItem, usual: AbstractSet[str]) -> _Read:
    story = item.story
    said = f"{story.need} . {story.pain} . {story.outcome}" if story else ""
    labels = [one for one in item.labels if ":" not in one and one not in usual]
    parts = {
        "title": item.title,
        "story": said,
        "labels": " . ".join(labels),
        "components": " . ".join((*item.components, *item.paths)),
        "text": item.text,
    }
    bags = {name: Counter(words(part)) for name, part in parts.items()}
    carried = (
        *(f"component {one}" for one in item.components),
        *(f"path {folder}" for folder in sorted({_folder(path) for path in item.paths})),
        *((f"epic {item.epic}",) if item.epic else ()),
        *(f"label {one}" for one in labels),
    )
    marks = find_marks(" . ".join((item.title, *item.components, item.text)))
    is_upkeep = "upkeep" in bags["title"]
    return _Read(_sum(bags, _ITEM_WEIGHTS), is_upkeep, marks, tuple(dict.fromkeys(carried)))


def _read_metric(metric: UxMetric, flow: str, marks: Iterable[str]) -> _Read:
    segment = "" if metric.segment == EVERYONE else metric.segment
    parts = {
        "id": metric.id,
        "name": metric.name,
        "step": metric.step,
        "flow": f"{metric.flow} . {flow}",
        "segment": segment,
        "query": metric.query,
    }
    bag = _sum({name: Counter(set(words(part))) for name, part in parts.items()}, _METRIC_WEIGHTS)
    bag = {**bag, KIND_CONCEPT[metric.kind]: bag.get(KIND_CONCEPT[metric.kind], 0.0) + 1.0}
    named = (*find_marks(f"{metric.name} . {metric.query}"), *marks)
    spelt = spellings(" . ".join(parts.values()))
    return _Read(bag, marks=tuple(dict.fromkeys(named)), spelt=spelt)


def _sum(bags: Mapping[str, Counter[str]], weights: Mapping[str, float]) -> dict[str, float]:
    total: dict[str, float] = {}
    for name, bag in bags.items():
        for word, count in bag.items():
            total[word] = total.get(word, 0.0) + weights[name] * count
    return total


def _folder(path: str) -> str:
    head, slash, _ = path.rpartition("/")
    return head if slash else path


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


def _mended(read: _Read, slips: Mapping[str, str], often: Counter[str]) -> _Read:
    """Return an item whose rare words are mended where one letter parts them from a metric's."""
    odd = [word for word in read.bag if len(word) >= TYPO_LETTERS and often[word] < COMMON]
    mended = {word: right for word in odd if (right := _right(word, slips)) is not None}
    if not mended:
        return read
    bag: dict[str, float] = {}
    for word, weight in read.bag.items():
        right = mended.get(word, word)
        bag[right] = bag.get(right, 0.0) + weight
    return replace(read, bag=bag)


def _slips(known: Iterable[str]) -> dict[str, str]:
    """Return what long words become when a letter is lost, and the words; see `_right`."""
    meant = {word: word for word in known}
    meant = {word: name for name, said in CONCEPTS.items() for word in said.split()} | meant
    slips: dict[str, str] = {}
    for word, right in sorted(meant.items()):
        if len(word) >= TYPO_LETTERS:
            for slip in _shorter(word):
                slips.setdefault(slip, right)
    return slips | meant


def _right(word: str, slips: Mapping[str, str]) -> str | None:
    """Return the known word that one slip parts from this one: a letter lost, added or another.

    Two words that a slip parts become one when a letter is taken from either.
    """
    if word in slips:
        return slips[word]
    return next((slips[one] for one in sorted(_shorter(word)) if one in slips), None)


def _shorter(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}
