"""One order for records that come in any: the same set of records, the same sequence."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

Record = TypeVar("Record", bound=BaseModel)

NAMES = ("key", "id", "name", "item", "metric", "ref", "start_at", "end_at", "source", "reason")
"""Fields that tell records apart, the first ones first."""


def in_order(records: Sequence[Record]) -> tuple[Record, ...]:
    """Return records of one type by what tells them apart, and else by all they hold."""
    if not records:
        return ()
    names = [name for name in NAMES if name in type(records[0]).model_fields]
    marks = [tuple(getattr(one, name) for name in names) for one in records]
    shared = {mark for mark, count in Counter(marks).items() if count > 1}
    keyed = [
        ((mark, one.model_dump_json() if mark in shared else ""), number)
        for number, (mark, one) in enumerate(zip(marks, records, strict=True))
    ]
    return tuple(records[number] for _, number in sorted(keyed))
