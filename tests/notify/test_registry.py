"""Every kind of notifier is made by its name, and opens nothing by that."""

from typing import get_args

import pytest

from debtplan.notify import NOTIFIERS
from debtplan.notify.options import NotifyTable
from tests.notify.notices import access, table


def test_the_settings_know_every_kind_and_no_other() -> None:
    union = NotifyTable.model_fields["type"].annotation
    known = {name for literal in get_args(union) for name in get_args(literal)}
    assert known == set(NOTIFIERS)


@pytest.mark.parametrize("kind", NOTIFIERS)
def test_making_a_notifier_needs_no_secret_and_no_network(kind: str) -> None:
    assert callable(NOTIFIERS[kind]("mine", table(type=kind), access("mine")))


@pytest.mark.parametrize("kind", NOTIFIERS)
def test_a_look_at_a_notifier_without_settings_says_what_to_set(kind: str) -> None:
    found = NOTIFIERS[kind]("mine", table(type=kind), access("mine")).probe()
    assert (found.part, found.is_well) == ("notify.mine", False)
    assert found.fix.startswith("Set ")


@pytest.mark.parametrize("key", ["url", "password", "token"])
def test_no_table_takes_a_secret(key: str) -> None:
    with pytest.raises(ValueError, match=r"secret|Extra inputs"):
        table(**{key: "x"})
