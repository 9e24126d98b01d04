"""The epic that an item is a part of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Items of before are part of none until they are read anew; their seals hold, see `shelf`.
    op.add_column("item", sa.Column("epic", sa.String, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("item", "epic")
