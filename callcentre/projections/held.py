"""Rows that a transaction has looked at, held until it ends.

SQLAlchemy's own map forgets a clean row that nobody refers to; a batch would load the same call and the
same agent anew for each fact.  Whoever knows what a batch will ask for takes it all up at once, with one
question to the database instead of one for each row.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias, TypeVar

from sqlalchemy import inspect, select, tuple_
from sqlalchemy.orm import Session

from callcentre.storage.schema import Base

Row = TypeVar("Row", bound=Base)
Key: TypeAlias = str | tuple[str, int]
Held: TypeAlias = dict[tuple[type[Base], Key], Base | None]
"""None where it is known that there is no row."""

_HELD = "callcentre.projections.held"


def take_up(session: Session, table: type[Row], keys: Collection[Key]) -> list[Row]:
    """Hold whatever rows of *keys* there are, and return them."""
    if not keys:
        return []
    mapper = inspect(table)
    columns = mapper.primary_key
    wanted = columns[0].in_(keys) if len(columns) == 1 else tuple_(*columns).in_(keys)
    rows = list(session.execute(select(table).where(wanted)).scalars())
    held = _held(session)
    held.update(dict.fromkeys(((table, key) for key in keys), None))
    for row in rows:
        key = tuple(mapper.primary_key_from_instance(row))
        held[table, key[0] if len(key) == 1 else key] = row
    return rows


def write(row: Base, **values: object) -> None:
    """Give *row* these values.  SQLAlchemy keeps books of every assignment, even of the value it had."""
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def find(session: Session, table: type[Row], key: Key) -> Row | None:
    """The row of *key*, from the database only when this transaction has not seen it yet."""
    held = _held(session)
    if (table, key) not in held:
        # Whatever is not yet written is held, so there is nothing to flush before asking.
        with session.no_autoflush:
            held[table, key] = session.get(table, key)
    return held[table, key]  # type: ignore[return-value]  # what is held under a table is of that table


def hold(session: Session, row: Row, *, key: Key) -> Row:
    """Add a new *row*, to be found under *key* from now on."""
    session.add(row)
    _held(session)[type(row), key] = row
    return row


def _held(session: Session) -> Held:
    held: Held = session.info.setdefault(_HELD, {})
    return held
