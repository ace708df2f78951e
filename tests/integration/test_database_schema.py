"""The schema on real databases: what the migrations make is what the models say."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from callcentre.accounts.users import accounts
from callcentre.acd.restoring import floor_then
from callcentre.storage.engine import open_engine, reading
from callcentre.storage.migrate import _config, differences, newest, revision, upgrade
from callcentre.storage.rows import insert_missing
from callcentre.storage.schema import CallRecord, DocketSeries
from routing.call import CallState, Place
from routing.ids import HelplineId, Instant
from routing.needs import Abilities

pytest_plugins = ("tests.integration.parts.databases",)

# Each needs its last bit, or nearly; the third is the last microsecond before 2106 has its own double.
MOMENTS = [1764000000.000001, 1764000000.999999, 4294967295.999999, 0.1 + 0.2]

KWA = HelplineId("kwa")
FIRST_CALL = """INSERT INTO calls (call, seen_at, node, dialled, caller, caller_raw, helpline, language,
    arrived_at, queued_at, offers, missed, state, folded_to)
    VALUES ('node1-1', 990.5, 'node1', '1916', '', '', 'kwa', 'ml', 990.5, 1000.25, 0, 0, 'waiting', '')"""
FIRST_AGENT = """INSERT INTO agent_states (agent, state, since, phone, helplines, intent_reason, reason,
    missed, idle_since, periods, folded_to)
    VALUES ('anju', 'available', 900.0, '1001', 'kwa', '', '', 0, 900.0, 1, '')"""
FIRST_USER = """INSERT INTO users (name, display_name, password_hash, role, phone, helplines, language,
    created_at, disabled) VALUES ('anju', 'Anju', '', 'agent', '1001', 'kwa', 'ml', 800.0, FALSE)"""

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def test_models_and_migrations_agree(engine: Engine) -> None:
    assert revision(engine) == newest()
    assert differences(engine) == []


def test_a_missing_column_is_noticed(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE calls DROP COLUMN docket"))
    assert [change[0] for change in differences(engine)] == ["add_column"]


def test_upgrading_again_changes_nothing(engine: Engine, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.add(DocketSeries(year=2026, next_serial=7))
    assert upgrade(engine) == newest()
    with sessions.begin() as session:
        assert session.get_one(DocketSeries, 2026).next_serial == 7


def test_whoever_waits_or_works_at_an_upgrade_goes_on(empty_database_url: str) -> None:
    """Rows of the first version, which knew neither skills nor callbacks."""
    engine = open_engine(empty_database_url)
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0001")
        for row in (FIRST_CALL, FIRST_AGENT, FIRST_USER):
            connection.execute(text(row))
    assert upgrade(engine) == newest()
    with Session(engine) as session:
        (call,), (agent,) = floor_then(session)
        (account,) = accounts(session)
    engine.dispose()
    assert call.place == Place(helpline=KWA, queued_at=Instant(1000.25), came_at=Instant(1000.25))
    assert (call.state, call.since, call.callback) == (CallState.WAITING, 1000.25, None)
    assert (agent.abilities, agent.answered) == (Abilities(frozenset({KWA})), 0)
    assert (account.helplines, account.disabled) == ({KWA}, False)


def test_an_upgrade_that_fails_leaves_nothing(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'half.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE web_sessions (a INTEGER)"))
    with pytest.raises(DBAPIError, match="web_sessions"):
        upgrade(engine)
    with engine.connect() as connection:
        tables = (
            connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        )
    assert tables == ["web_sessions"]
    engine.dispose()


@pytest.mark.parametrize("moment", MOMENTS)
def test_moments_come_back_to_the_bit(sessions: sessionmaker[Session], moment: float) -> None:
    with sessions.begin() as session:
        session.add(CallRecord(call="n1-1", seen_at=moment, state=CallState.WAITING, folded_to=""))
    with sessions.begin() as session:
        assert session.get_one(CallRecord, "n1-1").seen_at == moment


def test_a_row_that_is_there_stays(sessions: sessionmaker[Session]) -> None:
    for serial in (5, 9):
        with sessions.begin() as session:
            insert_missing(session, DocketSeries, year=2026, next_serial=serial)
    with sessions.begin() as session:
        assert session.get_one(DocketSeries, 2026).next_serial == 5


def test_two_who_read_then_write_both_get_through(sessions: sessionmaker[Session], engine: Engine) -> None:
    """On SQLite a deferred transaction would fail here with "database is locked"."""
    with sessions.begin() as session:
        session.add(DocketSeries(year=2026, next_serial=1))
    for _ in range(2):
        with sessions.begin() as session:
            row = session.get_one(DocketSeries, 2026)
            row.next_serial += 1
            with sessionmaker(reading(engine)).begin() as reader:
                assert reader.get_one(DocketSeries, 2026) is not None
    with sessions.begin() as session:
        assert session.get_one(DocketSeries, 2026).next_serial == 3


def test_sqlite_is_opened_to_survive_a_power_cut(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'safe.db'}")
    with engine.connect() as connection:
        asked = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


@ON_POSTGRESQL
def test_a_reading_transaction_on_postgresql_may_not_write(engine: Engine) -> None:
    with pytest.raises(DBAPIError, match="read-only"), sessionmaker(reading(engine)).begin() as session:
        session.add(DocketSeries(year=2026, next_serial=1))
        session.flush()


@ON_POSTGRESQL
def test_postgresql_ends_a_statement_that_takes_too_long(engine: Engine) -> None:
    with engine.connect() as connection:
        limits = {
            name: connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        }
    assert limits == {
        "statement_timeout": "10s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "30s",
    }
