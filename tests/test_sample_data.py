"""The sample: its generator makes it again, all of it can be read, and the story is in it."""

import csv
import gzip
import io
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from debtplan.config.links import read_links
from debtplan.config.load import load_settings
from debtplan.config.settings import Settings
from debtplan.core.flow import CONSISTENCY, MetricKind
from debtplan.core.harm import Harm, measure_harm
from debtplan.core.item import DebtItem, ItemState, Skipped
from debtplan.core.level import fitting, level_of
from debtplan.core.reading import Reading, Window, window_before
from debtplan.metrics import METRICS
from debtplan.metrics.stated import read_stated
from sample_data.generator import planted

SAMPLE = Path(__file__).resolve().parent.parent / "sample_data"
AS_OF = datetime(2026, 11, 23, 8, tzinfo=UTC)
GENERATED = (
    *("readings.csv", "tickets.csv", "csat.csv", "sprints.csv", "events.csv.gz"),
    *("jira/board.json", "jira/board-42-configuration.json", "jira/board-42-sprints.json"),
    *("jira/search-1.json", "jira/search-2.json", "github/issues-1.json", "github/issues-2.json"),
    *("releases.csv", "later/releases.csv", "later/sprints.csv", "later/debtplan.toml"),
    *("later/readings.csv", "later/tickets.csv", "later/csat.csv"),
    *("later/jira/search-1.json", "later/jira/search-2.json"),
)


@cache
def settings() -> Settings:
    """The sample's settings."""
    return load_settings(SAMPLE / "debtplan.toml").settings


@cache
def readings() -> tuple[Reading | Skipped, ...]:
    """Everything that the sample's metric files give."""
    found: list[Reading | Skipped] = []
    for name, table in settings().metrics.items():
        found += METRICS[table.type or name](name, table, SAMPLE).read()
    return tuple(found)


@cache
def harms(window: Window) -> dict[str, Harm]:
    """The harm of every metric in a window."""
    metrics, flows = settings().metric, {flow.id: flow for flow in settings().flow}
    stated = [read_stated(one.id, one.reading, window) for one in metrics if one.reading]
    known = [one for one in (*readings(), *stated) if isinstance(one, Reading)]
    found = measure_harm(metrics, flows, known, window, planted.SPRINT_DAYS, settings().harm)
    return {harm.metric: harm for harm in found}


@cache
def items() -> dict[str, DebtItem]:
    """Every item of the trackers' files, by its short key."""
    from debtplan.sources import SOURCES

    found: dict[str, DebtItem] = {}
    for name, table in settings().sources.items():
        for one in SOURCES[table.type or name](name, table, SAMPLE).fetch(since=None):
            if isinstance(one, DebtItem):
                found[one.key.partition(":")[2]] = one
    return found


@cache
def sessions() -> dict[str, dict[str, tuple[str, str]]]:
    """Sessions of the event file: step -> (country, error code)."""
    text = gzip.decompress((SAMPLE / "events.csv.gz").read_bytes()).decode("utf-8")
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        steps = found.setdefault(row["session_id"], {})
        steps[row["step"]] = (row["country"], row["error_code"])
    return found


