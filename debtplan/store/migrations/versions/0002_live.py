"""Open sprints, how far live sources are read, and who was told of a plan."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "open_sprint",
        sa.Column("team", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("start_on", sa.Date),
        sa.Column("end_on", sa.Date),
        sa.Column("seal", sa.String, nullable=False),
        sa.Column("given_by", sa.String, sa.ForeignKey("source.name"), nullable=False),
    )
    op.create_index("ix_open_sprint_given_by", "open_sprint", ["given_by"])
    _create_walks()


def _create_walks() -> None:
    op.create_table(
        "mark",
        sa.Column("source", sa.String, sa.ForeignKey("source.name"), primary_key=True),
        sa.Column("part", sa.String, primary_key=True),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("since", _INSTANT),
        sa.Column("resume", sa.String, nullable=False),
        sa.Column("newest", _INSTANT),
        sa.Column("seal", sa.String, nullable=False),
    )
    op.create_table(
        "sighting",
        sa.Column("source", sa.String, sa.ForeignKey("source.name"), primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("part", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("missing", sa.BigInteger, nullable=False),
        sa.Column("seal", sa.String, nullable=False),
    )
    op.create_index("ix_sighting_part", "sighting", ["part"])
    op.create_table(
        "answer",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("etag", sa.String, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("seal", sa.String, nullable=False),
    )
    op.create_table(
        "notice",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("notifier", sa.String, primary_key=True),
        sa.Column("is_sent", sa.Boolean, nullable=False),
        sa.Column("seal", sa.String, nullable=False),
    )


def downgrade() -> None:
    for name in ("notice", "answer", "sighting", "mark", "open_sprint"):
        op.drop_table(name)
