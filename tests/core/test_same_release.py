"""A release that several sources tell of is one release."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from debtplan.core.release import Release
from debtplan.core.same_release import deployed_as, told_once

NINE = datetime(2026, 10, 14, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def release(id_: str, at: datetime, name: str, *items: str, source: str = "github") -> Release:
    return Release(id=id_, released_at=at, name=name, items=items, source=source)


FILED = release("log:7", NINE + DAY, "5.2", "OMNI-9", source="log")
PUBLISHED = release("github:a/b@v5.2", NINE, "v5.2", "a/b#7")
PLANNED = release("jira:OMNI@5.2", NINE - timedelta(hours=9), "5.2", "jira:OMNI-1", source="jira")
DEPLOYED = release(
    deployed_as("github:a/b@v5.2", "production", "1"),
    NINE + 2 * DAY,
    "v5.2 in production",
    "OMNI-2",
)


def test_file_tracker_and_versions_are_one_with_the_items_of_all() -> None:
    (found,) = told_once([FILED, PUBLISHED, PLANNED])
    assert found.items == ("OMNI-9", "a/b#7", "jira:OMNI-1")
    assert found.id == PUBLISHED.id  # the earliest that says a time of day
    assert found.released_at == NINE


def test_the_order_in_which_they_come_makes_no_difference() -> None:
    every = [FILED, PUBLISHED, PLANNED, DEPLOYED]
    told = {told_once(order) for order in permutations(every)}
    assert len(told) == 1


def test_a_release_counts_from_its_first_deployment() -> None:
    later = DEPLOYED.model_copy(update={"id": f"{DEPLOYED.id}0", "released_at": NINE + 9 * DAY})
    found = told_once([later, PUBLISHED, DEPLOYED])
    assert [one.id for one in found] == [later.id, PUBLISHED.id]
    assert found[1].released_at == NINE + 2 * DAY
    assert found[1].items == ("OMNI-2", "a/b#7")


def test_a_deployment_of_what_was_never_published_stays_itself() -> None:
    assert told_once([DEPLOYED]) == (DEPLOYED,)


@pytest.mark.parametrize(
    "other",
    [
        release("log:1", NINE + 4 * DAY, "5.2", source="log"),  # too long after
        release("log:1", NINE, "5.3", source="log"),
        release("github:a/c@v5.2", NINE, "v5.2"),  # another repository of one source
        release("jira:X-1", NINE, "5.2", source="jira").model_copy(update={"is_assumed": True}),
    ],
)
def test_others_are_told_by_themselves(other: Release) -> None:
    assert told_once([PUBLISHED, other]) == (PUBLISHED, other)


PAY = release("jira:PAY@5.2", NINE, "5.2", "jira:PAY-3", source="jira")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Another repository, another project: by their ids.
        (PUBLISHED, release("own:a/c@v5.2", NINE, "v5.2", source="own")),
        (PLANNED, release("old:PAY@5.2", NINE, "5.2", source="old")),
        # By what they hold.
        (PLANNED, release("log:1", NINE, "5.2", "jira:PAY-3", source="log")),
        (PLANNED, release("log:1", NINE, "5.2", "jira:PAY-3/api", source="log")),
        (
            release("log:1", NINE, "5.2", "a/b#7", source="log"),
            release("file:1", NINE, "5.2", "github:a/c#7", source="file"),
        ),
    ],
)
def test_two_products_of_one_version_stay_apart(one: Release, other: Release) -> None:
    for both in ([one, other], [other, one]):
        assert told_once(both) == tuple(both)


def test_a_bare_key_tells_a_product_where_its_project_is_known() -> None:
    notes = release("github:a/c@v5.2", NINE, "v5.2", "PAY-3", "UTF-8")
    assert [one.id for one in told_once([PLANNED, notes])] == [notes.id]
    found = told_once([PLANNED, notes, PAY])
    assert {one.id: one.items for one in found} == {
        PLANNED.id: ("jira:OMNI-1",),
        notes.id: ("PAY-3", "UTF-8", "jira:PAY-3"),
    }


def test_what_the_data_do_not_tell_apart_is_one() -> None:
    bare = release("log:1", NINE, "5.2", source="log")
    noise = release("log:1", NINE, "5.2", "UTF-8", source="log")
    elsewhere = release("log:1", NINE, "5.2", "a/issues#7", source="log")
    own_number = release("log:BUILD@77", NINE, "5.2", source="log")
    for other in (bare, noise, own_number):
        assert len(told_once([PLANNED, other])) == 1
    assert len(told_once([PUBLISHED, elsewhere])) == 1  # its work may be tracked there


def test_a_release_joins_those_of_its_own_product_first() -> None:
    shop = release("github:a/shop@v5.2", NINE - timedelta(hours=1), "v5.2")
    pay = release("github:a/pay@v5.2", NINE, "v5.2", "jira:PAY-9")
    later = release("jira:PAY@5.2", NINE + DAY, "5.2", "jira:PAY-3", source="jira")
    for order in permutations([shop, pay, later]):
        found = {one.id: one.items for one in told_once(order)}
        assert found == {shop.id: (), pay.id: ("jira:PAY-3", "jira:PAY-9")}


def test_a_name_without_a_number_is_one_only_at_the_same_instant() -> None:
    launch = release("github:a/b@x", NINE, "Launch")
    same = release("log:1", NINE, " launch ", source="log")
    later = release("log:2", NINE + DAY, "Launch", source="log")
    assert told_once([launch, same, later]) == (launch, later)


def test_releases_without_a_name_are_never_one() -> None:
    nameless = [release(f"{source}:1", NINE, "", source=source) for source in ("a", "b")]
    assert told_once(nameless) == tuple(nameless)


def test_a_version_whose_name_begins_like_another_is_no_deployment_of_it() -> None:
    checkout = release("jira:OMNI@Checkout", NINE, "Checkout", source="jira")
    later = release("jira:OMNI@Checkout 5", NINE + DAY, "Checkout 5", source="jira")
    assert told_once([checkout, later]) == (checkout, later)
