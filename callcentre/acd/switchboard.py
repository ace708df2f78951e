"""The switches being served, and what is asked of them for each decision of the floor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from callcentre.tasks import Tasks
from callcentre.telephony.ami.errors import ActionFailed, LinkDown
from callcentre.telephony.switch import Switch
from routing.call import Call
from routing.decisions import Decision, Offer, Overflow, Reconcile, TurnAway
from routing.facts import CallOffered, Fact, NodeDown, NodeServed, OfferRefused
from routing.floor import Floor
from routing.ids import CallId, Epoch, Instant, NodeId

log = Logger()

# Bounds how often one caller whom the switch will not move is offered, or sent elsewhere.
REFUSAL_PAUSE = 0.5
NOT_SERVED = "the node is not being served"
HELPLINE = "CC_HELPLINE"


class Switchboard:
    """Carries out decisions on the switches, and reports what they say to that.

    *recheck* is asked to look again at a node whose word is missing or does not fit.
    """

    def __init__(
        self,
        floor: Floor,
        *,
        clock: IReactorTime,
        tasks: Tasks,
        report: Callable[[Fact], None],
        recheck: Callable[[NodeId], None],
    ) -> None:
        self._floor = floor
        self._clock = clock
        self._tasks = tasks
        self._report = report
        self._recheck = recheck
        self._serving: dict[NodeId, Switch] = {}
        self._down: set[NodeId] = set()
        """The nodes that the floor has been told not to count on."""

    @property
    def serving(self) -> Mapping[NodeId, Switch]:
        """The nodes whose callers can be moved."""
        return self._serving

    def plug_in(self, switch: Switch) -> None:
        """The node can be asked from now on, and its whole waiting room is known."""
        self._serving[switch.node] = switch
        self._down.discard(switch.node)
        self._report(NodeServed(at=self._now(), node=switch.node))

    def unplug(self, node: NodeId) -> None:
        """The node cannot be asked, or its waiting room is not known."""
        self._serving.pop(node, None)
        if node not in self._down:
            self._down.add(node)
            self._report(NodeDown(at=self._now(), node=node))

    def take_office(self, epoch: Epoch) -> None:
        """Have every node refuse the routers of earlier terms than *epoch*."""
        for switch in self._serving.values():
            self._tasks.start(self._take_office(switch, epoch), what=f"taking office on {switch.node}")

    def clear(self) -> None:
        """Nothing is asked of any node any more."""
        self._serving.clear()

    def carry_out(self, decision: Decision, epoch: Epoch) -> None:
        """Begin to do what *decision* asks for, in the term of office *epoch*; its fact has been applied."""
        match decision:
            case Offer():
                self._tasks.start(self._offer(decision, epoch), what=f"offering call {decision.call}")
            case Overflow():
                self._ask(decision.call, lambda s: s.mark(decision.call, HELPLINE, decision.helpline))
            case TurnAway():
                self._ask(decision.call, lambda s: s.turn_away(decision.call, decision.why, epoch=epoch))
            case Reconcile():
                self._look_again(decision.call)

    # --- offers -------------------------------------------------------------------------------------

    async def _offer(self, offer: Offer, epoch: Epoch) -> None:
        call, agent = self._floor.call(offer.call), self._floor.agent(offer.agent)
        if call is None or agent is None:
            return
        for node in (call.node, agent.node or call.node):
            if node not in self._serving:
                # Found dead by an offer made in the same moment; the floor must not make this one again.
                self.unplug(node)
                self._report_refusal(offer, NOT_SERVED)
                return
        switch = self._serving[call.node]
        try:
            if call.is_off_line:
                await switch.call_back(call, agent, epoch=epoch)
            else:
                await switch.offer(call.id, agent, epoch=epoch)
        except ActionFailed as failure:
            await self._refused(offer, call, failure)
            return
        # The agent's phone is called only when the citizen has answered, which the switch will tell.
        if not call.is_off_line:
            self._report(CallOffered(at=self._now(), call=offer.call, agent=offer.agent))

    async def _refused(self, offer: Offer, call: Call, failure: ActionFailed) -> None:
        log.warn("the switch did not take an offer: {why}", why=str(failure), call=call.id, agent=offer.agent)
        if isinstance(failure, LinkDown):
            # Who waits for an answer hears of a lost link before its owner does.
            self.unplug(call.node)
            self._report_refusal(offer, str(failure))
            return
        await self._settle(call.id)

    def _report_refusal(self, offer: Offer, why: str) -> None:
        self._report(OfferRefused(at=self._now(), call=offer.call, agent=offer.agent, reason=why))

    async def _take_office(self, switch: Switch, epoch: Epoch) -> None:
        try:
            await switch.take_office(epoch)
        except ActionFailed as failure:
            # Our offers are taken all the same; older routers are refused when it has come up again.
            log.warn("{node} keeps the old epoch: {why}", node=switch.node, why=str(failure))

    # --- other decisions ----------------------------------------------------------------------------

    def _ask(self, call: CallId, ask: Callable[[Switch], Awaitable[None]]) -> None:
        self._tasks.start(self._asked(call, ask), what=f"moving call {call}")

    async def _asked(self, call: CallId, ask: Callable[[Switch], Awaitable[None]]) -> None:
        known = self._floor.call(call)
        switch = self._serving.get(known.node) if known is not None else None
        if switch is None:
            # Where the caller is will be seen when the node is back.
            return
        try:
            await ask(switch)
        except LinkDown:
            self.unplug(switch.node)
        except ActionFailed as failure:
            log.warn("the switch did not move a caller: {why}", why=str(failure), call=call)
            await self._settle(call)

    # --- what the switch has not done ---------------------------------------------------------------

    async def _settle(self, call: CallId) -> None:
        """Have the switch say where the caller is, after a pause.

        Asking for the same again at once would be refused again.  Most often she has just hung up, and the
        end of the call is known before this pause is over.
        """
        await deferLater(self._clock, REFUSAL_PAUSE)
        self._look_again(call)

    def _look_again(self, call: CallId) -> None:
        known = self._floor.call(call)
        if known is not None:
            self._recheck(known.node)

    def _now(self) -> Instant:
        return Instant(self._clock.seconds())
