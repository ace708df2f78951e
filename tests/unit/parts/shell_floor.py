"""The shell around a floor, all real but the AMI link and the clock, with one transcript of everything."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from callcentre.acd.dispatch import Dispatcher
from callcentre.acd.phones import Phones
from callcentre.bus import Bus
from callcentre.tasks import Tasks
from callcentre.telephony.switch import CallingBack, Switch
from routing.agent import AgentState
from routing.call import CallState
from routing.facts import AgentLoggedIn, AvailabilityAsked, CallQueued, Fact, PhoneBack
from routing.floor import Floor, FloorRules
from routing.ids import (
    NOWHERE,
    AgentId,
    CallId,
    Epoch,
    HelplineId,
    Instant,
    LanguageCode,
    NodeId,
    Phone,
    Seconds,
)
from tests.unit.parts.fake_link import FakeLink

NODE = NodeId("node1")
KWA, FOOD = HelplineId("kwa"), HelplineId("food")
ANU, BEA = AgentId("anu"), AgentId("bea")
FIRST, SECOND, THIRD = CallId("node1-1"), CallId("node1-2"), CallId("node1-3")
RING, WRAP_UP = 20.0, 30.0
PHONES = {ANU: Phone("1001"), BEA: Phone("1002")}


CALLING_BACK = CallingBack(caller_id_of=lambda helpline: f"1600-{helpline}", ring_seconds=Seconds(25.0))


class ShellFloor(SynchronousTestCase):
    """At 1000 seconds, with the node not served yet.

    Facts and actions go into ``happened`` in the order in which they do.
    """

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000)
        self.happened: list[str] = []
        self.link = FakeLink(self.happened)
        self.switch = Switch(NODE, self.link, CALLING_BACK)
        self.tasks = Tasks()
        self.bus = Bus(on_fault=self.fault)
        self.bus.follow(self.note)
        self.dispatcher = Dispatcher(
            Floor(self.rules()),
            self.bus,
            epoch=Epoch(7),
            keep_epoch=lambda epoch: self.happened.append(f"keep epoch {epoch}"),
            clock=self.clock,
            tasks=self.tasks,
            recheck=self.recheck,
            on_fault=self.fault,
        )
        self.phones = Phones(self.dispatcher, tasks=self.tasks)
        self.dispatcher.pause(NODE)
        self.take()

    def rules(self) -> FloorRules:
        return FloorRules(ring_seconds=Seconds(RING), wrap_up_seconds=Seconds(WRAP_UP), missed_offers_limit=1)

    # --- what is written down -----------------------------------------------------------------------

    def fault(self, kind: str) -> None:
        self.happened.append(f"fault {kind}")

    def note(self, fact: Fact) -> None:
        named = (str(getattr(fact, name)) for name in ("call", "agent") if hasattr(fact, name))
        self.happened.append(" ".join([type(fact).__name__, *named]))

    def recheck(self, node: NodeId) -> None:
        self.happened.append(f"recheck {node}")

    def take(self) -> list[str]:
        """What has happened since this was asked last."""
        happened = self.happened[:]
        self.happened.clear()
        return happened

    # --- what happens -------------------------------------------------------------------------------

    def now(self) -> Instant:
        return Instant(self.clock.seconds())

    def report(self, kind: type[Fact], **points: object) -> None:
        self.dispatcher.report(kind(at=self.now(), **points))

    def queue(self, call: CallId, *, queued_at: float | None = None, node: NodeId = NODE) -> None:
        self.report(
            CallQueued,
            call=call,
            node=node,
            helpline=KWA,
            language=LanguageCode("ml"),
            queued_at=self.now() if queued_at is None else Instant(queued_at),
            caller="+919447000001",
        )

    def seat(self, agent: AgentId, *helplines: HelplineId, node: NodeId = NOWHERE) -> None:
        served = frozenset(helplines or (KWA,))
        self.report(AgentLoggedIn, agent=agent, phone=PHONES[agent], helplines=served)
        if node:
            self.report(PhoneBack, agent=agent, node=node)

    def free(self, agent: AgentId, *, node: NodeId = NOWHERE) -> None:
        """The agent sits down at a phone of *node* and asks for calls."""
        self.seat(agent, node=node)
        self.report(AvailabilityAsked, agent=agent)

    # --- how it stands ------------------------------------------------------------------------------

    def call_state(self, call: CallId) -> CallState | None:
        known = self.dispatcher.floor.call(call)
        return None if known is None else known.state

    def agent_state(self, agent: AgentId) -> AgentState:
        known = self.dispatcher.floor.agent(agent)
        assert known is not None
        return known.state