def today() -> dict[str, Harm]:
    """The harms of the window that a plan made on 23 November looks at."""
    return harms(window_before(AS_OF, settings().harm.window_days))


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the generator has just filled, in a process of its own."""
    folder = tmp_path_factory.mktemp("sample")
    command = [sys.executable, "-m", "sample_data.generate", str(folder)]
    subprocess.run(command, cwd=SAMPLE.parent, check=True, capture_output=True)
    return folder


def test_the_generator_makes_the_listed_files_and_no_others(regenerated: Path) -> None:
    made = {str(path.relative_to(regenerated)) for path in regenerated.rglob("*") if path.is_file()}
    assert made == set(GENERATED)


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_file_is_the_one_in_the_repository_byte_for_byte(
    regenerated: Path, name: str
) -> None:
    old, new = (SAMPLE / name).read_bytes(), (regenerated / name).read_bytes()
    if name.endswith(".gz"):  # another zlib may pack the same content into other bytes
        assert old[4:8] == b"\0\0\0\0", "no time in the header"
        old, new = gzip.decompress(old), gzip.decompress(new)
    assert old == new


def test_the_sample_stays_small() -> None:
    size = sum(p.stat().st_size for p in SAMPLE.rglob("*") if "__pycache__" not in p.parts)
    assert size < 3_000_000


@pytest.mark.slow
def test_every_reading_can_be_used_and_every_metric_has_some() -> None:
    assert [one for one in readings() if isinstance(one, Skipped)] == []
    known = {one.metric for one in readings() if isinstance(one, Reading)}
    measured = {metric.id for metric in settings().metric if metric.reading is None}
    assert known == measured
    assert [harm.missing for harm in today().values() if harm.missing] == []


@pytest.mark.slow
def test_all_seven_kinds_that_carry_harm_are_there_and_one_metric_is_stated_by_hand() -> None:
    kinds = {metric.kind for metric in settings().metric}
    assert kinds == {kind for kind in MetricKind if kind not in CONSISTENCY}
    assert len(kinds) == 7
    assert [harm.metric for harm in today().values() if harm.is_stated] == ["address-book-errors"]


def test_the_readings_end_with_the_last_complete_day() -> None:
    ends = {one.end_at.date() for one in readings() if isinstance(one, Reading)}
    assert max(ends) == date(2026, 11, 23)
    days = {one.start_at.date() for one in readings() if isinstance(one, Reading)}
    assert len(days) == planted.HISTORY_DAYS


def test_every_link_of_the_file_names_an_item_and_a_metric_that_exist() -> None:
    metrics = {metric.id for metric in settings().metric}
    for claim in read_links(SAMPLE / "links.toml"):
        assert claim.item.removeprefix("github:") in items()
        assert claim.metric in metrics
        assert claim.noted_on is not None


def test_the_backlog_has_what_a_real_one_has() -> None:
    found = items()
    assert 26 <= len(found) <= 40
    states = Counter(item.state for item in found.values())
    assert states[ItemState.DONE] >= 1
    assert states[ItemState.IN_PROGRESS] == 1
    assert sum(item.points is None for item in found.values()) >= 3
    assert max(item.points or 0 for item in found.values()) > 12
    assert found["OMNI-18"].prerequisites == ("jira:OMNI-12",)
    assert found["OMNI-44"].prerequisites == ("jira:CARR-7",)
    assert [found[key].points for key in ("OMNI-12", "OMNI-18", "OMNI-24")] == [3, 2, 1]
    assert found["omniretail/storefront#418"].text == ""
    assert not any("#423" in key for key in found), "a pull request is no item"


def test_nothing_is_pinned_or_forbidden() -> None:
    team = settings().team["checkout"]
    assert (team.pinned, team.forbidden, team.per_flow) == ((), {}, None)


def test_customers_abroad_at_shipping_hurt_most() -> None:
    found = today()
    abroad = found["shipping-loss-international"]
    assert abroad.harm is not None
    assert 8_000 < abroad.harm < 9_500
    assert abroad.share == pytest.approx(planted.SHIPPING_LOSS["international"], abs=0.01)
    assert abroad.goal == pytest.approx(planted.SHIPPING_LOSS["domestic"], abs=0.005)
    behavioural = [
        found[metric.id].harm or 0.0
        for metric in settings().metric
        if metric.kind not in (MetricKind.CSAT, MetricKind.TICKET_RATE)
    ]
    assert sorted(behavioural)[-2] < abroad.harm / 2


def test_sign_ins_fail_since_the_release_and_tickets_follow() -> None:
    before = harms(Window(start_on=date(2026, 9, 10), end_on=planted.AUTH_RELEASE))
    after = today()
    assert before["login-errors"].harm == 0
    assert (after["login-errors"].harm or 0) > 3_000
    assert before["session-cut-short"].harm == 0
    assert (after["session-cut-short"].harm or 0) > 1_000
    assert (after["auth-tickets"].share or 0) > 2.5 * (before["auth-tickets"].share or 1)
    assert (after["csat-login"].low or 0) > 0


def test_payment_hurts_little() -> None:
    found = today()
    payment = (found["payment-latency"].harm or 0) + (found["payment-errors"].harm or 0)
    assert 0 < payment < (found["shipping-loss-international"].harm or 0) / 5


@pytest.mark.slow
def test_the_events_agree_with_the_readings() -> None:
    at_shipping = [steps for steps in sessions().values() if "shipping" in steps]
    entered: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for steps in at_shipping:
        segment = "domestic" if steps["shipping"][0] == "US" else "international"
        entered[segment] += 1
        lost[segment] += "payment" not in steps
    for segment, count in entered.items():
        harm = today()[f"shipping-loss-{segment}"]
        assert lost[segment] / count == pytest.approx(harm.share or 0, abs=0.002)
        assert count * planted.EVENT_SAMPLE == pytest.approx(harm.sample_size or 0, rel=0.005)


def test_the_events_hold_the_planted_attributable_fraction() -> None:
    table: Counter[tuple[bool, bool]] = Counter()
    for steps in sessions().values():
        if "shipping" in steps and steps["shipping"][0] != "US":
            table["payment" not in steps, steps["shipping"][1] == "ADDR_INVALID"] += 1
    loss = (table[True, True] + table[True, False]) / table.total()
    without = table[True, False] / (table[True, False] + table[False, False])
    assert (loss - without) / loss == pytest.approx(planted.ATTRIBUTABLE, abs=0.02)


def test_the_team_does_forty_points() -> None:
    from debtplan.core.capacity import CapacityPolicy, ClosedSprint, estimate_capacity
    from debtplan.sources import SPRINTS

    table = settings().team["checkout"].sprints
    assert table is not None
    found = list(SPRINTS[table.type]("checkout", table, SAMPLE).closed_sprints())
    closed = [one for one in found if isinstance(one, ClosedSprint)]
    assert estimate_capacity(closed, CapacityPolicy(last=6)).points == 40


@pytest.mark.slow
def test_the_plan_finds_the_story_without_being_told() -> None:
    from debtplan.bootstrap.demo import make_demo

    plan = make_demo()
    chosen = {one.key: one for one in plan.chosen}
    assert [key.removeprefix("jira:") for key in chosen] == ["OMNI-12", "OMNI-24", "OMNI-18"]
    assert (plan.capacity.points, plan.capacity.reserve.used) == (40, 6)
    assert 3_000 < plan.ux_value < 4_500
    losses = {key: one.drop_loss or 0.0 for key, one in chosen.items()}
    assert losses["jira:OMNI-12"] > 1_000
    assert min(losses.values()) > 300, "each is worth clearly more than what would take its place"
    passed = {one.key: one for one in plan.passed_over}
    gateways = passed["jira:OMNI-31"]
    assert (gateways.reason, gateways.points) == ("outranked", 5)
    assert (gateways.ux_value or 0) < plan.ux_value / 20
    assert passed["jira:OMNI-40"].reason == "excluded"
    assert passed["jira:OMNI-27"].reason == "too_large"
    assert passed["jira:OMNI-44"].reason == "blocked"
    assert {one.reason for one in plan.passed_over} >= {"no_estimate", "no_link", "not_open"}
    assert plan.baseline.share is not None
    assert plan.baseline.share < 0.8, "the cheap patch locks the cure out"


@cache
def later_settings() -> Settings:
    """The sample's settings of half a year later."""
    return load_settings(SAMPLE / "later" / "debtplan.toml").settings


