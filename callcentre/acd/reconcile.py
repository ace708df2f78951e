"""Compares the floor with what a switch shows, and says as facts what the floor has missed.

Pure.  Only what stood still since the question was asked is corrected: a call that moved meanwhile is told
by its own events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from callcentre.telephony.sightings import Sighting, Whereabouts
from routing.agent import AgentState
from routing.call import Call, CallState
from routing.facts import (
    CallAnswered,
    CallLost,
    CallOffered,
    Fact,
    OfferProposed,
    OfferRefused,
    Party,
    TalkEnded,
)
from routing.floor import Floor
from routing.ids import CallId, Instant, NodeId, Seconds

# Asterisk accepts at once to call a citizen, and makes the channel within milliseconds.  Less than the pause
# after which a refused action is asked about.
CALLING_GRACE = Seconds(0.4)
NOT_RINGING = "the switch shows the caller in the waiting room"


def missed_facts(
    floor: Floor, seen: Mapping[CallId, Sighting], *, node: NodeId, asked_at: Instant, now: Instant
) -> list[Fact]:
    """The facts that bring *floor* to what was *seen* on *node*, earliest caller first."""
    facts: list[Fact] = []
    for call, sighting in sorted(seen.items(), key=lambda item: item[1].channel.queued_at or now):
        known = floor.call(call)
        if known is None:
            facts += _found(floor, sighting, node, now)
        elif known.since < asked_at:
            facts += _moved(known, sighting, node, now)
    gone = [call for call in floor.calls() if call.node == node and _is_gone(call, seen, asked_at)]
    return facts + [CallLost(at=now, call=call.id) for call in gone]


def _is_gone(call: Call, seen: Mapping[CallId, Sighting], asked_at: Instant) -> bool:
    """Whether a call that is not *seen* has ended, or a citizen was not called after all."""
    # Whoever waits for being called has no channel, and is not to be missed.
    if call.id in seen or not call.has_channel:
        return False
    grace = CALLING_GRACE if call.is_off_line else 0.0
    return call.since < asked_at - grace


def _found(floor: Floor, sighting: Sighting, node: NodeId, now: Instant) -> Iterable[Fact]:
    """A call the floor has never heard of, or has forgotten with its process."""
    channel, agent = sighting.channel, sighting.agent
    if sighting.whereabouts in (Whereabouts.LEAVING, Whereabouts.CALLED):
        return
    yield channel.arrived(node, now)
    nameless_talk = sighting.whereabouts is Whereabouts.TALKING and agent is None
    # A talk with somebody we cannot name must not be taken for a caller who waits: she would be moved.
    if sighting.whereabouts is Whereabouts.MENU or nameless_talk:
        return
    yield channel.queued(node, now)
    if agent is None:
        return
    if sighting.whereabouts is Whereabouts.TALKING:
        yield CallAnswered(at=now, call=channel.call, agent=agent)
        return
    ringing = floor.agent(agent)
    # Whoever is not free in our eyes is heard of again when she answers.
    if ringing is not None and ringing.state is AgentState.AVAILABLE:
        yield OfferProposed(at=now, call=channel.call, agent=agent)
        yield CallOffered(at=now, call=channel.call, agent=agent)


def _moved(known: Call, sighting: Sighting, node: NodeId, now: Instant) -> Iterable[Fact]:
    """A call that is elsewhere than the floor thinks."""
    match sighting.whereabouts:
        case Whereabouts.TALKING if sighting.agent is not None:
            if known.agent != sighting.agent or known.state is not CallState.TALKING:
                yield CallAnswered(at=now, call=known.id, agent=sighting.agent)
        case Whereabouts.WAITING | Whereabouts.FELL_BACK:
            yield from _back_in_waiting_room(known, sighting, node, now)
        case Whereabouts.LEAVING:
            yield from _talk_over(known, now)


def _back_in_waiting_room(known: Call, sighting: Sighting, node: NodeId, now: Instant) -> Iterable[Fact]:
    yield from _talk_over(known, now)
    if known.agent is not None and known.state is not CallState.TALKING:
        yield OfferRefused(at=now, call=known.id, agent=known.agent, reason=NOT_RINGING)
    # One who was to be called back and is in the waiting room waits there like everybody else.
    if known.state is not CallState.WAITING or not known.has_channel:
        yield sighting.channel.queued(node, now)


def _talk_over(known: Call, now: Instant) -> Iterable[Fact]:
    if known.state is CallState.TALKING and known.agent is not None:
        yield TalkEnded(at=now, call=known.id, agent=known.agent, by=Party.SYSTEM)
