"""Random histories of a site, read in between: in the end all is there, once, as it is."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.servers.jira import FakeJira, Paging
from tests.sources.live.jira_runs import HOUR, in_jira, kept, omni, titles

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "update", "update", "move", "delete", "wait", "run", "break"]),
        st.integers(1, 30),
    ),
    max_size=25,
)


class Users:
    """What people do to a site, by numbers."""

    def __init__(self, jira: FakeJira) -> None:
        self.jira, self.count = jira, 0

    def do(self, what: str, number: int) -> None:
        store = self.jira.store
        mine = [one for one in store.issues.values() if one.project == "OMNI"]
        issue = mine[number % len(mine)] if mine else None
        self.count += 1
        if what == "create":
            store.create("OMNI", f"New {self.count}")
        elif what == "wait":
            self.jira.advance(number * 97)
        elif issue is not None and what == "update":
            store.update(issue, summary=f"Changed {self.count}")
        elif issue is not None and what == "move":
            store.move(issue, "ELSE")
        elif issue is not None and what == "delete":
            store.delete(issue)


@pytest.mark.slow
@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
@given(
    steps=STEPS,
    between=STEPS,
    size=st.integers(1, 6),
    by=st.sampled_from(["offset", "keyset"]),
    order=st.sampled_from(["key", "number"]),
    zone=st.sampled_from(["Etc/GMT+12", "UTC", "Asia/Kathmandu", "Etc/GMT-14"]),
    lag_s=st.sampled_from([0, 7, 120]),
    unit_ms=st.sampled_from([1, 1000]),
)
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_doubled_or_wrongly_deleted(deployment: str, **chance: Any) -> None:
    steps, between = chance["steps"], list(chance["between"])
    options = {
        "id_order": chance["order"],
        "time_zone": chance["zone"],
        "lag_s": chance["lag_s"],
        "date_unit_ms": chance["unit_ms"],
        "page_limit": chance["size"],
        "paging": Paging(size=lambda _: chance["size"], by=chance["by"]),
    }
    with omni(deployment, issues=8, **options) as jira:
        jira.store.add_project("ELSE")
        users, run = Users(jira), kept(jira)

        def meanwhile(_page: int) -> None:
            if between:
                users.do(*between.pop())

        jira.options.on_page = meanwhile
        for what, number in steps:
            if what == "run":
                run.run().count()
            elif what == "break":
                run.run(stop_after=number % 3 + 1)
            else:
                users.do(what, number)
        jira.options.on_page = None
        jira.advance(HOUR / 4)
        run.run().count()
        jira.advance(HOUR / 4)
        run.run().count()
        assert titles(run) == in_jira(jira)
        assert len({one.key for one in run.items.values()}) == len(run.items)
