"""Backlogs of another making than `benchmarks.planted`: bug reports and chores of three companies.

Nothing in `core` was fitted to them or changed after a look at them: other products, phrases,
names of metrics, kinds and habits. Here items carry folders and epics, many metrics name their
place in other words than items do, and one item in ten does not say what is wrong with its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.planted import DAYS, Planted
from debtplan.core.flow import Flow, MetricKind, UxMetric
from debtplan.core.flow import MetricKind as K
from debtplan.core.item import DebtItem
from debtplan.core.link import Claim, LinkBasis
from debtplan.core.reading import midnight
from debtplan.core.suggest import Known
from debtplan.core.tally import Stratum, Tally

ITEMS = 80
TOUCHING = 0.75
LINKED = 0.35
VAGUE = 0.1
SEGMENTED = 0.25
"""Part of the places whose metrics are taken of two segments."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A step, how its metrics call it, how people call it, where its code is, and its codes."""

    flow: str
    step: str
    called: str
    said: tuple[str, ...]
    folder: str
    endpoint: str
    code: str


COMPANIES: dict[str, tuple[Spot, ...]] = {
    "insurer": (
        Spot("quote", "vehicle", "Vehicle lookup", ("licence plate lookup", "vehicle data page"),
             "apps/quote/vehicle", "/v2/vehicles", "PLATE_NOT_FOUND"),
        Spot("quote", "premium", "Premium calculation", ("premium calculator", "price preview"),
             "services/rating", "/v2/premium", "RATING_MISSING"),
        Spot("claim", "photos", "Damage photos", ("attaching damage photos", "photo step"),
             "apps/claims/photos", "/v2/claims/photos", "FILE_REJECTED"),
        Spot("claim", "report", "Claim report", ("accident report form", "claim wizard"),
             "apps/claims/wizard", "/v2/claims", "POLICY_UNKNOWN"),
    ),
    "food": (
        Spot("order", "menu", "Menu", ("restaurant menu", "dish list"),
             "web/menu", "/api/menus", "MENU_EMPTY"),
        Spot("order", "tip", "Tip and pay", ("tip screen", "paying with a wallet"),
             "web/pay", "/api/charges", "WALLET_DECLINED"),
        Spot("track", "courier", "Courier tracking", ("courier map", "live tracking"),
             "mobile/tracking", "/api/positions", "GPS_STALE"),
        Spot("help", "reorder", "Reorder", ("ordering again", "favourites"),
             "web/reorder", "/api/reorders", "DISH_GONE"),
        Spot("enter", "login", "Login", ("login by SMS", "one-time code"),
             "auth/otp", "/api/otp", "OTP_EXPIRED"),
    ),
    "fitness": (
        Spot("train", "plan", "Training plan", ("training plan", "weekly schedule"),
             "src/plans", "/plans", "PLAN_LOCKED"),
        Spot("train", "sync_watch", "Watch sync", ("pairing a watch", "watch synchronisation"),
             "src/devices", "/devices/sync", "BLE_LOST"),
        Spot("shop", "membership", "Membership", ("buying a membership", "upgrade page"),
             "src/billing", "/billing", "IBAN_INVALID"),
        Spot("social", "feed", "Activity feed", ("activity feed", "friends' workouts"),
             "src/feed", "/feed", "CURSOR_BAD"),
    ),
}  # fmt: skip

WRONG: dict[MetricKind, tuple[str, ...]] = {
    K.LATENCY: ("loads for ages", "takes 7 seconds at peak hours", "response is too slow",
                "runs into timeouts", "has an n+1 query, so everyone waits"),
    K.ERROR_RATE: ("returns 500 for some accounts", "fails after the second attempt",
                   "shows an error banner", "crashes on empty input", "loses what was entered"),
    K.DROP_OFF: ("people abandon it", "half of the visitors never get past it",
                 "asks for too much and users drop out", "conversion is down since March"),
    K.COMPLETION_TIME: ("takes people five minutes to get through", "needs too many clicks",
                        "users are stuck in it for minutes"),
    K.TICKET_RATE: ("creates most of our support tickets", "customers keep calling about it",
                    "complaints every week"),
    K.CSAT: ("gets bad ratings", "survey says people are unhappy with it"),
}  # fmt: skip

NAMED: dict[MetricKind, tuple[str, str, dict[str, object]]] = {
    K.LATENCY: ("p75_{}", "{}: server response", {"threshold_s": 1.0, "target": 0.9}),
    K.ERROR_RATE: ("{}_failed", "{}: failed requests", {"target": 0.01}),
    K.DROP_OFF: ("{}_dropout", "{}: users who do not go on", {"reference": "best"}),
    K.COMPLETION_TIME: ("{}_duration", "{}: time to finish", {"threshold_s": 60, "target": 0.9}),
    K.TICKET_RATE: ("{}_contacts", "{}: contacts", {"target": 0.001, "reporting_rate": 0.05}),
    K.CSAT: ("{}_csat", "{}: satisfaction", {"target": 0.85}),
}

CAUSES = ("The retry logic sits in three places.", "Validation is done twice.",
          "We still call the old SOAP service.", "State is kept in the session.",
          "There is no cache in front of it.", "Needs the new date picker first.",
          "Was a quick hack for the launch.", "Root cause is in the shared client.",
          "Happens since the framework upgrade.", "Nobody dares to touch the module.")  # fmt: skip

