"""Jira issues about signing in, search, the account, and what lies below; and the GitHub issues."""

from sample_data.generator.issue import Issue

DEBT = "tech-debt"

PLATFORM = (
    Issue(
        24,
        "Restore the token refresh retry that release 5.2 dropped",
        1,
        """Since authentication release 5.2 (14 October) a sign-in that meets a token being
refreshed fails with `TOKEN_REFRESH_409` instead of trying again. 58% of all failed sign-ins since
then carry this code; before the release there was none.

```debtplan
who = "returning customer"
need = "to be signed in with my right password at the first try"
pain = "the shop says my password is wrong when it is not"
outcome = "I get to my cart without writing to support"
points = { backend = 1 }
debt_kind = "reliability"
paths = ["services/auth/refresh.py"]
```
""",
        kind="Bug",
        labels=(DEBT, "auth-5.2"),
        components=("auth",),
        created="10-21",
        updated="11-20",
    ),
    Issue(
        25,
        "Rotate tokens without signing customers out",
        3,
        """Rotation every 15 minutes drops sessions whose refresh is late. The median session fell
from 11.8 to 9.4 minutes since 14 October.

As a returning customer I want to stay signed in while I shop, so that my cart is still there.
""",
        kind="Bug",
        labels=(DEBT, "auth-5.2"),
        components=("auth",),
        created="10-23",
    ),
    Issue(
        26,
        "Show the password rules while typing",
        2,
        """As a new customer I want to see the rules while I type, so that I need one try,
not three.
""",
        kind="Story",
        labels=(DEBT, "usability", "ux:login-errors=0.08"),
        components=("auth",),
        created="07-14",
    ),
    Issue(
        27,
        "Split the sign-in monolith into services",
        21,
        """Nobody wants to touch this module any more. Would make every other sign-in item cheaper.
""",
        kind="Epic",
        labels=(DEBT, "maintainability", "ux:login-errors=0.3"),
        components=("auth",),
        created="03-18",
    ),
    Issue(
        47,
        "Give the session store an expiry",
        2,
        """It grows by 2 GB a month and is emptied by hand.
""",
        labels=(DEBT, "maintainability"),
        components=("auth",),
        created="06-30",
    ),
    Issue(
        38,
        "Rebuilding the search index blocks suggestions",
        None,
        """Every night from 02:00 to 02:40 suggestions take seconds. Somebody has to look how the
index is locked before we can say what it costs.
""",
        kind="Bug",
        labels=(DEBT, "performance"),
        components=("search",),
        created="08-19",
    ),
    Issue(
        42,
        "Load product pictures of the search results when they are needed",
        3,
        """All 48 pictures are requested at once; the first one waits for the others.

As a customer I want to see the first results at once, so that I can go on looking.
""",
        labels=(DEBT, "performance"),
        components=("search", "web"),
        created="07-27",
    ),
    Issue(
        43,
        "Answer suggestions from the read replica",
        5,
        """As a customer I want suggestions while I type, so that I find the right word.
""",
        labels=(DEBT, "performance"),
        components=("search",),
        created="05-26",
    ),
    Issue(
        41,
        "My orders loads every order at once",
        3,
        """Customers with more than 200 orders wait up to 9 seconds, then write to support.

```debtplan
who = "customer with many orders"
need = "to find last week's order"
pain = "the page loads ten years of orders first"
outcome = "I can return what does not fit without writing to support"
points = { backend = 2, frontend = 1 }
debt_kind = "performance"

[[links]]
metric = "order-tickets"
share = [0.2, 0.3, 0.5]
grade = "D"
noted_on = 2026-10-08

[[links]]
metric = "csat-account"
share = 0.15
noted_on = 2026-10-08
```
""",
        labels=(DEBT, "performance"),
        components=("account",),
        created="09-07",
    ),
    Issue(
        48,
        "Rebuild the confirmation mails",
        None,
        """The templates are edited by hand in three places, and some mails arrive after the parcel.

```debtplan
who = "customer"
need = "a confirmation that tells me what happens next"
pain = "I look for my order because the mail came late or says nothing"
outcome = "I trust that my order is on its way"
debt_kind = "maintainability"

[[phases]]
id = "templates"
title = "one set of templates"
points = { frontend = 2 }

[[phases]]
id = "queue"
title = "send from a queue that retries"
points = { backend = 3 }

[[phases.links]]
metric = "order-tickets"
share = 0.25
```
""",
        kind="Story",
        labels=(DEBT,),
        components=("account",),
        created="08-31",
    ),
    Issue(
        36,
        "Remove feature switches older than a year",
        2,
        """47 switches, 31 of them always on.
""",
        labels=(DEBT, "maintainability"),
        components=("web",),
        created="05-04",
    ),
    Issue(
        37,
        "Repair the flaky checkout tests",
        3,
        """One run in six fails for no reason and is started again.
""",
        labels=(DEBT, "maintainability"),
        components=("web",),
        created="06-08",
    ),
)

GITHUB = (
    Issue(
        412,
        "Serve search pictures in the size they are shown",
        2,
        """Phones get the desktop pictures: 380 KB instead of 60.

As a customer on a phone I want results that appear at once, so that I do not give up searching.
""",
        kind="Bug",
        labels=(DEBT, "performance"),
        created="07-22",
    ),
    Issue(
        418,
        "Move the product pages to version 4 of the design tokens",
        3,
        labels=(DEBT, "consistency"),
        created="08-05",
    ),
    Issue(
        423,
        "Lower the quality of pictures on slow connections",
        None,
        """Closes #412 in part.""",
        kind="pull request",
        labels=(DEBT, "performance"),
        created="08-14",
    ),
    Issue(
        430,
        "Suggestions flicker while typing",
        1,
        """As a customer I want the list to stand still, so that I tap what I meant.
""",
        kind="Bug",
        labels=(DEBT, "usability", "ux:search-latency=0.1"),
        created="09-16",
    ),
    Issue(
        431,
        "Upgrade the build to the current bundler",
        None,
        labels=(DEBT, "maintainability"),
        created="09-18",
    ),
    Issue(
        437,
        "Address book saves twice when the button is pressed twice",
        2,
        """Support sees it every day.

```debtplan
who = "customer with several addresses"
need = "each address saved once"
pain = "I find the same address three times and pick the old one"
outcome = "my parcel goes where I live"
metric = "address-book-errors"
share = [0.3, 0.5, 0.7]
debt_kind = "reliability"
```
""",
        kind="Bug",
        labels=(DEBT,),
        created="10-01",
    ),
    Issue(
        440,
        "Remove the unused icon font",
        1,
        """Nothing uses it any more.""",
        status="Done",
        labels=(DEBT,),
        created="10-07",
    ),
)
