"""Whether a text looks like technical debt: words that people use when they admit it.

    likelihood = 1 / (1 + exp(-(w0 + w1 ln(1 + words) + sum of the weights of what is found)))

What counts as a sign comes from studies of self-admitted technical debt (Potdar and Shihab 2014,
Li, Soliman and Avgeriou 2022). The weights are logistic regression on pull requests of 41 Apache
projects that the latter labelled; `benchmarks/debt_text.py` fits them, and says how often they are
right on the 22 projects that they never saw. English only.
"""

import re
from collections.abc import Sequence
from math import exp, log

from debtplan.core.item import DebtItem
from debtplan.core.vocabulary import stem

READ_LIMIT = 2_000
"""Characters of a text that are read."""

SUSPECT = 0.2
"""Likelihood from which a text is suspected: found on the texts that the weights were fitted to."""

INTERCEPT = -2.93
PER_LOG_WORD = -0.09
ANY_SIGN = 1.61
SEVERAL_SIGNS = 0.43

WEIGHED_SIGNS = {
    r"unnecessar\w+": 0.71,
    r"(?:add|missing|lack of|more|unit|without|no|need) tests?": 0.14,
    r"leak\w*": 0.7,
    r"improve\w*": 0.42,
    r"typo": 0.7,
    r"performance": 0.25,
    r"confus\w+": 0.26,
    r"flak(?:y|iness)": 0.65,
    r"too (?:many|much|long|big)": 0.25,
    r"simplif\w+": 0.34,
    r"redundan\w+": 0.52,
    r"remove": -0.28,
    r"coverage": 0.13,
}
"""Signs with a weight of their own, beside that of any sign."""

OTHER_SIGNS = (
    r"technical debt",
    r"tech debt",
    r"refactor\w*",
    r"clean ?-?up\w*",
    r"cleaner",
    r"tid(?:y|ied)",
    r"rewrite",
    r"rework\w*",
    r"redesign\w*",
    r"restructur\w*",
    r"duplicat\w+",
    r"unneeded",
    r"unused",
    r"not used",
    r"no longer (?:used|needed)",
    r"dead code",
    r"obsolete",
    r"outdated",
    r"legacy",
    r"deprecat\w+",
    r"hack\w*",
    r"workaround",
    r"work around",
    r"kludge",
    r"ugly",
    r"messy",
    r"spaghetti",
    r"hard ?-?coded",
    r"magic (?:number|string)s?",
    r"todo",
    r"fixme",
    r"xxx",
    r"temporary",
    r"for now",
    r"quick fix",
    r"test coverage",
    r"javadoc",
    r"spelling",
    r"misspell\w*",
    r"documentation",
    r"docs?",
    r"comments?",
    r"readab\w+",
    r"unclear",
    r"misleading",
    r"naming",
    r"renam\w+",
    r"better name",
    r"consisten\w+",
    r"inconsisten\w+",
    r"slow\w*",
    r"inefficien\w+",
    r"expensive",
    r"thread.?safe",
    r"race condition",
    r"not (?:ideal|optimal|supported|implemented)",
    r"should be (?:moved|removed|renamed)",
    r"move (?:this|it)",
    r"instead of",
    r"decouple",
    r"coupl\w+",
    r"cyclic",
    r"complex\w*",
    r"log(?:ging)? (?:message|level)",
    r"error message",
    r"null check",
    r"follow ?-?up",
    r"later",
    r"future",
    r"verbose",
    r"boilerplate",
    r"style",
    r"formatting",
    r"indent\w*",
    r"whitespace",
)

