"""What Alembic runs to apply revisions: on the connection it is handed, in that connection's transaction."""

from __future__ import annotations

from alembic import context

from callcentre.storage.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite alters tables by copying them.
    render_as_batch=True,
)
context.run_migrations()
