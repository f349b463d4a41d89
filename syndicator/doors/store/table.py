"""What every table of state.db is."""

from sqlmodel import SQLModel


class Row(SQLModel):
    """A row as the database has it: none is validated, so what would do that is never built."""

    model_config = {"defer_build": True}
