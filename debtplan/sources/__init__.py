"""Trackers, live or as saved files: one file each, one entry each in `SOURCES`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from debtplan.core.registry import entries_of
from debtplan.ports import IssueSource, LiveSource, SprintSource
from debtplan.sources.options import IssueTable, SprintTable

if TYPE_CHECKING:
    from debtplan.transport.access import Access

SourceFactory = Callable[[str, IssueTable, Path], IssueSource]
"""Makes a source of its table's name, the table, and the folder where relative paths start."""


SprintFactory = Callable[[str, SprintTable, Path], SprintSource]
"""The same for closed sprints; the name is the team's."""

LiveFactory = Callable[[str, IssueTable, "Access"], LiveSource]
"""Makes a live source of its table's name, the table, and its way out."""

LiveSprintFactory = Callable[[str, SprintTable, IssueTable, "Access"], LiveSource]
"""The same for a team's sprints: the team's name, its table, the tracker's table, its way out."""


_lazy = entries_of("debtplan.sources")

SOURCES: Mapping[str, SourceFactory] = {
    "csv": _lazy("csv", "CsvIssues"),
    "github": _lazy("github.issue", "GithubIssues"),
    "jira": _lazy("jira.issue", "JiraIssues"),
}
"""By `type` of a `[sources.NAME]` table."""

SPRINTS: Mapping[str, SprintFactory] = {
    "csv": _lazy("csv_sprints", "CsvSprints"),
    "jira": _lazy("jira.sprints", "JiraSprints"),
}
"""By `type` of a team's `sprints` table."""

LIVE_SOURCES: Mapping[str, LiveFactory] = {
    "github": _lazy("github.live", "LiveGithub"),
    "jira": _lazy("jira.live", "LiveJira"),
}
"""By `type` of a `[sources.NAME]` table that names no path."""

LIVE_RELEASES: Mapping[str, LiveFactory] = {
    "github": _lazy("github.releases", "LiveGithubReleases"),
    "jira": _lazy("jira.versions", "LiveJiraVersions"),
}
"""What reached users: by `type` of a `[sources.NAME]` table that names no path."""

LIVE_SPRINTS: Mapping[str, LiveSprintFactory] = {
    "jira": _lazy("jira.board", "LiveJiraBoard"),
}
"""By `type` of the tracker's table that a team's `sprints` name."""