@cache
def later_readings() -> tuple[Reading, ...]:
    """All readings of the sample's months, those of before and those of after."""
    table = later_settings().metrics["readings"]
    found = METRICS["csv"]("readings", table, SAMPLE / "later").read()
    return tuple(one for one in found if isinstance(one, Reading))


@cache
def later_shares(metric: str, start: date, end: date) -> float:
    """The frustrated share of a metric over a span of the later data, its end left out."""
    known = later_readings()
    declared = next(one for one in later_settings().metric if one.id == metric)
    level = level_of(declared, fitting(declared, known), Window(start_on=start, end_on=end))
    assert level is not None
    return level.share


def test_the_later_settings_define_every_metric_as_before() -> None:
    now = {one.id: one for one in settings().metric}
    later = {one.id: one for one in later_settings().metric}
    assert set(later) - set(now) == {"checkout-abandonment"}
    assert all(later[name] == one for name, one in now.items())
    assert later_settings().flow == settings().flow
    assert later_settings().rule == settings().rule
    assert later_settings().outcomes == settings().outcomes


def test_later_readings_go_on_where_the_history_ends() -> None:
    text = (SAMPLE / "later" / "readings.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    days: dict[str, list[str]] = {}
    for row in rows:
        days.setdefault(row["metric"], []).append(row["date"])
    whole = [str(on) for on in (*planted.days(), *planted.later_days())]
    assert days.pop("checkout-abandonment") == whole
    assert len(days) == 11
    assert all(found == whole[planted.HISTORY_DAYS :] for found in days.values())


@pytest.mark.parametrize(
    ("metric", "released", "change", "days"),
    [
        ("shipping-loss-international", planted.ADDRESS_SERVICE, -0.14, 28),
        ("shipping-loss-international", planted.DISCLOSURE, -0.05, 28),
        ("shipping-loss-international", planted.SPRING_CHECKOUT, -0.03, 28),
        ("payment-errors", planted.TOKEN_RETRY, 0.018 * 0.79, 24),
        ("payment-errors", planted.PAYMENT_REPAIR, -0.018 * 0.79, 24),
        ("search-lcp", planted.PICTURES, 0.0, 28),
    ],
)
@pytest.mark.slow
def test_what_a_release_did_is_in_the_later_readings(
    metric: str, released: date, change: float, days: int
) -> None:
    span = timedelta(days=days)
    before = later_shares(metric, released - min(span, timedelta(days=20)), released)
    after = later_shares(metric, released + timedelta(days=1), released + span)
    assert after - before == pytest.approx(change, abs=0.012 if abs(change) > 0.02 else 0.004)


def test_sign_ins_are_as_good_in_spring_as_before_the_release() -> None:
    spring = later_shares("login-errors", date(2027, 3, 1), date(2027, 6, 1))
    autumn = later_shares("login-errors", date(2026, 10, 20), date(2026, 11, 22))
    assert spring < 0.022
    assert autumn > 0.04


def test_the_goal_is_reached_in_the_planted_month_with_the_planted_change() -> None:
    (goal,) = later_settings().goal
    baseline = goal.baseline.window
    assert (baseline.start_on, goal.baseline.end_on) == planted.BASELINE
    before = later_shares("checkout-abandonment", baseline.start_on, baseline.end_on)
    changes = [
        later_shares("checkout-abandonment", month.start_on, month.end_on) / before - 1
        for month in goal.months
    ]
    assert goal.relative == planted.ABANDONMENT_GOAL
    assert [change <= planted.ABANDONMENT_GOAL for change in changes] == [False] * 4 + [True] * 2
    reached = changes[planted.ABANDONMENT_MONTH - 1]
    assert reached == pytest.approx(planted.ABANDONMENT_CHANGE, abs=0.005)


def test_notes_and_releases_of_the_sample_can_be_read() -> None:
    from debtplan.sources.notes import NoteFiles
    from debtplan.sources.releases import ReleaseFiles

    notes = list(NoteFiles("research", settings().notes["research"], SAMPLE).read())
    assert [one for one in notes if isinstance(one, Skipped)] == []
    assert len(notes) == 7
    table = settings().releases["deployments"]
    assert [str(one) for one in ReleaseFiles("deployments", table, SAMPLE).read()] != []
    later = later_settings().releases["deployments"]
    found = [
        one
        for one in ReleaseFiles("deployments", later, SAMPLE / "later").read()
        if not isinstance(one, Skipped)
    ]
    dates = {key: one.released_at.date() for one in found for key in one.items}
    assert len(found) == 11
    assert dates["OMNI-12"] == planted.ADDRESS_SERVICE
    assert dates["OMNI-18"] == planted.DISCLOSURE


@pytest.mark.slow
def test_half_a_year_later_the_outcomes_tell_what_came_of_the_plan() -> None:
    from debtplan.bootstrap.demo import look_back, open_sample, plan_sample

    with open_sample() as sample:
        found = look_back(sample, plan_sample(sample))
    (goal,) = found.goals
    assert (goal.status, goal.reached_month) == ("reached", planted.ABANDONMENT_MONTH)
    assert goal.reached_on == date(2027, 4, 30)
    april = goal.months[planted.ABANDONMENT_MONTH - 1].change
    assert april is not None
    assert april.value == pytest.approx(planted.ABANDONMENT_CHANGE, abs=0.005)
    assert goal.attributable is not None
    assert april.value < goal.attributable.value < -0.1, "not all of it was our doing"
    assert goal.credited == ("jira:OMNI-12", "jira:OMNI-18")
    rows = {(one.item, one.metric): one for one in found.rows}
    assert len(rows) >= 5, "enough for calibration"
    cure = rows["jira:OMNI-12", "shipping-loss-international"]
    assert cure.outcome == "moved"
    assert (cure.effect_low or 0) < -0.14 < (cure.effect_high or -1)
    nothing = rows["jira:OMNI-42", "search-lcp"]
    assert nothing.outcome in {"not_moved", "cannot_tell"}
    assert (nothing.effect_low or 0) < 0 < (nothing.effect_high or -1)
    assert [one for one in found.alarms if "Payments that fail" in one], "a guardrail got worse"
