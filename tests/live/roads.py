"""Names of services that lead to this machine, and a day that stands still."""

from collections.abc import Mapping
from datetime import datetime

import httpx
import pytest

from debtplan.bootstrap import adapters, answers, feeds, runs


def lead_home(patch: pytest.MonkeyPatch, homes: Mapping[str, str]) -> None:
    """Let requests to the hosts go to these addresses instead; what is asked stays the same.

    A command can then name a service as its users do, and nothing leaves this machine.
    """
    send = httpx.HTTPTransport.handle_request

    def handle(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        home = homes.get(request.url.host)
        if home is not None:
            request.url = httpx.URL(home).copy_with(raw_path=request.url.raw_path)
        return send(self, request)

    patch.setattr(httpx.HTTPTransport, "handle_request", handle)


def stop_the_clock(patch: pytest.MonkeyPatch, when: datetime) -> None:
    """Let commands that run in this process think that it is this moment."""
    for module in (adapters, answers, feeds, runs):
        patch.setattr(module, "now", lambda: when)
