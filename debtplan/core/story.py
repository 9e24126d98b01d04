"""User stories in free text: "As a WHO I want NEED so that OUTCOME", as people write it."""

import re

from debtplan.core.item import UserStory
from debtplan.core.text import clean_line

_MARKUP = re.compile(r"\*+|(?<!\w)_+|_+(?!\w)")
_SPACES = re.compile(r"[^\S\n]+")
_NO_USER = (
    r"(?:result|consequence|workaround|fallback|matter of|rule|reminder|side|bonus|follow|aside|"
    r"test|first|next|last|final|interim|quick|temporary|start|precaution|alternative|example|"
    r"replacement|note|whole|minimum|default)\b"
)
_LONE = (
    r"(?:an?|the|soon|long|far|fast|much|many|well|often|expected|described|mentioned|noted|usual|"
    r"always|said|stated|above|below|before|discussed|planned|agreed|seen|shown|per|of|for|if|"
    r"though|to|i|it|we|you|they|he|she|this|that|these|those|is|are|was|were|part|such)\b"
)
_START = re.compile(
    rf"""(?:
        \bas\s{{1,3}}an?\s{{1,3}}(?!{_NO_USER})(?P<some>[^,.\n]{{1,80}}?),?\s{{1,3}}(?:I|we)
      | \bas\s{{1,3}}the\s{{1,3}}(?!{_NO_USER})(?P<the>[^,.\n]{{1,80}}?),?\s{{1,3}}I
      | (?:^|[.:]\s)[-\s]{{0,3}}as\s{{1,3}}(?!{_LONE})(?P<lone>[^,.\n]{{1,80}}?),?\s{{1,3}}(?:I|we)
    )
    (?:
        (?:['\u2019]d|\s{{1,3}}would)\s{{1,3}}(?:like|love|prefer|want)\b
      | (?:\s{{1,3}}(?:really|also|just|only|still)\b){{0,2}}\s{{1,3}}(?:want|need|wish)\b
      | \s{{1,3}}(?P<able>can\b(?!['\u2019])|(?:should|must)\s{{1,3}}be\s{{1,3}}able\s{{1,3}}to\b)
    )\s{{1,3}}""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_END = re.compile(r"[.;!?](?=\s|$)|\n(?!\s{0,3}(?:so|in\s+order)\b)", re.IGNORECASE)
_SO = re.compile(
    r",?\s+(?:so\s+that|in\s+order\s+(?:that|to)|so(?=\s+(?:I|we|you|they|it|he|she|my|our|the)\b))"
    r"[,:]?\s+",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"\bin order to (?P<outcome>[^.\n]{1,300}?),?\s{0,3}$", re.IGNORECASE)
LONGEST = 1_000
"""Characters after "I want" that are looked at."""


def find_story(text: str) -> UserStory | None:
    """Return the first story that the text tells, None without one.

    "As soon as I want ..." and "As a result we need ..." tell none: WHO has to be a person.
    """
    plain = _SPACES.sub(" ", _MARKUP.sub("", text))
    found = _START.search(plain)
    if found is None:
        return None
    rest = plain[found.end() : found.end() + LONGEST]
    end = _END.search(rest)
    need, *outcome = _SO.split(rest[: end.start()] if end else rest, maxsplit=1)
    before = _BEFORE.search(plain[max(0, found.start() - LONGEST) : found.start()])
    if not outcome and before is not None:
        outcome = [before["outcome"]]
    need = clean_line(need.strip(" ,:"))
    if not need:
        return None
    return UserStory(
        who=clean_line(next(who for who in found.group("some", "the", "lone") if who), 120),
        need=f"to {need}" if found["able"] else need,
        outcome=clean_line("".join(outcome).strip(" ,:")),
    )
