"""Brings a database to the schema of this version, and says how the two differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from callcentre.storage.schema import Base

SCRIPTS = Path(__file__).parent / "migrations"
# Any number will do that no other program on the same database locks: "docket" on a telephone's keys.
UPGRADE_LOCK = 362538


def upgrade(engine: Engine) -> str:
    """Apply what is missing, all or nothing, and return the revision reached.

    Two services that start together take turns; the second finds nothing left to do.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})"))
        command.upgrade(_config(connection), "head")
    return newest()


def revision(engine: Engine) -> str | None:
    """The revision the database is at; None for an empty one."""
    with engine.connect() as connection:
        return revision_seen(connection)


def revision_seen(connection: Connection) -> str | None:
    """The revision of the database behind *connection*; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision this version of the program needs."""
    head = ScriptDirectory(str(SCRIPTS)).get_current_head()
    if head is None:
        raise FileNotFoundError(f"no migration in {SCRIPTS}: the package was installed without its files")
    return head


def differences(engine: Engine) -> list[Any]:
    """What a new revision would have to change to make the database agree with the models."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
