"""Which certificates are trusted: the system's, or those of a company's own file."""

import ssl
from pathlib import Path

import truststore

from debtplan.errors import UsageError
from debtplan.transport.options import LineTable


def trust(line: LineTable, folder: Path) -> ssl.SSLContext:
    """Return what certificates are checked against.

    Args:
        line: May name a file of certificates, which are then trusted instead of the system's.
        folder: Where a relative `ca_file` starts.

    Raises:
        UsageError: That file is missing, cannot be read, or holds no certificate.
    """
    if line.ca_file is None:
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    file = folder / Path(line.ca_file).expanduser()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Not create_default_context: from Python 3.13 on it refuses certificates without key
    # identifiers, which companies' own authorities still issue. The file may hold any link of the
    # chain: what people save from a browser is often not the first.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cafile=str(file))
    except (OSError, ValueError, RuntimeError) as error:
        why = _why(error)
    else:
        return context
    what = f"ca_file {line.ca_file} cannot be used: {why}."
    raise UsageError(what, "Set ca_file under [transport] to a file of certificates in PEM form.")


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return "it holds no certificate"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    return "it is no file"
