import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.errors import SettingsError
from debtplan.sources.jira.jql import (
    both,
    conditions,
    id_in,
    project_is,
    project_not_in,
    quoted,
    updated_since,
)

# Written after "Advanced searching" on its own: it shares nothing with the code under test.
_LEXER = re.compile(
    r"""(?P<space>\s+)|(?P<string>"(?:\\[tnr\\'" ]|\\u[0-9a-fA-F]{4}|[^"\\\x00-\x1f\x7f])*")"""
    r"""|(?P<bracket>[()])|(?P<operator>=|>=|,)|(?P<word>[A-Za-z0-9_]+)|(?P<odd>.)""",
    re.DOTALL,
)


def kinds(jql: str) -> list[str]:
    return [found.lastgroup or "" for found in _LEXER.finditer(jql) if found.lastgroup != "space"]


def words_in(jql: str) -> str:
    """Return what the only string of a query means to Jira."""
    inside = next(found for found in _LEXER.finditer(jql) if found.lastgroup == "string").group()
    plain = {"n": "\n", "r": "\r", "t": "\t"}

    def meant(escape: re.Match[str]) -> str:
        code = escape[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else plain.get(code, code)

    text = re.sub(r"\\(u[0-9a-fA-F]{4}|.)", meant, inside[1:-1])
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")


@given(st.text(st.characters(), max_size=40))
def test_no_text_breaks_out_of_its_literal(text: str) -> None:
    assert kinds(project_is(text)) == kinds(project_is("a"))
    assert kinds(project_not_in([text, text])) == kinds(project_not_in(["a", "a"]))
    assert kinds(both("(a = 1)", f"b = {quoted(text)}")) == kinds(both("(a = 1)", 'b = "a"'))


@given(
    st.text(st.sampled_from("\"'\\ \n\r\t()=AND ORDERby\x00\u2028\U000e0001\ud800é"), max_size=30)
)
def test_a_literal_means_the_text_it_was_made_of(text: str) -> None:
    assert words_in(project_is(text)) == text


@given(st.text(max_size=20))
def test_only_whole_numbers_are_ids_without_quotation_marks(text: str) -> None:
    is_number = text.isascii() and text.isdigit() and len(text) <= 20
    assert kinds(id_in([text]))[3] == ("word" if is_number else "string")


@pytest.mark.parametrize("hours", [-12, -3.5, 0, 5.75, 14])
def test_a_bound_in_time_is_the_same_in_every_time_zone(hours: float) -> None:
    at = datetime(2026, 3, 8, 2, 30, 0, 999_999, tzinfo=UTC)
    there = at.astimezone(timezone(timedelta(hours=hours)))
    assert updated_since(there) == updated_since(at) == "updated >= 1772937000999"


@pytest.mark.parametrize(
    ("jql", "kept"),
    [
        ("", ""),
        ("order by updated", ""),
        ("project = OMNI ORDER BY rank", "(project = OMNI)"),
        ("labels = debt order\n by created DESC, key", "(labels = debt)"),
        ('summary ~ "order by" AND a = b', '(summary ~ "order by" AND a = b)'),
        ("summary ~ 'a) order by' ORDER BY x", "(summary ~ 'a) order by')"),
        (r'summary ~ "a \" order by" order by x', r'(summary ~ "a \" order by")'),
        ("orderly = by", "(orderly = by)"),
        ("(a = 1) or (b = 2)", "((a = 1) or (b = 2))"),
    ],
)
def test_a_query_is_kept_without_its_order(jql: str, kept: str) -> None:
    assert conditions(jql, "jql") == kept


@pytest.mark.parametrize(
    "jql",
    ["a = 1) or (b = 2", "(a = 1", 'a = "b', "a = 'b", r'a = "b\"', "a in (1))", "(order by x"],
)
def test_a_query_that_would_break_out_of_its_brackets_is_refused(jql: str) -> None:
    with pytest.raises(SettingsError) as found:
        conditions(jql, "jql of [sources.jira]")
    assert "jql of [sources.jira]" in found.value.what


@given(st.text(st.sampled_from("ab ()\"'\\=order by"), max_size=40))
def test_a_query_in_brackets_stays_in_them(jql: str) -> None:
    try:
        found = conditions(jql, "jql")
    except SettingsError:
        return
    depth, ends = 0, []
    for piece in re.finditer(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[()\"']", found):
        assert piece.group() not in {'"', "'"}
        depth += {"(": 1, ")": -1}.get(piece.group(), 0)
        ends.append(depth)
    assert not ends or (ends[-1] == 0 and 0 not in ends[:-1])
