"""The call log: how each kind of call ends up in its row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, permutations

import pytest
from sqlalchemy.orm import Session

from callcentre.enquiries.facts import MessageLeft, SelfServed
from callcentre.journal.position import Position
from callcentre.projections import call_log, enquiries, tickets
from callcentre.projections.mark import mark_of
from callcentre.projections.read import CallRow, caller_history, find_call, last_calls, tickets_of_call
from callcentre.storage.schema import CallRecord, Outcome
from callcentre.tickets.facts import TicketRegistered
from routing.call import Call, Callback, CallState, Place
from routing.facts import (
    CallAnswered,
    CallArrived,
    CallbackAsked,
    CallbackDue,
    CallbackGivenUp,
    CallEnded,
    CallLost,
    CallOffered,
    CallOverflowed,
    CallQueued,
    CallTurnedAway,
    Fact,
    NeedsRelaxed,
    OfferDeclined,
    OfferMissed,
    OfferProposed,
    OfferRefused,
    OfferUnreachable,
    Party,
    TalkEnded,
    Turned,
)
from routing.ids import AgentId, CallId, CategoryId, HelplineId, Instant, LanguageCode, NodeId
from tests.unit.parts.inline_database import memory_engine

CALL = CallId("node1-1764000000.17")
ANJU, BEENA = AgentId("anju"), AgentId("beena")
KWA, FOOD, CITIZEN = map(HelplineId, ("kwa", "food", "citizen"))
LEELA = "+919447000001"


@pytest.fixture
def session() -> Iterator[Session]:
    with memory_engine() as engine, Session(engine) as opened:
        yield opened


def at(second: float) -> Instant:
    return Instant(1764000000.0 + second)


def arrived(second: float = 0, call: CallId = CALL) -> Fact:
    return CallArrived(
        at=at(second), call=call, node=NodeId("node1"), dialled="1916", caller=LEELA, caller_raw="09447000001"
    )


def queued(second: float = 5, *, place: float = 5, call: CallId = CALL, helpline: str = "kwa") -> CallQueued:
    return CallQueued(
        at=at(second),
        call=call,
        node=NodeId("node1"),
        helpline=HelplineId(helpline),
        language=LanguageCode("ml"),
        queued_at=at(place),
        caller=LEELA,
    )


def relaxed(second: float, step: int = 1) -> Fact:
    return NeedsRelaxed(at=at(second), call=CALL, step=step)


def overflowed(second: float, helpline: HelplineId) -> Fact:
    return CallOverflowed(at=at(second), call=CALL, helpline=helpline, why=Turned.LATE)


def turned_away(second: float) -> Fact:
    return CallTurnedAway(at=at(second), call=CALL, why=Turned.FULL)


def callback_asked(second: float) -> Fact:
    return CallbackAsked(at=at(second), call=CALL, number=LEELA)


def callback_due(second: float) -> Fact:
    return CallbackDue(at=at(second), call=CALL)


def given_up(second: float) -> Fact:
    return CallbackGivenUp(at=at(second), call=CALL)


def proposed(second: float, agent: AgentId = ANJU) -> Fact:
    return OfferProposed(at=at(second), call=CALL, agent=agent)


def offered(second: float, agent: AgentId = ANJU) -> Fact:
    return CallOffered(at=at(second), call=CALL, agent=agent)


def rung(second: float, agent: AgentId = ANJU) -> tuple[Fact, Fact]:
    return proposed(second, agent), offered(second + 0.1, agent)


def missed(second: float, agent: AgentId = ANJU) -> Fact:
    return OfferMissed(at=at(second), call=CALL, agent=agent, reason="noanswer")


def declined(second: float, agent: AgentId = ANJU) -> Fact:
    return OfferDeclined(at=at(second), call=CALL, agent=agent)


def unreachable(second: float, agent: AgentId = ANJU) -> Fact:
    return OfferUnreachable(at=at(second), call=CALL, agent=agent)


def refused(second: float, agent: AgentId = ANJU) -> Fact:
    return OfferRefused(at=at(second), call=CALL, agent=agent, reason="stale epoch")


def answered(second: float, agent: AgentId = ANJU) -> Fact:
    return CallAnswered(at=at(second), call=CALL, agent=agent)


def talk_ended(second: float, by: Party, agent: AgentId = ANJU) -> Fact:
    return TalkEnded(at=at(second), call=CALL, agent=agent, by=by)


def ended(second: float, by: Party = Party.CALLER, call: CallId = CALL) -> Fact:
    return CallEnded(at=at(second), call=call, by=by)


def lost(second: float) -> Fact:
    return CallLost(at=at(second), call=CALL)


def registered(second: float, docket: str, call: CallId | None = CALL) -> Fact:
    return TicketRegistered(
        at=at(second),
        docket=docket,
        call=call,
        helpline=HelplineId("kwa"),
        category="bill",
        agent=ANJU,
        caller=LEELA,
        citizen="",
        place="",
        district=None,
        description="too high",
        language=LanguageCode("ml"),
        answered_only=False,
    )


def self_served(second: float) -> Fact:
    return SelfServed(at=at(second), call=CALL, language=LanguageCode("ta"))


def message_left(second: float) -> Fact:
    return MessageLeft(at=at(second), call=CALL, docket="2600000010", file=f"{CALL}.wav", seconds=9)


_lines = count(1)


def tell(session: Session, *facts: Fact) -> None:
    """The facts, each on a line of its own, and all rows written."""
    for fact, line in zip(facts, _lines, strict=False):
        mark = mark_of("journal", Position("00000001-20251124T120000Z", line))
        for fold in (call_log.fold, tickets.fold, enquiries.fold):
            fold(session, fact, mark=mark)
    session.flush()
    session.expunge_all()
    session.info.clear()


def log_of(session: Session, *facts: Fact) -> CallRow:
    tell(session, *facts)
    row = find_call(session, CALL)
    assert row is not None
    return row


def value_of(session: Session) -> Call:
    """The floor's own value in the row."""
    return call_log.call_of(session.get_one(CallRecord, CALL))


