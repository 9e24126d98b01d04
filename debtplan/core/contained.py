"""Which items a release holds: as its source says, and as its text names them."""

import re
from collections.abc import Iterable, Sequence

from debtplan.core.item import DebtItem, ItemKey, ItemState, key_resolver
from debtplan.core.release import Release
from debtplan.core.same_release import told_once

_JIRA = re.compile(r"(?<![\w-])[A-Z][A-Z0-9_]*-[1-9][0-9]*(?![\w-])")
_GITHUB = re.compile(r"(?<![\w/.-])(?:[\w.-]+/[\w.-]+)?#[1-9][0-9]*(?!\w)")
_GITHUB_ADDRESS = re.compile(r"/(?P<repo>[\w.-]+/[\w.-]+)/issues/(?P<number>[1-9][0-9]*)(?!\w)")
_MOST = 1_000
"""Items of one release that are kept."""


def named_items(text: str, repo: str = "") -> tuple[str, ...]:
    """Return what a text names as trackers write it: `OMNI-24`, `owner/repo#7`; sorted.

    Args:
        text: A name, release notes, a commit message.
        repo: `owner/repo` that a bare `#7` is of; "" leaves bare numbers out.
    """
    found = {match[0] for match in _JIRA.finditer(text)}
    found |= {f"{match['repo']}#{match['number']}" for match in _GITHUB_ADDRESS.finditer(text)}
    for match in _GITHUB.finditer(text):
        if not match[0].startswith("#"):
            found.add(match[0])
        elif repo:
            found.add(f"{repo}{match[0]}")
    return tuple(sorted(found))[:_MOST]


def closing_of(item: DebtItem) -> Release | None:
    """Return an item's own closing as a release that is assumed, None where nobody knows it.

    Of an item that is done without a day of closing, the last change in the tracker counts: it is
    the day of closing or a later one.
    """
    at = item.closed_at or item.updated_at
    if item.state is not ItemState.DONE or at is None:
        return None
    return Release(
        id=item.key,
        released_at=at,
        name=item.title,
        items=(item.key,),
        is_assumed=True,
        source=item.source,
    )


def all_releases(releases: Iterable[Release], items: Sequence[DebtItem]) -> tuple[Release, ...]:
    """Return what reached users, oldest first: releases, and closings of items that none holds."""
    known = with_keys(releases, (item.key for item in items))
    held = {key for one in known for key in one.items}
    closed = (closing_of(item) for item in items if item.key not in held)
    found = (*known, *(one for one in closed if one is not None))
    return tuple(sorted(found, key=lambda one: (one.released_at, one.id)))


def with_keys(releases: Iterable[Release], keys: Iterable[ItemKey]) -> tuple[Release, ...]:
    """Return each release once, with the full keys of the items it holds; order is kept.

    `OMNI-24` becomes `jira:OMNI-24` where that is plain. Names of no known item are left out: a
    text names other things too, such as `UTF-8`. A release of a whole item holds all its phases.
    """
    known = sorted(set(keys))
    resolve = key_resolver(known)
    phases: dict[ItemKey, list[ItemKey]] = {}
    for key in known:
        whole = key.rpartition("/")[0]
        if whole.partition(":")[2]:
            phases.setdefault(whole, []).append(key)
    resolve_whole = key_resolver(phases)

    def full(name: str) -> Sequence[ItemKey]:
        found, whole = resolve(name), resolve_whole(name)
        return ([found] if found else []) + (phases[whole] if whole else [])

    return tuple(
        one.model_copy(
            update={"items": tuple(sorted({k for name in one.items for k in full(name)}))}
        )
        for one in told_once(releases)
    )
