"""Reading an answer's body: unpacked within a limit, whole or not at all."""

import zlib
from collections.abc import Iterable, Iterator

from debtplan.transport.retry import RetryError

PACKED = "gzip"
"""The only packing that is asked for, since it is the one unpacked here within a limit: httpx
unpacks all that came at once, a thousandfold and once more for every packing in the packing."""

_GZIP = zlib.MAX_WBITS | 16
_ENOUGH = 1 << 20
"""Bytes that are unpacked at a time."""


class TooLargeError(Exception):
    """There is more than the limit."""


def read_body(chunks: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """Return a body.

    Args:
        chunks: As they come.
        encoding: The header Content-Encoding.
        limit: Most bytes, unpacked.

    Raises:
        TooLargeError: There are more.
        RetryError: It is packed in a way nobody asked for, damaged, or cut.
    """
    packing = encoding.strip().lower()
    if packing in {PACKED, "x-gzip"}:
        chunks = _unpacked(chunks)
    elif packing not in {"", "identity"}:
        raise RetryError("sent an answer packed in a way that was not asked for")
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > limit:
            raise TooLargeError
    return bytes(content)


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield unpacked pieces of at most `_ENOUGH` bytes; members one after another are one body."""
    member = zlib.decompressobj(_GZIP)
    is_empty = True
    for chunk in chunks:
        left = chunk
        while left:
            if member.eof:
                member = zlib.decompressobj(_GZIP)
            is_empty = False
            try:
                yield member.decompress(left, _ENOUGH)
            except zlib.error:
                raise RetryError("sent an answer that cannot be unpacked") from None
            left = member.unconsumed_tail or member.unused_data
    if not (member.eof or is_empty):
        raise RetryError("broke off in the middle of its answer")
