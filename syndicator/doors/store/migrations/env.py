"""Alembic's door: runs the migrations on the connection that ``connect.migrate`` hands over."""

from alembic import context
from sqlmodel import SQLModel

from syndicator.doors.store import schema

target_metadata = SQLModel.metadata
assert schema.Meta.__tablename__ in target_metadata.tables  # noqa: S101  # the import is its own purpose

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=target_metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
