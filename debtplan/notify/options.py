"""What the settings say about telling people."""

import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from debtplan.core.record import Value

ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
"""A plain e-mail address: no name, no list, nothing that could begin another header."""


class NotifyTable(Value):
    """`[notify.NAME]`: who is told of plans and failures.

    A webhook's address is a secret and comes as a variable, `DEBTPLAN_NAME_URL`, or as a file that
    `DEBTPLAN_NAME_URL_FILE` names. A generic webhook's messages are signed where
    `DEBTPLAN_NAME_KEY` is set. E-mail signs in with `DEBTPLAN_NAME_USER` and
    `DEBTPLAN_NAME_PASSWORD`.

    Attributes:
        type: Kind of service; the table's own name where it is one of them.
        teams: Teams whose plans are told here; empty takes all. Failures are told everywhere.
        timeout_s: Time in seconds that one message may take.
        host: E-mail: the server that takes it.
        port: E-mail: its port; None takes 587, or 465 for "tls".
        security: E-mail: "starttls", "tls" from the first byte, or "none", for this machine only.
        sender: E-mail: the address that it comes from.
        recipients: E-mail: the addresses that it goes to.
    """

    type: Literal["email", "slack", "teams", "webhook"] | None = None
    teams: tuple[str, ...] = ()
    timeout_s: float = Field(default=30.0, gt=0, le=300)
    host: str = ""
    port: int | None = Field(default=None, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: str = ""
    recipients: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _refuse_address(cls, data: Any) -> Any:  # noqa: ANN401 - TOML is a tree of any values
        """Refuse a webhook's address: whoever has it may write to the channel."""
        if isinstance(data, dict) and "url" in data:
            msg = "url is a secret; give it as the variable DEBTPLAN_NAME_URL"
            raise ValueError(msg)
        return data

    @field_validator("sender", "recipients")
    @classmethod
    def _check_addresses(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for one in (value,) if isinstance(value, str) else value:
            if one and not (one.isprintable() and ADDRESS.fullmatch(one)):
                msg = f"{one[:60]!r} is no plain e-mail address"
                raise ValueError(msg)
        return value
