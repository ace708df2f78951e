"""Folds the facts of calls into the call log, one row a call.

Which facts count is the floor's own judgement, ``routing.call.Call``: a row remembers the call's state and
holder, and a word of an offer that no longer stands changes nothing.  After a restart the router is told
again of calls it knew: queued, offered, answered.  So the first answer stands, the moment of queueing never
changes, a second word of the same offer is not counted, and what has ended never begins again.  Only a call
given up for lost may be found again, in the waiting room, or be seen to end after all.

How a call ended:

    left_menu              it ended before it was queued
    abandoned              the caller left while waiting or while a phone rang
    completed_by_agent     it was answered, and the agent was the first to leave
    completed_by_caller    it was answered, and the caller was, or nobody saw who
    lost                   nobody saw it end, answered or not
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session
from twisted.logger import Logger

from callcentre.projections.held import find, hold
from callcentre.projections.mark import holds
from callcentre.storage.schema import CallRecord, Outcome
from callcentre.tickets.facts import TicketRegistered
from routing.call import Call, CallFact, CallState, OfferFact, Parting, Place
from routing.facts import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallLost,
    CallOffered,
    CallQueued,
    Fact,
    OfferMissed,
    OfferProposed,
    Party,
    TalkEnded,
)
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId
from routing.lifecycle import IllegalTransition

log = Logger()

Rule = Callable[[CallRecord, Any], None]


def fold(session: Session, fact: Fact, *, mark: str) -> None:
    """Write what *fact* says about its call.  Of a call never heard of, only its coming or end is noted."""
    if isinstance(fact, TicketRegistered):
        _note_docket(session, fact)
    elif isinstance(fact, CallFact):
        row = _row(session, fact)
        if row is not None and not holds(row.folded_to, mark):
            row.folded_to = mark
            _find_again(row, fact)
            if row.ended_at is None:
                _step(row, fact)


def call_of(row: CallRecord) -> Call:
    """The row of a call that has not ended, as the floor's own value."""
    place = parting = None
    if row.helpline is not None and row.queued_at is not None:
        queued_at = Instant(row.queued_at)
        place = Place(helpline=HelplineId(row.helpline), queued_at=queued_at, came_at=queued_at)
    if row.parting_agent is not None and row.parting_at is not None:
        parting = Parting(AgentId(row.parting_agent), Instant(row.parting_at))
    return Call(
        id=CallId(row.call),
        state=row.state,
        since=Instant(row.answered_at or row.queued_at or row.seen_at),
        node=NodeId(row.node),
        arrived_at=Instant(row.arrived_at or row.seen_at),
        dialled=row.dialled,
        caller=row.caller,
        language=None if row.language is None else LanguageCode(row.language),
        place=place,
        agent=None if row.holder is None else AgentId(row.holder),
        parting=parting,
    )


def heeds(call: Call, fact: OfferFact) -> bool:
    """Whether *fact* changes anything: it is of an offer that stands or begins, and is not told again."""
    if isinstance(fact, OfferProposed):
        return call.agent != fact.agent
    try:
        return call.heeds(fact)
    except IllegalTransition as error:
        # The floor that wrote the journal has judged already; this row merely knows less than it did.
        log.info("passed over: {error}", error=error)
        return False


def let_go(session: Session, call: CallId, *, at: Instant) -> None:
    """Note that the agent who held *call* is with another caller now."""
    row = find(session, CallRecord, call)
    if row is not None and row.ended_at is None:
        row.state, row.holder = call_of(row).let_go(at).state, None


def _row(session: Session, fact: CallFact) -> CallRecord | None:
    row = find(session, CallRecord, fact.call)
    if row is None and not isinstance(fact, OfferFact):
        row = CallRecord(call=fact.call, seen_at=fact.at, state=CallState.IN_MENU, folded_to="")
        row.node, row.dialled, row.caller, row.offers, row.missed = "", "", "", 0, 0
        hold(session, row, key=fact.call)
    return row


def _find_again(row: CallRecord, fact: CallFact) -> None:
    """Nobody saw a lost call end; if it waits, or ends, now, it had not."""
    if row.outcome is Outcome.LOST and isinstance(fact, CallQueued | CallEnded):
        row.ended_at = row.outcome = row.parting_agent = row.parting_at = None
        row.state = CallState.IN_MENU


def _step(row: CallRecord, fact: CallFact) -> None:
    before = call_of(row)
    if isinstance(fact, OfferFact) and not heeds(before, fact):
        _overhear(row, fact)
        return
    if isinstance(fact, OfferProposed):
        # The router proposes only calls that wait; when our row says otherwise, the row is behind.
        before = before._replace(state=CallState.WAITING, agent=None)
    after = before.after(fact)
    if rule := RULES.get(type(fact)):
        rule(row, fact)
    row.state, row.holder = after.state, after.agent
    _keep_parting(row, after)


def _keep_parting(row: CallRecord, call: Call) -> None:
    if call.parting is not None:
        row.parting_agent, row.parting_at = call.parting.agent, call.parting.at


def _note_docket(session: Session, fact: TicketRegistered) -> None:
    """A ticket may be handed in after its call has ended, or for none."""
    row = None if fact.call is None else find(session, CallRecord, fact.call)
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


def _offered(row: CallRecord, fact: CallOffered | OfferMissed | CallAnswered | TalkEnded) -> None:
    """Count the offer at the first word that it reached the agent's phone, which may not be CallOffered."""
    if row.state is CallState.RESERVED:
        row.offers += 1


def _missed(row: CallRecord, fact: OfferMissed) -> None:
    _offered(row, fact)
    if row.state is not CallState.TALKING:
        row.missed += 1


def _answered(row: CallRecord, fact: CallAnswered) -> None:
    _offered(row, fact)
    if row.answered_at is None:
        row.answered_at, row.agent = fact.at, fact.agent


def _talk_ended(row: CallRecord, fact: TalkEnded) -> None:
    _offered(row, fact)
    if row.answered_at is None:
        # The end has overtaken the beginning, which will be earlier.
        row.answered_at, row.agent = fact.at, fact.agent
    row.talk_ended_at, row.talk_ended_by = fact.at, fact.by.value


def _overhear(row: CallRecord, fact: OfferFact) -> None:
    """A word of an offer that does not stand: all it can tell is when a talk that is over began, or ended."""
    if isinstance(fact, CallAnswered) and row.agent == fact.agent and row.answered_at is not None:
        row.answered_at = min(row.answered_at, fact.at)
    _keep_parting(row, call_of(row).overhearing(fact))


def _ended(row: CallRecord, fact: CallEnded) -> None:
    row.ended_at, row.outcome = fact.at, _outcome(row, fact.by)


def _lost(row: CallRecord, fact: CallLost) -> None:
    row.ended_at, row.outcome = fact.at, Outcome.LOST


def _outcome(row: CallRecord, by: Party) -> Outcome:
    if row.answered_at is None:
        return Outcome.LEFT_MENU if row.queued_at is None else Outcome.ABANDONED
    left_first = row.talk_ended_by
    if left_first not in (Party.AGENT.value, Party.CALLER.value):
        left_first = by.value
    return Outcome.COMPLETED_BY_AGENT if left_first == Party.AGENT.value else Outcome.COMPLETED_BY_CALLER


# Facts without a rule change a call's state and holder only.
RULES: Mapping[type[Fact], Rule] = {
    CallArrived: _arrived,
    CallQueued: _queued,
    CallOffered: _offered,
    OfferMissed: _missed,
    CallAnswered: _answered,
    TalkEnded: _talk_ended,
    CallEnded: _ended,
    CallLost: _lost,
}
