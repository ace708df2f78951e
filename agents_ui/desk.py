"""Routes: the agent's desk.

Forms work without scripts (the page is shown again) and with them (only what the form is about is
replaced).  What the floor makes of a request comes back through the stream alone, so that an answer never
overtakes a newer state.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from twisted.internet.interfaces import IReactorTime

from agents_ui.access import Doors, Unsealed
from agents_ui.exchange import SESSION, Exchange
from agents_ui.forms import TicketDraft, blank, handed_in
from agents_ui.live import Stream, Streams
from agents_ui.pages import Pages, Region
from agents_ui.pincodes import PinCodes, PinPlace, district_by
from agents_ui.ports import (
    Desk,
    DeskError,
    DeskViews,
    FieldFault,
    Invalid,
    Registered,
    Role,
    Sessions,
    TicketForm,
    Tickets,
    Visit,
)
from agents_ui.submissions import Submissions, new_submission, submission_of
from agents_ui.texts import DESK_FAULTS
from routing.ids import AgentId

HOME: Final = "/desk"


class AgentDesk:
    """What an agent sees and does."""

    def __init__(
        self,
        pages: Pages,
        streams: Streams,
        *,
        desk: Desk,
        views: DeskViews,
        tickets: Tickets,
        pincodes: PinCodes,
        sessions: Sessions,
        clock: IReactorTime,
    ) -> None:
        self._pages = pages
        self._streams = streams
        self._desk = desk
        self._views = views
        self._tickets = tickets
        self._pincodes = pincodes
        self._sessions = sessions
        self._clock = clock
        self._submissions: Submissions[Registered, Invalid] = Submissions(Registered)

    def add_to(self, doors: Doors) -> None:
        """Open the routes."""
        doors.get("/", self.home)
        doors.get(HOME, self.desk_page)
        doors.get("/desk/events", self.events)
        doors.post("/desk/log-in", self.log_in)
        doors.post("/desk/available", self.available)
        doors.post("/desk/break", self.take_break)
        doors.post("/desk/log-out", self.log_out)
        doors.get("/desk/ticket", self.fresh_ticket)
        doors.post("/desk/ticket", self.save_ticket, unsealed=self.save_again)
        doors.post("/desk/ticket/district", self.find_district, unsealed=self.find_again)
        doors.get("/desk/saved/<submission>", self.saved_ticket)

    async def home(self, exchange: Exchange) -> str:
        # An administrator has no desk.
        return exchange.see_other("/announcements" if exchange.visitor.account.role is Role.ADMIN else HOME)

    async def desk_page(self, exchange: Exchange) -> str:
        return await self._page(exchange.visitor)

    async def events(self, exchange: Exchange) -> str:
        visit, token = exchange.visitor, exchange.cookie(SESSION)
        agent = visit.account.agent

        async def snapshot(sent: Mapping[str, str]) -> Sequence[Region]:
            return self._pages.regions(await self._views.view(agent), visit, shown=sent)

        async def signed_in() -> bool:
            return await self._sessions.visit(token, touch=False) is not None

        stream = Stream(exchange.request, clock=self._clock, snapshot=snapshot, signed_in=signed_in)
        self._streams.join(agent, token, stream)
        unsubscribe = self._views.subscribe(agent, stream.changed)
        try:
            await stream.follow(agent)
        finally:
            unsubscribe()
            self._streams.leave(agent, stream)
        return ""

    async def log_in(self, exchange: Exchange) -> str:
        return await self._ask(exchange, self._desk.log_in(_agent(exchange)))

    async def available(self, exchange: Exchange) -> str:
        return await self._ask(exchange, self._desk.available(_agent(exchange)))

    async def take_break(self, exchange: Exchange) -> str:
        reason = exchange.field("reason")
        return await self._ask(exchange, self._desk.take_break(_agent(exchange), reason))

    async def log_out(self, exchange: Exchange) -> str:
        return await self._ask(exchange, self._desk.log_out(_agent(exchange)))

    async def fresh_ticket(self, exchange: Exchange) -> str:
        """An empty form for the call in hand, also when it has a ticket already."""
        visit = exchange.visitor
        view = await self._views.view(visit.account.agent)
        if view.card is None:
            region = self._pages.ticket_region(view, visit)
        else:
            draft = TicketDraft(form=blank(view.card), submission=new_submission())
            region = Region("ticket", view.card.call, self._pages.ticket(draft, visit))
        return await self._ticket(exchange, region)

    async def save_ticket(self, exchange: Exchange) -> str:
        agent, form, submission = (
            _agent(exchange),
            handed_in(exchange),
            submission_of(exchange.field("submission")),
        )
        try:
            outcome = await self._submissions.once(
                agent, submission, register=lambda: self._tickets.register(agent, form)
            )
        except DeskError as refused:
            return await self._refused(exchange, refused, ticket=self._typed(exchange, form))
        if isinstance(outcome, Invalid):
            exchange.request.setResponseCode(422)
            return await self._ticket(exchange, self._typed(exchange, form, errors=outcome.errors))
        if exchange.wants_fragment:
            return self._saved(outcome, exchange.visitor, answered=form.answered_only)
        return exchange.see_other(f"/desk/saved/{submission}")

    async def save_again(self, exchange: Exchange) -> str:
        """What was typed, in a form with a fresh seal: nothing is saved, nothing is lost."""
        exchange.request.setResponseCode(403)
        return await self._ticket(exchange, self._typed(exchange, handed_in(exchange), stale=True))

    async def find_district(self, exchange: Exchange) -> str:
        """The district of the PIN code: its own part of the form, or the page without scripts."""
        form = handed_in(exchange)
        pin = self._pincodes.find(form.pincode)
        form = replace(form, district=district_by(pin, form.district))
        wrong = pin is not None and pin.place is PinPlace.MALFORMED
        if wrong:
            exchange.request.setResponseCode(422)
        errors = {"pincode": FieldFault.NOT_A_PINCODE} if wrong else {}
        if exchange.wants_fragment:
            return self._pages.whereabouts(self._draft(form, errors=errors), exchange.visitor)
        return await self._ticket(exchange, self._typed(exchange, form, errors=errors))

    async def find_again(self, exchange: Exchange) -> str:
        """As ``save_again``; the part of a form that a script asked for is left as it is."""
        if exchange.wants_fragment:
            raise Unsealed()
        return await self.save_again(exchange)

    async def saved_ticket(self, exchange: Exchange, submission: str) -> str:
        """The desk after a form was saved without scripts."""
        visit = exchange.visitor
        saved = self._submissions.saved(visit.account.agent, submission)
        if saved is None:
            return exchange.see_other(HOME)
        region = Region("ticket", f"saved-{submission}", self._saved(saved, visit))
        return await self._page(visit, ticket=region)

    async def _ask(self, exchange: Exchange, request: Awaitable[None]) -> str:
        try:
            await request
        except DeskError as refused:
            return await self._refused(exchange, refused)
        # An empty notice: whatever an earlier refusal said is over.
        return "" if exchange.wants_fragment else exchange.see_other(HOME)

    async def _refused(self, exchange: Exchange, refused: DeskError, *, ticket: Region | None = None) -> str:
        exchange.request.setResponseCode(409)
        if exchange.wants_fragment:
            return self._pages.notice(exchange, DESK_FAULTS[refused.fault], fault=refused.fault.value)
        return await self._page(exchange.visitor, ticket=ticket, refused=refused)

    async def _ticket(self, exchange: Exchange, region: Region) -> str:
        return region.html if exchange.wants_fragment else await self._page(exchange.visitor, ticket=region)

    def _typed(
        self,
        exchange: Exchange,
        form: TicketForm,
        *,
        errors: Mapping[str, FieldFault] = MappingProxyType({}),
        stale: bool = False,
    ) -> Region:
        draft = replace(self._draft(form, errors=errors), stale=stale)
        return Region("ticket", form.call, self._pages.ticket(draft, exchange.visitor))

    def _draft(self, form: TicketForm, *, errors: Mapping[str, FieldFault]) -> TicketDraft:
        return TicketDraft(
            form=form,
            submission=new_submission(),
            pin=self._pincodes.find(form.pincode),
            errors=errors,
            typed=True,
        )

    async def _page(
        self, visit: Visit, *, ticket: Region | None = None, refused: DeskError | None = None
    ) -> str:
        view = await self._views.view(visit.account.agent)
        fault = None if refused is None else refused.fault
        return self._pages.desk(view, visit, now=self._clock.seconds(), ticket=ticket, fault=fault)

    def _saved(self, saved: Registered, visit: Visit, *, answered: bool = False) -> str:
        return self._pages.saved(visit, docket=saved.docket, journalled=saved.journalled, answered=answered)


def _agent(exchange: Exchange) -> AgentId:
    return exchange.visitor.account.agent
