"""What an issue of the sample is, before it takes a tracker's shape."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Issue:
    """One issue.

    Attributes:
        number: 12 for OMNI-12, or the number in the GitHub repository.
        text: Description in a small markup: blank lines, `- ` lists, `## ` headings, fences,
            **bold**, `code`. Empty for none.
        blocked_by: Keys this one waits for.
        sprint: Number of the sprint that holds it, if any.
        created: Month and day it was written, 2026.
        updated: Month and day of the last change, 2026; or a whole date.
    """

    number: int
    title: str
    points: float | None
    text: str = ""
    kind: str = "Task"
    status: str = "To Do"
    labels: tuple[str, ...] = ("tech-debt",)
    components: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()
    sprint: int | None = None
    created: str = "09-14"
    updated: str = "11-10"

    @property
    def updated_on(self) -> str:
        """The day of the last change, `2026-11-10`."""
        return self.updated if self.updated.count("-") > 1 else f"2026-{self.updated}"
