"""The one loop: a fact is applied, published and decided upon, and what is decided comes back as facts.

Nothing polls: the loop runs when a fact is reported, and at the floor's next deadline.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from callcentre.bus import Bus
from callcentre.tasks import Tasks
from callcentre.telephony.ami.errors import ActionFailed, LinkDown
from callcentre.telephony.switch import Switch
from routing.decisions import Decision, Offer, Reconcile
from routing.facts import CallOffered, Fact, OfferMissed, OfferRefused
from routing.floor import Floor
from routing.ids import CallId, Epoch, Instant, NodeId
from routing.lifecycle import IllegalTransition

log = Logger()

# Bounds how often one caller whom the switch will not move is offered.
REFUSAL_PAUSE = 0.5
NOT_SERVED = "the node is not being served"
# As the switch itself says it of a phone it cannot reach.
UNREACHABLE = "CHANUNAVAIL"


class Dispatcher:
    """Hears facts, lets the floor decide, and acts on the switches.

    *recheck* is asked to look again at a node whose word is missing or does not fit.
    """

    def __init__(
        self,
        floor: Floor,
        bus: Bus,
        *,
        epoch: Epoch,
        keep_epoch: Callable[[Epoch], object],
        clock: IReactorTime,
        tasks: Tasks,
        recheck: Callable[[NodeId], None],
        on_fault: Callable[[str], None],
    ) -> None:
        self.floor = floor
        self.epoch = epoch
        self._keep_epoch = keep_epoch
        self._bus = bus
        self._clock = clock
        self._tasks = tasks
        self._recheck = recheck
        self._on_fault = on_fault
        self._serving: dict[NodeId, Switch] = {}
        self._reported: deque[Fact] = deque()
        self._working = False
        self._stopped = False
        self._alarm: IDelayedCall | None = None

    def now(self) -> Instant:
        """This moment."""
        return Instant(self._clock.seconds())

    @property
    def serving(self) -> Mapping[NodeId, Switch]:
        """The nodes whose callers are being offered."""
        return self._serving

    def raise_epoch(self, epoch: Epoch) -> None:
        """Take a later term of office: a node remembers a router later than the one we took ourselves for."""
        self.epoch = epoch
        self._keep_epoch(epoch)
        for switch in self._serving.values():
            self._tasks.start(self._take_office(switch), what=f"taking office on {switch.node}")

    def serve(self, switch: Switch) -> None:
        """Offer the callers of this node from now on: its whole waiting room is known."""
        self._serving[switch.node] = switch
        self.report()

    def pause(self, node: NodeId) -> None:
        """Offer no callers of this node: it cannot be asked, or its waiting room is not known."""
        self._serving.pop(node, None)

    def report(self, *facts: Fact) -> None:
        """Take note of *facts*, in this order, and do what follows from them."""
        self._reported.extend(facts)
        if self._working:
            return
        self._working = True
        try:
            self._work()
        finally:
            self._working = False
        self._set_alarm()

    def stop(self) -> None:
        """Decide nothing any more; facts are still taken note of."""
        self._stopped = True
        self._serving.clear()
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()

    def _work(self) -> None:
        while True:
            while self._reported:
                self._take(self._reported.popleft())
            # A decision that the floor itself refuses would be made again, and again.
            if not any([self._carry_out(decision) for decision in self._decisions()]) and not self._reported:
                return

    def _decisions(self) -> list[Decision]:
        if self._stopped:
            return []
        return [decision for decision in self.floor.decide(self.now()) if self._can_act(decision)]

    def _carry_out(self, decision: Decision) -> bool:
        taken = self._take(decision.as_fact(self.now()))
        if taken:
            self._act(decision)
        return taken

    def _take(self, fact: Fact) -> bool:
        try:
            self.floor.apply(fact)
        except IllegalTransition as error:
            self._on_fault("illegal_transition")
            log.failure("the floor refused {fact}", fact=type(fact).__name__, who=error.who)
            return False
        self._bus.publish(fact)
        return True

    def _can_act(self, decision: Decision) -> bool:
        return not isinstance(decision, Offer) or self._switch_of(decision.call) is not None

    def _switch_of(self, call: CallId) -> Switch | None:
        known = self.floor.call(call)
        return self._serving.get(known.node) if known is not None else None

    def _act(self, decision: Decision) -> None:
        match decision:
            case Offer():
                self._tasks.start(self._offer(decision), what=f"offering call {decision.call}")
            case Reconcile():
                known = self.floor.call(decision.call)
                if known is not None:
                    self._recheck(known.node)

    async def _offer(self, offer: Offer) -> None:
        switch, agent = self._switch_of(offer.call), self.floor.agent(offer.agent)
        if switch is None or agent is None:
            self._report_refusal(offer, NOT_SERVED)
            return
        if agent.node and agent.node not in self._serving:
            self.report(OfferMissed(at=self.now(), call=offer.call, agent=offer.agent, reason=UNREACHABLE))
            return
        try:
            await switch.offer(offer.call, offer.agent, phone=agent.phone, at=agent.node, epoch=self.epoch)
        except ActionFailed as failure:
            await self._refused(offer, failure)
        else:
            self.report(CallOffered(at=self.now(), call=offer.call, agent=offer.agent))

    async def _refused(self, offer: Offer, failure: ActionFailed) -> None:
        log.warn(
            "the switch did not take an offer: {why}", why=str(failure), call=offer.call, agent=offer.agent
        )
        known = self.floor.call(offer.call)
        if isinstance(failure, LinkDown):
            # Who waits for an answer hears of a lost link before its owner does; whoever is offered on it in
            # between is refused at once, and would be offered again at once.
            if known is not None:
                self.pause(known.node)
            self._report_refusal(offer, str(failure))
            return
        # Offering the same caller again at once would be refused again: the switch says where she is.  Most
        # often she has just hung up, and the end of the call is known before this pause is over.
        await deferLater(self._clock, REFUSAL_PAUSE)
        known = self.floor.call(offer.call)
        if known is not None:
            self._recheck(known.node)

    async def _take_office(self, switch: Switch) -> None:
        try:
            await switch.take_office(self.epoch)
        except ActionFailed as failure:
            # Our offers are taken all the same; older routers are refused when it has come up again.
            log.warn("{node} keeps the old epoch: {why}", node=switch.node, why=str(failure))

    def _report_refusal(self, offer: Offer, why: str) -> None:
        self.report(OfferRefused(at=self.now(), call=offer.call, agent=offer.agent, reason=why))

    def _set_alarm(self) -> None:
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        deadline = None if self._stopped else self.floor.next_deadline()
        self._alarm = (
            None if deadline is None else self._clock.callLater(max(0.0, deadline - self.now()), self.report)
        )
