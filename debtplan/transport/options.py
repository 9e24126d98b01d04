"""What the settings say about the way to a service."""

from pydantic import Field

from debtplan.core.record import Value


class LineTable(Value):
    """`[transport]`: limits and the way out of a company's network.

    Proxies come from HTTPS_PROXY, HTTP_PROXY and NO_PROXY; certificates are checked against the
    system's own store.

    Attributes:
        ca_file: A file of certificates to trust instead, in PEM form. Relative to the settings.
        allow_http: Whether a service on this machine may be reached without TLS.
        request_s: Time in seconds that one answer may take, from the first byte sent to the last
            byte read.
        max_wait_s: Time in seconds that one source may spend waiting: for rate limits to pass and
            between attempts.
        total_s: Time in seconds that one source may take in all.
        attempts: Times a request that only reads is sent before it is given up.
        page_mb: Largest answer, unpacked, in megabytes.
        pages: Most pages of one list.
    """

    ca_file: str | None = None
    allow_http: bool = True
    request_s: float = Field(default=120.0, gt=0, le=3600)
    max_wait_s: float = Field(default=300.0, ge=0, le=86_400)
    total_s: float = Field(default=7200.0, gt=0, le=86_400)
    attempts: int = Field(default=5, ge=1, le=20)
    page_mb: float = Field(default=64.0, gt=0, le=1024)
    pages: int = Field(default=100_000, ge=1)
