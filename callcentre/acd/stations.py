"""Each Asterisk node's way into and out of the floor: coming up, telling, being checked, going away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger

from callcentre.acd import fallback
from callcentre.acd.dispatch import Dispatcher
from callcentre.acd.phones import Phones, last_at
from callcentre.acd.reconcile import missed_facts
from callcentre.tasks import Tasks
from callcentre.telephony.ami.codec import Message
from callcentre.telephony.ami.errors import ActionFailed
from callcentre.telephony.registrations import phone_told
from callcentre.telephony.sightings import Row, Sighting, Whereabouts, read, sightings
from callcentre.telephony.switch import Switch
from callcentre.telephony.translate import Translator
from routing.call import CallState
from routing.facts import CallbackAsked, Fact
from routing.ids import AgentId, CallId, Epoch, Instant

log = Logger()

# A fact lost on the way keeps an agent or a caller waiting no longer than this.
CHECK_SECONDS = 30.0
# Two milliseconds' work.
ROWS_A_TURN = 20
# The dialplan's words for a router that is no longer in office.
DEPOSED_ROUTER = frozenset({"OfferStale", "RouterStale"})


class Station:
    """One node of the floor.  The AMI link calls ``came_up``, ``went_down``, ``told`` and ``beat``."""

    def __init__(
        self,
        switch: Switch,
        dispatcher: Dispatcher,
        phones: Phones,
        *,
        clock: IReactorTime,
        tasks: Tasks,
        on_fault: Callable[[str], None],
    ) -> None:
        self.switch = switch
        self._dispatcher = dispatcher
        self._phones = phones
        self._clock = clock
        self._tasks = tasks
        self._on_fault = on_fault
        self._translator = Translator(switch.node, agent_at=lambda phone: last_at(dispatcher.floor, phone))
        self._members: fallback.Members | None = None
        """As they are on the switch; None while that is not known."""
        self._shown: dict[AgentId, object] = {}
        self._changing_members = False
        self._checking = False
        self._check_again = False
        self._checks = LoopingCall(self.check)
        self._checks.clock = clock

    async def came_up(self) -> None:
        """Logged in to a running Asterisk: take office, learn its whole waiting room, then serve it."""
        node = self.switch.node
        self._translator.forget_hangups()
        await self._take_office()
        # Members first: should we die again at once, the native queue has somebody to ring.
        await self._keep_members()
        fell_back = await self._look()
        for call in fell_back:
            await self._take_back(call)
        if not self.switch.up:
            # Lost meanwhile: went_down is called next, and then we come up again.
            return
        self._dispatcher.serve(self.switch)
        self._checks.start(CHECK_SECONDS, now=False)
        log.info(
            "{node} is being served, {calls} calls found",
            node=node,
            calls=len(self._dispatcher.floor.calls()),
            taken_back=len(fell_back),
            epoch=self._dispatcher.epoch,
        )
        await self._phones.look()

    def went_down(self, why: str) -> None:
        """The link is gone: callers of the node stay where they are, and get no offers."""
        self._dispatcher.pause(self.switch.node)
        self._members = None
        if self._checks.running:
            self._checks.stop()
        log.warn("{node} cannot be reached: {why}", node=self.switch.node, why=why)

    def told(self, event: Message) -> None:
        """Take note of an event."""
        try:
            facts, deposed = self._translator.facts(event), self._is_deposed(event)
        except (KeyError, ValueError) as error:
            self._on_fault("untranslatable_event")
            log.error("an event makes no sense: {event!r}: {error!r}", event=event, error=error)
            return
        if deposed:
            # Going on would move callers about for nothing, as fast as the switch can refuse.
            self._dispatcher.pause(self.switch.node)
            self._on_fault("deposed")
            log.error(
                "a newer router is in office on {node}: this one offers no more. Stop one of the two.",
                node=self.switch.node,
            )
        if facts:
            self._dispatcher.report(*facts)
        self._see_to_callers(event, facts)
        if told := phone_told(event):
            phone, answers = told
            self._phones.told(self.switch.node, phone, answers=answers)

    def beat(self, at: Instant) -> None:
        """The switch answered a ping at *at*, by its own clock: say there that we are alive."""
        self._tasks.start(self._beat(at), what="the router's beat")

    def check(self) -> None:
        """Compare the floor with the switch; once more when that is under way already."""
        if self._checking:
            self._check_again = True
        elif self.switch.up:
            self._tasks.start(self._check(), what=f"checking {self.switch.node}")

    def follow(self, fact: Fact) -> None:
        """Keep the native queues' members in step; costs nothing while agents only take calls."""
        agent = getattr(fact, "agent", None)
        # While the switch cannot be asked its members are not known, and all of them are seen to when it can.
        if agent is not None and self._shows_otherwise(agent) and self.switch.up:
            self._tasks.start(self._keep_members(), what=f"queue members of {self.switch.node}")

    def _is_deposed(self, event: Message) -> bool:
        """Whether the node obeys a newer router than this one.

        A citizen whom our own last process had called may answer now: then it was that one's term, not ours.
        """
        if _user_event(event) not in DEPOSED_ROUTER:
            return False
        return Epoch(int(event["Epoch"])) >= self._dispatcher.epoch

    def _see_to_callers(self, event: Message, facts: list[Fact]) -> None:
        """Move those whom an event says to be where they should not stay."""
        if self.switch.node not in self._dispatcher.serving:
            return
        for fact in facts:
            if isinstance(fact, CallbackAsked):
                self._tasks.start(self._promise_callback(fact.call), what=f"promising {fact.call} a callback")
        if _user_event(event) == "CallFellBack":
            fell_back = CallId(event.variables().get("CC_CALL", ""))
            self._tasks.start(self._take_back(fell_back), what=f"taking back call {fell_back}")

    async def _take_office(self) -> None:
        office = await self.switch.office()
        # A node may remember a later term than we do when our data folder is younger than its process.
        if office > self._dispatcher.epoch:
            self._dispatcher.raise_epoch(Epoch(office + 1))
        await self.switch.take_office(self._dispatcher.epoch)
        # Callers taken back look for a beat at once.
        await self.switch.beat(await self.switch.now())

    async def _beat(self, at: Instant) -> None:
        try:
            await self.switch.beat(at)
        except ActionFailed as failure:
            # The link reports its own end; a beat that is late is followed by the next.
            log.debug("no beat: {why}", why=str(failure))

    async def _check(self) -> None:
        self._checking = True
        try:
            for call in await self._look():
                await self._take_back(call)
            await self._keep_members()
            await self._phones.look()
        except ActionFailed as failure:
            log.warn("{node} could not be checked: {why}", node=self.switch.node, why=str(failure))
        finally:
            self._checking = False
        if self._check_again:
            self._check_again = False
            self.check()

    async def _look(self) -> list[CallId]:
        """Report what the floor has missed; the callers who are in the native queue."""
        floor, asked_at = self._dispatcher.floor, self._dispatcher.now()
        rows = await self._read(await self.switch.channels())
        if not self.switch.up:
            # Lost meanwhile: when it is back, what was seen may have gone for ever.
            return []
        seen = sightings(rows, agent_at=lambda phone: last_at(floor, phone))
        facts = missed_facts(
            floor, seen, node=self.switch.node, asked_at=asked_at, now=self._dispatcher.now()
        )
        self._dispatcher.report(*facts)
        return _in_order(
            [sighting for sighting in seen.values() if sighting.whereabouts is Whereabouts.FELL_BACK]
        )

    async def _read(self, look: Sequence[Message]) -> list[Row]:
        """The channels of a look, a few at a time: a full waiting room would hold up offers for 0.1 s."""
        rows = read(look[:ROWS_A_TURN])
        for first in range(ROWS_A_TURN, len(look), ROWS_A_TURN):
            await deferLater(self._clock, 0)
            rows += read(look[first : first + ROWS_A_TURN])
        return rows

    async def _take_back(self, call: CallId) -> None:
        known = self._dispatcher.floor.call(call)
        # The look at the channels may be older than an offer or an answer that the floor has heard of since.
        if known is None or known.state is not CallState.WAITING:
            return
        try:
            await self.switch.take_back(call)
        except ActionFailed as failure:
            log.warn("could not take back a caller: {why}", why=str(failure), call=call)

    async def _promise_callback(self, call: CallId) -> None:
        known = self._dispatcher.floor.call(call)
        # Whoever was offered or answered in the same moment needs no promise.
        if known is None or known.state is not CallState.RESTING:
            return
        try:
            await self.switch.promise_callback(call)
        except ActionFailed as failure:
            # She goes on waiting on the line, and so must the floor have her.
            log.warn("could not promise a callback: {why}", why=str(failure), call=call)
            self.check()

    def _shows_otherwise(self, agent: AgentId) -> bool:
        known = self._dispatcher.floor.agent(agent)
        shown = fallback.standing(known) if known is not None else None
        before, self._shown[agent] = self._shown.get(agent), shown
        return shown != before

    async def _keep_members(self) -> None:
        """Make the members what they should be; whoever is at it already sees to later changes, too."""
        if self._changing_members:
            return
        self._changing_members = True
        try:
            if self._members is None:
                self._members = fallback.present(await self.switch.queue_members())
            await self._change_members(self._members)
        except ActionFailed as failure:
            # How much of it was done is not known: the next change, or the next check, looks first.
            self._members = None
            log.warn("queue members are out of step: {why}", why=str(failure), node=self.switch.node)
        finally:
            self._changing_members = False

    async def _change_members(self, have: fallback.Members) -> None:
        while True:
            want = fallback.wanted(self._dispatcher.floor.agents(), here=self.switch.node)
            asked = fallback.changes(have, want)
            if not asked:
                return
            for change in asked:
                await self.switch.change_queue(change)
            self._members = have = want


def _user_event(event: Message) -> str | None:
    """Which of the dialplan's own events this is."""
    return event.get("UserEvent") if event.name == "UserEvent" else None


def _in_order(found: list[Sighting]) -> list[CallId]:
    return [s.channel.call for s in sorted(found, key=lambda s: s.channel.queued_at or Instant(0.0))]
