"""Text from trackers is untrusted: what may stay, what is made visible, what is cut."""

import re

LINE_LIMIT = 300
"""Characters of a title that are kept."""

TEXT_LIMIT = 65_536
"""Characters of a description that are kept."""

URL_LIMIT = 2_000
"""Characters of an address; a longer one leads nowhere."""

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_INVISIBLE = re.compile("[\u200b\u2060\u180e]")
_ODD = re.compile(
    "[\r"
    + "".join(one.pattern[1:-1] for one in (_BIDI, _CONTROL, _INVISIBLE))
    + "\x0b\x0c\x85\u2028\u2029]"
)
"""Any character that does not stay as it is; most texts have none."""


def clean_line(text: str, limit: int = LINE_LIMIT) -> str:
    """Return one visible line: no control characters, no direction overrides, at most `limit`.

    Bidirectional controls become visible escapes such as `<U+202E>`, so that a title cannot show
    itself in another order than it is stored. A cut line says how long it was.
    """
    line = " ".join(clean_text(text, limit=10 * len(text)).split())
    if len(line) <= limit:
        return line
    note = f"... (cut from {len(line):,} characters)"
    kept = limit - len(note)
    return line[:kept].rstrip() + note if kept > 0 else line[:limit]


def clean_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return text with line breaks kept, controls removed, direction overrides made visible.

    At most `limit` characters; a cut text says how long it was.
    """
    clean = text
    if _ODD.search(text):
        clean = _BREAK.sub("\n", text)
        clean = _BIDI.sub(lambda found: f"<U+{ord(found.group()):04X}>", clean)
        clean = _INVISIBLE.sub("", _CONTROL.sub("", clean))
    if len(clean) <= limit:
        return clean
    note = f"\n... (cut from {len(text):,} characters)"
    return clean[: limit - len(note)] + note


def safe_url(url: str | None) -> str | None:
    """Return the address where it is http(s) without spaces or quotes, else None."""
    if url is None or len(url) > URL_LIMIT or not re.fullmatch(r"https?://[^\s\"'<>\\^`{}|]+", url):
        return None
    return url if clean_text(url, limit=len(url)) == url else None
