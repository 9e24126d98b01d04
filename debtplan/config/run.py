"""What the settings say about unattended runs."""

from pydantic import Field

from debtplan.core.record import Value


class RunTable(Value):
    """`[run]`: limits of `debtplan run`.

    Attributes:
        total_s: Time in seconds after which a run is over, whatever it is doing. The last tenth of
            it, at most a minute, is kept for telling of that.
        late_days: Days after its start within which a sprint without a plan is planned after all.
        out: Folder that plans and run.json are written to. Relative to the settings file.
    """

    total_s: float = Field(default=3600.0, gt=0, le=86_400)
    late_days: int = Field(default=2, ge=0, le=14)
    out: str = "plans"