CHORES = ("Update ESLint config", "Move {folder} to TypeScript", "Delete feature flag of {said}",
          "Write ADR about module borders", "Pin docker base images", "Unify date helpers",
          "Increase test coverage of {folder}", "Rename classes in {folder}",
          "Replace mocha with vitest", "Document how {said} is deployed", "Drop Python 3.8",
          "Consolidate loggers in {folder}", "Remove commented-out code from {said}",
          "Extract shared types of {folder}", "Renovate bot for {folder}")  # fmt: skip

PARTS = {"ios": ("on iPhones", "in the iOS app"), "android": ("on Android", "on Android phones")}


def plant(spots: Sequence[Spot], seed: int) -> Planted:
    """Return a backlog of a company; the same seed, the same backlog."""
    draw = Random(seed)
    metrics, tallies = _metrics(spots, draw)
    spot_of = {(one.flow, one.step): one for one in spots}
    items: list[DebtItem] = []
    claims: list[Claim] = []
    truth: dict[str, str | None] = {}
    for number in range(ITEMS):
        key = f"github:acme/app#{number + 1}"
        if draw.random() >= TOUCHING:
            items.append(_chore(key, draw.choice(spots), draw))
            truth[key] = None
            continue
        metric = draw.choice(metrics)
        items.append(_report(key, metric, spot_of[metric.flow, metric.step], draw))
        if draw.random() < LINKED:
            claims.append(Claim(item=key, metric=metric.id, basis=LinkBasis.FILE))
        else:
            truth[key] = metric.id
    flows = [Flow(id=name, steps=()) for name in sorted({one.flow for one in spots})]
    return Planted(Known(items, metrics, flows, claims, (), tallies), truth)


def _metrics(spots: Sequence[Spot], draw: Random) -> tuple[list[UxMetric], list[Tally]]:
    metrics, tallies = [], []
    for spot in spots:
        segments = sorted(PARTS) if draw.random() < SEGMENTED else ["all"]
        for kind in draw.sample(sorted(NAMED), draw.choice((1, 2, 3))):
            for segment in segments:
                id_, name, goal = NAMED[kind]
                data: dict[str, object] = {
                    "id": id_.format(spot.step) + ("" if segment == "all" else f"_{segment}"),
                    "name": name.format(spot.called),
                    "flow": spot.flow,
                    "step": spot.step,
                    "segment": segment,
                    "kind": kind,
                    "query": f"GET {spot.endpoint}" if draw.random() < 0.4 else "",
                    **goal,
                }
                metrics.append(UxMetric.model_validate(data))
                if kind is K.ERROR_RATE and draw.random() < 0.5:
                    tallies.append(_tally(metrics[-1].id, spot.code))
    return metrics, tallies


def _tally(metric: str, code: str) -> Tally:
    strata = (Stratum(bad_with=20, total_with=30, bad_without=9, total_without=400),)
    return Tally(
        metric=metric, dimension="error_code", value=code, start_at=midnight(DAYS[0]),
        end_at=midnight(DAYS[1]), strata=strata, source="plant",
    )  # fmt: skip


def _report(key: str, metric: UxMetric, spot: Spot, draw: Random) -> DebtItem:
    said, wrong = draw.choice(spot.said), draw.choice(WRONG[metric.kind])
    again = draw.choice(WRONG[metric.kind])
    is_vague = draw.random() < VAGUE
    where = draw.choice(PARTS[metric.segment]) if metric.segment in PARTS else ""
    if is_vague or draw.random() < 0.4:
        title = draw.choice(("Rework {}", "Untangle {}", "Replace the engine of {}")).format(said)
    else:
        title = f"{said[0].upper()}{said[1:]} {wrong}"
    lines = [draw.choice(CAUSES)]
    if not is_vague:
        lines.append(f"Today {said} {again}.")
    if where and draw.random() < 0.6:
        lines.append(f"Seen {where}.")
    if metric.kind is K.ERROR_RATE and draw.random() < 0.3:
        lines.append(f"Logs say {spot.code}.")
    elif draw.random() < 0.2:
        lines.append(f"See {spot.endpoint}.")
    draw.shuffle(lines)
    return DebtItem(
        key=key, source="github", title=title, text=" ".join(lines), labels=("debt",),
        epic=f"E-{spot.flow}" if draw.random() < 0.3 else "",
        paths=(f"{spot.folder}/{draw.choice(('index', 'client', 'form'))}.ts",)
        if draw.random() < 0.4 else (),
        points=3,
    )  # fmt: skip


def _chore(key: str, spot: Spot, draw: Random) -> DebtItem:
    title = draw.choice(CHORES).format(folder=spot.folder, said=draw.choice(spot.said))
    return DebtItem(
        key=key, source="github", title=title, text=draw.choice((*CAUSES, "", "")),
        labels=("debt",), epic=f"E-{spot.flow}" if draw.random() < 0.15 else "",
        paths=(f"{spot.folder}/index.ts",) if draw.random() < 0.3 else (), points=2,
    )  # fmt: skip
