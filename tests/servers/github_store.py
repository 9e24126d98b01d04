"""The content of a fake GitHub, and what its users do to it, behind a virtual clock."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.servers.github_index import ListIndex
from tests.servers.github_records import (
    Issue,
    IssueField,
    IssueType,
    Label,
    Milestone,
    Repo,
    stamp,
)

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

IssueRef = Issue | int
"""An issue as it was at any time, or its id."""


class GithubStore:
    """Repositories and their issues.

    Attributes:
        now: The server's time; set it or `advance` it. Changes happen at this instant.
        lag_s: Virtual seconds after which lists show a change; single issues show it at once.
        repos: By id.
        names: Id by lower-case `owner/name`; old names of renamed repositories stay.
        issues: By id, as they are now.
        moved: Id of the new issue by the id of one that was transferred.
        types: Issue types by organisation; `fields` are its issue fields.
        blocked_by: Ids of what an issue waits for, by its id; `blocking` is the other direction.
        children: Ids of sub-issues by the id of the parent; `parents` is the other direction.
    """

    def __init__(self, now: datetime = START, lag_s: float = 0) -> None:
        self.now = now
        self.lag_s = lag_s
        self.repos: dict[int, Repo] = {}
        self.names: dict[str, int] = {}
        self.issues: dict[int, Issue] = {}
        self.moved: dict[int, int] = {}
        self.types: dict[str, list[IssueType]] = {}
        self.fields: dict[str, list[IssueField]] = {}
        self.blocked_by: dict[int, list[int]] = {}
        self.blocking: dict[int, list[int]] = {}
        self.children: dict[int, list[int]] = {}
        self.parents: dict[int, int] = {}
        self.index = ListIndex()
        self._people: dict[str, int] = {}
        self._ids = itertools.count(1_000_001)

    @property
    def stamp(self) -> str:
        return stamp(self.now)

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.now += timedelta(seconds=seconds)

    def new_id(self) -> int:
        return next(self._ids)

    def person_id(self, login: str) -> int:
        """Return the id of a person or organisation; whoever is named exists."""
        return self._people.setdefault(login.lower(), len(self._people) + 1)

    # Repositories

    def add_repo(self, full_name: str, **fields: Any) -> Repo:
        """Make a repository; `fields` are those of `Repo`. A former name is taken over."""
        owner, _, name = full_name.partition("/")
        made = Repo(self.new_id(), owner, name, self.stamp, **fields)
        self.repos[made.id] = made
        self.names[full_name.lower()] = made.id
        return made

    def repo(self, full_name: str) -> Repo:
        """Return a repository by its name or a former one.

        Raises:
            KeyError: There is none.
        """
        return self.repos[self.names[full_name.lower()]]

    def rename(self, full_name: str, new: str) -> Repo:
        """Give a repository another name or owner; the old name leads to it."""
        found = self.repo(full_name)
        found.owner, _, found.name = new.partition("/")
        self.names[new.lower()] = found.id
        return found

    def hide(self, full_name: str, *, hidden: bool = True) -> None:
        """Take a repository out of everybody's sight, or bring it back."""
        self.repo(full_name).hidden = hidden

    def add_type(self, owner: str, name: str, **fields: Any) -> IssueType:
        made = IssueType(self.new_id(), name, **fields)
        self.types.setdefault(owner.lower(), []).append(made)
        return made

    def add_field(self, owner: str, name: str, data_type: str = "number") -> IssueField:
        made = IssueField(self.new_id(), name, data_type)
        self.fields.setdefault(owner.lower(), []).append(made)
        return made

    def add_label(self, full_name: str, name: str, **fields: Any) -> Label:
        """Make a label, or return the one of this name in any case."""
        labels = self.repo(full_name).labels
        if name.lower() not in labels:
            labels[name.lower()] = Label(self.new_id(), name, **fields)
        return labels[name.lower()]

    def add_milestone(self, full_name: str, title: str, **fields: Any) -> Milestone:
        milestones = self.repo(full_name).milestones
        number = len(milestones) + 1
        made = Milestone(self.new_id(), number, title, self.stamp, self.stamp, **fields)
        milestones[number] = made
        return made

    # Issues

    def add_issue(self, full_name: str, title: str = "An issue", **fields: Any) -> Issue:
        """Create an issue now; `fields` are those of `Issue`. Labels and types come to be."""
        repo = self.repo(full_name)
        self._define(repo, fields)
        repo.last_number += 1
        instant = {"created_at": self.stamp, "updated_at": self.stamp}
        made = Issue(self.new_id(), repo.id, repo.last_number, title, **(instant | fields))
        repo.issues[made.number] = made.id
        return self._put(made)

    def issue(self, ref: IssueRef) -> Issue:
        """Return an issue as it is now, followed to where it was transferred.

        Raises:
            KeyError: It is deleted.
        """
        key = ref.id if isinstance(ref, Issue) else ref
        while key in self.moved:
            key = self.moved[key]
        return self.issues[key]

    def numbered(self, full_name: str, number: int) -> Issue:
        """Return an issue by its number.

        Raises:
            KeyError: It is not there.
        """
        return self.issues[self.repo(full_name).issues[number]]

    def update(self, ref: IssueRef, **fields: Any) -> Issue:
        """Change fields of an issue; that sets its `updated_at` unless it is given."""
        old = self.issue(ref)
        self._define(self.repos[old.repo], fields)
        return self._put(replace(old, **({"updated_at": self.stamp} | fields)))

    def touch(self, ref: IssueRef) -> Issue:
        """Do something that changes nothing but `updated_at`: a comment, for example."""
        return self.update(ref)

    def close(self, ref: IssueRef, reason: str = "completed") -> Issue:
        return self.update(ref, state="closed", state_reason=reason, closed_at=self.stamp)

    def reopen(self, ref: IssueRef) -> Issue:
        return self.update(ref, state="open", state_reason="reopened", closed_at=None)

    def label(self, ref: IssueRef, *names: str) -> Issue:
        """Add labels."""
        issue = self.issue(ref)
        full_name = self.repos[issue.repo].full_name
        has = {name.lower() for name in issue.labels}
        made = tuple(self.add_label(full_name, name).name for name in names)
        added = tuple(name for name in made if name.lower() not in has)
        return self.update(issue, labels=issue.labels + added)

    def unlabel(self, ref: IssueRef, *names: str) -> Issue:
        """Take labels away."""
        issue = self.issue(ref)
        gone = {name.lower() for name in names}
        return self.update(issue, labels=tuple(n for n in issue.labels if n.lower() not in gone))

    def turn_into_pull(self, ref: IssueRef) -> Issue:
        """Make a pull request of an issue, under the same number."""
        return self.update(ref, is_pull=True)

    def delete(self, ref: IssueRef) -> None:
        """Delete an issue: 410 from now on; its links go with it."""
        self._leave(self.issue(ref), None)

    def transfer(self, ref: IssueRef, full_name: str) -> Issue:
        """Move an issue: a new id and number there, 301 here; links and sub-issues follow.

        Labels are kept where the new repository has them; the milestone is lost.
        """
        old = self.issue(ref)
        repo = self.repo(full_name)
        repo.last_number += 1
        new = replace(
            old,
            id=self.new_id(),
            repo=repo.id,
            number=repo.last_number,
            labels=tuple(name for name in old.labels if name.lower() in repo.labels),
            milestone=None,
            updated_at=self.stamp,
        )
        repo.issues[new.number] = new.id
        self._put(new)
        self.moved[old.id] = new.id
        self._leave(old, new.id)
        return new

    # Links

    # GitHub leaves `updated_at` of both ends alone when a sub-issue is added (recorded answers of
    # July 2025, PyGithub's SubIssue tests), so `since` does not show such a change.

    def link(self, ref: IssueRef, *blockers: IssueRef, touch: bool = False) -> None:
        """Let an issue wait for others; `touch` sets its `updated_at`."""
        issue = self.issue(ref)
        for blocker in (self.issue(one) for one in blockers):
            self.blocked_by.setdefault(issue.id, []).append(blocker.id)
            self.blocking.setdefault(blocker.id, []).append(issue.id)
        if touch:
            self.touch(issue)

    def unlink(self, ref: IssueRef, blocker: IssueRef, *, touch: bool = False) -> None:
        """Take such a link away."""
        issue, other = self.issue(ref), self.issue(blocker)
        self.blocked_by[issue.id].remove(other.id)
        self.blocking[other.id].remove(issue.id)
        if touch:
            self.touch(issue)

    def add_child(self, parent: IssueRef, *children: IssueRef, touch: bool = False) -> None:
        """Make issues sub-issues of another; `touch` sets the parent's `updated_at`."""
        above = self.issue(parent)
        for child in (self.issue(one) for one in children):
            self.children.setdefault(above.id, []).append(child.id)
            self.parents[child.id] = above.id
        if touch:
            self.touch(above)

    def related(self, table: dict[int, list[int]], issue: Issue) -> Sequence[Issue]:
        """Return the issues that a table of links names, without those that are gone."""
        return [self.issues[key] for key in table.get(issue.id, ()) if key in self.issues]

    def _define(self, repo: Repo, fields: dict[str, Any]) -> None:
        for label in fields.get("labels", ()):
            self.add_label(repo.full_name, label)
        kind = fields.get("type")
        if kind and kind not in (one.name for one in self.types.get(repo.owner.lower(), ())):
            self.add_type(repo.owner, kind)

    def _leave(self, issue: Issue, heir: int | None) -> None:
        repo = self.repos[issue.repo]
        del repo.issues[issue.number]
        repo.gone[issue.number] = heir
        for one, other in (
            (self.blocked_by, self.blocking),
            (self.blocking, self.blocked_by),
        ):
            _hand_on(one, other, issue.id, heir)
        self._hand_on_family(issue.id, heir)
        self._count(issue, -1)
        del self.issues[issue.id]
        self.index.note(issue.id, None, self.now, self.lag_s)

    def _hand_on_family(self, key: int, heir: int | None) -> None:
        for child in self.children.pop(key, []):
            del self.parents[child]
            if heir is not None:
                self.children.setdefault(heir, []).append(child)
                self.parents[child] = heir
        parent = self.parents.pop(key, None)
        if parent is None:
            return
        kept = [heir if one == key else one for one in self.children[parent]]
        self.children[parent] = [one for one in kept if one is not None]
        if heir is not None:
            self.parents[heir] = parent

    def _put(self, issue: Issue) -> Issue:
        old = self.issues.get(issue.id)
        if old is not None:
            self._count(old, -1)
        self.issues[issue.id] = issue
        self._count(issue, 1)
        self.index.note(issue.id, issue, self.now, self.lag_s)
        return issue

    def _count(self, issue: Issue, change: int) -> None:
        if issue.milestone is None:
            return
        milestones = self.repos[issue.repo].milestones
        old = milestones[issue.milestone]
        name = "open_issues" if issue.state == "open" else "closed_issues"
        milestones[issue.milestone] = replace(old, **{name: getattr(old, name) + change})


def _hand_on(
    one: dict[int, list[int]], other: dict[int, list[int]], key: int, heir: int | None
) -> None:
    """Let the links that leave from an issue leave from its heir, or end them."""
    ends = one.pop(key, [])
    if heir is not None and ends:
        one[heir] = ends
    for end in ends:
        kept = [heir if back == key else back for back in other[end]]
        other[end] = [back for back in kept if back is not None]
