"""Notes and releases on the command line: read by sync, listed, and in the plan."""

import json

import pytest

from tests.cli.shop import DAY, Shop

TABLES = """
[notes.research]
path = "notes.toml"

[releases.log]
path = "releases.csv"
"""

NOTES = """
[[note]]
id = "1"
method = "interview"
noted_on = 2026-11-02
seen = 5
of = 8
severity = 3
item = "A-4"
metric = "find-errors"
text = "=I cannot tell the icons apart, call me on +49 30 1234567."

[[note]]
method = "survey"
noted_on = 2026-11-03
flow = "shop"
step = "pay"
text = "Paying fails."

[[note]]
method = "telepathy"
noted_on = 2026-11-03
text = "Anna Schmidt cannot pay."
"""

RELEASES = "released_at,name,items\n2026-10-14T09:00:00Z,Payments 5.2 (A-2),\n2026-10-15,Other,\n"


def synced(shop: Shop) -> Shop:
    shop.settings(TABLES)
    shop.write("notes.toml", NOTES)
    shop.write("releases.csv", RELEASES)
    done = shop.run("sync")
    assert done.code == 0, done.said
    assert "notes:research" in done.out
    assert "releases:log" in done.out
    assert "not used: notes.toml entry 3: method is none that is known" in done.err
    assert "Anna" not in done.said
    return shop


def test_notes_are_listed_without_personal_data(shop: Shop) -> None:
    done = synced(shop).run("notes")
    assert (done.code, done.err) == (0, "")
    first, second = done.out.splitlines()[2:]
    assert "research:1" in first
    assert "5 of 8" in first
    assert "major" in first
    assert "[phone]" in first
    assert "1234567" not in done.out
    assert "shop / pay" in second


@pytest.mark.slow
def test_notes_are_listed_as_json(shop: Shop) -> None:
    found = json.loads(synced(shop).run("notes", "--format", "json").out)
    assert found["schema_version"] == 1
    assert [one["method"] for one in found["rows"]] == ["interview", "survey"]
    assert found["rows"][0]["item"] == "A-4"


def test_a_note_opens_a_link_that_the_list_of_links_shows(shop: Shop) -> None:
    done = synced(shop).run("links", "--as-of", DAY, "--format", "json")
    rows = {(one["item"], one["metric"]): one for one in json.loads(done.out)["rows"]}
    opened = rows["csv:A-4", "find-errors"]
    assert (opened["grade"], opened["from"]) == ("E", "note research:1 (share assumed)")
    assert ("csv:A-1", "pay-errors") in rows
    listed = json.loads(synced(shop).run("items", "--format", "json").out)["rows"]
    assert {one["key"]: one["metrics"] for one in listed}["csv:A-4"] == ["find-errors"]


def test_releases_are_listed_with_their_items_and_closings(shop: Shop) -> None:
    shop.write(
        "items.csv",
        "key,title,points,state,closed at\nA-1,One,3,Done,2026-09-01\nA-2,Two,2,Done,2026-09-02\n",
    )
    found = json.loads(synced(shop).run("releases", "--format", "json").out)["rows"]
    assert [(one["released"], one["items"], one["known from"]) for one in found] == [
        ("2026-09-01 00:00", ["csv:A-1"], "closing, assumed"),
        ("2026-10-14 09:00", ["csv:A-2"], "log"),
        ("2026-10-15 00:00", [], "log"),
    ]


def test_what_is_no_longer_set_is_taken_out(shop: Shop) -> None:
    synced(shop).settings()
    done = shop.run("sync")
    assert "notes:research is no longer set" in done.err
    assert "add [notes.NAME]" in shop.run("notes").out
    assert "add [releases.NAME]" in shop.run("releases").out


def test_a_missing_file_of_notes_leaves_the_others_alone(shop: Shop) -> None:
    shop.settings('[notes.research]\npath = "gone.toml"\n')
    done = shop.run("sync")
    assert done.code == 5
    assert "gone.toml does not exist" in done.err
    assert json.loads(shop.run("items", "--format", "json").out)["rows"]
