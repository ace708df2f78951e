"""The one loop, told as stories: facts in, offers out, and whatever a switch may answer."""

from __future__ import annotations

from twisted.logger import capturedLogs

from callcentre.acd.switchboard import NOT_SERVED, REFUSAL_PAUSE
from callcentre.telephony.ami.errors import ActionTimedOut, LinkDown, TooManyPending
from callcentre.telephony.switch import Switch
from routing.agent import AgentState
from routing.call import CallState
from routing.decisions import Offer
from routing.facts import (
    AvailabilityAsked,
    BreakAsked,
    CallAnswered,
    CallEnded,
    Fact,
    OfferProposed,
    OfferRefused,
    Party,
    TalkEnded,
)
from routing.ids import NOWHERE, AgentId, CallId, Epoch, NodeId
from routing.rules import OFFER_GRACE
from tests.unit.parts.fake_link import FakeLink, refusal
from tests.unit.parts.shell_floor import (
    ANU,
    BEA,
    CALLING_BACK,
    FIRST,
    NODE,
    RING,
    SECOND,
    THIRD,
    WRAP_UP,
    ShellFloor,
)

NODE2 = NodeId("node2")
OFFERING_FIRST = "Redirect node1-1 connect 7*anu*1001 1"
OFFERING_FIRST_BEA = "Redirect node1-1 connect 7*bea*1002 1"


class Served(ShellFloor):
    """The node is served from the start."""

    def setUp(self) -> None:
        super().setUp()
        self.dispatcher.serve(self.switch)
        self.take()

    def offer(self) -> None:
        """The first caller is offered to Anu; the transcript starts after that."""
        self.free(ANU)
        self.queue(FIRST)
        self.take()


class OfferStories(Served):
    def test_a_free_agent_meets_the_next_caller_in_the_moment_she_comes(self) -> None:
        self.free(ANU)
        self.queue(FIRST)
        self.assertEqual(
            self.take()[2:],
            [
                "CallQueued node1-1",
                "OfferProposed node1-1 anu",
                OFFERING_FIRST,
                "CallOffered node1-1 anu",
            ],
        )
        self.assertEqual(self.call_state(FIRST), CallState.RINGING)

    def test_and_in_the_moment_she_becomes_free(self) -> None:
        self.queue(FIRST)
        self.queue(SECOND)
        self.take()
        self.free(ANU)
        self.assertEqual(self.take()[2:4], ["OfferProposed node1-1 anu", OFFERING_FIRST])

    def test_an_offer_is_a_fact_only_when_the_switch_has_taken_it(self) -> None:
        self.link.hold("Redirect")
        self.free(ANU)
        self.queue(FIRST)
        self.assertEqual(self.take()[-1], OFFERING_FIRST)
        self.assertEqual(self.call_state(FIRST), CallState.RESERVED)
        self.link.release()
        self.assertEqual(self.take(), ["CallOffered node1-1 anu"])

    def test_two_callers_and_two_agents_are_two_offers_and_nobody_is_offered_twice(self) -> None:
        self.link.hold("Redirect")
        self.free(ANU)
        self.clock.advance(1)
        self.free(BEA)
        for call in (FIRST, SECOND, THIRD):
            self.queue(call)
        self.assertEqual(
            [line for line in self.take() if line.startswith("Redirect")],
            [OFFERING_FIRST, "Redirect node1-2 connect 7*bea*1002 1"],
        )

    def test_an_answer_that_overtakes_the_acceptance_is_kept(self) -> None:
        self.link.hold("Redirect")
        self.offer()
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.link.release()
        self.assertEqual(self.take(), ["CallAnswered node1-1 anu", "CallOffered node1-1 anu"])
        self.assertEqual(self.call_state(FIRST), CallState.TALKING)

    def test_an_acceptance_that_comes_after_the_caller_has_gone_changes_nothing(self) -> None:
        self.link.hold("Redirect")
        self.offer()
        self.report(CallEnded, call=FIRST, by=Party.CALLER)
        self.link.release()
        self.assertEqual(self.call_state(FIRST), None)
        self.assertEqual(self.agent_state(ANU), AgentState.AVAILABLE)

    def test_every_offer_carries_the_newest_term_of_office(self) -> None:
        self.dispatcher.raise_epoch(Epoch(12))
        self.free(ANU)
        self.queue(FIRST)
        self.assertEqual(self.take()[0], "keep epoch 12")
        self.assertEqual(self.dispatcher.epoch, 12)
        self.report(CallEnded, call=FIRST, by=Party.CALLER)
        self.queue(SECOND)
        self.assertIn("Redirect node1-2 connect 12*anu*1001 1", self.take())


