"""Forms handed in at the console: registered, and the docket written where the caller will hear it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy.exc import SQLAlchemyError
from twisted.logger import Logger

from agents_ui import ports
from callcentre.acd.dispatch import Dispatcher
from callcentre.console.desks import Desks
from callcentre.projections.read import find_call
from callcentre.storage.threads import Transactions
from callcentre.telephony.ami.errors import ActionFailed
from callcentre.tickets.desk import Desk, TicketForm, TicketRefused
from callcentre.tickets.docket_book import NoDocketLeft
from routing.ids import AgentId, CallId

log = Logger()


class ConsoleTickets:
    """``agents_ui.ports.Tickets``.

    *database_away* says whether the row of a ticket will follow later only.
    """

    def __init__(
        self,
        desk: Desk,
        desks: Desks,
        dispatcher: Dispatcher,
        *,
        database: Transactions,
        database_away: Callable[[], bool],
    ) -> None:
        self._desk = desk
        self._desks = desks
        self._dispatcher = dispatcher
        self._database = database
        self._database_away = database_away

    async def register(self, agent: AgentId, form: ports.TicketForm) -> ports.Registered | ports.Invalid:
        """Register *form*, with or without a database.  Raises DeskError."""
        if form.call and not await self._is_hers(agent, form.call):
            return ports.Invalid({"call": ports.FieldFault.UNKNOWN})
        try:
            docket = await self._desk.register(_desk_form(form), agent=agent)
        except TicketRefused as refused:
            return ports.Invalid(_errors(refused))
        except NoDocketLeft:
            raise ports.DeskError(ports.DeskFault.NO_DOCKET_LEFT) from None
        if not form.answered_only:
            await self._let_hear(form.call, docket)
        return ports.Registered(docket, journalled=self._database_away())

    async def _is_hers(self, agent: AgentId, call: CallId) -> bool:
        """An agent registers for calls she has had, not for anybody's."""
        if self._desks.has_had(agent, call):
            return True
        try:
            row = await self._database.read(lambda session: find_call(session, call))
        except SQLAlchemyError:
            return False
        return row is not None and row.agent == agent

    async def _let_hear(self, call: CallId, docket: str) -> None:
        """The caller hears the number after the talk, if she is still there."""
        known = self._dispatcher.floor.call(call)
        switch = self._dispatcher.serving.get(known.node) if known is not None else None
        if switch is None:
            return
        try:
            await switch.mark(call, "CC_DOCKET", docket)
        except ActionFailed as failure:
            log.warn("the caller will not hear her docket: {why}", why=str(failure), call=call, docket=docket)


def _desk_form(form: ports.TicketForm) -> TicketForm:
    return TicketForm(
        helpline=form.helpline,
        category=form.category,
        call=form.call,
        caller=form.caller,
        citizen=form.citizen,
        place=form.place,
        pincode=form.pincode,
        district=form.district,
        description=form.description,
        language=form.language,
        answered_only=form.answered_only,
    )


def _errors(refused: TicketRefused) -> Mapping[str, ports.FieldFault]:
    return {problem.field: ports.FieldFault(problem.fault.value) for problem in refused.problems}
