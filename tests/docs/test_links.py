"""Every relative link of a document leads to a file and a heading that exist."""

import re
from pathlib import Path

import pytest

from tests.docs.page import REPOSITORY, pages

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_FENCED = re.compile(r"^(`{3,}).*?^\1\s*$", re.MULTILINE | re.DOTALL)

DOCUMENTS = (*pages(), REPOSITORY / "CHANGELOG.md", REPOSITORY / "sample_data" / "README.md")


def plain(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCED.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    for line in plain(page).splitlines():
        if line.startswith("#"):
            words = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
            found.add(words.replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_relative_links_of_a_page_lead_somewhere(page: Path) -> None:
    for link in _LINK.finditer(plain(page)):
        target, _, anchor = link["target"].partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{page.name} links to {target}, which does not exist"
        assert file.is_relative_to(REPOSITORY), f"{page.name} links out of the repository: {target}"
        if anchor:
            assert anchor in anchors(file), f"{page.name} links to {target}#{anchor}"


def test_every_document_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    queue = [REPOSITORY / "README.md"]
    while queue:
        page = queue.pop()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        targets = (link["target"].partition("#")[0] for link in _LINK.finditer(plain(page)))
        queue.extend((page.parent / one).resolve() for one in targets if one and "://" not in one)
    assert set(pages()) <= seen, f"nothing leads to {sorted(set(pages()) - seen)}"
