"""Folds the facts of agents into their latest state, from which the router starts again, and into history.

The states and what leads from one to another are the floor's own, ``routing.agent.Agent``; a row is such a
value, field by field.  What the floor holds in memory and this fold has not, the calls, it reads from the
agents' rows and the call log: which call an agent holds, and which talk is over.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from twisted.logger import Logger

from callcentre.projections.mark import holds
from callcentre.storage.schema import AgentPeriod, AgentRecord, CallRecord
from routing.agent import Agent, AgentFact, AgentState, Intent, OwnFact, stranger
from routing.facts import (
    AgentLoggedIn,
    CallAnswered,
    CallEnded,
    CallLost,
    CallOffered,
    Fact,
    OfferMissed,
    OfferOverdue,
    OfferProposed,
    OfferRefused,
    TalkEnded,
)
from routing.floor import FloorRules
from routing.ids import AgentId, CallId, HelplineId, Instant, Phone
from routing.lifecycle import IllegalTransition

log = Logger()

OfOneOffer: TypeAlias = CallOffered | OfferRefused | OfferMissed | OfferOverdue | TalkEnded


class AgentLog:
    """The fold, under the floor's rules: the length of wrap-up and how many offers may be missed."""

    def __init__(self, rules: FloorRules) -> None:
        self._rules = rules

    def fold(self, session: Session, fact: Fact, *, mark: str) -> None:
        """Write what *fact* says about the agents it concerns."""
        for agent, told in _concerned(session, fact):
            row = session.get(AgentRecord, agent.id)
            if row is None or not holds(row.folded_to, mark):
                self._step(session, agent, told, mark=mark)

    def _step(self, session: Session, agent: Agent, fact: AgentFact, *, mark: str) -> None:
        try:
            after = agent.after(fact, self._rules)
        except IllegalTransition as error:
            # The floor that wrote the journal has judged already; this row merely knows less than it did.
            log.info("passed over for the agent log: {error}", error=error)
            return
        _keep(session, after, mark=mark)
        if (after.state, after.reason) != (agent.state, agent.reason):
            _turn_over(session, after, at=fact.at)


def agent_of(row: AgentRecord) -> Agent:
    """The row as the floor's own value."""
    return Agent(
        id=AgentId(row.agent),
        state=row.state,
        since=Instant(row.since),
        phone=Phone(row.phone),
        helplines=frozenset(HelplineId(helpline) for helpline in row.helplines),
        call=None if row.call is None else CallId(row.call),
        intent=None if row.intent is None else Intent(row.intent, row.intent_reason),
        reason=row.reason,
        missed=row.missed,
        deadline=None if row.deadline is None else Instant(row.deadline),
        idle_since=Instant(row.idle_since),
    )


def _concerned(session: Session, fact: Fact) -> list[tuple[Agent, AgentFact]]:
    """The agents whose state *fact* may change, as they were before it, and what it means for each."""
    match fact:
        case OfferProposed():
            return [(_free_for(_agent(session, fact.agent, at=fact.at), fact), fact)]
        case CallAnswered():
            return _answering(session, fact)
        case CallEnded() | CallLost():
            return [(agent, fact) for agent in _holders(session, fact.call)]
    if isinstance(fact, OfOneOffer):
        agent = _agent(session, fact.agent, at=fact.at)
        return [(agent, fact)] if agent.call == fact.call else []
    if isinstance(fact, OwnFact):
        known = session.get(AgentRecord, fact.agent) is not None
        return (
            [(_agent(session, fact.agent, at=fact.at), fact)]
            if known or isinstance(fact, AgentLoggedIn)
            else []
        )
    return []


def _free_for(agent: Agent, fact: OfferProposed) -> Agent:
    """The router proposes only whom it knows to be free; when our row says otherwise, the row is behind.

    Except for the call the agent already has: after a restart its offer is told again.
    """
    if agent.state is AgentState.AVAILABLE or agent.call == fact.call:
        return agent
    return replace(
        agent, state=AgentState.AVAILABLE, since=fact.at, idle_since=fact.at, call=None, intent=None
    )


def _answering(session: Session, fact: CallAnswered) -> list[tuple[Agent, AgentFact]]:
    """Who answers; before them whoever else held the call, who has lost it; nobody when that talk is over."""
    call = session.get(CallRecord, fact.call)
    if call is not None and (call.ended_at is not None or call.talk_ended_at is not None):
        return []
    lost = CallLost(at=fact.at, call=fact.call)
    others = [agent for agent in _holders(session, fact.call) if agent.id != fact.agent]
    return [*((agent, lost) for agent in others), (_agent(session, fact.agent, at=fact.at), fact)]


def _holders(session: Session, call: CallId) -> list[Agent]:
    rows = session.scalars(select(AgentRecord).where(AgentRecord.call == call).order_by(AgentRecord.agent))
    return [agent_of(row) for row in rows]


def _agent(session: Session, agent: AgentId, *, at: Instant) -> Agent:
    row = session.get(AgentRecord, agent)
    return stranger(agent, at) if row is None else agent_of(row)


def _keep(session: Session, agent: Agent, *, mark: str) -> None:
    row = session.get(AgentRecord, agent.id)
    if row is None:
        row = AgentRecord(agent=agent.id)
        session.add(row)
    row.state, row.since, row.idle_since = agent.state, agent.since, agent.idle_since
    row.phone, row.helplines = agent.phone, frozenset(str(helpline) for helpline in agent.helplines)
    row.call, row.reason, row.missed = agent.call, agent.reason, agent.missed
    row.intent = agent.intent.state if agent.intent else None
    row.intent_reason = agent.intent.reason if agent.intent else ""
    row.deadline, row.folded_to = agent.deadline, mark


def _turn_over(session: Session, agent: Agent, *, at: Instant) -> None:
    """End the agent's present period, and begin the next unless there is nobody at the phone.

    From the fact's moment, not the state's ``since``: that may be an older place among the idle.
    """
    is_open = (AgentPeriod.agent == agent.id) & AgentPeriod.ended_at.is_(None)
    session.execute(update(AgentPeriod).where(is_open).values(ended_at=at))
    if agent.state is not AgentState.LOGGED_OUT:
        session.add(AgentPeriod(agent=agent.id, state=agent.state, started_at=at, reason=agent.reason))
