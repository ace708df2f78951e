"""The agent log agrees with the floor, fact for fact, and keeps the history of states."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

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
    CallbackAsked,
    CallEnded,
    CallLost,
    CallOffered,
    CallQueued,
    Fact,
    LogoutAsked,
    OfferDeclined,
    OfferMissed,
    OfferProposed,
    OfferRefused,
    OfferUnreachable,
    Party,
    PhoneBack,
    PhoneLost,
    TalkEnded,
)
from routing.floor import Floor, FloorRules
from routing.ids import (
    AgentId,
    CallId,
    CategoryId,
    HelplineId,
    Instant,
    LanguageCode,
    NodeId,
    Phone,
    Pool,
    Seconds,
    Skill,
)
from routing.lifecycle import IllegalTransition
from routing.rules import CallbackRules, HelplineRules, Limits, Outlet, Step
from tests.unit.parts.inline_database import memory_engine

KWA, FOOD = HelplineId("kwa"), HelplineId("food")
LAW, DISTRICT = Skill("law"), Pool("d01")
RULES = FloorRules(
    ring_seconds=Seconds(20.0),
    wrap_up_seconds=Seconds(30.0),
    missed_offers_limit=2,
    helplines={
        KWA: HelplineRules(
            steps=(Step(), Step(after=Seconds(15.0), pools=frozenset({DISTRICT}))),
            preferred_agent_seconds=Seconds(20.0),
            limits=Limits(max_waiting=2, when_full=Outlet(FOOD), max_wait=Seconds(90.0)),
            callback=CallbackRules(attempts=2, retry_seconds=Seconds(20.0)),
        ),
        FOOD: HelplineRules(
            steps=(Step(skills=frozenset({(LAW, 5)})), Step(after=Seconds(10.0))),
            limits=Limits(max_wait=Seconds(40.0), when_late=Outlet(KWA), stay_unstaffed=False),
        ),
    },
)
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


Story: TypeAlias = list[tuple[str, CallId, AgentId, int, bool]]
"""What happens to whom, after how many seconds, and whether to those who hold each other."""


@dataclass
class Told:
    """A floor that is told random things, and everything it took note of."""

    floor: Floor = field(default_factory=lambda: Floor(RULES))
    facts: list[Fact] = field(default_factory=list)
    now: float = 1764000000.0

    def holder(self, call: CallId) -> AgentId | None:
        known = self.floor.call(call)
        return known.agent if known is not None else None

    def tell(self, fact: Fact) -> None:
        with suppress(IllegalTransition):
            self.take(fact)

    def take(self, fact: Fact) -> None:
        self.floor.apply(fact)
        self.facts.append(fact)

    def decide(self) -> None:
        now = Instant(self.now)
        while decisions := self.floor.decide(now):
            for decision in decisions:
                self.take(decision.as_fact(now))


def some_fact(choice: str, at: Instant, call: CallId, agent: AgentId) -> Fact:
    about_offer = {
        "offered": lambda: CallOffered(at=at, call=call, agent=agent),
        "refused": lambda: OfferRefused(at=at, call=call, agent=agent, reason="stale"),
        "missed": lambda: OfferMissed(at=at, call=call, agent=agent, reason="noanswer"),
        "declined": lambda: OfferDeclined(at=at, call=call, agent=agent),
        "unreachable": lambda: OfferUnreachable(at=at, call=call, agent=agent),
        "answered": lambda: CallAnswered(at=at, call=call, agent=agent),
        "talk ended": lambda: TalkEnded(at=at, call=call, agent=agent, by=Party.AGENT),
    }
    about_one = {
        "arrived": lambda: CallArrived(at=at, call=call, node=NODE, dialled="1916", caller="", caller_raw=""),
        "queued": lambda: CallQueued(
            at=at, call=call, node=NODE, helpline=KWA, language=ML, queued_at=at, caller=""
        ),
        "queued for": lambda: CallQueued(
            at=at,
            call=call,
            node=NODE,
            helpline=FOOD,
            language=ML,
            queued_at=at,
            caller="",
            category=CategoryId("poisoning"),
            preferred=agent,
        ),
        "callback": lambda: CallbackAsked(at=at, call=call, number="+919447000001"),
        "ended": lambda: CallEnded(at=at, call=call, by=Party.CALLER),
        "lost": lambda: CallLost(at=at, call=call),
        "in": lambda: AgentLoggedIn(at=at, agent=agent, phone=Phone("1001"), helplines=frozenset({KWA})),
        "in able": lambda: AgentLoggedIn(
            at=at,
            agent=agent,
            phone=Phone("1002"),
            helplines=frozenset({KWA, FOOD}),
            pools=frozenset({DISTRICT}),
            skills=frozenset({(LAW, 7), (Skill("language:ml"), 9)}),
            order=(FOOD, KWA),
        ),
        "phone lost": lambda: PhoneLost(at=at, agent=agent),
        "phone back": lambda: PhoneBack(at=at, agent=agent),
        "available": lambda: AvailabilityAsked(at=at, agent=agent),
        "break": lambda: BreakAsked(at=at, agent=agent, reason="tea"),
        "out": lambda: LogoutAsked(at=at, agent=agent),
    }
    return {**about_offer, **about_one}[choice]()


CHOICES = (
    *("in", "in able", "available", "available", "break", "out", "phone lost", "phone back"),
    *("arrived", "queued", "queued", "queued for", "callback", "ended", "ended", "lost"),
    *("offered", "refused", "missed", "declined", "unreachable", "answered", "answered", "talk ended"),
)
calls = st.sampled_from([CallId(f"n-{number}") for number in range(4)])
agents = st.sampled_from([ANJU, BEENA, AgentId("chinnu")])
steps = st.tuples(st.sampled_from(CHOICES), calls, agents, st.integers(1, 40), st.booleans())
# Left to chance alone, somebody hardly ever comes to be offered a call.
SHIFT: Story = [
    ("in", ONE, ANJU, 1, False),
    ("available", ONE, ANJU, 1, False),
    ("in able", TWO, BEENA, 1, False),
    ("available", TWO, BEENA, 1, False),
    ("queued", ONE, ANJU, 1, False),
]
CALLBACK: Story = [*SHIFT, *[(choice, ONE, ANJU, 1, False) for choice in ("callback", "ended", "ended")]]
stories = st.tuples(st.sampled_from([[], SHIFT, CALLBACK]), st.lists(steps, min_size=5, max_size=40))


def floor_after(opening: Story, story: Story) -> Told:
    told = Told()
    for choice, call, agent, passed, together in opening + story:
        told.now += passed
        holder = told.holder(call) if together else None
        told.tell(some_fact(choice, Instant(told.now), call, holder or agent))
        told.decide()
    return told


def as_kept(calls: Iterable[Call]) -> dict[CallId, Call]:
    """Whole, but for whom a call waits alone, and what the floor forgot of a call that was lost and found."""
    return {
        call.id: call._replace(
            place=call.place and call.place._replace(held_for=None), arrived_at=Instant(0.0), dialled=""
        )
        for call in calls
    }


@given(stories)
@settings(max_examples=60, deadline=None)
def test_the_log_agrees_with_the_floor(story: tuple[Story, Story]) -> None:
    told = floor_after(*story)
    with memory_engine() as engine, Session(engine) as session:
        log = Log(session)
        for fact in told.facts:
            log.tell(fact)
        assert log.agents() == {agent.id: agent for agent in told.floor.agents()}
        assert as_kept(log.calls().values()) == as_kept(told.floor.calls())


@given(stories)
@settings(max_examples=20, deadline=None)
def test_reading_the_journal_again_changes_nothing(story: tuple[Story, Story]) -> None:
    told = floor_after(*story)
    with memory_engine() as engine, Session(engine) as session:
        log = Log(session)
        seen = []
        for _ in range(2):
            for line, fact in enumerate(told.facts, start=1):
                log.tell_line(line, fact)
            seen.append((log.agents(), [log.periods(agent) for agent in (ANJU, BEENA)]))
        assert seen[0] == seen[1]


@given(stories)
@settings(max_examples=20, deadline=None)
def test_periods_follow_each_other_without_a_gap(story: tuple[Story, Story]) -> None:
    told = floor_after(*story)
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


def test_whoever_is_held_for_one_who_has_been_served_is_free() -> None:
    """Anju's offer was taken for refused, and her talk is heard of last; Beena was held for a second."""
    with memory_engine() as engine, Session(engine) as session:
        log, floor = Log(session), Floor(RULES)
        day = [("in", ANJU, 0), ("in", BEENA, 0), ("available", BEENA, 1), ("queued", ANJU, 2)]
        day += [("talk ended", ANJU, 9), ("answered", ANJU, 3)]
        for choice, agent, second in day:
            facts = [some_fact(choice, Instant(float(second)), ONE, agent)]
            floor.apply(facts[0])
            facts += [decision.as_fact(Instant(8.0)) for decision in floor.decide(Instant(8.0))]
            for fact in facts[1:]:
                floor.apply(fact)
            for fact in facts:
                log.tell(fact)
        assert log.agents() == {agent.id: agent for agent in floor.agents()}
        assert as_kept(log.calls().values()) == as_kept(floor.calls())
        assert log.periods(BEENA)[-2:] == [("reserved", 8.0, 9.0, ""), ("available", 9.0, None, "")]


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
