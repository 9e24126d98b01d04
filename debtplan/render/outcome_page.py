"""What came of what was promised, as one HTML page: goals, forecasts, calibration."""

from debtplan.core.outcomes import Outcomes
from debtplan.core.text import clean_line
from debtplan.render.number import instant
from debtplan.render.outcome_record import NAME, write_record
from debtplan.render.page import render_page
from debtplan.render.verdicts import UNDONE, UNDONE_HEAD, UNDONE_MEANING


def render_outcome_page(found: Outcomes) -> str:
    """Return the page."""
    team = clean_line(found.team, NAME)
    return render_page(
        "outcomes.html.jinja",
        record=write_record(found),
        undone=(UNDONE, UNDONE_HEAD, UNDONE_MEANING),
        heading=f"{f'Team {team}' if team else 'All teams'}, as of {instant(found.as_of)}",
    )
