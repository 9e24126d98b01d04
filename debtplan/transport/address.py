"""Addresses: where a service may be reached, and whether a link stays with it."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from debtplan.errors import UsageError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_METADATA = frozenset({"metadata.google.internal", "metadata", "instance-data"})


def check_base(address: str, setting: str, *, allow_http: bool) -> str:
    """Return the address of a service without the slash at its end.

    Args:
        address: As in the settings.
        setting: Its place there, for the message.
        allow_http: Whether this machine may be reached without TLS.

    Raises:
        UsageError: No https address, one with a password in it, or one that no service of ours has.
    """
    address = address.strip()
    parts = _split(address)
    if parts is None or parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise UsageError(f"{setting} is no web address.", "Write it as https://jira.example.com.")
    if "@" in parts.netloc:
        what = f"{setting} holds a user or a password."
        raise UsageError(what, "Take it out; secrets come as DEBTPLAN_* variables.")
    if parts.query or parts.fragment:
        raise UsageError(f"{setting} has a query.", "Give the address up to the path only.")
    if _is_metadata(parts.hostname):
        what = f"{setting} is an address of the cloud's own machine, which is no service of yours."
        raise UsageError(what, "Give the address that people open in a browser.")
    if parts.scheme == "http" and not (allow_http and is_loopback(parts.hostname)):
        what = f"{setting} is not encrypted; a token would travel in the open."
        raise UsageError(what, "Use https://; http:// is for this machine only.")
    return address.rstrip("/?#")


def is_same_origin(one: str, other: str) -> bool:
    """Tell whether two addresses have one scheme, host and port, and neither names a user.

    Names are compared as they are written: localhost and 127.0.0.1 are two hosts.
    """
    return origin(one) == origin(other) is not None


def origin(address: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port; None for what is no web address, or names a user."""
    parts = _split(address)
    if parts is None or parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    if "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname.casefold(), parts.port or _DEFAULT_PORTS[parts.scheme]


def host_of(address: str) -> str:
    """Return the host, with the port where it is not the usual one; "" for no web address."""
    found = origin(address)
    if found is None:
        return ""
    scheme, host, port = found
    shown = f"[{host}]" if ":" in host else host
    return shown if port == _DEFAULT_PORTS[scheme] else f"{shown}:{port}"


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    if host.casefold() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_metadata(host: str) -> bool:
    if host.casefold().rstrip(".") in _METADATA:
        return True
    found = _number(host)
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return found is not None and (mapped or found).is_link_local


def _number(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is; also for 2852039166 and 0xa9.254.169.254."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))  # the short forms that connecting understands
    except (OSError, ValueError):
        return None


def _split(address: str) -> SplitResult | None:
    # urlsplit drops line breaks and tabs without a word, so what it says is another address.
    if not address.isprintable() or any(letter.isspace() or letter == "\\" for letter in address):
        return None
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts
