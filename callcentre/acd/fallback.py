"""Keeps the members of the native queues in step with the agents, for the time when no router is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from asterisk.ami.action import Action

from callcentre.telephony.ami import actions
from callcentre.telephony.ami.codec import Message
from routing.agent import Agent, AgentState
from routing.ids import AgentId, HelplineId, Phone

# Ringing and talking need no mark: the native queue rings no phone that is in use.
_PAUSED = frozenset({AgentState.NOT_READY, AgentState.ON_BREAK, AgentState.MISSED, AgentState.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class Membership:
    """How an agent stands in a native queue."""

    agent: AgentId
    paused: bool


Members: TypeAlias = Mapping[tuple[HelplineId, Phone], Membership]


def standing(agent: Agent) -> object:
    """What of an agent the native queues show: while it stays equal, so do her memberships."""
    return agent.phone, agent.helplines, agent.state is AgentState.LOGGED_OUT, agent.state in _PAUSED


def wanted(agents: Iterable[Agent]) -> Members:
    """The members the native queues should have."""
    return {
        (helpline, agent.phone): Membership(agent.id, agent.state in _PAUSED)
        for agent in agents
        if agent.state is not AgentState.LOGGED_OUT
        for helpline in agent.helplines
    }


def present(rows: Iterable[Message]) -> Members:
    """The members the native queues have, from the events of a ``QueueStatus``."""
    return {
        (HelplineId(row["Queue"]), Phone(row["Location"].partition("/")[2])): Membership(
            AgentId(row.get("Name")), row.get("Paused") == "1"
        )
        for row in rows
        if row.name == "QueueMember"
    }


def changes(have: Members, want: Members) -> list[Action]:
    """What to ask of the switch so that the members it has become those we want."""
    asked: list[Action] = []
    for (helpline, phone), member in have.items():
        replaced = want.get((helpline, phone))
        if replaced is None or replaced.agent != member.agent:
            asked.append(actions.queue_remove(helpline, _interface(phone)))
    for (helpline, phone), member in want.items():
        before = have.get((helpline, phone))
        if before is None or before.agent != member.agent:
            asked.append(_added(helpline, phone, member))
        elif before.paused != member.paused:
            asked.append(actions.queue_pause(_interface(phone), queue=helpline, paused=member.paused))
    return asked


def _added(helpline: HelplineId, phone: Phone, member: Membership) -> Action:
    interface = _interface(phone)
    return actions.queue_add(
        helpline, interface, member=member.agent, state_interface=interface, paused=member.paused
    )


def _interface(phone: Phone) -> str:
    return f"PJSIP/{phone}"
