"""Agents' phones: the floor is told when one cannot be rung any more, and when it can again."""

from __future__ import annotations

from callcentre.acd.dispatch import Dispatcher
from callcentre.tasks import Tasks
from callcentre.telephony.ami.errors import ActionFailed
from routing.agent import Agent, AgentState
from routing.facts import PhoneBack, PhoneLost
from routing.floor import Floor
from routing.ids import AgentId, Phone


class Phones:
    """Has the floor know which phones can be rung: as the nodes tell, and asked where that matters."""

    def __init__(self, dispatcher: Dispatcher, *, tasks: Tasks) -> None:
        self._dispatcher = dispatcher
        self._tasks = tasks

    def told(self, phone: Phone, *, answers: bool) -> None:
        """A phone has registered, or does not answer any more."""
        name = agent_at(self._dispatcher.floor, phone)
        agent = self._dispatcher.floor.agent(name) if name is not None else None
        if agent is None:
            return
        if not answers:
            # It may have registered anew from another port, which is told first.
            self._tasks.start(self._look_after(agent), what=f"looking for the phone of {agent.id}")
        elif _missing(agent):
            self._report_back(agent)

    async def look(self) -> None:
        """Find the phones that were thought lost: nobody may be there to hear of it when one is back."""
        for agent in self._dispatcher.floor.agents():
            if _missing(agent) and await self._answers(agent.phone):
                self._report_back(agent)

    async def may_ring(self, phone: Phone) -> bool:
        """Whether *phone* can be rung, or a node that may know cannot be asked."""
        return await self._answers(phone) is not False

    async def _answers(self, phone: Phone) -> bool | None:
        """Whether *phone* answers some node; None when no node says so, and not all can be asked."""
        found = False if self._dispatcher.serving else None
        for switch in tuple(self._dispatcher.serving.values()):
            try:
                if await switch.reaches(phone):
                    return True
            except ActionFailed:
                found = None
        return found

    async def _look_after(self, agent: Agent) -> None:
        if not await self.may_ring(agent.phone):
            self._dispatcher.report(PhoneLost(at=self._dispatcher.now(), agent=agent.id))

    def _report_back(self, agent: Agent) -> None:
        self._dispatcher.report(PhoneBack(at=self._dispatcher.now(), agent=agent.id))


def _missing(agent: Agent) -> bool:
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
