"""Folds registered tickets into their rows."""

from __future__ import annotations

from sqlalchemy.orm import Session

from callcentre.storage.rows import insert_missing
from callcentre.storage.schema import TicketRecord, TicketState
from callcentre.tickets.facts import TicketRegistered
from routing.facts import Fact


def fold(session: Session, fact: Fact, *, mark: str) -> None:
    """Write the ticket that *fact* registers; a docket that is there already stays as it is."""
    if isinstance(fact, TicketRegistered):
        insert_missing(
            session,
            TicketRecord,
            docket=fact.docket,
            call=fact.call,
            helpline=fact.helpline,
            category=fact.category,
            agent=fact.agent,
            caller=fact.caller,
            citizen=fact.citizen,
            place=fact.place,
            pincode=fact.pincode,
            district=fact.district,
            description=fact.description,
            language=fact.language,
            answered_only=fact.answered_only,
            state=TicketState.REGISTERED,
            registered_at=fact.at,
        )
