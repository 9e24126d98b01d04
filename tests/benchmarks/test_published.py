"""Files in the published formats become the problems they describe, and the engine solves them."""

from fractions import Fraction
from pathlib import Path

import pytest

from benchmarks import mknap, nrp
from benchmarks.published import Instance, figures, find_data, run, spread, value_of
from debtplan.core.problem import exact_relief
from debtplan.engines import make_engine

NRP = """2
2
4 3
1
6
1
1 3
3
10 1 3
7 1 2
1 2 1 2
"""
"""Three requirements at 4, 3 and 6, the third after the first; customers of 10, 7 and 1."""

MKNAP = """1
3 2 0
10 6 5
4 3 2
1 5 0.5
6 5
"""

PISINGER = """3 5
10 4
6 3
5 2
"""


def test_a_customer_needs_what_it_asks_for_and_what_that_needs(tmp_path: Path) -> None:
    file = tmp_path / "nrp9.txt"
    file.write_text(NRP)
    # 0.77 of 13 is 10.01, rounded down: requirements 1 and 3 for the first customer.
    problem = nrp.read_problem(file, "0.77")
    assert problem.ceiling == 10
    selection = make_engine("milp").select(problem)
    assert selection.chosen == ("customer 00001", "requirement 00001", "requirement 00003")
    assert exact_relief(problem, selection.chosen) == 10
    # 9 is one too few: customers 2 and 3 share requirements 1 and 2.
    short = make_engine("milp").select(nrp.read_problem(file, "0.75"))
    assert exact_relief(nrp.read_problem(file, "0.75"), short.chosen) == 8


def test_the_first_row_is_the_reserve_and_the_others_are_roles(tmp_path: Path) -> None:
    file = tmp_path / "mknapcb0.txt"
    file.write_text(MKNAP)
    ((problem, best),) = mknap.read_problems(file)
    assert best is None
    assert problem.ceiling == 6
    assert problem.roles == (("row 01", Fraction(5)),)
    selection = make_engine("milp").select(problem)
    assert selection.chosen == ("item 00000", "item 00002")
    assert exact_relief(problem, selection.chosen) == 15


def test_a_plain_knapsack_has_one_row(tmp_path: Path) -> None:
    file = tmp_path / "knapPI_1_3_10_1"
    file.write_text(PISINGER)
    ((problem, _),) = mknap.read_problems(file)
    assert problem.ceiling == 5
    assert problem.roles == ()
    assert make_engine("milp").any_best(problem).value == 11


@pytest.mark.parametrize("value", [1.0, 3.0, 0.1, 624_319.0])
def test_a_candidate_is_worth_its_value_exactly(value: float) -> None:
    ((metric, removal),), harms = value_of("one", value)
    assert Fraction(harms[metric]) * Fraction(removal) == Fraction(value)
    assert removal < 1


@pytest.mark.slow
def test_a_value_out_of_reach_is_said_to_be_missed(tmp_path: Path) -> None:
    file = tmp_path / "nrp9.txt"
    file.write_text(NRP)
    runs = [run(Instance("nrp9-0.75", nrp.read_problem(file, "0.75"), best)) for best in (8, 9)]
    missed = next(figures("nrp", runs, "made up"))
    assert (missed.value, missed.ok) == (1, False)
    assert "8 of 9" in missed.detail
    assert next(figures("nrp", runs[:1], "made up")).ok


def test_an_open_value_is_judged_apart(tmp_path: Path) -> None:
    file = tmp_path / "nrp9.txt"
    file.write_text(NRP)
    problem = nrp.read_problem(file, "0.75")
    found = list(figures("nrp", [run(Instance("open", problem, 8, is_open=True))], "made up"))
    assert [one.figure for one in found[:2]] == [
        "known values not reached, of 0",
        "open ones below the best known, of 1",
    ]
    assert "bound 8" in found[1].detail


def test_no_folder_gives_no_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBTPLAN_DATA", str(tmp_path / "none"))
    assert find_data(None, "nrp") is None
    assert list(nrp.measure()) == list(mknap.measure()) == []
    (tmp_path / "mknap").mkdir()
    assert find_data(tmp_path, "mknap") == tmp_path / "mknap"
    assert find_data(tmp_path, "nrp") == tmp_path


def test_positions_are_spread_evenly() -> None:
    assert list(spread(2, 3)) == [0, 1]
    assert list(spread(15, 3)) == [0, 7, 14]


def test_instances_of_the_data_folder_reach_their_optimum(data_dir: Path) -> None:
    folder = data_dir / "mknap"
    if not folder.is_dir():
        pytest.skip("no mknap in the data folder")
    for name, best in (("pb7", 1035), ("weing8", 624_319)):
        ((problem, stated),) = mknap.read_problems(folder / "mknap2" / f"{name}.dat")
        assert stated == best
        selection = make_engine("milp").any_best(problem)
        assert exact_relief(problem, selection.chosen) == best
