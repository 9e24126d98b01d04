"""Ways to tell people of a plan or a failure: one file each, one entry each in `NOTIFIERS`."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from debtplan.core.registry import entries_of
from debtplan.notify.options import NotifyTable
from debtplan.ports import Notifier

if TYPE_CHECKING:
    from debtplan.transport.access import Access

NotifierFactory = Callable[[str, NotifyTable, "Access"], Notifier]
"""Makes a notifier of its table's name, the table, and its way out. Opens nothing."""


_lazy = entries_of("debtplan.notify")

NOTIFIERS: Mapping[str, NotifierFactory] = {
    "email": _lazy("mail", "MailNotifier"),
    "slack": _lazy("slack", "SlackNotifier"),
    "teams": _lazy("teams", "TeamsNotifier"),
    "webhook": _lazy("webhook", "WebhookNotifier"),
}
"""By `type` of a `[notify.NAME]` table."""
