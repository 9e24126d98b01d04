"""Items from Jira's answers: Cloud's search, the agile API, Data Center; live pages or saved ones.

The forms are those of `/rest/api/3/search/jql` and `/rest/agile/1.0/board/{id}/issue` in "The Jira
Cloud platform REST API" and the "Jira Software Cloud API".
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from debtplan.core.decode import Json
from debtplan.core.item import DebtItem, ItemState, Skipped
from debtplan.core.text import clean_line, clean_text, safe_url
from debtplan.errors import InputError
from debtplan.files.saved import Page, read_pages
from debtplan.files.shape import instant, record, sequence, words
from debtplan.sources.intake import (
    NAME_LIMIT,
    Parsed,
    clean_key,
    clean_names,
    link_phrase,
    name_types,
    refuse_bad_records,
    settle,
)
from debtplan.sources.jira.adf import plain_text
from debtplan.sources.jira.epic import epic_fields, epic_of
from debtplan.sources.jira.estimate import Estimate, find_estimate, read_points
from debtplan.sources.jira.page import gather
from debtplan.sources.jira.sprint import sprints_of_issue
from debtplan.sources.options import IssueTable
from debtplan.sources.state import state_of_word

_CATEGORIES = {
    "new": ItemState.OPEN,
    "indeterminate": ItemState.IN_PROGRESS,
    "done": ItemState.DONE,
}
_CATEGORY_IDS = {"2": ItemState.OPEN, "4": ItemState.IN_PROGRESS, "3": ItemState.DONE}
"""The three categories have these ids on every site, whatever they are called."""
_NO_ORDER = frozenset(
    {
        "relates to",
        "is related to",
        "duplicates",
        "is duplicated by",
        "clones",
        "is cloned by",
        "is cloned from",
        "was cloned as",
        "split to",
        "split from",
        "causes",
        "is caused by",
    }
)
"""Types of links that sites have from the start and that say nothing about order."""


@dataclass(frozen=True)
class JiraSite:
    """What must be known to read one site's issues.

    Attributes:
        name: Name of the source; keys begin with it.
        address: Where people browse the site; None takes the host of the issue's own address.
        estimate: Where estimates stand.
        epic_links: Ids of the fields that hold an issue's epic.
        blocked_by: Link names, in lower case, that mean "this issue waits for that one".
        blocks: Link names, in lower case, that mean "that issue waits for this one".
        waiting_ends: (id of a link's type, `inward` or `outward`) that mean the same as
            `blocked_by`, where a live site has told its types; names may change, ids do not.
        awaited_ends: The same for `blocks`.
    """

    name: str
    address: str | None = None
    estimate: Estimate = field(default_factory=Estimate)
    epic_links: tuple[str, ...] = ()
    blocked_by: frozenset[str] = frozenset({"is blocked by"})
    blocks: frozenset[str] = frozenset({"blocks"})
    waiting_ends: frozenset[tuple[str, str]] = frozenset()
    awaited_ends: frozenset[tuple[str, str]] = frozenset()


class JiraIssues:
    """See `IssueSource`. A file is a snapshot: `since` is not looked at, all of it is yielded."""

    def __init__(self, name: str, table: IssueTable, folder: Path) -> None:
        self.name = name
        self._table = table
        self._folder = folder

    def fetch(self, *, since: datetime | None) -> Iterator[DebtItem | Skipped]:
        """See `IssueSource.fetch`."""
        _ = since
        yield from read_issues(read_pages(self._table, self._folder), self.name, self._table)


def read_issues(
    pages: Iterable[Page | Skipped], name: str, table: IssueTable
) -> Iterator[DebtItem | Skipped]:
    """Yield the items of decoded pages, from files or from a server, each once.

    All pages are read before the first item is yielded: a link may be listed by its other end only,
    and the estimate's field may be known from a later page.

    Raises:
        InputError: Every answer says that its request failed; or a record is unusable where
            `on_error` is "stop".
    """
    found = gather(pages)
    if found.failed and not found.issues:
        first = found.failed[0]
        fix = "Save the answer again with a token that may read the project."
        raise InputError(f"{first.ref}: {first.reason}.", fix)
    fields = [record(record(issue).get("fields")) for _, issue in found.issues]
    estimate = find_estimate(table.estimate_field, found.configurations, found.definitions, fields)
    site = site_of(name, table, estimate, epic_fields(found.definitions))
    parsed = [read_issue(issue, site, place) for place, issue in found.issues]
    refuse_bad_records(parsed, table.on_error)
    yield from settle(parsed)
    yield from found.failed
    yield from found.skipped
    yield from found.unknown()
    others = _other_links(fields, site)
    remarks = (found.missing(), estimate.origin if parsed else _EMPTY, others)
    yield from (Skipped(ref=table.path or name, reason=remark) for remark in remarks if remark)


_EMPTY = "holds no issues; check the search that saved it"


def site_of(
    name: str, table: IssueTable, estimate: Estimate, epic_links: tuple[str, ...] = ()
) -> JiraSite:
    """Return what the settings say about the site."""
    return JiraSite(
        name=name,
        address=table.site,
        estimate=estimate,
        epic_links=epic_links,
        blocked_by=frozenset(map(link_phrase, table.blocked_by)),
        blocks=frozenset(map(link_phrase, table.blocks)),
    )


def parse_issue(issue: Json, site: JiraSite, place: str = "issue") -> DebtItem | Skipped:
    """Return the item of an issue record, or why there is none."""
    return read_issue(issue, site, place).outcome


def read_issue(issue: Json, site: JiraSite, place: str) -> Parsed:
    """Return the item of an issue record with its links and what was not taken as it stands."""
    whole = record(issue)
    tracker_key, fields = clean_key(words(whole.get("key"))), record(whole.get("fields"))
    if not tracker_key or not fields:
        reason = (
            f"{tracker_key} has no fields; save the search again with fields=*all"
            if tracker_key
            else "has no key, so it is no issue; save the search again with fields=*all"
        )
        return Parsed(place, Skipped(ref=place, reason=reason), is_bad=True)
    key = f"{site.name}:{tracker_key}"
    points, remark = read_points(fields, site.estimate)
    state, doubt = _state(fields)
    waits, loose = _waits(fields, tracker_key, site)
    labels, cut = clean_names(map(words, sequence(fields.get("labels"))), "labels")
    components, cut_too = clean_names(_names(fields.get("components")), "components")
    title = clean_line(words(fields.get("summary")))
    item = DebtItem(
        key=key,
        source=site.name,
        title=title or tracker_key,
        text=clean_text(plain_text(fields.get("description"))),
        url=_url(whole, tracker_key, site),
        type_name=clean_line(next(_names([fields.get("issuetype")])), limit=NAME_LIMIT),
        epic=epic_of(fields, site.epic_links),
        state=state,
        labels=labels,
        components=components,
        points=points,
        sprint=_open_sprint(fields, state),
        created_at=instant(fields.get("created")),
        updated_at=instant(fields.get("updated")),
        closed_at=instant(fields.get("resolutiondate")) if state is ItemState.DONE else None,
    )
    untitled = "" if title else "has no summary; the key stands for it"
    remarks = (remark, doubt, loose, untitled, cut, cut_too)
    notices = tuple(Skipped(ref=key, reason=one) for one in remarks if one)
    return Parsed(place, item, notices, waits)


def _names(values: Json) -> Iterator[str]:
    return (words(record(one).get("name")) for one in sequence(values))


def _state(fields: Mapping[str, Json]) -> tuple[ItemState, str]:
    """Return the state, and a remark where status and resolution disagree or nothing is known."""
    status = record(fields.get("status"))
    name = clean_line(words(status.get("name")), limit=60)
    category = words(record(status.get("statusCategory")).get("key"))
    resolution = clean_line(words(record(fields.get("resolution")).get("name")), limit=60)
    if resolution.casefold() == "unresolved":
        resolution = ""
    is_resolved = bool(resolution or fields.get("resolutiondate"))
    state = _CATEGORIES.get(category) or _CATEGORY_IDS.get(
        words(record(status.get("statusCategory")).get("id"))
    )
    if state is not None:
        if is_resolved and state is not ItemState.DONE:
            # Jira itself calls an issue with a resolution resolved, whatever its status says.
            said = f"status {name!r} counts as {state.value.replace('_', ' ')}"
            why = resolution or "a resolution date"
            return (
                ItemState.DONE,
                f"{said} although it is resolved ({why}): taken as done; check its category",
            )
        return state, ""
    if is_resolved:
        return ItemState.DONE, ""
    said = words(record(status.get("statusCategory")).get("name"))
    known = state_of_word(name) or state_of_word(said)
    if known is None and name:
        return ItemState.OPEN, f"status {name!r} has no category and is not known, taken as open"
    return known or ItemState.OPEN, ""


def _waits(
    fields: Mapping[str, Json], tracker_key: str, site: JiraSite
) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return (waiting, awaited) of the issue's links, and a remark about links without an end."""
    waits, loose = [], 0
    own = f"{site.name}:{tracker_key}"
    for link in map(record, sequence(fields.get("issuelinks"))):
        kind = record(link.get("type"))
        for side, end in (("inward", "inwardIssue"), ("outward", "outwardIssue")):
            if end not in link:
                continue
            other = clean_key(words(record(link[end]).get("key")))
            phrase, ends = link_phrase(words(kind.get(side))), (words(kind.get("id")), side)
            if not other:
                loose += 1
            elif ends in site.waiting_ends or phrase in site.blocked_by:
                waits.append((own, f"{site.name}:{other}"))
            elif ends in site.awaited_ends or phrase in site.blocks:
                waits.append((f"{site.name}:{other}", own))
            elif not phrase:
                loose += 1
    remark = f"has {loose} link{'s' * (loose > 1)} without a type or another issue; not used"
    return tuple(waits), remark if loose else ""


def _other_links(issues: Iterable[Mapping[str, Json]], site: JiraSite) -> str:
    """Return a sentence about types of links that might say something about order, else ""."""
    known = site.blocked_by | site.blocks | _NO_ORDER
    found = Counter(
        phrase
        for fields in issues
        for link in map(record, sequence(fields.get("issuelinks")))
        for side, end in (("inward", "inwardIssue"), ("outward", "outwardIssue"))
        if end in link and (phrase := link_phrase(words(record(link.get("type")).get(side))))
        if phrase not in known
    )
    if not found:
        return ""
    return (
        f"links of other types{name_types(found)} are taken to say nothing about order; "
        "name those that do in blocked_by or blocks"
    )


def _open_sprint(fields: Mapping[str, Json], state: ItemState) -> str | None:
    """Return the sprint that holds the issue: the active one before a future one."""
    if state is ItemState.DONE:
        return None
    sprints = list(sprints_of_issue(fields))
    for wanted in ("active", "future"):
        for sprint in sprints:
            if sprint.state == wanted:
                return clean_line(sprint.name, limit=NAME_LIMIT) or sprint.id
    return None


def _url(issue: Mapping[str, Json], tracker_key: str, site: JiraSite) -> str | None:
    """Return where people open the issue; an address of the API gateway is no such place."""
    own = words(issue.get("self"))
    base = site.address
    if base is None and re.match("https?://(?!api[.]atlassian[.]com/).+/rest/", own):
        base = own[: own.index("/rest/")]
    if not base:
        return None
    whole = base if "://" in base else f"https://{base}"
    return safe_url(f"{whole.rstrip('/')}/browse/{quote(tracker_key, safe='')}")
