"""The one loop: a fact is applied, published and decided upon, and what is decided comes back as facts.

Nothing polls: the loop runs when a fact is reported, and at the floor's next deadline.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from callcentre.acd.switchboard import Switchboard
from callcentre.bus import Bus
from callcentre.tasks import Tasks
from callcentre.telephony.switch import Switch
from routing.decisions import Decision
from routing.facts import Fact
from routing.floor import Floor
from routing.ids import Epoch, Instant, NodeId
from routing.lifecycle import IllegalTransition

log = Logger()


class Dispatcher:
    """Hears facts, lets the floor decide, and has the switchboard act.

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
        self._on_fault = on_fault
        self._switchboard = Switchboard(floor, clock=clock, tasks=tasks, report=self.report, recheck=recheck)
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
        return self._switchboard.serving

    def raise_epoch(self, epoch: Epoch) -> None:
        """Take a later term of office: a node remembers a router later than the one we took ourselves for."""
        self.epoch = epoch
        self._keep_epoch(epoch)
        self._switchboard.take_office(epoch)

    def serve(self, switch: Switch) -> None:
        """Offer the callers of this node from now on: its whole waiting room is known."""
        self._switchboard.plug_in(switch)

    def pause(self, node: NodeId) -> None:
        """Offer no callers of this node: it cannot be asked, or its waiting room is not known."""
        self._switchboard.unplug(node)

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
        self._switchboard.clear()
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()

    def _work(self) -> None:
        while True:
            while self._reported:
                self._take(self._reported.popleft())
            # One moment for all: the journal then says exactly when they were decided (routing/replay.py).
            now = self.now()
            taken = [self._carry_out(decision, now) for decision in self._decisions(now)]
            # A decision that the floor itself refuses would be made again, and again.
            if not any(taken) and not self._reported:
                return

    def _decisions(self, now: Instant) -> list[Decision]:
        return [] if self._stopped else self.floor.decide(now)

    def _carry_out(self, decision: Decision, now: Instant) -> bool:
        taken = self._take(decision.as_fact(now))
        if taken:
            self._switchboard.carry_out(decision, self.epoch)
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

    def _set_alarm(self) -> None:
        deadline = None if self._stopped else self.floor.next_deadline()
        alarm = self._alarm if self._alarm is not None and self._alarm.active() else None
        if alarm is not None and deadline is not None and alarm.getTime() <= deadline:
            # It rings too early, finds nothing to do and is set anew: cheaper than with each fact.
            return
        if alarm is not None:
            alarm.cancel()
        self._alarm = (
            None if deadline is None else self._clock.callLater(max(0.0, deadline - self.now()), self.report)
        )
