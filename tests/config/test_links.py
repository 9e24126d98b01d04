"""The links file."""

from pathlib import Path

import pytest

from debtplan.config.links import read_links
from debtplan.core.link import EvidenceKind, Grade, LinkBasis
from debtplan.errors import InputError
from tests.builders import share


def written(folder: Path, text: str) -> Path:
    """A links file."""
    path = folder / "links.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_missing_file_says_which_setting_names_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist") as caught:
        read_links(tmp_path / "links.toml")
    assert "[links]" in caught.value.fix


def test_a_folder_and_bytes_that_are_no_text_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_links(tmp_path)
    path = tmp_path / "links.toml"
    path.write_bytes(b"# \xff\xfe")
    with pytest.raises(InputError, match="cannot be read"):
        read_links(path)


def test_a_file_that_is_not_toml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is not TOML: .*line 2"):
        read_links(written(tmp_path, "[[link]]\nitem = x\n"))


def test_every_entry_that_does_not_hold_is_named(tmp_path: Path) -> None:
    text = (
        '[[link]]\nmetric = "m"\n[[link]]\nitem = "a"\nmetric = "m"\nshare = 2\n'
        '[[link]]\nitem = "a"\nmetric = "m"\ngrad = "A"\n[[link]]\nitem="a"\nmetric="m"\n'
        'evidence = [{ kind = "hunch" }]'
    )
    with pytest.raises(InputError) as caught:
        read_links(written(tmp_path, text))
    for said in ("entry 1 item is missing", "entry 2 share", "entry 3 grad is not a known key",
                 "entry 4 evidence"):  # fmt: skip
        assert said in caught.value.what


def test_many_problems_are_counted_and_not_all_printed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="and 30 more"):
        read_links(written(tmp_path, "[[link]]\n" * 20))


def test_an_empty_file_has_no_links(tmp_path: Path) -> None:
    assert read_links(written(tmp_path, "")) == ()


def test_links_become_claims_with_their_place(tmp_path: Path) -> None:
    text = (
        '[[link]]\nitem = "OMNI-1"\nmetric = "m"\nshare = [0.1, 0.2, 0.4]\ngrade = "B"\n'
        'noted_on = 2026-11-01\nevidence = [{ kind = "csat", note = "2.1 of 5" }]\n'
        '[[link]]\nitem = "OMNI-2"\nmetric = "m"\n'
    )
    first, second = read_links(written(tmp_path, text))
    assert (first.item, first.share, first.grade) == ("OMNI-1", share(0.1, 0.2, 0.4), Grade.B)
    assert (first.basis, first.origin) == (LinkBasis.FILE, "links.toml entry 1")
    assert first.evidence[0].kind is EvidenceKind.CSAT
    assert (second.share, second.grade, second.noted_on) == (None, None, None)


def test_a_link_may_name_the_mark_that_its_share_is_measured_by(tmp_path: Path) -> None:
    text = '[[link]]\nitem = "a"\nmetric = "m"\nselector = { error_code = "ADDR_INVALID" }\n'
    (claim,) = read_links(written(tmp_path, text))
    assert claim.selector is not None
    assert (claim.selector.dimension, claim.selector.value) == ("error_code", "ADDR_INVALID")


def test_a_selector_of_two_dimensions_names_its_entry(tmp_path: Path) -> None:
    text = '[[link]]\nitem = "a"\nmetric = "m"\nselector = { a = "1", b = "2" }\n'
    with pytest.raises(InputError, match="entry 1 selector a selector names one dimension"):
        read_links(written(tmp_path, text))
