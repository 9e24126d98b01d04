"""later/debtplan.toml: the sample's own settings as they are half a year later.

Metrics, flows and rules are the same text, so that nothing is defined otherwise than it was when
the forecasts were frozen; a second team, the later files and the goal are added.
"""

from pathlib import Path

from sample_data.generator import planted

HEAD = """\
# OmniRetail half a year later: the sample's settings with the months after, and with its goal.
# Made by the generator from ../debtplan.toml. `debtplan demo` reads it for outcomes.
"""

PATHS = {
    'path = "readings.csv"': 'path = "../**/readings.csv"',
    'path = "tickets.csv"': 'path = "../**/tickets.csv"',
    'path = "csat.csv"': 'path = "../**/csat.csv"',
    'path = "releases.csv"': 'path = "../**/releases.csv"',
    'sprints = "sprints.csv"': 'sprints = "../**/sprints.csv"',
    'path = "github/': 'path = "../github/',
    'path = "events.csv.gz"': 'path = "../events.csv.gz"',
    'path = "notes.toml"': 'path = "../notes.toml"',
    'file = "links.toml"': 'file = "../links.toml"',
}
"""What stands elsewhere from here; `**` takes the file of before and the one of after."""

COMPONENTS = ("address-service", "auth", "carriers", "checkout-web", "design-system", "payments")
TEAM = '[team.checkout]\nunit = "points"\n'

STOREFRONT = """

# A second team, with the sprint of November whose forecasts are judged by now.
[team.storefront]
unit = "points"
capacity = 90
match = { component = ["search", "account", "web"] }
sprint_days = 14

[team.storefront.sprint]
id = "2049"
name = "Storefront 49"
start_on = 2026-11-30
end_on = 2026-12-11
"""

GOAL = f"""

# --- The goal ----------------------------------------------------------------------------------
# Shipping information is where a checkout begins: whoever comes there and does not pay gives it up.

[[metric]]
id = "checkout-abandonment"
name = "Checkouts that are begun and given up"
flow = "checkout"
step = "shipping"
kind = "drop_off"
reference = 1.0                         # only tracked: the harm is counted step by step above
source = "readings"
query = "funnel checkout: entered shipping, did not reach done within 60 minutes"

[[goal]]
id = "abandonment"
name = "Fewer checkouts given up"
metric = "checkout-abandonment"
relative = {planted.ABANDONMENT_GOAL:.2f}
baseline = {{ start_on = {planted.BASELINE[0]}, end_on = {planted.BASELINE[1]} }}
start_on = 2026-12-01
by = 2027-05-31
parts = ["shipping-loss-international", "shipping-loss-domestic"]
"""


def settings() -> str:
    """Return the text of later/debtplan.toml, made from that of debtplan.toml."""
    text = (Path(__file__).resolve().parent.parent / "debtplan.toml").read_text(encoding="utf-8")
    body = text[text.index("\n\n# --- How much may go to debt") :]
    for old, new in PATHS.items():
        body = body.replace(old, new)
    start = body.index("# The coming sprint, where no tracker tells it.")
    end = body.index("\n\n# --- Where the work is written down")
    body = body[:start].rstrip() + "\n" + STOREFRONT + body[end:]
    body = _without(body, "[warehouse.")
    names = ", ".join(f'"{name}"' for name in COMPONENTS)
    body = body.replace(TEAM, f"{TEAM}match = {{ component = [{names}] }}\n")
    at = body.index("\n\n# --- What is true of every item that carries a mark")
    return HEAD + body[:at].rstrip() + "\n" + GOAL + body[at:]


def _without(body: str, head: str) -> str:
    """Return the settings without a section: raw events of October say nothing of June."""
    if head not in body:
        return body
    start = body.rindex("\n\n# ---", 0, body.index(head))
    end = body.index("\n\n# ---", body.index(head))
    return body[:start] + body[end:]
