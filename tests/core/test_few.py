"""Few names in a sentence: none is lost, only counted."""

import pytest

from debtplan.core.few import few, not_named


@pytest.mark.parametrize(
    ("names", "said", "left"),
    [
        ("", "", {}),
        ("a", "a", {}),
        ("abc", "a, b, c", {}),
        ("abcd", "a, b, c and 1 more", {"d": 1}),
        ("aabbad", "a, a, b and 3 more", {"b": 1, "a": 1, "d": 1}),
        ("abcddd", "a, b, c and 3 more", {"d": 3}),
    ],
)
def test_what_is_not_named_is_counted(names: str, said: str, left: dict[str, float]) -> None:
    assert few(names) == said
    assert not_named(names) == left
