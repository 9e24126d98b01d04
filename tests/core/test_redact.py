"""Personal data that were planted are gone; ordinary text is as it was."""

import re
import string
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from debtplan.core.redact import redact

digits = st.text("0123456789", min_size=1)

ORDINARY = (
    "The form refuses the postal code of Ireland.",
    "5 of 8 people looked for the Country field and gave up.",
    "Order 302-1234567-1234567 failed with ERR-0123456.",
    "Order number 4111111111111111 costs 1.299,00 EUR, not $1,234.50.",
    "Bestellnummer: 0171 1234567, Rechnung Nr. 0612345678.",
    "It happened on 2026-03-02 at 12:30:45, again on 02.03.2026 and 02/03/2026.",
    "Conversion fell from 12,000 to 9.800 sessions; 1 234,56 \u20ac were lost.",
    "HTTP 404 and 0x80070005 and ADDR_INVALID_400 in version 10.0.19045.1.",
    "My name is not accepted, my name is cut off.",
    "Hello Team, the page https://shop.example/checkout/shipping is slow.",
    "Dear Sir or Madam, the K\u00e4ufer 12 saw nothing.",
    "Sehr geehrte Damen und Herren, der Arbeitsplatz 3 ist leer.",
    "`std::vector` and `Checkout::Address` and a::b in C++.",
    "Thanks for the quick fix. Best practice would be 3 steps.",
    "Ticket 123456789 and case #0123456789, error code 0301234567.",
    "Between 10 and 12 users on 3 screens at 1920x1080, 16.7 ms a frame.",
    "Der Anstieg 5 % im Monitoring 5 ist nicht der Grund.",
    "Pages 100-200-3000 and 1-2-3; the ratio was 3/4 or 0,75.",
    "Miss nothing: the Street field, the Road field and Line 2.",
)


def luhn(body: str) -> str:
    """Return the digits with their check digit."""
    doubled = [int(one) * (2 if at % 2 == 0 else 1) for at, one in enumerate(reversed(body))]
    return body + str(-sum(sum(divmod(one, 10)) for one in doubled) % 10)


def iban(country: str, body: str) -> str:
    """Return an IBAN with its check digits."""
    number = int("".join(str(int(one, 36)) for one in f"{body}{country}00"))
    return f"{country}{98 - number % 97:02d}{body}"


def some_digits(size: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=size, max_size=size)


def spaced(text: str, sep: str, size: int = 4) -> str:
    return sep.join(text[at : at + size] for at in range(0, len(text), size))


gaps = st.sampled_from(["", " ", "-", "\u00a0", "\u2011"])


mails = st.builds(
    "{}@{}.{}".format,
    st.text(string.ascii_lowercase + "._+-", min_size=1, max_size=12).filter(str.strip),
    st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=10),
    st.sampled_from(["com", "co.uk", "de", "example"]),
)
cards = st.builds(
    lambda start, body, sep: spaced(luhn((start + body)[:15]), sep),
    st.sampled_from(["4", "51", "2221", "6011"]),
    some_digits(14),
    gaps,
)
ibans = st.builds(
    lambda country, body, sep: spaced(iban(country[0], body[: country[1] - 4]), sep),
    st.sampled_from([("DE", 22), ("FR", 27), ("NL", 18), ("AT", 20), ("NO", 15)]),
    some_digits(30),
    st.sampled_from(["", " ", "\u00a0"]),
)
ips = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(lambda one: one.exploded)
ssns = st.builds(
    "{:03d}-{:02d}-{:04d}".format, st.integers(1, 665), st.integers(1, 99), st.integers(1, 9999)
)
phones = st.one_of(
    st.builds(
        lambda code, body, sep: f"+{code}{sep}{spaced(body, sep, 3)}",
        st.sampled_from(["49", "1", "33", "44", "353"]),
        st.text("0123456789", min_size=7, max_size=10),
        st.sampled_from(["", " ", "-", "\u00a0", "."]),
    ),
    st.builds(
        lambda code, body, sep: f"0{code}{sep}{body}",
        st.sampled_from(["30", "171", "89", "20"]),
        st.text("123456789", min_size=6, max_size=8),
        st.sampled_from([" ", "/", "-", " / "]),
    ),
    st.builds(
        lambda area, mid, end, sep: f"({area}) {mid}{sep}{end}",
        st.integers(200, 999),
        st.integers(200, 999),
        st.text("0123456789", min_size=4, max_size=4),
        st.sampled_from(["-", " ", "."]),
    ),
    st.builds(
        lambda first, pairs: " ".join((f"0{first}", *pairs)),
        st.integers(1, 9),
        st.lists(some_digits(2), min_size=4, max_size=4),
    ),
)
names = st.builds(
    "{}{}".format,
    st.sampled_from(["Anna", "Jean-Luc", "\u0141ukasz", "Zo\u00eb", "Mehmet", "O\u2019Brien"]),
    st.sampled_from(
        [" Schmidt", " van der Berg", " O'Neill", " M.", " M\u00fcller-L\u00fcden", ""]
    ),
)
titled = st.builds(
    "{} {}".format, st.sampled_from(["Mrs", "Herr", "Frau Dr.", "Mme", "Prof.", "Mr."]), names
)
streets = st.sampled_from(
    [
        "12 Main Street",
        "221B Baker Street",
        "1600 Amphitheatre Parkway",
        "Hauptstra\u00dfe 12",
        "Berliner Str. 3a",
        "Lindenallee 7",
        "Marktplatz 1, 10115 Berlin",
        "12 bis rue de la Paix",
        "3, avenue Victor Hugo, 75016 Paris",
        "P.O. Box 1234",
    ]
)


