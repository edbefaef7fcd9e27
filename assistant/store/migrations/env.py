"""Run by Alembic over the connection that `store.database` hands in."""

from alembic import context

from assistant.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
