"""What the menus had kept as rows: each word once, the newest of several, nothing of a call nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from callcentre.enquiries.facts import SelfServed
from callcentre.projections.step import all_folds
from callcentre.storage.schema import CallRecord, TicketRecord, TicketState
from routing.facts import Fact
from tests.unit.parts.floor_story import RULES, day
from tests.unit.parts.inline_database import memory_engine
from tests.unit.parts.menu_story import CALL, DOCKET, EVERYTHING, ML, at, judged
from tests.unit.parts.rows import rows


@pytest.fixture
def session() -> Iterator[Session]:
    with memory_engine() as engine, Session(engine) as opened:
        yield opened


def tell(session: Session, *facts: Fact, first: int = 0) -> None:
    for line, fact in enumerate(facts, first):
        for fold in all_folds(RULES):
            fold(session, fact, mark=f"j/{line:06}")
    session.flush()
    session.expire_all()


def call(session: Session) -> CallRecord:
    return session.get_one(CallRecord, CALL)


def ticket(session: Session) -> TicketRecord:
    return session.get_one(TicketRecord, DOCKET)


def test_everything_has_its_place(session: Session) -> None:
    tell(session, *EVERYTHING)
    row = call(session)
    assert (row.notice_version, row.recorded, row.solved, row.rating) == ("2026-1", False, False, 2)
    assert (ticket(session).solved, ticket(session).rating) == (False, 2)
    told: dict[str, list[Any]] = rows(session)
    assert told["messages"] == [("2600000010", CALL, "a.wav", 9, at(103))]
    assert told["outbox"][0][2:6] == ("+919447000001", "office", '{"helpline": "kwa"}', "ml")


def test_told_again_it_changes_nothing(session: Session) -> None:
    tell(session, *EVERYTHING)
    before = rows(session)
    tell(session, *EVERYTHING)
    assert rows(session) == before


def test_a_ticket_that_went_on_is_not_reopened_by_the_same_word(session: Session) -> None:
    tell(session, *EVERYTHING)
    ticket(session).state = TicketState.REGISTERED
    tell(session, EVERYTHING[-1], first=len(EVERYTHING) - 1)
    assert ticket(session).state is TicketState.REGISTERED


def test_the_newest_word_counts_and_silence_takes_nothing_back(session: Session) -> None:
    tell(session, *day(1), judged(170, solved=False, rating=2), judged(171, rating=5))
    assert (ticket(session).solved, ticket(session).rating) == (False, 5)
    assert (call(session).solved, call(session).rating) == (False, 5)
    assert ticket(session).state is TicketState.REOPENED


def test_a_settled_matter_reopens_nothing(session: Session) -> None:
    tell(session, *day(1), judged(170, solved=True, rating=5))
    assert (ticket(session).state, ticket(session).solved) == (TicketState.REGISTERED, True)


def test_a_call_that_was_never_heard_of_gets_no_row(session: Session) -> None:
    tell(session, *EVERYTHING[-5:])
    told = rows(session)
    assert (told["calls"], told["tickets"], len(told["messages"]), len(told["outbox"])) == ([], [], 1, 1)


def test_the_language_in_which_the_menu_told_him_is_remembered(session: Session) -> None:
    arrived = day(1)[4]
    tell(session, arrived, SelfServed(at=at(109), call=CALL, language=ML))
    assert call(session).language == "ml"