ANSWERED = (arrived(), queued(), *rung(7), answered(9))
CALLED_BACK = (arrived(), queued(), callback_asked(20), ended(22), callback_due(22))

STORIES = {
    "hung up in the menu": ((arrived(), ended(3)), Outcome.LEFT_MENU),
    "the menu told him": ((arrived(), self_served(20), ended(25)), Outcome.SELF_SERVED),
    "the menu told him, and its word came after the end": (
        (arrived(), ended(25), self_served(25.1)),
        Outcome.SELF_SERVED,
    ),
    "the menu told him, and he went on to a person all the same": (
        (arrived(), self_served(4), *ANSWERED[1:], ended(90)),
        Outcome.COMPLETED_BY_CALLER,
    ),
    "the menu told him, and nobody saw him leave": ((arrived(), self_served(4), lost(60)), Outcome.LOST),
    "he spoke to nobody": ((arrived(), message_left(20), ended(25)), Outcome.MESSAGE_LEFT),
    "he spoke and hung up, as most do": ((arrived(), ended(25), message_left(25.2)), Outcome.MESSAGE_LEFT),
    "he spoke instead of waiting": ((arrived(), queued(), message_left(50), ended(55)), Outcome.MESSAGE_LEFT),
    "he could not wait, and spoke": (
        (arrived(), queued(), turned_away(6), ended(30), message_left(30.1)),
        Outcome.MESSAGE_LEFT,
    ),
    "hung up waiting": ((arrived(), queued(), ended(60)), Outcome.ABANDONED),
    "hung up while a phone rang": ((arrived(), queued(), *rung(7), ended(9)), Outcome.ABANDONED),
    "the switch ended the wait": ((arrived(), queued(), ended(9, Party.SYSTEM)), Outcome.ABANDONED),
    "the caller hung up": ((*ANSWERED, ended(90)), Outcome.COMPLETED_BY_CALLER),
    "the caller hung up, both legs told": (
        (*ANSWERED, talk_ended(90, Party.CALLER), ended(90)),
        Outcome.COMPLETED_BY_CALLER,
    ),
    "the agent hung up, the caller heard the docket": (
        (*ANSWERED, talk_ended(90, Party.AGENT), ended(99)),
        Outcome.COMPLETED_BY_AGENT,
    ),
    "the agent ended the whole call": ((*ANSWERED, ended(90, Party.AGENT)), Outcome.COMPLETED_BY_AGENT),
    "the caller's end came first": (
        (*ANSWERED, ended(90), talk_ended(90.1, Party.AGENT)),
        Outcome.COMPLETED_BY_CALLER,
    ),
    "nobody saw who ended the talk": (
        (*ANSWERED, talk_ended(90, Party.SYSTEM), ended(91)),
        Outcome.COMPLETED_BY_CALLER,
    ),
    "passed on, then ended by the second agent": (
        (
            *ANSWERED,
            talk_ended(50, Party.CALLER),
            queued(51),
            *rung(52, BEENA),
            answered(60, BEENA),
            talk_ended(90, Party.AGENT, BEENA),
            ended(95),
        ),
        Outcome.COMPLETED_BY_AGENT,
    ),
    "the switch went away": ((arrived(), queued(), lost(300)), Outcome.LOST),
    "the switch went away during a talk": ((*ANSWERED, lost(300)), Outcome.LOST),
    "the line was full": (
        (arrived(), queued(), turned_away(6), ended(15, Party.SYSTEM)),
        Outcome.TURNED_AWAY,
    ),
    "hung up while being told why": ((arrived(), queued(), turned_away(60), ended(61)), Outcome.TURNED_AWAY),
    "turned away, and found waiting all the same": (
        (arrived(), queued(), turned_away(60), queued(62), ended(99)),
        Outcome.ABANDONED,
    ),
    "turned away from where he was passed on to": (
        (*ANSWERED, talk_ended(50, Party.CALLER), queued(51), turned_away(60), ended(65)),
        Outcome.TURNED_AWAY,
    ),
    "answered as he was turned away": (
        (arrived(), queued(), turned_away(6), answered(7), ended(60)),
        Outcome.COMPLETED_BY_CALLER,
    ),
    "nobody saw the end of one turned away": ((arrived(), queued(), turned_away(6), lost(60)), Outcome.LOST),
    "did not answer when called back": (
        (*CALLED_BACK, proposed(30), ended(60), given_up(60)),
        Outcome.CALLBACK_FAILED,
    ),
    "called back, hung up while the agent's phone rang": (
        (*CALLED_BACK, *rung(30), ended(35)),
        Outcome.ABANDONED,
    ),
    "turned away, asked to be called, did not answer": (
        (arrived(), queued(), turned_away(6), callback_asked(9), ended(10), given_up(60)),
        Outcome.CALLBACK_FAILED,
    ),
    "called back, then ended by the caller": (
        (*CALLED_BACK, *rung(30), answered(45), ended(60)),
        Outcome.COMPLETED_BY_CALLER,
    ),
    "called back after a talk, and the caller left first": (
        (*ANSWERED, talk_ended(50, Party.AGENT), callback_asked(51), ended(52), answered(70), ended(90)),
        Outcome.COMPLETED_BY_CALLER,
    ),
    "the switch went away while a caller was told he would be called": (
        (arrived(), queued(), callback_asked(20), lost(60)),
        None,
    ),
    "the switch went away during the talk of one called back": (
        (*CALLED_BACK, *rung(30), answered(45), lost(60)),
        Outcome.LOST,
    ),
    "still to be called": (CALLED_BACK, None),
    "still waiting": ((arrived(), queued()), None),
}


