"""A webhook of one's own: the notice as JSON, and a signature that another party can check."""

import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest

from debtplan.core.notice import Line, Notice
from debtplan.notify.webhook import WebhookNotifier, sign
from debtplan.transport.secret import Secret
from tests.notify.notices import access, hostile_notices, notice, table
from tests.servers.harness import FakeServer, Reply

KEY = "canary-key-0123456789"


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer(lambda _: Reply(204)) as made:
        yield made


def notifier(server: FakeServer, **variables: str) -> WebhookNotifier:
    variables = {"DEBTPLAN_HOOK_URL": f"{server.url}/in", **variables}
    return WebhookNotifier("hook", table(type="webhook"), access("hook", **variables))


def test_the_body_is_the_notice(server: FakeServer) -> None:
    one = notice(Line(text="A", url="https://a.example.com/1"))
    notifier(server)(one)
    (seen,) = server.log
    assert seen.json["schema_version"] == 1
    assert Notice.model_validate(seen.json) == one
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["x-debtplan-notice"] == one.id
    assert "x-debtplan-signature" not in seen.headers


def test_the_signature_is_the_hmac_of_the_bytes_that_arrive(server: FakeServer) -> None:
    notifier(server, DEBTPLAN_HOOK_KEY=KEY)(notice())
    (seen,) = server.log
    wanted = hmac.new(KEY.encode(), seen.content, hashlib.sha256).hexdigest()
    assert seen.headers["x-debtplan-signature"] == f"sha256={wanted}"
    assert KEY not in json.dumps(dict(seen.headers))


def test_the_signature_is_that_of_the_standard() -> None:
    # RFC 4231, test case 2.
    wanted = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign(b"what do ya want for nothing?", Secret("Jefe")) == f"sha256={wanted}"


@pytest.mark.parametrize(
    "one", hostile_notices()[:-2], ids=lambda one: one.subject[:9].encode().hex()
)
def test_hostile_texts_arrive_as_json(server: FakeServer, one: Notice) -> None:
    notifier(server)(one)
    assert server.log[0].json["id"] == one.id
