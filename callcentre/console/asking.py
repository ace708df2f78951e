"""What the console asks of the database: a driver's failure is told in the console's words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from agents_ui.ports import StorageAway

T = TypeVar("T")


async def asked(how: Callable[[Callable[[Session], T]], Awaitable[T]], work: Callable[[Session], T]) -> T:
    """What *work* finds, done as *how* does.  Raises StorageAway."""
    try:
        return await how(work)
    except SQLAlchemyError as error:
        raise StorageAway(type(error).__name__) from error
