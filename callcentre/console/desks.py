"""Each agent's desk as it is now, read from the floor, and told to whoever looks when it changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from agents_ui.ports import CallCard, DeskError, DeskFault, DeskView
from callcentre.acd.agents import Agents, WishRefused
from callcentre.projections.read import CallRow, last_call_answered_by
from callcentre.storage.threads import Transactions
from callcentre.tickets.facts import TicketRegistered
from routing.agent import HOLDING, Agent, AgentState
from routing.facts import (
    CallAnswered,
    CallbackAsked,
    CallbackDue,
    CallbackGivenUp,
    CallEnded,
    CallLost,
    CallOverflowed,
    CallQueued,
    CallTurnedAway,
    Fact,
    NodeDown,
    NodeServed,
    OfferDeclined,
    OfferMissed,
    OfferProposed,
    OfferRefused,
    OfferUnreachable,
)
from routing.floor import Floor
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, Phone

# What changes how many callers wait.
_WAITING = (
    *(CallQueued, CallOverflowed, CallTurnedAway, CallbackAsked, CallbackDue, CallbackGivenUp),
    *(OfferProposed, OfferRefused, OfferMissed, OfferDeclined, OfferUnreachable),
    *(CallEnded, CallLost, NodeServed, NodeDown),
)
_WITH_A_CALL = HOLDING | {AgentState.WRAP_UP}


class Desks:
    """``agents_ui.ports.DeskViews``; ``follow`` is the bus's."""

    def __init__(self, floor: Floor, database: Transactions) -> None:
        self._floor = floor
        self._database = database
        self._cards: dict[AgentId, CallCard] = {}
        self._lookers: defaultdict[AgentId, set[Callable[[], None]]] = defaultdict(set)

    async def view(self, agent: AgentId) -> DeskView:
        """Her desk now; a logged-out one for whoever the floor does not know."""
        known = self._floor.agent(agent)
        if known is None:
            return DeskView(state=AgentState.LOGGED_OUT, since=Instant(0.0), phone=Phone(""))
        return DeskView(
            state=known.state,
            since=known.since,
            phone=known.phone,
            intent=known.intent,
            reason=known.reason,
            card=await self._card(known),
            waiting={helpline: self._floor.waiting_count(helpline) for helpline in sorted(known.helplines)},
            wrap_up_until=known.deadline if known.state is AgentState.WRAP_UP else None,
        )

    def subscribe(self, agent: AgentId, on_change: Callable[[], None]) -> Callable[[], None]:
        """Have *on_change* called whenever the view may differ; return the way out."""
        self._lookers[agent].add(on_change)
        return lambda: self._lookers[agent].discard(on_change)

    def has_had(self, agent: AgentId, call: CallId) -> bool:
        """Whether *call* is in her hands, or was the last that was."""
        card = self._cards.get(agent)
        return card is not None and card.call == call

    def follow(self, fact: Fact) -> None:
        """Take note of *fact*."""
        match fact:
            case OfferProposed() | CallAnswered():
                self._take_up(fact)
            case TicketRegistered() if self.has_had(fact.agent, fact.call or CallId("")):
                self._cards[fact.agent] = replace(self._cards[fact.agent], docket=fact.docket)
        if isinstance(fact, _WAITING):
            self._tell(*self._lookers)
        elif (agent := getattr(fact, "agent", None)) is not None:
            self._tell(agent)

    def _take_up(self, fact: OfferProposed | CallAnswered) -> None:
        card = self._new_card(fact.call)
        if isinstance(fact, CallAnswered):
            if self.has_had(fact.agent, fact.call):
                card = self._cards[fact.agent]
            card = replace(card, answered_at=card.answered_at or fact.at) if card is not None else None
        if card is not None:
            self._cards[fact.agent] = card

    def _new_card(self, call: CallId) -> CallCard | None:
        known = self._floor.call(call)
        if known is None or known.place is None:
            return None
        return CallCard(
            call=call,
            caller=known.caller,
            language=known.language or LanguageCode(""),
            helpline=known.place.helpline,
            queued_at=known.place.queued_at,
        )

    async def _card(self, agent: Agent) -> CallCard | None:
        if agent.state not in _WITH_A_CALL:
            return None
        card = self._cards.get(agent.id)
        if card is None or agent.call not in (None, card.call):
            # Taken up from an earlier process of ours.
            card = await self._card_then(agent)
            if card is not None:
                self._cards[agent.id] = card
        return card

    async def _card_then(self, agent: Agent) -> CallCard | None:
        try:
            row = await self._database.read(lambda session: last_call_answered_by(session, agent.id))
        except SQLAlchemyError:
            row = None
        if row is not None and agent.call in (None, row.call):
            return _card_of(row)
        return self._new_card(agent.call) if agent.call is not None else None

    def _tell(self, *agents: AgentId) -> None:
        for agent in agents:
            for on_change in tuple(self._lookers.get(agent, ())):
                on_change()


class DeskWishes:
    """``agents_ui.ports.Desk``."""

    def __init__(self, agents: Agents) -> None:
        self._agents = agents

    async def log_in(self, agent: AgentId) -> None:
        """She takes her place at her phone.  Raises DeskError."""
        with _refusals():
            await self._agents.log_in(agent)

    async def available(self, agent: AgentId) -> None:
        """She wants calls.  Raises DeskError."""
        with _refusals():
            await self._agents.make_available(agent)

    async def take_break(self, agent: AgentId, reason: str) -> None:
        """She wants a break.  Raises DeskError."""
        with _refusals():
            await self._agents.send_on_break(agent, reason)

    async def log_out(self, agent: AgentId) -> None:
        """She wants to go.  Raises DeskError."""
        with _refusals():
            await self._agents.log_out(agent)


class _refusals:
    """Turns the floor's refusals into the console's; their codes are the same."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, WishRefused):
            raise DeskError(DeskFault(error.code)) from error


def _card_of(row: CallRow) -> CallCard:
    return CallCard(
        call=CallId(row.call),
        caller=row.caller,
        language=LanguageCode(row.language or ""),
        helpline=HelplineId(row.helpline or ""),
        queued_at=Instant(row.queued_at or 0.0),
        answered_at=Instant(row.answered_at) if row.answered_at is not None else None,
        docket=row.docket or "",
    )
