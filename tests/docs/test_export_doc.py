"""docs/export.md lists every table and column as they are, with type and unit."""

import re

import pytest

from debtplan.core.tidy import TABLES
from tests.docs.page import DOCS, codes, section, table_rows

TEXT = (DOCS / "export.md").read_text(encoding="utf-8")


def test_every_table_has_a_heading_in_its_order() -> None:
    assert re.findall(r"^## `(\w+)`$", TEXT, re.MULTILINE) == list(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_lists_its_columns_with_type_and_unit(name: str) -> None:
    part = section(TEXT, f"## `{name}`")
    assert TABLES[name].about in part
    said = [(codes(row[0]), row[1], row[2]) for row in table_rows(part)]
    known = [([one.name], one.kind.value, one.unit) for one in TABLES[name].fields]
    assert said == known
