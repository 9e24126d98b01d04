"""Sources, what they gave, and plans."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "source",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("fetched_at", _INSTANT),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("records", sa.BigInteger, nullable=False),
        sa.Column("skipped", sa.BigInteger, nullable=False),
        sa.Column("detail", sa.String, nullable=False),
        sa.Column("seal", sa.String, nullable=False),
    )
    _create_items()
    _create_given(
        "reading",
        sa.Column("metric", sa.String, primary_key=True),
        sa.Column("start_at", _INSTANT, primary_key=True),
        sa.Column("end_at", _INSTANT, primary_key=True),
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("measure", sa.JSON, nullable=False),
        sa.Column("sample_size", sa.Float),
        sa.Column("fetched_at", _INSTANT),
        sa.Column("stated_by", sa.String),
    )
    _create_given(
        "closed_sprint",
        sa.Column("team", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("start_on", sa.Date),
        sa.Column("end_on", sa.Date),
        sa.Column("committed", sa.Float),
        sa.Column("completed", sa.Float),
        sa.Column("debt_points", sa.Float),
    )
    _create_skipped()
    _create_plans()


def downgrade() -> None:
    for name in ("plan", "skipped", "closed_sprint", "reading", "item", "source"):
        op.drop_table(name)


def _create_items() -> None:
    lists = ("labels", "components", "paths", "roles", "prerequisites", "excludes")
    _create_given(
        "item",
        sa.Column("key", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("source", "title", "text")),
        sa.Column("url", sa.String),
        sa.Column("type_name", sa.String, nullable=False),
        sa.Column("debt_kind", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("team", sa.String),
        sa.Column("points", sa.Float),
        *(sa.Column(name, sa.JSON, nullable=False) for name in lists),
        sa.Column("story", sa.JSON),
        sa.Column("sprint", sa.String),
        sa.Column("created_at", _INSTANT),
        sa.Column("updated_at", _INSTANT),
    )


def _create_given(name: str, *columns: sa.Column[Any]) -> None:
    """Create a table of what sources give."""
    giver = sa.Column("given_by", sa.String, sa.ForeignKey("source.name"), nullable=False)
    op.create_table(name, *columns, sa.Column("seal", sa.String, nullable=False), giver)
    op.create_index(f"ix_{name}_given_by", name, ["given_by"])


def _create_skipped() -> None:
    op.create_table(
        "skipped",
        sa.Column("source", sa.String, sa.ForeignKey("source.name"), primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
        sa.Column("ref", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("seal", sa.String, nullable=False),
    )


def _create_plans() -> None:
    op.create_table(
        "plan",
        sa.Column("plan_id", sa.String, primary_key=True),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("team", sa.String, nullable=False),
        sa.Column("sprint_id", sa.String, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("approved_at", _INSTANT),
        sa.Column("approved_by", sa.String),
        sa.Column("document", sa.String, nullable=False),
        sa.Column("seal", sa.String, nullable=False),
    )
