"""Names of people in a text: after titles, greetings, introductions, and in signatures."""

import re

_UPPER = (
    r"A-Z\u00c0-\u00d6\u00d8-\u00de\u0100\u0106\u010c\u010e\u0141\u015a\u0160\u0179\u017b\u017d"
)
_CAP = rf"(?:[{_UPPER}]['\u2019])?[{_UPPER}][\w\u2019'-]*\w"
_INITIAL = rf"[{_UPPER}]\.(?!\w)"
_PARTICLE = (
    r"(?:van der|van den|van de|de la|von der|von|van|vom|zu|de|del|di|da|dos|du|den|der|la|le|bin"
    r"|al|el|y)"
)
_PART = rf"(?:{_CAP}|{_INITIAL})"
_NAME = rf"{_PART}(?: (?:{_PARTICLE} )?{_PART}){{0,4}}"

_TITLED = re.compile(
    r"(?P<said>\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam|Herrn?|Frau|Hr|Mme|Mlle|Madame"
    r"|Monsieur|Mademoiselle|Se\u00f1ora?|Sra?|Signora?)\.? (?:(?:Dr|Prof|med)\.? ){0,2})"
    rf"(?P<name>{_NAME})"
)
# The phrase in any case, the name with its capitals.
_INTRODUCED = re.compile(
    r"(?P<said>(?i:\b(?:my name is|my name['\u2019]s|i am called|ich hei(?:\u00df|ss)e"
    r"|mein name ist|je m['\u2019]appelle|mon nom est|me llamo|mi nombre es|mi chiamo|ik heet"
    r"|mijn naam is) ))"
    rf"(?P<name>{_NAME})"
)
_GREETED = re.compile(
    r"(?P<said>(?:^|(?<=[\n.!?\u201c\"'\u2018>]))\s{0,4}(?:Hi|Hello|Hey|Dear|Hallo|Hoi|Liebe[rs]?|"
    r"Sehr geehrte[rs]?|Guten (?:Tag|Morgen|Abend)|Good (?:morning|afternoon|evening)|Bonjour|"
    r"Salut|Ch\u00e8re?|Cher|Hola|Estimad[oa]|Ciao|Moin|Servus|Gr\u00fcezi|Gr\u00fc\u00df Gott),? )"
    rf"(?P<name>{_NAME}(?: (?:and|und|et|y|&) {_NAME})?)"
    r"(?=\s*(?:[,!.:;\n\u2013-]|$)"
    r"|,? (?:I|I['\u2019]m|ich|wir|we|je|nous|this|my|mein|thanks|thank|danke|merci|can|could|"
    r"please|bitte)\b)"
)
_CLOSING = (
    r"(?:(?:Best|Kind|Kindest|Warm|Warmest|Many)? ?[Rr]egards|Best wishes|All the best|Sincerely|"
    r"Yours(?: (?:sincerely|faithfully|truly))?|(?:Mit )?(?:[Ff]reundliche[nm]?|[Vv]iele[n]?|"
    r"[Ll]iebe[n]?|[Bb]este[n]?|[Hh]erzliche[n]?|[Ss]ch\u00f6ne[n]?) "
    r"Gr(?:\u00fc|ue)(?:\u00df|ss)en?|"
    r"(?:Bien )?[Cc]ordialement|Salutations|Saludos|Cordiali saluti|MfG|LG|VG)"
)
_SIGNED = re.compile(
    rf"(?P<said>\b{_CLOSING}[,.!]?(?:[ \t]*\n\s{{0,4}}|\s{{1,4}}))(?P<name>{_NAME})"
)
_THANKED = re.compile(
    r"(?P<said>\b(?:Cheers|Thanks|Thank you|Many thanks|Thx|Danke|Vielen Dank|Merci|Gracias|"
    rf"Gru\u00df|Best|Love|Ciao)[,.!]?(?:[ \t]*\n\s{{0,4}}|\s{{1,4}}))(?P<name>{_NAME})"
    r"(?=\.?\s*(?:\n|$))"
)
_QUOTED = re.compile(
    rf"(?P<said>[\"\u201c\u201d\u00bb]\s{{0,3}}(?:--|[\u2014\u2013]|- )\s?)(?P<name>{_NAME})"
    r"(?=\s*(?:[,(\n]|$))"
)

_NO_NAMES = frozenset(
    {
        *("all", "customer", "damen", "desk", "everybody", "everyone", "folks", "friends", "guys"),
        *("hello", "herren", "kollegen", "kunde", "kundenservice", "kundin", "ladies", "leute"),
        *("messieurs", "mesdames", "no", "nobody", "not", "nothing", "service", "shop", "support"),
        *("team", "there", "tous", "universe", "world", "you", "zusammen", "user", "users"),
        *("nutzer", "nutzerin", "participant", "teilnehmer", "teilnehmerin", "nicht", "pas"),
        *("too", "wrong", "never", "from", "von", "sent", "herr", "herrn", "frau", "mr", "mrs"),
        *("ms", "miss", "dr", "prof", "professor", "sir", "madam", "madame", "monsieur", "mme"),
        *("hr", "mlle", "mademoiselle", "se\u00f1or", "se\u00f1ora", "signora", "mx"),
    }
)
"""Words that stand where a name might."""


def redact_names(text: str) -> str:
    """Return the text with names of people as `[name]`; titles, greetings and so on stay."""
    found = text
    for pattern in (_INTRODUCED, _TITLED, _GREETED, _SIGNED, _THANKED, _QUOTED):
        found = pattern.sub(_hidden, found)
    return found


def _hidden(found: re.Match[str]) -> str:
    first = re.match(r"[\w'\u2019-]+", found["name"])
    if first is not None and first[0].casefold() in _NO_NAMES:
        return found[0]
    return f"{found['said']}[name]{found.string[found.end('name') : found.end()]}"
