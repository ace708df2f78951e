"""Folds the facts of agents into their latest state, from which the router starts again, and into history.

The states and what leads from one to another are the floor's own, ``routing.agent.Agent``; a row is such a
value, field by field.  Who holds which call it reads from the call log, as that was before the fact; so this
fold comes before the call log's.
"""

from __future__ import annotations

from sqlalchemy.orm import Session
from twisted.logger import Logger

from callcentre.projections.call_log import call_of, heeds, let_go
from callcentre.projections.held import find, hold, write
from callcentre.projections.mark import holds
from callcentre.storage.schema import AgentPeriod, AgentRecord, CallRecord
from routing.agent import Agent, AgentFact, AgentState, Intent, OwnFact, stranger
from routing.call import Call, OfferFact
from routing.facts import (
    AgentLoggedIn,
    CallEnded,
    CallLost,
    Fact,
    OfferProposed,
)
from routing.floor import FloorRules
from routing.ids import AgentId, CallId, HelplineId, Instant, NodeId, Phone, Skill
from routing.lifecycle import IllegalTransition
from routing.needs import Abilities

log = Logger()


class AgentLog:
    """The fold, under the floor's rules: the length of wrap-up and how many offers may be missed."""

    def __init__(self, rules: FloorRules) -> None:
        self._rules = rules

    def fold(self, session: Session, fact: Fact, *, mark: str) -> None:
        """Write what *fact* says about the agents it concerns."""
        for agent, told in _concerned(session, fact, mark=mark):
            row = find(session, AgentRecord, agent.id)
            if row is None or not holds(row.folded_to, mark):
                self._step(session, agent, told, mark=mark)

    def _step(self, session: Session, agent: Agent, fact: AgentFact, *, mark: str) -> None:
        try:
            after = agent.after(fact, self._rules)
        except IllegalTransition as error:
            # The floor that wrote the journal has judged already; this row merely knows less than it did.
            log.info("passed over: {error}", error=error)
            return
        row = _kept(session, after, at=fact.at, mark=mark)
        if (after.state, after.reason) != (agent.state, agent.reason):
            _turn_over(session, row, at=fact.at)


def agent_of(row: AgentRecord) -> Agent:
    """The row as the floor's own value."""
    return Agent(
        id=AgentId(row.agent),
        state=row.state,
        since=Instant(row.since),
        phone=Phone(row.phone),
        node=NodeId(row.node),
        helplines=frozenset(HelplineId(helpline) for helpline in row.helplines),
        abilities=_abilities_of(row),
        call=None if row.call is None else CallId(row.call),
        intent=None if row.intent is None else Intent(row.intent, row.intent_reason),
        reason=row.reason,
        missed=row.missed,
        answered=row.answered,
        deadline=None if row.deadline is None else Instant(row.deadline),
        idle_since=Instant(row.idle_since),
    )


def _abilities_of(row: AgentRecord) -> Abilities:
    levels = {Skill(skill): level for skill, level in row.skills}
    return Abilities(row.helplines | row.pools, levels, tuple(map(HelplineId, row.helpline_order)))


def _concerned(session: Session, fact: Fact, *, mark: str) -> list[tuple[Agent, AgentFact]]:
    """The agents whose state *fact* may change, as they were before it, and what it means for each."""
    if isinstance(fact, OwnFact):
        known = find(session, AgentRecord, fact.agent) is not None
        return (
            [(_agent(session, fact.agent, at=fact.at), fact)]
            if known or isinstance(fact, AgentLoggedIn)
            else []
        )
    if isinstance(fact, CallEnded | CallLost):
        call = _call(session, fact.call, mark=mark)
        if call is None or call.agent is None:
            return []
        return [(_agent(session, call.agent, at=fact.at), fact)]
    return _of_offer(session, fact, mark=mark) if isinstance(fact, OfferFact) else []


def _of_offer(session: Session, fact: OfferFact, *, mark: str) -> list[tuple[Agent, AgentFact]]:
    """The agent of an offer that stands; before her whoever else held the call, and has lost it."""
    call = _call(session, fact.call, mark=mark)
    if call is None:
        return []
    if not heeds(call, fact):
        lost = call.lost_by(fact)
        return [(_agent(session, call.agent, at=fact.at), lost)] if call.agent and lost else []
    agent = _agent(session, fact.agent, at=fact.at)
    if isinstance(fact, OfferProposed):
        agent = _free_for(agent, fact)
    if call.agent is None or call.agent == fact.agent:
        return [(agent, fact)]
    lost = CallLost(at=fact.at, call=fact.call)
    return [(_agent(session, call.agent, at=fact.at), lost), (agent, fact)]


def _free_for(agent: Agent, fact: OfferProposed) -> Agent:
    """The router proposes only whom it knows to be free; when our row says otherwise, the row is behind."""
    if agent.state is AgentState.AVAILABLE:
        return agent
    return agent._replace(
        state=AgentState.AVAILABLE, since=fact.at, idle_since=fact.at, call=None, intent=None
    )


def _call(session: Session, call: CallId, *, mark: str) -> Call | None:
    """The call before the fact; None when it has ended, was never heard of, or holds the fact already."""
    row = find(session, CallRecord, call)
    return None if row is None or row.ended_at is not None or holds(row.folded_to, mark) else call_of(row)


def _agent(session: Session, agent: AgentId, *, at: Instant) -> Agent:
    row = find(session, AgentRecord, agent)
    return stranger(agent, at) if row is None else agent_of(row)


def _kept(session: Session, agent: Agent, *, at: Instant, mark: str) -> AgentRecord:
    row = find(session, AgentRecord, agent.id)
    if row is None:
        row = hold(session, AgentRecord(agent=agent.id, periods=0), key=agent.id)
    if row.call is not None and agent.call is not None and row.call != agent.call:
        # One phone, one talk, and the newest is the real one.
        let_go(session, CallId(row.call), at=at)
    abilities = agent.abilities
    write(
        row,
        state=agent.state,
        since=agent.since,
        idle_since=agent.idle_since,
        phone=agent.phone,
        node=agent.node,
        helplines=frozenset(str(helpline) for helpline in agent.helplines),
        pools=abilities.groups - agent.helplines,
        skills=frozenset(abilities.levels.items()),
        helpline_order=abilities.order,
        call=agent.call,
        reason=agent.reason,
        missed=agent.missed,
        answered=agent.answered,
        intent=agent.intent.state if agent.intent else None,
        intent_reason=agent.intent.reason if agent.intent else "",
        deadline=agent.deadline,
        folded_to=mark,
    )
    return row


def _turn_over(session: Session, row: AgentRecord, *, at: Instant) -> None:
    """End the agent's present period, and begin the next unless there is nobody at the phone.

    From the fact's moment, not the state's ``since``: that may be an older place among the idle.
    """
    present = find(session, AgentPeriod, (row.agent, row.periods))
    if present is not None and present.ended_at is None:
        present.ended_at = at
    if row.state is not AgentState.LOGGED_OUT:
        row.periods += 1
        period = AgentPeriod(agent=row.agent, number=row.periods, state=row.state, reason=row.reason)
        period.started_at = at
        hold(session, period, key=(row.agent, row.periods))
