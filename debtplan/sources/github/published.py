"""Releases that a repository has published, newest first.

"List releases" in GitHub's REST description (version 2022-11-28, read in November 2026): drafts are
listed to whoever may push, prereleases to everybody; both are left out, as users at large do not
have them. The list comes in the order in which releases were made, so what is known already ends
the reading of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from debtplan.core.contained import named_items
from debtplan.core.decode import Json
from debtplan.core.item import Skipped
from debtplan.core.release import Release
from debtplan.core.source import Batch
from debtplan.core.text import clean_line
from debtplan.errors import SourceError
from debtplan.files.shape import instant, record, words
from debtplan.sources.github.login import GithubLine
from debtplan.sources.intake import KEY_LIMIT, NAME_LIMIT
from debtplan.transport.answer import Answer, Request

CLOSED = frozenset({403, 404, 410})
"""Statuses of what is not for this token, not there, or switched off."""

PAGE = "30"
"""Releases of a page: with notes and files so many stay below what is kept to ask for changes."""

_PAGE_OF = re.compile(r"https?://[^/\s]+/(?P<repo>[\w.-]+/[\w.-]+)/releases/")


@dataclass(frozen=True, slots=True)
class Published:
    """A page of a repository's releases.

    Attributes:
        ids: What every entry is recognised by, drafts and prereleases among them.
        is_whole: Whether these are all there are.
    """

    batch: Batch
    ids: tuple[str, ...]
    is_whole: bool


@dataclass(frozen=True)
class ReleasePages:
    """Reads the releases of one repository.

    Attributes:
        name: Name of the source's table; ids begin with it, as keys of items do.
        repo: As the settings name it; what GitHub sends names it as it is called now.
    """

    line: GithubLine
    name: str
    repo: str

    def first(self) -> Answer:
        """Ask for the newest page; the statuses of `CLOSED` are answers too."""
        asked = (("per_page", PAGE),)
        path = f"repos/{self.repo}/releases"
        return self.line.ask(Request(path, asked, allow=CLOSED, is_kept=True))

    def read(
        self, first: Answer, since: datetime | None, not_before: datetime
    ) -> Iterator[Published]:
        """Yield pages until one holds what is known, or what is too long ago.

        Args:
            first: The newest page.
            since: Everything published at or before it was read by an earlier run; None reads all.
            not_before: How far back releases matter.
        """
        answer, is_first = first, True
        asked: set[str] = set()
        while True:
            entries = [record(one) for one in entries_of(answer, "releases", "tag_name")]
            onward = answer.link("next")
            yield self._page(entries, answer, is_whole=is_first and onward is None)
            # A draft stands where it was begun, however long ago that is.
            given = (one for one in entries if one.get("draft") is not True)
            times = [at for one in given if (at := _made_at(one))]
            known = max(since, not_before) if since else not_before
            if onward is None or any(at <= known for at in times):
                return
            if onward in asked or not entries:
                what = f"{answer.place} names pages without an end."
                raise SourceError(what, "Run it again; what was read so far is kept.")
            asked.add(onward)
            answer, is_first = self.line.ask(Request(onward, is_kept=True)), False

    def _page(
        self, entries: Sequence[dict[str, Json]], answer: Answer, *, is_whole: bool
    ) -> Published:
        taken = [parse_published(one, self.name, self.repo) for one in entries]
        ids = tuple(f"release {words(one.get('id'))}" for one in entries)
        sightings = tuple(
            (id_, one.id if isinstance(one, Release) else "")
            for id_, one in zip(ids, taken, strict=True)
            if not isinstance(one, Skipped)  # what it was before, it stays
        )
        times = [one.released_at for one in taken if isinstance(one, Release)]
        newest = max(times, default=None)
        if newest and answer.date:  # a clock that was wrong once must not hide all later releases
            newest = min(newest, answer.date)
        records = tuple(one for one in taken if one is not None)
        batch = Batch(records, sightings, newest, is_ordered=False)
        return Published(batch, ids, is_whole)


def parse_published(one: Mapping[str, Json], name: str, repo: str) -> Release | Skipped | None:
    """Return the release of a record; None for a draft or a prerelease.

    Args:
        one: As GitHub sends it.
        name: Name of the source's table.
        repo: Its repository, where the record does not name it.
    """
    if one.get("draft") is True or one.get("prerelease") is True:
        return None
    tag = clean_line(words(one.get("tag_name")), limit=KEY_LIMIT)
    released_at = instant(one.get("published_at"))
    if not tag or released_at is None:
        missing = "no tag" if not tag else "no day of publishing that can be read"
        return Skipped(ref=f"{repo} release {words(one.get('id'))}", reason=f"has {missing}")
    page = _PAGE_OF.match(words(one.get("html_url")))
    called = page["repo"] if page else repo
    title = clean_line(words(one.get("name")), limit=NAME_LIMIT) or tag
    return Release(
        id=f"{name}:{called}@{tag}",
        released_at=released_at,
        name=title,
        items=named_items(f"{title}\n{tag}\n{words(one.get('body'))}", called),
        source=name,
    )


def entries_of(answer: Answer, what: str, telling: str) -> list[Json]:
    """Return the entries of a list.

    Args:
        answer: As it came.
        what: What they are, for messages.
        telling: A name that at least one of them has.

    Raises:
        SourceError: It is no list, or one of other things; that is never an empty list.
    """
    found = answer.json()
    if not isinstance(found, list) or (found and not any(telling in record(o) for o in found)):
        said = f"{answer.place} answered with something else than a list of {what}."
        raise SourceError(said, "Run `debtplan doctor`; a proxy may answer in GitHub's place.")
    return found


def _made_at(one: Mapping[str, Json]) -> datetime | None:
    return instant(one.get("published_at")) or instant(one.get("created_at"))
