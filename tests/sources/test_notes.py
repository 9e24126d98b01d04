"""Notes from TOML, CSV and Markdown: read, redacted, or skipped with a reason."""

from datetime import date
from pathlib import Path

import pytest

from debtplan.core.item import Skipped
from debtplan.core.link import EvidenceKind
from debtplan.core.note import Note
from debtplan.errors import InputError
from debtplan.sources.notes import COLUMNS, NoteFiles
from debtplan.sources.options import NoteTable

TOML = """
[[note]]
id = "n1"
method = "usability test"
noted_on = 2026-02-14
seen = 5
of = 8
severity = 3
flow = "checkout"
step = "shipping"
item = "OMNI-24"
metric = "checkout-loss"
text = "They do not find their country. Ask anna@example.com."

[[note]]
method = "opinion"
noted_on = 2026-02-15
text = "It works for me."
contradicts = true
"""

MARKDOWN = """# Round 2

Three sessions.

## Usability test 2026-02-14: shipping

- Item: OMNI-24
- Metric: checkout-loss
- Seen: 5 of 8
- Severity: major

They do not find their country.

```
## not a heading
```

### Details

More of it.

## interview, 2026-02-15

Kind regards, Anna Schmidt
"""


def read(folder: Path, name: str, text: str, **table: object) -> list[Note | Skipped]:
    (folder / name).write_text(text, encoding="utf-8")
    made = NoteTable.model_validate({"path": name, **table})
    return list(NoteFiles("lab", made, folder).read())


def only(found: list[Note | Skipped]) -> Note:
    (one,) = found
    assert isinstance(one, Note), one
    return one


def reason(found: list[Note | Skipped]) -> str:
    (one,) = found
    assert isinstance(one, Skipped), one
    return one.reason


def csv(folder: Path, *cells: str, **table: object) -> list[Note | Skipped]:
    head = "id,method,date,seen,of,severity,metric,text"
    return read(folder, "n.csv", f"{head}\n{','.join(cells)}\n", **table)


def test_toml_is_read_and_redacted(tmp_path: Path) -> None:
    first, second = read(tmp_path, "n.toml", TOML)
    assert first == Note(
        id="lab:n1",
        method=EvidenceKind.USABILITY_TEST,
        noted_on=date(2026, 2, 14),
        seen=5,
        of=8,
        severity=3,
        flow="checkout",
        step="shipping",
        item="OMNI-24",
        metric="checkout-loss",
        text="They do not find their country. Ask [e-mail].",
        source="lab",
    )
    assert isinstance(second, Note)
    assert (second.contradicts, second.seen, second.of) == (True, 1, None)


def test_markdown_is_read_by_its_headings(tmp_path: Path) -> None:
    first, second = read(tmp_path, "n.md", MARKDOWN)
    assert isinstance(first, Note)
    assert isinstance(second, Note)
    assert first.method is EvidenceKind.USABILITY_TEST
    assert (first.item, first.metric, first.seen, first.of) == ("OMNI-24", "checkout-loss", 5, 8)
    assert (first.severity, first.noted_on) == (3, date(2026, 2, 14))
    assert first.text.startswith("They do not find their country.")
    assert "## not a heading" in first.text
    assert first.text.endswith("More of it.")
    assert (second.method, second.text) == (EvidenceKind.INTERVIEW, "Kind regards, [name]")


def test_csv_is_read_with_any_column_names(tmp_path: Path) -> None:
    text = "Finding;Kind;Day;n\nThey give up.;survey;14.02.2026;5/8\n"
    found = only(read(tmp_path, "n.csv", text, columns={"seen": "n"}))
    assert (found.text, found.seen, found.of) == ("They give up.", 5, 8)
    assert found.noted_on == date(2026, 2, 14)


def test_a_folder_is_read_form_by_form_and_a_pattern_too(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "notes" / "b.md").write_text(MARKDOWN, encoding="utf-8")
    (tmp_path / "notes" / "c.csv").write_text("date,text,method\n2026-02-01,x,survey\n")
    for path in ("notes", "notes/*"):
        table = NoteTable(path=path)
        found = list(NoteFiles("lab", table, tmp_path).read())
        assert [type(one) for one in found] == [Note] * 5


def test_the_table_s_method_counts_where_a_note_names_none(tmp_path: Path) -> None:
    text = "date,text\n2026-02-01,They give up.\n"
    assert only(read(tmp_path, "n.csv", text, method="tickets")).method is EvidenceKind.TICKETS
    assert "has no method; use one of interview, " in reason(read(tmp_path, "n.csv", text))


