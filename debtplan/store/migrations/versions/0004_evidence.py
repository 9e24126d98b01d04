"""Evidence, what people decided on links, forecasts and verdicts; when items were closed."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)

_GIVEN = ("tally", "overlap", "note", "release")
_KEPT = ("movement", "shift", "link_decision", "forecast", "verdict")


def upgrade() -> None:
    # Of items of before it is not known until they are read anew; their seals hold, see `shelf`.
    op.add_column("item", sa.Column("closed_at", _INSTANT))
    _create_counts()
    _create_told()
    _create_series()
    _create_decisions()
    _create_forecasts()
    _create_verdicts()


def downgrade() -> None:
    op.drop_column("item", "closed_at")
    for name in (*_KEPT, *_GIVEN):
        op.drop_table(name)


def _create_counts() -> None:
    _create_given(
        "tally",
        *_keys("metric", "dimension", "value", "source"),
        sa.Column("start_at", _INSTANT, nullable=False),
        sa.Column("end_at", _INSTANT, nullable=False),
        _needed("strata", sa.JSON),
    )
    _create_given(
        "overlap",
        *_keys("flow", "step", "segment", "source"),
        sa.Column("start_at", _INSTANT, nullable=False),
        sa.Column("end_at", _INSTANT, nullable=False),
        _needed("sessions", sa.Float),
        _needed("frustrated", sa.Float),
        _needed("parts", sa.JSON),
    )


def _create_told() -> None:
    _create_given(
        "note",
        *_keys("id"),
        _needed("method", sa.String),
        _needed("noted_on", sa.Date),
        _needed("seen", sa.BigInteger),
        sa.Column("of", sa.BigInteger),
        sa.Column("severity", sa.BigInteger),
        *(_needed(name, sa.String) for name in ("flow", "step", "segment", "metric", "item")),
        _needed("text", sa.String),
        _needed("contradicts", sa.Boolean),
        _needed("source", sa.String),
    )
    _create_given(
        "release",
        *_keys("id"),
        sa.Column("released_at", _INSTANT, nullable=False),
        _needed("name", sa.String),
        _needed("items", sa.JSON),
        _needed("is_assumed", sa.Boolean),
        _needed("source", sa.String),
    )


def _create_series() -> None:
    _create(
        "movement",
        *_keys("leader", "follower"),
        _needed("lag_days", sa.BigInteger),
        *(_needed(name, sa.Float) for name in ("correlation", "p", "q")),
        _needed("days", sa.BigInteger),
        _needed("is_shift", sa.Boolean),
    )
    _create(
        "shift",
        *_keys("metric"),
        sa.Column("on", sa.Date, primary_key=True),
        *(_needed(name, sa.Float) for name in ("before", "after", "p")),
    )


def _create_decisions() -> None:
    _create(
        "link_decision",
        *_keys("item", "metric"),
        _needed("is_confirmed", sa.Boolean),
        sa.Column("decided_at", _INSTANT, nullable=False),
        *(_needed(name, sa.String) for name in ("decided_by", "dimension", "value")),
        sa.Column("confidence", sa.Float),
        _needed("why", sa.String),
        sa.Column("share", sa.Float),
        sa.Column("grade", sa.String),
    )


def _create_forecasts() -> None:
    shares = ("sessions", "bad_share", "goal_share", "harm")
    removals = ("removal", "low", "high", "calibration")
    _create(
        "forecast",
        *_keys("plan_id", "item", "metric"),
        *(_needed(name, sa.String) for name in ("team", "sprint_id")),
        sa.Column("frozen_at", _INSTANT, nullable=False),
        *(_needed(name, sa.String) for name in ("grade", "debt_kind")),
        *(_needed(name, sa.Float) for name in (*shares, *removals)),
        *(_needed(name, sa.Date) for name in ("baseline_start_on", "baseline_end_on")),
        _needed("after_days", sa.BigInteger),
        *(_needed(name, sa.JSON) for name in ("controls", "guardrails")),
        *(_needed(name, sa.String) for name in ("method", "definition")),
    )


def _create_verdicts() -> None:
    numbers = ("observed", "effect", "low", "high", "realised", "ratio", "ratio_error")
    _create(
        "verdict",
        *_keys("plan_id", "item", "metric"),
        sa.Column("judged_at", _INSTANT, nullable=False),
        sa.Column("released_at", _INSTANT),
        _needed("outcome", sa.String),
        *(sa.Column(name, sa.Float) for name in numbers),
        *(_needed(name, sa.BigInteger) for name in ("days_before", "days_after")),
        *(_needed(name, sa.JSON) for name in ("reasons", "beside", "alarms")),
    )


def _keys(*names: str) -> tuple[sa.Column[str], ...]:
    return tuple(sa.Column(name, sa.String, primary_key=True) for name in names)


def _needed(name: str, kind: type[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _create(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, *columns, _needed("seal", sa.String))


def _create_given(name: str, *columns: sa.Column[Any]) -> None:
    """Create a table of what sources give."""
    giver = sa.Column("given_by", sa.String, sa.ForeignKey("source.name"), nullable=False)
    _create(name, *columns, giver)
    op.create_index(f"ix_{name}_given_by", name, ["given_by"])
