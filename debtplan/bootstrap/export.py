"""All that is known, as tidy tables for other tools."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from debtplan.bootstrap import answers
from debtplan.config.assemble import plain_metrics
from debtplan.config.settings import Loaded
from debtplan.core import tidy_rows
from debtplan.core.contained import all_releases
from debtplan.core.item import Skipped
from debtplan.core.tidy import TABLES, Cell, Rows, Tidy
from debtplan.errors import StoreError
from debtplan.ports import Store


def tidy_tables(
    loaded: Loaded, store: Store, when: datetime
) -> Iterator[tuple[Tidy, Rows, tuple[Skipped, ...]]]:
    """Yield every table with its rows, and what could not be written into it.

    Links and harm are as of `when`; everything else is as the store holds it.
    """
    day = when.date()
    yield _made("items", tidy_rows.item_rows(store.items()))
    yield _made("links", tidy_rows.link_rows(answers.settled_links(loaded, store, when), day))
    yield _made("readings", tidy_rows.reading_rows(store.readings()))
    harms = answers.harms(loaded, store, when)
    yield _made("harm", tidy_rows.harm_rows(harms, plain_metrics(loaded.settings), day))
    yield _plans(store)
    yield _made("tallies", tidy_rows.tally_rows(store.tallies()))
    yield _made("overlaps", tidy_rows.overlap_rows(store.overlaps()))
    yield _made("notes", tidy_rows.note_rows(store.notes()))
    releases = all_releases(store.releases(), store.items())
    yield _made("releases", tidy_rows.release_rows(releases))
    yield _made("forecasts", tidy_rows.forecast_rows(store.forecasts()))
    yield _made("verdicts", tidy_rows.verdict_rows(store.verdicts()))
    yield _made("placebos", tidy_rows.placebo_rows(store.placebos()))


def render_csv(table: Tidy, rows: Rows) -> str:
    """Return the table as CSV."""
    from debtplan.render.tidy import render_tidy

    return render_tidy(table, rows)


def write_parquet(path: Path, table: Tidy, rows: Rows) -> None:
    """Write the table as Parquet.

    Raises:
        InputError: The place cannot be written.
        UsageError: What writes it is not installed.
    """
    from debtplan.warehouse.parquet import write_parquet as write

    write(path, table, rows)


def _made(name: str, rows: Rows) -> tuple[Tidy, Rows, tuple[Skipped, ...]]:
    return TABLES[name], rows, ()


def _plans(store: Store) -> tuple[Tidy, Rows, tuple[Skipped, ...]]:
    """Return the table of plans; one that this debtplan cannot read is left out and said so."""
    rows: list[Mapping[str, Cell]] = []
    lost = []
    for plan_id, approved_at in store.plan_ids():
        try:
            plan = store.plan(plan_id)
        except StoreError as error:
            lost.append(Skipped(ref=f"plan {plan_id}", reason=error.what))
            continue
        if plan is not None:
            rows += tidy_rows.plan_rows(plan, approved_at)
    return TABLES["plans"], rows, tuple(lost)