@pytest.mark.parametrize("story", STORIES)
def test_how_a_call_ended(session: Session, story: str) -> None:
    facts, outcome = STORIES[story]
    assert log_of(session, *facts).outcome is outcome


def test_every_outcome_has_its_story() -> None:
    assert {outcome for _, outcome in STORIES.values()} == {*Outcome, None}


def test_a_row_tells_the_whole_call(session: Session) -> None:
    facts = (*ANSWERED, talk_ended(80, Party.AGENT), registered(85, "2600000010"), ended(90))
    assert log_of(session, *facts) == CallRow(
        call=CALL,
        node="node1",
        dialled="1916",
        helpline="kwa",
        language="ml",
        caller=LEELA,
        arrived_at=at(0),
        queued_at=at(5),
        answered_at=at(9),
        talk_ended_at=at(80),
        ended_at=at(90),
        agent=ANJU,
        outcome=Outcome.COMPLETED_BY_AGENT,
        docket="2600000010",
        turned_away=None,
        offers=1,
        missed=0,
        declined=0,
        unreachable=0,
        notice_version=None,
        recorded=None,
        solved=None,
        rating=None,
    )


def test_offers_and_misses_are_counted(session: Session) -> None:
    tell(session, arrived(), queued(), *rung(7), missed(27), *rung(28), missed(48))
    row = log_of(session, *rung(49, BEENA), refused(50, BEENA), *rung(51, BEENA), answered(52, BEENA))
    assert (row.offers, row.missed, row.agent) == (4, 2, BEENA)


