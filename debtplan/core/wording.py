"""An item or a metric as words: which, how weighty, and what else it carries to be known by."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from debtplan.core.flow import EVERYONE, MetricKind, UxMetric
from debtplan.core.item import DebtItem
from debtplan.core.mark import find_marks
from debtplan.core.vocabulary import CONCEPTS, spellings, words

OWN_CONCEPT: Mapping[MetricKind, str] = {
    MetricKind.LATENCY: "latency",
    MetricKind.COMPLETION_TIME: "toil",
    MetricKind.WEB_VITAL: "paint",
    MetricKind.ERROR_RATE: "error",
    MetricKind.DROP_OFF: "loss",
    MetricKind.CSAT: "satisfaction",
    MetricKind.TICKET_RATE: "ticket",
}
"""The word of the field for what each kind measures."""

AKIN: Mapping[MetricKind, frozenset[str]] = {
    MetricKind.LATENCY: frozenset({"paint"}),
    MetricKind.COMPLETION_TIME: frozenset({"latency", "loss"}),
    MetricKind.WEB_VITAL: frozenset({"latency"}),
    MetricKind.ERROR_RATE: frozenset(),
    MetricKind.DROP_OFF: frozenset({"toil"}),
    MetricKind.CSAT: frozenset({"ticket"}),
    MetricKind.TICKET_RATE: frozenset({"satisfaction"}),
}
"""Words that are said of each kind too, though another is called by them."""

HARMS = frozenset(OWN_CONCEPT.values())

USUAL_PART = 0.5
"""Part of the items from which on a label says nothing."""

TYPO_LETTERS = 6
"""Words of so many letters or more may have one wrong."""

COMMON = 3
"""Items from which on a word is no slip of the pen."""

_ITEM_WEIGHTS = {"title": 3.0, "story": 2.0, "labels": 2.0, "components": 2.0, "text": 1.0}
_METRIC_WEIGHTS = {"id": 2.0, "name": 2.0, "step": 2.0, "flow": 1.0, "segment": 2.0, "query": 1.0}

Bag = Mapping[str, float]
"""Weight by word, as `vocabulary.words` gives it."""


@dataclass(frozen=True, slots=True)
class Wording:
    """An item or a metric as words.

    Attributes:
        bag: Its words by weight.
        is_upkeep: Whether its title is about tests, builds or tidying up.
        marks: Endpoints and codes that it names.
        carried: Components, folders, epic and labels of an item, each as a phrase.
        spelt: How a metric spells its words.
    """

    bag: Bag
    is_upkeep: bool = False
    marks: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    spelt: Mapping[str, str] = field(default_factory=dict)


def read_items(items: Sequence[DebtItem], known: Iterable[str]) -> dict[str, Wording]:
    """Return the items of a backlog as words, by key, in the order of the keys.

    Args:
        items: The whole backlog: what most of it carries tells nothing.
        known: Words of the metrics; rare words one letter away from them are mended.
    """
    often_carried = Counter(label for item in items for label in item.labels)
    most = USUAL_PART * len(items)
    usual = frozenset(label for label, count in often_carried.items() if count > most)
    plain = {item.key: _read_item(item, usual) for item in sorted(items, key=lambda one: one.key)}
    often = Counter(word for one in plain.values() for word in one.bag)
    slips = _slips(known)
    return {key: _mended(one, slips, often) for key, one in plain.items()}


def read_metric(metric: UxMetric, flow: str) -> Wording:
    """Return a metric as words.

    Args:
        metric: It.
        flow: How its flow is called.
    """
    segment = "" if metric.segment == EVERYONE else metric.segment
    parts = {
        "id": metric.id,
        "name": metric.name,
        "step": metric.step,
        "flow": f"{metric.flow} . {flow}",
        "segment": segment,
        "query": metric.query,
    }
    # In the order of the text, and not of a set: sums of floats hang on their order.
    once = {name: Counter(dict.fromkeys(words(part), 1)) for name, part in parts.items()}
    bag = _sum(once, _METRIC_WEIGHTS)
    own = OWN_CONCEPT[metric.kind]
    return Wording(
        {**bag, own: bag.get(own, 0.0) + 1.0},
        marks=find_marks(f"{metric.name} . {metric.query}"),
        spelt=spellings(" . ".join(parts.values())),
    )


def _read_item(item: DebtItem, usual: AbstractSet[str]) -> Wording:
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
    return Wording(_sum(bags, _ITEM_WEIGHTS), is_upkeep, marks, tuple(dict.fromkeys(carried)))


def _sum(bags: Mapping[str, Counter[str]], weights: Mapping[str, float]) -> dict[str, float]:
    total: dict[str, float] = {}
    for name, bag in bags.items():
        for word, count in bag.items():
            total[word] = total.get(word, 0.0) + weights[name] * count
    return total


def _folder(path: str) -> str:
    head, slash, _ = path.rpartition("/")
    return head if slash else path


def _mended(read: Wording, slips: Mapping[str, str], often: Counter[str]) -> Wording:
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
