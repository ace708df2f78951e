"""Opens the database named by a URL, with the same promises on SQLite and PostgreSQL.

The promises: a commit that returned survives a power cut; a transaction that was begun to write meets
no "database is locked" half-way; nobody waits for ever on a database that does not answer.

    DatabaseUrlInvalid    the operator's: the URL names no database we can speak to
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

# A writer of ours holds SQLite for one batch, some milliseconds; five seconds covers a slow disk.
SQLITE_BUSY_MS = 5_000
# libpq's smallest honoured value is 2; a database in the same building answers within one second.
CONNECT_SECONDS = 3
# Our longest statement, a batch of 500 facts, takes well under a second.
STATEMENT_MS = 10_000
# Shorter than the statement limit, so that a lock held too long is named as such.
LOCK_MS = 5_000
# A transaction of ours never waits for a person; an idle one is a bug and must not hold locks.
IDLE_TRANSACTION_MS = 30_000
# How long sent bytes may stay unacknowledged before the connection is taken for dead.
UNACKNOWLEDGED_MS = 10_000
# How long a thread waits for a connection of the pool; there is one for each thread, so hardly ever.
POOL_SECONDS = 5

READING = "callcentre_reading"


class DatabaseUrlInvalid(ValueError):
    """The URL cannot be understood, or names a database other than SQLite and PostgreSQL."""


def open_engine(url: str, *, threads: int = 4) -> Engine:
    """The engine for *url*, ``sqlite:///PATH`` or ``postgresql+psycopg://…``, for so many threads.

    Nothing is connected yet: a database that is away shows itself at the first transaction.
    Raises DatabaseUrlInvalid.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, threads)
    return _postgresql(parsed, threads)


def reading(engine: Engine) -> Engine:
    """The same engine and pool, whose transactions only read: SQLite then takes no write lock."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(postgresql_readonly=True)
    return engine.execution_options(**{READING: True})


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        # The URL may hold a password, so it is not repeated.
        raise DatabaseUrlInvalid(
            "database.url is not a URL; write sqlite:///PATH or leave it empty"
        ) from None
    if parsed.drivername in ("sqlite", "sqlite+pysqlite") and parsed.database not in (None, "", ":memory:"):
        return parsed
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise DatabaseUrlInvalid(
        f"database.url: {parsed.drivername!r} is not a database we speak, or names no file; "
        "write sqlite:///PATH or postgresql+psycopg://user@host/name"
    )


def _sqlite(url: URL, threads: int) -> Engine:
    engine = create_engine(url, pool_size=threads, max_overflow=0, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes late and not before DDL; _begin_sqlite says it instead.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    # Not NORMAL: in WAL that may forget the last commits at a power cut, and a forgotten reservation
    # of docket numbers would be given out a second time.  Facts come in batches, so the price is small.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another wrote in between,
    # whatever the busy time-out: https://sqlite.org/isolation.html
    reads = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _postgresql(url: URL, threads: int) -> Engine:
    limits = {
        "statement_timeout": STATEMENT_MS,
        "lock_timeout": LOCK_MS,
        "idle_in_transaction_session_timeout": IDLE_TRANSACTION_MS,
    }
    return create_engine(
        url,
        pool_size=threads,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        pool_pre_ping=True,
        # Parameters are citizens' names and numbers; an error's text goes to the log.
        hide_parameters=True,
        connect_args={
            "application_name": "callcentre",
            "connect_timeout": CONNECT_SECONDS,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
            # The server's limits do not help when the machine is gone; these do.
            "tcp_user_timeout": UNACKNOWLEDGED_MS,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
        },
    )
