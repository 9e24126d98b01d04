"""Which product a release is of, as far as the data say: its repository, its project."""

import re
from collections.abc import Iterable, Mapping

from debtplan.core.release import Release

Marks = Mapping[str, frozenset[str]]
"""What tells products apart, by kind; a kind that the data do not tell is left out."""

_REPOSITORY = re.compile(r"[^:\s]+:(?P<repo>[\w.-]+/[\w.-]+)@")
_PROJECT = re.compile(r"[^:\s]+:(?P<project>[A-Z][A-Z0-9_]*)@(?P<version>.+)")
_ISSUE = re.compile(r"(?P<source>[^:\s]+:)?(?P<project>[A-Z][A-Z0-9_]*)-[0-9]+(?:/.*)?")
_IN_REPOSITORY = re.compile(r"(?:[^:\s]+:)?(?P<repo>[\w.-]+/[\w.-]+)#[0-9]+(?:/.*)?")


def known_projects(releases: Iterable[Release]) -> frozenset[str]:
    """Return the projects that trackers speak of: of their versions, and of keys with a source.

    A bare key in release notes may be none: `UTF-8` is of no project.
    """
    found = set()
    for one in releases:
        found |= {own} if (own := _project(one)) else set()
        found |= {issue["project"] for issue in _issues(one) if issue["source"]}
    return frozenset(found)


def marks_of(one: Release, projects: frozenset[str]) -> Marks:
    """Return what is known of a release's product.

    * The repository that its id names, as GitHub's releases and deployments have it; of others the
      repositories of its items, which are a kind of their own: the work on one repository may be
      tracked in another one.
    * The project that its id names, as Jira's versions have it; of others the projects of its
      items, of those that are known.

    Args:
        one: The release.
        projects: See `known_projects`.
    """
    repository, project = _REPOSITORY.match(one.id), _project(one)
    held = [found for key in one.items if (found := _IN_REPOSITORY.fullmatch(key))]
    told = {
        "repository": {repository["repo"].casefold()} if repository else set(),
        "repository of items": set() if repository else {at["repo"].casefold() for at in held},
        "project": {project}
        if project
        else {issue["project"] for issue in _issues(one)}.intersection(projects),
    }
    return {kind: frozenset(names) for kind, names in told.items() if names}


def are_apart(one: Marks, other: Marks) -> bool:
    """Tell whether two releases are of different products: of some kind both have no mark alike."""
    return any(not one[kind] & other[kind] for kind in one.keys() & other.keys())


def are_akin(one: Marks, other: Marks) -> bool:
    """Tell whether two releases have a mark of one kind in common."""
    return any(one[kind] & other[kind] for kind in one.keys() & other.keys())


def _project(one: Release) -> str:
    """Return the project of one of Jira's versions; "" of others."""
    found = _PROJECT.fullmatch(one.id)
    return found["project"] if found and found["version"] == one.name else ""


def _issues(one: Release) -> list[re.Match[str]]:
    return [found for key in one.items if (found := _ISSUE.fullmatch(key))]
