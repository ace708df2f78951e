"""Folds the facts of calls into the call log, one row a call.

After a restart the router is told again of calls it knew: queued, offered, answered.  So the first
answer stands, the moment of queueing never changes, a second word of the same offer is not counted, and what
has ended never begins again.

How a call ended:

    left_menu              it ended before it was queued
    abandoned              the caller left while waiting or while a phone rang
    completed_by_agent     it was answered, and the agent was the first to leave
    completed_by_caller    it was answered, and the caller was, or nobody saw who
    lost                   nobody saw it end, answered or not
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from callcentre.projections.mark import holds
from callcentre.storage.schema import CallRecord, Outcome
from callcentre.tickets.facts import TicketRegistered
from routing.facts import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallLost,
    CallOffered,
    CallQueued,
    Fact,
    OfferMissed,
    OfferRefused,
    Party,
    TalkEnded,
)

Rule = Callable[[CallRecord, Any], None]
CallFact: TypeAlias = (
    CallArrived
    | CallQueued
    | CallOffered
    | OfferRefused
    | OfferMissed
    | CallAnswered
    | TalkEnded
    | CallEnded
    | CallLost
)


def fold(session: Session, fact: Fact, *, mark: str) -> None:
    """Write what *fact* says about its call."""
    if isinstance(fact, TicketRegistered):
        _note_docket(session, fact)
    elif isinstance(fact, CallFact):
        row = _row(session, fact)
        if row.ended_at is None and not holds(row.folded_to, mark):
            RULES[type(fact)](row, fact)
            row.folded_to = mark


def _row(session: Session, fact: CallFact) -> CallRecord:
    row = session.get(CallRecord, fact.call)
    if row is None:
        row = CallRecord(call=fact.call, seen_at=fact.at, folded_to="", offers=0, missed=0)
        session.add(row)
    return row


def _note_docket(session: Session, fact: TicketRegistered) -> None:
    """A ticket may be handed in after its call has ended, or for none."""
    row = None if fact.call is None else session.get(CallRecord, fact.call)
    if row is not None and row.docket is None:
        row.docket = fact.docket


def _arrived(row: CallRecord, fact: CallArrived) -> None:
    if row.arrived_at is None:
        row.arrived_at = fact.at
        row.node, row.dialled = fact.node, fact.dialled
        row.caller, row.caller_raw = fact.caller, fact.caller_raw


def _queued(row: CallRecord, fact: CallQueued) -> None:
    row.node, row.helpline, row.language = fact.node, fact.helpline, fact.language
    row.caller = row.caller or fact.caller
    if row.queued_at is None:
        row.queued_at = fact.queued_at
    # Whoever is queued after a talk will talk again; that talk's end is the one that counts.
    row.talk_ended_at = row.talk_ended_by = None


def _offered(row: CallRecord, fact: CallOffered) -> None:
    if row.offered_to != fact.agent:
        row.offers += 1
        row.offered_to = fact.agent


def _refused(row: CallRecord, fact: OfferRefused) -> None:
    # The switch had accepted the redirect and then turned its epoch away: the phone stopped, or never rang.
    if row.offered_to == fact.agent:
        row.offered_to = None


def _missed(row: CallRecord, fact: OfferMissed) -> None:
    # The word that the phone rang may have been lost; that it was missed says so as well.
    _offered(row, CallOffered(at=fact.at, call=fact.call, agent=fact.agent))
    row.missed += 1
    row.offered_to = None


def _answered(row: CallRecord, fact: CallAnswered) -> None:
    if row.answered_at is None:
        row.answered_at, row.agent = fact.at, fact.agent
    # It rang here, seen or not, and rings no more.
    row.offered_to = None


def _talk_ended(row: CallRecord, fact: TalkEnded) -> None:
    row.talk_ended_at, row.talk_ended_by = fact.at, fact.by.value


def _ended(row: CallRecord, fact: CallEnded) -> None:
    row.ended_at, row.outcome = fact.at, _outcome(row, fact.by)
    row.offered_to = None


def _lost(row: CallRecord, fact: CallLost) -> None:
    row.ended_at, row.outcome = fact.at, Outcome.LOST
    row.offered_to = None


def _outcome(row: CallRecord, by: Party) -> Outcome:
    if row.answered_at is None:
        return Outcome.LEFT_MENU if row.queued_at is None else Outcome.ABANDONED
    left_first = row.talk_ended_by
    if left_first not in (Party.AGENT.value, Party.CALLER.value):
        left_first = by.value
    return Outcome.COMPLETED_BY_AGENT if left_first == Party.AGENT.value else Outcome.COMPLETED_BY_CALLER


RULES: Mapping[type[Fact], Rule] = {
    CallArrived: _arrived,
    CallQueued: _queued,
    CallOffered: _offered,
    OfferRefused: _refused,
    OfferMissed: _missed,
    CallAnswered: _answered,
    TalkEnded: _talk_ended,
    CallEnded: _ended,
    CallLost: _lost,
}
