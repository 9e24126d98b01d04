"""Personal data taken out of what people said: addresses, numbers and names become `[phone]`.

Every pattern is looked for by its own form and, where it has one, its check digits, so that order
numbers, prices, dates and error codes stay. Where a form could be both, what stands before it
decides: `order 4111...` stays, `call me on 555 0199` goes. Names without a title, a greeting, a
signature or "my name is" beside them are not found: no list of names would be whole.
"""

import re
from collections.abc import Callable
from ipaddress import IPv6Address

from debtplan.core.named import redact_names
from debtplan.core.postal import redact_streets

# Blanks and dashes as phones, web pages and office programs write them inside numbers.
_GAP = r"[ \u00a0\u2007\u2009\u202f]"
_DASH = r"[-\u2010-\u2013]"
_SEP = rf"(?:{_GAP}|{_DASH}|\.)"

_URL = re.compile(r"\b(?:https?|ftp|wss?)://[^\s<>\"'»”]+|\bwww\.[^\s<>\"'»”]+", re.IGNORECASE)
_TELLING = re.compile(
    r"//[^/?#]*@|[?#;]|/(?:@|~)|%40"
    r"|/(?:u|users?|profiles?|members?|people|in|accounts?|customers?|reset|invite|verify|magic)/."
    r"|/[^/]*(?=[^/]*[0-9])(?=[^/]*[A-Za-z])[A-Za-z0-9_-]{20,}",
    re.IGNORECASE,
)
"""What of an address may name a person or let somebody in: user, query, fragment, long key."""

_MAIL = re.compile(
    r"(?:mailto:)?(?<![\w.+%'&-])[\w.+%'&-]+(?:@|\uff20| ?[\[(] ?(?:at|\u00e4t|@) ?[\])] ?)"
    r"[\w-]+(?:(?:\.| ?[\[(] ?(?:dot|punkt|point|\.) ?[\])] ?)[\w-]+)+",
    re.IGNORECASE,
)
_IPV4 = re.compile(
    r"(?<![\w.-])(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}"
    r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?![\w-]|\.[0-9])(?::[0-9]{1,5}\b)?"
)
_VERSION = re.compile(
    r"(?:(?:version|release|build|v|ver\.?|firmware|driver) ?|==|[a-z]/)$", re.IGNORECASE
)
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE)
_FEWEST_COLONS = 3

