"""Items from GitHub's issue pages: repository lists and searches; live pages or saved ones.

The forms are those of `GET /repos/{owner}/{repo}/issues` and `GET /search/issues` in GitHub's REST
description (OpenAPI 3.0.3).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from debtplan.core.decode import Json
from debtplan.core.item import DebtItem, ItemState, Skipped
from debtplan.core.text import clean_line, clean_text, safe_url
from debtplan.errors import InputError
from debtplan.files.cell import parse_number
from debtplan.files.saved import Page, read_pages
from debtplan.files.shape import instant, record, sequence, words
from debtplan.sources.github.field import field_points
from debtplan.sources.intake import (
    NAME_LIMIT,
    Parsed,
    clean_names,
    refuse_bad_records,
    settle,
)
from debtplan.sources.options import IssueTable

_REPO = re.compile(
    r"(?:https?://[^/]+/)?(?:api/v3/)?(?:repos/)?([\w.-]{1,100}/[\w.-]{1,100})(?:/.*)?"
)
_NUMBER = re.compile("/issues/([0-9]{1,10})$")
_FENCE = re.compile(
    r"^ {0,3}(```+|~~~+)[^\n]*\n.*?(?:^ {0,3}\1[`~]* *$|\Z)", re.MULTILINE | re.DOTALL
)
_WAITS = re.compile(
    r"^[ \t>*+-]*(?:\[[ x]\] *)?[*_]{0,2}(?:blocked by|depends on|depends upon)\b[*_]{0,2}:?(.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_REF = re.compile(
    r"(?:https?://[^/\s]+/)?(?:([\w.-]{1,100}+/[\w.-]{1,100}+)(?:#|/issues/))?(?:(?<=[#/])|#)([0-9]{1,10})\b"
)


@dataclass(frozen=True)
class Beside:
    """What other answers than its own record say about an issue.

    Attributes:
        waits: `owner/repo#7` for each issue that blocks it.
        points: Estimate, above 0; None leaves it to the issue's own field and label.
        has_board: Whether a project says which sprint holds it; else an open milestone counts.
        sprint: What the project says.
    """

    waits: tuple[str, ...] = ()
    points: float | None = None
    has_board: bool = False
    sprint: str | None = None


ALONE = Beside()
"""Nothing else is known: the record was saved alone."""


class GithubIssues:
    """See `IssueSource`. A file is a snapshot: `since` is not looked at, all of it is yielded."""

    def __init__(self, name: str, table: IssueTable, folder: Path) -> None:
        self.name = name
        self._table = table
        self._folder = folder

    def fetch(self, *, since: datetime | None) -> Iterator[DebtItem | Skipped]:
        """See `IssueSource.fetch`."""
        _ = since
        yield from read_issues(read_pages(self._table, self._folder), self.name, self._table)


@dataclass
class _GithubPages:
    """The issue records of all pages with their places, and what else the pages say."""

    issues: list[tuple[str, Json]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    failed: list[Skipped] = field(default_factory=list)
    total: int = 0
    found: int = 0

    def add(self, page: Page | Skipped) -> None:
        """Sort one answer in."""
        if isinstance(page, Skipped):
            self.skipped.append(page)
            return
        whole = record(page.content)
        nodes = _nodes(whole)
        if isinstance(page.content, list) and any(isinstance(one, list) for one in page.content):
            for number, one in enumerate(page.content, 1):
                self.add(Page(f"{page.place} page {number}", one, page.file))
        elif nodes is not None:
            self.add(Page(page.place, nodes, page.file))
        elif isinstance(page.content, list) or isinstance(whole.get("items"), list):
            entries = sequence(whole.get("items", page.content))
            places = (f"{page.place} issue {number}" for number in range(1, len(entries) + 1))
            self.issues.extend(zip(places, entries, strict=True))
            total = whole.get("total_count")
            if isinstance(total, int):
                self.total, self.found = max(total, self.total), self.found + len(entries)
        elif isinstance(whole.get("issue"), dict):
            self.issues.append((page.place, whole["issue"]))
        elif "number" in whole or "title" in whole:
            self.issues.append((page.place, page.content))
        elif "message" in whole:
            said = clean_line(words(whole["message"]), limit=200)
            self.failed.append(Skipped(ref=page.place, reason=f"GitHub refused it: {said}"))
        else:
            self.skipped.append(Skipped(ref=page.place, reason="holds no GitHub issues; not used"))


def _nodes(whole: Mapping[str, Json]) -> list[Json] | None:
    """Return the issues of a GraphQL answer, None where it is no such answer."""
    for one in map(record, record(whole.get("data")).values()):
        for connection in (record(one.get("issues")), one):
            if isinstance(connection.get("nodes"), list):
                return sequence(connection["nodes"])
    return None


def read_issues(
    pages: Iterable[Page | Skipped], name: str, table: IssueTable
) -> Iterator[DebtItem | Skipped]:
    """Yield the items of decoded pages, from files or from a server, each once.

    Raises:
        InputError: Every answer says that its request failed; or a record is unusable where
            `on_error` is "stop".
    """
    found = _GithubPages()
    for page in pages:
        found.add(page)
    if found.failed and not found.issues:
        first = found.failed[0]
        fix = "Save the answer again with a token that may read the repository."
        raise InputError(f"{first.ref}: {first.reason}.", fix)
    parsed = [read_issue(issue, name, table, place) for place, issue in found.issues]
    refuse_bad_records(parsed, table.on_error)
    wanted = [one for one in parsed if is_wanted(one.outcome, table.labels)]
    yield from settle(wanted)
    yield from found.failed
    yield from found.skipped
    yield from (
        Skipped(ref=table.path or name, reason=remark)
        for remark in _remarks(found, len(parsed) - len(wanted), table.labels)
    )


def is_wanted(outcome: DebtItem | Skipped, labels: tuple[str, ...]) -> bool:
    """Tell whether an item carries one of the labels that the settings ask for."""
    return isinstance(outcome, Skipped) or carries_one(outcome.labels, labels)


def carries_one(found: Iterable[str], labels: tuple[str, ...]) -> bool:
    """Tell whether one of the labels is among those found; where none is asked for, it is."""
    folded = {label.casefold() for label in labels}
    return not folded or any(label.casefold() in folded for label in found)


def _remarks(found: _GithubPages, left_out: int, labels: tuple[str, ...]) -> Iterator[str]:
    if left_out:
        yield f"{left_out} issues carry none of the labels {', '.join(labels)}; left out as asked"
    if found.found < found.total:
        yield f"the pages hold {found.found} of {found.total} issues; save the ones that follow"
    if not found.issues:
        yield "holds no issues; check the request that saved it"


def parse_issue(
    issue: Json, name: str, table: IssueTable, place: str = "issue"
) -> DebtItem | Skipped:
    """Return the item of an issue record, or why there is none."""
    return read_issue(issue, name, table, place).outcome


def read_issue(
    issue: Json, name: str, table: IssueTable, place: str, beside: Beside = ALONE
) -> Parsed:
    """Return the item of an issue record with what was not taken as it stands."""
    whole = record(issue)
    only = table.repos[0] if len(table.repos) == 1 else ""
    number, repo = words(whole.get("number")), repo_of(whole, only)
    if not re.fullmatch("[0-9]{1,10}", number) or not repo:
        missing = "number" if repo else "repository; name it in `repos`"
        reason = f"is no issue that can be named: it has no {missing}"
        return Parsed(place, Skipped(ref=place, reason=reason), is_bad=True)
    if is_pull_request(whole):
        skip = Skipped(ref=f"{name}:{repo}#{number}", reason="is a pull request")
        return Parsed(place, skip)
    item, notices = _item(whole, f"{repo}#{number}", name, table, beside)
    return Parsed(place, item, notices)


def _item(
    whole: Mapping[str, Json], ref: str, name: str, table: IssueTable, beside: Beside
) -> tuple[DebtItem, tuple[Skipped, ...]]:
    """Return the item of an issue, and remarks on it."""
    repo, key = ref.partition("#")[0], f"{name}:{ref}"
    body = words(whole.get("body"))
    is_closed = words(whole.get("state")).casefold() == "closed"
    state = ItemState.DONE if is_closed else ItemState.OPEN
    tags = labels_of(whole)
    labels, cut = clean_names(tags, "labels")
    points, remark = beside.points, ""
    if points is None:
        points, remark = field_points(whole, (table.estimate_field or "").strip())
    if points is None:
        points, doubt = _points(tags, table.estimate_label)
        remark = remark or doubt
    waits = dict.fromkeys((*beside.waits, *awaited(body, repo)))
    title = clean_line(words(whole.get("title")))
    item = DebtItem(
        key=key,
        source=name,
        title=title or ref,
        text=clean_text(body),
        url=safe_url(words(whole.get("html_url")) or _page_of(whole)),
        type_name=clean_line(words(record(whole.get("type")).get("name")), limit=NAME_LIMIT),
        epic=_epic(whole),
        state=state,
        labels=labels,
        points=points,
        prerequisites=tuple(f"{name}:{one}" for one in waits),
        sprint=_sprint(whole, state, beside),
        created_at=instant(whole.get("created_at", whole.get("createdAt"))),
        updated_at=instant(whole.get("updated_at", whole.get("updatedAt"))),
        closed_at=instant(whole.get("closed_at", whole.get("closedAt"))) if is_closed else None,
    )
    untitled = "" if title else "has no title; its number stands for it"
    hidden = "" if is_closed else _hidden(whole, len(item.prerequisites))
    remarks = (remark, untitled, cut, hidden)
    return item, tuple(Skipped(ref=key, reason=one) for one in remarks if one)


def awaited(body: str, repo: str) -> tuple[str, ...]:
    """Return `owner/repo#7` for each issue that a line of the text says it waits for.

    Such a line begins with "Blocked by" or "Depends on"; code blocks do not count.
    """
    lines = _WAITS.findall(_FENCE.sub("", body.replace("\r\n", "\n")[:65_536]))
    found = (
        f"{owner or repo}#{int(number)}" for line in lines for owner, number in _REF.findall(line)
    )
    return tuple(dict.fromkeys(found))


def is_pull_request(issue: Mapping[str, Json]) -> bool:
    """Tell whether a record of GitHub's issue lists is a pull request, as many are."""
    return bool(issue.get("pull_request")) or {"head", "base"} <= issue.keys()


