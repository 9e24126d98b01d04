"""Items from a live Jira, Cloud or Data Center, project by project."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from debtplan.core.decode import Json
from debtplan.core.item import DebtItem, Skipped
from debtplan.core.source import Batch, Mark, Probe
from debtplan.core.text import clean_line
from debtplan.errors import ForbiddenError, SettingsError, SourceError
from debtplan.files.shape import record, sequence, words
from debtplan.ports import Census
from debtplan.sources.intake import Parsed, clean_key, settle
from debtplan.sources.jira.census import JiraCensus
from debtplan.sources.jira.center import CenterSearch
from debtplan.sources.jira.cloud import CloudSearch
from debtplan.sources.jira.estimate import Estimate
from debtplan.sources.jira.fields import JiraFields, LinkKinds, link_kinds
from debtplan.sources.jira.issue import JiraSite, read_issue, site_of
from debtplan.sources.jira.jql import both, conditions, project_is
from debtplan.sources.jira.probe import probe_site
from debtplan.sources.jira.search import Query, Search, SearchPage
from debtplan.sources.jira.site import FORBIDDEN, OK, JiraServer
from debtplan.sources.options import IssueTable
from debtplan.transport.access import Access
from debtplan.transport.ahead import one_ahead

EVERYTHING = "all"
"""Name of the only part where the settings name no projects."""

_FORM = "with epics"
"""Form of what is read; another one makes every project be read anew."""

_STRANGER = "is read without a token, so only what everybody may see is there"
_ASK = "Ask for the permission Browse Projects, then run `debtplan doctor`."


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the issues of one part are read.

    Attributes:
        fields: What to ask of each issue, by id.
        remarks: What there is to say about the part as a whole.
    """

    query: Query
    fields: tuple[str, ...]
    site: JiraSite
    remarks: tuple[str, ...]


