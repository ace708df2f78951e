"""A router that knows nothing, or missed something, looks at the switch and is right again."""

from __future__ import annotations

import pytest

from callcentre.acd.reconcile import CALLING_GRACE, NOT_RINGING, missed_facts
from callcentre.telephony.ami.codec import Message
from callcentre.telephony.sightings import read, sightings
from routing.agent import AgentState
from routing.call import CallState
from routing.facts import (
    AgentLoggedIn,
    AvailabilityAsked,
    CallAnswered,
    CallArrived,
    CallbackAsked,
    CallbackDue,
    CallEnded,
    CallLost,
    CallOffered,
    CallQueued,
    Fact,
    OfferProposed,
    OfferRefused,
    Party,
    TalkEnded,
)
from routing.floor import Floor, FloorRules
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId, Phone, Seconds
from tests.unit.parts.channel_rows import BRIDGE, caller_row, leg_row

NODE, OTHER = NodeId("node1"), NodeId("node2")
KWA = HelplineId("kwa")
ANU, BEA = AgentId("anu"), AgentId("bea")
FIRST, SECOND, THIRD = CallId("node1-1"), CallId("node1-2"), CallId("node1-3")
RULES = FloorRules(ring_seconds=Seconds(20), wrap_up_seconds=Seconds(30), missed_offers_limit=1)


class Story:
    """A floor at 1000, a question asked at 1100, its answer at 1101."""

    def __init__(self) -> None:
        self.floor = Floor(RULES)
        for agent, phone in ((ANU, "1001"), (BEA, "1002")):
            at = Instant(900.0)
            self.apply(AgentLoggedIn(at=at, agent=agent, phone=Phone(phone), helplines=frozenset({KWA})))
            self.apply(AvailabilityAsked(at=at, agent=agent))

    def apply(self, *facts: Fact) -> None:
        for fact in facts:
            self.floor.apply(fact)

    def queued(self, call: CallId, *, at: float = 1000.0, node: NodeId = NODE) -> None:
        moment = Instant(at)
        self.apply(
            CallQueued(
                at=moment,
                call=call,
                node=node,
                helpline=KWA,
                language=LanguageCode("ml"),
                queued_at=moment,
                caller="",
            )
        )

    def reserved(self, call: CallId, agent: AgentId, *, at: float = 1010.0) -> None:
        self.apply(OfferProposed(at=Instant(at), call=call, agent=agent))

    def ringing(self, call: CallId, agent: AgentId, *, at: float = 1010.0) -> None:
        self.reserved(call, agent, at=at)
        self.apply(CallOffered(at=Instant(at), call=call, agent=agent))

    def talking(self, call: CallId, agent: AgentId, *, at: float = 1010.0) -> None:
        self.apply(CallAnswered(at=Instant(at), call=call, agent=agent))

    def look(self, *rows: Message) -> list[Fact]:
        """What the floor has missed by the look; it is told at once."""
        phones = {a.phone: a.id for a in self.floor.agents()}
        facts = missed_facts(
            self.floor,
            sightings(read(rows), agent_at=phones.get),
            node=NODE,
            asked_at=Instant(1100.0),
            now=Instant(1101.0),
        )
        self.apply(*facts)
        return facts

    def state(self, call: CallId) -> tuple[CallState, AgentId | None] | None:
        known = self.floor.call(call)
        return None if known is None else (known.state, known.agent)

    def agent(self, agent: AgentId) -> AgentState:
        known = self.floor.agent(agent)
        assert known is not None
        return known.state


