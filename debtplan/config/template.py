"""The first debtplan.toml of a team: small, commented, and working as it stands."""

import json
import re
import zlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from debtplan.core.reading import NOBODY
from debtplan.errors import InputError
from debtplan.files.disk import find_files, open_bytes, unreadable

_KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".json": "jira",
    ".jsonl": "jira",
    ".ndjson": "jira",
}
_GITHUB = ('"repository_url"', '"html_url"', '"https://api.github.com/', '"https://github.com/')
_HEAD = 200_000
"""Bytes of an answer that are looked at; an issue's text may go before its addresses."""

_TEMPLATE = """\
# What debtplan needs to know of your team. docs/settings.md lists every key.
# Secrets never stand in this file: they come as DEBTPLAN_* environment variables.

[reserve]
floor = 0.10                # at least this share of capacity goes to debt ...
ceiling = 0.15              # ... and at most this
window = "auto"             # pool as many sprints as the middle item needs

[team.{team}]
unit = "points"
{capacity}
availability = 1.0          # 0.8 when a fifth of the team is away

{source}
[[flow]]
id = {flow}
sessions_per_sprint = 10000 # CHANGE: how many sessions enter this path in one sprint

{metric}
# Every item with one of these words in title or text is taken to touch that metric; better are
# labels such as ux:{slug}-errors=0.3 on the items themselves.
[[rule]]
match = {{ words = ["error", "fail", "fails", "failure", "timeout", "crash", "exception"] }}
metric = "{slug}-errors"
"""

_METRIC = """\
{before}[[metric]]
id = "{slug}-errors"
name = {name}
flow = {flow}
step = {flow}
kind = "error_rate"
target = 0.01               # CHANGE: the failure rate you would accept
{value}"""

_STATED = """\
# One metric to start with. A reading stated by hand supports grade E at most; replace it by
# measurements under [metrics.NAME] as soon as you have some.
"""

_READING = """\
reading = {{ rate = 0.05, sample_size = 1000, stated_by = {nobody}, stated_on = {today} }}
"""

_MEASURED = """\
[metrics.prometheus]
url = {prometheus}

# One metric to start with: failed and all requests of a day. $day stands for the day's length.
"""

_QUERIES = """\
source = "prometheus"
queries.bad = 'sum(increase(http_requests_total{{code=~"5.."}}[$day]))'  # CHANGE
queries.total = 'sum(increase(http_requests_total[$day]))'              # CHANGE
"""

_COLUMN_NOTE = """\
# Well-known column names are found by themselves. Name the others:
# columns = { key = "Issue key", title = "Summary", points = "Story Points" }
"""

_REPO = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Answers:
    """What a team says of itself on the first day.

    Attributes:
        team: Its name.
        items: Where its items are: the address of a Jira, a GitHub repository, or an export, as a
            file or pattern relative to the folder of the settings.
        capacity: Points it does in a sprint; None takes the velocity of the board.
        flow: Name of the path that hurts most.
        email: Account of the Jira token; "" for a token that is sent alone (Data Center).
        projects: Keys of the Jira projects.
        board: Number of the Jira board that has the team's sprints; "" for none.
        prometheus: Address of a Prometheus; "" for none.
    """

    team: str
    items: str
    capacity: float | None
    flow: str
    email: str = ""
    projects: tuple[str, ...] = ()
    board: str = ""
    prometheus: str = ""


def tracker_of(items: str, folder: Path) -> str:
    """Return the kind of live tracker that the words name; "" for an export."""
    if "://" in items:
        return "jira"
    suffix = Path(items.lower().removesuffix(".gz")).suffix
    is_repo = _REPO.fullmatch(items) and suffix not in _KINDS and not (folder / items).exists()
    return "github" if is_repo else ""


def write_settings(answers: Answers, folder: Path) -> str:
    """Return the text of a first settings file.

    Args:
        answers: What the team says.
        folder: Where the settings file will be.

    Raises:
        InputError: The export is not there, or of no known form.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", answers.flow.casefold()).strip("-") or "flow"
    words = {
        "slug": slug,
        "flow": _quoted(slug),
        "name": _quoted(f"Failures in {answers.flow}"),
        "today": date.today().isoformat(),  # noqa: DTZ011 - the day on the person's own calendar
        "prometheus": _quoted(answers.prometheus),
        "nobody": _quoted(NOBODY),
    }
    before, value = (_MEASURED, _QUERIES) if answers.prometheus else (_STATED, _READING)
    return _TEMPLATE.format(
        team=re.sub(r"[^A-Za-z0-9_-]+", "-", answers.team).strip("-") or "team",
        capacity=_capacity(answers),
        source=_source(answers, folder),
        metric=_METRIC.format(before=before.format(**words), value=value.format(**words), **words),
        **words,
    )


def _capacity(answers: Answers) -> str:
    if answers.board:
        return f'board = "jira:{answers.board}"          # its closed sprints tell the capacity'
    if answers.capacity is None:
        return "# capacity = 40             # CHANGE: the points the team does in a sprint"
    note = 'replace by  board = "jira:42"  or  sprints = "sprints.csv"  to take the velocity'
    return f"capacity = {answers.capacity:g}               # {note}"


def _source(answers: Answers, folder: Path) -> str:
    tracker = tracker_of(answers.items, folder)
    if tracker == "jira":
        lines = ["[sources.jira]              # the token: DEBTPLAN_JIRA_TOKEN"]
        lines.append(f"site = {_quoted(answers.items.rstrip('/'))}")
        if answers.email:
            lines.append(f"email = {_quoted(answers.email)}")
        lines.append(f"projects = {json.dumps(answers.projects, ensure_ascii=False)}")
        lines.append("# jql = 'labels = tech-debt'   # to read only some of their issues")
    elif tracker == "github":
        lines = ["[sources.github]            # the token: DEBTPLAN_GITHUB_TOKEN"]
        lines.append(f"repos = [{_quoted(answers.items)}]")
        lines.append('# labels = ["tech-debt"]    # to read only issues with one of these')
    else:
        kind = _kind(answers.items, folder)
        lines = [f"[sources.{kind}]", f"path = {_quoted(answers.items)}"]
        lines += _COLUMN_NOTE.splitlines() if kind == "csv" else []
    return "\n".join([*lines, ""])


def _kind(export: str, folder: Path) -> str:
    """Return the type of source that the export looks like."""
    path = folder / export
    if not any(mark in export for mark in "*?[") and not path.exists():
        what = f"The export {path} does not exist."
        raise InputError(what, "Save your tracker's export there first, or give its path.")
    files = _files(export, folder)
    named = files[0].name if files else export
    suffix = Path(named.lower().removesuffix(".gz")).suffix
    if suffix not in _KINDS:
        what = f"{export} is neither CSV nor JSON by its name."
        raise InputError(what, "Name a .csv or .json file, or a pattern such as 'pages/*.json'.")
    kind = _KINDS[suffix]
    if kind == "jira" and files:
        with open_bytes(files[0], export) as stream:
            head = _read_head(stream, export)
        return "github" if any(mark in head for mark in _GITHUB) else "jira"
    return kind


def _files(export: str, folder: Path) -> tuple[Path, ...]:
    """Return what the export means; nothing where its files are still to come."""
    try:
        found = find_files(export, folder, (".json", ".jsonl", ".ndjson"))
    except InputError:
        return ()
    return tuple(file for file in found if file.is_file())


def _read_head(stream: BinaryIO, export: str) -> str:
    try:
        return stream.read(_HEAD).decode("utf-8", errors="replace")
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(export, error) from None


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
