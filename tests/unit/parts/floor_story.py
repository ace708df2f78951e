"""A working day of a small floor, as the journal would have it."""

from __future__ import annotations

from callcentre.tickets.docket import docket_number
from callcentre.tickets.facts import TicketRegistered
from routing.facts import (
    AgentLoggedIn,
    AvailabilityAsked,
    BreakAsked,
    CallAnswered,
    CallArrived,
    CallEnded,
    CallOffered,
    CallQueued,
    Fact,
    OfferMissed,
    OfferProposed,
    Party,
    TalkEnded,
    WrapUpEnded,
)
from routing.floor import FloorRules
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId, Phone, Seconds

RULES = FloorRules(ring_seconds=Seconds(20.0), wrap_up_seconds=Seconds(30.0), missed_offers_limit=2)
ANJU, BEENA = AgentId("anju"), AgentId("beena")
KWA, ML, NODE = HelplineId("kwa"), LanguageCode("ml"), NodeId("node1")
BEGIN = 1764000000.0


def day(calls: int) -> list[Fact]:
    """Two agents and so many calls in turn; every third is missed once, every second has a ticket."""
    facts: list[Fact] = []
    for agent, phone in ((ANJU, "1001"), (BEENA, "1002")):
        at = Instant(BEGIN)
        facts.append(AgentLoggedIn(at=at, agent=agent, phone=Phone(phone), helplines=frozenset({KWA})))
        facts.append(AvailabilityAsked(at=at, agent=agent))
    for number in range(calls):
        facts += _call(number, BEGIN + 100 * (number + 1))
    facts.append(BreakAsked(at=Instant(BEGIN + 100 * calls + 99), agent=ANJU, reason="tea"))
    return facts


def _call(number: int, begin: float) -> list[Fact]:
    call, caller = CallId(f"node1-{BEGIN:.0f}.{number}"), f"+9194470{number:05d}"
    agent, other = (ANJU, BEENA) if number % 2 else (BEENA, ANJU)

    def at(second: float) -> Instant:
        return Instant(begin + second)

    facts: list[Fact] = [
        CallArrived(at=at(0), call=call, node=NODE, dialled="1916", caller=caller, caller_raw=caller),
        CallQueued(at=at(5), call=call, node=NODE, helpline=KWA, language=ML, queued_at=at(5), caller=caller),
    ]
    if number % 3 == 0:
        facts += [
            OfferProposed(at=at(6), call=call, agent=other),
            CallOffered(at=at(6.1), call=call, agent=other),
            OfferMissed(at=at(26), call=call, agent=other, reason="noanswer"),
        ]
    facts += [
        OfferProposed(at=at(27), call=call, agent=agent),
        CallOffered(at=at(27.1), call=call, agent=agent),
        CallAnswered(at=at(30), call=call, agent=agent),
    ]
    if number % 2 == 0:
        facts.append(_ticket(number, call, caller, at=at(50), agent=agent))
    facts += [
        TalkEnded(at=at(60), call=call, agent=agent, by=Party.AGENT),
        CallEnded(at=at(61), call=call, by=Party.SYSTEM),
        WrapUpEnded(at=at(90), agent=agent),
    ]
    return facts


def _ticket(number: int, call: CallId, caller: str, *, at: Instant, agent: AgentId) -> TicketRegistered:
    return TicketRegistered(
        at=at,
        docket=docket_number(2025, number + 1),
        call=call,
        helpline=KWA,
        category="no-water",
        agent=agent,
        caller=caller,
        citizen="Leela",
        place="Muttathara",
        pincode="695008",
        district="01",
        description="വെള്ളമില്ല",
        language=ML,
        answered_only=False,
    )
