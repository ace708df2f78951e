"""Folds the facts of calls into the call log, one row a call.

Which facts count is the floor's own judgement, ``routing.call.Call``: a row holds such a value, and beside it
the call's history.  A word of an offer that no longer stands changes nothing, and the end of the channel of a
caller who is to be called back is not the end of the call.  After a restart the router is told again of calls
it knew: queued, offered, answered.  So the first answer stands, the moment of queueing never changes, a
second word of the same offer is not counted, and what has ended never begins again.  Only a call given up for
lost may be found again, in the waiting room, or be seen to end after all.

How a call ended:

    left_menu              it ended before it was queued
    self_served            the same, and the menus had told the caller what he wanted to know
    message_left           nobody answered it, and the caller left a message
    abandoned              the caller left while waiting or while a phone rang
    turned_away            the caller could not go on waiting, and was told why
    callback_failed        the caller was to be called back, and did not answer
    completed_by_agent     it was answered, and the agent was the first to leave
    completed_by_caller    it was answered, and the caller was, or nobody saw who
    lost                   nobody saw it end, answered or not
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sqlalchemy.orm import Session
from twisted.logger import Logger

from callcentre.projections.held import find, hold
from callcentre.projections.mark import holds
from callcentre.storage.schema import CallRecord, Outcome
from callcentre.tickets.facts import TicketRegistered
from routing.call import Call, Callback, CallFact, CallState, NotTaken, OfferFact, Parting, Place
from routing.facts import (
    CallAnswered,
    CallArrived,
    CallbackAsked,
    CallbackGivenUp,
    CallEnded,
    CallLost,
    CallOffered,
    CallQueued,
    CallTurnedAway,
    Fact,
    OfferDeclined,
    OfferMissed,
    OfferProposed,
    OfferUnreachable,
    Party,
    TalkEnded,
)
from routing.ids import AgentId, CallId, CategoryId, HelplineId, Instant, LanguageCode, NodeId
from routing.lifecycle import IllegalTransition

log = Logger()

Rule = Callable[[CallRecord, Any], None]
_ComingOrEnd: TypeAlias = CallArrived | CallQueued | CallEnded | CallLost
"""What may be the first we hear of a call."""


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
    """The row of a call that has not ended, as the floor's own value, but for whom it waits alone."""
    return Call(
        id=CallId(row.call),
        state=row.state,
        since=Instant(row.since),
        node=NodeId(row.node),
        arrived_at=Instant(row.arrived_at or row.seen_at),
        dialled=row.dialled,
        caller=row.caller,
        language=None if row.language is None else LanguageCode(row.language),
        place=_place_of(row),
        agent=None if row.holder is None else AgentId(row.holder),
        parting=_parting_of(row),
        callback=_callback_of(row),
    )


def heeds(call: Call, fact: OfferFact) -> bool:
    """Whether *fact* changes anything: it is of an offer that stands or begins, and is not told again."""
    if isinstance(fact, OfferProposed):
        return call.agent != fact.agent
    try:
        return call.heeds(fact)
    except IllegalTransition as error:
        _pass_over(error)
        return False


def let_go(session: Session, call: CallId, *, at: Instant) -> None:
    """Note that the agent who held *call* is with another caller now."""
    row = find(session, CallRecord, call)
    if row is not None and row.ended_at is None:
        _keep(row, call_of(row).let_go(at))


def _row(session: Session, fact: CallFact) -> CallRecord | None:
    row = find(session, CallRecord, fact.call)
    if row is None and isinstance(fact, _ComingOrEnd):
        row = CallRecord(call=fact.call, seen_at=fact.at, folded_to="", caller="", dialled="")
        row.offers = row.missed = row.declined = row.unreachable = 0
        _keep(row, _unheard_of(fact))
        hold(session, row, key=fact.call)
    return row


def _unheard_of(fact: _ComingOrEnd) -> Call:
    return Call(id=fact.call, state=CallState.IN_MENU, since=fact.at, node=NodeId(""), arrived_at=fact.at)


def _find_again(row: CallRecord, fact: CallFact) -> None:
    """Nobody saw a lost call end; if it waits, or ends, now, it had not."""
    if row.outcome is not Outcome.LOST:
        return
    if isinstance(fact, CallEnded):
        _end(row, fact)
    elif isinstance(fact, CallQueued):
        row.ended_at = row.outcome = None
        _keep(row, _unheard_of(fact))


def _step(row: CallRecord, fact: CallFact) -> None:
    before = call_of(row)
    if isinstance(fact, OfferFact) and not heeds(before, fact):
        _overhear(row, fact)
        return
    if isinstance(fact, OfferProposed):
        # The router proposes only calls that wait; when our row says otherwise, the row is behind.
        before = before._replace(state=CallState.WAITING, agent=None)
    try:
        after = before.after(fact)
    except IllegalTransition as error:
        _pass_over(error)
        return
    if rule := RULES.get(type(fact)):
        rule(row, fact)
    _keep(row, after)
    if after.state is CallState.ENDED:
        _end(row, fact)


def _pass_over(error: IllegalTransition) -> None:
    # The floor that wrote the journal has judged already; this row merely knows less than it did.
    log.info("passed over: {error}", error=error)


# --- the floor's value in the row ----------------------------------------------------------------


def _keep(row: CallRecord, call: Call) -> None:
    """Write the value; who called, when and at which number is history, and stays as it was told first."""
    row.state, row.since, row.holder = call.state, call.since, call.agent
    row.node, row.language = call.node, call.language
    _keep_place(row, call.place)
    _keep_callback(row, call.callback)
    row.parting_agent = call.parting.agent if call.parting else None
    row.parting_at = call.parting.at if call.parting else None


