"""A team's folder in which every text field holds a given text."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.shop import Shop

Texts = Callable[[str], str]
"""The text that a field gets; the field's own name is the argument."""

CSV_FIELDS = (
    "title", "text", "type", "labels", "components", "paths", "url", "excludes", "team",
    "debt_kind", "sprint", "story.who", "story.need", "story.pain", "story.outcome",
)  # fmt: skip


def write_hostile(shop: Shop, text: Texts) -> None:
    """Fill CSV, Jira and GitHub intake, settings, links, sprints and readings with the text."""
    _write_settings(shop, text)
    _write_csv(shop.folder / "items.csv", text)
    shop.write("jira.json", json.dumps({"issues": [_jira(n, text) for n in range(3)]}))
    shop.write("github.json", json.dumps([_github(n, text) for n in range(3)]))
    shop.write("links.toml", "".join(_link(n, text) for n in range(2)))
    shop.write("sprints.csv", "id,name,end_on,completed\n")
    with (shop.folder / "sprints.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow((1, text("sprints.name"), "2026-11-13", 40))
    with (shop.folder / "answers.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [("metric", "day", "bad", "total", "segment")]
        rows += [("pay-errors", f"2026-11-{day:02}", "5", "100", text("segment")) for day in (3, 4)]
        rows += [(text("readings.metric"), "2026-11-05", text("readings.bad"), "100", "")]
        csv.writer(file).writerows(rows)


def _write_settings(shop: Shop, text: Texts) -> None:
    def quoted(field: str) -> str:
        return json.dumps(text(field))

    shop.write(
        "debtplan.toml",
        f"""\
[team.shop]
unit = {quoted("unit")}
sprints = "sprints.csv"
forbidden = {{ "csv:F-1" = {quoted("forbidden")} }}
sprint = {{ name = {quoted("sprint")}, start_on = 2026-11-30, end_on = 2026-12-11 }}

[sources.csv]
path = "items.csv"

[sources.jira]
path = "jira.json"
site = {quoted("site")}
estimate_field = "customfield_1"

[sources.github]
path = "github.json"
repos = ["a/b"]

[metrics.answers]
type = "csv"
path = "answers.csv"

[links]
file = "links.toml"

[weights]
version = {quoted("version")}
currency = {quoted("currency")}

[[flow]]
id = "shop"
name = {quoted("flow.name")}
steps = ["pay"]
sessions_per_sprint = 10000
value_per_session = 2.5

[[metric]]
id = "pay-errors"
name = {quoted("metric.name")}
flow = "shop"
step = "pay"
kind = "error_rate"
target = 0.01
source = {quoted("metric.source")}
query = {quoted("metric.query")}

[[metric]]
id = "stated"
name = {quoted("stated.name")}
flow = "shop"
step = "pay"
segment = "new"
kind = "error_rate"
target = 0.01
sessions_per_sprint = 90
reading = {{ rate = 0.2, sample_size = 50, stated_by = {quoted("by")}, stated_on = 2026-11-02 }}

[[rule]]
match = {{ words = ["gateway"] }}
metric = "stated"
""",
    )


def _write_csv(path: Path, text: Texts) -> None:
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("key", "points", "blocked by", *CSV_FIELDS))
        for n in range(6):
            own = dict.fromkeys(CSV_FIELDS, "") | {"title": f"Mend {text(f'title {n}')}"}
            if n == 1:
                own = {name: text(f"csv.{name}") for name in CSV_FIELDS} | {"team": "", "url": ""}
            if n in (2, 4):
                own["labels"] = "ux:pay-errors=0.2"
            if n == 3:
                own |= {"labels": f"ux:{text('csv.label')}", "url": f"javascript:{text('url')}"}
            writer.writerow((f"C-{n}", n or "", text("blocked") if n == 5 else "", *own.values()))
        writer.writerow(("F-1", 1, "", text("title F"), *[""] * (len(CSV_FIELDS) - 1)))
        writer.writerow(
            (text("csv.key")[:150], 1, "", "A strange key", *[""] * (len(CSV_FIELDS) - 1))
        )
        writer.writerow(("C-9", text("csv.points"), "", "T", *[""] * (len(CSV_FIELDS) - 1)))


def _jira(number: int, text: Texts) -> dict[str, object]:
    story = f"need = {json.dumps(text('block'))}\nwho = {json.dumps(text('block'))}"
    return {
        "id": str(number),
        "key": f"J-{number}",
        "fields": {
            "summary": text(f"jira.summary {number}"),
            "description": f"{text('jira.description')}\n```debtplan\n{story}\n```",
            "issuetype": {"name": text("jira.type")},
            "status": {"name": text("jira.status"), "statusCategory": {"key": "new"}},
            "labels": [text("jira.label"), "ux:pay-errors=0.1"],
            "components": [{"name": text("jira.component")}],
            "customfield_1": 2,
            "creator": {"displayName": text("jira.creator")},
        },
    }


def _github(number: int, text: Texts) -> dict[str, object]:
    return {
        "number": number + 1,
        "title": text(f"github.title {number}"),
        "body": f"As a buyer I want {text('github.body')} so that {text('github.outcome')}.",
        "html_url": f"https://example.com/{text('github.url')}",
        "repository_url": "https://api.example.com/repos/a/b",
        "state": "open",
        "user": {"login": text("github.user")},
        "labels": [{"name": text("github.label")}, {"name": "points:2"}, {"name": "ux:stated=0.2"}],
        "milestone": {"title": text("github.milestone")} if number else None,
    }


def _link(number: int, text: Texts) -> str:
    note = json.dumps(text("links.note"))
    return (
        f'[[link]]\nitem = "C-{number + 2}"\nmetric = "pay-errors"\nshare = 0.3\ngrade = "C"\n'
        "noted_on = 2026-11-02\n"
        f'evidence = [{{ kind = "mechanism", noted_on = 2026-11-02, note = {note} }}]\n'
    )