class RefusalStories(Served):
    def test_an_offer_the_switch_refuses_is_asked_about_after_a_pause_and_not_repeated(self) -> None:
        self.link.fail("Redirect", refusal("Channel does not exist: node1-1"))
        self.offer()
        self.assertEqual(self.call_state(FIRST), CallState.RESERVED)
        self.clock.advance(REFUSAL_PAUSE / 2)
        self.assertEqual(self.take(), [])
        self.clock.advance(REFUSAL_PAUSE / 2)
        self.assertEqual(self.take(), [f"recheck {NODE}"])

    def test_nobody_is_asked_when_the_end_of_the_call_is_known_by_then(self) -> None:
        self.link.fail("Redirect", refusal("Channel does not exist: node1-1"))
        self.offer()
        self.report(CallEnded, call=FIRST, by=Party.CALLER)
        self.take()
        self.clock.advance(REFUSAL_PAUSE)
        self.assertEqual(self.take(), [])
        self.assertEqual(self.agent_state(ANU), AgentState.AVAILABLE)

    def test_no_answer_is_asked_about_as_well(self) -> None:
        self.link.fail("Redirect", ActionTimedOut("no answer in 2 s"))
        self.offer()
        self.clock.advance(REFUSAL_PAUSE)
        self.assertEqual(self.take(), [f"recheck {NODE}"])

    def test_and_so_is_what_could_not_be_sent_for_too_many_questions(self) -> None:
        self.link.fail("Redirect", TooManyPending("4096 actions wait"))
        self.offer()
        self.clock.advance(REFUSAL_PAUSE)
        self.assertEqual(self.take(), [f"recheck {NODE}"])

    def test_the_log_names_the_call_and_no_caller(self) -> None:
        self.link.fail("Redirect", refusal("no such channel"))
        with capturedLogs() as events:
            self.offer()
        (warned,) = [e for e in events if "offer" in e["log_format"]]
        self.assertEqual((warned["call"], warned["agent"], warned["why"]), (FIRST, ANU, "no such channel"))
        self.assertNotIn("9447000001", repr(warned))


class LostLinkStories(Served):
    def test_an_offer_under_way_when_the_link_is_lost_is_refused_once_and_its_node_waits(self) -> None:
        """Its owner has not been told yet: the offer must not be made again and again in that moment."""
        self.link.hold("Redirect")
        self.offer()
        self.queue(SECOND)
        self.take()
        self.link.lose()
        self.assertEqual(self.take(), ["NodeDown", "OfferRefused node1-1 anu"])
        self.assertEqual(self.call_state(FIRST), CallState.WAITING)
        self.assertEqual(self.agent_state(ANU), AgentState.AVAILABLE)
        self.assertEqual(self.dispatcher.serving, {})

    def test_several_offers_on_a_link_that_is_already_down_are_all_refused(self) -> None:
        self.dispatcher.pause(NODE)
        self.free(ANU)
        self.free(BEA)
        self.queue(FIRST)
        self.queue(SECOND)
        self.take()
        self.link.up = False
        self.dispatcher.serve(self.switch)
        self.assertEqual(
            self.take(),
            [
                "NodeServed",
                "OfferProposed node1-1 anu",
                "OfferProposed node1-2 bea",
                "NodeDown",
                "OfferRefused node1-1 anu",
                "OfferRefused node1-2 bea",
            ],
        )
        self.assertEqual(self.agent_state(BEA), AgentState.AVAILABLE)

    def test_each_refusal_says_why(self) -> None:
        facts: list[Fact] = []
        self.bus.follow(facts.append)
        self.dispatcher.pause(NODE)
        for agent, call in ((ANU, FIRST), (BEA, SECOND)):
            self.free(agent)
            self.queue(call)
        self.link.fail("Redirect", LinkDown("connection lost"))
        self.dispatcher.serve(self.switch)
        reasons = [fact.reason for fact in facts if isinstance(fact, OfferRefused)]
        self.assertEqual(reasons, ["connection lost", NOT_SERVED])

    def test_when_the_node_is_served_again_the_same_caller_is_next(self) -> None:
        self.link.hold("Redirect")
        self.offer()
        self.queue(SECOND)
        self.link.lose()
        self.link.up = True
        self.link.release()
        self.take()
        self.dispatcher.serve(self.switch)
        self.assertEqual(self.take()[1:3], ["OfferProposed node1-1 anu", OFFERING_FIRST])


