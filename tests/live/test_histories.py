"""Random histories of a Jira, read over HTTP into a store: nothing is lost or wrongly gone."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from debtplan.core.item import ItemState
from debtplan.ports import Store
from debtplan.store import open_store
from debtplan.workflows.walk import Live, walk_live
from tests.servers.harness import Reply, Seen
from tests.servers.jira import FakeJira, Paging
from tests.servers.jira_site import Issue
from tests.sources.live.jira_runs import HOUR, live, omni
from tests.thinned import thinned

ZONES = ("Etc/GMT+12", "UTC", "Asia/Kathmandu", "America/St_Johns", "Etc/GMT-14")
SOME, SOAK = 15, 1_000
"""Histories of each kind of Jira."""


class History:
    """What people do to a site, drawn from a seed."""

    def __init__(self, jira: FakeJira, draw: random.Random) -> None:
        self.jira, self.draw = jira, draw
        self.breaks_in = 0
        jira.store.add_project("ELSE")
        jira.faults.append(self._break_off)

    def act(self) -> None:
        """Do one thing."""
        store, draw = self.jira.store, self.draw
        self.jira.advance(draw.choice((0, 0, 1, 40, 700)))
        mine = [one for one in store.issues.values() if one.project == "OMNI"]
        if len(mine) < 3 or draw.random() < 0.25:
            store.create("OMNI", f"New {draw.random()}", points=float(draw.randrange(1, 9)))
            return
        deeds: tuple[Callable[[Issue], object], ...] = (
            lambda one: store.update(one, summary=f"Changed {draw.random()}"),
            lambda one: store.update(one, points=float(draw.randrange(1, 9))),
            lambda one: store.update(one, status=draw.choice(("To Do", "In Progress", "Done"))),
            lambda one: store.move(one, "ELSE"),
            self._bring_back,
            store.delete,
            store.archive,
        )
        draw.choice(deeds)(draw.choice(mine))

    def _bring_back(self, _issue: Issue) -> None:
        """Move something back."""
        store = self.jira.store
        others = [one for one in store.issues.values() if one.project == "ELSE"]
        if others:
            store.move(self.draw.choice(others), "OMNI")

    def act_between_pages(self, _page: int) -> None:
        if self.draw.random() < 0.3:
            self.act()

    def _break_off(self, seen: Seen) -> Reply | None:
        """Reset a connection, once, so many requests from now."""
        self.breaks_in -= 1
        return Reply(200, b"{}", cut_after=0) if self.breaks_in == 0 else None

    def truth(self) -> dict[str, tuple[str, float | None, ItemState]]:
        store = self.jira.store
        return {
            f"jira:{one.key}": (one.summary, one.points, state(store.statuses[one.status].category))
            for one in store.issues.values()
            if one.project == "OMNI" and one.archived is None
        }


def state(category: str) -> ItemState:
    return {
        "new": ItemState.OPEN,
        "indeterminate": ItemState.IN_PROGRESS,
        "done": ItemState.DONE,
    }[category]


def sync(jira: FakeJira, store: Store, *, may_fail: bool = False) -> bool:
    """Read the project; tell whether it was read to the end."""
    done = walk_live(Live(live(jira), max_shrink=None), store, lambda: jira.now)
    assert may_fail or done.error is None, done.error
    return done.error is None


def check(deployment: str, seed: int) -> None:
    draw = random.Random(seed)
    size = draw.randrange(1, 6)
    options: dict[str, Any] = {
        "id_order": draw.choice(("key", "number")),
        "time_zone": draw.choice(ZONES),
        "lag_s": draw.choice((0, 7, 60)),
        "date_unit_ms": draw.choice((1, 1000)),
        "page_limit": size,
        "paging": Paging(size=lambda _: size, by=draw.choice(("offset", "keyset"))),
    }
    with omni(deployment, issues=6, **options) as jira, open_store("sqlite://", Path()) as store:
        history = History(jira, draw)
        jira.options.on_page = history.act_between_pages
        for _ in range(4):
            for _ in range(draw.randrange(10)):
                history.act()
            history.breaks_in = draw.randrange(30)
            sync(jira, store, may_fail=True)
        jira.options.on_page, history.breaks_in = None, 0
        for _ in range(3):
            jira.advance(HOUR / 4)
            sync(jira, store)
        items = store.items()
        found = {one.key: (one.title, one.points, one.state) for one in items}
        assert found == history.truth(), (deployment, seed)
        assert len(found) == len(items)


@pytest.mark.parametrize("seed", thinned(range(SOME), 5))
@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
def test_every_history_ends_with_what_jira_has(deployment: str, seed: int) -> None:
    check(deployment, seed)


@pytest.mark.parametrize(
    ("deployment", "seed"), [("Cloud", 729), ("Cloud", 895), ("Server", 91), ("Server", 259)]
)
def test_what_was_once_lost_is_not_lost_again(deployment: str, seed: int) -> None:
    """Changes in the middle of a second, what was left out and is gone, and places that move."""
    check(deployment, seed)


@pytest.mark.soak
@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
def test_a_thousand_histories_end_with_what_jira_has(deployment: str) -> None:
    for seed in range(SOAK):
        check(deployment, seed)
