"""A webhook of your own: the notice as JSON, signed where a key is set."""

import hmac
from hashlib import sha256

from debtplan.core.notice import Notice
from debtplan.core.source import Probe
from debtplan.notify.options import NotifyTable
from debtplan.notify.post import Post
from debtplan.notify.probe import probe_of
from debtplan.transport.access import Access
from debtplan.transport.secret import Secret

SIGNATURE = "X-Debtplan-Signature"
"""Header with `sha256=` and the HMAC of the body, in hexadecimal digits."""

NOTICE_ID = "X-Debtplan-Notice"
"""Header that tells one notice from another, for receivers that keep what they took."""


class WebhookNotifier:
    """Posts the notice itself."""

    def __init__(self, name: str, table: NotifyTable, access: Access) -> None:
        """Open nothing."""
        del table
        self._name, self._access = name, access
        self._post = Post(f"the webhook (notify.{name})", access)

    def __call__(self, notice: Notice) -> None:
        """See `Notifier`."""
        body = notice.model_dump_json().encode()
        headers = {NOTICE_ID: notice.id}
        key = self._access.secret("KEY")
        if key is not None:
            headers[SIGNATURE] = sign(body, key)
        self._post(body, headers)

    def probe(self) -> Probe:
        """See `ProbedNotifier.probe`."""
        return probe_of(self._name, self._look)

    def _look(self) -> str:
        found, key = self._post.look(), self._access.secret("KEY")
        signed = f"signed with {key.origin}" if key else "not signed"
        return f"{found}; messages are {signed}"


def sign(body: bytes, key: Secret) -> str:
    """Return the signature of a body: HMAC-SHA256 (RFC 2104), `sha256=` before it."""
    return f"sha256={hmac.new(key.reveal().encode(), body, sha256).hexdigest()}"