_PHRASES = """
!=-0.78 ?=0.12 ?_the=0.33 a_bit=0.66 a_lot_of=0.42 actuall=0.18 add=0.34 add_a=0.33 also=0.59
also_add=0.33 an=0.13 and_are=0.37 and_then=0.39 are=-0.22 as=-0.42 be=0.67 be_more=0.47
becaus=-0.21 becaus_the=0.22 below=0.28 bett=0.47 bit=0.48 build_result=-0.1 but=0.12
but_i_think=0.2 can=-0.13 case=0.33 ci=-0.43 class=0.47 clean=0.55 clean_up=0.25 cleanup=-0.15
clear=0.39 code=0.5 confus=0.26 convention=0.36 could=0.19 coverag=0.13 currentl=0.12 deal=0.26
decid=0.37 describ=0.23 doesn't=0.23 equal=0.16 even=0.17 exampl=0.24 flak=0.7 from=-0.4
general=0.24 get=0.36 hard=0.82 have=-0.16 have_a=0.13 here=0.19 i=-0.33 i_think=0.42
i_would=0.52 if=-0.38 implement=-0.26 improv=0.42 in_this=-0.15 input=0.41 instead=0.24
is_not=0.54 it_is=0.14 it_so=0.22 it_to=0.57 it_would=0.33 it_would_be=0.75 javadoc=0.36
just=-0.14 leak=0.54 librar=0.32 like=-0.25 link=-0.1 logic=0.45 long=0.3 lot_of=0.47 make=0.11
make_sens=0.29 many=0.1 mayb=0.75 mayb_we=0.28 me=0.55 memor=0.31 merg=-0.59 method=0.66
method_is=0.31 might=0.48 minor=0.61 most=0.33 much=0.56 name=0.34 necessar=0.33 need=0.51
need_to=-0.39 never=0.38 nit=1.07 no=0.3 no_long=0.2 not=-0.33 of=-0.56 once=0.14 or=-0.42
other=0.3 performanc=0.25 possibl=0.12 pref=0.28 prett=0.33 rath=0.37 rath_than=0.12 read=0.2
reason=0.43 remov=0.34 reus=0.4 safe=0.36 seem=0.41 seem_to_be=0.2 sens=0.5 should=0.17
simplif=0.35 sinc=0.13 so=0.17 some=0.51 someth_like=0.45 string=0.34 term=0.43 test=0.17
than=0.4 thank=-0.58 thank_you=-0.46 the=0.28 the_and=0.16 the_check=0.32 the_class=0.21
the_implement=0.42 the_new=0.41 the_to=0.29 the_valu=0.36 the_way=0.57 then=0.25 thes=0.2
this_chang=0.5 this_in=0.29 though=0.18 to=-0.19 to_not=0.2 to_this=-0.18 to_use=0.57 typo=0.7
unnecessar=0.71 up=0.23 usag=0.37 usag_of=0.39 use=0.15 used=0.41 using=0.31 variabl=0.31
very=0.23 want=0.14 want_to=0.31 we_could=0.18 we_have=0.26 we_may=0.27 which=-0.12 with=-0.2
would_be=-0.18 wouldn't=0.14 yet=0.4 you_add=0.58 you_add_a=0.31
"""
PHRASES = {
    phrase.replace("_", " "): float(weight)
    for phrase, _, weight in (one.partition("=") for one in _PHRASES.split())
}
"""Weights of stems, and of two or three in a row; a sign of exclamation is a word of its own."""

LONGEST_PHRASE = 3

_NOT_SAID = re.compile(r"```.*?(?:```|\Z)|https?://\S+|@\S+|^>[^\n]*", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`[^`\n]*`")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\?|!")
_SIGNS = tuple((re.compile(rf"\b(?:{one})\b"), one) for one in (*WEIGHED_SIGNS, *OTHER_SIGNS))


def looks_like_debt(text: str) -> float:
    """Return how likely the text speaks of technical debt, in (0, 1); see the module."""
    signs, phrases, length = read_signs(text)
    odds = INTERCEPT + PER_LOG_WORD * log(1 + length)
    odds += ANY_SIGN * (len(signs) > 0) + SEVERAL_SIGNS * (len(signs) > 1)
    odds += sum(WEIGHED_SIGNS.get(one, 0.0) for one in signs)
    odds += sum(PHRASES[one] for one in sorted(phrases) if one in PHRASES)
    return 1 / (1 + exp(-odds))


def read_signs(text: str) -> tuple[tuple[str, ...], frozenset[str], int]:
    """Return the signs of debt in a text, its stems and their sequences, and its words' number.

    Quotes, addresses, mentions and blocks of code are not what the writer says.
    """
    said = _NOT_SAID.sub(" ", text[:READ_LIMIT].lower())
    signs = tuple(name for pattern, name in _SIGNS if pattern.search(said))
    stems = [stem(word) for word in _WORD.findall(_CODE.sub(" ", said))]
    phrases = {
        " ".join(stems[at : at + length])
        for length in range(1, LONGEST_PHRASE + 1)
        for at in range(len(stems) - length + 1)
    }
    return signs, frozenset(phrases), len(stems)


def find_unmarked(items: Sequence[DebtItem]) -> tuple[tuple[DebtItem, float], ...]:
    """Return the items whose title and text look like debt, the likeliest first, then by key."""
    weighed = [(item, looks_like_debt(f"{item.title}\n{item.text}")) for item in items]
    found = [(item, likely) for item, likely in weighed if likely >= SUSPECT]
    return tuple(sorted(found, key=lambda pair: (-round(pair[1], 6), pair[0].key)))
