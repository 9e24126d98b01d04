"""One measured number beside its limit."""

from dataclasses import asdict, dataclass
from json import dumps


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure.

    Attributes:
        bench: Name of the benchmark.
        figure: What was measured.
        value: The number.
        limit: What it should not pass, or should reach; None where it is for the record.
        ok: Whether it keeps the limit.
        unit: Unit of value and limit.
        detail: Instances, seeds, what else a reader needs to repeat it.
    """

    bench: str
    figure: str
    value: float
    limit: float | None
    ok: bool
    unit: str
    detail: str

    def as_json(self) -> str:
        """Return the figure as one line of JSON."""
        return dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    def as_row(self) -> str:
        """Return the figure as one line of a table."""
        limit = "" if self.limit is None else f"{self.limit:g}"
        state = "ok" if self.ok else "MISSED"
        return (
            f"{self.bench:<9} {self.figure:<52} {self.value:>12.6g} {limit:>10} "
            f"{self.unit:<10} {state:<6}  {self.detail}"
        )


def at_most(
    bench: str, figure: str, value: float, limit: float | None, unit: str, detail: str
) -> Figure:
    """Return a figure that is fine up to its limit."""
    return Figure(bench, figure, value, limit, limit is None or value <= limit, unit, detail)