def labels_of(issue: Mapping[str, Json]) -> list[str]:
    """Return the names of an issue's labels."""
    return [_label(one) for one in _listed(issue.get("labels"))]


def repo_of(issue: Mapping[str, Json], otherwise: str) -> str:
    """Return owner/name from whichever address the issue carries, else the one given."""
    for name in ("repository_url", "html_url", "url"):
        found = _REPO.fullmatch(words(issue.get(name)))
        if found:
            return found[1]
    return otherwise


def _epic(issue: Mapping[str, Json]) -> str:
    """Return the issue that this one is a sub-issue of, as `owner/repo#7`; "" for none."""
    url = words(issue.get("parent_issue_url")) or words(record(issue.get("parent")).get("url"))
    repo, number = _REPO.fullmatch(url), _NUMBER.search(url)
    return f"{repo[1]}#{int(number[1])}" if repo and number else ""


def _hidden(issue: Mapping[str, Json], named: int) -> str:
    """Return a remark where GitHub counts more open issues in the way than the text names."""
    count = record(issue.get("issue_dependencies_summary")).get("blocked_by")
    if not isinstance(count, int) or count <= named:
        return ""
    many = f"{count} open issue{'s' * (count > 1)}"
    return (
        f"is blocked by {many} by GitHub's count and its text names {named}; "
        'write "Blocked by #7" there, or it may be planned too early'
    )


