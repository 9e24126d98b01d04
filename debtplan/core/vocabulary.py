"""Words of trackers and metrics brought to one form, so that `timeouts` and `slow` meet.

    text -> identifiers split (camelCase, snake_case, dots, slashes) -> accents and case folded
         -> stop words out -> synonyms of the field, or the stem

Nothing here understands a sentence: text is a bag of words, whatever it says. English and German.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

READ_LIMIT = 8_000
"""Characters of a text that are read; what follows says little more and costs time."""

CONCEPTS: Mapping[str, str] = {
    "latency": (
        "slow slower slowly slowness latency latencies timeout timeouts wait waits waiting lag "
        "laggy delay delays delayed sluggish hang hangs hanging freeze freezes speed fast "
        "faster quick quickly apdex percentile percentiles langsam langsamer wartezeit warten "
        "wartet laden ladezeit dauer dauert haengt traege loads loading loaded seconds ms "
        "millis milliseconds p50 p75 p90 p95 p99 ttfb stall stalls stalled stalling "
        "unresponsive performance throughput bottleneck bottlenecks forever ages spinner spins "
        "spinning queued queueing congestion overload overloaded slows slowdown "
        "slowdowns slowed sekunden ewig langsame lahm verzoegerung verzoegert"
    ),
    "error": (
        "error errors fail fails failed failing failure failures broken crash crashes "
        "exception exceptions refuse refuses refused reject rejects rejected wrong fault "
        "faulty 500 502 503 504 fehler fehlschlag fehlgeschlagen scheitert abgelehnt kaputt "
        "absturz throw throws thrown invalid incorrect incorrectly corrupt corrupts corrupted "
        "panic panics 400 401 403 404 409 422 429 4xx 5xx unavailable outage outages breaks "
        "break breaking traceback stacktrace npe nullpointer unhandled denied denies declines "
        "declined decline rejecting rejection rejections refusing unable crashed crashing bug "
        "bugs buggy malfunction malfunctions mistake mistakes faults ungueltig stuerzt falsch "
        "falsche fehlerhaft ausfall ausfaelle"
    ),
    "loss": (
        "dropoff abandon abandons abandoned abandonment lost lose loses leave leaves leaving "
        "bounce bounces churn quit quits conversion funnel abbruch abbrecher abbrechen "
        "verloren dropout dropouts unfinished incomplete bail bails bailed "
        "bounced bouncing quitting abandoning converting "
        "absprung absprungrate verlassen verlieren"
    ),
    "satisfaction": (
        "csat satisfaction satisfied unhappy survey nps rating ratings zufriedenheit "
        "unzufrieden umfrage unsatisfied dissatisfied dissatisfaction feedback sentiment "
        "frustrated frustrating frustration annoyed annoying annoys happy happiness review "
        "rated bewertung bewertungen ungluecklich"
    ),
    "ticket": (
        "ticket tickets complaint complaints complain complains helpdesk hotline beschwerde "
        "beschwerden anfragen complained complaining callcenter callers hotlines servicedesk "
        "zendesk intercom supportanfragen reklamation reklamationen anrufe"
    ),
    "paint": (
        "paint paints painted lcp inp cls fcp render renders rendering rendered blank jank janky "
        "flicker flickers flickering bildaufbau ruckelt flackert"
    ),
    "toil": (
        "toil clicks cumbersome tedious laborious clumsy lengthy effort minutes fiddly duration "
        "retype retyping umstaendlich muehsam aufwendig minuten bearbeitungszeit"
    ),
    "upkeep": (
        "test tests testing flaky build builds linter lint upgrade upgrades bump bumps rename "
        "renames dead unused docs documentation readme changelog dependency dependencies "
        "dependabot pipeline ci certificate certificates deprecate deprecated cleanup tidy "
        "switches storybook hints monorepo branches logs logging aufraeumen umbenennen "
        "veraltet tot toter toten loeschen linting eslint prettier formatter typing typings "
        "typescript docstring docstrings adr coverage fixture fixtures mock mocks snapshot "
        "snapshots webpack vite gradle maven bazel makefile docker dockerfile helm terraform "
        "renovate vulnerability vulnerabilities cve toggles toggle logger "
        "loggers todo todos whitespace unify consolidate renaming naming refactoring "
        "boilerplate submodule scripts jest mocha pytest vitest junit sonar obsolete commented "
        "kommentare skripte umbenennung"
    ),
    "login": (
        "login logins signin signins logon auth authentication authenticate sso password passwords "
        "anmelden anmeldung anmeldungen einloggen passwort kennwort"
    ),
    "logout": "logout signout logoff abmelden abmeldung",
    "signup": "signup register registration registrations registrieren registrierung onboarding",
    "payment": (
        "payment payments pay pays paid paying billing zahlung zahlungen bezahlen bezahlung zahlen"
    ),
    "cart": "cart carts basket baskets warenkorb",
    "shipping": "shipping ship shipment shipments delivery deliveries versand lieferung zustellung",
    "address": "address addresses adresse adressen anschrift postcode zip zipcode postleitzahl plz",
    "search": "search searches searching suche suchen sucht",
    "suggestion": "suggestion suggestions suggest autocomplete typeahead vorschlag vorschlaege",
    "international": (
        "international abroad foreign overseas crossborder ausland auslaendisch weltweit"
    ),
    "domestic": "domestic inland inlaendisch",
    "mobile": "mobile phone phones smartphone handy",
    "ios": "ios iphone iphones ipad ipads",
    "android": "android androids",
    "desktop": "desktop desktops laptop laptops",
    "account": "account accounts profile profiles konto konten profil",
    "order": "order orders bestellung bestellungen auftrag",
    "form": "form forms formular formulare",
    "upload": "upload uploads uploading hochladen",
    "download": "download downloads downloading herunterladen",
    "booking": "booking bookings reservation reservations buchung buchungen buchen",
    "video": "video videos playback player stream streams wiedergabe",
    "message": "message messages chat nachricht nachrichten",
    "transfer": "transfer transfers remittance ueberweisung ueberweisungen ueberweisen",
    "image": "image images picture pictures photo photos bild bilder foto",
}  # fmt: skip
"""Synonyms of the field: concept -> words, parted by spaces. Words stand as they are folded."""

PHRASES: Mapping[str, str] = {
    r"drop(?:ped|s|ping)?[ -]?off": "dropoff",
    r"drop(?:ped|s|ping)?[ -]out": "dropoff",
    r"give[sn]?[ -]up|giving[ -]up|gave[ -]up": "abandon",
    r"sign(?:s|ed|ing)?[ -]ins?": "signin",
    r"log(?:s|ged|ging)?[ -]?ins?": "login",
    r"log(?:s|ged|ging)?[ -]?out|sign(?:s|ed|ing)?[ -]out": "logout",
    r"sign(?:s|ed|ing)?[ -]up": "signup",
    r"tim(?:e|es|ed|ing)[ -]?outs?": "timeout",
    r"(?:response|loading|waiting)[ -]times?": "latency",
    r"(?:time|minutes|long) to (?:finish|complete)": "toil",
    r"(?:too|so) many (?:steps|clicks|fields|screens)": "toil",
    r"n ?\+ ?1": "latency",
    r"layout[ -]shifts?|white screen|first (?:paint|picture)|contentful": "paint",
    r"(?:never|not|nobody|without) (?:finish|complete|convert)(?:es|s|ing)?": "abandon",
    r"(?:walk|turn|run)(?:s|ed|ing)? away": "abandon",
    r"type[ -]ahead|auto[ -]complet(?:e|ion)": "autocomplete",
    r"cross[ -]border": "crossborder",
    r"post(?:al)?[ -]codes?": "postcode",
    r"br[ei]ch(?:en|t)? ab": "abbruch",
    r"(?:writ|call|mail|ring|phon|contact)(?:e|es|ing|s|ed)? (?:to )?(?:us|support)": "complaint",
    r"support (?:calls?|cases?|requests?|contacts?|load|inbox|gets|hears)": "complaint",
    r"(?:customer|user) (?:service|support)|help ?desk|call ?cent(?:er|re)": "helpdesk",
}
"""Words that belong together, as patterns over folded text, and the one word they become."""

COMPOUNDS: Mapping[str, str] = {
    "adress": "address", "anmelde": "login", "bestell": "order", "bezahl": "payment",
    "buchungs": "booking", "fehler": "error", "konto": "account", "liefer": "shipping",
    "such": "search", "ueberweis": "transfer", "versand": "shipping", "warte": "latency",
    "zahlungs": "payment",
}  # fmt: skip
"""How German compounds of seven letters or more begin, and the concept that adds."""

_STOP = (
    "a about after all also an and any are as at be because been before but by can cannot could "
    "did do does each every for from get gets give had has have he her here him his how i if in "
    "into is it its just like make makes many may me more most much must my need needs no not "
    "now of off on once one only or other our out over own per s same she should so some such t "
    "than that the their them then there they this those to too two under until up us use used "
    "uses user users using very want wants was we were what when where which while who why will "
    "with without would you your customer customers please thing things work works new old "
    "today still again ever never first last via etc ab aber alle als am auch auf aus bei bin "
    "bis da das dass dem den der des die diese dieser dieses doch ein eine einem einen einer "
    "eines er es fuer hat haben ich ihr im ist ja kann kein keine koennen man mehr mein mit "
    "muss nach nicht noch nur ob oder ohne sehr sein sich sie sind und uns unser vom von vor "
    "war wenn werden wie wieder wir wird wo zu zum zur kunde kunden nutzer damit moechte "
)
STOP_WORDS = frozenset(_STOP.split())
"""Words that say nothing about what an item touches, as they are folded."""

_SUFFIXES = (
    "izations", "ization", "ations", "ation", "ators", "ator", "ating", "ated", "ates", "ate",
    "ments", "ment", "ings", "ing", "ungen", "ung", "ies", "ied", "ers", "er", "ed", "es", "en",
    "s", "e", "y",
)  # fmt: skip
_LEAST_STEM = 4
_LEAST_COMPOUND = 7
_LEAST_WORD = 2

_MADE_VISIBLE = re.compile(r"<U\+[0-9A-F]{4}>")
_CAMEL = re.compile(r"(?<=[a-z])(?<!\b[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]{1,40}")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_PHRASES = tuple((re.compile(rf"\b(?:{one})\b"), word) for one, word in PHRASES.items())
_CONCEPT_OF = {word: name for name, words in CONCEPTS.items() for word in words.split()}


def words(text: str, limit: int = READ_LIMIT) -> Iterator[str]:
    """Yield the words of a text in its order, each as its concept or stem.

    Args:
        text: Anything; direction overrides and control characters say nothing.
        limit: Characters that are read.
    """
    for word in _WORD.findall(fold(text[:limit])):
        yield from _forms(word)


def spellings(text: str) -> dict[str, str]:
    """Return how a text first spells each of its words, by concept or stem."""
    found: dict[str, str] = {}
    for word in _WORD.findall(fold(text[:READ_LIMIT])):
        for form in _forms(word):
            found.setdefault(form, form if form in CONCEPTS else word)
    return found


def fold(text: str) -> str:
    """Return the text with identifiers split, in small letters without accents, phrases joined."""
    plain = unicodedata.normalize("NFC", _MADE_VISIBLE.sub(" ", text))
    plain = _CAMEL.sub(" ", plain).replace("_", " ").casefold().translate(_UMLAUTS)
    parted = unicodedata.normalize("NFKD", plain)
    plain = "".join(sign for sign in parted if not unicodedata.combining(sign))
    for pattern, word in _PHRASES:
        plain = pattern.sub(word, plain)
    return plain


@lru_cache(maxsize=65_536)
def _forms(word: str) -> tuple[str, ...]:
    """Return what a folded word stands for: nothing, its concept, or its stem."""
    concept = _CONCEPT_OF.get(word)
    if concept is not None:
        return (concept,)
    if word in STOP_WORDS or len(word) < _LEAST_WORD or word.isdecimal():
        return ()
    if len(word) >= _LEAST_COMPOUND:
        for start, meant in COMPOUNDS.items():
            if word.startswith(start):
                return (meant, stem(word))
    return (stem(word),)


def stem(word: str) -> str:
    """Return the word without the ending that English and German bend it with."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _LEAST_STEM:
            if suffix == "s" and word.endswith("ss"):
                return word
            return word[: -len(suffix)]
    return word
