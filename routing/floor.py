"""The floor: every caller and every agent at this moment, and what should be done about them.

It is told facts and asked for decisions; it does nothing itself.  The one way to use it::

    floor.apply(fact)
    while decisions := floor.decide(now):
        for decision in decisions:
            floor.apply(decision.as_fact(now))
            ...                             # publish the fact; ask the switch for an Offer or a Reconcile
    ...                                     # and come back at floor.next_deadline()

Take all decisions of one answer before applying anything else, and do not ask again in between: an ``Offer``
whose caller or agent has gone elsewhere meanwhile raises IllegalTransition.

A call and an agent name each other or neither does: what releases one releases the other in the same fact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, get_args

from routing import call as calls_life
from routing.agent import Agent, AgentState, OwnFact, stranger
from routing.call import Call, CallState, OfferFact, first_seen
from routing.decisions import Decision, EndWrapUp, Offer, Reconcile
from routing.facts import AgentLoggedIn, CallAnswered, CallArrived, CallEnded, CallLost, CallQueued, Fact
from routing.ids import AgentId, CallId, HelplineId, Instant
from routing.lifecycle import successor
from routing.matching import Board, Line
from routing.rules import FloorRules

__all__ = ["Floor", "FloorRules"]

# A queueing reported after its call's end would wait for ever.  Such a report is late by a snapshot of
# the switch at most; a state-wide peak of 100 calls ended a second is remembered for well over a minute.
GONE_REMEMBERED: Final = 10_000


class Floor:
    """All calls and agents under one set of rules.  Not for several threads."""

    def __init__(self, rules: FloorRules) -> None:
        self.rules: Final = rules
        self._calls: dict[CallId, Call] = {}
        self._agents: dict[AgentId, Agent] = {}
        self._board = Board()
        self._deadlines: Line[AgentId] = Line()
        # How each of the last calls went; in their order, the oldest is forgotten first.
        self._gone: dict[CallId, type[CallEnded] | type[CallLost]] = {}
        self._told: Mapping[type[Fact], Callable[[Any], None]] = {
            **dict.fromkeys((CallArrived, CallQueued), self._hear_of_call),
            **dict.fromkeys((CallEnded, CallLost), self._end),
            **dict.fromkeys(get_args(OfferFact), self._hear_of_offer),
            **dict.fromkeys(get_args(OwnFact), self._hear_of_agent),
        }

    # --- telling and asking -------------------------------------------------------------------------

    def apply(self, fact: Fact) -> None:
        """Take note of *fact*.  Raises IllegalTransition, and changes nothing, when it cannot happen.

        Facts about calls that have ended, or that we never heard of, are late and change nothing; the agent
        was released when the call ended.
        """
        told = self._told.get(type(fact))
        # A journal also carries facts of tickets and accounts; they are none of the floor's.
        if told is not None:
            told(fact)

    def restore(self, calls: Iterable[Call], agents: Iterable[Agent]) -> None:
        """Take up an empty floor as an earlier one left it.

        Calls and agents that name each other must both be given; raises ValueError otherwise.
        """
        calls, agents = tuple(calls), tuple(agents)
        pairs = {(call.id, call.agent) for call in calls if call.agent is not None}
        if pairs != {(agent.call, agent.id) for agent in agents if agent.call is not None}:
            raise ValueError("a call and an agent do not name each other: release both before restoring them")
        for call in calls:
            self._keep_call(call)
        for agent in agents:
            self._keep_agent(agent)

    def decide(self, now: Instant) -> list[Decision]:
        """What should be done now; changes nothing, and so says the same until the next fact.

        Limits that have passed come first, then offers, the longest-waiting caller first.  An ended wrap-up
        frees its agent only when its fact is applied: ask again until there is no answer.
        """
        decisions = [self._overdue(agent) for agent in self._deadlines.up_to(now)]
        decisions.extend(Offer(call, agent) for call, agent in self._board.pairs())
        return decisions

    def next_deadline(self) -> Instant | None:
        """When to ask again if nothing happens before; None when nothing is limited in time."""
        return self._deadlines.first_moment()

    # --- looking ------------------------------------------------------------------------------------

    def call(self, call: CallId) -> Call | None:
        """The call; None when it has ended or was never heard of."""
        return self._calls.get(call)

    def agent(self, agent: AgentId) -> Agent | None:
        """The agent; None when she was never at a phone."""
        return self._agents.get(agent)

    def calls(self) -> list[Call]:
        """All calls that have not ended, in the order in which we heard of them."""
        return list(self._calls.values())

    def agents(self) -> list[Agent]:
        """All agents who were ever at a phone, in that order, also those who have logged out."""
        return list(self._agents.values())

    def waiting(self, helpline: HelplineId) -> list[Call]:
        """The callers in a helpline's waiting room, the next one first; those being offered are not in it."""
        return [self._calls[call] for call in self._board.waiting(helpline)]

    def idle(self, helpline: HelplineId) -> list[Agent]:
        """The free agents of a helpline, the next one first."""
        return [self._agents[agent] for agent in self._board.idle(helpline)]

    def call_counts(self) -> Counter[tuple[HelplineId | None, CallState]]:
        """How many calls each helpline has in each state; the helpline is None in the menu."""
        return Counter((call.helpline, call.state) for call in self._calls.values())

    def agent_counts(self) -> Counter[AgentState]:
        """How many agents are in each state."""
        return Counter(agent.state for agent in self._agents.values())

    def helpline_agent_counts(self) -> Counter[tuple[HelplineId, AgentState]]:
        """How many agents of each helpline are in each state; one of several helplines counts in each."""
        return Counter((served, agent.state) for agent in self._agents.values() for served in agent.helplines)

    # --- being told ---------------------------------------------------------------------------------

    def _hear_of_call(self, fact: CallArrived | CallQueued) -> None:
        known = self._calls.get(fact.call)
        if known is not None:
            self._keep_call(known.after(fact))
        elif self._may_begin(fact):
            self._keep_call(first_seen(fact))

    def _may_begin(self, fact: CallArrived | CallQueued) -> bool:
        gone = self._gone.get(fact.call)
        return gone is None or (gone is CallLost and isinstance(fact, CallQueued))

    def _end(self, fact: CallEnded | CallLost) -> None:
        self._remember_end(fact)
        call = self._calls.get(fact.call)
        if call is None:
            return
        if call.agent is not None:
            self._keep_agent(self._agents[call.agent].after(fact, self.rules))
        self._keep_call(call.after(fact))
        del self._calls[fact.call]

    def _hear_of_offer(self, fact: OfferFact) -> None:
        call = self._calls.get(fact.call)
        if call is None:
            # Late, unless it is our own proposal: then we have decided about a call that is not there.
            successor(calls_life.LIFE, CallState.ENDED, fact=fact, who=fact.call)
            return
        if not call.heeds(fact):
            self._keep_call(call.overhearing(fact))
            return
        agent = self._agents.get(fact.agent) or stranger(fact.agent, fact.at)
        call_then, agent_then = call.after(fact), agent.after(fact, self.rules)
        if isinstance(fact, CallAnswered):
            self._part_from_others(call, agent, fact.at)
        self._keep_call(call_then)
        self._keep_agent(agent_then)

    def _part_from_others(self, call: Call, agent: Agent, at: Instant) -> None:
        """Release whoever else held either: one phone, one talk, and the newest answer is the real one."""
        if agent.call is not None and agent.call != call.id:
            self._keep_call(self._calls[agent.call].let_go(at))
        if call.agent is not None and call.agent != agent.id:
            gone = CallLost(at=at, call=call.id)
            self._keep_agent(self._agents[call.agent].after(gone, self.rules))

    def _hear_of_agent(self, fact: OwnFact) -> None:
        known = self._agents.get(fact.agent)
        # Only a login makes an agent known; what else a stranger asks for has no phone to go to.
        if known is not None or isinstance(fact, AgentLoggedIn):
            self._keep_agent((known or stranger(fact.agent, fact.at)).after(fact, self.rules))

    # --- keeping ------------------------------------------------------------------------------------

    def _keep_call(self, call: Call) -> None:
        before = self._calls.get(call.id)
        self._calls[call.id] = call
        standing = before.place if before is not None and before.state is CallState.WAITING else None
        wanted = call.place if call.state is CallState.WAITING else None
        if standing == wanted:
            return
        if standing is not None:
            self._board.call_leaves(call.id, standing.helpline, queued_at=standing.queued_at)
        if wanted is not None:
            self._board.call_waits(call.id, wanted.helpline, queued_at=wanted.queued_at)

    def _keep_agent(self, agent: Agent) -> None:
        before = self._agents.get(agent.id)
        self._agents[agent.id] = agent
        if before is not None:
            if before.state is AgentState.AVAILABLE:
                self._board.agent_leaves(agent.id, before.helplines, since=before.since)
            if before.deadline is not None:
                self._deadlines.leave(before.deadline, agent.id)
        if agent.state is AgentState.AVAILABLE:
            self._board.agent_idles(agent.id, agent.helplines, since=agent.since)
        if agent.deadline is not None:
            self._deadlines.join(agent.deadline, agent.id)

    def _remember_end(self, fact: CallEnded | CallLost) -> None:
        if self._gone.get(fact.call) is CallEnded:
            return
        self._gone.pop(fact.call, None)
        self._gone[fact.call] = type(fact)
        if len(self._gone) > GONE_REMEMBERED:
            del self._gone[next(iter(self._gone))]

    def _overdue(self, agent: AgentId) -> Decision:
        call = self._agents[agent].call
        return EndWrapUp(agent) if call is None else Reconcile(call, agent)
