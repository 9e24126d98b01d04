"""What a live source reaches its service with: its secrets and, on demand, clients."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from debtplan.errors import SettingsError
from debtplan.ports import Clock, EtagTable
from debtplan.transport.address import check_base
from debtplan.transport.client import Client, Login
from debtplan.transport.options import LineTable
from debtplan.transport.retry import Budget
from debtplan.transport.secret import Secret
from debtplan.transport.trust import trust


@dataclass
class Access:
    """One source's way out.

    Attributes:
        name: Name of the source's table; its variables carry it: `DEBTPLAN_JIRA_TOKEN`.
        environment: Variables of the process.
        line: Limits.
        folder: Where relative paths of the settings start.
        clock: The time.
        etags: Answers kept from before.
        told: Hears why and how many seconds are waited.
    """

    name: str
    environment: Mapping[str, str] = field(repr=False)
    line: LineTable
    folder: Path
    clock: Clock
    etags: EtagTable | None = None
    told: Callable[[str, float], None] = lambda _why, _seconds: None
    _clients: list[Client] = field(default_factory=list, init=False, repr=False)
    _budget: Budget | None = field(default=None, init=False, repr=False)

    def variable(self, what: str) -> str:
        """Return the name of the variable that holds a secret: `DEBTPLAN_JIRA_TOKEN`."""
        return f"DEBTPLAN_{re.sub(r'[^A-Za-z0-9]+', '_', self.name).upper()}_{what}"

    def secret(self, what: str) -> Secret | None:
        """Return a secret of the source: from its variable, or from the file that `..._FILE` names.

        Raises:
            SettingsError: The file cannot be read, or holds nothing.
        """
        variable = self.variable(what)
        value = self.environment.get(variable, "").strip()
        if value:
            return Secret(value, variable)
        named = self.environment.get(f"{variable}_FILE", "").strip()
        if not named:
            return None
        try:
            value = Path(named).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            what_is = f"The file that {variable}_FILE names cannot be read: {why}."
            raise SettingsError(what_is, "Check the path and the file's rights.") from None
        if not value:
            raise SettingsError(f"The file that {variable}_FILE names is empty.", "Put it there.")
        return Secret(value, f"the file of {variable}_FILE")

    def client(self, address: str, login: Login, setting: str) -> Client:
        """Return a client of a service; all of a source share one budget of time.

        Args:
            address: As in the settings.
            login: Who asks.
            setting: Where the address stands in the settings, for messages.

        Raises:
            UsageError: The address is none that may be asked.
        """
        base = check_base(address, setting, allow_http=self.line.allow_http)
        if self._budget is None:
            self._budget = Budget(self.line.total_s, self.line.max_wait_s, self.told)
        made = Client(
            base,
            login,
            self.line,
            self._budget,
            trust=trust(self.line, self.folder),
            etags=self.etags,
        )
        self._clients.append(made)
        return made

    def close(self) -> None:
        """Close every client; the next one starts with a new budget."""
        while self._clients:
            self._clients.pop().close()
        self._budget = None
