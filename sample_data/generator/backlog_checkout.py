"""Jira issues about the cart, shipping and payment."""

from sample_data.generator.issue import Issue

DEBT = "tech-debt"

SHIPPING = (
    Issue(
        12,
        "Refactor the address validation service",
        3,
        """As a customer abroad I want my address accepted, so that I can finish my order.

The service still validates every address with the rules we wrote for the United States and a
growing list of exceptions. Since release 3.1 of the rules (18 August) it answers `ADDR_INVALID`
for streets without a number, for Eircodes and for most addresses in Japan and Brazil.

## What to do

- one validator per country behind one interface, from the postal union's formats
- **never refuse**: return what looks wrong and let the customer confirm it
- remove the exception list

```debtplan
who = "customer abroad"
need = "my address accepted"
pain = "the form refuses valid addresses with ADDR_INVALID and offers no way on"
outcome = "I can finish my order"
points = { backend = 3 }
debt_kind = "reliability"
paths = ["services/address/validate.py", "services/address/rules/"]
```
""",
        labels=(DEBT, "checkout"),
        components=("address-service",),
        created="08-25",
        updated="11-19",
    ),
    Issue(
        14,
        "Show which line of the address was refused",
        2,
        """The form says only "Please check your address". In usability tests people changed the
right lines and left the wrong one.

As a customer abroad I want to see which line is wrong, so that I can correct it at once.
""",
        kind="Bug",
        labels=(DEBT, "ux:shipping-loss-international=0.12"),
        components=("checkout-web",),
        created="09-02",
    ),
    Issue(
        15,
        "Carrier price look-up times out under load",
        3,
        """`GET /carriers/prices` has no time limit of its own. When one carrier is slow the
shipping form waits for it and then shows *no shipping available*.

- time limit of 800 ms per carrier
- show the carriers that answered
""",
        kind="Bug",
        labels=(DEBT, "reliability"),
        components=("checkout-web", "carriers"),
        created="07-30",
    ),
    Issue(
        18,
        "Progressive disclosure of international shipping",
        2,
        """As a customer abroad I want to be asked only what my country needs, so that I do not give
up half-way.

Today all 14 fields are shown to everybody, including *state*, *province* and *prefecture*. Show
country first, then the fields that the validator of this country names. Needs the one
interface per country of OMNI-12.

```debtplan
who = "customer abroad"
need = "to be asked only what my country needs"
pain = "a wall of 14 fields, half of which make no sense at home"
outcome = "I reach payment without guessing"
points = { frontend = 2 }
debt_kind = "usability"
paths = ["web/checkout/shipping/form.tsx"]
```
""",
        kind="Story",
        labels=(DEBT, "checkout"),
        components=("checkout-web",),
        blocked_by=("OMNI-12",),
        created="08-27",
        updated="11-19",
    ),
    Issue(
        40,
        "Patch the postal code rules country by country",
        1,
        """Cheaper than OMNI-12: add exceptions for Ireland, Japan and Brazil to the list we have.
It would have to be done again for the next country, and once OMNI-12 is done it is thrown away.

```debtplan
who = "customer in Ireland, Japan or Brazil"
need = "my postal code accepted"
pain = "the form insists on five digits"
outcome = "I can finish my order"
points = { backend = 1 }
excludes = ["OMNI-12"]
debt_kind = "reliability"
```
""",
        labels=(DEBT, "quick-fix"),
        components=("address-service",),
        created="10-12",
    ),
    Issue(
        44,
        "Use the carrier's own address check for parcel lockers",
        2,
        """As a customer abroad I want to choose a parcel locker near me, so that I need no exact
address at all. Waits for the carrier's new interface, which is not announced yet.
""",
        kind="Story",
        labels=(DEBT, "ux:shipping-loss-international=0.1"),
        components=("carriers",),
        blocked_by=("CARR-7",),
        created="10-05",
    ),
    Issue(
        45,
        "Rewrite the error texts of the address form in all 14 languages",
        None,
        """Half of the texts are machine translations from 2019. Nobody has counted them yet.

As a customer abroad I want to understand what went wrong, so that I can correct it.
""",
        labels=(DEBT, "ux:shipping-loss-international"),
        components=("checkout-web",),
        created="09-21",
    ),
    Issue(
        46,
        "Phone number field refuses international prefixes",
        1,
        """`+353 87 ...` is refused because of the plus sign. The number is optional, but few people
notice.

As a customer abroad I want to leave my phone number, so that the carrier can reach me.
""",
        kind="Bug",
        labels=(DEBT, "ux:shipping-loss-international=0.05"),
        components=("checkout-web",),
        created="10-20",
    ),
    Issue(
        19,
        "Replace the hand-made country selector by the design system's",
        3,
        """Three different selectors in one form. The design system's has search and keyboard
support.
""",
        labels=(DEBT, "consistency"),
        components=("design-system", "checkout-web"),
        created="06-16",
    ),
    Issue(
        20,
        "Use the design system's form fields in the shipping form",
        2,
        """Labels jump when a field is focused; error colours differ from the rest of the shop.
""",
        labels=(DEBT, "consistency"),
        components=("design-system",),
        created="06-16",
    ),
)

