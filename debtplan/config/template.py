"""The first debtplan.toml of a team: small, commented, and working as it stands."""

import json
import re
import zlib
from datetime import date
from pathlib import Path
from typing import BinaryIO

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
capacity = {capacity:g}               # replace by  sprints = "sprints.csv"  to take the velocity
{sprint_note}

[sources.{kind}]
path = {export}
{columns}
[[flow]]
id = {flow}
sessions_per_sprint = 10000 # CHANGE: how many sessions enter this path in one sprint

# One metric to start with. A reading stated by hand supports grade E at most; replace it by
# measurements under [metrics.NAME] as soon as you have some.
[[metric]]
id = "{slug}-errors"
name = {name}
flow = {flow}
step = {flow}
kind = "error_rate"
target = 0.01               # CHANGE: the failure rate you would accept
reading = {{ rate = 0.05, sample_size = 1000, stated_by = "CHANGE: you", stated_on = {today} }}

# Every item with one of these words in title or text is taken to touch that metric; better are
# labels such as ux:{slug}-errors=0.3 on the items themselves.
[[rule]]
match = {{ words = ["error", "fail", "fails", "failure", "timeout", "crash", "exception"] }}
metric = "{slug}-errors"
"""


def write_settings(team: str, export: str, capacity: float, flow: str, folder: Path) -> str:
    """Return the text of a first settings file.

    Args:
        team: Name of the team.
        export: File or pattern of the tracker's export, relative to `folder`.
        capacity: Points the team does in a sprint.
        flow: Name of the path that hurts most.
        folder: Where the settings file will be.

    Raises:
        InputError: The export is not there, or of no known form.
    """
    kind = _kind(export, folder)
    slug = re.sub(r"[^a-z0-9]+", "-", flow.casefold()).strip("-") or "flow"
    return _TEMPLATE.format(
        team=re.sub(r"[^A-Za-z0-9_-]+", "-", team).strip("-") or "team",
        capacity=capacity,
        sprint_note="availability = 1.0          # 0.8 when a fifth of the team is away",
        kind=kind,
        export=_quoted(export),
        columns=_COLUMN_NOTE if kind == "csv" else "",
        flow=_quoted(slug),
        slug=slug,
        name=_quoted(f"Failures in {flow}"),
        today=date.today().isoformat(),  # noqa: DTZ011 - the day on the person's own calendar
    )


_COLUMN_NOTE = """\
# Well-known column names are found by themselves. Name the others:
# columns = { key = "Issue key", title = "Summary", points = "Story Points" }
"""


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
