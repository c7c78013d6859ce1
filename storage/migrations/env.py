"""Runs migrations on the connection that `storage.schema` hands over; there is no ini file."""

from __future__ import annotations

from alembic import context

import storage.month_tables  # noqa: F401  # adds its tables to the same metadata
from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
