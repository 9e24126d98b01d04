"""Jira issues as a test tells them, and what reading pages of them gives."""

from typing import Any

from debtplan.core.item import DebtItem, Skipped
from debtplan.files.saved import Page
from debtplan.sources.jira.issue import read_issues
from debtplan.sources.options import IssueTable

Found = list[DebtItem | Skipped]


def issue(key: str = "A-1", **fields: Any) -> dict[str, Any]:
    base = {"summary": f"Title of {key}", "status": status("To Do", "new")}
    return {"key": key, "id": "1", "fields": {**base, **fields}}


def status(name: str, category: str | None = None) -> dict[str, Any]:
    return (
        {"name": name} if category is None else {"name": name, "statusCategory": {"key": category}}
    )


def link(kind: str, inward: str, outward: str, **ends: str) -> dict[str, Any]:
    named = {end: {"key": key} for end, key in ends.items()}
    return {"type": {"name": kind, "inward": inward, "outward": outward}, **named}


def read(*contents: Any, **settings: Any) -> Found:
    pages = [Page(f"p{number}.json", content) for number, content in enumerate(contents, 1)]
    table = IssueTable.model_validate({"path": "p*.json", "estimate_field": "sp", **settings})
    return list(read_issues(pages, "jira", table))


def items_of(found: Found) -> dict[str, DebtItem]:
    return {one.key: one for one in found if isinstance(one, DebtItem)}


def skipped_of(found: Found) -> list[tuple[str, str]]:
    return [(one.ref, one.reason) for one in found if isinstance(one, Skipped)]
