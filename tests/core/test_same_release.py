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