_IBAN_LENGTHS = {
    size: countries.split()
    for size, countries in {
        15: "NO",
        16: "BE",
        18: "DK FK FI FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
}
"""Characters of an IBAN by country, from SWIFT's IBAN registry."""

_IBAN = re.compile(
    "|".join(
        rf"(?<!\w)(?:{'|'.join(countries)})[0-9]{{2}}"
        rf"(?:(?:{_GAP}|-)?[A-Z0-9]){{{size - 4}}}(?!\w)"
        for size, countries in _IBAN_LENGTHS.items()
    ),
    re.IGNORECASE,
)

# Plain, by what the issuers' numbers begin with and how long they are; or in groups of 4-4-4-4
# or 4-6-5.
_CARD = re.compile(
    r"(?<![\w.,/|-])(?:4[0-9]{12}(?:[0-9]{3}){0,2}|5[0-9]{15}|2[2-7][0-9]{14}|3[47][0-9]{13}"
    r"|3(?:0[0-5]|[68][0-9])[0-9]{11}|35[0-9]{14}|6[0-9]{15,18}"
    rf"|(?P<gap>[2-6][0-9]{{3}}(?P<sep>{_GAP}|{_DASH})(?:[0-9]{{4}}(?P=sep)[0-9]{{4}}(?P=sep)"
    r"[0-9]{1,7}|[0-9]{6}(?P=sep)[0-9]{4,5})))(?![\w|]|[.,/-][0-9])"
)
_LUHN = 10

_PERSONAL_NUMBERS = tuple(
    re.compile(rf"(?<![\w-]){pattern}(?![\w]|-[0-9])")
    for pattern in (
        rf"(?!000|666|9)[0-9]{{3}}{_DASH}(?!00)[0-9]{{2}}{_DASH}(?!0000)[0-9]{{4}}",  # US, SSN
        rf"(?!000|666|9)[0-9]{{3}}{_GAP}(?!00)[0-9]{{2}}{_GAP}(?!0000)[0-9]{{4}}",
        rf"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]{_GAP}?(?:[0-9]{{2}}{_GAP}?){{3}}[A-D]",  # UK
        rf"[0-9]{{2}}{_GAP}?[0-3][0-9][01][0-9][0-9]{{2}}{_GAP}?[A-Z]{_GAP}?[0-9]{{3}}",  # Germany
        rf"756{_SEP}?[0-9]{{4}}{_SEP}?[0-9]{{4}}{_SEP}?[0-9]{{2}}",  # Switzerland, AHV
        r"[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]",  # Italy, codice fiscale
    )
)
_NIR = re.compile(
    rf"(?<!\w)[12]{_SEP}?[0-9]{{2}}{_SEP}?[0-9]{{2}}{_SEP}?[0-9][0-9AB]{_SEP}?[0-9]{{3}}"
    rf"{_SEP}?[0-9]{{3}}{_SEP}?[0-9]{{2}}(?!\w)"
)
"""France, with its two check digits."""

# +49 (0)30 1234567, +1 415-555-2671
_WORLDWIDE = re.compile(rf"(?<!\w)\+{_GAP}?[1-9](?:(?:{_SEP}|/){{0,2}}\(?[0-9]\)?){{6,14}}(?!\w)")
_PHONES = tuple(
    re.compile(rf"(?<![\w.,/:#-])(?:{pattern})(?![\w]|{_SEP}?[0-9]|[,:/][0-9])")
    for pattern in (
        # 0049 30 1234567
        rf"00[1-9](?:(?:{_SEP}|/){{0,2}}\(?[0-9]\)?){{6,14}}",
        # (030) 1234567, (415) 555-2671
        rf"\([0-9]{{2,5}}\){_SEP}?[0-9](?:{_SEP}?[0-9]){{4,9}}",
        # 415-555-2671, 415.555.2671, 415 555-2671
        rf"[2-9][0-9]{{2}}{_SEP}[2-9][0-9]{{2}}(?:{_DASH}|\.)[0-9]{{4}}",
        # 030/1234567, 0171-1234567, 020 7946 0958, 0171 / 12 34 56 7
        rf"0[1-9][0-9]{{1,4}}{_GAP}?(?:/|{_DASH}|{_GAP}){_GAP}?[0-9](?:{_GAP}?[0-9]){{4,8}}",
        # 06 12 34 56 78, 06.12.34.56.78
        rf"0[1-9](?:{_SEP}[0-9]{{2}}){{4}}",
        # 0612345678, 01711234567
        r"0[1-9][0-9]{8,10}",
    )
)
_SAID_PHONE = re.compile(
    r"(?P<said>\b(?:tel(?:efon|ephone)?|t\u00e9l(?:\u00e9phone)?|phone|mobile?|handy|portable|cell"
    r"|fax|whatsapp|(?:call|ring|text|reach) (?:me|us|him|her) (?:on|at|under)|r\u00fcckruf)"
    r"(?:nummer| ?number| ?no| ?nr)?\.?(?: (?:is|ist|est|unter|auf))?:?\s{0,2})"
    rf"\+?\(?[0-9](?:(?:{_SEP}|[/()]){{0,2}}[0-9]){{5,14}}(?!\w)",
    re.IGNORECASE,
)

_LABEL = re.compile(
    r"(?:order|invoice|booking|tracking|ticket|case|ref(?:erence)?|id|code|error|sku|article|item"
    r"|serial|bestell\w*|auftrag\w*|rechnung\w*|sendung\w*|vorgang\w*|fehler\w*|artikel\w*"
    r"|commande|facture|erreur|colis|pedido|#)"
    r"(?:[ -]?(?:number|num|no|nr|nummer|code|id|n\u00b0|n\u00ba))?[.:#]?\s{0,2}"
    r"(?:is |was |ist |war )?#?$",
    re.IGNORECASE,
)
"""Right before a number, this says that it is a thing's and not a person's."""

_BEFORE = 40


def redact(text: str) -> str:
    """Return the text with personal data replaced by what they are, in square brackets.

    The kinds: `[e-mail]`, `[link]`, `[IBAN]`, `[IP address]`, `[personal number]`, `[card]`,
    `[phone]`, `[address]`, `[name]`. Text without any is returned as it is, and what is returned
    stays as it is when it is redacted again.
    """
    found = _URL.sub(_link, text)
    found = _MAIL.sub("[e-mail]", found)
    found = _where(_IBAN, "[IBAN]", found, _is_account)
    found = _where(_IPV4, "[IP address]", found, lambda one: not _follows(_VERSION, one))
    found = _where(_IPV6, "[IP address]", found, _is_ipv6)
    for pattern in _PERSONAL_NUMBERS:
        found = _where(pattern, "[personal number]", found, _is_unlabelled)
    found = _where(_NIR, "[personal number]", found, _is_nir)
    found = _where(_CARD, "[card]", found, _is_card)
    found = _SAID_PHONE.sub(lambda one: f"{one['said']}[phone]", found)
    found = _WORLDWIDE.sub("[phone]", found)
    for pattern in _PHONES:
        found = _where(pattern, "[phone]", found, _is_unlabelled)
    return redact_names(redact_streets(found))


def _where(
    pattern: re.Pattern[str], word: str, text: str, is_one: Callable[[re.Match[str]], bool]
) -> str:
    return pattern.sub(lambda one: word if is_one(one) else one[0], text)


def _follows(label: re.Pattern[str], found: re.Match[str]) -> bool:
    """Tell whether a label stands right before what was found."""
    start = found.start()
    return label.search(found.string[max(0, start - _BEFORE) : start]) is not None


def _is_unlabelled(found: re.Match[str]) -> bool:
    return not _follows(_LABEL, found)


def _link(found: re.Match[str]) -> str:
    address = found[0].rstrip(".,;:!?)]")
    if not _TELLING.search(f"//{address.partition('://')[2] or address}"):
        return found[0]
    return "[link]" + found[0][len(address) :]


def _is_account(found: re.Match[str]) -> bool:
    """Tell whether the check digits hold (ISO 7064, mod 97-10)."""
    letters = [one for one in found[0] if one.isalnum()]
    turned = letters[4:] + letters[:4]
    return int("".join(str(int(one, 36)) for one in turned)) % 97 == 1


def _is_ipv6(found: re.Match[str]) -> bool:
    said = found[0]
    if said.count(":") < _FEWEST_COLONS and not any(one.isdigit() for one in said):
        return False
    try:
        IPv6Address(said)
    except ValueError:
        return False
    return len([part for part in said.split(":") if part]) > 1


def _is_nir(found: re.Match[str]) -> bool:
    letters = re.sub(_SEP, "", found[0])
    digits = letters[:-2].replace("2A", "19", 1).replace("2B", "18", 1)
    return digits.isdigit() and 97 - int(digits) % 97 == int(letters[-2:])


def _is_card(found: re.Match[str]) -> bool:
    """Tell whether the digits are a card's: check digit, and no label unless grouped like one."""
    digits = [int(one) for one in found[0] if one.isdigit()]
    total = sum(digits[-1::-2]) + sum(sum(divmod(2 * one, 10)) for one in digits[-2::-2])
    return total % _LUHN == 0 and (found["gap"] is not None or _is_unlabelled(found))