def test_each_end_of_an_offer_has_its_count(session: Session) -> None:
    tell(session, arrived(), queued(), *rung(7), missed(27), *rung(28), declined(30), declined(31))
    row = log_of(session, proposed(32), unreachable(33), missed(34), *rung(35), answered(36), missed(37))
    assert (row.offers, row.missed, row.declined, row.unreachable) == (4, 1, 1, 1)


def test_an_offer_the_switch_refused_never_rang(session: Session) -> None:
    row = log_of(session, arrived(), queued(), proposed(7), refused(8))
    assert (row.offers, row.missed) == (0, 0)


def test_a_late_word_of_another_offer_counts_for_nothing(session: Session) -> None:
    tell(session, arrived(), queued(), *rung(7), missed(27), missed(28), *rung(29, BEENA))
    row = log_of(session, missed(30), talk_ended(31, Party.AGENT), refused(32))
    assert (row.offers, row.missed, row.talk_ended_at) == (2, 1, None)


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_words_that_overtake_each_other_make_the_same_row(session: Session, order: tuple[int, ...]) -> None:
    words = {1: offered(7.1), 2: answered(9), 3: talk_ended(80, Party.AGENT)}
    row = log_of(session, arrived(), queued(), proposed(7), *(words[place] for place in order), ended(90))
    assert (row.offers, row.missed, row.answered_at, row.agent) == (1, 0, at(9), ANJU)
    assert (row.talk_ended_at, row.outcome) == (at(80), Outcome.COMPLETED_BY_AGENT)


def test_a_miss_whose_ringing_was_never_told_counts_as_an_offer(session: Session) -> None:
    row = log_of(session, arrived(), queued(), proposed(7), missed(27))
    assert (row.offers, row.missed) == (1, 1)


def test_a_restart_tells_the_call_again_and_nothing_changes(session: Session) -> None:
    once = log_of(session, *ANSWERED)
    again = (
        arrived(40),
        queued(40),
        proposed(40),
        offered(40),
        answered(40),
    )
    assert log_of(session, *again) == once


def test_a_restart_while_it_rings_counts_no_second_offer(session: Session) -> None:
    tell(session, arrived(), queued(), *rung(7))
    row = log_of(session, queued(12), *rung(12), answered(14))
    assert (row.offers, row.missed, row.answered_at, row.queued_at) == (1, 0, at(14), at(5))


def test_the_place_in_the_queue_never_changes(session: Session) -> None:
    assert log_of(session, arrived(), queued(5, place=5), queued(30, place=30)).queued_at == at(5)


def test_one_passed_on_has_a_new_place_and_the_log_the_first(session: Session) -> None:
    tell(session, *ANSWERED, talk_ended(50, Party.CALLER), queued(51, place=51, helpline="food"))
    assert value_of(session).place == Place(helpline=FOOD, queued_at=at(51), came_at=at(51))
    row = find_call(session, CALL)
    assert row is not None
    assert (row.queued_at, row.helpline) == (at(5), FOOD)


def test_the_helpline_is_where_the_call_waits_now(session: Session) -> None:
    row = log_of(session, arrived(), queued(), relaxed(25), overflowed(65, FOOD), relaxed(70))
    assert (row.helpline, row.queued_at) == (FOOD, at(5))
    place = Place(helpline=FOOD, queued_at=at(5), came_at=at(65), step=1, left=frozenset({KWA}))
    assert value_of(session).place == place
    assert log_of(session, overflowed(125, CITIZEN), queued(126)).helpline == CITIZEN
    left = value_of(session).place
    assert left is not None
    assert left.left == {KWA, FOOD}


def test_what_a_call_is_about_and_whom_it_waits_for(session: Session) -> None:
    tell(session, replace(queued(), category=CategoryId("no-water"), preferred=ANJU))
    place = value_of(session).place
    assert place is not None
    assert (place.category, place.held_for) == ("no-water", None)


def test_a_callback_goes_on_without_its_channel(session: Session) -> None:
    tell(session, arrived(), queued(), callback_asked(20))
    assert value_of(session).callback == Callback(number=LEELA)
    tell(session, ended(22))
    assert (value_of(session).state, value_of(session).has_channel) == (CallState.RESTING, False)
    tell(session, callback_due(22), *rung(30), lost(60))
    tried = Callback(number=LEELA, on_line=False, failed=1, failed_at=at(60))
    assert (value_of(session).state, value_of(session).callback) == (CallState.RESTING, tried)
    tell(session, ended(61), callback_due(360), *rung(361), missed(381))
    assert (value_of(session).state, value_of(session).callback) == (CallState.WAITING, None)
    row = log_of(session, ended(400))
    assert (row.ended_at, row.queued_at, row.outcome) == (at(400), at(5), Outcome.ABANDONED)


