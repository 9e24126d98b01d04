from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debtplan.transport.login import Login
from debtplan.transport.secret import Secret, basic, bearer, redact

PLAIN = 'ab/cd+ef"gh&ij kl?mn<op>'
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs")), min_size=4)


def test_a_secret_shows_in_no_way_of_printing_it() -> None:
    secret = Secret(PLAIN, "DEBTPLAN_JIRA_TOKEN")
    login = Login({"Authorization": bearer(secret)})
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", repr(login)):
        assert PLAIN not in shown
        assert "***" in shown
    assert secret.reveal() == PLAIN
    assert not hasattr(secret, "__dict__")


def test_what_is_sent_is_what_the_standards_say() -> None:
    assert bearer(Secret("t0ken")).reveal() == "Bearer t0ken"
    assert basic("Aladdin", Secret("open sesame")).reveal() == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


@pytest.mark.parametrize(
    "made",
    [lambda one: one, bearer, lambda one: basic("ann", one)],
    ids=["plain", "bearer", "basic"],
)
@pytest.mark.parametrize(
    "form",
    [
        str,
        lambda text: b64encode(text.encode()).decode(),
        lambda text: b64encode(text.encode()).decode().rstrip("="),
        lambda text: urlsafe_b64encode(text.encode()).decode(),
        lambda text: quote(text, safe=""),
        lambda text: quote(text, safe="").lower(),
        quote,
        quote_plus,
        lambda text: quote(b64encode(text.encode()).decode(), safe=""),
        lambda text: quote(quote(text, safe=""), safe=""),
        lambda text: quote(quote(quote(text))).lower(),
        lambda text: quote(quote(b64encode(text.encode()).decode(), safe="")),
        lambda text: text.replace('"', '\\"'),
        lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
    ],
)
def test_a_text_is_cleaned_of_a_secret_in_every_form(made: object, form: object) -> None:
    secret = made(Secret(PLAIN))  # type: ignore[operator]
    shown = redact(f"before {form(PLAIN)} after", [secret])  # type: ignore[operator]
    assert shown == "before *** after"


def test_the_header_itself_is_taken_out_too() -> None:
    secret = basic("ann", Secret("open sesame"))
    coded = secret.reveal().removeprefix("Basic ")
    assert redact(f"got Basic {coded}", [secret]) == "got ***"
    assert redact(f"got {coded.rstrip('=')}", [secret]) == "got ***"


def test_words_of_a_header_that_are_no_secret_stay() -> None:
    said = "Bearer tokens are refused; use Basic authentication."
    assert redact(said, [bearer(Secret("t0ken-123")), basic("ann", Secret("pass-123"))]) == said


def test_a_secret_of_three_letters_tears_no_words_apart() -> None:
    assert redact("a cat in a category", [Secret("cat")]) == "a cat in a category"
    assert redact("nothing", []) == "nothing"


@given(WORDS, st.text(), st.text())
def test_no_text_keeps_a_secret(plain: str, before: str, after: str) -> None:
    assert plain not in redact(f"{before}{plain}{after}", [bearer(Secret(plain))]).replace(
        "*", "\0"
    )
