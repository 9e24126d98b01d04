"""Reading debtplan.toml: every problem at once, and no secret in it."""

from pathlib import Path

import pytest

from debtplan.config.load import find_settings, load_settings
from debtplan.errors import SettingsError
from tests.config.settings_file import SETTINGS, load

REPOSITORY = Path(__file__).parents[2]
LOSS = """
[[metric]]
id = "loss"
flow = "shop"
step = "pay"
kind = "drop_off"
reference = {reference}
"""


def problems(folder: Path, extra: str, text: str = SETTINGS) -> tuple[str, ...]:
    """The problems of the settings with something added."""
    with pytest.raises(SettingsError) as caught:
        load(folder, extra, text)
    assert caught.value.exit_code == 2
    return caught.value.problems


def test_no_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"There is no debtplan\.toml in") as caught:
        find_settings(None, {}, tmp_path)
    assert "debtplan init" in caught.value.fix


@pytest.mark.parametrize("is_asked", ["--config", ""])
def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path, is_asked: str) -> None:
    lost = tmp_path / "lost.toml"
    (tmp_path / "debtplan.toml").write_text(SETTINGS)
    asked, environment = (lost, {}) if is_asked else (None, {"DEBTPLAN_CONFIG": str(lost)})
    with pytest.raises(SettingsError, match=r"lost\.toml does not exist"):
        find_settings(asked, environment, tmp_path)


def test_the_nearest_file_upward_counts_unless_one_is_named(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    outer, named = tmp_path / "debtplan.toml", tmp_path / "other.toml"
    outer.write_text(SETTINGS)
    named.write_text(SETTINGS)
    assert find_settings(None, {}, inner) == outer
    assert find_settings(None, {"DEBTPLAN_CONFIG": str(named)}, inner) == named
    assert find_settings(outer, {"DEBTPLAN_CONFIG": str(named)}, inner) == outer


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"[team", "is not TOML"), (b"a = 'x", "is not TOML"), (b"# \xff", "is not UTF-8")],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, body: bytes, said: str) -> None:
    path = tmp_path / "debtplan.toml"
    path.write_bytes(body)
    with pytest.raises(SettingsError, match=said):
        load_settings(path)


@pytest.mark.parametrize("more", ["[team.web]\ncapacity = 3\n", "[reserve]\nfloor=0.1\nfloor=0.2"])
def test_a_name_that_stands_twice_is_no_matter_of_quotes(tmp_path: Path, more: str) -> None:
    path = tmp_path / "debtplan.toml"
    path.write_text(SETTINGS + "\n" + more)
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert caught.value.fix.startswith("Keep one of the two")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('forbidden = ["csv:A"]', "team.web.forbidden: should be a table, such as { NAME"),
        ('pinned = "csv:A"', "team.web.pinned: should be a list, such as ["),
    ],
)
def test_a_wrong_shape_is_named_in_the_words_of_the_file(
    tmp_path: Path, value: str, said: str
) -> None:
    text = SETTINGS.replace("[team.web]", f"[team.web]\n{value}")
    assert any(one.startswith(said) for one in problems(tmp_path, "", text))


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path)


def test_unknown_keys_are_named_with_the_nearest_one_all_at_once(tmp_path: Path) -> None:
    text = SETTINGS.replace("capacity", "capacty").replace("target", "targt")
    found = problems(tmp_path, "[resrve]\nfloor = 0.1\n[plan]\nengin = 'milp'\nxyzzy = 1", text)
    assert "team.web.capacty is not a known key; did you mean 'capacity'?" in found
    assert "metric[1] \"pay-errors\".targt is not a known key; did you mean 'target'?" in found
    assert "resrve is not a known key; did you mean 'reserve'?" in found
    assert "plan.engin is not a known key; did you mean 'engine'?" in found
    assert "plan.xyzzy is not a known key" in found


@pytest.mark.parametrize(
    ("extra", "place"),
    [
        ("[sources.jira]\ntoken = 'hunter2'", "sources.jira.token"),
        ("[sources.jira]\nPassword = 'hunter2'", "sources.jira.Password"),
        ("[sources.jira]\napi-key = 'hunter2'", "sources.jira.api-key"),
        ("[sources.jira]\naccessToken = 'hunter2'", "sources.jira.accessToken"),
        ("[[rule]]\nclient_secret = 'hunter2'", r"rule\[1\].client_secret"),
        ("[store]\nurl = 'postgresql://ann:hunter2@db/plans'", "store.url"),
    ],
)
def test_a_secret_is_refused_and_never_repeated(tmp_path: Path, extra: str, place: str) -> None:
    with pytest.raises(SettingsError, match=f"holds a secret: {place}") as caught:
        load(tmp_path, extra)
    assert "hunter2" not in str(caught.value)
    assert "DEBTPLAN_" in caught.value.fix


@pytest.mark.parametrize(
    "extra",
    [
        "[store]\nurl = 'postgresql://ann@db/plans'",
        "[metrics.tickets]\npath = 't.csv'\ncategories = { password = 'pay-errors' }",
        "[sources.csv]\npath = 'i.csv'\nwhere = { token = 'x' }",
    ],
)
def test_what_only_sounds_like_a_secret_is_taken(tmp_path: Path, extra: str) -> None:
    load(tmp_path, extra)


