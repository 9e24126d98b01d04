"""What is sent once and never again: a message, which would arrive twice."""

from debtplan.errors import SourceError


class UnreachedError(SourceError):
    """A service surely did not get what was sent: no connection to it came about."""
