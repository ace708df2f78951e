"""Rows that a transaction has looked at, held until it ends.

SQLAlchemy's own map forgets a clean row that nobody refers to; a batch would load the same call and the
same agent anew for each fact.
"""

from __future__ import annotations

from typing import TypeAlias, TypeVar

from sqlalchemy.orm import Session

from callcentre.storage.schema import Base

Row = TypeVar("Row", bound=Base)
Key: TypeAlias = str | tuple[str, int]

_HELD = "callcentre.projections.held"


def find(session: Session, table: type[Row], key: Key) -> Row | None:
    """The row of *key*, from the database only when this transaction has not seen it yet."""
    held: dict[tuple[type[Base], Key], Base] = session.info.setdefault(_HELD, {})
    row = held.get((table, key))
    if row is None:
        # Whatever is not yet written is held, so there is nothing to flush before asking.
        with session.no_autoflush:
            row = session.get(table, key)
        if row is not None:
            held[table, key] = row
    return row  # type: ignore[return-value]  # what is held under a table is of that table


def hold(session: Session, row: Row, *, key: Key) -> Row:
    """Add a new *row*, to be found under *key* from now on."""
    session.add(row)
    session.info.setdefault(_HELD, {})[type(row), key] = row
    return row
