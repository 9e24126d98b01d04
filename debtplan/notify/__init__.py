"""Ways to tell people of a plan or a failure: one file each, one entry each in `NOTIFIERS`."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from debtplan.core.registry import entries_of
from debtplan.core.source import Probe
from debtplan.notify.options import NotifyTable
from debtplan.ports import Notifier

if TYPE_CHECKING:
    from debtplan.transport.access import Access


class ProbedNotifier(Notifier, Protocol):
    """A notifier that `doctor` can look at."""

    def probe(self) -> Probe:
        """Return whether it could tell people now, as far as that shows without a message.

        Failures are probes too; nothing is raised.
        """


NotifierFactory = Callable[[str, NotifyTable, "Access"], ProbedNotifier]
"""Makes a notifier of its table's name, the table, and its way out. Opens nothing."""


_lazy = entries_of("debtplan.notify")

NOTIFIERS: Mapping[str, NotifierFactory] = {
    "email": _lazy("mail", "MailNotifier"),
    "slack": _lazy("slack", "SlackNotifier"),
    "teams": _lazy("teams", "TeamsNotifier"),
    "webhook": _lazy("webhook", "WebhookNotifier"),
}
"""By `type` of a `[notify.NAME]` table."""