@pytest.mark.parametrize(
    ("extra", "place"),
    [
        ("[reserve]\nfloor = nan", "reserve.floor"),
        ("[reserve]\nceiling = inf", "reserve.ceiling"),
        ("[reserve]\nfloor = -0.1", "reserve.floor"),
        ("[reserve]\nfloor = 0.2", "reserve"),
        ("[reserve]\nwindow = 9", "reserve"),
        ("[reserve]\nwindow = 'many'", "reserve"),
        ("[team.a]\ncapacity = 0", "team.a.capacity"),
        ("[team.a]\ncapacity = -5", "team.a.capacity"),
        ("[team.a]\ncapacity = 'forty'", "team.a.capacity"),
        ("[team.a]\nroles = { web = nan }", "team.a.roles.web"),
        ("[team.a]\navailability = 0", "team.a.availability"),
        ("[team.a.sprint]\nname='S'\nstart_on=2026-12-01\nend_on=2026-11-01", "team.a.sprint"),
        ("[plan]\ntime_limit_s = 0", "plan.time_limit_s"),
        ("[harm]\nwindow_days = 0", "harm.window_days"),
        ("[links]\ndefault_share = [0.5, 0.4, 0.6]", "links.default_share"),
        ("[links]\ngrades = { A = 0.2 }", "links"),
        ("[links]\ngrades = { Z = 0.2 }", "links.grades"),
        ("[[rule]]\nmatch = { label = 'x' }", "rule[1]"),
        ("[[rule]]\nmatch = {}\npoints = 1", "rule[1].match"),
        ("[[rule]]\nmatch = { words = '' }\npoints = 1", "rule[1].match"),
        ("[[flow]]\nid = 'f'\nweight = 0", 'flow[2] "f".weight'),
        ("[[flow]]\nid = 'f'\n[[flow.segments]]\nid = 'a'\nparent = 'b'", 'flow[2] "f"'),
        ("[[flow]]\nid = 'f'\n[[flow.segments]]\nid = 'a'\nparent = 'a'", 'flow[2] "f"'),
        ("[[flow]]\nid = 'f'\n[[flow.segments]]\nid = 'all'", 'flow[2] "f"'),
        (LOSS.format(reference=1.4), 'metric[2] "loss"'),
        (LOSS.replace("reference = {reference}", ""), 'metric[2] "loss"'),
        (
            'reading = { rate = 1.5, stated_by = "A", stated_on = 2026-11-02 }',
            'metric[1] "pay-errors"',
        ),
        (LOSS.format(reference=0.1) + "target = 1.5", 'metric[2] "loss".target'),
    ],
)
def test_a_value_that_cannot_be_is_named_with_its_place(
    tmp_path: Path, extra: str, place: str
) -> None:
    found = problems(tmp_path, extra)
    assert all(one.startswith(place) for one in found), found
    assert len(found) == (2 if "many" in extra else 1)


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("[[flow]]\nid = 'shop'", "flow 'shop' is declared twice"),
        (SETTINGS[SETTINGS.index("[[metric]]"):], "metric 'pay-errors' is declared twice"),
        (LOSS.format(reference=0.1).replace('"shop"', '"blog"'), "names flow 'blog'"),
        (LOSS.format(reference=0.1).replace('"pay"', '"done"'), "names step 'done'"),
        (LOSS.format(reference='"gain"'), "names reference 'gain', which is no metric"),
        (LOSS.format(reference='"loss"'), "which is itself"),
        (LOSS.format(reference='"pay-errors"'), "which is no drop_off but error_rate"),
        ("[[rule]]\nmatch = { label = 'x' }\nmetric = 'nope'", "rule 1 names metric 'nope'"),
    ],
)  # fmt: skip
def test_a_reference_to_nothing_is_named(tmp_path: Path, extra: str, said: str) -> None:
    (found,) = problems(tmp_path, extra)
    assert said in found


def test_a_segment_that_the_flow_lacks_is_named(tmp_path: Path) -> None:
    extra = (
        "[[flow]]\nid = 'f'\nsteps = ['pay']\n[[flow.segments]]\nid = 'abroad'\n"
        + LOSS.format(reference=0.1).replace('"shop"', '"f"') + "segment = 'abraod'"
    )  # fmt: skip
    (found,) = problems(tmp_path, extra)
    assert "names segment 'abraod', which flow 'f' lacks" in found


def test_all_dangling_references_are_named_at_once(tmp_path: Path) -> None:
    extra = LOSS.format(reference='"gain"') + "[[rule]]\nmatch = { label = 'x' }\nmetric = 'nope'"
    assert len(problems(tmp_path, extra)) == 2


def test_a_good_file_loads_with_its_origin(tmp_path: Path) -> None:
    loaded = load(tmp_path, "[reserve]\nfloor = 0.05")
    assert loaded.settings.reserve.floor == 0.05
    assert loaded.folder == tmp_path
    assert loaded.origin["reserve.floor"].endswith("debtplan.toml")
    assert "reserve.ceiling" not in loaded.origin


def test_a_byte_order_mark_is_no_part_of_the_settings(tmp_path: Path) -> None:
    assert load(tmp_path, text="\ufeff" + SETTINGS).settings.team["web"].capacity == 40


def test_the_sample_loads() -> None:
    loaded = load_settings(REPOSITORY / "sample_data" / "debtplan.toml")
    assert list(loaded.settings.team) == ["checkout"]
