"""What is asked of a switch for each decision, and what follows when it does not do it."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from callcentre.acd.switchboard import REFUSAL_PAUSE
from callcentre.telephony.ami.errors import LinkDown
from routing.agent import AgentState
from routing.call import CallState
from routing.facts import (
    CallAnswered,
    CallbackAsked,
    CallEnded,
    CallLost,
    CallOffered,
    HelplineClosed,
    OfferMissed,
    Party,
)
from routing.ids import Epoch, Seconds
from routing.rules import CallbackRules, FloorRules, HelplineRules, Limits, Outlet, Step
from tests.unit.parts.fake_link import refusal
from tests.unit.parts.shell_floor import (
    ANU,
    FIRST,
    FOOD,
    KWA,
    NODE,
    RING,
    SECOND,
    WRAP_UP,
    ShellFloor,
)

MAX_WAIT, RETRY = 60.0, 300.0
NUMBER = "+919447000001"
CALLING_FIRST = (
    f"Originate PJSIP/{NUMBER}@trunk node1-1 call-back 7*anu*1001 1 1600-kwa 25000 true"
    f" CC_CALL=node1-1 _CC_LEG_OF=node1-1 CC_DIALLED= CC_CALLER={NUMBER} CC_LANGUAGE=ml CC_HELPLINE=kwa"
    " CC_CATEGORY= CC_QUEUED_AT=1000.000000"
)


class RuleStory(ShellFloor):
    """The node is served, and the water helpline has the rules of ``kwa``."""

    kwa: HelplineRules

    def setUp(self) -> None:
        super().setUp()
        self.dispatcher.serve(self.switch)
        self.take()

    def rules(self) -> FloorRules:
        return FloorRules(
            ring_seconds=Seconds(RING),
            wrap_up_seconds=Seconds(WRAP_UP),
            missed_offers_limit=1,
            helplines={KWA: self.kwa},
        )


class Limited(RuleStory):
    """One caller may wait, and a minute at most."""

    kwa = HelplineRules(
        steps=(Step(language=7), Step(after=Seconds(20.0))),
        limits=Limits(max_waiting=1, max_wait=Seconds(MAX_WAIT), when_late=Outlet(FOOD)),
    )

    def test_whoever_finds_the_line_full_is_told_so_and_let_go(self) -> None:
        self.queue(FIRST)
        self.queue(SECOND)
        self.assertEqual(
            self.take()[-2:], ["CallTurnedAway node1-2", "Redirect node1-2 turned-away 7*full 1"]
        )
        self.report(CallEnded, call=SECOND, by=Party.SYSTEM)
        self.assertIsNone(self.call_state(SECOND))

    def test_whoever_has_waited_too_long_waits_elsewhere_and_her_channel_says_so(self) -> None:
        self.seat(ANU, FOOD)
        self.queue(FIRST)
        self.take()
        self.clock.advance(MAX_WAIT)
        self.assertEqual(self.take()[-2:], ["CallOverflowed node1-1", "Setvar CC_HELPLINE food node1-1"])
        self.assertEqual([call.id for call in self.dispatcher.floor.waiting(FOOD)], [FIRST])

    def test_where_nobody_is_she_is_turned_away(self) -> None:
        self.queue(FIRST)
        self.clock.advance(MAX_WAIT)
        self.assertEqual(self.take()[-1], "Redirect node1-1 turned-away 7*late 1")

    def test_needs_that_relax_ask_nothing_of_the_switch(self) -> None:
        self.queue(FIRST)
        self.take()
        self.clock.advance(20.0)
        self.assertEqual(self.take(), ["NeedsRelaxed node1-1"])

    def test_what_the_switch_does_not_do_is_asked_about_after_a_pause(self) -> None:
        self.queue(FIRST)
        self.link.fail("Redirect", refusal("Redirect failed"))
        self.queue(SECOND)
        self.take()
        self.clock.advance(REFUSAL_PAUSE)
        self.assertEqual(self.take(), [f"recheck {NODE}"])

    def test_a_link_that_is_lost_over_it_pauses_the_node(self) -> None:
        self.queue(FIRST)
        self.link.fail("Redirect", LinkDown("connection lost"))
        self.queue(SECOND)
        self.assertEqual(self.take()[-1], "NodeDown")
        self.assertEqual(self.dispatcher.serving, {})


class NotServedYet(ShellFloor):
    """A caller is taken up from the records before her switch is, and her helpline is closed meanwhile."""

    def rules(self) -> FloorRules:
        return FloorRules(
            ring_seconds=Seconds(RING),
            wrap_up_seconds=Seconds(WRAP_UP),
            missed_offers_limit=1,
            helplines={KWA: HelplineRules(limits=Limits(stay_closed=False, max_wait=Seconds(MAX_WAIT)))},
        )

    def setUp(self) -> None:
        super().setUp()
        self.queue(FIRST)
        self.take()

    def test_nobody_is_turned_away_before_her_switch_can_be_asked_to(self) -> None:
        self.report(HelplineClosed, helpline=KWA)
        self.clock.advance(MAX_WAIT)
        self.assertEqual(self.take(), ["HelplineClosed"])
        self.assertEqual(self.call_state(FIRST), CallState.WAITING)

    def test_she_is_as_soon_as_it_is_served(self) -> None:
        self.report(HelplineClosed, helpline=KWA)
        self.dispatcher.serve(self.switch)
        self.assertEqual(self.take()[-1], "Redirect node1-1 turned-away 7*closed 1")

    def test_who_has_hung_up_meanwhile_is_not(self) -> None:
        self.report(HelplineClosed, helpline=KWA)
        self.report(CallLost, call=FIRST)
        self.dispatcher.serve(self.switch)
        self.assertNotIn("CallTurnedAway node1-1", self.take())


class CalledBack(RuleStory):
    """The first caller has asked to be called back, and is still on the line."""

    kwa = HelplineRules(callback=CallbackRules(attempts=2, retry_seconds=Seconds(RETRY)))

    def setUp(self) -> None:
        super().setUp()
        self.queue(FIRST, queued_at=1000.0)
        self.report(CallbackAsked, call=FIRST, number=NUMBER)
        self.take()

    def hang_up(self) -> None:
        self.report(CallEnded, call=FIRST, by=Party.CALLER)

    def call_her(self) -> None:
        self.hang_up()
        self.free(ANU)
        self.assertIn(CALLING_FIRST, self.take())

    def test_nobody_is_called_before_she_has_hung_up(self) -> None:
        self.free(ANU)
        self.assertFalse([line for line in self.take() if line.startswith("Originate")])
        self.assertEqual(self.call_state(FIRST), CallState.RESTING)

    def test_when_it_is_her_turn_the_agent_is_held_and_the_citizen_called(self) -> None:
        self.hang_up()
        self.free(ANU)
        self.assertEqual(self.take()[-2:], ["OfferProposed node1-1 anu", CALLING_FIRST])
        self.assertEqual(self.agent_state(ANU), AgentState.RESERVED)

    def test_the_agents_phone_rings_when_she_has_answered(self) -> None:
        self.call_her()
        self.report(CallOffered, call=FIRST, agent=ANU)
        self.assertEqual(self.agent_state(ANU), AgentState.RINGING)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.report(CallEnded, call=FIRST, by=Party.CALLER)
        self.assertIsNone(self.call_state(FIRST))

    def test_one_who_does_not_answer_is_called_again_later_and_then_given_up(self) -> None:
        self.call_her()
        self.hang_up()
        self.assertEqual(self.agent_state(ANU), AgentState.AVAILABLE)
        self.assertEqual(self.take(), ["CallEnded node1-1"])
        self.clock.advance(RETRY)
        self.assertEqual(self.take()[-1], CALLING_FIRST)
        self.hang_up()
        self.assertEqual(self.take(), ["CallEnded node1-1", "CallbackGivenUp node1-1"])

    def test_one_who_waits_because_the_agent_did_not_answer_is_offered_as_any_caller(self) -> None:
        self.call_her()
        self.report(OfferMissed, call=FIRST, agent=ANU, reason="NOANSWER")
        self.free(ANU)
        self.assertIn("Redirect node1-1 connect 7*anu*1001 1", self.take())

    def test_a_call_that_the_switch_refuses_to_make_is_asked_about(self) -> None:
        self.link.fail("Originate", refusal("Permission denied"))
        self.call_her()
        self.assertEqual(self.call_state(FIRST), CallState.RESERVED)
        self.clock.advance(REFUSAL_PAUSE)
        self.assertEqual(self.take(), [f"recheck {NODE}"])

    def test_nobody_is_called_through_a_node_that_is_not_served(self) -> None:
        self.dispatcher.pause(NODE)
        self.hang_up()
        self.free(ANU)
        self.assertFalse([line for line in self.take() if line.startswith("Originate")])
        self.dispatcher.serve(self.switch)
        self.assertEqual(self.take()[-1], CALLING_FIRST)

    def test_a_call_nobody_asked_to_have_back_is_not_made(self) -> None:
        self.queue(SECOND)
        self.seat(ANU)
        call, agent = self.dispatcher.floor.call(SECOND), self.dispatcher.floor.agent(ANU)
        assert call is not None and agent is not None
        calling = self.switch.call_back(call, agent, epoch=Epoch(7))
        self.failureResultOf(Deferred.fromCoroutine(calling), ValueError)
