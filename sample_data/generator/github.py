"""The issues as GitHub answers them: /repos/omniretail/storefront/issues, page by page."""

from typing import Any

from sample_data.generator.backlog_platform import GITHUB
from sample_data.generator.issue import Issue

REPOSITORY = "omniretail/storefront"
API = f"https://api.github.com/repos/{REPOSITORY}"
PAGE = 4

Json = dict[str, Any]


def files() -> dict[str, list[Json]]:
    """Return every saved page by file name, newest issues first as GitHub lists them."""
    issues = sorted(GITHUB, key=lambda one: -one.number)
    pages = [issues[start : start + PAGE] for start in range(0, len(issues), PAGE)]
    return {
        f"issues-{number}.json": [_issue(one) for one in page]
        for number, page in enumerate(pages, 1)
    }


def _issue(issue: Issue) -> Json:
    is_pull, is_done = issue.kind == "pull request", issue.status == "Done"
    kind = "pull" if is_pull else "issues"
    names = [*issue.labels, *([f"points:{issue.points:g}"] if issue.points else [])]
    updated = f"2026-{issue.updated}T13:05:41Z"
    answer: Json = {
        "url": f"{API}/issues/{issue.number}",
        "repository_url": API,
        "html_url": f"https://github.com/{REPOSITORY}/{kind}/{issue.number}",
        "id": 2_600_000_000 + issue.number,
        "node_id": f"I_kwDOOmni{issue.number}",
        "number": issue.number,
        "title": issue.title,
        "user": {"login": "omniretail-bot", "id": 90210, "type": "Bot"},
        "labels": [
            {"id": 5000 + index, "name": name, "color": "ededed", "default": False}
            for index, name in enumerate(names)
        ],
        "state": "closed" if is_done else "open",
        "state_reason": "completed" if is_done else None,
        "locked": False,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": 0,
        "created_at": f"2026-{issue.created}T10:20:00Z",
        "updated_at": updated,
        "closed_at": updated if is_done else None,
        "author_association": "MEMBER",
        "type": {"id": 301, "name": issue.kind} if not is_pull else None,
        "body": issue.text.strip() or None,
    }
    if is_pull:
        answer["draft"] = False
        answer["pull_request"] = {
            "url": f"{API}/pulls/{issue.number}",
            "html_url": f"https://github.com/{REPOSITORY}/pull/{issue.number}",
            "merged_at": None,
        }
    return answer