class TestAfterARestart:
    def test_the_whole_waiting_room_is_found_in_its_old_order(self) -> None:
        story = Story()
        story.look(
            caller_row(THIRD, "waiting", queued_at=1003.5),
            caller_row(FIRST, "fallback", queued_at=1001.5),
            caller_row(SECOND, "waiting", queued_at=1002.5),
        )
        assert [(call.id, call.queued_at) for call in story.floor.waiting(KWA)] == [
            (FIRST, 1001.5),
            (SECOND, 1002.5),
            (THIRD, 1003.5),
        ]

    def test_facts_come_earliest_caller_first_and_who_has_no_place_yet_last(self) -> None:
        facts = Story().look(
            caller_row("node1-7", "arrive"),
            caller_row(SECOND, "connect", queued_at=1002.5, agent="anu", bridge=BRIDGE),
            leg_row(SECOND, "1001", agent="anu", bridge=BRIDGE),
            caller_row(FIRST, "waiting", queued_at=1001.5),
        )
        assert [(type(fact), fact.call) for fact in facts if hasattr(fact, "call")] == [
            (CallArrived, FIRST),
            (CallQueued, FIRST),
            (CallArrived, SECOND),
            (CallQueued, SECOND),
            (CallAnswered, SECOND),
            (CallArrived, "node1-7"),
        ]

    def test_who_talks_goes_on_talking(self) -> None:
        story = Story()
        story.look(
            caller_row(FIRST, "connect", queued_at=1001.5, agent="anu", bridge=BRIDGE),
            leg_row(FIRST, "1001", agent="anu", bridge=BRIDGE),
            # Served by the native queue meanwhile.
            caller_row(SECOND, "fallback", queued_at=1002.5, bridge=BRIDGE),
            leg_row(SECOND, "1002", bridge=BRIDGE),
        )
        assert story.state(FIRST) == (CallState.TALKING, ANU)
        assert story.state(SECOND) == (CallState.TALKING, BEA)
        assert story.agent(ANU) is story.agent(BEA) is AgentState.TALKING

    def test_a_phone_that_rings_keeps_ringing(self) -> None:
        story = Story()
        story.look(
            caller_row(FIRST, "connect", queued_at=1001.5, agent="anu"), leg_row(FIRST, "1001", agent="anu")
        )
        assert story.state(FIRST) == (CallState.RINGING, ANU)
        assert story.agent(ANU) is AgentState.RINGING

    def test_who_rings_though_she_is_not_free_is_heard_of_when_she_answers(self) -> None:
        story = Story()
        facts = story.look(
            caller_row(FIRST, "connect", queued_at=1001.5, agent="zoe"), leg_row(FIRST, "1009", agent="zoe")
        )
        assert [type(fact) for fact in facts] == [CallArrived, CallQueued]

    def test_who_is_in_the_menu_or_leaving_is_not_queued(self) -> None:
        story = Story()
        story.look(caller_row(FIRST, "arrive"), caller_row(SECOND, "after", queued_at=1002.5, agent="anu"))
        assert story.state(FIRST) == (CallState.IN_MENU, None)
        assert story.state(SECOND) is None


class TestACallTheFloorKnows:
    def test_nothing_is_said_when_both_agree(self) -> None:
        story = Story()
        story.queued(FIRST)
        story.queued(SECOND)
        story.queued(THIRD)
        story.ringing(SECOND, ANU)
        story.talking(THIRD, BEA)
        assert (
            story.look(
                caller_row(FIRST, "waiting", queued_at=1000.0),
                caller_row(SECOND, "connect", queued_at=1000.0, agent="anu"),
                leg_row(SECOND, "1001", agent="anu"),
                caller_row(THIRD, "connect", queued_at=1000.0, agent="bea", bridge=BRIDGE),
                leg_row(THIRD, "1002", agent="bea", bridge=BRIDGE),
            )
            == []
        )

    def test_her_queueing_was_missed(self) -> None:
        story = Story()
        story.apply(
            CallArrived(at=Instant(1000.0), call=FIRST, node=NODE, dialled="1916", caller="", caller_raw="")
        )
        story.look(caller_row(FIRST, "waiting", queued_at=1001.5))
        assert [call.queued_at for call in story.floor.waiting(KWA)] == [1001.5]

    def test_her_answer_was_missed(self) -> None:
        story = Story()
        story.queued(FIRST)
        story.ringing(FIRST, ANU)
        talking = [
            caller_row(FIRST, "connect", queued_at=1000.0, agent="anu", bridge=BRIDGE),
            leg_row(FIRST, "1001", agent="anu", bridge=BRIDGE),
        ]
        assert story.look(*talking) == [CallAnswered(at=Instant(1101.0), call=FIRST, agent=ANU)]
        assert story.state(FIRST) == (CallState.TALKING, ANU)

    def test_she_talks_with_somebody_else_than_we_think(self) -> None:
        story = Story()
        story.queued(FIRST)
        story.talking(FIRST, ANU)
        story.look(
            caller_row(FIRST, "fallback", queued_at=1000.0, bridge=BRIDGE),
            leg_row(FIRST, "1002", bridge=BRIDGE),
        )
        assert story.state(FIRST) == (CallState.TALKING, BEA)
        assert story.agent(ANU) is AgentState.WRAP_UP

    def test_the_switch_never_took_the_offer(self) -> None:
        for before in (Story.reserved, Story.ringing):
            story = Story()
            story.queued(FIRST)
            before(story, FIRST, ANU)
            refused, *_ = story.look(caller_row(FIRST, "waiting", queued_at=1000.0))
            assert refused == OfferRefused(at=Instant(1101.0), call=FIRST, agent=ANU, reason=NOT_RINGING)
            assert story.state(FIRST) == (CallState.WAITING, None)
            assert story.agent(ANU) is AgentState.AVAILABLE

    def test_the_end_of_her_talk_was_missed(self) -> None:
        story = Story()
        story.queued(FIRST)
        story.talking(FIRST, ANU)
        ended = TalkEnded(at=Instant(1101.0), call=FIRST, agent=ANU, by=Party.SYSTEM)
        assert story.look(caller_row(FIRST, "after", queued_at=1000.0, agent="anu")) == [ended]
        assert story.state(FIRST) == (CallState.LEAVING, None)
        assert story.agent(ANU) is AgentState.WRAP_UP

    def test_she_talked_and_waits_again(self) -> None:
        story = Story()
        story.queued(FIRST)
        story.talking(FIRST, ANU)
        story.look(caller_row(FIRST, "waiting", queued_at=1000.0))
        assert story.state(FIRST) == (CallState.WAITING, None)
        assert story.agent(ANU) is AgentState.WRAP_UP

    def test_she_has_gone(self) -> None:
        story = Story()
        story.queued(FIRST)
        story.talking(FIRST, ANU)
        assert story.look() == [CallLost(at=Instant(1101.0), call=FIRST)]
        assert story.state(FIRST) is None
        assert story.agent(ANU) is AgentState.WRAP_UP


