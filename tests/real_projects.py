"""Real projects of the data folder: how each is mapped, as its team would write it in the settings.

Paths are relative to the data folder (the fixture `data_dir`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from debtplan.sources.options import IssueTable, SprintTable

SPRINT_COLUMNS: dict[str, str | tuple[str, ...]] = {
    "id": "sprintid",
    "board": "boardid",
    "committed": "vel_starttime",
    # What was delivered: the commitment at the time of the row, and how far it was missed.
    "completed": ("vel_starttime", "vel_added", "-vel_removed", "vel_diff"),
}
"""Columns of `backlogs/sprints/*_iteration_*.csv`; see the paper of 2017 that comes with them."""

ISSUES_BY_FILE = {
    "appceleratorstudio.csv.gz": 2919,
    "datamanagement.csv.gz": 4667,
    "duracloud.csv": 666,
    "jirasoftware.csv": 352,
    "mesos.csv.gz": 1680,
    "moodle.csv.gz": 1166,
    "springxd.csv.gz": 3526,
    "talendesb.csv.gz": 868,
}
"""Rows of each file of `backlogs/storypoints`."""


@dataclass(frozen=True)
class Project:
    """A project with its backlog and, where they are on record, its sprints.

    Attributes:
        name: As in the data set.
        items: Its backlog.
        sprints: The board that fits it best; None where no sprints of it are on record.
    """

    name: str
    items: IssueTable
    sprints: SprintTable | None = None


def _backlog(file: str, links: str = "") -> IssueTable:
    links_path = f"backlogs/sprints/{links}_issuelink.csv" if links else ""
    return IssueTable(type="csv", path=f"backlogs/storypoints/{file}", links_path=links_path)


def sprint_boards(family: str, board: str | None = None, done: str = "0") -> SprintTable:
    """Return the sprints of `apache`, `jira` or `spring`, of one board or of all.

    Args:
        family: Beginning of the file's name.
        board: Its number in the file.
        done: Per cent of the sprint's planned length at which the row was taken: 0, 30, 50 or 80.
    """
    path = f"backlogs/sprints/{family}_iteration_{done}.csv"
    return SprintTable(path=path, board=board, columns=SPRINT_COLUMNS)


def mesos() -> Project:
    """Apache Mesos: cluster manager; links of the Apache file, sprints of board 35."""
    return Project("mesos", _backlog("mesos.csv.gz", "apache"), sprint_boards("apache", "35"))


def spring_xd() -> Project:
    """Spring XD: data pipelines; links of the Spring file, 54 sprints of board 6."""
    return Project("spring_xd", _backlog("springxd.csv.gz", "spring"), sprint_boards("spring", "6"))


def jira_software() -> Project:
    """Atlassian's own Jira Software (keys GHS and JSW); no link on record joins it."""
    return Project("jira_software", _backlog("jirasoftware.csv"))


def moodle() -> Project:
    """Moodle: learning platform."""
    return Project("moodle", _backlog("moodle.csv.gz"))


def duracloud() -> Project:
    """DuraCloud: archive storage; small points."""
    return Project("duracloud", _backlog("duracloud.csv"))


def data_management() -> Project:
    """The LSST telescope's data management: points from 1 to 100 on no scale."""
    return Project("data_management", _backlog("datamanagement.csv.gz"))


def appcelerator_studio() -> Project:
    """Appcelerator Studio: an IDE for mobile apps (keys TISTUD)."""
    return Project("appcelerator_studio", _backlog("appceleratorstudio.csv.gz"))


def talend_esb() -> Project:
    """Talend ESB: an integration bus."""
    return Project("talend_esb", _backlog("talendesb.csv.gz"))


PROJECTS: dict[str, Callable[[], Project]] = {
    "appcelerator_studio": appcelerator_studio,
    "data_management": data_management,
    "duracloud": duracloud,
    "jira_software": jira_software,
    "mesos": mesos,
    "moodle": moodle,
    "spring_xd": spring_xd,
    "talend_esb": talend_esb,
}
"""By name."""


def merico() -> Project:
    """A real Jira Cloud site, Chinese type and status names; as a collector kept its answers."""
    folder = "api/recorded/jira/devlake-merico"
    return Project(
        "merico",
        IssueTable(type="jira", path=f"{folder}/_raw_jira_api_issues.csv.gz"),
        SprintTable(type="jira", path=f"{folder}/_raw_jira_api_sprints.csv", board="8"),
    )


def nlbse() -> Project:
    """GitHub issues of three repositories as a CSV without issue numbers."""
    columns: dict[str, str | tuple[str, ...]] = {
        "key": ("repo", "created_at"),
        "type": "label",
        "labels": "label",
        "components": "repo",
    }
    path = "backlogs/github_issues/nlbse2024_issues.csv.gz"
    return Project("nlbse", IssueTable(type="csv", path=path, columns=columns))
