"""Commands about what people said and what reached users: notes, releases."""

from typing import TYPE_CHECKING

import typer

from debtplan.cli.rows import Form, ListForm, show_rows
from debtplan.cli.state import settings

if TYPE_CHECKING:
    from debtplan.core.note import Note

SEVERITIES = ("no problem", "cosmetic", "minor", "major", "catastrophe")
"""By number, as Nielsen (1994) names them."""


def notes(context: typer.Context, form: Form = ListForm.TABLE) -> None:
    """List what people said or did.

    Interviews, usability tests, surveys, support; personal data were taken out when they were read.
    """
    from debtplan.bootstrap import adapters

    with adapters.open_store(settings(context)) as store:
        found = store.notes()
    show_rows(
        [
            {
                "note": one.id,
                "day": one.noted_on.isoformat(),
                "method": one.method.value.replace("_", " "),
                "item": one.item,
                "about": one.metric or _place(one),
                "people": str(one.seen) if one.of is None else f"{one.seen} of {one.of}",
                "severity": "" if one.severity is None else SEVERITIES[one.severity],
                "speaks": "against" if one.contradicts else "for",
                "text": one.text,
            }
            for one in found
        ],
        form,
        "No note is known; add [notes.NAME] to the settings and run `debtplan sync`.",
        by=("day", "note"),
    )


def releases(context: typer.Context, form: Form = ListForm.TABLE) -> None:
    """List what reached users and when.

    An item that is done and that no release holds counts from its closing, which is assumed.
    """
    from debtplan.bootstrap import adapters
    from debtplan.core.contained import all_releases

    with adapters.open_store(settings(context)) as store:
        found = all_releases(store.releases(), store.items())
    show_rows(
        [
            {
                "released": one.released_at.strftime("%Y-%m-%d %H:%M"),
                "name": one.name,
                "items": list(one.items),
                "known from": "closing, assumed" if one.is_assumed else one.source,
                "release": one.id,
            }
            for one in found
        ],
        form,
        "Nothing was released; add [releases.NAME] to the settings and run `debtplan sync`.",
        by=("released", "release"),
    )


def _place(note: "Note") -> str:
    return " / ".join(one for one in (note.flow, note.step, note.segment) if one)