def test_a_note_without_an_id_keeps_its_id_as_long_as_it_says_the_same(tmp_path: Path) -> None:
    text = "date,text,method\n2026-02-01,One,survey\n2026-02-01,Two,survey\n"
    first = [one for one in read(tmp_path, "n.csv", text) if isinstance(one, Note)]
    turned = "date,text,method\n2026-02-01,Two,survey\n2026-02-01,One,survey\n"
    second = [one for one in read(tmp_path, "n.csv", turned) if isinstance(one, Note)]
    assert sorted(one.id for one in first) == sorted(one.id for one in second)
    assert len({one.id for one in first}) == 2


def test_an_id_that_names_somebody_is_not_kept(tmp_path: Path) -> None:
    found = only(csv(tmp_path, "anna@example.com", "survey", "2026-02-01", "", "", "", "", "x"))
    assert "anna" not in found.id


def test_of_two_notes_with_one_id_the_later_stands(tmp_path: Path) -> None:
    text = "id,date,text,method\n1,2026-02-01,One,survey\n1,2026-02-01,Two,survey\n"
    skipped, note = read(tmp_path, "n.csv", text)
    assert isinstance(note, Note)
    assert (note.id, note.text) == ("lab:1", "Two")
    assert skipped == Skipped(
        ref="n.csv row 2", reason="holds note lab:1 again; the one in n.csv row 3 is taken"
    )


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("", "telepathy", "2026-02-01", "", "", "", "", "x"), "method is none that is known"),
        (("", "mechanism", "2026-02-01", "", "", "", "", "x"), "method is none that is known"),
        (("", "survey", "", "", "", "", "", "x"), "has no day"),
        (("", "survey", "soon", "", "", "", "", "x"), "noted_on is not a date"),
        (("", "survey", "03/04/2026", "", "", "", "", "x"), "set dates"),
        (("", "survey", "2026-02-01", "8", "5", "", "", "x"), "8 of 5 people"),
        (("", "survey", "2026-02-01", "0", "5", "", "", "x"), "seen is no whole number"),
        (("", "survey", "2026-02-01", "2.5", "5", "", "", "x"), "seen is no whole number"),
        (("", "survey", "2026-02-01", "many", "5", "", "", "x"), "seen is not a number"),
        (("", "survey", "2026-02-01", "nan", "", "", "", "x"), "seen is not a finite number"),
        (("", "survey", "2026-02-01", "", "", "7", "", "x"), "severity is none of 0 to 4"),
        (("", "survey", "2026-02-01", "", "", "", "", " "), "has no text"),
    ],
)
def test_a_bad_row_is_skipped_with_its_reason(
    tmp_path: Path, cells: tuple[str, ...], said: str
) -> None:
    assert said in reason(csv(tmp_path, *cells))
    with pytest.raises(InputError, match="nothing was read") as caught:
        csv(tmp_path, *cells, on_error="stop")
    assert said in str(caught.value.what) or "row 2" in caught.value.what


def test_what_a_bad_field_holds_is_not_told(tmp_path: Path) -> None:
    row = ("", "Anna Schmidt", "2026-02-01", "", "", "", "", "x")
    assert "Anna" not in reason(csv(tmp_path, *row))
    row = ("", "survey", "anna@example.com", "", "", "", "", "x")
    assert "anna" not in reason(csv(tmp_path, *row))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("n.toml", "note = 1", "holds no [[note]]"),
        ("n.toml", "[[note", "is not TOML"),
        ("n.toml", "a = " + "[" * 5000, "n.toml"),
        ("n.md", "# Title\n\nNothing.", "no heading of the second level"),
        ("n.csv", "what,when\n1,2\n", "no column for"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, name, text)
    assert said in caught.value.what
    assert caught.value.fix


@pytest.mark.parametrize("name", ["n.toml", "n.md"])
def test_a_file_that_is_not_utf_8_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"## \xff\xfe")
    with pytest.raises(InputError, match="is not UTF-8"):
        list(NoteFiles("lab", NoteTable(path=name), tmp_path).read())


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        list(NoteFiles("lab", NoteTable(path="gone.csv"), tmp_path).read())


def test_an_unknown_field_of_an_entry_is_named(tmp_path: Path) -> None:
    entry = '[[note]]\nmethod = "survey"\nnoted_on = 2026-02-01\ntext = "x"\n'
    assert "metrik is no field" in reason(read(tmp_path, "n.toml", f'{entry}metrik = "a"'))
    assert "seen is no field" in reason(read(tmp_path, "n.toml", f"{entry}seen = [1]"))


def test_an_empty_table_of_notes_says_so(tmp_path: Path) -> None:
    assert "holds no notes" in reason(read(tmp_path, "n.csv", "date,text\n"))


def test_every_column_is_a_field_of_a_note() -> None:
    assert {one.name for one in COLUMNS} | {"source"} == set(Note.model_fields)
