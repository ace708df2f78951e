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
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, get_args

from routing import call as calls_life
from routing.agenda import Agenda
from routing.agent import AT_WORK, Agent, AgentState, OwnFact, stranger
from routing.call import Call, CallState, OfferFact, WaitFact, first_seen
from routing.decisions import Decision, EndWrapUp, Offer, Reconcile
from routing.demands import Demands
from routing.facts import (
    AgentLoggedIn,
    CallAnswered,
    CallArrived,
    CallEnded,
    CallLost,
    CallQueued,
    Fact,
    HelplineClosed,
    HelplineOpened,
    NodeDown,
    NodeServed,
    OfferProposed,
)
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId
from routing.lifecycle import successor
from routing.matching import Board
from routing.needs import Demand
from routing.reserves import Reserves
from routing.rules import FloorRules
from routing.waiting_rooms import Due, WaitingRooms

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
        self._reserves = Reserves(rules)
        self._board = Board(rules, self._reserves)
        self._demands = Demands(rules)
        self._rooms = WaitingRooms(rules)
        self._limits: Agenda[Decision] = Agenda()
        """Of agents: wrap-ups and offers."""
        self._waits: Agenda[Due] = Agenda()
        """Of calls."""
        self._down: set[NodeId] = set()
        # How each of the last calls went; in their order, the oldest is forgotten first.
        self._gone: dict[CallId, type[Fact]] = {}
        self._told: Mapping[type[Fact], Callable[[Any], None]] = {
            **dict.fromkeys((CallArrived, CallQueued), self._hear_of_call),
            **dict.fromkeys((CallEnded, CallLost), self._end),
            **dict.fromkeys(get_args(OfferFact), self._hear_of_offer),
            **dict.fromkeys(get_args(WaitFact), self._hear_of_wait),
            **dict.fromkeys(get_args(OwnFact), self._hear_of_agent),
            **dict.fromkeys((HelplineOpened, HelplineClosed), self._hear_of_hours),
            **dict.fromkeys((NodeServed, NodeDown), self._hear_of_node),
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
        self._calls.update((call.id, call) for call in calls)
        # Whoever waits is judged by who is there.
        for agent in agents:
            self._keep_agent(agent)
        for call in calls:
            del self._calls[call.id]
            self._keep_call(self._for_all_if_alone(call))

    def decide(self, now: Instant) -> list[Decision]:
        """What should be done now; changes nothing, and so says the same until the next fact.

        Limits that have passed come first and alone, since what they end or begin changes who may be offered:
        ask again until there is no answer.  Offers come in the order of the callers' turns.
        """
        decisions = self._limits.due(now)
        if waits := self._waits.due(now):
            decisions += self._rooms.decisions(waits)
        return decisions or [Offer(call, agent) for call, agent in self._board.pairs()]

    def next_deadline(self) -> Instant | None:
        """When to ask again if nothing happens before; None when nothing is limited in time."""
        limit, wait = self._limits.next_moment(), self._waits.next_moment()
        if limit is None or wait is None:
            return wait if limit is None else limit
        return min(limit, wait)

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

    def reaches(self, agent: Agent) -> bool:
        """Whether the agent's phone can be rung as far as nodes matter: not while hers is down."""
        return agent.node not in self._down

    def idle(self, helpline: HelplineId, language: LanguageCode | None = None) -> list[Agent]:
        """The free agents who may serve a new call of a helpline, the next one first."""
        demand = self._demands.at_step(helpline, language, 0)
        return [self._agents[agent] for agent in self._board.idle(demand)]

    def demand(self, call: Call) -> Demand | None:
        """What a call asks that can be offered now; None for one that cannot."""
        place = call.place
        if call.state is not CallState.WAITING or place is None or call.node in self._down:
            return None
        if place.held_for is not None:
            return self._demands.for_one(place.helpline, place.held_for)
        return self._demands.at_step(place.helpline, call.language, place.step)

    def waiting_count(self, helpline: HelplineId) -> int:
        """How many calls of a helpline wait, on whatever node."""
        return self._rooms.length(helpline)

    def lines_before(self, call: Call) -> list[tuple[Demand, int]]:
        """How many callers of each line have their turn before a waiting call."""
        return self._board.before(call.id)

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
            self._queue(known, known.after(fact))
        elif self._may_begin(fact):
            self._queue(None, first_seen(fact))

    def _may_begin(self, fact: CallArrived | CallQueued) -> bool:
        gone = self._gone.get(fact.call)
        return gone is None or (gone is CallLost and isinstance(fact, CallQueued))

    def _queue(self, before: Call | None, call: Call) -> None:
        joins = before is None or before.place is None or before.helpline != call.helpline
        self._keep_call(self._for_all_if_alone(call), joins=joins)

    def _for_all_if_alone(self, call: Call) -> Call:
        """The call; no longer for one agent alone when she is not to be waited for."""
        place = call.place
        if place is None or place.held_for is None:
            return call
        agent = self._agents.get(place.held_for)
        waits = (
            agent is not None
            and agent.state in AT_WORK
            and place.helpline in agent.helplines
            # By the time that a caller of a node that is down can be moved, hers may be served, too.
            and (self.reaches(agent) or call.node in self._down)
            and self.rules.of(place.helpline).preferred_agent_seconds > 0
        )
        return call if waits else call.free_for_all()

    def _end(self, fact: CallEnded | CallLost) -> None:
        call = self._calls.get(fact.call)
        if call is None:
            self._remember_end(fact.call, type(fact))
        else:
            self._release_holder(call, fact)
            self._keep_or_forget(call.after(fact), type(fact))

    def _release_holder(self, call: Call, fact: CallEnded | CallLost) -> None:
        if call.agent is not None:
            self._keep_agent(self._agents[call.agent].after(fact, self.rules))

    def _hear_of_wait(self, fact: WaitFact) -> None:
        call = self._still_there(fact)
        if call is not None:
            self._keep_or_forget(call.after(fact), type(fact))

    def _keep_or_forget(self, call: Call, fact: type[Fact]) -> None:
        self._keep_call(call)
        if call.state is CallState.ENDED:
            del self._calls[call.id]
            self._remember_end(call.id, fact)

    def _hear_of_offer(self, fact: OfferFact) -> None:
        call = self._still_there(fact)
        if call is None:
            return
        if not call.heeds(fact):
            if lost := call.lost_by(fact):
                self._release_holder(call, lost)
            self._keep_call(call.overhearing(fact))
            return
        agent = self._agents.get(fact.agent) or stranger(fact.agent, fact.at)
        call_then, agent_then = call.after(fact), agent.after(fact, self.rules)
        if isinstance(fact, CallAnswered):
            self._part_from_others(call, agent, fact.at)
        elif isinstance(fact, OfferProposed) and call.helpline is not None:
            self._board.offered(agent.id, call.helpline, fact.at)
        self._keep_call(call_then)
        self._keep_agent(agent_then)

    def _still_there(self, fact: OfferFact | WaitFact) -> Call | None:
        call = self._calls.get(fact.call)
        if call is None:
            # Late, unless it is of our own making: then we have decided about a call that is not there.
            successor(calls_life.LIFE, CallState.ENDED, fact=fact, who=fact.call)
        return call

    def _part_from_others(self, call: Call, agent: Agent, at: Instant) -> None:
        """Release whoever else held either: one phone, one talk, and the newest answer is the real one."""
        if agent.call is not None and agent.call != call.id:
            self._keep_call(self._calls[agent.call].let_go(at))
        if call.agent != agent.id:
            self._release_holder(call, CallLost(at=at, call=call.id))

    def _hear_of_agent(self, fact: OwnFact) -> None:
        known = self._agents.get(fact.agent)
        # Only a login makes an agent known; what else a stranger asks for has no phone to go to.
        if known is not None or isinstance(fact, AgentLoggedIn):
            self._keep_agent((known or stranger(fact.agent, fact.at)).after(fact, self.rules))

    def _hear_of_hours(self, fact: HelplineOpened | HelplineClosed) -> None:
        self._rooms.set_open(fact.helpline, isinstance(fact, HelplineOpened))
        self._judge_again({fact.helpline})

    def _hear_of_node(self, fact: NodeServed | NodeDown) -> None:
        (self._down.discard if isinstance(fact, NodeServed) else self._down.add)(fact.node)
        for agent in self.agents():
            if agent.node == fact.node:
                self._keep_agent(agent)
        for call in self.calls():
            if call.node == fact.node and call.may_wait:
                self._keep_call(self._for_all_if_alone(call))
                self._stand(self._calls[call.id])
                self._put_on_agenda(self._calls[call.id], joins=False)

    # --- keeping ------------------------------------------------------------------------------------

    def _keep_call(self, call: Call, *, joins: bool = False) -> None:
        before = self._calls.get(call.id)
        self._calls[call.id] = call
        if call.may_wait or (before is not None and before.may_wait):
            self._see_to_wait(before, call, joins=joins)

    def _see_to_wait(self, before: Call | None, call: Call, *, joins: bool) -> None:
        if before is not None and _stands_alike(before, call):
            return
        if before is not None and before.state is CallState.WAITING:
            self._rooms.count(before, -1)
        if call.state is CallState.WAITING:
            self._rooms.count(call, 1)
        self._stand(call)
        self._put_on_agenda(call, joins=joins)

    def _stand(self, call: Call) -> None:
        """Have the call stand where it should: in the line of its demand, or in none."""
        place, demand = call.place, self.demand(call)
        if place is None or demand is None:
            self._board.call_leaves(call.id)
            return
        turn = self.rules.turn(place.helpline, place.category, place.queued_at)
        self._board.call_waits(call.id, demand, turn)

    def _put_on_agenda(self, call: Call, *, joins: bool) -> None:
        judgement = self._rooms.judge(call, joins=joins, in_reach=call.node not in self._down)
        if judgement is None:
            self._waits.strike(call.id)
        else:
            self._waits.put(call.id, *judgement)

    def _judge_again(self, helplines: Collection[HelplineId]) -> None:
        """See to all whose wait depends on something that has changed."""
        if helplines:
            for call in self._calls.values():
                if call.helpline in helplines and call.may_wait:
                    self._put_on_agenda(call, joins=False)

    def _keep_agent(self, agent: Agent) -> None:
        before = self._agents.get(agent.id)
        self._agents[agent.id] = agent
        in_reach = self.reaches(agent)
        if in_reach and agent.state is AgentState.AVAILABLE:
            self._board.agent_idles(agent)
        else:
            self._board.agent_leaves(agent.id)
        if before is None or before.deadline != agent.deadline or before.call != agent.call:
            self._keep_limit(agent)
        held = None if agent.call is None else self._calls[agent.call]
        self._reserves.note(agent, None if held is None else held.helpline, in_reach=in_reach)
        for call in self._board.waiting_for(agent.id):
            self._keep_call(self._for_all_if_alone(self._calls[call]))
        # The very same groups most often, and then nothing need be compared.
        if before is None or _groups(before) is not _groups(agent):
            self._note_staff(before, agent)

    def _keep_limit(self, agent: Agent) -> None:
        if agent.deadline is None:
            self._limits.strike(agent.id)
        elif agent.call is None:
            self._limits.put(agent.id, agent.deadline, EndWrapUp(agent.id))
        else:
            self._limits.put(agent.id, agent.deadline, Reconcile(agent.call, agent.id))

    def _note_staff(self, before: Agent | None, agent: Agent) -> None:
        """See to the calls that wait, or do not, because anybody is there."""
        minding = self._rooms.minding_staff
        staffed = {helpline for helpline in minding if self._rooms.is_staffed(helpline)}
        if before is not None:
            self._rooms.count_staff(_groups(before), -1)
        self._rooms.count_staff(_groups(agent), 1)
        self._judge_again({h for h in minding if self._rooms.is_staffed(h) != (h in staffed)})

    def _remember_end(self, call: CallId, fact: type[Fact]) -> None:
        if fact is CallLost and call in self._gone:
            return
        self._gone.pop(call, None)
        self._gone[call] = fact
        if len(self._gone) > GONE_REMEMBERED:
            del self._gone[next(iter(self._gone))]


def _groups(agent: Agent) -> frozenset[str]:
    """The helplines and pools an agent is there for."""
    return frozenset() if agent.state is AgentState.LOGGED_OUT else agent.abilities.groups


def _stands_alike(before: Call, call: Call) -> bool:
    return (
        before.state is call.state
        and before.place is call.place
        and before.callback is call.callback
        and before.language == call.language
    )
