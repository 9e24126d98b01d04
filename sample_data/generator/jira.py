"""The issues as Jira Cloud answers them: /rest/api/3/search/jql pages and the agile board."""

import re
from dataclasses import replace
from typing import Any

from sample_data.generator import releases, sprints
from sample_data.generator.backlog_checkout import CHECKOUT
from sample_data.generator.backlog_platform import PLATFORM
from sample_data.generator.issue import Issue

SITE = "https://omniretail.example"
POINTS_FIELD = "customfield_10016"
SPRINT_FIELD = "customfield_10020"
PAGE = 18

STATUSES = {
    "To Do": ("10000", "new"),
    "In Progress": ("10001", "indeterminate"),
    "Done": ("10002", "done"),
}
TYPE_IDS = {"Epic": "10000", "Story": "10001", "Task": "10002", "Bug": "10004"}
FOREIGN = {"CARR-7": ("Publish the parcel locker interface", "To Do")}
"""Issues of other projects that ours wait for; the search does not return them."""

Json = dict[str, Any]


def files() -> dict[str, Json]:
    """Return every saved answer by file name."""
    answers: dict[str, Json] = {
        "board.json": board(),
        f"board-{sprints.BOARD}-configuration.json": configuration(),
        f"board-{sprints.BOARD}-sprints.json": dict(sprints.agile_sprints()),
    }
    return answers | _searched((*CHECKOUT, *PLATFORM))


def later_files() -> dict[str, Json]:
    """Return the saved answers of the search half a year later: what was released is done."""
    done = releases.done()
    return _searched(
        tuple(
            replace(one, status="Done", updated=str(done[f"OMNI-{one.number}"]))
            if f"OMNI-{one.number}" in done
            else one
            for one in (*CHECKOUT, *PLATFORM)
        )
    )


def _searched(found: tuple[Issue, ...]) -> dict[str, Json]:
    """Return the pages of a search that finds these issues."""
    issues = sorted(found, key=lambda one: one.number)
    known = {f"OMNI-{one.number}": one for one in issues}
    pages = [issues[start : start + PAGE] for start in range(0, len(issues), PAGE)]
    answers: dict[str, Json] = {}
    for number, page in enumerate(pages, 1):
        answer: Json = {
            "issues": [_issue(one, known) for one in page],
            "isLast": number == len(pages),
        }
        if number < len(pages):
            answer["nextPageToken"] = f"CAEaAggD{number}"
        answers[f"search-{number}.json"] = answer
    return answers


def board() -> Json:
    """Return the answer of /rest/agile/1.0/board."""
    only = {
        "id": int(sprints.BOARD),
        "self": f"{SITE}/rest/agile/1.0/board/{sprints.BOARD}",
        "name": "Checkout",
        "type": "scrum",
        "location": {"projectId": 10042, "projectKey": "OMNI", "displayName": "OmniRetail (OMNI)"},
    }
    return {"maxResults": 50, "startAt": 0, "total": 1, "isLast": True, "values": [only]}


def configuration() -> Json:
    """Return the answer of /rest/agile/1.0/board/42/configuration."""
    columns = [
        {"name": name, "statuses": [{"id": code, "self": f"{SITE}/rest/api/2/status/{code}"}]}
        for name, (code, _) in STATUSES.items()
    ]
    return {
        "id": int(sprints.BOARD),
        "name": "Checkout",
        "type": "scrum",
        "self": f"{SITE}/rest/agile/1.0/board/{sprints.BOARD}/configuration",
        "location": {"type": "project", "key": "OMNI", "id": "10042", "name": "OmniRetail"},
        "filter": {"id": "10142", "self": f"{SITE}/rest/api/2/filter/10142"},
        "columnConfig": {"columns": columns, "constraintType": "none"},
        "estimation": {
            "type": "field",
            "field": {"fieldId": POINTS_FIELD, "displayName": "Story point estimate"},
        },
        "ranking": {"rankCustomFieldId": 10019},
    }


