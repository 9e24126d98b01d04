"""debtplan doctor on who is told of plans."""

import pytest

from tests.cli.shop import DAY, Shop
from tests.servers.harness import FakeServer, Reply

TOLD = """
[notify.hook]
type = "webhook"

[notify.chat]
type = "slack"
teams = ["nobody"]
"""


def test_doctor_looks_at_notifiers_and_posts_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.settings(TOLD)
    with FakeServer(lambda _: Reply(204)) as server:
        monkeypatch.setenv("DEBTPLAN_HOOK_URL", f"{server.url}/in/" + "canary-0123456789")
        done = shop.run("doctor", "--as-of", DAY)
        well = shop.run("doctor", "notify.hook", "--as-of", DAY)
    assert done.code == 1
    assert "ok    notify.hook" in done.out
    assert "MEND  notify.chat" in done.out
    assert "no team for [notify.chat] 'nobody'" in " ".join(done.out.split())
    assert (well.code, "nothing was posted" in " ".join(well.out.split())) == (0, True)
    assert server.log == []
    assert "canary" not in done.said


def test_doctor_names_the_variable_of_an_address_that_is_not_there(shop: Shop) -> None:
    shop.settings('\n[notify.hook]\ntype = "webhook"\n')
    done = shop.run("doctor", "notify.hook", "--as-of", DAY)
    assert done.code == 1
    assert "DEBTPLAN_HOOK_URL is not set" in done.out
