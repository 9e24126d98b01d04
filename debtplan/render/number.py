"""Numbers, dates and names for people: two significant digits in sentences, full ones in tables."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import floor, log10

from debtplan.core.reading import Window

UNKNOWN = "not known"
"""What is said of a number that nobody knows. It is never 0."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def rounded(number: float, digits: int = 2) -> float:
    """Return the number with so many significant digits."""
    if number == 0:
        return 0.0
    return round(number, digits - 1 - floor(log10(abs(number))))


def about(number: float | None, digits: int = 2) -> str:
    """Return the number for a sentence: `3,900`, `47`, `8.4`, `less than 1`."""
    if number is None:
        return UNKNOWN
    if 0 < number < 1:
        return "less than 1"
    near = rounded(number, digits)
    is_whole = abs(near) >= 10 ** (digits - 1) or near == int(near)
    return f"{near:,.0f}" if is_whole else f"{near:,g}"


def enough(*numbers: float) -> int:
    """Return 2 significant digits, or the 3 that it takes to tell these numbers apart."""
    return 2 if len(set(map(about, numbers))) == len(set(numbers)) else 3


def some(number: float | None, noun: str, digits: int = 2) -> str:
    """Return about how many: `about 3,900 sessions`, `less than one session`."""
    if number is None:
        return f"an unknown number of {noun}"
    if 0 < number < 1:
        return f"less than one {noun.removesuffix('s')}"
    near = about(number, digits)
    return f"about {near} {noun.removesuffix('s') if near == '1' else noun}"


def full(number: float | None) -> str:
    """Return the number for a table: `3,912`; one decimal below 10."""
    if number is None:
        return UNKNOWN
    return f"{number:,.0f}" if abs(number) >= 9.95 or number == 0 else f"{number:,.1f}"  # noqa: PLR2004


def span(low: float, high: float, digits: int = 2) -> str:
    """Return an interval for a sentence: `2,100–5,800`, `up to 47` from less than 1 on.

    One number where both ends round to the same.
    """
    start, end = about(low, digits), about(high, digits)
    if start == end:
        return start
    return f"up to {end}" if 0 < low < 1 else f"{start}–{end}"


def percent(share: float | None, digits: int = 2) -> str:
    """Return a share with its significant digits: `41%`, `4.1%`; never 100% for less than all."""
    if share is None:
        return UNKNOWN
    if 0 < share < 0.0001:  # noqa: PLR2004 - below a hundredth of a percent digits mean nothing
        return "less than 0.01%"
    if 0.995 <= share < 1:  # noqa: PLR2004 - would round to 100%
        return "over 99%"
    near = rounded(share * 100, digits)
    return f"{near:,.0f}%" if near == int(near) else f"{near:g}%"


def plain(number: float) -> str:
    """Return a number without needless decimals, at most two: `3`, `2.5`."""
    return f"{round(number, 2):,g}" if abs(number) < 1_000_000 else f"{number:,.0f}"  # noqa: PLR2004 - :g turns to 1e+06


def amount(number: float | None, unit: str) -> str:
    """Return a number with its unit: `1 point`, `3 points`, `2.5 hours`."""
    if number is None:
        return "not estimated"
    one = unit[:-1] if unit.endswith("s") and round(number, 2) == 1 else unit
    return f"{plain(number)} {one}"


def counted(number: int, noun: str) -> str:
    """Return how many in words up to ten: `one item`, `three items`, `12 items`."""
    return f"{spelled(number)} {noun if number == 1 else plural(noun)}"


def spelled(number: int) -> str:
    """Return a whole number in words up to ten."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else f"{number:,}"


def plural(noun: str) -> str:
    """Return the plural of the regular nouns used here."""
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def listed(words: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    if len(words) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def sentence(text: str) -> str:
    """Return the text with a capital in front and a full stop behind."""
    is_word = text.partition(" ")[0].isalpha()
    start = text[:1].upper() + text[1:] if is_word else text
    return start if start.endswith((".", "!", "?", ":")) else f"{start}."


def day(on: date) -> str:
    """Return `30 Nov`."""
    return f"{on.day} {MONTHS[on.month - 1]}"


def days(first: date, last: date) -> str:
    """Return a span of days, the last one included: `1–28 Nov`, `30 Nov – 11 Dec`."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    if first.year == last.year:
        return f"{day(first)} – {day(last)}"
    return f"{day(first)} {first.year} – {day(last)} {last.year}"


def window_days(window: Window) -> str:
    """Return a window's days in words."""
    return days(window.start_on, window.end_on - timedelta(days=1))


def instant(at: datetime) -> str:
    """Return `29 Nov 2026, 08:00 UTC`; the instant is in UTC already."""
    return f"{day(at.date())} {at.year}, {at:%H:%M} UTC"


def age(at: datetime, now: datetime) -> str:
    """Return how old something is, roughly: `5 minutes`, `3 hours`, `12 days`."""
    minutes = max(0, int((now - at).total_seconds() // 60))
    if minutes < 1:
        return "less than a minute"
    for size, noun in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= 2 * size or (noun == "minute"):
            return f"{minutes // size:,} {noun}{'' if minutes // size == 1 else 's'}"
    return ""