def _issue(issue: Issue, known: dict[str, Issue]) -> Json:
    key, is_done = f"OMNI-{issue.number}", issue.status == "Done"
    return {
        "expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields",
        "id": str(14000 + issue.number),
        "self": f"{SITE}/rest/api/3/issue/{14000 + issue.number}",
        "key": key,
        "fields": {
            "summary": issue.title,
            "description": adf(issue.text) if issue.text else None,
            "issuetype": {
                "id": TYPE_IDS[issue.kind],
                "name": issue.kind,
                "subtask": False,
                "hierarchyLevel": 1 if issue.kind == "Epic" else 0,
            },
            "status": _status(issue.status),
            "resolution": {"id": "10000", "name": "Done"} if is_done else None,
            "labels": list(issue.labels),
            "components": [
                {"id": str(10100 + index), "name": name}
                for index, name in enumerate(issue.components)
            ],
            "project": {"id": "10042", "key": "OMNI", "name": "OmniRetail"},
            "priority": {"id": "3", "name": "Medium"},
            "assignee": None,
            "issuelinks": _links(issue, known),
            "created": f"2026-{issue.created}T09:12:04.318+0200",
            "updated": f"{issue.updated_on}T16:40:27.905+0100",
            POINTS_FIELD: issue.points,
            SPRINT_FIELD: [sprints.agile_sprint(issue.sprint)] if issue.sprint else None,
        },
    }


def _status(name: str) -> Json:
    code, category = STATUSES[name]
    return {"id": code, "name": name, "statusCategory": {"key": category, "name": name}}


def _links(issue: Issue, known: dict[str, Issue]) -> list[Json]:
    """Return both ends of the links, as Jira does: the one that waits, and the one in the way."""
    key = f"OMNI-{issue.number}"
    links = [_link("inwardIssue", other, known) for other in issue.blocked_by]
    links += [_link("outwardIssue", o, known) for o, one in known.items() if key in one.blocked_by]
    return links


def _link(end: str, key: str, known: dict[str, Issue]) -> Json:
    other = known.get(key)
    summary, status = (other.title, other.status) if other else FOREIGN[key]
    kind = {"id": "10000", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"}
    about = {"key": key, "fields": {"summary": summary, "status": _status(status)}}
    return {"id": str(20000 + sum(map(ord, key + end))), "type": kind, end: about}


def adf(text: str) -> Json:
    """Return the small markup of `Issue.text` as an Atlassian document."""
    content: list[Json] = []
    for part in re.split(r"(^```.*?^```$)", text.strip(), flags=re.MULTILINE | re.DOTALL):
        if part.startswith("```"):
            content.append(_code_block(part))
        else:
            content += [_block(one) for one in part.strip().split("\n\n") if one.strip()]
    return {"type": "doc", "version": 1, "content": content}


def _code_block(fence: str) -> Json:
    first, _, rest = fence.partition("\n")
    text = {"type": "text", "text": rest.removesuffix("\n```")}
    return {"type": "codeBlock", "attrs": {"language": first[3:]}, "content": [text]}


def _block(text: str) -> Json:
    if text.startswith("## "):
        return {"type": "heading", "attrs": {"level": 2}, "content": _inline(text[3:])}
    if text.startswith("- "):
        entries = [
            " ".join(one.split()) for one in re.split(r"^- ", text, flags=re.MULTILINE) if one
        ]
        return {
            "type": "bulletList",
            "content": [
                {"type": "listItem", "content": [{"type": "paragraph", "content": _inline(one)}]}
                for one in entries
            ],
        }
    return {"type": "paragraph", "content": _inline(" ".join(text.split()))}


def _inline(text: str) -> list[Json]:
    nodes: list[Json] = []
    for part in re.split(r"(\*\*.+?\*\*|`.+?`|\*.+?\*)", text):
        if not part:
            continue
        mark = {"`": "code", "*": "em"}.get(part[0]) if len(part) > 2 else None
        if part.startswith("**"):
            mark = "strong"
        node: Json = {"type": "text", "text": part.strip("*`") if mark else part}
        if mark:
            node["marks"] = [{"type": mark}]
        nodes.append(node)
    return nodes
