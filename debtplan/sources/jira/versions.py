"""What reached users, as Jira tells it: released versions, with the issues that are fixed in them.

"Get project versions" (`/rest/api/3/project/{key}/versions`, `/rest/api/2` on Data Center) gives
all versions of a project in one answer (Jira Cloud's REST description, December 2025). That a
version was released changes none of its issues; that an issue is fixed in a version does. So the
versions are read each time, and issues where a version or an issue has changed, and once a day: an
issue that was taken out of a version is not found by asking for that version's issues.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from urllib.parse import quote

from debtplan.core.decode import Json
from debtplan.core.item import Skipped
from debtplan.core.release import Release
from debtplan.core.source import Batch, Mark, Probe
from debtplan.core.text import clean_line
from debtplan.errors import AuthenticationError, DebtplanError
from debtplan.files.shape import record, sequence, words
from debtplan.ports import Census
from debtplan.sources.intake import KEY_LIMIT, NAME_LIMIT, clean_key
from debtplan.sources.jira.answer import lacks_scope, list_of, odd
from debtplan.sources.jira.center import CenterSearch
from debtplan.sources.jira.cloud import CloudSearch
from debtplan.sources.jira.jql import both, conditions, fix_version_in, project_is
from debtplan.sources.jira.search import Query
from debtplan.sources.jira.site import UNAUTHORIZED, JiraServer
from debtplan.sources.listed import Listed
from debtplan.sources.options import IssueTable
from debtplan.transport.access import Access
from debtplan.transport.answer import Answer

EVERYTHING = "all"
"""The only part where the settings name no project."""

_FORM = "1"
"""Form of what is read; another one makes everything be read anew."""

_AT_ONCE = 100
"""Versions that one search asks for."""

_BARRED = frozenset({UNAUTHORIZED, 403, 404, 410})


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a project.

    Attributes:
        key: Key of the release it is; "" where it is none.
        released_on: Day of its release; None where it is not released, or does not say when.
        missing: Why it is no release although it was released; "" where nothing is missing.
    """

    id: str
    name: str
    key: str
    released_on: date | None
    missing: str = ""

    @property
    def known_as(self) -> str:
        """The key where it counts, else ""."""
        return self.key if self.released_on else ""


@dataclass(frozen=True, slots=True)
class _Project:
    """The versions of a project as the site has them now.

    Attributes:
        read_at: The site's own time before anything else was asked.
        barred: Why they cannot be read; "" where they can.
    """

    versions: tuple[Version, ...]
    read_at: datetime
    barred: str = ""


