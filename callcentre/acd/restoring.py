"""The floor as the last process left it, from what the projections have kept.

It may be out of date by whatever happened while no router was there: each switch's channels correct it
before anybody is offered anything (``reconcile.py``).  Callers who are to be called back have no channel;
what is kept of them here is all there is.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcentre.projections.call_log import call_of
from callcentre.projections.read import agents_then
from callcentre.storage.schema import CallRecord
from routing.agent import HOLDING, Agent, AgentState
from routing.call import HELD, Call, CallState


def floor_then(session: Session) -> tuple[list[Call], list[Agent]]:
    """Calls that have not ended and the agents, each pair that is together naming each other."""
    rows = session.scalars(select(CallRecord).where(CallRecord.ended_at.is_(None)))
    calls = {row.call: call_of(row) for row in rows}
    agents = {agent.id: agent for agent in agents_then(session)}
    paired = {
        call.id
        for call in calls.values()
        if call.agent is not None and call.agent in agents and agents[call.agent].call == call.id
    }
    return (
        [call if call.id in paired or call.state not in HELD else _alone(call) for call in calls.values()],
        [
            agent if agent.call in paired or agent.state not in HOLDING else _released(agent)
            for agent in agents.values()
        ],
    )


def _alone(call: Call) -> Call:
    state = CallState.LEAVING if call.state is CallState.TALKING else CallState.WAITING
    return call._replace(state=state, agent=None)


def _released(agent: Agent) -> Agent:
    # Whose call is gone from the records has nothing in hand; she says herself when she is ready.
    return agent._replace(state=AgentState.NOT_READY, call=None, deadline=None)
