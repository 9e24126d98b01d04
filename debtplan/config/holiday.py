"""Public holidays of a country or a part of it, from the package `holidays`."""

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from debtplan.errors import SettingsError


def public_holidays(place: str, years: Iterable[int], team: str) -> frozenset[date]:
    """Return the public holidays of some years, those moved from a weekend among them.

    Args:
        place: Country, or country and part of it, by their codes in ISO 3166: `DE`, `DE-BY`.
        years: Calendar years.
        team: Whose settings name the place.

    Raises:
        SettingsError: There is no such place, or the package is not installed.
    """
    country, _, region = place.strip().partition("-")
    try:
        package: Any = import_module("holidays")
    except ImportError:
        what = f"Public holidays of [team.{team}] need a package that is not installed."
        raise SettingsError(what, "Install it: pip install 'debtplan[calendar]'.") from None
    known: dict[str, list[str]] = package.list_supported_countries(include_aliases=True)
    if country.upper() not in known:
        what = f"[team.{team}] names {country!r}, of which no public holidays are known."
        raise SettingsError(what, _near(country.upper(), known, "Write the country as DE or GB"))
    parts = {one.upper(): one for one in known[country.upper()]}
    if region and region.upper() not in parts:
        what = f"[team.{team}] names {region!r}, which is no part of {country.upper()}."
        fix = f"Use one of: {', '.join(sorted(parts.values()))}"
        none = "Leave the part out: the country's holidays are the same everywhere"
        raise SettingsError(what, f"{fix if parts else none}.")
    found = package.country_holidays(
        country.upper(), subdiv=parts.get(region.upper()), years=sorted(set(years))
    )
    return frozenset(found)


def _near(said: str, known: Iterable[str], fix: str) -> str:
    close = get_close_matches(said, sorted(known), n=1, cutoff=0.5)
    return f"{fix}; did you mean {close[0]}?" if close else f"{fix}."
