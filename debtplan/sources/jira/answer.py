"""What Jira's answers must hold, or are an error: an odd answer is never an empty list."""

from collections.abc import Callable, Iterator, Mapping

from debtplan.core.decode import Json
from debtplan.errors import SourceError
from debtplan.files.shape import record, words
from debtplan.transport.answer import Answer

PAGE = 50
"""Entries of a page of the agile API (JSWCLOUD-18382)."""

_MOST_PAGES = 10_000


def lacks_scope(answer: Answer) -> bool:
    """Tell whether a 401 means "not with these scopes", as the gateway says it, and no more."""
    return b"scope" in answer.content[:4096].lower()


def object_of(answer: Answer) -> Mapping[str, Json]:
    """Return the object that an answer holds.

    Raises:
        SourceError: It holds anything else.
    """
    found = answer.json()
    if not isinstance(found, dict):
        raise odd(answer, "without what was asked for")
    return found


def list_of(answer: Answer, name: str = "") -> list[Json]:
    """Return the list that an answer holds, or that its member `name` holds.

    Raises:
        SourceError: There is none; that is never an empty list.
    """
    found = answer.json()
    if name:
        found = record(found).get(name)
    if not isinstance(found, list):
        raise odd(answer, f"without a list of {name or 'what was asked for'}")
    return found


def odd(answer: Answer, how: str) -> SourceError:
    """Return the error for an answer that is none of Jira's."""
    what = f"{answer.place} answered {how}."
    return SourceError(what, "Run `debtplan doctor`; a proxy may answer in Jira's place.")


def messages_of(answer: Answer) -> str:
    """Return what Jira says about a failure; foreign text, and "" where it says nothing."""
    try:
        said = record(answer.json()).get("errorMessages")
    except SourceError:
        return ""
    return " ".join(words(one) for one in said if words(one)) if isinstance(said, list) else ""


def page_through(
    ask: Callable[[int], Answer], name: str, first: Answer | None = None
) -> Iterator[list[Json]]:
    """Yield the pages of a list of the agile API.

    It gives at most 50 a page, whatever is asked for (JSWCLOUD-18382). `isLast` and `total` are
    believed only where neither names more; else an empty page ends the list.

    Args:
        ask: Returns the page that starts at an index.
        name: Member that holds the list.
        first: The page at 0, where it has been asked for already.

    Raises:
        SourceError: It has no end.
    """
    count, before = 0, None
    for _ in range(_MOST_PAGES):
        answer = first or ask(count)
        first = None
        page = list_of(answer, name)
        if page and page == before:
            raise odd(answer, "with a page that was read before")
        before = page
        count += len(page)
        yield page
        if not page or _is_end(record(answer.json()), count, len(page)):
            return
    raise odd(answer, f"with more than {_MOST_PAGES:,} pages")


def _is_end(said: Mapping[str, Json], count: int, size: int) -> bool:
    """Tell whether a page says itself that it is the last, without contradicting itself."""
    total, is_last = said.get("total"), said.get("isLast")
    if isinstance(total, int):
        return count >= total and is_last is not False
    most = said.get("maxResults")
    return is_last is True and isinstance(most, int) and size < min(most, PAGE)