class LiveJiraVersions:
    """See `LiveSource`. It costs one request for a project, and one for what has changed in it.

    What is searched for are the issues that become items: `jql` holds here too.
    """

    def __init__(self, name: str, table: IssueTable, access: Access) -> None:
        """Ask nothing yet."""
        self.name = f"{name}:releases"
        self._table = table
        self._tracker = name
        self._server = JiraServer(name, table, access)
        self._known: dict[str, _Project] = {}

    def parts(self) -> tuple[str, ...]:
        """See `LiveSource.parts`: the projects, or `all`, of which only a remark comes."""
        projects = dict.fromkeys(one.strip() for one in self._table.projects if one.strip())
        return tuple(projects) or (EVERYTHING,)

    def scope(self, part: str) -> str:
        """See `LiveSource.scope`: the day (UTC), and all that is known of the versions."""
        if not self._is_project(part):
            return _FORM
        released = [(one.id, one.name, one.released_on) for one in self._recent(part)]
        digest = sha256(repr(released).encode()).hexdigest()[:16]
        day = self._server.access.clock().astimezone(UTC)
        asked = f"{self._query(part).jql}; {self._table.release_days} days"
        return f"{asked}; {day:%Y-%m-%d} {_FORM} {digest}"

    def walk(self, part: str, mark: Mark) -> Iterator[Batch]:
        """See `LiveSource.walk`. What may not be read is a remark, and no failure."""
        ref = self._ref(part)
        if not self._is_project(part):
            reason = 'are read of named projects only: set projects = ["KEY"] beside jql'
            yield Batch((Skipped(ref=ref, reason=reason),), is_ordered=False)
            return
        project = self._project(part)
        if project.barred:
            yield Batch((Skipped(ref=ref, reason=project.barred),), is_ordered=False)
            return
        yield Batch(tuple(self._remarks(project)), cleared=(ref,), is_ordered=False)
        recent = self._recent(part)
        changed = recent if mark.since is None else self._changed(part, recent, mark.since)
        held = self._held(part, changed, None)
        yield Batch(
            tuple(self._release(one, held.get(one.id, ())) for one in changed),
            tuple((f"version {one.id}", one.known_as) for one in project.versions),
            project.read_at,
            is_ordered=False,
        )

    def census(self, part: str) -> Census | None:
        """See `LiveSource.census`: all versions are known."""
        project = self._known.get(part)
        if project is None or project.barred:
            return None
        return Listed(tuple(f"version {one.id}" for one in project.versions))

    def probe(self) -> Iterator[Probe]:
        """See `LiveSource.probe`; token and projects are looked at by the source of the items."""
        for part in filter(self._is_project, self.parts()):
            try:
                project = self._project(part)
            except DebtplanError as error:
                yield self._probe(error.what, error.fix, is_well=False)
                if isinstance(error, AuthenticationError):
                    return
                continue
            if project.barred:
                what, _, fix = project.barred.partition("; ")
                fix = f"{fix[:1].upper()}{fix[1:]}."
                yield self._probe(f"{part}: versions {what}", fix, is_well=False)
                continue
            dated = sum(1 for one in project.versions if one.released_on)
            said = f"{len(project.versions):,} listed, {dated:,} of them released with a day"
            yield self._probe(f"{part}: versions can be read, {said}", "", is_well=True)

    def close(self) -> None:
        """See `LiveSource.close`."""
        self._known.clear()
        self._server.close()

    def _project(self, part: str) -> _Project:
        """Return the versions of a project, asked once.

        Raises:
            AuthenticationError: The token is refused.
            SourceError: The site gives no usable answer.
        """
        if part not in self._known:
            path = f"project/{quote(part, safe='')}/versions"
            answer = self._server.get(path, allow=_BARRED)
            if answer.status == UNAUTHORIZED and not lacks_scope(answer):
                answer = self._server.get(path)  # which raises what it means
            read_at = answer.date or self._server.access.clock()
            if answer.status in _BARRED:
                self._known[part] = _Project((), read_at, self._advice(answer))
            else:
                found = [parse_version(record(one), self._tracker, part) for one in _list(answer)]
                self._known[part] = _Project(tuple(found), read_at)
        return self._known[part]

    def _recent(self, part: str) -> tuple[Version, ...]:
        """Return the released versions that matter, by id."""
        first = self._server.access.clock().date() - timedelta(days=self._table.release_days)
        found = self._project(part).versions
        recent = (one for one in found if one.released_on and one.released_on >= first)
        return tuple(sorted(recent, key=lambda one: one.id))

    def _changed(
        self, part: str, recent: Sequence[Version], since: datetime
    ) -> tuple[Version, ...]:
        """Return the versions of issues that have changed since."""
        touched = self._held(part, recent, since)
        return tuple(one for one in recent if one.id in touched)

    def _held(
        self, part: str, versions: Sequence[Version], since: datetime | None
    ) -> dict[str, tuple[str, ...]]:
        """Return the keys of the issues that are fixed in each version, sorted; by its id.

        Args:
            part: The project.
            versions: Which versions.
            since: Only issues that have changed since; None takes all.
        """
        held: dict[str, set[str]] = {}
        search = self._search()
        ids = [one.id for one in versions]
        for start in range(0, len(ids), _AT_ONCE):
            query = self._query(part).and_(fix_version_in(ids[start : start + _AT_ONCE]))
            for page in search.changed(query, ("updated", "fixVersions"), since, ""):
                for issue in map(record, page.issues):
                    key = clean_key(words(issue.get("key")))
                    fields = record(issue.get("fields"))
                    for one in sequence(fields.get("fixVersions")):
                        held.setdefault(words(record(one).get("id")), set()).add(key)
        return {id_: tuple(sorted(keys - {""})) for id_, keys in held.items()}

    def _release(self, version: Version, keys: Sequence[str]) -> Release:
        day = version.released_on or date.min
        return Release(
            id=version.key,
            released_at=datetime.combine(day, time(), UTC),
            name=version.name,
            items=tuple(f"{self._tracker}:{key}" for key in keys),
            source=self._tracker,
        )

    def _remarks(self, project: _Project) -> Iterator[Skipped]:
        for one in project.versions:
            if one.missing:
                yield Skipped(ref=one.key, reason=one.missing)

    def _advice(self, answer: Answer) -> str:
        give = "give its account Browse Projects, and a token with scopes read:jira-work"
        off = f"set releases = false under [sources.{self._tracker}]"
        return f"cannot be read with this token (status {answer.status}); {give}, or {off}"

    def _search(self) -> CloudSearch | CenterSearch:
        kind = CloudSearch if self._server.is_cloud else CenterSearch
        return kind(self._server, f"[sources.{self._tracker}]")

    def _query(self, part: str) -> Query:
        own = conditions(self._table.jql, f"jql of [sources.{self._tracker}]")
        return Query(both(own, project_is(part)), part)

    def _is_project(self, part: str) -> bool:
        return part != EVERYTHING or part in self._table.projects

    def _ref(self, part: str) -> str:
        return f"{self._tracker} {part} versions"

    def _probe(self, what: str, fix: str, *, is_well: bool) -> Probe:
        return Probe(part=self._tracker, is_well=is_well, what=what.rstrip("."), fix=fix)


def parse_version(one: Mapping[str, Json], name: str, project: str) -> Version:
    """Return a version; one that is archived was released all the same, if it says so.

    Args:
        one: As Jira sends it.
        name: Name of the source's table; the release's id begins with it, as keys of items do.
        project: Key of its project.
    """
    title = clean_line(words(one.get("name")), limit=NAME_LIMIT)
    id_ = words(one.get("id"))
    if one.get("released") is not True:
        return Version(id_, title, "", None)
    key = f"{name}:{project}@{clean_line(title or id_, limit=KEY_LIMIT)}"
    said = words(one.get("releaseDate"))
    try:
        return Version(id_, title, key, date.fromisoformat(said.strip()))
    except ValueError:
        pass
    missing = "a day that cannot be read" if said else "no day"
    reason = f"is released with {missing}, so it does not count; set the day in Jira"
    return Version(id_, title, key, None, reason)


def _list(answer: Answer) -> list[Json]:
    """Return the versions of an answer.

    Raises:
        SourceError: It holds something else.
    """
    found = list_of(answer)
    if not all(words(record(one).get("id")) for one in found):
        raise odd(answer, "with a version that has no id")
    return found
