"""Makes the sample's data files again, byte for byte: `python -m sample_data.generate [FOLDER]`."""

import csv
import gzip
import io
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from sample_data.generator import events, github, jira, later, releases, sprints, telemetry, voices


def main(folder: Path) -> None:
    """Write every generated file into the folder."""
    tables = {
        "readings.csv": telemetry.lines(),
        "tickets.csv": voices.ticket_lines(),
        "csat.csv": voices.answer_lines(),
        "sprints.csv": sprints.lines(),
        "releases.csv": releases.lines(),
        "later/readings.csv": telemetry.later_lines(),
        "later/tickets.csv": voices.later_ticket_lines(),
        "later/csat.csv": voices.later_answer_lines(),
        "later/sprints.csv": sprints.later_lines(),
        "later/releases.csv": releases.later_lines(),
    }
    for name, lines in tables.items():
        _write(folder / name, _table(lines))
    _write(folder / "events.csv.gz", _packed(_table(events.lines())))
    _write_answers(folder / "jira", jira.files())
    _write_answers(folder / "github", github.files())
    _write_answers(folder / "later" / "jira", jira.later_files())
    _write(folder / "later" / "debtplan.toml", later.settings().encode())


def _table(lines: Iterable[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode("utf-8")


def _packed(content: bytes) -> bytes:
    """Return gzip without a time or name in it, so that the same content packs the same."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def _write_answers(folder: Path, answers: Mapping[str, object]) -> None:
    for name, answer in answers.items():
        text = json.dumps(answer, indent=1, ensure_ascii=False)
        _write(folder / name, f"{text}\n".encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    print(f"{path}: {len(content):,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
