"""readings.csv: daily readings of 180 days, and of the months after, as an export has them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from math import erf, exp, log, sqrt
from random import Random

from sample_data.generator import planted

COLUMNS = (
    *("metric", "date", "bad", "total", "recovered"),
    *("good", "needs_improvement", "poor"),
    *("p50", "p75", "p95", "p99"),
    *("le_0.5", "le_1", "le_2", "le_4", "le_8", "sample_size"),
)
BOUNDS = (0.5, 1.0, 2.0, 4.0, 8.0)
NORMAL_RANKS = {"p50": 0.0, "p75": 0.67449, "p95": 1.64485, "p99": 2.32635}

Row = dict[str, str]


def readings() -> list[Row]:
    """Return every reading of the history, by metric and day."""
    return _made(planted.days(), "")


def later_readings() -> list[Row]:
    """Return what was read afterwards, and the checkouts given up in all the days."""
    return [*_abandonment(), *_made(planted.later_days(), "later ")]


def _made(days: Sequence[date], series: str) -> list[Row]:
    makers: dict[str, Callable[[Random, date], Row]] = {
        "address-latency": _address_latency,
        "cart-inp": _cart_inp,
        "login-errors": _login_errors,
        "payment-errors": _payment_errors,
        "payment-latency": _payment_latency,
        "search-latency": _search_latency,
        "search-lcp": _search_lcp,
        "session-cut-short": _session_cut_short,
        "shipping-form-time": _shipping_form_time,
        "shipping-loss-domestic": _loss_domestic,
        "shipping-loss-international": _loss_international,
    }
    rows = []
    for metric, make in makers.items():
        draw = Random(f"{planted.SEED} {series}{metric}")
        rows += [{"metric": metric, "date": str(day), **make(draw, day)} for day in days]
    return rows


def shipping_counts(rows: Sequence[Row] | None = None) -> dict[tuple[str, date], tuple[int, int]]:
    """Return (lost, entered) at shipping by segment and day, as the readings have them."""
    found = {}
    for row in readings() if rows is None else rows:
        if row["metric"].startswith("shipping-loss-"):
            segment = row["metric"].removeprefix("shipping-loss-")
            day = date.fromisoformat(row["date"])
            found[segment, day] = (int(row["bad"]), int(row["total"]))
    return found


def _abandonment() -> list[Row]:
    """Return checkouts that were begun and not paid, of everybody, from what shipping lost."""
    draw = Random(f"{planted.SEED} checkout-abandonment")
    counts = shipping_counts([*readings(), *_made(planted.later_days(), "later ")])
    rows = []
    for day in (*planted.days(), *planted.later_days()):
        bad = begun = 0
        for segment in ("domestic", "international"):
            lost, entered = counts[segment, day]
            share = planted.PAYMENT_LOSS[segment] + planted.moved(f"payment-loss-{segment}", day)
            bad += lost + _binomial(draw, entered - lost, share * _wander(draw, 0.03))
            begun += entered
        counted = {"bad": str(bad), "total": str(begun)}
        rows.append({"metric": "checkout-abandonment", "date": str(day), **counted})
    return rows


def _loss_international(draw: Random, day: date) -> Row:
    """47% until the address rules of August, then 54%; both wander a little."""
    share = 0.47 + 0.07 * planted.ramp(day, planted.ADDRESS_RULES, 21)
    share += planted.moved("shipping-loss-international", day)
    return _loss(draw, day, "international", share)


def _loss_domestic(draw: Random, day: date) -> Row:
    """17% in spring, 18% since the summer."""
    share = 0.168 + 0.012 * planted.ramp(day, date(2026, 7, 6), 60)
    share += planted.moved("shipping-loss-domestic", day)
    return _loss(draw, day, "domestic", share)


def _loss(draw: Random, day: date, segment: str, share: float) -> Row:
    stays = planted.CART_SESSIONS[segment] * (1 - planted.CART_LOSS[segment])
    total = _count(draw, stays / planted.SPRINT_DAYS * planted.traffic(day))
    return {"bad": str(_binomial(draw, total, share * _wander(draw, 0.012))), "total": str(total)}


def _login_errors(draw: Random, day: date) -> Row:
    """2.4% of sign-ins failed, 5.6% since the authentication release; a retry mends some."""
    after = planted.ramp(day, planted.AUTH_RELEASE, 4)
    daily = planted.LOGIN_ATTEMPTS / planted.SPRINT_DAYS
    total = _count(draw, daily * planted.traffic(day))
    share = 0.024 + 0.032 * after + planted.moved("login-errors", day)
    bad = _binomial(draw, total, share * _wander(draw, 0.03))
    recovered = _binomial(draw, bad, 0.45 - 0.07 * after)
    return {"bad": str(bad), "total": str(total), "recovered": str(recovered)}


def _session_cut_short(draw: Random, day: date) -> Row:
    """Sessions that end by a forced sign-out: 0.8%, since the release 2.8%."""
    after = planted.ramp(day, planted.AUTH_RELEASE, 10)
    daily = planted.LOGIN_ATTEMPTS * 0.92 / planted.SPRINT_DAYS
    total = _count(draw, daily * planted.traffic(day))
    share = 0.008 + 0.020 * after + planted.moved("session-cut-short", day)
    share *= _wander(draw, 0.04)
    return {"bad": str(_binomial(draw, total, share)), "total": str(total)}


def _payment_errors(draw: Random, day: date) -> Row:
    total = _count(draw, planted.PAYMENT_SESSIONS / planted.SPRINT_DAYS * planted.traffic(day))
    share = 0.034 + planted.moved("payment-errors", day)
    bad = _binomial(draw, total, share * _wander(draw, 0.04))
    recovered = _binomial(draw, bad, 0.42)
    return {"bad": str(bad), "total": str(total), "recovered": str(recovered)}


def _payment_latency(draw: Random, day: date) -> Row:
    total = _count(draw, planted.PAYMENT_SESSIONS / planted.SPRINT_DAYS * planted.traffic(day))
    middle = 1.02 * _wander(draw, 0.02)
    below = [round(total * _below(bound, middle, 0.6)) for bound in BOUNDS]
    counts = {f"le_{bound:g}": str(count) for bound, count in zip(BOUNDS, below, strict=True)}
    return {**counts, "total": str(total)}


def _address_latency(draw: Random, day: date) -> Row:
    """Milliseconds of the validation call abroad; slower since the rules of August."""
    slower = 1 + 0.18 * planted.ramp(day, planted.ADDRESS_RULES, 7)
    slower += planted.moved("address-latency", day)
    return _percentiles(draw, day, 640 * slower, 0.72, 1_450)


def _search_latency(draw: Random, day: date) -> Row:
    middle = 310 * (1 + planted.moved("search-latency", day))
    return _percentiles(draw, day, middle, 0.66, 8_200)


def _shipping_form_time(draw: Random, day: date) -> Row:
    """Seconds a domestic customer needs for the shipping form."""
    return _percentiles(draw, day, 40, 0.55, 3_100)


def _percentiles(draw: Random, day: date, middle: float, sigma: float, daily: float) -> Row:
    median = middle * _wander(draw, 0.02)
    places = 0 if middle > 100 else 1
    ranks = {name: f"{median * exp(sigma * z):.{places}f}" for name, z in NORMAL_RANKS.items()}
    return {**ranks, "sample_size": str(_count(draw, daily * planted.traffic(day)))}


def _search_lcp(draw: Random, day: date) -> Row:
    """A little worse since the product images of July."""
    worse = planted.ramp(day, date(2026, 7, 20), 30)
    return _bands(draw, day, (0.757 - 0.015 * worse, 0.043), planted.SEARCH_SESSIONS * 0.3)


def _cart_inp(draw: Random, day: date) -> Row:
    return _bands(draw, day, (0.752, 0.052), sum(planted.CART_SESSIONS.values()) * 0.3)


def _bands(draw: Random, day: date, shares: tuple[float, float], sessions: float) -> Row:
    good = round(shares[0] * _wander(draw, 0.004), 4)
    poor = round(shares[1] * _wander(draw, 0.02), 4)
    size = _count(draw, sessions / planted.SPRINT_DAYS * planted.traffic(day))
    return {
        "good": f"{good:.4f}",
        "needs_improvement": f"{1 - good - poor:.4f}",
        "poor": f"{poor:.4f}",
        "sample_size": str(size),
    }


def lines() -> Iterator[tuple[str, ...]]:
    """Yield the table, its header first."""
    yield COLUMNS
    for row in readings():
        yield tuple(row.get(column, "") for column in COLUMNS)


def later_lines() -> Iterator[tuple[str, ...]]:
    """Yield the table of the months after, its header first."""
    yield COLUMNS
    for row in later_readings():
        yield tuple(row.get(column, "") for column in COLUMNS)


def _below(bound: float, middle: float, sigma: float) -> float:
    """Return P(value <= bound) of a log-normal."""
    return (1 + erf(log(bound / middle) / sigma / sqrt(2))) / 2


def _wander(draw: Random, spread: float) -> float:
    return 1 + draw.gauss(0, spread)


def _count(draw: Random, mean: float) -> int:
    """Draw a count that varies like a busy day's traffic."""
    return max(1, round(mean * (1 + draw.gauss(0, 0.015))))


def _binomial(draw: Random, total: int, share: float) -> int:
    """Draw how many of `total` are hit: the normal approximation, kept in range."""
    spread = sqrt(max(total * share * (1 - share), 0.0))
    return min(total, max(0, round(draw.gauss(total * share, spread))))
