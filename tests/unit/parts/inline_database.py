"""A database without threads: each transaction is over when the call returns, or fails as told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Engine, StaticPool, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from callcentre.storage.schema import Base
from callcentre.storage.threads import in_transaction

T = TypeVar("T")


class Away(Exception):
    """What the driver says of a server that does not answer; its text names a citizen."""


class InlineDatabase:
    """Stands in for ``callcentre.storage.threads.Database``."""

    def __init__(self, engine: Engine, *, session: type[Session] = Session) -> None:
        self.sessions = sessionmaker(engine, class_=session, expire_on_commit=False)
        self.away = False
        self.transactions = 0

    async def run(self, fn: Callable[[Session], T]) -> T:
        """Call *fn* in a transaction, unless the database is away."""
        if self.away:
            raise OperationalError("SELECT", {}, Away("no route to +919447000001"))
        self.transactions += 1
        return in_transaction(self.sessions, fn)

    async def read(self, fn: Callable[[Session], T]) -> T:
        """The same."""
        return await self.run(fn)

    def ask(self, fn: Callable[[Session], T]) -> T:
        """The same for a test, which is never turned away."""
        return in_transaction(self.sessions, fn)


@contextmanager
def memory_engine() -> Iterator[Engine]:
    """An SQLite of one connection in memory, with all tables."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()
