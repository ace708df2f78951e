"""Everything the projections have written, to be compared."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcentre.storage.schema import (
    AgentPeriod,
    AgentRecord,
    Base,
    CallRecord,
    MessageRecord,
    RejectedFact,
    TextRecord,
    TicketRecord,
)

PROJECTED: tuple[type[Base], ...] = (
    *(CallRecord, AgentRecord, AgentPeriod),
    *(TicketRecord, MessageRecord, TextRecord),
    RejectedFact,
)


def rows(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each projected table, in the order of their keys."""
    return {
        table.__tablename__: [
            tuple(row)
            for row in session.execute(select(*table.__table__.c).order_by(*table.__table__.primary_key))
        ]
        for table in PROJECTED
    }