class LiveJira:
    """See `LiveSource`. Its parts are projects; their keys are the parts' names."""

    def __init__(self, name: str, table: IssueTable, access: Access) -> None:
        self.name = name
        self._table = table
        self._setting = f"[sources.{name}]"
        self._server = JiraServer(name, table, access)
        self._fields = JiraFields(self._server, table.estimate_field)
        self._links: LinkKinds | None = None

    def parts(self) -> tuple[str, ...]:
        """See `LiveSource.parts`: the projects, or `all` where only `jql` says which issues.

        Raises:
            SettingsError: The settings say neither; a whole site is never read by mistake.
        """
        projects = tuple(dict.fromkeys(one.strip() for one in self._table.projects if one.strip()))
        if projects:
            return projects
        if conditions(self._table.jql, f"jql of {self._setting}"):
            return (EVERYTHING,)
        what = f"{self._setting} does not say which issues to read."
        raise SettingsError(what, 'Set projects = ["KEY"] there, or jql.')

    def scope(self, part: str) -> str:
        """See `LiveSource.scope`; holds the fields of the estimate, as the boards may change them.

        Raises:
            SourceError: The site does not say what it has.
        """
        estimate = self._fields.estimate(self.project_of(part))
        ends = sorted({*self._table.blocked_by, "/", *self._table.blocks})
        asked = " ".join(self._fields.asked_for(self.project_of(part)))
        taken = (" ".join(estimate.fields), ", ".join(ends))
        read = f"fields {asked}; estimate {taken[0]}; links {taken[1]}; {_FORM}"
        return f"{self._query(part).jql}; {read}"

    def walk(self, part: str, mark: Mark) -> Iterator[Batch]:
        """See `LiveSource.walk`."""
        reading, search = self._reading(part), self._search()
        pages = search.changed(reading.query, reading.fields, mark.since, mark.resume)
        said = tuple(Skipped(ref=self._ref(part), reason=one) for one in reading.remarks if one)
        for page, site, remarks in one_ahead(self._ready(part, pages, reading.site)):
            batch = self._batch(page, site, is_ordered=search.is_ordered)
            yield replace(batch, records=(*said, *remarks, *batch.records))
            said = ()

    def _ready(
        self, part: str, pages: Iterator[SearchPage], site: JiraSite
    ) -> Iterator[tuple[SearchPage, JiraSite, tuple[Skipped, ...]]]:
        """Yield pages with all that must be asked to read them, so that nobody else asks."""
        is_first = True
        for page in pages:
            if is_first and not page.issues:
                self._check_visible(part)
            is_first = False
            yield page, *self._with_links(page.issues, site)

    def census(self, part: str) -> Census | None:
        """See `LiveSource.census`."""
        reading = self._reading(part)

        def batch(issues: list[Json]) -> Batch:
            site, remarks = self._with_links(issues, reading.site)
            found = self._batch(SearchPage(issues), site, is_ordered=True)
            return replace(found, records=(*remarks, *found.records))

        return JiraCensus(self._server, self._search(), reading.query, reading.fields, batch)

    def probe(self) -> Iterator[Probe]:
        """See `LiveSource.probe`."""
        yield from probe_site(self, self._server, self._fields)

    def close(self) -> None:
        """See `LiveSource.close`. The next question asks the site again what it has."""
        self._server.close()
        self._fields = JiraFields(self._server, self._table.estimate_field)
        self._links = None

    def search_one(self, part: str) -> int:
        """Ask for one page of a part, for `doctor`; return how many issues are on it.

        Raises:
            SourceError: The site refuses the query, or shows none of the project.
        """
        pages = self._search().changed(self._query(part), ("updated",), None, "")
        found = len(next(pages).issues)
        if not found:
            self._check_visible(part)
        return found

    def links(self) -> LinkKinds:
        """Return the kinds of links, asked for once."""
        if self._links is None:
            site = site_of(self.name, self._table, Estimate())
            self._links = link_kinds(self._server, site, self._table)
        return self._links

    def project_of(self, part: str) -> str:
        """Return the project of a part, "" where it is none."""
        return "" if part == EVERYTHING and part not in self._table.projects else part

    def _query(self, part: str) -> Query:
        project = self.project_of(part)
        own = conditions(self._table.jql, f"jql of {self._setting}")
        return Query(both(own, project_is(project) if project else ""), project)

    def _search(self) -> Search:
        if self._server.is_cloud:
            return CloudSearch(self._server, self._setting)
        return CenterSearch(self._server, self._setting)

    def _reading(self, part: str) -> _Reading:
        project = self.project_of(part)
        estimate = self._fields.estimate(project)
        open_to_all = "" if self._server.has_token else _STRANGER
        return _Reading(
            query=self._query(part),
            fields=self._fields.asked_for(project),
            site=site_of(self.name, self._table, estimate, self._fields.epics),
            remarks=(estimate.origin, open_to_all),
        )

    def _ref(self, part: str) -> str:
        return self.name if len(self.parts()) == 1 else f"{self.name} {part}"

    def _batch(self, page: SearchPage, site: JiraSite, *, is_ordered: bool) -> Batch:
        """Return what a page gives.

        Raises:
            SourceError: Not one entry of the page is an issue.
        """
        if page.issues and not any(_name_of(one) for one in page.issues):
            what = f"{self._server.host} sent {len(page.issues)} entries, and none is an issue."
            raise SourceError(what, "Run `debtplan doctor`; a proxy may answer in Jira's place.")
        parsed = [self._parse(one, site) for one in page.issues]
        sightings = tuple(
            (words(record(issue).get("id")), one.key if isinstance(one.outcome, DebtItem) else "")
            for issue, one in zip(page.issues, parsed, strict=True)
            if words(record(issue).get("id")) and not one.is_bad  # what it was before, it stays
        )
        return Batch(
            records=tuple(settle(parsed)),
            sightings=sightings,
            newest=page.newest,
            resume=page.resume,
            is_ordered=is_ordered,
        )

    def _parse(self, issue: Json, site: JiraSite) -> Parsed:
        """Return what an issue gives; one that cannot be read is named by its key."""
        place = f"{self.name}:{_name_of(issue)}" if _name_of(issue) else f"{self.name} issue"
        parsed = read_issue(issue, site, place)
        if not parsed.is_bad:
            return parsed
        reason = "came without a key or without fields; look at it in Jira"
        return replace(parsed, outcome=Skipped(ref=place, reason=reason))

    def _with_links(
        self, issues: Sequence[Json], site: JiraSite
    ) -> tuple[JiraSite, tuple[Skipped, ...]]:
        """Return the site with its kinds of links, which are asked for once some issue has one."""
        is_linked = any(
            sequence(record(record(one).get("fields")).get("issuelinks")) for one in issues
        )
        if not is_linked:
            return site, ()
        is_first, kinds = self._links is None, self.links()
        said = (Skipped(ref=f"{self.name} links", reason=kinds.remark),)
        named = replace(site, waiting_ends=kinds.waiting, awaited_ends=kinds.awaited)
        return named, said if is_first and kinds.remark else ()

    def _check_visible(self, part: str) -> None:
        """Let an empty answer pass only where the token is good and sees the project.

        Raises:
            AuthenticationError: The token is refused.
            ForbiddenError: It may not see the project.
            SourceError: There is no such project, or it is hidden.
        """
        project = self.project_of(part)
        if not project:
            self._server.check_token()
            return
        shown = clean_line(project, limit=60)
        status = self._server.status_of_project(project)
        named = f"Project {shown} of {self._server.host}"
        if status == FORBIDDEN:
            raise ForbiddenError(f"{named} is closed to this token (status {status}).", _ASK)
        if status != OK:
            what = f"{named} does not exist, or is hidden from this token (status {status})."
            fix = f"Check projects of {self._setting}; `debtplan doctor` shows what the token sees."
            raise SourceError(what, fix)


def _name_of(issue: Json) -> str:
    """Return an issue's key, or its id where it has none."""
    whole = record(issue)
    return clean_key(words(whole.get("key"))) or clean_key(words(whole.get("id")))