PAYMENT = (
    Issue(
        21,
        "Load the payment methods in parallel",
        3,
        """The payment page asks three services one after the other. As a customer I want to see how
I can pay at once, so that I do not wait at the last step.
""",
        labels=(DEBT, "latency", "performance"),
        components=("payments",),
        created="07-08",
    ),
    Issue(
        22,
        "Retry payments safely with an idempotency key",
        5,
        """A time-out leaves the customer not knowing whether they paid. With a key per attempt we
can retry on our side.

```debtplan
who = "customer"
need = "to know whether I paid"
pain = "after a time-out I do not dare to try again"
outcome = "I pay once, and only once"
points = { backend = 4, frontend = 1 }
debt_kind = "reliability"

[[links]]
metric = "payment-errors"
share = [0.2, 0.35, 0.5]
grade = "C"
noted_on = 2026-09-30
```
""",
        kind="Story",
        labels=(DEBT,),
        components=("payments",),
        created="07-08",
    ),
    Issue(
        28,
        "Add a generic gateway connector for future payment methods",
        8,
        """So that we can offer every payment method in the world later.
""",
        labels=(DEBT, "gateways"),
        components=("payments",),
        created="09-29",
    ),
    Issue(
        29,
        "Offer Klarna, Twint and Pix at payment",
        8,
        """As a customer I want to pay with the method I use at home, so that I trust the shop.
""",
        kind="Story",
        labels=("gateways", "roadmap"),
        components=("payments",),
        created="09-29",
    ),
    Issue(
        31,
        "Unify the payment gateway adapters",
        5,
        """Four adapters, four ways to handle an error. Every new gateway costs three weeks; with
one adapter it would be one. Product wants more gateways next year.

As a customer I want payment to be quick and to fail clearly, so that I can try another way.
""",
        labels=(DEBT, "gateways", "maintainability"),
        components=("payments",),
        created="05-11",
        updated="11-18",
    ),
    Issue(
        34,
        "Draw only the visible lines of the cart",
        3,
        """Carts with more than 40 lines take half a second to react.

As a customer with a full cart I want it to react at once, so that I can change amounts.
""",
        labels=(DEBT, "performance", "ux:cart-inp=0.4"),
        components=("checkout-web",),
        created="07-20",
    ),
    Issue(
        35,
        "Cart badge is drawn again on every keystroke",
        1,
        """Found with the profiler: 60 ms on a middle-class phone for every key in the coupon field.
""",
        kind="Bug",
        labels=(DEBT, "performance", "ux:cart-inp=15%"),
        components=("checkout-web",),
        created="08-03",
    ),
    Issue(
        33,
        "Colour contrast and focus order in checkout",
        2,
        """Audit of June: 11 findings, 4 of them serious. As a customer who uses a keyboard I want
the focus to follow the form, so that I can order without a mouse.
""",
        labels=(DEBT, "a11y"),
        components=("checkout-web",),
        created="06-24",
    ),
    Issue(
        7,
        "Remove the old coupon service",
        3,
        """Switched off since spring.""",
        status="Done",
        labels=(DEBT,),
        components=("checkout-web",),
        sprint=47,
        created="04-20",
        updated="11-12",
    ),
    Issue(
        9,
        "Cache the carriers' price lists",
        2,
        """As a customer I want shipping prices at once, so that I can go on to payment.
""",
        status="In Progress",
        labels=(DEBT, "performance", "ux:shipping-form-time=0.2"),
        components=("carriers",),
        sprint=48,
        created="08-10",
        updated="11-20",
    ),
)

CHECKOUT = (*SHIPPING, *PAYMENT)
