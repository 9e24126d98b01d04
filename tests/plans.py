"""Plans for the tests of the renderers: OmniRetail's, and the odd ones.

The search here tries every set of a dozen items, so that the numbers of a plan fit each other.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import combinations
from math import prod, sin

from debtplan.core.appraisal import Appraisal, appraise
from debtplan.core.capacity import CapacityPolicy, Sprint
from debtplan.core.flow import Flow, MetricKind, Segment, UxMetric, Vital
from debtplan.core.inputs import Inputs, Rules
from debtplan.core.item import DebtItem, DebtKind, RolePoints, Skipped, UserStory
from debtplan.core.link import Claim, Evidence, EvidenceKind, Grade, LinkBasis, Share
from debtplan.core.plan import (
    Baseline,
    CapacityUse,
    Chosen,
    Finding,
    Flip,
    FrontierPoint,
    Interval,
    LedgerRow,
    MeasureFirst,
    PassedOver,
    Plan,
    PlanTerm,
    Reason,
    ReserveUse,
    SolverUse,
    SourceRow,
    SprintRef,
)
from debtplan.core.problem import Status
from debtplan.core.reading import Bands, Counts, Measure, Reading
from debtplan.core.source import SourceState, SourceStatus

AS_OF = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)
SPRINT = Sprint(id="49", name="Sprint 49", start_on=date(2026, 11, 30), end_on=date(2026, 12, 11))
CAPACITY = 40.0
HISTORY_DAYS = 180
SITE = "https://omniretail.example/browse/"

FLOWS = (
    Flow(
        id="checkout",
        name="Checkout",
        steps=("cart", "shipping information", "payment", "done"),
        segments=(Segment(id="international"), Segment(id="domestic")),
    ),
    Flow(id="login", name="Login", steps=("sign in",)),
    Flow(id="catalogue", name="Catalogue", steps=("product page",), sessions_per_sprint=95_000),
)

METRICS = (
    UxMetric(
        id="shipping-loss",
        name="Loss at shipping information, international",
        flow="checkout",
        step="shipping information",
        segment="international",
        kind=MetricKind.DROP_OFF,
        reference=0.16,
        source="csv",
        query="funnel.csv, step = shipping, segment = international",
    ),
    UxMetric(
        id="gateway-errors",
        name="Failed payments",
        flow="checkout",
        step="payment",
        kind=MetricKind.ERROR_RATE,
        target=0.02,
        source="prometheus",
        query='sum(rate(payments_failed_total{env="prod"}[1d]))',
    ),
    UxMetric(
        id="login-errors",
        name="Failed logins",
        flow="login",
        step="sign in",
        kind=MetricKind.ERROR_RATE,
        target=0.03,
        source="prometheus",
        query="sum(rate(login_failed_total[1d]))",
    ),
    UxMetric(
        id="product-lcp",
        name="Largest contentful paint of product pages",
        flow="catalogue",
        step="product page",
        kind=MetricKind.WEB_VITAL,
        vital=Vital.LCP,
        source="crux",
    ),
    UxMetric(
        id="shipping-csat",
        name="Satisfaction after shipping information",
        flow="checkout",
        step="shipping information",
        segment="international",
        kind=MetricKind.CSAT,
        target=0.85,
        source="survey",
    ),
)  # fmt: skip


def _item(key: str, title: str, points: float | None, **more: object) -> DebtItem:
    url = (
        SITE + key.partition(":")[2] if key.startswith("jira:") else f"https://github.com/{key[7:]}"
    )
    fields = {"key": key, "source": key.partition(":")[0], "title": title, "points": points}
    return DebtItem.model_validate({**fields, "url": url.replace("#", "/issues/"), **more})


ITEMS = (
    _item(
        "jira:OMNI-12", "Refactor the address validation service", 3,
        debt_kind=DebtKind.RELIABILITY, roles=(RolePoints(role="backend", points=3),),
        story=UserStory(
            who="customer abroad", need="my address accepted",
            pain="the form refuses addresses without a postcode",
            outcome="I can finish my order",
        ),
    ),
    _item(
        "jira:OMNI-18", "Progressive disclosure of international shipping", 2,
        debt_kind=DebtKind.USABILITY, prerequisites=("jira:OMNI-12",),
        story=UserStory(
            who="customer abroad", need="to see only the fields my country needs",
            outcome="I know what to fill in",
        ),
    ),
    _item(
        "github:omniretail/auth#7", "Fix the token refresh after the authentication release", 1,
        debt_kind=DebtKind.RELIABILITY,
        story=UserStory(
            who="returning customer", need="to stay logged in", outcome="my cart is still there"
        ),
    ),
    _item(
        "jira:OMNI-21", "Consolidate the payment gateway adapters", 5,
        debt_kind="maintainability",
    ),
    _item(
        "jira:OMNI-31", "Load product images in the size that is shown", 3,
        debt_kind="performance",
    ),
    _item("jira:OMNI-40", "Split the checkout monolith", 34, debt_kind="maintainability"),
    _item("jira:OMNI-44", "Replace the address autocomplete", None, debt_kind="usability"),
    _item("jira:OMNI-55", "Unify the button styles of the checkout", 2, debt_kind="consistency"),
    _item("jira:OMNI-61", "Rewrite the session store", 5, debt_kind="reliability"),
    _item("jira:OMNI-70", "Show duties before payment", 2, prerequisites=("jira:OMNI-40",)),
)  # fmt: skip


def _assumed(item: str, metric: str) -> Claim:
    return Claim(item=item, metric=metric, basis=LinkBasis.LABEL, origin=f"label ux:{metric}")


CLAIMS = (
    Claim(
        item="jira:OMNI-12", metric="shipping-loss", basis=LinkBasis.FILE,
        share=Share(low=0.38, likely=0.41, high=0.44), grade=Grade.C, origin="links.toml, entry 1",
        noted_on=date(2026, 11, 2),
        evidence=(
            Evidence(
                kind=EvidenceKind.MECHANISM,
                note="41% of failures at this step carry ADDR_INVALID", noted_on=date(2026, 11, 2),
            ),
            Evidence(
                kind=EvidenceKind.USABILITY_TEST,
                note="4 of 6 testers abroad could not enter their address",
                noted_on=date(2026, 10, 12),
            ),
        ),
    ),
    Claim(
        item="jira:OMNI-18", metric="shipping-loss", basis=LinkBasis.FILE,
        share=Share(low=0.1, likely=0.2, high=0.3), grade=Grade.D, origin="links.toml, entry 2",
        evidence=(Evidence(kind=EvidenceKind.INTERVIEW, note="'too many fields' in 5 of 8 talks"),),
    ),
    Claim(
        item="github:omniretail/auth#7", metric="login-errors", basis=LinkBasis.BLOCK,
        share=Share(low=0.5, likely=0.6, high=0.8), grade=Grade.C, origin="debtplan block",
        evidence=(
            Evidence(kind=EvidenceKind.MECHANISM, note="TOKEN_EXPIRED on 60% of failed logins"),
        ),
    ),
    _assumed("jira:OMNI-21", "gateway-errors"),
    Claim(
        item="jira:OMNI-31", metric="product-lcp", basis=LinkBasis.RULE, origin="rule 3",
        share=Share(low=0.2, likely=0.3, high=0.5), grade=Grade.D,
    ),
    _assumed("jira:OMNI-40", "shipping-loss"),
    _assumed("jira:OMNI-44", "shipping-loss"),
    _assumed("jira:OMNI-61", "login-errors"),
    _assumed("jira:OMNI-70", "gateway-errors"),
)  # fmt: skip

SKIPPED = (
    Skipped(ref="github:omniretail/auth#9", reason="is a pull request, not an item"),
    Skipped(ref="tickets.csv row 12", reason="column opened_on holds 'soon', which is no date"),
)

SOURCES = (
    SourceState(
        name="jira", fetched_at=datetime(2026, 11, 29, 7, 55, tzinfo=UTC), records=9,
        detail="9 items",
    ),
    SourceState(
        name="prometheus", fetched_at=datetime(2026, 11, 29, 7, 58, tzinfo=UTC), records=360,
        detail="360 readings",
    ),
    SourceState(name="crux", fetched_at=None, status=SourceStatus.FAILED, detail="refused the key"),
)  # fmt: skip


def readings() -> tuple[Reading, ...]:
    """180 days of daily readings, with a rise at day 120 for shipping and day 150 for login."""
    found = []
    start = datetime(2026, 11, 29, tzinfo=UTC) - timedelta(days=HISTORY_DAYS)
    for day in range(HISTORY_DAYS):
        at, wave = start + timedelta(days=day), sin(day * 2.4) + sin(day * 0.9) / 2
        abroad = 2_650 + 160 * sin(day * 0.9)
        loss = (0.17 if day < 120 else 0.36) + 0.012 * wave
        logins = 9_000 + 300 * wave
        failed = (0.028 if day < 150 else 0.047) + 0.002 * wave
        measures: dict[str, Measure] = {
            "shipping-loss": Counts(bad=round(abroad * loss), total=round(abroad)),
            "login-errors": Counts(bad=round(logins * failed), total=round(logins)),
            "gateway-errors": Counts(bad=round(110 + 6 * wave), total=4_100),
            "product-lcp": Bands(
                good=0.72 - wave / 100, needs_improvement=0.18, poor=0.1 + wave / 100
            ),
            "shipping-csat": Counts(bad=14 + round(3 * wave), total=52),
        }  # fmt: skip
        found += [
            Reading(
                metric=metric,
                start_at=at,
                end_at=at + timedelta(days=1),
                measure=measure,
                sample_size=24_000 if metric == "product-lcp" else None,
                source=next(one.source for one in METRICS if one.id == metric),
            )
            for metric, measure in measures.items()
        ]
    return tuple(found)


def omniretail_inputs() -> Inputs:
    """What OmniRetail's plan is made from."""
    return Inputs(
        team="Checkout",
        sprint=SPRINT,
        as_of=AS_OF,
        items=tuple(sorted(ITEMS, key=lambda one: one.key)),
        claims=CLAIMS,
        flows=FLOWS,
        metrics=METRICS,
        readings=readings(),
        capacity=CapacityPolicy(points=CAPACITY, sprint_days=14),
        rules=Rules(forbidden={"jira:OMNI-61": "the security team rewrites it in January"}),
        skipped=SKIPPED,
        sources=SOURCES,
    )


