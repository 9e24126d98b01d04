"""What metrics did where promised work did not come, and when it was due."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Of forecasts of before it is not known; their seals hold, see `shelf`.
    op.add_column("forecast", sa.Column("due_on", sa.Date))
    numbers = ("observed", "effect", "low", "high", "realised", "realised_error")
    op.create_table(
        "placebo",
        *(sa.Column(name, sa.String, primary_key=True) for name in ("plan_id", "item", "metric")),
        sa.Column("judged_at", _INSTANT, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        *(sa.Column(name, sa.Float) for name in numbers),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("days_before", "days_after")),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("reasons", "beside")),
        sa.Column("seal", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("placebo")
    op.drop_column("forecast", "due_on")
