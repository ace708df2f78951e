"""What the command line and the console ask of the history.  Moments are seconds since 1970, UTC."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from callcentre.projections.agent_log import agent_of
from callcentre.storage.schema import (
    AgentRecord,
    CallRecord,
    Outcome,
    RejectedFact,
    TicketRecord,
    TicketState,
)
from routing.agent import Agent
from routing.facts import Turned


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """A line of the call log; what has not happened, or was not told, is None."""

    call: str
    node: str
    dialled: str
    helpline: str | None
    language: str | None
    caller: str
    arrived_at: float | None
    queued_at: float | None
    answered_at: float | None
    talk_ended_at: float | None
    ended_at: float | None
    agent: str | None
    outcome: Outcome | None
    docket: str | None
    turned_away: Turned | None
    offers: int
    missed: int
    declined: int
    unreachable: int
    notice_version: str | None
    recorded: bool | None
    solved: bool | None
    rating: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRow:
    """A ticket as it stands."""

    docket: str
    call: str | None
    helpline: str
    category: str
    agent: str
    caller: str
    citizen: str
    place: str
    pincode: str | None
    district: str | None
    description: str
    language: str
    answered_only: bool
    state: TicketState
    registered_at: float


def last_calls(session: Session, n: int) -> list[CallRow]:
    """The *n* calls that came last, the newest first, whether or not they have ended."""
    return _calls(session, select(CallRecord).order_by(CallRecord.seen_at.desc(), CallRecord.call).limit(n))


def find_call(session: Session, call: str) -> CallRow | None:
    """The row of *call*; None when the log has none."""
    row = session.get(CallRecord, call)
    return None if row is None else _call_row(row)


def last_call_answered_by(session: Session, agent: str) -> CallRow | None:
    """The call that *agent* answered last; None when there was none."""
    theirs = select(CallRecord).where(CallRecord.agent == agent, CallRecord.answered_at.is_not(None))
    found = _calls(session, theirs.order_by(CallRecord.answered_at.desc()).limit(1))
    return found[0] if found else None


def caller_history(session: Session, caller: str, n: int) -> list[CallRow]:
    """The *n* last calls from the number *caller*, the newest first; none for a withheld number."""
    if not caller:
        return []
    theirs = select(CallRecord).where(CallRecord.caller == caller)
    return _calls(session, theirs.order_by(CallRecord.seen_at.desc(), CallRecord.call).limit(n))


def ticket(session: Session, docket: str) -> TicketRow | None:
    """The ticket of *docket*; None when there is none, or its fact has not been projected yet."""
    row = session.get(TicketRecord, docket)
    return None if row is None else _ticket_row(row)


def tickets_of_call(session: Session, call: str) -> list[TicketRow]:
    """The tickets registered from *call*, in order."""
    theirs = select(TicketRecord).where(TicketRecord.call == call)
    ordered = theirs.order_by(TicketRecord.registered_at, TicketRecord.docket)
    return [_ticket_row(row) for row in session.scalars(ordered)]


def tickets_of_caller(session: Session, caller: str, n: int) -> list[TicketRow]:
    """The *n* last tickets for the number *caller*, the newest first; none for a withheld number."""
    if not caller:
        return []
    theirs = select(TicketRecord).where(TicketRecord.caller == caller)
    newest = theirs.order_by(TicketRecord.registered_at.desc(), TicketRecord.docket.desc()).limit(n)
    return [_ticket_row(row) for row in session.scalars(newest)]


def agents_then(session: Session) -> list[Agent]:
    """Every agent as the journal left them, by name: what a router that starts takes up again."""
    rows = session.scalars(select(AgentRecord).order_by(AgentRecord.agent))
    return [agent_of(row) for row in rows]


def rejected_count(session: Session) -> int:
    """How many lines of journals were set aside, ever."""
    return session.scalars(select(func.count()).select_from(RejectedFact)).one()


def _calls(session: Session, query: Select[CallRecord]) -> list[CallRow]:
    return [_call_row(row) for row in session.scalars(query)]


def _call_row(row: CallRecord) -> CallRow:
    return CallRow(**{name: getattr(row, name) for name in CallRow.__dataclass_fields__})


def _ticket_row(row: TicketRecord) -> TicketRow:
    return TicketRow(**{name: getattr(row, name) for name in TicketRow.__dataclass_fields__})