class ServingStories(ShellFloor):
    def test_nothing_is_offered_before_the_node_is_served(self) -> None:
        self.free(ANU)
        self.queue(FIRST)
        self.assertFalse([line for line in self.take() if "Offer" in line or "Redirect" in line])
        self.dispatcher.serve(self.switch)
        self.assertEqual(
            self.take(),
            ["NodeServed", "OfferProposed node1-1 anu", OFFERING_FIRST, "CallOffered node1-1 anu"],
        )

    def test_nothing_is_offered_after_it_is_paused(self) -> None:
        self.dispatcher.serve(self.switch)
        self.dispatcher.pause(NODE)
        self.free(ANU)
        self.queue(FIRST)
        self.assertFalse([line for line in self.take() if "Offer" in line or "Redirect" in line])

    def test_a_caller_of_a_node_that_is_not_served_keeps_nobody_waiting(self) -> None:
        """She is first in line, and nobody can move her: the next one is served meanwhile."""
        other = NODE2
        self.dispatcher.pause(other)
        self.dispatcher.serve(self.switch)
        self.queue(CallId("node2-1"), node=other, queued_at=900.0)
        self.queue(FIRST)
        self.free(ANU)
        self.assertEqual(
            self.take()[-3:], ["OfferProposed node1-1 anu", OFFERING_FIRST, "CallOffered node1-1 anu"]
        )

    def test_a_node_that_nobody_ever_served_is_offered_once_and_no_more(self) -> None:
        self.queue(CallId("node2-1"), node=NodeId("node2"))
        self.free(ANU)
        self.assertEqual(
            self.take()[-3:], ["OfferProposed node2-1 anu", "NodeDown", "OfferRefused node2-1 anu"]
        )

    def test_a_node_is_said_to_be_down_once(self) -> None:
        self.dispatcher.serve(self.switch)
        self.dispatcher.pause(NODE)
        self.dispatcher.pause(NODE)
        self.assertEqual(self.take(), ["NodeServed", "NodeDown"])

    def test_stopped_it_takes_note_and_decides_nothing(self) -> None:
        self.dispatcher.serve(self.switch)
        self.free(ANU)
        self.dispatcher.stop()
        self.queue(FIRST)
        self.dispatcher.serve(self.switch)
        self.assertEqual(self.take()[-2:], ["CallQueued node1-1", "NodeServed"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stopped_in_a_talk_it_leaves_no_alarm_behind(self) -> None:
        self.dispatcher.serve(self.switch)
        self.free(ANU)
        self.queue(FIRST)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.dispatcher.stop()
        self.report(TalkEnded, call=FIRST, agent=ANU, by=Party.AGENT)
        self.assertEqual(self.agent_state(ANU), AgentState.WRAP_UP)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class SeveralNodes(Served):
    """Callers of the first node, agents at phones of both."""

    def setUp(self) -> None:
        super().setUp()
        self.second = Switch(NODE2, FakeLink(self.happened), CALLING_BACK)
        self.dispatcher.serve(self.second)
        self.take()

    def test_an_agent_of_another_node_is_rung_through_it(self) -> None:
        self.free(ANU, node=NODE2)
        self.queue(FIRST)
        self.assertIn("Redirect node1-1 connect 7*anu*1001@node-node2 1", self.take())

    def test_one_whose_phone_is_of_no_known_node_is_rung_where_the_caller_is(self) -> None:
        self.free(ANU, node=NOWHERE)
        self.queue(FIRST)
        self.assertIn(OFFERING_FIRST, self.take())

    def test_while_hers_is_down_the_caller_meets_the_next_and_she_keeps_her_place(self) -> None:
        self.free(ANU, node=NODE2)
        self.clock.advance(1)
        self.free(BEA)
        self.dispatcher.pause(NODE2)
        self.take()
        self.queue(FIRST)
        self.assertEqual(self.take()[1:3], ["OfferProposed node1-1 bea", OFFERING_FIRST_BEA])
        self.dispatcher.serve(self.second)
        self.queue(SECOND)
        self.assertIn("OfferProposed node1-2 anu", self.take())

    def test_one_at_a_node_that_nobody_serves_any_more_is_offered_once_and_no_more(self) -> None:
        self.free(ANU, node=NodeId("node3"))
        self.clock.advance(1)
        self.free(BEA)
        self.take()
        self.queue(FIRST)
        self.assertEqual(
            self.take()[1:5],
            [
                "OfferProposed node1-1 anu",
                "NodeDown",
                "OfferRefused node1-1 anu",
                "OfferProposed node1-1 bea",
            ],
        )

    def test_a_later_term_of_office_is_told_to_every_node_that_is_served(self) -> None:
        self.dispatcher.raise_epoch(Epoch(42))
        self.assertEqual(self.take(), ["keep epoch 42", *["Setvar CC_EPOCH 42"] * 2])

    def test_one_that_does_not_hear_of_it_is_told_when_it_is_back(self) -> None:
        self.link.up = False
        with capturedLogs() as events:
            self.dispatcher.raise_epoch(Epoch(42))
        self.assertEqual(self.take(), ["keep epoch 42", "Setvar CC_EPOCH 42"])
        self.assertEqual([event["node"] for event in events], [NODE])


class TimeStories(Served):
    def test_a_wrap_up_ends_by_itself_and_the_next_caller_comes(self) -> None:
        self.offer()
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.report(TalkEnded, call=FIRST, agent=ANU, by=Party.AGENT)
        self.report(CallEnded, call=FIRST, by=Party.AGENT)
        self.queue(SECOND)
        self.take()
        self.clock.advance(WRAP_UP - 0.001)
        self.assertEqual(self.take(), [])
        self.clock.advance(0.001)
        self.assertEqual(self.take()[:2], ["WrapUpEnded anu", "OfferProposed node1-2 anu"])

    def test_an_agent_who_is_ready_earlier_needs_no_alarm(self) -> None:
        self.offer()
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.report(TalkEnded, call=FIRST, agent=ANU, by=Party.AGENT)
        self.report(AvailabilityAsked, agent=ANU)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_an_offer_nobody_reports_the_end_of_is_asked_about_again_and_again(self) -> None:
        self.offer()
        for _ in range(3):
            self.clock.advance(RING + OFFER_GRACE)
            self.assertEqual(self.take(), ["OfferOverdue node1-1 anu", f"recheck {NODE}"])

    def test_there_is_one_alarm_however_much_happens(self) -> None:
        self.offer()
        for _ in range(5):
            self.clock.advance(1)
            self.report(BreakAsked, agent=ANU, reason="tea")
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)


class FaultStories(Served):
    def test_a_fact_that_cannot_happen_is_counted_and_the_next_is_heard(self) -> None:
        impossible = OfferProposed(at=self.now(), call=FIRST, agent=AgentId("zoe"))
        self.free(ANU)
        self.take()
        with capturedLogs() as events:
            self.dispatcher.report(impossible)
        self.assertEqual(self.take(), ["fault illegal_transition"])
        self.assertIn("OfferProposed", [e.get("fact") for e in events])
        self.queue(FIRST)
        self.assertIn(OFFERING_FIRST, self.take())
        self.flushLoggedErrors()

    def test_it_is_published_to_nobody(self) -> None:
        facts: list[Fact] = []
        self.bus.follow(facts.append)
        self.dispatcher.report(OfferProposed(at=self.now(), call=FIRST, agent=ANU))
        self.assertEqual(facts, [])
        self.flushLoggedErrors()

    def test_a_decision_the_floor_itself_refuses_does_not_spin(self) -> None:
        self.offer()
        self.dispatcher.floor.decide = lambda now: [Offer(FIRST, ANU)]  # type: ignore[method-assign]
        self.dispatcher.report()
        self.assertEqual(self.take(), ["fault illegal_transition"])
        self.flushLoggedErrors()


class OrderStories(Served):
    def test_what_a_follower_reports_comes_after_what_it_was_told_and_before_any_decision(self) -> None:
        def takes_a_break_at_once(fact: Fact) -> None:
            if isinstance(fact, AvailabilityAsked):
                self.report(BreakAsked, agent=fact.agent, reason="tea")

        self.queue(FIRST)
        self.bus.follow(takes_a_break_at_once)
        self.bus.follow(lambda fact: self.happened.append(f"last: {type(fact).__name__}"))
        self.take()
        self.free(ANU)
        self.assertEqual(
            self.take(),
            [
                "AgentLoggedIn anu",
                "last: AgentLoggedIn",
                "AvailabilityAsked anu",
                "last: AvailabilityAsked",
                "BreakAsked anu",
                "last: BreakAsked",
            ],
        )
        self.assertEqual(self.agent_state(ANU), AgentState.ON_BREAK)

    def test_a_follower_that_fails_harms_neither_the_loop_nor_the_others(self) -> None:
        def fails(fact: Fact) -> None:
            raise RuntimeError("a board is broken")

        facts: list[Fact] = []
        self.bus.follow(fails)
        self.bus.follow(facts.append)
        self.free(ANU)
        self.queue(FIRST)
        happened = self.take()
        self.assertIn(OFFERING_FIRST, happened)
        self.assertEqual(happened.count("fault follower"), len(facts))
        self.assertEqual(len(facts), 5)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 5)

    def test_several_facts_are_all_told_before_anything_is_decided(self) -> None:
        self.free(ANU)
        queued_late = self.now()
        self.take()
        self.dispatcher.pause(NODE)
        self.queue(SECOND, queued_at=queued_late + 5)
        self.queue(FIRST, queued_at=queued_late + 1)
        self.take()
        self.dispatcher.serve(self.switch)
        self.assertEqual(self.take()[2], OFFERING_FIRST)
