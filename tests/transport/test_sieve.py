"""What a service repeats of the credentials is taken out of its answer before anybody reads it."""

import json
from base64 import b64encode
from urllib.parse import quote

import pytest

from debtplan.transport.secret import Secret, basic, bearer, sieve

TOKEN = "t0k/en+with=" + "signs&0123456789"
PAIR = b64encode(f"ann:{TOKEN}".encode()).decode()


@pytest.mark.parametrize(
    "form",
    [
        TOKEN,
        quote(TOKEN, safe=""),
        quote(TOKEN, safe="").lower(),
        quote(quote(TOKEN, safe="")),
        quote(quote(quote(TOKEN, safe=""))).lower(),
        PAIR,
        f"Basic {PAIR}",
    ],
)
def test_a_body_that_repeats_a_secret_is_given_on_without_it(form: str) -> None:
    take_out = sieve([basic("ann", Secret(TOKEN))])
    body = json.dumps({"error": f"you sent {form}, which is wrong"}).encode()
    found = json.loads(take_out(body))["error"]
    assert found.startswith("you sent ")
    assert "***" in found
    assert form not in found


def test_a_body_without_a_secret_is_given_on_as_it_came() -> None:
    body = b'{"error": "nothing \xff", "id": 1}'
    assert sieve([bearer(Secret(TOKEN))])(body) is body
    assert sieve([])(body) is body


def test_a_short_password_does_not_spoil_the_data() -> None:
    body = b'{"role": "administrators"}'
    assert sieve([basic("ann", Secret("admin"))])(body) is body
