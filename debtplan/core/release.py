"""What reached users, and when: from trackers, GitHub releases and deployments, or a file."""

from pydantic import AwareDatetime
from sqlmodel import JSON, Field

from debtplan.core.record import Stored


class Release(Stored):
    """Something that went live.

    Attributes:
        id: Unique over all sources: `github:owner/repo@v5.2`, `jira:OMNI@5.2`, `jira:OMNI-24`.
        released_at: When users had it, aware UTC.
        name: For people: `Authentication 5.2`.
        items: Keys of what it contains, sorted; may be empty: other releases count as company.
        is_assumed: True where only the item's own closing is known, not when it went live.
        source: Name of the table that gave it.
    """

    id: str = Field(primary_key=True)
    released_at: AwareDatetime
    name: str = ""
    items: tuple[str, ...] = Field(default=(), sa_type=JSON)
    is_assumed: bool = False
    source: str = ""