def test_what_a_row_that_is_behind_cannot_follow_is_passed_over(session: Session) -> None:
    """Lines of the journal were lost: the queueing of one call, all of another, the end of a ringing."""
    tell(session, arrived(), *rung(7), missed(27), relaxed(30), overflowed(31, FOOD))
    assert (value_of(session).state, value_of(session).place) == (CallState.WAITING, None)
    tell(session, queued(32), *rung(33), relaxed(60), turned_away(61), callback_due(62), given_up(63))
    assert (value_of(session).state, value_of(session).agent) == (CallState.RINGING, ANJU)


def test_nothing_begins_with_a_word_about_a_wait(session: Session) -> None:
    tell(session, relaxed(1), overflowed(2, FOOD), turned_away(3), callback_asked(4), callback_due(5))
    assert last_calls(session, 10) == []


def test_what_has_ended_stays_ended(session: Session) -> None:
    over = log_of(session, arrived(), queued(), ended(60))
    late = (
        arrived(70),
        queued(70),
        *rung(71),
        answered(72),
        talk_ended(73, Party.AGENT),
        lost(74),
        ended(75),
    )
    assert log_of(session, *late) == over


def test_a_lost_call_that_is_found_waiting_goes_on(session: Session) -> None:
    tell(session, arrived(), queued(), relaxed(20), overflowed(30, FOOD), lost(60))
    row = log_of(session, arrived(70), queued(70, place=70))
    assert (row.ended_at, row.outcome, row.queued_at) == (None, None, at(5))
    assert value_of(session).place == Place(helpline=KWA, queued_at=at(70), came_at=at(70))
    assert log_of(session, *rung(71), answered(72), ended(90)).outcome is Outcome.COMPLETED_BY_CALLER


def test_a_lost_call_that_is_seen_to_end_is_lost_no_more(session: Session) -> None:
    row = log_of(session, *ANSWERED, lost(60), ended(90, Party.AGENT), lost(91))
    assert (row.ended_at, row.outcome) == (at(90), Outcome.COMPLETED_BY_AGENT)


def test_a_lost_call_is_not_begun_by_words_of_offers(session: Session) -> None:
    over = log_of(session, *ANSWERED, lost(60))
    assert log_of(session, *rung(61), answered(62), talk_ended(63, Party.AGENT), arrived(64)) == over


def test_a_call_of_which_only_the_end_was_seen_never_begins(session: Session) -> None:
    row = log_of(session, ended(60), arrived(61), queued(62))
    assert (row.ended_at, row.outcome, row.arrived_at) == (at(60), Outcome.LEFT_MENU, None)


def test_a_call_first_seen_in_the_waiting_room_is_logged(session: Session) -> None:
    row = log_of(session, queued(30, place=5), ended(60))
    assert (row.arrived_at, row.queued_at, row.caller) == (None, at(5), LEELA)
    assert row.outcome is Outcome.ABANDONED


def test_the_docket_of_a_call_is_its_first_tickets(session: Session) -> None:
    row = log_of(session, arrived(), ended(50), registered(60, "2600000010"), registered(61, "2600000028"))
    assert row.docket == "2600000010"
    assert [one.docket for one in tickets_of_call(session, CALL)] == ["2600000010", "2600000028"]


def test_a_ticket_without_a_call_makes_no_call(session: Session) -> None:
    tell(session, registered(1, "2600000010", None), registered(2, "2600000028", CallId("unheard-of")))
    assert last_calls(session, 10) == []


def test_the_newest_calls_come_first_and_only_so_many(session: Session) -> None:
    for number in range(5):
        tell(session, arrived(number, CallId(f"n-{number}")))
    tell(session, ended(50, call=CallId("n-0")))
    assert [row.call for row in last_calls(session, 3)] == ["n-4", "n-3", "n-2"]
    assert [row.call for row in caller_history(session, LEELA, 2)] == ["n-4", "n-3"]


def test_withheld_numbers_have_no_history(session: Session) -> None:
    withheld = CallArrived(
        at=at(0), call=CALL, node=NodeId("node1"), dialled="1916", caller="", caller_raw="anonymous"
    )
    tell(session, withheld)
    assert caller_history(session, "", 10) == []
