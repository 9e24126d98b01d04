"""Street addresses in a text, where they are plain: English, German, French, post boxes."""

import re

_CAP = r"[A-Z\u00c0-\u00de][\w'\u2019-]*"

_ENGLISH = (
    r"\b[0-9]{1,5}[A-Za-z]?,? (?:[NSEW]\.? )?"
    rf"(?:{_CAP}\.? ){{1,3}}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Parkway|Pkwy|Highway|Hwy"
    r"|Terrace|Crescent|Square|Court|Way)\b\.?"
)
_CITY = r"[A-Z\u00c0-\u00de][a-z\u00df-\u00ff'\u2019-]+"
_AFTER_ENGLISH = (
    rf"(?:,? (?:Apt|Apartment|Flat|Unit|Suite)\.? [0-9]+[A-Za-z]?)?(?:, {_CITY}(?: {_CITY})?)?"
    r"(?:,? [A-Z]{2} [0-9]{5}(?:-[0-9]{4})?|,? [A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2})?\b"
)
_TOWN = rf"(?:,? (?:[A-Z]{{1,2}}-)?[0-9]{{4,5}} {_CAP}(?:[ -]{_CAP})?)"

# Words that end so are streets; those of the second kind only with a town behind the number.
_STREETS = r"(?:stra(?:\u00dfe|sse)|str\.|gasse|allee|chaussee)"
_PERHAPS = r"(?:weg|platz|ring|damm|ufer|steig|pfad|markt)"
_ADJECTIVE = (
    r"(?:[A-Z\u00c4\u00d6\u00dc][\w-]*er|Lange|Neue|Alte|Gro\u00dfe|Kleine|Hohe|Breite|Obere"
    r"|Untere)"
)
_NUMBER = r"[0-9]{1,4}(?: ?[a-z])?\b(?: ?[-/] ?[0-9]{1,4}[a-z]?\b)?"
_GERMAN = (
    rf"(?:\b[A-Z\u00c4\u00d6\u00dc][\w-]*{_STREETS}|\b{_ADJECTIVE} (?:Stra(?:\u00dfe|sse)|Str\.|"
    rf"Gasse|Allee|Chaussee)) {_NUMBER}{_TOWN}?"
)
_GERMAN_IN_TOWN = rf"\b[A-Z\u00c4\u00d6\u00dc][\w-]*(?: [\w-]+)?{_PERHAPS} {_NUMBER}{_TOWN}"

_FRENCH = (
    r"\b[0-9]{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|av\.|boulevard|bd\.?|chemin|impasse"
    r"|all\u00e9e|place|quai|route) (?:(?:de la|de l['\u2019]|du|des|de|d['\u2019]) ?)?"
    rf"{_CAP}(?:[ -](?:(?:de|du|des|la) )?{_CAP}){{0,3}}{_TOWN}?"
)
_BOX = rf"\b(?:P\.? ?O\.? ?Box|Postfach|Bo\u00eete postale) [0-9][0-9 ]{{0,8}}[0-9]\b{_TOWN}?"

_STREET = re.compile("|".join((_ENGLISH + _AFTER_ENGLISH, _GERMAN, _GERMAN_IN_TOWN, _FRENCH, _BOX)))


def redact_streets(text: str) -> str:
    """Return the text with street and house number, and a town behind them, as `[address]`."""
    return _STREET.sub("[address]", text)
