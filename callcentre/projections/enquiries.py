"""Folds what the menus had kept: beside the call, on the ticket, and into rows of messages and texts."""

from __future__ import annotations

import json
from typing import TypeAlias

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from callcentre.enquiries.facts import CallJudged, MessageLeft, NoticeGiven, SelfServed, TextWanted
from callcentre.projections.call_log import in_hindsight
from callcentre.projections.held import find
from callcentre.projections.mark import holds
from callcentre.storage.rows import insert_missing
from callcentre.storage.schema import (
    CallRecord,
    MessageRecord,
    TextRecord,
    TextState,
    TicketRecord,
    TicketState,
)
from routing.facts import Fact

_OfCall: TypeAlias = NoticeGiven | SelfServed | MessageLeft | CallJudged


def fold(session: Session, fact: Fact, *, mark: str) -> None:
    """Write what *fact* says.  A call that was never heard of gets no row by it."""
    match fact:
        case MessageLeft():
            _keep_message(session, fact)
        case TextWanted():
            _keep_text(session, fact)
        case CallJudged() if fact.docket:
            _judge_ticket(session, fact)
    if isinstance(fact, _OfCall):
        row = find(session, CallRecord, fact.call)
        if row is not None and not holds(row.folded_to, mark):
            row.folded_to = mark
            _note(row, fact)


def _note(row: CallRecord, fact: _OfCall) -> None:
    match fact:
        case NoticeGiven():
            row.notice_version, row.recorded = fact.version, fact.recorded
        case SelfServed():
            row.self_served = True
            row.language = row.language or fact.language or None
        case MessageLeft():
            row.message_left = True
        case CallJudged():
            row.solved = row.solved if fact.solved is None else fact.solved
            row.rating = row.rating if fact.rating is None else fact.rating
    if row.outcome is not None:
        row.outcome = in_hindsight(row, row.outcome)


def _keep_message(session: Session, fact: MessageLeft) -> None:
    insert_missing(
        session,
        MessageRecord,
        docket=fact.docket,
        call=fact.call,
        file=fact.file,
        seconds=fact.seconds,
        left_at=fact.at,
    )


def _keep_text(session: Session, fact: TextWanted) -> None:
    insert_missing(
        session,
        TextRecord,
        text=fact.text,
        call=fact.call,
        recipient=fact.to,
        template=fact.template,
        parameters=json.dumps(dict(fact.parameters), ensure_ascii=False, sort_keys=True),
        language=fact.language,
        wanted_at=fact.at,
        state=TextState.WAITING,
    )


def _judge_ticket(session: Session, fact: CallJudged) -> None:
    """The newest word counts, and each only once: later facts of the ticket are not to be undone."""
    newer = or_(TicketRecord.judged_at.is_(None), TicketRecord.judged_at < fact.at)
    said: dict[str, object] = {"judged_at": fact.at}
    if fact.solved is not None:
        said["solved"] = fact.solved
    if fact.rating is not None:
        said["rating"] = fact.rating
    if fact.solved is False:
        said["state"] = TicketState.REOPENED
    session.execute(update(TicketRecord).where(TicketRecord.docket == fact.docket, newer).values(**said))
