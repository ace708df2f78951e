"""Keeps the members of the native queues in step with the agents, for the time when no router is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from asterisk.ami.action import Action

from callcentre.telephony.ami import actions
from callcentre.telephony.ami.codec import Message
from callcentre.telephony.dialling import IDLE, target
from routing.agent import Agent, AgentState
from routing.ids import AgentId, HelplineId, NodeId

# Of a device nobody has heard of Asterisk says «unknown», and rings it: what a phone elsewhere does, only its
# own node can see.
ELSEWHERE = "Custom:elsewhere"
# Ringing and talking need no mark: the native queue rings no phone that is in use.
_PAUSED = frozenset({AgentState.NOT_READY, AgentState.ON_BREAK, AgentState.MISSED, AgentState.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class Membership:
    """How an agent stands in a native queue."""

    agent: AgentId
    paused: bool


Interface: TypeAlias = str
"""What a native queue calls: ``PJSIP/1001``, or another node's phone, ``PJSIP/idle*1001@node-node2``."""
Members: TypeAlias = Mapping[tuple[HelplineId, Interface], Membership]


def standing(agent: Agent) -> object:
    """What of an agent the native queues show: while it stays equal, so do her memberships."""
    gone, paused = agent.state is AgentState.LOGGED_OUT, agent.state in _PAUSED
    return agent.phone, agent.node, agent.helplines, gone, paused


def wanted(agents: Iterable[Agent], *, here: NodeId) -> Members:
    """The members the native queues of the node *here* should have."""
    return {
        (helpline, interface(agent, here=here)): Membership(agent.id, agent.state in _PAUSED)
        for agent in agents
        if agent.state is not AgentState.LOGGED_OUT
        for helpline in agent.helplines
    }


def present(rows: Iterable[Message]) -> Members:
    """The members the native queues have, from the events of a ``QueueStatus``."""
    return {
        (HelplineId(row["Queue"]), row["Location"]): Membership(
            AgentId(row.get("Name")), row.get("Paused") == "1"
        )
        for row in rows
        if row.name == "QueueMember"
    }


def changes(have: Members, want: Members) -> list[Action]:
    """What to ask of the switch so that the members it has become those we want."""
    asked: list[Action] = []
    for (helpline, called), member in have.items():
        replaced = want.get((helpline, called))
        if replaced is None or replaced.agent != member.agent:
            asked.append(actions.queue_remove(helpline, called))
    for (helpline, called), member in want.items():
        before = have.get((helpline, called))
        if before is None or before.agent != member.agent:
            asked.append(_added(helpline, called, member))
        elif before.paused != member.paused:
            asked.append(actions.queue_pause(called, queue=helpline, paused=member.paused))
    return asked


def interface(agent: Agent, *, here: NodeId) -> Interface:
    """How the native queues of the node *here* call the agent."""
    dialled = target(agent.phone, agent.node, here=here)
    return f"PJSIP/{dialled if dialled == agent.phone else IDLE + dialled}"


def _added(helpline: HelplineId, called: Interface, member: Membership) -> Action:
    return actions.queue_add(
        helpline,
        called,
        member=member.agent,
        state_interface=ELSEWHERE if "@" in called else called,
        paused=member.paused,
    )
