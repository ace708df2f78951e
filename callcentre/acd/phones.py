"""Phones: who sits at each, and which node it answers.  An agent whose phone moves is followed there."""

from __future__ import annotations

from callcentre.acd.dispatch import Dispatcher
from callcentre.tasks import Tasks
from callcentre.telephony.ami.errors import ActionFailed
from callcentre.telephony.switch import Switch
from routing.agent import Agent, AgentState
from routing.facts import AgentLoggedIn
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
            self._follow(name, node)
        else:
            # It may have registered anew from another port, which is told first, or answer another node.
            self._tasks.start(self.locate(name), what=f"looking for the phone of {name}")

    async def look(self, switch: Switch) -> None:
        """Find the phones that answer a node that has come up, of agents at no node that can be asked.

        Raises ActionFailed.
        """
        served = self._dispatcher.serving.keys() | {switch.node}
        for agent in self._dispatcher.floor.agents():
            if _stays(agent) and agent.node not in served and await switch.reaches(agent.phone):
                self._follow(agent.id, switch.node)

    async def locate(self, name: AgentId) -> bool:
        """Whether the agent's phone answers some node; True also while one that may know cannot be asked."""
        agent = self._dispatcher.floor.agent(name)
        if agent is None:
            return False
        in_doubt = not self._dispatcher.serving
        for switch in sorted(self._dispatcher.serving.values(), key=lambda s: s.node != agent.node):
            try:
                if await switch.reaches(agent.phone):
                    self._follow(name, switch.node)
                    return True
            except ActionFailed:
                in_doubt = True
        return in_doubt

    def _follow(self, name: AgentId, node: NodeId) -> None:
        agent = self._dispatcher.floor.agent(name)
        if agent is None or agent.node == node or not _stays(agent):
            return
        moved = AgentLoggedIn(
            at=self._dispatcher.now(),
            agent=name,
            phone=agent.phone,
            helplines=agent.helplines,
            node=node,
        )
        self._dispatcher.report(moved)


def _stays(agent: Agent) -> bool:
    """Whoever is gone, or goes after the call in hand, is not to be logged in again."""
    return AgentState.LOGGED_OUT not in (agent.state, agent.intent.state if agent.intent else None)


def agent_at(floor: Floor, phone: Phone) -> AgentId | None:
    """Who is logged in at *phone*."""
    here = (a.id for a in floor.agents() if a.phone == phone and a.state is not AgentState.LOGGED_OUT)
    return next(here, None)


def last_at(floor: Floor, phone: Phone) -> AgentId | None:
    """Whose a leg at *phone* is: who is logged in there, else who was last."""
    seated = [agent for agent in floor.agents() if agent.phone == phone]
    last = max(seated, key=lambda a: (a.state is not AgentState.LOGGED_OUT, a.since), default=None)
    return last.id if last is not None else None
