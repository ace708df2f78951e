"""A router that starts again takes up the floor that its journal left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from callcentre.acd.reconcile import missed_facts
from callcentre.acd.restoring import floor_then
from callcentre.journal.position import Position
from callcentre.projections.mark import mark_of
from callcentre.projections.step import all_folds
from routing.agent import AgentState
from routing.call import CallState
from routing.decisions import Offer
from routing.facts import (
    AgentLoggedIn,
    AvailabilityAsked,
    CallAnswered,
    CallbackAsked,
    CallbackDue,
    CallEnded,
    CallLost,
    CallOffered,
    CallOverflowed,
    CallQueued,
    Fact,
    OfferProposed,
    Party,
    PhoneLost,
    Turned,
)
from routing.floor import Floor
from routing.ids import CallId, Instant, Phone, Pool, Skill
from tests.unit.parts.floor_story import ANJU, KWA, ML, NODE, RULES
from tests.unit.parts.inline_database import memory_engine
from tests.unit.parts.shell_floor import FOOD

FIRST, SECOND = CallId("node1-1"), CallId("node1-2")
LEELA = "+919447000001"
LATER = Instant(2000.0)


class Journalled:
    """A floor that was there, and its journal folded into rows."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.before = Floor(RULES)
        self.lines = 0

    def tell(self, *facts: Fact) -> None:
        for fact in facts:
            self.before.apply(fact)
            self.lines += 1
            mark = mark_of("journal", Position("00000001-20251124T120000Z", self.lines))
            for fold in all_folds(RULES):
                fold(self.session, fact, mark=mark)

    def start_again(self) -> Floor:
        floor = Floor(RULES)
        floor.restore(*floor_then(self.session))
        return floor


@pytest.fixture
def journalled() -> Iterator[Journalled]:
    with memory_engine() as engine, Session(engine) as session:
        yield Journalled(session)


def queued(call: CallId, at: float) -> Fact:
    moment = Instant(at)
    return CallQueued(
        at=moment, call=call, node=NODE, helpline=KWA, language=ML, queued_at=moment, caller=LEELA
    )


def seated(at: float) -> tuple[Fact, Fact]:
    login = AgentLoggedIn(
        at=Instant(at),
        agent=ANJU,
        phone=Phone("1001"),
        helplines=frozenset({KWA}),
        pools=frozenset({Pool("d01")}),
        skills=frozenset({(Skill("law"), 7)}),
        order=(FOOD, KWA),
    )
    return login, AvailabilityAsked(at=Instant(at), agent=ANJU)


def called_back(call: CallId, at: float) -> tuple[Fact, ...]:
    return (
        queued(call, at),
        CallbackAsked(at=Instant(at + 1), call=call, number=LEELA),
        CallEnded(at=Instant(at + 2), call=call, by=Party.CALLER),
    )


def due(call: CallId, at: float) -> Fact:
    return CallbackDue(at=Instant(at), call=call)


def offered(call: CallId, at: float) -> tuple[Fact, Fact]:
    moment = Instant(at)
    return OfferProposed(at=moment, call=call, agent=ANJU), CallOffered(at=moment, call=call, agent=ANJU)


def test_an_agent_brings_what_she_brought(journalled: Journalled) -> None:
    journalled.tell(*seated(1000), queued(FIRST, 1001), CallAnswered(at=LATER, call=FIRST, agent=ANJU))
    journalled.tell(PhoneLost(at=LATER, agent=ANJU))
    assert journalled.start_again().agents() == journalled.before.agents()


def test_a_callers_place_and_where_he_could_not_wait_are_kept(journalled: Journalled) -> None:
    journalled.tell(queued(FIRST, 1000))
    journalled.tell(CallOverflowed(at=Instant(1060.0), call=FIRST, helpline=FOOD, why=Turned.LATE))
    assert journalled.start_again().calls() == journalled.before.calls()


@pytest.mark.parametrize("in_line", [False, True])
def test_a_callback_is_taken_up_in_its_place_without_a_channel(journalled: Journalled, in_line: bool) -> None:
    journalled.tell(*called_back(FIRST, 1000), queued(SECOND, 1010), *seated(1020))
    if in_line:
        journalled.tell(due(FIRST, 1002))
    floor = journalled.start_again()
    assert floor.calls() == journalled.before.calls()
    assert missed_facts(floor, {}, node=NODE, asked_at=LATER, now=LATER) == [CallLost(at=LATER, call=SECOND)]
    if not in_line:
        (decision,) = floor.decide(LATER)
        floor.apply(decision.as_fact(LATER))
    assert floor.decide(LATER) == [Offer(FIRST, ANJU)]


def test_one_whose_citizen_was_being_called_is_being_called(journalled: Journalled) -> None:
    journalled.tell(*seated(1000), *called_back(FIRST, 1001), due(FIRST, 1003), *offered(FIRST, 1003))
    floor = journalled.start_again()
    assert floor.calls() == journalled.before.calls()
    (lost,) = missed_facts(floor, {}, node=NODE, asked_at=LATER, now=LATER)
    floor.apply(lost)
    (call,) = floor.calls()
    assert call.callback is not None
    assert (call.state, call.callback.failed, call.has_channel) == (CallState.RESTING, 1, False)


def test_a_call_whose_agent_is_gone_from_the_records_is_let_go(journalled: Journalled) -> None:
    journalled.tell(*seated(1000), queued(FIRST, 1001), *offered(FIRST, 1002))
    calls, _ = floor_then(journalled.session)
    assert calls[0].agent == ANJU
    journalled.tell(queued(SECOND, 1003), CallAnswered(at=Instant(1004.0), call=SECOND, agent=ANJU))
    floor = journalled.start_again()
    first, second = floor.calls()
    assert (first.state, second.state) == (CallState.WAITING, CallState.TALKING)
    assert floor.agents()[0].state is AgentState.TALKING