class TestCallbacks:
    """The first caller has asked to be called back."""

    def story(self, *, hung_up: bool = True) -> Story:
        story = Story()
        story.queued(FIRST)
        story.apply(CallbackAsked(at=Instant(1005.0), call=FIRST, number="+919447000001"))
        if hung_up:
            story.apply(
                CallEnded(at=Instant(1006.0), call=FIRST, by=Party.CALLER),
                CallbackDue(at=Instant(1006.0), call=FIRST),
            )
        return story

    def test_one_without_a_channel_is_never_lost(self) -> None:
        story = self.story()
        assert story.look() == []
        assert story.state(FIRST) == (CallState.WAITING, None)

    def test_one_whose_caller_is_being_told_so_is_left_to_it(self) -> None:
        story = self.story(hung_up=False)
        assert story.look(caller_row(FIRST, "callback-noted", queued_at=1000.0)) == []
        assert story.state(FIRST) == (CallState.RESTING, None)

    def test_one_whose_end_on_the_line_was_missed_goes_on_without_a_channel(self) -> None:
        story = self.story(hung_up=False)
        story.look()
        call = story.floor.call(FIRST)
        assert call is not None and call.is_off_line

    def test_one_who_could_not_be_told_waits_on_the_line(self) -> None:
        story = self.story(hung_up=False)
        story.look(caller_row(FIRST, "waiting", queued_at=1000.0))
        assert story.state(FIRST) == (CallState.WAITING, None)

    @pytest.mark.parametrize("context", ["from-trunk", "call-back"])
    def test_one_who_is_being_called_is_neither_in_the_menu_nor_lost(self, context: str) -> None:
        story = self.story()
        story.reserved(FIRST, ANU)
        assert story.look(caller_row(FIRST, context, queued_at=1000.0)) == []
        assert story.state(FIRST) == (CallState.RESERVED, ANU)

    def test_one_of_an_earlier_process_is_heard_of_when_she_has_been_connected(self) -> None:
        assert Story().look(caller_row(FIRST, "from-trunk", queued_at=1000.0)) == []

    def test_one_who_was_not_called_after_all_is_a_failed_try(self) -> None:
        story = self.story()
        story.reserved(FIRST, ANU)
        assert story.look() == [CallLost(at=Instant(1101.0), call=FIRST)]
        assert story.state(FIRST) == (CallState.RESTING, None)
        assert story.agent(ANU) is AgentState.AVAILABLE

    def test_one_who_is_about_to_be_called_has_no_channel_yet(self) -> None:
        story = self.story()
        story.reserved(FIRST, ANU, at=1100.0 - CALLING_GRACE)
        assert story.look() == []

    def test_one_who_was_reached_and_waits_is_queued(self) -> None:
        story = self.story()
        (queued,) = story.look(caller_row(FIRST, "waiting", queued_at=1000.0))
        assert isinstance(queued, CallQueued)
        call = story.floor.call(FIRST)
        assert call is not None and not call.is_off_line and call.queued_at == 1000.0


