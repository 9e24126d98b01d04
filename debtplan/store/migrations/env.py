"""Runs the steps inside the transaction of whoever asked for them; see `store.schema`."""

from alembic import context

from debtplan.store.schema import VERSION_TABLE
from debtplan.store.table import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite cannot change a column in place
)
with context.begin_transaction():
    context.run_migrations()
