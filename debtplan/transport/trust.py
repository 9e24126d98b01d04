"""Which certificates are trusted: the system's, or those of a company's own file."""

import ssl
from pathlib import Path

import truststore

from debtplan.errors import UsageError
from debtplan.transport.options import LineTable


def trust(line: LineTable, folder: Path) -> ssl.SSLContext:
    """Return what certificates are checked against.

    Raises:
        UsageError: The file of `ca_file` cannot be used.
    """
    if line.ca_file is None:
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    file = folder / Path(line.ca_file).expanduser()
    try:
        return ssl.create_default_context(cafile=str(file))
    except (OSError, ssl.SSLError):
        what = f"The certificates of ca_file cannot be read: {file}."
        raise UsageError(what, "Give a file in PEM form under [transport].") from None
