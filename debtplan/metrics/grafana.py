"""A Prometheus data source of Grafana, asked through Grafana.

    [metrics.grafana]         url = "https://grafana.example.com", datasource = "UID"
    DEBTPLAN_GRAFANA_TOKEN    a service account's token, whose role may query the data source

The queries are those of `debtplan.metrics.prometheus`. `datasource` is the last part of the address
of the data source's own page. `url` may have a path, where Grafana is served below one. A data
source that is down shows as status 502 of Grafana itself.

The address is that of grafana.com/docs, "Data source HTTP API", "Data source proxy calls by UID".
"""

from collections.abc import Iterator
from urllib.parse import quote

from debtplan.core.reading import Window
from debtplan.errors import SourceError
from debtplan.metrics.daily import DayFigures, Remarks
from debtplan.metrics.options import MetricQuery
from debtplan.metrics.prometheus import LivePrometheus
from debtplan.transport.client import Client


class LiveGrafana(LivePrometheus):
    """See `LiveSource`."""

    def _open(self) -> Client:
        self._token("Grafana", "the token of a service account")
        return super()._open()

    def _address(self) -> str:
        url = self._need("url", '"https://grafana.example.com"').rstrip("/")
        uid = self._need("datasource", '"UID", the last part of the address of its page')
        return f"{url}/api/datasources/proxy/uid/{quote(uid, safe='')}"

    def _greet(self) -> str:
        try:
            return super()._greet()
        except SourceError as error:
            raise self._behind(error) from None

    def _days(self, query: MetricQuery, span: Window, remarks: Remarks) -> Iterator[DayFigures]:
        try:
            yield from super()._days(query, span, remarks)
        except SourceError as error:
            raise self._behind(error) from None

    def _behind(self, error: SourceError) -> SourceError:
        """Return the error with a word about the data source, where that may be what fails."""
        if "status 50" not in error.what and "(404" not in error.what:
            return error
        fix = (
            f"Open data source {self._table.datasource} in Grafana and press Save & test; "
            f"if it is well there, check its uid in the settings."
        )
        return SourceError(error.what, fix)
