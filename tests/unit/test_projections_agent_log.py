"""The agent log agrees with the floor, fact for fact, and keeps the history of states."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from callcentre.journal.position import Position
from callcentre.projections import call_log
from callcentre.projections.agent_log import AgentLog
from callcentre.projections.mark import mark_of
from callcentre.projections.read import agents_then
from callcentre.storage.schema import AgentPeriod, CallRecord
from routing.agent import Agent, AgentState
from routing.call import Call
from routing.decisions import Offer
from routing.facts import (
    AgentLoggedIn,
    AvailabilityAsked,
    BreakAsked,
    CallAnswered,
    CallArrived,
    CallEnded,
    CallLost,
    CallOffered,
    CallQueued,
    Fact,
    LogoutAsked,
    OfferMissed,
    OfferProposed,
    OfferRefused,
    Party,
    TalkEnded,
)
from routing.floor import Floor, FloorRules
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId, Phone, Seconds
from routing.lifecycle import IllegalTransition
from tests.unit.parts.inline_database import memory_engine

RULES = FloorRules(ring_seconds=Seconds(20.0), wrap_up_seconds=Seconds(30.0), missed_offers_limit=2)
KWA = HelplineId("kwa")
ANJU, BEENA = AgentId("anju"), AgentId("beena")
ONE, TWO = CallId("n-1"), CallId("n-2")
NODE, ML = NodeId("node1"), LanguageCode("ml")


class Log:
    """The fold over a database of its own; each fact is the next line."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.log = AgentLog(RULES)
        self.line = 0

    def tell(self, fact: Fact) -> None:
        self.line += 1
        self.tell_line(self.line, fact)

    def tell_line(self, line: int, fact: Fact) -> None:
        mark = mark_of("journal", Position("00000001-20251124T120000Z", line))
        self.log.fold(self.session, fact, mark=mark)
        call_log.fold(self.session, fact, mark=mark)

    def begin_again(self) -> None:
        """As a transaction that ends, and another that has seen nothing yet."""
        self.session.flush()
        self.session.expunge_all()
        self.session.info.clear()

    def agents(self) -> dict[AgentId, Agent]:
        self.begin_again()
        return {agent.id: agent for agent in agents_then(self.session)}

    def calls(self) -> dict[CallId, Call]:
        going_on = select(CallRecord).where(CallRecord.ended_at.is_(None))
        return {CallId(row.call): call_log.call_of(row) for row in self.session.scalars(going_on)}

    def periods(self, agent: AgentId) -> list[tuple[str, float, float | None, str]]:
        self.begin_again()
        theirs = select(AgentPeriod).where(AgentPeriod.agent == agent).order_by(AgentPeriod.number)
        rows = self.session.scalars(theirs)
        return [(row.state.value, row.started_at, row.ended_at, row.reason) for row in rows]


@dataclass
class Told:
    """A floor that is told random things, and everything it took note of."""

    floor: Floor = field(default_factory=lambda: Floor(RULES))
    facts: list[Fact] = field(default_factory=list)
    now: float = 1764000000.0

    def tell(self, fact: Fact) -> None:
        try:
            self.floor.apply(fact)
        except IllegalTransition:
            return
        self.facts.append(fact)

    def decide(self) -> None:
        for decision in self.floor.decide(Instant(self.now)):
            self.tell(decision.as_fact(Instant(self.now)))


def some_fact(choice: str, at: Instant, call: CallId, agent: AgentId) -> Fact:
    about_offer = {
        "offered": lambda: CallOffered(at=at, call=call, agent=agent),
        "refused": lambda: OfferRefused(at=at, call=call, agent=agent, reason="stale"),
        "missed": lambda: OfferMissed(at=at, call=call, agent=agent, reason="noanswer"),
        "answered": lambda: CallAnswered(at=at, call=call, agent=agent),
        "talk ended": lambda: TalkEnded(at=at, call=call, agent=agent, by=Party.AGENT),
    }
    about_one = {
        "arrived": lambda: CallArrived(at=at, call=call, node=NODE, dialled="1916", caller="", caller_raw=""),
        "queued": lambda: CallQueued(
            at=at, call=call, node=NODE, helpline=KWA, language=ML, queued_at=at, caller=""
        ),
        "ended": lambda: CallEnded(at=at, call=call, by=Party.CALLER),
        "lost": lambda: CallLost(at=at, call=call),
        "in": lambda: AgentLoggedIn(at=at, agent=agent, phone=Phone("1001"), helplines=frozenset({KWA})),
        "available": lambda: AvailabilityAsked(at=at, agent=agent),
        "break": lambda: BreakAsked(at=at, agent=agent, reason="tea"),
        "out": lambda: LogoutAsked(at=at, agent=agent),
    }
    return {**about_offer, **about_one}[choice]()


CHOICES = (
    *("in", "available", "available", "break", "out", "arrived", "queued", "queued"),
    *("offered", "refused", "missed", "answered", "answered", "talk ended", "ended", "lost"),
)
calls = st.sampled_from([CallId(f"n-{number}") for number in range(4)])
agents = st.sampled_from([ANJU, BEENA, AgentId("chinnu")])
steps = st.lists(st.tuples(st.sampled_from(CHOICES), calls, agents, st.integers(1, 40)), max_size=30)


