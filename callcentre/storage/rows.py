"""Writes a row only where there is none, in one statement, on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from callcentre.storage.schema import Base


def insert_missing(session: Session, table: type[Base], **values: Any) -> None:
    """Insert a row of *table* unless one with the same key is there; safe among concurrent writers."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if is_postgresql else sqlite.insert
    session.execute(insert(table).values(**values).on_conflict_do_nothing())
