"""Releases from CSV and JSON: read, with the items their text names, or skipped with a reason."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.item import Skipped
from debtplan.core.release import Release
from debtplan.errors import InputError
from debtplan.sources.options import ReleaseTable
from debtplan.sources.releases import ReleaseFiles

NINE = datetime(2026, 10, 14, 9, tzinfo=UTC)


def read(folder: Path, name: str, text: str, **table: object) -> list[Release | Skipped]:
    (folder / name).write_text(text, encoding="utf-8")
    made = ReleaseTable.model_validate({"path": name, **table})
    return list(ReleaseFiles("log", made, folder).read())


def only(found: list[Release | Skipped]) -> Release:
    (one,) = found
    assert isinstance(one, Release), one
    return one


def test_a_csv_of_deployments_is_read(tmp_path: Path) -> None:
    text = (
        "id,released_at,name,items\n"
        '7,2026-10-14T09:00:00Z,Authentication 5.2,"OMNI-24, OMNI-25 github:a/b#7"\n'
    )
    assert only(read(tmp_path, "r.csv", text)) == Release(
        id="log:7",
        released_at=NINE,
        name="Authentication 5.2",
        items=("OMNI-24", "OMNI-25", "github:a/b#7"),
        source="log",
    )


def test_an_item_named_in_the_text_counts_as_contained(tmp_path: Path) -> None:
    text = (
        "deployed at,version,items,changelog\n"
        "2026-10-14 11:00+02:00,OMNI-9 hotfix,OMNI-1,"
        '"Fixes OMNI-24 (see acme/shop#7), not #8 in UTF-8"\n'
    )
    found = only(read(tmp_path, "r.csv", text))
    assert found.released_at == NINE
    assert found.items == ("OMNI-1", "OMNI-24", "OMNI-9", "UTF-8", "acme/shop#7")


def test_a_release_may_hold_no_item(tmp_path: Path) -> None:
    found = only(read(tmp_path, "r.csv", "released_at,name,items\n2026-10-14T09:00:00Z,A,\n"))
    assert (found.items, found.is_assumed) == ((), False)
    again = only(read(tmp_path, "r.csv", "released_at,name,items\n2026-10-14T09:00:00Z,A,\n"))
    assert found.id == again.id


@pytest.mark.parametrize(
    "record",
    [
        {"released_at": "2026-10-14T09:00:00Z", "name": "A 1", "items": ["OMNI-24", "OMNI-25"]},
        {"published_at": "2026-10-14T09:00:00Z", "tag_name": "A 1", "body": "OMNI-24 OMNI-25"},
        {"deployed_at": 1791968400, "version": "A 1", "issues": "OMNI-24;OMNI-25"},
    ],
)
@pytest.mark.parametrize("form", ["list", "object", "named", "lines"])
def test_json_is_read_as_services_write_it(
    tmp_path: Path, record: dict[str, Any], form: str
) -> None:
    wrapped = {"list": [record], "object": record, "named": {"releases": [record]}}
    name = "r.jsonl" if form == "lines" else "r.json"
    found = only(read(tmp_path, name, json.dumps(wrapped.get(form, record))))
    assert (found.released_at, found.name, found.items) == (NINE, "A 1", ("OMNI-24", "OMNI-25"))


def test_columns_and_conditions_of_the_settings_count_in_json_too(tmp_path: Path) -> None:
    records = [
        {"when": "2026-10-14T09:00:00Z", "name": "live", "env": "production"},
        {"when": "2026-10-14T09:00:00Z", "name": "test", "env": "staging"},
    ]
    table = {"columns": {"released_at": "when"}, "where": {"env": "production"}}
    assert only(read(tmp_path, "r.json", json.dumps(records), **table)).name == "live"


def test_saved_answers_of_github_and_jira_give_what_is_out(tmp_path: Path) -> None:
    page = "https://github.com/acme/shop/releases/tag/v5.2"
    github = {
        "id": 7,
        "html_url": page,
        "tag_name": "v5.2",
        "name": "Authentication 5.2",
        "draft": False,
        "created_at": "2026-10-01T00:00:00Z",
        "published_at": "2026-10-14T09:00:00Z",
        "body": "* Retry tokens by @anna in #24",
    }
    draft = {**github, "id": 8, "draft": True, "published_at": None}
    found = only(read(tmp_path, "g.json", json.dumps([github, draft])))
    assert (found.id, found.released_at, found.name) == ("log:7", NINE, "Authentication 5.2")
    assert found.items == ("acme/shop#24",)
    jira = {"id": "10", "name": "5.2", "released": True, "releaseDate": "2026-10-14"}
    ahead = {"id": "11", "name": "5.3", "released": False, "releaseDate": "2026-12-01"}
    version = only(read(tmp_path, "j.json", json.dumps({"values": [jira, ahead]})))
    assert (version.id, version.name, version.released_at.day) == ("log:10", "5.2", 14)


@pytest.mark.parametrize(
    ("day", "said"),
    [("", "has no released_at"), ("soon", "released_at is not a date"), ("03/04/2026", "dates")],
)
def test_a_release_without_a_usable_day_is_skipped(tmp_path: Path, day: str, said: str) -> None:
    text = f"released_at,name\n{day},A\n"
    (one,) = read(tmp_path, "r.csv", text)
    assert isinstance(one, Skipped)
    assert said in one.reason
    assert one.ref == "r.csv row 2"
    with pytest.raises(InputError, match="nothing was read"):
        read(tmp_path, "r.csv", text, on_error="stop")


def test_of_two_releases_with_one_id_the_later_stands(tmp_path: Path) -> None:
    text = "id,released_at,name\n1,2026-10-14,A\n1,2026-10-15,B\n"
    skipped, found = read(tmp_path, "r.csv", text)
    assert isinstance(found, Release)
    assert found.name == "B"
    assert isinstance(skipped, Skipped)
    assert "holds release log:1 again" in skipped.reason


def test_a_file_without_releases_is_told(tmp_path: Path) -> None:
    (one,) = read(tmp_path, "r.csv", "released_at,name\n")
    assert isinstance(one, Skipped)
    assert "holds no releases" in one.reason
    with pytest.raises(InputError, match="holds no releases"):
        read(tmp_path, "r.json", "3")
    with pytest.raises(InputError, match="no column for released_at"):
        read(tmp_path, "r.csv", "name,what\nA,b\n")
