"""The shell of a floor among people: tells it facts, has it decide, and does what it decides at once.

Each answer of the floor is compared with the plain router's, and everything told and decided is kept, so that
a second floor can be told it again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from callcentre.journal.codec import decode, encode
from routing.agent import AT_WORK, Agent, AgentState
from routing.call import Call, CallState, Place
from routing.decisions import Decision, GiveUpCallback, Offer, Overflow, Reconcile, TurnAway
from routing.facts import (
    CallLost,
    CallOverflowed,
    CallQueued,
    Fact,
    HelplineClosed,
    HelplineOpened,
    NodeDown,
    NodeServed,
    OfferRefused,
)
from routing.floor import Floor
from routing.ids import AgentId, CallId, CategoryId, HelplineId, Instant, NodeId
from tests.unit.parts.house import RULES
from tests.unit.parts.plain_router import Pair, Scene, Waiting, is_kept, may_serve, plain_pairs
from tests.unit.parts.switchboard import Asked, Switchboard, Truth

# A decision that is taken is not made again: none of ours follows from more than a few others.
ROUNDS = 40


@dataclass
class PlainShell:
    """A floor, the switchboard it acts on, and what a second reading of the same facts needs."""

    floor: Floor = field(default_factory=lambda: Floor(RULES))
    board: Switchboard = field(default_factory=lambda: Switchboard(Instant(1000.0)))
    closed: set[HelplineId] = field(default_factory=set)
    offered_at: dict[tuple[HelplineId, AgentId], Instant] = field(default_factory=dict)
    serving: dict[AgentId, HelplineId | None] = field(default_factory=dict)
    excused: set[CallId] = field(default_factory=set)
    """Who may be one too many in a line: see ``_note_excuses``."""
    taken_up: tuple[list[Call], list[Agent]] = ([], [])
    happened: list[tuple[Instant, Fact, list[Decision]]] = field(default_factory=list)

    @property
    def now(self) -> Instant:
        return self.board.now

    def call(self, call: CallId) -> Call:
        found = self.floor.call(call)
        assert found is not None
        return found

    # --- telling and deciding -----------------------------------------------------------------------

    def tell(self, *facts: Fact) -> None:
        for fact in facts:
            before = self.floor.call(getattr(fact, "call", CallId("")))
            self.floor.apply(fact)
            self.happened.append((self.now, fact, self.floor.decide(self.now)))
            self._note_excuses(fact, before)
            for agent in self.floor.agents():
                if agent.call is not None:
                    self.serving[agent.id] = self.call(agent.call).helpline

    def tell_and_decide(self, *facts: Fact) -> None:
        self.tell(*facts)
        self.take_decisions()

    def take_decisions(self) -> None:
        for _ in range(ROUNDS):
            decisions = self.floor.decide(self.now)
            offers = [(one.call, one.agent) for one in decisions if isinstance(one, Offer)]
            if len(offers) == len(decisions):
                self._check_offers(self.scene(), offers)
            if not decisions:
                return
            for decision in decisions:
                before = self.floor.call(getattr(decision, "call", CallId("")))
                self.tell(decision.as_fact(self.now))
                self._act(decision, before)
        raise AssertionError(f"still deciding: {decisions}")

    def _note_excuses(self, fact: Fact, before: Call | None) -> None:
        """Whoever returns to a line, is to be called back, or came while his switch was down, is let in."""
        call = self.floor.call(getattr(fact, "call", CallId("")))
        if call is None:
            return
        # Said again of one who is back from an offer, or sent back by an agent, it is no new line.
        is_new = before is None or before.helpline != call.helpline
        if isinstance(fact, CallOverflowed | CallQueued) and call.state is CallState.WAITING and is_new:
            self.excused.discard(call.id)
        if call.agent is not None or call.callback is not None or call.node in self.board.down:
            self.excused.add(call.id)

    # --- acting -------------------------------------------------------------------------------------

    def _act(self, decision: Decision, call: Call | None) -> None:
        match decision:
            case Offer():
                assert call is not None
                self._offer(decision, has_channel=call.has_channel)
            case Reconcile():
                self._ask_the_switch(decision)
            case TurnAway():
                self.board.turned_away.append(decision.call)
            case Overflow():
                caller = self.board.callers.get(decision.call)
                if caller is not None:
                    caller.helpline, caller.category = decision.helpline, CategoryId("")
            case GiveUpCallback():
                caller = self.board.callers.pop(decision.call)
                assert caller.truth is Truth.GONE
                assert caller.tries == RULES.of(caller.helpline).callback.attempts

    def _offer(self, offer: Offer, *, has_channel: bool) -> None:
        helpline = self.call(offer.call).helpline
        assert helpline is not None
        self.offered_at[helpline, offer.agent] = self.now
        caller = self.board.callers.get(offer.call)
        if caller is not None and caller.id in self.board.in_order:
            # Everything of his is known, so that he is neither called twice nor once too often.
            assert caller.truth is not Truth.DIALLED
            assert (offer.call, True) not in {(one.offer.call, one.dials) for one in self.board.asked}
            assert caller.tries < RULES.of(caller.helpline).callback.attempts
        self.board.asked.append(Asked(offer, dials=not has_channel))

    def _ask_the_switch(self, doubt: Reconcile) -> None:
        """What a shell does about an offer without an end: report what the switch says of the caller now."""
        if doubt.call in self.board.in_order:
            self.tell(*self.board.of(doubt.call))
        caller, known = self.board.callers.get(doubt.call), self.floor.call(doubt.call)
        if caller is None:
            self.board.reports.append(CallLost(at=self.board.tick(), call=doubt.call))
        elif caller.agent != doubt.agent and not self.board.is_asked(Offer(doubt.call, doubt.agent)):
            refusal = OfferRefused(
                at=self.board.tick(), call=doubt.call, agent=doubt.agent, reason="not ringing"
            )
            if doubt.call not in self.board.in_order:
                self.board.reports.append(refusal)
            elif known is not None and known.agent == doubt.agent:
                self.tell(refusal)

    # --- the house ----------------------------------------------------------------------------------

    def tell_hours(self, helpline: HelplineId) -> None:
        told = HelplineClosed if helpline in self.closed else HelplineOpened
        self.tell(told(at=self.board.tick(), helpline=helpline))

    def serve(self, node: NodeId) -> None:
        """Once everything that was missed is reported the node is served again."""
        for call in [one.id for one in self.floor.calls() if one.node == node]:
            self.tell(*self.board.of(call))
        for caller in self.board.callers.values():
            if caller.node == node:
                self.tell(*self.board.of(caller.id))
                known = self.floor.call(caller.id)
                if caller.truth is Truth.WAITING and known and known.state is CallState.LEAVING:
                    self.tell(caller.queued(self.board.tick()))
        self.board.down.remove(node)
        self.tell(NodeServed(at=self.board.tick(), node=node))

    def restart(self) -> None:
        """The floor is taken up as it was kept, and told of the hours and the nodes."""
        while audible := self.board.audible():
            self.tell(self.board.heard(audible[0]))
        self.check_replay()
        self.taken_up = (self.floor.calls(), self.floor.agents())
        self.floor = Floor(RULES)
        self.floor.restore(*self.taken_up)
        self.happened.clear()
        self.offered_at.clear()
        self.excused.update(self.board.callers)
        self.serving = {agent.id: self.serving[agent.id] for agent in self.floor.agents() if agent.call}
        for node in sorted(self.board.down):
            self.tell(NodeDown(at=self.board.tick(), node=node))
        for helpline in sorted(self.closed):
            self.tell_hours(helpline)
        self.take_decisions()

    # --- checking -----------------------------------------------------------------------------------

    def scene(self) -> Scene:
        """What the floor shows, put for the plain router."""
        at_work = [agent for agent in self.floor.agents() if agent.state in AT_WORK]
        idle = [agent for agent in at_work if agent.state is AgentState.AVAILABLE]
        return Scene(
            rules=RULES,
            waiting={
                call.id: _as_waiting(call, call.place)
                for call in self.floor.calls()
                if call.state is CallState.WAITING and call.place and call.node not in self.board.down
            },
            idle={agent.id: agent for agent in idle if agent.node not in self.board.down},
            busy={a.id: (a, self.serving.get(a.id)) for a in at_work if a not in idle},
            out_of_reach={agent.id for agent in at_work if agent.node in self.board.down},
            offered_at=self.offered_at,
        )

    def _check_offers(self, scene: Scene, offers: list[Pair]) -> None:
        """They are the plain router's, and nobody is overtaken by an equal or beyond the bound."""
        assert offers == plain_pairs(scene)
        offered = [call for call, _ in offers]
        for number, (call, agent) in enumerate(offers):
            served = scene.waiting[call]
            left = {c: w for c, w in scene.waiting.items() if c not in offered[:number]}
            for other, waits in left.items():
                overtaken = served.queued_at - waits.queued_at
                assert overtaken <= 0 or not _alike(served, waits), f"{call} overtakes {other}, its equal"
                if overtaken > RULES.overtaking_bound and other not in offered:
                    able = may_serve(RULES, waits, scene.idle[agent])
                    assert not able or is_kept(scene, waits, scene.idle[agent], offers[:number])

    def check_replay(self) -> None:
        """The same facts, read from a journal, lead another floor to the same decisions and state."""
        again = Floor(RULES)
        again.restore(*self.taken_up)
        for now, fact, decisions in self.happened:
            read = decode(encode(fact))
            assert read == fact
            again.apply(read)
            assert again.decide(now) == decisions
        assert (again.calls(), again.agents()) == (self.floor.calls(), self.floor.agents())


def _as_waiting(call: Call, place: Place) -> Waiting:
    assert call.language is not None
    return Waiting(
        helpline=place.helpline,
        language=call.language,
        queued_at=place.queued_at,
        step=place.step,
        category=place.category,
        only=place.held_for,
    )


def _alike(one: Waiting, other: Waiting) -> bool:
    """Whether two callers ask the same, so that only when they came tells them apart."""
    asked = [(w.helpline, w.language, w.category, w.step, w.only) for w in (one, other)]
    return asked[0] == asked[1] and one.only is None