class Search:
    """Every set of the open items, tried one by one."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.appraisal: Appraisal = appraise(inputs)
        self.items = {one.key: one for one in inputs.items}
        self.open = tuple(
            sorted(
                key
                for key, item in self.items.items()
                if key in self.appraisal.values
                and item.points is not None
                and key not in inputs.rules.forbidden
            )
        )

    def worth(self, keys: Iterable[str], *, weighted: bool = True) -> float:
        """Return the value of a set, with overlap."""
        left: dict[str, float] = {}
        for key in keys:
            for term in self.appraisal.values[key].terms:
                left[term.metric] = left.get(term.metric, 1.0) * (1 - term.removal)
        harms = self.appraisal.weighted if weighted else self.appraisal.counted
        return sum(harms[metric] * (1 - rest) for metric, rest in left.items())

    def best(self, points: float, banned: str = "", forced: str = "") -> tuple[str, ...]:
        """Return the best set within the points, the smallest of equals."""
        found: tuple[float, tuple[str, ...]] = (0.0, ())
        pool = [key for key in self.open if key != banned]
        for size in range(len(pool) + 1):
            for keys in combinations(pool, size):
                cost = sum(self.items[key].points or 0 for key in keys)
                needs = {one for key in keys for one in self.items[key].prerequisites}
                if cost > points or not needs <= set(keys) or (forced and forced not in keys):
                    continue
                found = max(found, (self.worth(keys), keys), key=lambda pair: pair[0])
        return found[1]

    def terms(self, key: str) -> tuple[PlanTerm, ...]:
        """Return the terms of an item as the plan shows them."""
        links = {(link.item, link.metric): link for link in self.appraisal.links}
        hidden = {"item", "noise", "calibration_error", "calibration_width"}
        value = self.appraisal.values.get(key)
        return tuple(
            PlanTerm.model_validate(
                {
                    **term.model_dump(exclude=hidden),
                    "is_assumed": links[key, term.metric].is_assumed,
                    "is_measured": links[key, term.metric].is_measured,
                }
            )
            for term in (value.terms if value else ())
        )


def _chosen(search: Search, key: str, keys: Sequence[str], order: int, most: float) -> Chosen:
    item, value = search.items[key], search.appraisal.values[key]
    without = search.best(most, banned=key)
    certainty = {"jira:OMNI-12": 0.98, "github:omniretail/auth#7": 0.93}.get(key, 0.71)
    return Chosen(
        key=key, title=item.title, url=item.url, points=item.points or 0,
        points_now=item.points or 0, sprint=SPRINT.id, ux_value=value.ux_value,
        claimed=value.claimed, money=None, order=order, certainty=certainty,
        drop_loss=search.worth(keys) - search.worth(without),
        replaced_by=tuple(one for one in without if one not in keys),
        is_pinned=False, terms=search.terms(key),
    )  # fmt: skip


def _reason(search: Search, item: DebtItem, most: float) -> tuple[Reason, str]:
    if item.key in search.inputs.rules.forbidden:
        return Reason.FORBIDDEN, search.inputs.rules.forbidden[item.key]
    if item.points is None:
        return Reason.NO_ESTIMATE, "has no estimate, so it cannot be fitted into a reserve"
    if item.key not in search.appraisal.values:
        return Reason.NO_LINK, "touches no metric"
    if item.prerequisites:
        return Reason.BLOCKED, "needs jira:OMNI-40 first, which does not fit"
    if item.points > most:
        return Reason.TOO_LARGE, f"costs {item.points:g}, more than the {most:g} points there are"
    return Reason.OUTRANKED, "jira:OMNI-12 and jira:OMNI-18 relieve more users for these points"


def _passed(search: Search, key: str, keys: Sequence[str], most: float) -> PassedOver:
    item = search.items[key]
    value = search.appraisal.values.get(key)
    reason, detail = _reason(search, item, most)
    is_rival = reason is Reason.OUTRANKED
    forced = search.best(most, forced=key) if is_rival else ()
    return PassedOver(
        key=key, title=item.title, url=item.url, points=item.points,
        ux_value=value.ux_value if value else None, money=None, reason=reason, detail=detail,
        force_loss=search.worth(keys) - search.worth(forced) if is_rival else None,
        flip=_flip(search, key, value.ux_value) if is_rival and value else Flip(),
        terms=search.terms(key),
    )  # fmt: skip


def _flip(search: Search, key: str, value: float) -> Flip:
    shares = [share / 100 for share in range(16, 26) if key in search.best(CAPACITY * share / 100)]
    return Flip(points=1.0, ux_value=value * 1.9, reserve=shares[0] if shares else None)


@cache
def omniretail() -> Plan:
    """The plan of the brief: address validation, progressive disclosure, the login fix."""
    return plan_of(omniretail_inputs())


def plan_of(inputs: Inputs) -> Plan:
    """Return a plan of the inputs: best set, reasons, frontier and ledger."""
    search = Search(inputs)
    most = CAPACITY * inputs.reserve.ceiling
    keys = tuple(sorted(search.best(most), key=lambda key: (key.startswith("github"), key)))
    value = search.worth(keys)
    greedy = ("jira:OMNI-12", "github:omniretail/auth#7") if keys else ()
    return Plan(
        debtplan_version="0.1.0",
        plan_id="checkout-49-5e1f0c2a",
        digest="5e1f0c2a" * 8,
        created_at=AS_OF,
        team=inputs.team,
        sprint=SprintRef.model_validate(inputs.sprint.model_dump()),
        unit=inputs.unit,
        capacity=capacity_use(sum(search.items[key].points or 0 for key in keys), most),
        solver=SolverUse(
            engine="milp", backend="HiGHS 1.11", status=Status.OPTIMAL, gap=0.0, bound=value,
            seconds=0.21, rounds=3,
        ),
        ux_value=value,
        sessions=search.worth(keys, weighted=False),
        money=None,
        currency=inputs.currency,
        weights_version=inputs.weights_version,
        interval=Interval(p10=value * 0.54, p50=value * 0.97, p90=value * 1.49) if keys else None,
        baseline=Baseline(
            rule="value per point", ux_value=search.worth(greedy),
            share=search.worth(greedy) / value if value else 1.0, chosen=greedy,
        ),
        chosen=tuple(_chosen(search, key, keys, n, most) for n, key in enumerate(keys, 1)),
        passed_over=tuple(
            _passed(search, key, keys, most) for key in sorted(search.items) if key not in keys
        ),
        frontier=frontier(search),
        ledger=ledger(search, keys),
        measure_first=tuple(
            MeasureFirst(
                key=key, title=search.items[key].title, missing="a link to a metric",
                why="touches no metric; add a label ux:METRIC, a debtplan block, or a rule",
            )
            for key in sorted(search.items)
            if key not in search.appraisal.values
        ),
        skipped=inputs.skipped,
        sources=tuple(
            SourceRow(name=s.name, fetched_at=s.fetched_at, status=s.status, detail=s.detail)
            for s in inputs.sources
        ),
        findings=(
            Finding(claim="One source could not be read: crux refused the key.", source="crux"),
        ),
        inputs=inputs,
    )  # fmt: skip


def capacity_use(used: float, most: float, points: float = CAPACITY) -> CapacityUse:
    """Return a capacity of 40 points with a reserve of 10% to 15%."""
    return CapacityUse(
        points=points,
        basis="stated in the settings, whole team there",
        low=None,
        high=None,
        reserve=ReserveUse(
            floor=points * 0.1, ceiling=points * 0.15, used=used, window=1, available=most,
            basis="10% to 15% of capacity, each sprint for itself", spent=0.0,
        ),
    )  # fmt: skip


def frontier(search: Search) -> tuple[FrontierPoint, ...]:
    """Return the best value for each reserve of 0% to 25%."""
    if not search.open:
        return ()
    points = []
    for percent in range(26):
        keys = search.best(CAPACITY * percent / 100)
        cost = sum(search.items[key].points or 0 for key in keys)
        worth = search.worth(keys)
        points.append(FrontierPoint(reserve_share=percent / 100, points=cost, ux_value=worth))
    return tuple(points)


def ledger(search: Search, keys: Sequence[str]) -> tuple[LedgerRow, ...]:
    """Return what was measured, claimed and relieved at each place."""
    rows = []
    for pool in search.appraisal.pools:
        counted = {member.metric: member.counted for member in pool.members}
        gone = {"claimed": 0.0, "relieved": 0.0}
        for name, among in (("claimed", tuple(search.appraisal.values)), ("relieved", keys)):
            for metric, harm in counted.items():
                left = prod(
                    1 - term.removal
                    for key in among
                    for term in search.appraisal.values[key].terms
                    if term.metric == metric
                )
                gone[name] += harm * (1 - left)
        rows.append(
            LedgerRow(
                pool=pool.name, sessions=pool.sessions, measured=pool.measured,
                low=pool.low, high=pool.high, metrics=tuple(counted),
                claimed=gone["claimed"], relieved=gone["relieved"],
            )
        )  # fmt: skip
    return tuple(rows)


def empty() -> Plan:
    """A plan of a team without items, flows or readings."""
    inputs = Inputs(team="Checkout", sprint=SPRINT, as_of=AS_OF, items=())
    plan = plan_of(inputs)
    return plan.model_copy(update={"findings": (), "capacity": capacity_use(0, 6)})


def unlinked() -> Plan:
    """A plan where no item touches a metric."""
    return plan_of(omniretail_inputs().model_copy(update={"claims": ()}))


def unread() -> Plan:
    """A plan whose metrics have no readings at all."""
    return plan_of(omniretail_inputs().model_copy(update={"readings": ()}))


def unsimulated() -> Plan:
    """OmniRetail's plan as it is where nothing was simulated or re-solved."""
    plan = omniretail()
    bare = {"certainty": None, "drop_loss": None, "replaced_by": ()}
    return plan.model_copy(
        update={
            "interval": None,
            "frontier": (),
            "chosen": tuple(one.model_copy(update=bare) for one in plan.chosen),
            "passed_over": tuple(
                one.model_copy(update={"flip": Flip(), "force_loss": None})
                for one in plan.passed_over
            ),
        }
    )


def weighted() -> Plan:
    """OmniRetail's plan with one session of checkout counting as two."""
    inputs = omniretail_inputs()
    flows = tuple(
        flow.model_copy(update={"weight": 2.0}) if flow.id == "checkout" else flow
        for flow in inputs.flows
    )
    return plan_of(inputs.model_copy(update={"flows": flows}))


def large(count: int = 2_900) -> Plan:
    """OmniRetail's plan with a long backlog."""
    plan = omniretail()
    model = plan.passed_over[0]
    reasons = list(Reason)
    more = tuple(
        model.model_copy(
            update={
                "key": f"jira:OMNI-{1000 + n}", "title": f"Item {n} of a long backlog",
                "reason": reasons[n % len(reasons)],
                "ux_value": None if n % 3 == 0 else 500 / (n + 1), "flip": Flip(), "terms": (),
            }
        )
        for n in range(count)
    )  # fmt: skip
    items = tuple(
        ITEMS[3].model_copy(update={"key": one.key, "title": one.title, "url": one.url})
        for one in more
    )
    inputs = plan.inputs.model_copy(update={"items": (*plan.inputs.items, *items)})
    passed = (*plan.passed_over, *more)
    return plan.model_copy(update={"passed_over": passed, "inputs": inputs})
