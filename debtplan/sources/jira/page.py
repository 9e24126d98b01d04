"""What Jira's answers hold, in whichever order and mixture they were saved."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from debtplan.core.decode import Json
from debtplan.core.item import Skipped
from debtplan.core.text import clean_line
from debtplan.files.saved import Page
from debtplan.files.shape import record, sequence, words

_Kind = Literal["issue", "sprint", "definition", "configuration", "board", "error", "unknown"]


_NOTHING = "no Jira issue, sprint, field or board configuration"


@dataclass
class JiraPages:
    """The records of all pages, each with its place.

    Attributes:
        issues: Issue records: search answers, board pages, single issues.
        sprints: Sprint records of `/board/{id}/sprint`.
        definitions: Entries of the field list.
        configurations: Board configurations.
        skipped: Lines, answers and records that hold nothing for us, with the reason.
        failed: Answers that say that the request failed.
    """

    issues: list[tuple[str, Json]] = field(default_factory=list)
    sprints: list[tuple[str, Json]] = field(default_factory=list)
    definitions: list[Json] = field(default_factory=list)
    configurations: list[Json] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    failed: list[Skipped] = field(default_factory=list)
    _unknown: dict[str, int] = field(default_factory=dict)
    _totals: list[int] = field(default_factory=list)
    _counted: int = 0
    _tokens: list[bool] = field(default_factory=list)

    def missing(self) -> str:
        """Return a sentence where the pages say that there are more, else ""."""
        total = max(self._totals, default=0)
        if self._counted < total:
            return (
                f"the pages hold {self._counted} of {total} issues; "
                "save the ones that follow (startAt) as well"
            )
        if self._tokens and all(self._tokens):
            return "every page names a following one; save that one (nextPageToken) as well"
        return ""

    def unknown(self) -> Iterator[Skipped]:
        """Yield one `Skipped` for each file with records that are nothing for us."""
        for file, count in self._unknown.items():
            what = "a record that is" if count == 1 else f"{count} records that are"
            yield Skipped(ref=file, reason=f"holds {what} {_NOTHING}; not used")

    def add(self, page: Page | Skipped) -> None:
        """Sort one answer in."""
        if isinstance(page, Skipped):
            self.skipped.append(page)
            return
        content, place = page.content, page.place
        whole = record(content)
        if _kind_of(whole.get("issue")) == "issue":
            content = whole["issue"]  # as a webhook wraps it
        if isinstance(whole.get("issues"), list):
            self._add_search(whole, place)
        elif isinstance(content, list) and any(_is_page(one) for one in content):
            for number, one in enumerate(content, 1):
                self.add(Page(f"{place} page {number}", one, page.file or place))
        elif isinstance(content, list):
            self._add_all(content, page)
        elif isinstance(whole.get("values"), list):
            self._add_all(sequence(whole["values"]), page)
        else:
            self._add_one(content, place, page.file or place)

    def _add_search(self, whole: dict[str, Json], place: str) -> None:
        issues = sequence(whole["issues"])
        for number, issue in enumerate(issues, 1):
            self.issues.append((f"{place} issue {number}", issue))
        names, schemas = record(whole.get("names")), record(whole.get("schema"))
        for key in dict.fromkeys((*schemas, *names)):
            self.definitions.append({"id": key, "name": names.get(key), "schema": schemas.get(key)})
        for one in map(record, sequence(whole.get("issueErrors"))):
            reason = f"Jira could not read {_said(one.get('issueIdsOrKeys'))}: {_said(one)}"
            self.skipped.append(Skipped(ref=place, reason=reason))
        total = whole.get("total")
        if isinstance(total, int):
            self._totals.append(total)
            self._counted += len(issues)
        elif "nextPageToken" in whole or "isLast" in whole:
            self._tokens.append(bool(whole.get("nextPageToken")) or whole.get("isLast") is False)

    def _add_all(self, entries: list[Json], page: Page) -> None:
        """Sort a list in; beside issues anything else is an issue that cannot be read."""
        place = page.place
        if any(_kind_of(entry) == "issue" for entry in entries):
            self.issues.extend((f"{place} issue {at}", one) for at, one in enumerate(entries, 1))
            return
        for number, entry in enumerate(entries, 1):
            self._add_one(entry, f"{place} entry {number}", page.file or place)

    def _add_one(self, entry: Json, place: str, file: str) -> None:
        match _kind_of(entry):
            case "issue":
                self.issues.append((place, entry))
            case "sprint":
                self.sprints.append((place, entry))
            case "definition":
                self.definitions.append(entry)
            case "configuration":
                self.configurations.append(entry)
            case "error":
                reason = f"Jira refused the request: {_said(entry)}"
                self.failed.append(Skipped(ref=place, reason=reason))
            case "unknown":
                self._unknown[file] = self._unknown.get(file, 0) + 1
            case "board":
                pass


def gather(pages: Iterable[Page | Skipped]) -> JiraPages:
    """Return what the pages hold, in their order."""
    found = JiraPages()
    for page in pages:
        found.add(page)
    return found


def _is_page(entry: Json) -> bool:
    """Tell whether an entry of a list is a whole search answer."""
    return isinstance(record(entry).get("issues"), list)


def _kind_of(entry: Json) -> _Kind:
    one = record(entry)
    if isinstance(one.get("fields"), dict) or ({"id", "key"} <= one.keys() and "name" not in one):
        return "issue"
    if one.get("errorMessages") or one.get("errors"):
        return "error"
    if "columnConfig" in one or "estimation" in one:
        return "configuration"
    if words(one.get("state")).casefold() in {"active", "future", "closed"} and "name" in one:
        return "sprint"
    if "schema" in one or "clauseNames" in one or ("custom" in one and "searchable" in one):
        return "definition"
    if words(one.get("type")) in {"scrum", "kanban", "simple"} and "name" in one:
        return "board"
    return "unknown"


def _said(value: Json) -> str:
    """Return the server's own words, cleaned and short."""
    one = record(value)
    parts = [words(part) for part in sequence(one.get("errorMessages"))]
    parts.append(words(one.get("errorMessage")))
    parts += [words(part) for part in record(one.get("errors")).values()]
    parts += [words(part) for part in sequence(value)]
    return clean_line("; ".join(part for part in parts if part) or "no reason given", limit=200)
