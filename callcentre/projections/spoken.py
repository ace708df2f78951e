"""What the console asks of spoken messages.  A message whose ticket is not there belongs to no helpline."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from callcentre.storage.schema import MessageRecord, TicketRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A spoken message and what its ticket says of it."""

    docket: str
    helpline: str
    category: str
    caller: str = field(repr=False)
    file: str
    seconds: int
    left_at: float


def last_messages(
    session: Session, n: int, *, helplines: Collection[str] | None, before: str = ""
) -> list[MessageRow]:
    """The *n* newest for *helplines* (None: for all), before docket *before* if there is such a one."""
    newest = _visible(helplines).order_by(MessageRecord.left_at.desc(), MessageRecord.docket.desc())
    mark = session.get(MessageRecord, before) if before else None
    if mark is not None:
        place = tuple_(MessageRecord.left_at, MessageRecord.docket)
        newest = newest.where(place < tuple_(mark.left_at, mark.docket))
    return [_row(*found) for found in session.execute(newest.limit(n))]


def find_message(session: Session, docket: str, *, helplines: Collection[str] | None) -> MessageRow | None:
    """The message of *docket*, if it was left for one of *helplines*."""
    found = session.execute(_visible(helplines).where(MessageRecord.docket == docket)).one_or_none()
    return None if found is None else _row(*found)


def _visible(helplines: Collection[str] | None) -> Select[MessageRecord, TicketRecord]:
    query = select(MessageRecord, TicketRecord).join(
        TicketRecord, TicketRecord.docket == MessageRecord.docket
    )
    return query if helplines is None else query.where(TicketRecord.helpline.in_(sorted(helplines)))


def _row(message: MessageRecord, ticket: TicketRecord) -> MessageRow:
    return MessageRow(
        docket=message.docket,
        helpline=ticket.helpline,
        category=ticket.category,
        caller=ticket.caller,
        file=message.file,
        seconds=message.seconds,
        left_at=message.left_at,
    )
