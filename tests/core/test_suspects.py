"""Suspects: which marks explain most, how many are false, and marks that are the same sessions."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import permutations, product
from math import comb, prod
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.core.excess import FEW, excess_p
from debtplan.core.harm import Harm
from debtplan.core.suspects import (
    Suspect,
    adjust,
    find_suspects,
    strata_beside,
    suspects_of,
)
from debtplan.core.tally import Stratum, Tally
from tests.builders import link
from tests.tallies import stratum, tally

NOW = datetime(2026, 11, 23, tzinfo=UTC)

Session = dict[str, str]
"""Values of its dimensions, and `bad` with yes or no."""


def count(
    sessions: Sequence[Session], dimension: str, strata: Sequence[str], metric: str = "m"
) -> list[Tally]:
    """The tallies of a dimension, one a value, counted one by one."""
    found = []
    for value in sorted({one[dimension] for one in sessions}):
        rows = []
        for group in sorted({tuple(one[name] for name in strata) for one in sessions}):
            here = [one for one in sessions if tuple(one[name] for name in strata) == group]
            marked = [one for one in here if one[dimension] == value]
            bad = sum(one["bad"] == "yes" for one in here)
            worse = sum(one["bad"] == "yes" for one in marked)
            named = zip(strata, group, strict=True)
            rows.append(
                stratum(
                    *(worse, len(marked), bad - worse, len(here) - len(marked)),
                    name=", ".join(f"{a} = {b or 'none'}" for a, b in named),
                )
            )
        found.append(tally(*rows, metric=metric, dimension=dimension, value=value))
    return found


def world(seed: int, size: int = 4_000) -> list[Session]:
    """Sessions that go wrong by error E1, which Ireland meets more often; phones fail more anyway.

    The country itself, the endpoint and error E2 change nothing.
    """
    random = Random(seed)
    sessions = []
    for _ in range(size):
        country = random.choice(["IE", "FR", "DE", "US"])
        device = random.choice(["phone", "desktop"])
        errors = random.random()
        met = 0.6 if country == "IE" else 0.15
        error = "E1" if errors < met else "E2" if errors < met + 0.1 else ""
        risk = (0.3 if device == "phone" else 0.15) * (2.8 if error == "E1" else 1)
        endpoint = random.choice(["/a", "/b", "/c"])
        fate = "yes" if random.random() < risk else "no"
        sessions.append(
            {
                "country": country,
                "device": device,
                "error": error,
                "endpoint": endpoint,
                "bad": fate,
            }
        )
    return sessions


def marks(found: Iterable[Suspect]) -> list[str]:
    """The marks of the suspects in their order."""
    return [str(one.selector) for one in found]


def by_counting(rows: Sequence[tuple[int, int, int, int]]) -> float:
    """P(at least as many bad ones with the mark), over all ways that the lots may fall."""
    tables = []
    for b1, n1, b0, n0 in rows:
        bad, ways = b1 + b0, comb(n1 + n0, b1 + b0)
        ks = range(max(0, bad - n0), min(bad, n1) + 1)
        tables.append([(k, comb(n1, k) * comb(n0, bad - k) / ways) for k in ks])
    seen = sum(row[0] for row in rows)
    return sum(
        prod(chance for _, chance in cells)
        for cells in product(*tables)
        if sum(k for k, _ in cells) >= seen
    )


def _row() -> st.SearchStrategy[tuple[int, int, int, int]]:
    counts = st.tuples(*(st.integers(0, 8) for _ in range(4)))
    return counts.map(lambda c: (c[0], c[0] + c[1], c[2], c[2] + c[3]))


@given(st.lists(_row().filter(lambda r: r[1] + r[3] > 0), min_size=1, max_size=3))
def test_where_few_are_expected_the_chance_is_exact(rows: list[tuple[int, int, int, int]]) -> None:
    telling = any(0 < n1 < n1 + n0 and 0 < b1 + b0 < n1 + n0 for b1, n1, b0, n0 in rows)
    wanted = by_counting(rows) if telling else 1.0
    assert excess_p([stratum(*row) for row in rows]) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    "row", [(130, 400, 300, 1_200), (55, 200, 370, 1_800), (45, 100, 640, 2_000)]
)
def test_where_many_are_expected_it_is_within_a_tenth(row: tuple[int, int, int, int]) -> None:
    b1, n1, b0, n0 = row
    assert (b1 + b0) * n1 / (n1 + n0) > FEW
    assert excess_p([stratum(*row)]) == pytest.approx(by_counting([row]), rel=0.1)


def test_half_counts_are_rounded_to_the_careful_side() -> None:
    assert excess_p([stratum(5.5, 10, 5, 90)]) >= excess_p([stratum(6, 10, 5, 90)])
    assert excess_p([stratum(5.5, 10, 4.5, 90)]) == excess_p([stratum(5, 10, 5, 90)])


def test_strata_in_which_nothing_can_differ_say_nothing() -> None:
    telling = stratum(30, 100, 60, 300)
    silent = [stratum(5, 10, 0, 0), stratum(0, 10, 0, 10), stratum(0, 1, 0, 0)]
    assert excess_p([telling, *silent]) == excess_p([telling])
    assert excess_p(silent) == 1
    assert excess_p([]) == 1


def test_the_adjusted_chances_are_those_of_benjamini_and_hochberg() -> None:
    ps = [0.01, 0.04, 0.03, 0.005, 0.5]
    assert adjust(ps) == pytest.approx([0.025, 0.05, 0.05, 0.025, 0.5])
    assert adjust([]) == []
    for order in permutations(range(len(ps))):
        assert adjust([ps[i] for i in order]) == [adjust(ps)[i] for i in order]


def test_adjusting_by_brute_force_keeps_the_same_finds() -> None:
    random = Random(3)
    for _ in range(50):
        ps = [random.random() ** 3 for _ in range(12)]
        for q in (0.05, 0.1, 0.3):
            ordered = sorted(ps)
            last = max((k for k in range(12) if ordered[k] <= q * (k + 1) / 12), default=-1)
            kept = {p for p in ps if last >= 0 and p <= ordered[last]}
            assert {p for p, a in zip(ps, adjust(ps), strict=True) if a <= q} == kept


def test_the_planted_cause_is_first_and_what_it_explains_stands_last() -> None:
    sessions = world(1)
    together = [
        *count(sessions, "error", ["device", "country"]),
        *count(sessions, "country", ["device"]),
        *count(sessions, "endpoint", ["device"]),
    ]
    found = suspects_of(together)
    assert marks(found) == ["error = E1", "country = IE"]
    cause, country = found
    assert not cause.is_explained
    assert cause.fraction == pytest.approx(0.33, abs=0.04)
    assert country.is_explained
    assert country.beside == cause.selector
    assert country.note == "nothing of its own remains among sessions alike in error = E1"
    assert country.own is not None
    assert country.own < country.fraction / 4


def test_marks_that_were_not_counted_together_may_be_the_same_sessions() -> None:
    sessions = world(1)
    apart = [*count(sessions, "error", ["device"]), *count(sessions, "country", ["device"])]
    found = suspects_of(apart)
    assert marks(found) == ["error = E1", "country = IE"]
    assert not found[1].is_explained
    assert found[1].note == (
        "may be the same sessions as error = E1: they were not counted together; add country or "
        "error to strata"
    )


def test_two_causes_of_their_own_both_stay() -> None:
    random = Random(5)
    sessions = []
    for _ in range(4_000):
        error, country = random.choice(["E1", ""]), random.choice(["IE", "FR"])
        risk = 0.1 + 0.3 * (error == "E1") + 0.3 * (country == "IE")
        fate = "yes" if random.random() < risk else "no"
        sessions.append({"error": error, "country": country, "bad": fate})
    found = suspects_of(
        [*count(sessions, "error", ["country"]), *count(sessions, "country", ["error"])]
    )
    assert sorted(marks(found)) == ["country = IE", "error = E1"]
    assert not any(one.is_explained for one in found)
    assert "remain of it among sessions alike in" in found[1].note


def test_twins_are_named_once_as_a_cause() -> None:
    random = Random(7)
    sessions = []
    for _ in range(2_000):
        has = random.random() < 0.3
        risk = 0.6 if has else 0.2
        sessions.append(
            {
                "error": "E1" if has else "",
                "endpoint": "/a" if has else "/b",
                "bad": "yes" if random.random() < risk else "no",
            }
        )
    within = [*count(sessions, "error", ["endpoint"]), *count(sessions, "endpoint", ["error"])]
    assert suspects_of(within) == ()  # where one decides the other there is nothing to compare
    apart = suspects_of([*count(sessions, "error", []), *count(sessions, "endpoint", [])])
    assert [bool(one.note) for one in apart] == [False, True]


def test_counts_beside_a_mark_are_those_of_counting_again() -> None:
    sessions = world(2, 800)
    error = next(
        one for one in count(sessions, "error", ["device", "country"]) if one.value == "E1"
    )
    for country in count(sessions, "country", ["device"]):
        for one in sessions:
            one["has_error"] = str(one["error"] == "E1")
        again = count(sessions, "country", ["device", "has_error"])
        (wanted,) = (one for one in again if one.value == country.value)
        found = strata_beside(country, error)
        assert found is not None
        assert sorted(_cells(found)) == sorted(_cells(wanted.strata))


def _cells(strata: Iterable[Stratum]) -> list[tuple[float, ...]]:
    rows = ((s.bad_with, s.total_with, s.bad_without, s.total_without) for s in strata)
    return [row for row in rows if any(row)]


def test_values_of_one_dimension_are_not_compared() -> None:
    one, other = count(world(1, 300), "country", ["device"])[:2]
    assert strata_beside(one, other) is None


def test_sessions_without_a_value_are_told_by_their_name() -> None:
    sessions = world(2, 800)
    none = next(one for one in count(sessions, "error", ["device"]) if one.value == "")
    country = count(sessions, "country", ["device", "error"])[0]
    found = strata_beside(none, country)
    assert found is not None
    assert sum(one.total_with for one in found) == sum(one.total_with for one in none.strata)


@pytest.mark.slow
def test_without_a_cause_hardly_anything_is_suspected() -> None:
    false = 0
    for seed in range(100):
        random = Random(seed)
        names = {"country": "abcdefgh", "error": "123456", "endpoint": "xyz"}
        sessions = [
            {
                **{name: random.choice(values) for name, values in names.items()},
                "bad": "yes" if random.random() < 0.2 else "no",
            }
            for _ in range(600)
        ]
        found = suspects_of([one for name in names for one in count(sessions, name, [])])
        false += bool(found)
    assert false <= 16


def test_the_order_of_the_tallies_changes_nothing() -> None:
    sessions = world(1, 1_500)
    rows = [*count(sessions, "error", ["country"]), *count(sessions, "country", [])]
    random = Random(1)
    first = find_suspects(rows, NOW, {})
    for _ in range(5):
        random.shuffle(rows)
        assert find_suspects(rows, NOW, {}) == first


def test_suspects_of_all_metrics_are_ranked_by_sessions_and_name_their_items() -> None:
    sessions = world(1)
    rows = [
        one
        for metric in ("small", "large")
        for one in count(sessions, "error", ["device"], metric=metric)
    ]
    harms = {
        "small": Harm(metric="small", share=0.3, sessions=1_000),
        "large": Harm(metric="large", share=0.3, sessions=9_000),
    }
    known = link("OMNI-12", "large")
    named = known.model_copy(update={"selector": rows[1].selector})
    assert str(named.selector) == "error = E1"
    found = find_suspects(rows, NOW, harms, [named, known])
    assert [one.metric for one in found] == ["large", "small"]
    assert found[0].sessions == pytest.approx(0.3 * 9_000 * found[0].fraction)
    assert (found[0].items, found[1].items) == (("OMNI-12",), ())
    assert [one.metric for one in find_suspects(rows, NOW, harms, metric="small")] == ["small"]
    unknown = find_suspects(rows, NOW, {})
    assert [one.sessions for one in unknown] == [None, None]


def test_a_mark_whose_sessions_fail_less_is_no_suspect() -> None:
    for b1, b0 in product((0, 5), (40, 60)):
        assert suspects_of([tally(stratum(b1, 100, b0, 200))]) == ()
