"""What the settings say about readings: from files, from services, or stated by hand."""

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeAlias

from pydantic import Field

from debtplan.core.flow import MetricKind, UxMetric
from debtplan.core.record import Value
from debtplan.files.options import FileTable

ScanType: TypeAlias = Literal["axe", "lighthouse", "pa11y", "react-scanner", "stylelint"]
"""Results of scanners, one file a scan."""

FileType: TypeAlias = Literal["csv", "json", "tickets", "csat"] | ScanType
"""Readings that stand in files."""

TOLD_BY: Mapping[str, MetricKind] = {
    "axe": MetricKind.ACCESSIBILITY,
    "lighthouse": MetricKind.ACCESSIBILITY,
    "pa11y": MetricKind.ACCESSIBILITY,
    "react-scanner": MetricKind.ADOPTION,
    "stylelint": MetricKind.OFF_TOKEN,
}
"""The one kind of metric that a scanner tells."""

LiveType: TypeAlias = Literal["prometheus", "grafana", "newrelic", "mixpanel", "sentry", "zendesk"]
"""Services that are asked over the network."""


class ReadingTable(FileTable):
    """`[metrics.NAME]`: readings from files, or from a service.

    Which of the fields of a service it takes, and where its token comes from, stands in the module
    of its type.

    Attributes:
        type: `csv` or `json` readings, one row a ticket (`tickets`) or an answer (`csat`), one file
            a scan (`stylelint` and other scanners), or the service that is asked; the table's own
            name where it is one of them.
        metric: Metric of every row where the file has no metric column; of every scan.
        span_hours: For readings whose file gives their start only: hours from there to their end.
        categories: For tickets and answers: the row's category -> metric.
        sessions_per_day: For tickets: sessions on an average day, the rate's denominator.
        dissatisfied_at_most: For answers: scores up to this one count as dissatisfied.
        rules: For scans: patterns of the rules or checks whose findings count; empty is each
            scanner's own default.
        severities: For scans: how bad a finding has to be, in the scanner's own words.
        system: For react-scanner: modules or components that are the design system, as patterns
            such as `@omniretail/ui*`.
        url: Address of the service: needed for Prometheus, Grafana and Zendesk; the others have
            one of their own, which it replaces.
        organization: Sentry's organization; the tenant of Mimir, Cortex or Loki for Prometheus.
        datasource: For Grafana: the uid of the data source that is asked.
        account: For New Relic: number of the account.
        region: For New Relic `us` or `eu`, for Mixpanel `us`, `eu` or `in`: where the data lies.
        project: For Mixpanel: number of the project. For Sentry: number or name of one; empty is
            every project the token may read.
        user: Name that goes with the token: a user of Prometheus, Mixpanel's service account, the
            e-mail address of a Zendesk agent.
        history_days: Days that the first reading goes back.
    """

    type: FileType | LiveType | None = None
    metric: str | None = None
    span_hours: float | None = Field(default=None, gt=0, le=24 * 366)
    categories: dict[str, str] = {}
    sessions_per_day: float | None = Field(default=None, gt=0)
    dissatisfied_at_most: float = 2.0
    rules: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    system: tuple[str, ...] = ()
    url: str = ""
    organization: str = ""
    datasource: str = ""
    account: int | None = Field(default=None, ge=1)
    region: Literal["us", "eu", "in"] = "us"
    project: str | int = ""
    user: str = ""
    history_days: int = Field(default=180, ge=1, le=366)


class MetricQuery(Value):
    """A metric and how a live provider computes it.

    Attributes:
        queries: By figure, each in the provider's own language: `bad` and `total` (and
            `recovered`), `rate`, `good` and `needs_improvement` and `poor`, `buckets` (and
            `total`), percentiles such as `p50` and `p95`; or "" for the one query from which the
            provider's answer tells all by itself.
    """

    metric: UxMetric
    queries: dict[str, str]


class StatedReading(Value):
    """A reading stated by hand, where there is no telemetry yet; it supports grade E at most.

    One of: `rate`; `bad` and `total`; `good`, `needs_improvement` and `poor`; or `percentiles`
    such as {p50 = 1.2, p95 = 4.0}.
    """

    stated_by: str = Field(min_length=1)
    stated_on: date
    rate: float | None = None
    bad: float | None = None
    total: float | None = None
    recovered: float = 0.0
    good: float | None = None
    needs_improvement: float | None = None
    poor: float | None = None
    percentiles: dict[str, float] = {}
    sample_size: float | None = Field(default=None, gt=0)
