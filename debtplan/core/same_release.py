"""Telling a release once that several sources tell of: a tracker, a deployment, a file."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import time, timedelta

from debtplan.core.product import Marks, are_akin, are_apart, known_projects, marks_of
from debtplan.core.release import Release

SAME_DAYS = timedelta(days=3)
"""How far apart two sources may date one release: a tracker's day is written by hand."""

_VERSION = re.compile(r"\bv(?=[0-9])")
_NUMBER = re.compile("[0-9]")
_DEPLOYED = re.compile(r"(?P<what>\S+@\S+) in .*, deployment [0-9]+")


def told_once(releases: Iterable[Release]) -> tuple[Release, ...]:
    """Return every release once, in the order given, with the items of all who tell of it.

    * A deployment's id begins with that of what was deployed, as `deployed_as` writes it. Where
      that release is there, it and its first deployment are one: users had it when it was deployed,
      and its notes say what it holds.
    * Releases of different sources are one where they have one name, at the same instant; or, for a
      name with a number, at most `SAME_DAYS` apart. `v5.2` and `5.2` are one name. Of these the one
      that says a time of day counts, and of several the earliest.
    * Those of different products stay apart: of two repositories or two projects by their ids, or
      with items of other projects or, where no id names a repository, of other repositories (see
      `product`). One that may be of several products is one with that whose project or repository
      it shares, else with the first. Not told apart, and so one, are releases of which a side says
      nothing of the kind: a file that names neither id nor items as trackers write them, a
      repository's release beside a project's version where its notes name no item, and two trackers
      that have a project or a repository of the same name.
    """
    known = list(releases)
    deployed = _deployed(known)
    ranked = sorted(deployed, key=lambda one: (_is_day(one), one.released_at, one.id))
    projects = known_projects(known)
    marks = {id(one): marks_of(one, projects) for one in ranked}
    by_name: dict[str, list[list[Release]]] = {}
    for one in ranked:
        _join(one, by_name.setdefault(_called(one), []), marks)
    first = {id(group[0]): group for groups in by_name.values() for group in groups}
    return tuple(_as_one(first[id(one)]) for one in deployed if id(one) in first)


def deployed_as(what: str, environment: str, number: str) -> str:
    """Return the id of a deployment.

    Args:
        what: Id of the release that was deployed, or would be: `github:acme/shop@v5.2`, no blank.
        environment: Where.
        number: The service's own id of the deployment, digits.
    """
    return f"{what} in {environment}, deployment {number}"


def deployment_of(id_: str) -> str:
    """Return the id of what was deployed, of a deployment's; any other id is its own."""
    found = _DEPLOYED.fullmatch(id_)
    return found["what"] if found else id_


def _deployed(releases: Sequence[Release]) -> list[Release]:
    """Return the releases, each that was deployed with its first deployment in it."""
    first: dict[str, Release] = {}
    ids = {one.id for one in releases}
    for one in sorted(releases, key=lambda one: (one.released_at, one.id)):
        what = deployment_of(one.id)
        if what != one.id and what in ids:
            first.setdefault(what, one)
    taken = {one.id for one in first.values()}
    return [_put_together(one, first.get(one.id)) for one in releases if one.id not in taken]


def _put_together(one: Release, deployment: Release | None) -> Release:
    if deployment is None:
        return one
    items = tuple(sorted({*one.items, *deployment.items}))
    return one.model_copy(update={"released_at": deployment.released_at, "items": items})


def _join(one: Release, groups: list[list[Release]], marks: Mapping[int, Marks]) -> None:
    """Put a release to those it is one with, those of its own product first, or begin anew."""
    own = marks[id(one)]
    found = [
        group
        for group in groups
        if _is_same(one, group[0])
        and not any(one.source == it.source or are_apart(own, marks[id(it)]) for it in group)
    ]
    akin = [group for group in found if any(are_akin(own, marks[id(it)]) for it in group)]
    if found:
        (akin or found)[0].append(one)
    else:
        groups.append([one])


def _is_same(one: Release, other: Release) -> bool:
    """Tell whether two releases of one name are one."""
    if one.is_assumed or other.is_assumed or not _called(one):
        return False
    apart = abs(one.released_at - other.released_at)
    return not apart or (bool(_NUMBER.search(one.name)) and apart <= SAME_DAYS)


def _as_one(group: Sequence[Release]) -> Release:
    items = tuple(sorted({key for one in group for key in one.items}))
    return group[0] if len(group) == 1 else group[0].model_copy(update={"items": items})


def _called(one: Release) -> str:
    return _VERSION.sub("", " ".join(one.name.casefold().split()), count=1)


def _is_day(one: Release) -> bool:
    """Tell whether only the day is known, as far as one can see."""
    return one.released_at.time() == time()
