"""Ways to tell people of a plan or a failure: one file each, one entry each in `NOTIFIERS`."""

from collections.abc import Callable, Mapping
from importlib import import_module

from debtplan.notify.options import NotifyTable
from debtplan.ports import Notifier
from debtplan.transport.access import Access

NotifierFactory = Callable[[str, NotifyTable, Access], Notifier]
"""Makes a notifier of its table's name, the table, and its way out. Opens nothing."""


def _lazy(module: str, name: str) -> NotifierFactory:
    """Return a factory that imports its module when it is first called."""

    def make(called: str, table: NotifyTable, access: Access) -> Notifier:
        kind = getattr(import_module(f"debtplan.notify.{module}"), name)
        made: Notifier = kind(called, table, access)
        return made

    return make


NOTIFIERS: Mapping[str, NotifierFactory] = {
    "email": _lazy("mail", "MailNotifier"),
    "slack": _lazy("slack", "SlackNotifier"),
    "teams": _lazy("teams", "TeamsNotifier"),
    "webhook": _lazy("webhook", "WebhookNotifier"),
}
"""By `type` of a `[notify.NAME]` table."""
