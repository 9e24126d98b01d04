"""What the settings say about a tracker, closed sprints, notes and releases."""

from typing import Literal, TypeAlias, get_args

from pydantic import Field

from debtplan.files.options import FileTable


class IssueTable(FileTable):
    """`[sources.NAME]`: items of a live tracker, or from saved answers where a path is given.

    Secrets come as variables: `DEBTPLAN_NAME_TOKEN`, or `DEBTPLAN_NAME_TOKEN_FILE` for a file.

    Attributes:
        type: Kind of tracker, or form of the files; the table's own name where it is one of them.
        site: Address of the tracker as people open it; links to items begin with it.
        api: Address of the tracker's API where it is another one: `https://HOST/api/v3` for GitHub
            Enterprise Server.
        email: Jira Cloud: the account the token belongs to; "" for a token that is sent alone, as
            Data Center's personal access tokens are.
        projects: Jira: keys of the projects to read; with `jql` too, both must hold.
        jql: Jira: which issues to read.
        repos: GitHub: repositories, owner/name; where a file is read, those it does not say.
        labels: GitHub labels of which an item needs one; empty takes all.
        project: GitHub: the project (v2) whose fields hold estimates: `orgs/acme/5`, `users/me/1`.
        points_field: GitHub: the project's number field that holds the estimate.
        iteration_field: GitHub: the project's field that holds the sprint.
        app_id: GitHub App that signs in instead of a token, with DEBTPLAN_NAME_PRIVATE_KEY.
        installation_id: Where that App is installed.
        max_shrink: Share of a project's or repository's items that may vanish at once before
            planning stops, in [0, 1].
        estimate_field: Field of the estimate. Jira: its id or name; None looks at a saved board
            configuration, then at well-known fields. GitHub: name (or number) of the organisation's
            issue field; None reads none. Where a project has an estimate of the issue, that counts.
        estimate_label: Beginning of a label that holds the estimate: `points:3`.
        links_path: CSV: a second file of links between items, with columns from, to and type.
        links_columns: Columns of that file.
        blocked_by: Link types (as written) that mean "from waits for to".
        blocks: Link types that mean "to waits for from".
        releases: Whether a live tracker is also asked what reached users: GitHub for releases and
            deployments, Jira for released versions.
        release_days: How many days back that is read.
        environments: GitHub: environments whose successful deployments reached users, as they are
            written there; empty reads no deployments.
    """

    type: Literal["jira", "github", "csv"] | None = None
    site: str | None = None
    api: str | None = None
    email: str = ""
    projects: tuple[str, ...] = ()
    jql: str = ""
    repos: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    project: str = ""
    points_field: str = "Points"
    iteration_field: str = "Sprint"
    app_id: int | None = None
    installation_id: int | None = None
    max_shrink: float = Field(default=0.2, ge=0, le=1)
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
    releases: bool = True
    release_days: int = Field(default=365, ge=1, le=3650)
    environments: tuple[str, ...] = ("production",)


class SprintTable(FileTable):
    """`[team.NAME] sprints = {...}`: sprints from a live tracker, a CSV file or saved Jira answers.

    Attributes:
        source: Name of the `[sources.NAME]` table whose live tracker has them; "" reads `path`.
        board: Only sprints of this board (Jira), which a live one needs; of a file, None takes all.
        estimate_field: As for items: the Jira field that points are counted by.
    """

    type: Literal["csv", "jira"] = "csv"
    source: str = ""
    board: str | None = None
    estimate_field: str | None = None


NoteMethod: TypeAlias = Literal["interview", "usability_test", "survey", "tickets", "opinion"]
"""How people learn what is noted; telemetry comes as readings."""

NOTE_METHODS: tuple[NoteMethod, ...] = get_args(NoteMethod)


class NoteTable(FileTable):
    """`[notes.NAME]`: what people said or did, from TOML, CSV or Markdown files.

    `path` may be a folder too. Column settings are for CSV alone.

    Attributes:
        type: Form of the files; None goes by their endings, `.toml`, `.md`, anything else CSV.
        method: How it was learned, for notes that do not say it.
    """

    type: Literal["toml", "csv", "markdown"] | None = None
    method: NoteMethod | None = None


class ReleaseTable(FileTable):
    """`[releases.NAME]`: what reached users and when, from a CSV or JSON file.

    Attributes:
        type: Form of the file; None goes by its ending, `.json` and `.jsonl`, anything else CSV.
    """

    type: Literal["csv", "json"] | None = None
