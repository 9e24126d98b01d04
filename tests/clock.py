"""Another today for the program, in this process."""

from datetime import datetime, tzinfo

import pytest

from debtplan.bootstrap import adapters


def set_today(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    """Let the program take noon of a day in UTC, YYYY-MM-DD, for now."""

    class Fixed:
        """Stands where `adapters.now` reads the time, whoever imported that."""

        @staticmethod
        def now(zone: tzinfo) -> datetime:
            return datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=zone)

    monkeypatch.setattr(adapters, "datetime", Fixed)
