"""What Alembic runs: the changes of form, on the connection it was given."""

from __future__ import annotations

from alembic import context

from inventory.register.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection, target_metadata=metadata(), render_as_batch=True, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