def _keep_place(row: CallRecord, place: Place | None) -> None:
    row.helpline = place.helpline if place else None
    row.category = place.category if place else ""
    row.place_at = place.queued_at if place else None
    row.came_at = place.came_at if place else None
    row.step = place.step if place else 0
    row.left_helplines = place.left if place else frozenset()


def _place_of(row: CallRecord) -> Place | None:
    if row.helpline is None or row.place_at is None or row.came_at is None:
        return None
    return Place(
        helpline=HelplineId(row.helpline),
        queued_at=Instant(row.place_at),
        came_at=Instant(row.came_at),
        category=CategoryId(row.category),
        step=row.step,
        left=frozenset(map(HelplineId, row.left_helplines)),
    )


def _keep_callback(row: CallRecord, callback: Callback | None) -> None:
    row.callback_number = callback.number if callback else None
    row.callback_on_line = callback is not None and callback.on_line
    row.callback_failed = callback.failed if callback else 0
    row.callback_failed_at = callback.failed_at if callback else None


def _callback_of(row: CallRecord) -> Callback | None:
    if row.callback_number is None:
        return None
    return Callback(
        number=row.callback_number,
        on_line=row.callback_on_line,
        failed=row.callback_failed,
        failed_at=None if row.callback_failed_at is None else Instant(row.callback_failed_at),
    )


def _parting_of(row: CallRecord) -> Parting | None:
    if row.parting_agent is None or row.parting_at is None:
        return None
    return Parting(AgentId(row.parting_agent), Instant(row.parting_at))


# --- the history beside it -----------------------------------------------------------------------


def _note_docket(session: Session, fact: TicketRegistered) -> None:
    """A ticket may be handed in after its call has ended, or for none."""
    row = None if fact.call is None else find(session, CallRecord, fact.call)
    if row is not None and row.docket is None:
        row.docket = fact.docket


def _arrived(row: CallRecord, fact: CallArrived) -> None:
    if row.arrived_at is None:
        row.arrived_at, row.dialled = fact.at, fact.dialled
        row.caller, row.caller_raw = fact.caller, fact.caller_raw


def _queued(row: CallRecord, fact: CallQueued) -> None:
    row.caller = row.caller or fact.caller
    if row.queued_at is None:
        row.queued_at = fact.queued_at
    _begin_anew(row)


def _callback_asked(row: CallRecord, fact: CallbackAsked) -> None:
    _begin_anew(row)


def _begin_anew(row: CallRecord) -> None:
    """Whoever waits after a talk, or after he was turned away, will talk; the end of that is what counts."""
    row.talk_ended_at = row.talk_ended_by = row.turned_away = None


def _turned_away(row: CallRecord, fact: CallTurnedAway) -> None:
    row.turned_away = fact.why


def _offered(row: CallRecord, fact: CallOffered | NotTaken | CallAnswered | TalkEnded) -> None:
    """Count the offer at the first word that it reached the agent's phone, which may not be CallOffered."""
    if row.state is CallState.RESERVED:
        row.offers += 1


def _missed(row: CallRecord, fact: OfferMissed) -> None:
    _offered(row, fact)
    row.missed += _stood(row)


def _declined(row: CallRecord, fact: OfferDeclined) -> None:
    _offered(row, fact)
    row.declined += _stood(row)


def _unreachable(row: CallRecord, fact: OfferUnreachable) -> None:
    _offered(row, fact)
    row.unreachable += _stood(row)


def _stood(row: CallRecord) -> bool:
    """Whether it was an offer yet; what is said of one that was answered was only a guess."""
    return row.state is not CallState.TALKING


def _answered(row: CallRecord, fact: CallAnswered) -> None:
    _offered(row, fact)
    # Whoever was answered as he was turned away was not.
    row.turned_away = None
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
    _keep(row, call_of(row).overhearing(fact))


def _end(row: CallRecord, fact: CallFact) -> None:
    row.ended_at, row.outcome = fact.at, in_hindsight(row, _outcome(row, fact))


def in_hindsight(row: CallRecord, outcome: Outcome) -> Outcome:
    """*outcome* of the call, as the menus know better, whose word may come after its end."""
    if row.message_left and outcome in UNHEARD:
        return Outcome.MESSAGE_LEFT
    if row.self_served and outcome is Outcome.LEFT_MENU:
        return Outcome.SELF_SERVED
    return outcome


def _outcome(row: CallRecord, fact: CallFact) -> Outcome:
    match fact:
        case CallEnded() if row.turned_away is not None:
            return Outcome.TURNED_AWAY
        case CallEnded() if row.answered_at is None:
            return Outcome.LEFT_MENU if row.queued_at is None else Outcome.ABANDONED
        case CallEnded():
            return _completed(row, fact.by)
        case CallbackGivenUp():
            return Outcome.CALLBACK_FAILED
        case _:
            return Outcome.LOST


def _completed(row: CallRecord, by: Party) -> Outcome:
    left_first = row.talk_ended_by
    if left_first not in (Party.AGENT.value, Party.CALLER.value):
        left_first = by.value
    return Outcome.COMPLETED_BY_AGENT if left_first == Party.AGENT.value else Outcome.COMPLETED_BY_CALLER


UNHEARD = frozenset({Outcome.LEFT_MENU, Outcome.ABANDONED, Outcome.TURNED_AWAY})
"""How a call ends whose caller has told nobody what he wanted."""
# Facts without a rule change the floor's value only.
RULES: Mapping[type[Fact], Rule] = {
    CallArrived: _arrived,
    CallQueued: _queued,
    CallTurnedAway: _turned_away,
    CallbackAsked: _callback_asked,
    CallOffered: _offered,
    OfferMissed: _missed,
    OfferDeclined: _declined,
    OfferUnreachable: _unreachable,
    CallAnswered: _answered,
    TalkEnded: _talk_ended,
}
