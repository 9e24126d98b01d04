"""Whatever happens to a repository, also in the middle of reading it: the store ends equal."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from debtplan.core.item import ItemState
from debtplan.ports import Store
from debtplan.sources.github import walk as github_walk
from debtplan.store import open_store
from debtplan.workflows.walk import Live, walk_live
from tests.servers.github import FakeGithub
from tests.servers.github_records import Issue
from tests.sources.live.github_source import SHOP, serving, source_of
from tests.thinned import thinned

PAGE = 3
"""Issues of a page, so that few issues have many borders."""


class History:
    """What users do, drawn from a seed."""

    def __init__(self, github: FakeGithub, seed: int) -> None:
        self.github = github
        self.draw = random.Random(seed)
        self.pages = 0
        github.store.add_repo("acme/other")

    def act(self) -> None:
        """Do one thing."""
        store, draw = self.github.store, self.draw
        self.github.advance(draw.choice((0, 0, 0, 1, 40)))
        mine = sorted(store.repo(SHOP).issues.values())
        if len(mine) < PAGE or draw.random() < 0.25:
            labels = ("debt",) if draw.random() < 0.7 else ()
            store.add_issue(SHOP, f"Issue {draw.random()}", labels=labels)
            return
        ref = draw.choice(mine)
        deeds: tuple[Callable[[int], object], ...] = (
            store.touch,
            store.close,
            store.reopen,
            store.delete,
            store.turn_into_pull,
            lambda one: store.label(one, "debt"),
            lambda one: store.unlabel(one, "debt"),
            lambda one: store.update(one, title=f"Title {draw.random()}"),
            lambda one: store.update(one, title=f"Title {draw.random()}"),
            lambda one: store.transfer(one, "acme/other"),
        )
        draw.choice(deeds)(ref)

    def act_between_pages(self, _page: int) -> None:
        """Do something after a page was made, now and then."""
        if self.draw.random() < 0.3:
            self.act()

    def truth(self) -> dict[str, tuple[str, ItemState]]:
        store = self.github.store
        issues = (store.issues[one] for one in store.repo(SHOP).issues.values())
        return {
            f"github:{SHOP}#{one.number}": (one.title, _state(one))
            for one in issues
            if "debt" in one.labels and not one.is_pull
        }


def _state(issue: Issue) -> ItemState:
    return ItemState.OPEN if issue.state == "open" else ItemState.DONE


def sync(github: FakeGithub, store: Store) -> None:
    source = source_of(github, labels=("debt",))
    done = walk_live(Live(source, max_shrink=None), store, lambda: github.now)
    assert done.error is None


def check(seed: int, lag_s: int) -> None:
    with serving(lag_s=lag_s) as github, open_store("sqlite://", Path()) as store:
        history = History(github, seed)
        github.options.on_page = history.act_between_pages
        for _ in range(4):
            for _ in range(history.draw.randrange(12)):
                history.act()
            sync(github, store)
        github.options.on_page = None
        github.advance(lag_s + 1)
        for _ in range(3):
            sync(github, store)
        found = {item.key: (item.title, item.state) for item in store.items()}
        assert found == history.truth()


@pytest.mark.parametrize("seed", thinned(range(25), 5))
@pytest.mark.parametrize("lag_s", [0, 120])
@pytest.mark.slow
def test_every_history_ends_with_what_github_has(
    monkeypatch: pytest.MonkeyPatch, seed: int, lag_s: int
) -> None:
    monkeypatch.setattr(github_walk, "_PAGE", str(PAGE))
    check(seed, lag_s)


@pytest.mark.soak
def test_two_thousand_histories_end_with_what_github_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_walk, "_PAGE", str(PAGE))
    for seed in range(1_000):
        for lag_s in (0, 120):
            check(seed, lag_s)