def floor_after(story: list[tuple[str, CallId, AgentId, int]]) -> Told:
    told = Told()
    for choice, call, agent, passed in story:
        told.now += passed
        told.tell(some_fact(choice, Instant(told.now), call, agent))
        told.decide()
    return told


@given(steps)
@settings(max_examples=60, deadline=None)
def test_the_log_agrees_with_the_floor(story: list[tuple[str, CallId, AgentId, int]]) -> None:
    told = floor_after(story)
    with memory_engine() as engine, Session(engine) as session:
        log = Log(session)
        for fact in told.facts:
            log.tell(fact)
        assert log.agents() == {agent.id: agent for agent in told.floor.agents()}
        kept = [
            (call.id, call.state, call.agent, call.helpline, call.parting) for call in log.calls().values()
        ]
        known = [
            (call.id, call.state, call.agent, call.helpline, call.parting) for call in told.floor.calls()
        ]
        assert sorted(kept, key=repr) == sorted(known, key=repr)


@given(steps)
@settings(max_examples=20, deadline=None)
def test_reading_the_journal_again_changes_nothing(story: list[tuple[str, CallId, AgentId, int]]) -> None:
    told = floor_after(story)
    with memory_engine() as engine, Session(engine) as session:
        log = Log(session)
        seen = []
        for _ in range(2):
            for line, fact in enumerate(told.facts, start=1):
                log.tell_line(line, fact)
            seen.append((log.agents(), [log.periods(agent) for agent in (ANJU, BEENA)]))
        assert seen[0] == seen[1]


@given(steps)
@settings(max_examples=20, deadline=None)
def test_periods_follow_each_other_without_a_gap(story: list[tuple[str, CallId, AgentId, int]]) -> None:
    told = floor_after(story)
    with memory_engine() as engine, Session(engine) as session:
        log = Log(session)
        for fact in told.facts:
            log.tell(fact)
        for agent in log.agents().values():
            periods = log.periods(agent.id)
            still_open = [period for period in periods if period[2] is None]
            assert [period[0] for period in still_open] == (
                [] if agent.state is AgentState.LOGGED_OUT else [agent.state.value]
            )
            for (_, _, end, _), (_, start, _, _) in pairwise(periods):
                assert end is not None
                assert end <= start


def test_an_agents_day_is_told_in_periods() -> None:
    with memory_engine() as engine, Session(engine) as session:
        log, floor = Log(session), Floor(RULES)
        day = [
            ("in", 0),
            ("available", 1),
            ("queued", 2),
            ("offered", 3),
            ("answered", 5),
            ("talk ended", 65),
        ]
        day += [("ended", 66), ("break", 70), ("available", 80), ("break", 90), ("out", 100)]
        for choice, second in day:
            fact = some_fact(choice, Instant(float(second)), ONE, ANJU)
            floor.apply(fact)
            log.tell(fact)
            for decision in floor.decide(Instant(float(second))):
                assert isinstance(decision, Offer)
                floor.apply(decision.as_fact(Instant(float(second))))
                log.tell(decision.as_fact(Instant(float(second))))
        assert log.periods(ANJU) == [
            ("not_ready", 0.0, 1.0, ""),
            ("available", 1.0, 2.0, ""),
            ("reserved", 2.0, 3.0, ""),
            ("ringing", 3.0, 5.0, ""),
            ("talking", 5.0, 65.0, ""),
            ("wrap_up", 65.0, 80.0, ""),
            ("available", 80.0, 90.0, ""),
            ("on_break", 90.0, 100.0, "tea"),
        ]


def test_a_row_that_is_behind_follows_the_router() -> None:
    """The router was away when Anju's talk ended; it offers her the next call, so she is free."""
    with memory_engine() as engine, Session(engine) as session:
        log = Log(session)
        for choice, second in (("in", 0), ("available", 1), ("queued", 2), ("answered", 3)):
            log.tell(some_fact(choice, Instant(float(second)), ONE, ANJU))
        log.tell(some_fact("queued", Instant(99.0), TWO, ANJU))
        log.tell(OfferProposed(at=Instant(100.0), call=TWO, agent=ANJU))
        anju = log.agents()[ANJU]
        assert (anju.state, anju.call) == (AgentState.RESERVED, TWO)


def test_a_restart_tells_a_talk_again_and_its_beginning_stays() -> None:
    with memory_engine() as engine, Session(engine) as session:
        log = Log(session)
        for choice, second in (("in", 0), ("available", 1), ("queued", 2), ("answered", 3)):
            log.tell(some_fact(choice, Instant(float(second)), ONE, ANJU))
        before = log.agents()
        for again in ("queued", "offered", "answered"):
            log.tell(some_fact(again, Instant(50.0), ONE, ANJU))
        log.tell(OfferProposed(at=Instant(50.0), call=ONE, agent=ANJU))
        assert log.agents() == before
