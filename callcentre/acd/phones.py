"""Agents' phones: the floor is told when one cannot be rung any more, when it can again, and by whom."""

from __future__ import annotations

from callcentre.acd.dispatch import Dispatcher
from callcentre.tasks import Tasks
from callcentre.telephony.ami.errors import ActionFailed
from routing.agent import Agent, AgentState
from routing.facts import PhoneBack, PhoneLost
from routing.floor import Floor
from routing.ids import AgentId, NodeId, Phone


class Phones:
    """Has the floor know where its agents' phones are: as the nodes tell, and asked where that matters."""

    def __init__(self, dispatcher: Dispatcher, *, tasks: Tasks) -> None:
        self._dispatcher = dispatcher
        self._tasks = tasks

    def told(self, node: NodeId, phone: Phone, *, answers: bool) -> None:
        """A phone has registered with *node*, or does not answer it any more."""
        name = agent_at(self._dispatcher.floor, phone)
        if name is None:
            return
        if answers:
            self._found(name, node)
        else:
            # It may have registered anew from another port, which is told first, or answer another node.
            self._tasks.start(self._look_after(name), what=f"looking for the phone of {name}")

    async def look(self) -> None:
        """Find the phones of which no node that is served may have told."""
        for agent in self._dispatcher.floor.agents():
            if self._is_missing(agent):
                await self.locate(agent.id)

    async def locate(self, name: AgentId) -> bool:
        """Whether the agent's phone answers a node; True also while none that is served can say no."""
        agent = self._dispatcher.floor.agent(name)
        if agent is None:
            return False
        in_doubt = not self._dispatcher.serving
        for switch in sorted(self._dispatcher.serving.values(), key=lambda s: s.node != agent.node):
            try:
                if await switch.reaches(agent.phone):
                    self._found(name, switch.node)
                    return True
            except ActionFailed:
                in_doubt = True
        return in_doubt

    async def _look_after(self, name: AgentId) -> None:
        if not await self.locate(name):
            self._dispatcher.report(PhoneLost(at=self._dispatcher.now(), agent=name))

    def _found(self, name: AgentId, node: NodeId) -> None:
        agent = self._dispatcher.floor.agent(name)
        if agent is not None and (agent.node != node or _is_lost(agent)):
            self._dispatcher.report(PhoneBack(at=self._dispatcher.now(), agent=name, node=node))

    def _is_missing(self, agent: Agent) -> bool:
        """Whether the phone is thought lost, or to answer a node that cannot be asked."""
        if agent.state is AgentState.LOGGED_OUT:
            return False
        return _is_lost(agent) or agent.node not in self._dispatcher.serving


def _is_lost(agent: Agent) -> bool:
    """Whether the floor thinks that the phone of an agent who wants calls cannot be rung."""
    intent = agent.intent.state if agent.intent is not None else None
    return AgentState.UNREACHABLE in (agent.state, intent)


def agent_at(floor: Floor, phone: Phone) -> AgentId | None:
    """Who is logged in at *phone*."""
    here = (a.id for a in floor.agents() if a.phone == phone and a.state is not AgentState.LOGGED_OUT)
    return next(here, None)


def last_at(floor: Floor, phone: Phone) -> AgentId | None:
    """Whose a leg at *phone* is: who is logged in there, else who was last."""
    seated = [agent for agent in floor.agents() if agent.phone == phone]
    last = max(seated, key=lambda a: (a.state is not AgentState.LOGGED_OUT, a.since), default=None)
    return last.id if last is not None else None
