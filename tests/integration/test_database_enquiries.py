"""What the menus had kept, and who calls, on real databases."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from callcentre.enquiries.arrivals import history_of
from callcentre.enquiries.facts import CallJudged
from callcentre.projections.step import all_folds
from callcentre.storage.engine import open_engine, reading
from callcentre.storage.schema import TicketRecord, TicketState
from ivr.exchange import OpenDocket
from routing.facts import Fact
from tests.unit.parts.floor_story import BEGIN, RULES
from tests.unit.parts.menu_story import CALL, CALLER, DOCKET, DOCKET_DAY, EVERYTHING, at
from tests.unit.parts.rows import rows

pytest_plugins = ("tests.integration.parts.databases",)

KERALA = ZoneInfo("Asia/Kolkata")


def tell(sessions: sessionmaker[Session], *facts: Fact) -> None:
    with sessions.begin() as session:
        for line, fact in enumerate(facts):
            for fold in all_folds(RULES):
                fold(session, fact, mark=f"j/{line:06}")


def test_both_databases_keep_the_same(
    sessions: sessionmaker[Session], upgraded_sqlite: Path, tmp_path: Path
) -> None:
    path = tmp_path / "other.db"
    path.write_bytes(upgraded_sqlite.read_bytes())
    engine = open_engine(f"sqlite:///{path}")
    other = sessionmaker(engine)
    kept = []
    for one in (sessions, other):
        tell(one, *EVERYTHING)
        tell(one, *EVERYTHING)
        with one() as session:
            kept.append(rows(session))
    engine.dispose()
    assert kept[0] == kept[1]
    assert {name: len(kept[0][name]) for name in ("messages", "outbox")} == {"messages": 1, "outbox": 1}


def test_who_calls_is_read_without_writing(sessions: sessionmaker[Session], engine: Engine) -> None:
    tell(sessions, *EVERYTHING)
    with sessionmaker(reading(engine)).begin() as session:
        history = history_of(session, CALLER, now=BEGIN + 86_400, zone=KERALA)
    assert (history.language, history.docket) == ("ml", OpenDocket(DOCKET, "kwa", DOCKET_DAY))


def test_a_judgement_reopens_its_ticket(sessions: sessionmaker[Session]) -> None:
    settled = CallJudged(at=at(171), call=CALL, docket=DOCKET, solved=True, rating=None)
    tell(sessions, *EVERYTHING, settled)
    with sessions() as session:
        row = session.get_one(TicketRecord, DOCKET)
    assert (row.state, row.solved, row.rating) == (TicketState.REOPENED, True, 2)