def mentions(text: str, planted: str) -> bool:
    """Tell whether a part of what was planted is left, four letters or digits in a row."""
    left = re.sub(r"[^\w|]|_", "", re.sub(r"\[[\w -]+\]", "|", redact(text))).casefold()
    bare = re.sub(r"[\W_]", "", planted).casefold()
    return any(bare[at : at + 4] in left for at in range(max(1, len(bare) - 3)))


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_unchanged(text: str) -> None:
    assert redact(text) == text
    assert redact(f"> {text}\n\n{text} ") == f"> {text}\n\n{text} "


@given(st.lists(st.sampled_from(ORDINARY), min_size=1, max_size=4), st.sampled_from(["\n", " "]))
def test_ordinary_text_is_unchanged_in_any_order(texts: list[str], between: str) -> None:
    assert redact(between.join(texts)) == between.join(texts)


@given(mails | cards | ibans | ips | ssns | phones | streets)
def test_nothing_planted_in_a_sentence_survives(planted: str) -> None:
    for text in (planted, f"Write to {planted} today.", f"({planted}),\nwe are at {planted}"):
        found = redact(text)
        assert "[" in found
        assert planted not in found
        assert not mentions(text.replace("we are at", "//"), planted), found


@given(names)
def test_names_go_after_titles_greetings_introductions_and_in_signatures(name: str) -> None:
    for text in (
        f"I spoke to Mrs {name}. ",
        f"Hi {name}, ",
        f"Sehr geehrte Frau Dr. {name},\n",
        f"Bonjour {name} ! ",
        f"hello, my name is {name}. ",
        f"Ich hei\u00dfe {name} und ",
        f"Je m'appelle {name}, ",
        f"Mit freundlichen Gr\u00fc\u00dfen\n{name}\n",
        f"Kind regards,\n\n{name}",
        f"It is slow. Thanks, {name}",
        f"\u201cIt is slow\u201d \u2014 {name}, 34",
    ):
        assert "[name]" in redact(text), text
        assert not mentions(text, name), redact(text)


@given(
    st.lists(
        st.sampled_from(ORDINARY) | mails | cards | ibans | ips | ssns | phones | titled | streets,
        max_size=5,
    )
)
def test_what_is_redacted_stays_as_it_is(parts: list[str]) -> None:
    once = redact(" / ".join(parts))
    assert redact(once) == once


@given(st.text(max_size=200))
def test_any_text_at_all_is_redacted_without_a_failure(text: str) -> None:
    assert redact(redact(text)).count("[") >= text.count("[") - text.count("@")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Mail: a.b@c.de!", "Mail: [e-mail]!"),
        ("anna (at) example (dot) com", "[e-mail]"),
        ("Tel.: 5550199", "Tel.: [phone]"),
        ("call me on 555 0199 please", "call me on [phone] please"),
        ("see https://x.example/reset?token=abc.", "see [link]."),
        ("https://anna:secret@x.example/a", "[link]"),
        ("https://x.example/users/anna-schmidt", "[link]"),
        ("https://x.example/s/Zk3hVq9TzLw2PbXc7RnD", "[link]"),
        ("www.example.com/?mail=a", "[link]"),
        ("2 55 08 14 168 025 38", "[personal number]"),
        ("AB 12 34 56 C", "[personal number]"),
        ("65 170839 J 003", "[personal number]"),
        ("756.9217.0769.85", "[personal number]"),
        ("12 Main Street, Springfield, IL 62704 it is", "[address] it is"),
        ("221B Baker Street, London NW1 6XE.", "[address]."),
        ("Dear Mr. Smith, hello", "Dear Mr. [name], hello"),
        ("Hi Anna I cannot pay", "Hi [name] I cannot pay"),
        ("fe80::1ff:fe23:4567:890a answered", "[IP address] answered"),
        ("from 10.1.2.3:8080 on", "from [IP address] on"),
    ],
)
def test_every_kind_becomes_its_word(text: str, wanted: str) -> None:
    assert redact(text) == wanted


@given(some_digits(15))
def test_a_number_without_a_card_s_check_digit_stays(body: str) -> None:
    number = f"4{body}"
    assume(luhn(number[:-1]) != number)
    text = f"It shows {number} twice."
    assert redact(text) == text


@pytest.mark.parametrize(
    "piece", ["a", "1", "a.", "1 ", "+1", "(", "A ", "Aa ", "@", "a@", "DE12 ", "0171/", ":", "/a1"]
)
def test_a_long_text_of_one_piece_takes_no_time(piece: str) -> None:
    start = time.process_time()
    redact(piece * (60_000 // len(piece)))
    assert time.process_time() - start < 3
