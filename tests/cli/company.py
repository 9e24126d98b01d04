"""A folder with several teams: two that depend on each other, one apart, one without capacity."""

from tests.cli.shop import Shop

TEAMS = """\
[team.checkout]
capacity = 40
match = { label = "checkout" }

[team.payments]
capacity = 30
match = { label = "payments" }

[team.search]
capacity = 20
match = { label = "search" }
"""

ROWS = """\
key,title,points,labels,state,blocked by
A-1,Validate addresses where they are typed,3,checkout;ux:pay-errors=0.5,Open,B-2
A-2,Retry a payment that timed out,2,checkout;ux:pay-errors=0.3,Open,
B-1,A queue for retries,2,payments;ux:pay-errors=0.4,Open,
B-2,A service for addresses,2,payments,Open,
S-1,Speed up the search index,3,search;ux:find-errors=0.4,Open,
S-2,A bigger index,2,search;ux:find-errors=0.4,Open,
"""

IDLE = """\

[team.idle]
match = { label = "idle" }
"""


def found(shop: Shop, more: str = "") -> Shop:
    """Turn a shop's folder into that of the company, synced, as if nothing was planned before."""
    (shop.folder / "debtplan.db").unlink(missing_ok=True)
    shop.settings(more, changes={"[team.shop]\ncapacity = 40\n": TEAMS})
    shop.write("items.csv", ROWS + ("E-1,Idle work,2,idle,Open,\n" if "idle" in more else ""))
    assert shop.run("sync").code == 0
    return shop