class TestACallback:
    """It goes on without a channel; only while the citizen is being called has it one."""

    def resting(self) -> Story:
        story = Story()
        story.queued(FIRST)
        story.apply(CallbackAsked(at=Instant(1001.0), call=FIRST, number="+919447000001"))
        story.apply(CallEnded(at=Instant(1002.0), call=FIRST, by=Party.CALLER))
        return story

    def waiting(self) -> Story:
        story = self.resting()
        for decision in story.floor.decide(Instant(1002.0)):
            story.apply(decision.as_fact(Instant(1002.0)))
        assert story.state(FIRST) == (CallState.WAITING, None)
        return story

    def test_that_rests_or_waits_is_not_lost(self) -> None:
        for story in (self.resting(), self.waiting()):
            before = story.state(FIRST)
            assert story.look() == []
            assert story.state(FIRST) == before

    def test_whose_caller_has_yet_to_hang_up_rests_once_he_has_gone(self) -> None:
        story = Story()
        story.queued(FIRST)
        story.apply(CallbackAsked(at=Instant(1001.0), call=FIRST, number="+919447000001"))
        assert story.look(caller_row(FIRST, "after", queued_at=1000.0)) == []
        assert story.look() == [CallLost(at=Instant(1101.0), call=FIRST)]
        assert story.look() == []
        assert story.state(FIRST) == (CallState.RESTING, None)

    def test_whose_citizen_is_no_longer_being_called_was_tried_once(self) -> None:
        for offered in (Story.reserved, Story.ringing):
            story = self.waiting()
            offered(story, FIRST, ANU)
            assert story.look() == [CallLost(at=Instant(1101.0), call=FIRST)]
            known = story.floor.call(FIRST)
            assert known is not None
            assert known.callback is not None
            assert (known.state, known.callback.failed) == (CallState.RESTING, 1)
            assert story.agent(ANU) is AgentState.AVAILABLE

    def test_whose_citizen_answered_waits_like_everybody_else(self) -> None:
        waiting, offered = self.waiting(), self.waiting()
        offered.ringing(FIRST, ANU)
        for story in (waiting, offered, self.resting()):
            story.look(caller_row(FIRST, "waiting", queued_at=1000.0))
            known = story.floor.call(FIRST)
            assert known is not None
            assert (known.state, known.callback) == (CallState.WAITING, None)
            assert story.look(caller_row(FIRST, "waiting", queued_at=1000.0)) == []


class TestWhatMovedSinceTheQuestion:
    """Its own events tell it: an answer that was on its way says nothing newer."""

    def test_a_caller_who_came_meanwhile_is_not_lost(self) -> None:
        story = Story()
        story.queued(FIRST, at=1100.5)
        assert story.look() == []
        assert story.state(FIRST) == (CallState.WAITING, None)

    def test_an_offer_made_meanwhile_stands(self) -> None:
        story = Story()
        story.queued(FIRST)
        story.ringing(FIRST, ANU, at=1100.5)
        assert story.look(caller_row(FIRST, "waiting", queued_at=1000.0)) == []
        assert story.look() == []
        assert story.state(FIRST) == (CallState.RINGING, ANU)

    def test_a_caller_of_another_node_is_none_of_this_ones(self) -> None:
        story = Story()
        story.queued(FIRST, node=OTHER)
        assert story.look() == []
        assert story.state(FIRST) == (CallState.WAITING, None)


def test_told_twice_the_same_look_changes_nothing() -> None:
    story = Story()
    story.queued(THIRD)
    story.talking(THIRD, BEA)
    rows = [
        caller_row(FIRST, "waiting", queued_at=1001.5),
        caller_row(SECOND, "connect", queued_at=1002.5, agent="anu"),
        leg_row(SECOND, "1001", agent="anu"),
        caller_row(THIRD, "after", queued_at=1000.0),
    ]
    assert story.look(*rows)
    assert story.look(*rows) == []


def test_a_talk_with_somebody_unknown_is_not_taken_for_a_caller_who_waits() -> None:
    story = Story()
    rows = [
        caller_row(FIRST, "fallback", queued_at=1000.0, bridge=BRIDGE),
        leg_row(FIRST, "1099", bridge=BRIDGE),
    ]
    seen = sightings(read(rows), agent_at=lambda phone: None)
    now = Instant(1101.0)
    facts = missed_facts(story.floor, seen, node=NODE, asked_at=Instant(1100.0), now=now)
    assert [type(fact) for fact in facts] == [CallArrived]
