"""docs/glossary.md explains every word that a report explains, and every word once."""

import re

from debtplan.render.glossary import GLOSSARY
from tests.docs.page import DOCS, section

TEXT = (DOCS / "glossary.md").read_text(encoding="utf-8")


def test_the_words_of_the_report_stand_in_the_glossary_in_their_order() -> None:
    part = section(TEXT, "## The ten words of a report")
    said = re.findall(r"^\*\*([^*]+)\*\*", part, re.MULTILINE)
    assert said == [word.word for word in GLOSSARY]


def test_no_word_is_explained_twice() -> None:
    words = re.findall(r"^\*\*([^*]+)\*\*", TEXT, re.MULTILINE)
    assert len(words) == len(set(words))
