"""Runs the migrations on the connection that `schema.upgrade` holds."""

from alembic import context

from vigie.index.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
context.run_migrations()