def _listed(value: Json) -> list[Json]:
    """Return a list, or the nodes of a GraphQL connection."""
    return sequence(value) or sequence(record(value).get("nodes"))


def _page_of(issue: Mapping[str, Json]) -> str | None:
    """Return the address that clients other than the REST interface give: the page itself."""
    url = words(issue.get("url"))
    return url if re.fullmatch(r"https?://[^/]+/[^/]+/[^/]+/issues/[0-9]+", url) else None


def _label(value: Json) -> str:
    return value if isinstance(value, str) else words(record(value).get("name"))


def _points(labels: Iterable[str], beginning: str) -> tuple[float | None, str]:
    """Return the estimate that a label holds, and a remark where it cannot be taken."""
    folded = beginning.casefold()
    found = [one for one in labels if folded and one.casefold().startswith(folded)]
    shown = " and ".join(repr(clean_line(one, limit=60)) for one in found)
    if len(found) != 1:
        return None, f"has the estimates {shown}; none is taken" if found else ""
    try:
        points = parse_number(found[0][len(beginning) :])
    except ValueError as error:
        return None, f"label {shown} is {error}; taken as not estimated"
    if points is not None and points <= 0:
        return None, f"label {shown} is not above 0, taken as not estimated"
    return points, ""


def _sprint(issue: Mapping[str, Json], state: ItemState, beside: Beside) -> str | None:
    """Return the sprint that holds an open issue: the project's iteration, else its milestone."""
    milestone = record(issue.get("milestone"))
    if state is ItemState.DONE:
        return None
    if beside.has_board:
        return beside.sprint
    if milestone.get("state") == "closed":
        return None
    return clean_line(words(milestone.get("title")), limit=NAME_LIMIT) or None
