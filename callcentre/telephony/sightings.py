"""What one look at a switch's channels shows: each caller, and where she is.

This is how a router that knows nothing finds its whole waiting room again, and how one that missed something
notices.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from callcentre.telephony.ami.codec import Message
from callcentre.telephony.channel_state import ChannelState
from callcentre.telephony.switch import CALL_BACK, CALLBACK_NOTED, CONNECT, TURNED_AWAY, WAITING
from routing.ids import AgentId, CallId, Phone


class Whereabouts(Enum):
    """Where in the dialplan a caller is."""

    MENU = "menu"
    WAITING = "waiting"
    FELL_BACK = "fell back"
    """In the native queue, and nobody is being called for her."""
    RINGING = "ringing"
    TALKING = "talking"
    CALLED = "called"
    """A citizen who is called back, and has not been sent on to the agent yet."""
    LEAVING = "leaving"


_CONTEXTS: Final = {
    WAITING: Whereabouts.WAITING,
    "fallback": Whereabouts.FELL_BACK,
    # Where the channel of a citizen stands while her phone rings: who calls us has no call id yet in there.
    "from-trunk": Whereabouts.CALLED,
    CALL_BACK: Whereabouts.CALLED,
    TURNED_AWAY: Whereabouts.LEAVING,
    CALLBACK_NOTED: Whereabouts.LEAVING,
    "call-me-back": Whereabouts.LEAVING,
    "after": Whereabouts.LEAVING,
    "goodbye": Whereabouts.LEAVING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One caller as seen."""

    channel: ChannelState
    whereabouts: Whereabouts
    agent: AgentId | None = None
    """Whose phone rings or who talks."""


@dataclass(frozen=True, slots=True)
class Row:
    """One channel of the look."""

    channel: ChannelState
    context: str
    bridged: bool


def read(look: Iterable[Message]) -> list[Row]:
    """The channels among the events of a look."""
    return [
        Row(ChannelState.of(row), row.get("Context"), bool(row.get("BridgeId")))
        for row in look
        if row.name == "CoreShowChannel"
    ]


def sightings(
    rows: Collection[Row], *, agent_at: Callable[[Phone], AgentId | None]
) -> dict[CallId, Sighting]:
    """Every caller among all the channels of a switch.

    *agent_at* names the agent at a phone, for legs the native queue called: those carry no agent.
    """
    legs = {row.channel.leg_of: row for row in rows if row.channel.is_leg}
    return {
        row.channel.call: _sighting(row, legs.get(row.channel.call), agent_at)
        for row in rows
        if row.channel.is_caller
    }


def _sighting(row: Row, leg: Row | None, agent_at: Callable[[Phone], AgentId | None]) -> Sighting:
    agent = row.channel.agent or (agent_at(leg.channel.phone) if leg else None)
    whereabouts = _whereabouts(row, leg)
    held = whereabouts in (Whereabouts.RINGING, Whereabouts.TALKING)
    return Sighting(channel=row.channel, whereabouts=whereabouts, agent=agent if held else None)


def _whereabouts(row: Row, leg: Row | None) -> Whereabouts:
    if leg is not None and leg.bridged and row.bridged:
        return Whereabouts.TALKING
    if leg is not None or row.context == CONNECT:
        return Whereabouts.RINGING
    return _CONTEXTS.get(row.context, Whereabouts.MENU)
