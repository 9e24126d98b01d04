"""Trackers, live or as saved files: one file each, one entry each in `SOURCES`."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from debtplan.ports import IssueSource, SprintSource
from debtplan.sources.options import IssueTable, SprintTable

SourceFactory = Callable[[str, IssueTable, Path], IssueSource]
"""Makes a source of its table's name, the table, and the folder where relative paths start."""


SprintFactory = Callable[[str, SprintTable, Path], SprintSource]
"""The same for closed sprints; the name is the team's."""


def _lazy(module: str, name: str) -> Callable[..., Any]:
    """Return a factory that imports its module when it is first called."""

    def make(*parts: object) -> Any:  # noqa: ANN401 - the registry says which port it is
        return getattr(import_module(f"debtplan.sources.{module}"), name)(*parts)

    return make


SOURCES: Mapping[str, SourceFactory] = {
    "csv": _lazy("csv", "CsvIssues"),
    "github": _lazy("github", "GithubIssues"),
    "jira": _lazy("jira", "JiraIssues"),
}
"""By `type` of a `[sources.NAME]` table."""

SPRINTS: Mapping[str, SprintFactory] = {
    "csv": _lazy("csv_sprints", "CsvSprints"),
    "jira": _lazy("jira_sprints", "JiraSprints"),
}
"""By `type` of a team's `sprints` table."""
