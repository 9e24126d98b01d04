"""What the settings say about a tracker and about closed sprints."""

from typing import Literal

from debtplan.files.options import FileTable


class IssueTable(FileTable):
    """`[sources.NAME]`: items from saved tracker answers or a CSV export.

    Attributes:
        type: Form of the files; the table's own name where it is one of them.
        site: Address of the tracker, for links to items.
        repos: GitHub repositories, owner/name, where the file does not say.
        labels: GitHub labels of which an item needs one; empty takes all.
        estimate_field: Jira field of the estimate; None looks at a saved board configuration, then
            at well-known fields.
        estimate_label: Beginning of a label that holds the estimate: `points:3`.
        links_path: CSV: a second file of links between items, with columns from, to and type.
        links_columns: Columns of that file.
        blocked_by: Link types (as written) that mean "from waits for to".
        blocks: Link types that mean "to waits for from".
    """

    type: Literal["jira", "github", "csv"] | None = None
    site: str | None = None
    repos: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    jql: str = ""
    estimate_field: str | None = None
    estimate_label: str = "points:"
    links_path: str = ""
    links_columns: dict[str, str] = {}
    blocked_by: tuple[str, ...] = (
        "is blocked by",
        "depends on",
        "depends upon",
        "is dependent on",
        "requires",
        "has to be done after",
    )
    blocks: tuple[str, ...] = (
        "blocks",
        "is depended on by",
        "is depended upon by",
        "is a dependency of",
        "is dependency of",
        "is required by",
        "has to be done before",
    )


class SprintTable(FileTable):
    """`[team.NAME] sprints = {...}`: closed sprints from a CSV file or saved Jira answers.

    Attributes:
        board: Only sprints of this board; None takes all of the file.
        estimate_field: As for items: the Jira field that points are counted by.
    """

    type: Literal["csv", "jira"] = "csv"
    board: str | None = None
    estimate_field: str | None = None
