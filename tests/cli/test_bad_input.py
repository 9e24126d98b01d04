"""What goes in wrong comes out as a sentence: what it is, the fix, the exit code, nothing lost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from tests.cli.shop import DAY, ITEMS, Shop
from tests.thinned import thinned

HEAD = "key,title,points,labels,state,blocked by\n"
GOOD = "A-9,The rest of the file,1,ux:pay-errors=0.2,,\n"
PLAN = ("plan", "--as-of", DAY)


@dataclass(frozen=True)
class Case:
    """One fault and what is said about it.

    Attributes:
        name: The fault, in words.
        words: The command that meets it, after a sync.
        code: Its exit code.
        says: What the command tells, each once at least.
        synced: Exit code of the sync before it.
        sync_says: What that tells.
        more: Text added to the settings.
        changes: Words changed in the settings.
        files: Files written besides.
    """

    name: str
    words: tuple[str, ...]
    code: int
    says: tuple[str, ...]
    synced: int = 0
    sync_says: tuple[str, ...] = ()
    more: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str | bytes] = field(default_factory=dict)


def broken_items(name: str, rows: str, *sync_says: str, says: tuple[str, ...] = ()) -> Case:
    """Return a case of an export of which the good row is planned all the same."""
    files = {"items.csv": HEAD + rows + GOOD}
    return Case(name, PLAN, 0, ("A-9", *says), sync_says=sync_says, files=files)


CAPACITY = "capacity = 40"
PATH = 'path = "items.csv"'
READING = "target = 0.01\nreading = { rate = 0.05"

SETTINGS_CASES = (
    Case(
        "unknown keys, all at once, with the nearest known one",
        PLAN, 2,
        ("has 3 problems", "team.shop.capcity", "'capacity'", "reserv is", "'reserve'",
         "links.expired_days", "'expire_days'", "docs/settings.md"),
        synced=2,
        more="[reserv]\nfloor = 0.1\n[links]\nexpired_days = 3\n",
        changes={"capacity": "capcity"},
    ),
    Case("no TOML", PLAN, 2, ("is not TOML", "line 1"), synced=2,
         files={"debtplan.toml": "[team\n"}),
    Case("no UTF-8", PLAN, 2, ("is not UTF-8: byte 1", "Save it as UTF-8"), synced=2,
         files={"debtplan.toml": b"\xff\xfe[team]\n"}),
    Case("nested a thousand deep", PLAN, 2, ("debtplan.toml", "new ones"), synced=2,
         files={"debtplan.toml": "a = " + "[" * 100_000}),
    Case("a secret", PLAN, 2, ("sources.csv.api_token", "DEBTPLAN_*"), synced=2,
         changes={PATH: PATH + '\napi_token = "abc-secret"'}),
    Case("NaN capacity", PLAN, 2, ("team.shop.capacity", "finite", "nan"), synced=2,
         changes={CAPACITY: "capacity = nan"}),
    Case("infinite capacity", PLAN, 2, ("team.shop.capacity", "finite"), synced=2,
         changes={CAPACITY: "capacity = inf"}),
    Case("negative capacity", PLAN, 2, ("capacity: should be greater than 0, but it is -5",),
         synced=2, changes={CAPACITY: "capacity = -5"}),
    Case("zero capacity", PLAN, 2, ("capacity: should be greater than 0, but it is 0",), synced=2,
         changes={CAPACITY: "capacity = 0"}),
    Case("capacity beyond any team", PLAN, 2, ("capacity: should be less than",), synced=2,
         changes={CAPACITY: "capacity = 1e308"}),
    Case("a word for a number", PLAN, 2, ("capacity: should be a valid number, but it is 'many'",),
         synced=2, changes={CAPACITY: 'capacity = "many"'}),
    Case("a sprint that ends before it starts", PLAN, 2, ("team.shop.sprint", "is before"),
         synced=2,
         more='[team.shop.sprint]\nname = "S"\nstart_on = 2026-12-01\nend_on = 2026-11-01\n'),
    Case("a floor above the ceiling", PLAN, 2, ("reserve", "floor 0.5 is above ceiling"), synced=2,
         more="[reserve]\nfloor = 0.5\n"),
    Case("a metric declared twice", PLAN, 2, ("'pay-errors' is declared twice",), synced=2,
         more='[[metric]]\nid = "pay-errors"\nflow = "shop"\nstep = "pay"\n'
              'kind = "error_rate"\ntarget = 0.1\n'),
    Case("a metric of no flow", PLAN, 2, ("'shopp', which is not declared",), synced=2,
         changes={'flow = "shop"\nstep = "pay"': 'flow = "shopp"\nstep = "pay"'}),
    Case("a target out of reach", PLAN, 2, ('"pay-errors".target', "is 2, and a share is at most"),
         synced=2, changes={READING: "target = 2\nreading = { rate = 0.05"}),
    Case("a stated rate above 1", PLAN, 2, ("rate is above 1; write 0.05 for 5%",), synced=2,
         changes={READING: "target = 0.01\nreading = { rate = 5"}),
    Case("a source of no known type", PLAN, 0, (), synced=2, sync_says=("[sources.tracker]", "csv"),
         changes={"[sources.csv]": "[sources.tracker]"}),
    Case("no source", ("doctor",), 1, ("no source is set", "debtplan init"), synced=2,
         sync_says=("No source is set", "debtplan init"), changes={"[sources.csv]\n" + PATH: ""}),
    Case("no team", PLAN, 2, ("name no team", "[team.checkout]"),
         changes={"[team.shop]\n" + CAPACITY: ""}),
    Case("an engine that is not there", PLAN, 2, ("no engine 'mlp'", "milp"),
         more='[plan]\nengine = "mlp"\n'),
    Case("a solver that is not there", PLAN, 2, ("no solver 'higs'", "highs"),
         more='[plan]\nbackend = "higs"\n'),
    Case("a links file that is not there", PLAN, 2, ("nope.toml does not exist", "[links]"),
         more='[links]\nfile = "nope.toml"\n'),
    Case("doctor goes on without the links file", ("doctor",), 1,
         ("nope.toml does not exist", "csv       5 records"), more='[links]\nfile = "nope.toml"\n'),
    Case("a link with a wrong key", PLAN, 2,
         ("entry 1 metric is missing", "entry 1 metic is not a known key"),
         more='[links]\nfile = "links.toml"\n',
         files={"links.toml": '[[link]]\nitem = "A-1"\nmetic = "x"\n'}),
)  # fmt: skip

INPUT_CASES = (
    Case("a missing file", ("doctor",), 1, ("itemz.csv does not exist",), synced=2,
         sync_says=("itemz.csv does not exist", "Did you mean items.csv?"),
         changes={PATH: 'path = "itemz.csv"'}),
    Case("a plan without its only source", PLAN, 5,
         ("backlog of team 'shop' is empty", "csv failed", "does not exist", "debtplan sync"),
         synced=2, changes={PATH: 'path = "itemz.csv"'}),
    broken_items("a malformed row; the rest is read", "A-1,One,many,,,\n",
                 "items.csv row 2: column 'points': 'many' is not a number"),
    broken_items("a row that is cut off", "A-1,One\n", "items.csv row 2: has 2 cells", "cut off"),
    Case("a malformed row where the settings say stop", ("items",), 0, ("backlog is empty",),
         synced=2, sync_says=("items.csv row 2", "'many'", 'on_error = "skip"', "nothing was read"),
         changes={PATH: PATH + '\non_error = "stop"'},
         files={"items.csv": HEAD + "A-1,One,many,,,\n" + GOOD}),
    broken_items("NaN points", "A-1,One,NaN,,,\n", "row 2", "'NaN' is not a finite number"),
    broken_items("infinite points", "A-1,One,inf,,,\n", "row 2", "'inf' is not a finite number"),
    broken_items("points beyond a float", "A-1,One,1e999,,,\n", "row 2", "too large"),
    broken_items("negative points", "A-1,One,-3,,,\n", "row 2", "'-3' is negative"),
    broken_items("points of 0", "A-1,One,0,ux:pay-errors,,\n", "taken as not estimated",
                 says=("Not estimated",)),
    broken_items("enormous points", "A-1,One,1e308,ux:pay-errors,,\n", says=("Too large",)),
    broken_items("a key twice", "A-1,One,1,,,\nA-1,Two,2,,,\n",
                 "items.csv row 2: holds csv:A-1 again; the one in items.csv row 3 is taken"),
    broken_items("a cycle of prerequisites", "A-1,One,1,ux:pay-errors,,A-2\nA-2,Two,1,,,A-1\n",
                 says=("csv:A-1 -> csv:A-2 -> csv:A-1; remove one of these links",)),
    broken_items("an item that waits for itself", "A-1,One,1,,,A-1\n", "waiting for itself"),
    broken_items("a prerequisite that does not exist", "A-1,One,1,ux:pay-errors,,A-77\n",
                 says=("csv:A-1 waits for csv:A-77", "not in this backlog")),
    broken_items("a label of no metric", "A-1,One,1,ux:pay-erors,,\n",
                 says=("Touches no metric",)),
    Case("an unknown metric is named with the nearest", ("items",), 0,
         ("'pay-erors'", "did you mean 'pay-errors'?"),
         files={"items.csv": HEAD + "A-1,One,1,ux:pay-erors,,\n"}),
    Case("an empty file", PLAN, 5, ("backlog of team 'shop' is empty", "items.csv is empty"),
         synced=2, sync_says=("items.csv is empty", "header"), files={"items.csv": ""}),
    Case("an empty backlog", PLAN, 2, ("backlog of team 'shop' is empty", "debtplan sync"),
         sync_says=("0 records", "holds no items"), files={"items.csv": HEAD}),
    Case("only unlinked items", PLAN, 0, ("No debt work is chosen", "Touches no metric", "A-1"),
         files={"items.csv": HEAD + "A-1,One,1,,,\n"}),
    Case("doctor on only unlinked items", ("doctor",), 1, ("0 of 1 open items touch", "ux:METRIC"),
         files={"items.csv": HEAD + "A-1,One,1,,,\n"}),
    Case("no header that is known", ("doctor",), 1, ("no column for key",), synced=2,
         sync_says=("items.csv has no column for key", "columns = {"),
         files={"items.csv": "what,ever\n1,2\n"}),
    Case("closed sprints without points", PLAN, 2, ("capacity of team 'shop' is not known",
         "Set capacity under [team.shop]"), changes={CAPACITY: 'sprints = "s.csv"'},
         files={"s.csv": "id,name,end_on,completed\n1,S1,2026-10-14,0\n"}),
    Case("closed sprints of negative points", PLAN, 5, ("capacity of team 'shop' is not known",),
         synced=5, sync_says=("s.csv row 2", "'-4' is negative"),
         changes={CAPACITY: 'sprints = "s.csv"'},
         files={"s.csv": "id,name,end_on,completed\n1,S1,2026-10-14,-4\n"}),
    Case("a capacity that holds no item", PLAN, 0, ("Too large for the reserve",),
         changes={CAPACITY: "capacity = 0.001"}),
    Case("readings that are no numbers", PLAN, 0, ("A-1",),
         sync_says=("r.csv row 2", "'NaN' is not", "r.csv row 3", "'-3' is negative", "r.csv row 4",
                    "1 record, 3 not used"),
         more='[metrics.readings]\ntype = "csv"\npath = "r.csv"\n',
         files={"r.csv": "metric,day,bad,total\npay-errors,2026-11-01,NaN,100\n"
                         "pay-errors,2026-11-02,5,-3\npay-errors,2026-11-03,inf,3\n"
                         "pay-errors,2026-11-04,50,1000\n"}),
    Case("a goal that the items cannot reach", PLAN, 0, ("out of reach",),
         changes={READING: "target = 0.0\nreading = { rate = 0.05"}),
    Case("one source of two fails", PLAN, 5, ("A-1", "partial data: more failed"), synced=5,
         sync_says=("1 of 2 sources failed", "more: ", "gone.csv does not exist"),
         more='[sources.more]\ntype = "csv"\npath = "gone.csv"\n'),
)  # fmt: skip

RULE_CASES = (
    Case("pins that do not fit", PLAN, 6,
         ("cannot hold together: csv:A-1 pinned; csv:A-2 pinned; csv:A-3 pinned; the reserve of 6",
          "Take back any one"), changes={CAPACITY: CAPACITY + '\npinned = ["A-1", "A-2", "A-3"]'}),
    Case("only the pins that conflict are named", PLAN, 6,
         ("cannot hold together: csv:A-1 pinned; csv:A-3 pinned; at most 1 items of flow shop.",),
         changes={CAPACITY: CAPACITY + '\npinned = ["A-1", "A-3"]\nper_flow = 1'}),
    Case("a pin that is in no backlog", PLAN, 6, ("Z-1 is pinned", "[team.shop]"),
         changes={CAPACITY: CAPACITY + '\npinned = ["Z-1"]'}),
    Case("a pin that is forbidden", PLAN, 6, ("A-1 is pinned, but it is ruled out by the team",),
         changes={CAPACITY: CAPACITY + '\npinned = ["A-1"]\nforbidden = { A-1 = "no" }'}),
    Case("a pin without an estimate", PLAN, 6, ("A-5 is pinned, but it has no estimate",),
         changes={CAPACITY: CAPACITY + '\npinned = ["A-5"]'}),
    Case("a lint rule set to refuse", ("items", "--lint"), 1, ("refuse", "csv:A-5", "1 refused"),
         more='[items.lint]\nno_estimate = "refuse"\n'),
)  # fmt: skip

WORD_CASES = (
    Case("no day", ("plan", "--as-of", "soon"), 2, ("'soon' is no day", "2026-11-23")),
    Case("a day before all sprints", ("plan", "--as-of", "0001-01-01"), 2, ("no day to plan on",)),
    Case("a day after all sprints", ("items", "--lint", "--as-of", "x"), 2, ("No such option",)),
    Case("a form that is nearly right", ("plan", "--format", "jsn"), 2, ("Did you mean 'json'?",)),
    Case("a form that explain has not", ("explain", "A-1", "--format", "html"), 2,
         ("no format 'html'", "table, json")),
    Case("a list form that is not there", ("items", "--format", "xml"), 2, ("xml", "json")),
    Case("a source that is nearly right", ("sync", "cvs"), 2, ("Did you mean 'csv'?",)),
    Case("saved answers of no one source", ("sync", "csv", "csv", "--from-file", "x"), 2,
         ("--from-file needs the one source", "csv")),
    Case("a team that is not there", ("plan", "--team", "shoe"), 2, ("no team 'shoe'", "shop")),
    Case("an item that is not there", ("explain", "A-11"), 2, ("no item 'A-11'", "A-1")),
    Case("an ending without a form", ("plan", "-o", "plan.xls"), 2, ("'plan.xls'", ".html")),
    Case("a plan that is not there", ("report", "plan.json"), 2,
         ("plan.json does not exist", "debtplan plan -o plan.json")),
    Case("a plan that is none", ("verify", "items.csv"), 2, ("items.csv is no debtplan plan",)),
    Case("a plan that is a folder", ("verify", "."), 2, ("is a folder",)),
    Case("a plan that is no text", ("report", "bytes"), 2, ("is no text in UTF-8",),
         files={"bytes": b"\xff\x00\xff"}),
    Case("settings that are not there", ("--config", "other.toml", "plan"), 2,
         ("other.toml does not exist", "debtplan init")),
)  # fmt: skip


def prepare(shop: Shop, case: Case) -> None:
    """Write what the case is about."""
    shop.settings(case.more, case.changes)
    for name, content in case.files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (shop.folder / name).write_bytes(data)


CASES = {one.name: one for one in [*SETTINGS_CASES, *INPUT_CASES, *RULE_CASES, *WORD_CASES]}


@pytest.mark.parametrize("case", thinned(CASES, 3))
@pytest.mark.slow
def test_bad_input_is_told_with_its_fix(shop: Shop, case: Case) -> None:
    prepare(shop, case)
    synced = shop.run("sync")
    assert synced.code == case.synced, synced.said
    assert [words for words in case.sync_says if words not in synced.said] == [], synced.said
    done = shop.run(*case.words)
    if case.says:
        assert done.code == case.code, done.said
    assert [words for words in case.says if words not in done.said] == [], done.said
    for said in (synced.said, done.said):
        assert "Traceback" not in said
        assert "bug in debtplan" not in said
        assert "abc-secret" not in said


@pytest.mark.parametrize("case", [*SETTINGS_CASES, *RULE_CASES], ids=lambda case: case.name)
@pytest.mark.slow
def test_an_error_is_a_sentence_and_then_the_fix(shop: Shop, case: Case) -> None:
    prepare(shop, case)
    shop.run("sync")
    done = shop.run(*case.words)
    if done.code in (2, 6):
        assert done.out == ""
        first, *_, last, end = done.err.split("\n")
        assert first.startswith("debtplan: ")
        assert last.endswith(".")
        assert last[0].isupper()
        assert end == ""


@pytest.mark.slow
def test_a_source_that_fails_keeps_what_it_gave_before(shop: Shop) -> None:
    shop.run("sync")
    before = shop.run("items").out
    (shop.folder / "items.csv").unlink()
    done = shop.run("sync")
    assert done.code == 2
    assert "none, 5 from before kept" in done.out
    assert shop.run("items").out == before
    planned = shop.run(*PLAN)
    assert planned.code == 5
    assert "WHAT WE DO" in planned.out
    assert planned.err == "debtplan: partial data: csv failed when last read.\n"


@pytest.mark.slow
def test_every_row_is_an_item_or_a_skipped_record(shop: Shop) -> None:
    """Nothing is lost in silence: 200 rows, every fifth one broken in one of four ways."""
    flaws: tuple[Callable[[int], str], ...] = (
        lambda n: f"A-{n},Broken,many,,,\n",
        lambda n: f"A-{n},Broken\n",
        lambda n: f",No key {n},1,,,\n",
        lambda n: f"A-{n},Broken,-1,,,\n",
    )
    rows = [
        flaws[n // 5 % 4](n) if n % 5 == 0 else f"A-{n},Good,1,ux:pay-errors=0.01,,\n"
        for n in range(200)
    ]
    shop.write("items.csv", HEAD + "".join(rows))
    assert "160 records, 40 not used" in shop.run("sync").out
    assert "35 more of csv not used" in shop.run("sync").err
    plan = shop.run(*PLAN, "--format", "json").out
    for n in range(0, 200, 5):
        assert f'"items.csv row {n + 2}"' in plan


def test_a_note_about_prerequisites_is_said_once(shop: Shop) -> None:
    shop.write("items.csv", ITEMS.replace(",Open,\n", ",Open,A-77\n"))
    err = shop.synced("plan").err
    assert err.count("csv:A-77") == 1
