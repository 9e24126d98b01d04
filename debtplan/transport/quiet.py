"""Keeps the libraries below us from logging what we send.

httpx logs whole addresses at INFO and httpcore logs headers at DEBUG. A level would be undone by
whoever turns logging up, and would silence other people's requests in the same process; so the
records that belong to a request of ours are dropped, and no others.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_is_ours: ContextVar[bool] = ContextVar("_is_ours", default=False)

# A filter does not reach the loggers below its own, so each is named.
_LOGGERS = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)


def _is_loggable(_record: logging.LogRecord) -> bool:
    return not _is_ours.get()


for _name in _LOGGERS:
    logging.getLogger(_name).addFilter(_is_loggable)


@contextmanager
def unlogged() -> Iterator[None]:
    """Drop what the libraries log inside."""
    before = _is_ours.set(True)
    try:
        yield
    finally:
        _is_ours.reset(before)
