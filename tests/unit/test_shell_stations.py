"""One Asterisk's way onto the floor and off it: office, members, callers taken back, checks."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs

from callcentre.acd.stations import CHECK_SECONDS, ROWS_A_TURN, Station
from callcentre.telephony.ami.codec import Message
from callcentre.telephony.ami.errors import LinkDown
from routing.agent import AgentState
from routing.call import CallState
from routing.facts import AvailabilityAsked, BreakAsked, CallAnswered, LogoutAsked
from routing.ids import AgentId, CallId, Instant, NodeId
from tests.unit.parts.channel_rows import BRIDGE, caller_row, leg_row
from tests.unit.parts.fake_link import refusal
from tests.unit.parts.shell_floor import ANU, BEA, FIRST, FOOD, KWA, NODE, SECOND, THIRD, ShellFloor

NODE2 = NodeId("node2")
ADD_ANU = "QueueAdd kwa PJSIP/1001 anu PJSIP/1001"
ANU_ELSEWHERE = "PJSIP/idle*1001@node-node2"
OFFERING_FIRST = "Redirect node1-1 connect 7*anu*1001 1"


def member(queue: str, phone: str, name: str, *, paused: bool = False) -> Message:
    """A line of QueueStatus."""
    return Message.of(
        ("Event", "QueueMember"),
        ("Queue", queue),
        ("Name", name),
        ("Location", f"PJSIP/{phone}"),
        ("StateInterface", f"PJSIP/{phone}"),
        ("Paused", "1" if paused else "0"),
    )


def user_event(kind: str, call: str, **variables: str) -> Message:
    carried = {"CALL": call, "LEG_OF": call, "HELPLINE": "kwa", "LANGUAGE": "ml", **variables}
    return Message.of(
        ("Event", "UserEvent"),
        ("Timestamp", "1000.5"),
        ("Channel", "PJSIP/trunk-1"),
        *(("ChanVariable", f"CC_{name}={value}") for name, value in carried.items()),
        ("UserEvent", kind),
    )


def stale(kind: str, epoch: int) -> Message:
    """What the dialplan says to a router of *epoch* that wants to move the first caller to Anu."""
    said = user_event(kind, FIRST)
    return Message.of(*said.headers, ("Agent", "anu"), ("Epoch", str(epoch)))


class StationStory(ShellFloor):
    def setUp(self) -> None:
        super().setUp()
        self.station = Station(
            self.switch, self.dispatcher, self.phones, clock=self.clock, tasks=self.tasks, on_fault=self.fault
        )
        self.bus.follow(self.station.follow)
        self.link.up = False

    def recheck(self, node: NodeId) -> None:
        super().recheck(node)
        self.station.check()

    def come_up(self) -> Deferred[None]:
        self.link.up = True
        coming = Deferred.fromCoroutine(self.station.came_up())
        self.addCleanup(self.station.went_down, "the test is over")
        return coming

    def up(self) -> None:
        """The node is being served; the transcript starts after that."""
        self.successResultOf(self.come_up())
        self.take()

    def actions(self, *names: str) -> list[str]:
        """The actions of those names since last asked."""
        return [line for line in self.take() if line.split()[0] in names]

    def members(self) -> list[str]:
        """The changes of queue members since last asked, shortly."""
        return self.actions("QueueAdd", "QueueRemove", "QueuePause")


class ComingUp(StationStory):
    def test_office_and_beat_first_then_members_then_callers_then_offers(self) -> None:
        self.free(ANU)
        self.link.rows["CoreShowChannels"] = [caller_row(FIRST, "waiting", queued_at=990.0)]
        self.take()
        self.successResultOf(self.come_up())
        self.assertEqual(
            self.take(),
            [
                "Getvar CC_EPOCH",
                "Setvar CC_EPOCH 7",
                "Ping",
                "Setvar CC_BEAT 1795475000",
                "QueueStatus",
                f"{ADD_ANU} false",
                "CoreShowChannels",
                "CallArrived node1-1",
                "CallQueued node1-1",
                "NodeServed",
                "OfferProposed node1-1 anu",
                OFFERING_FIRST,
                "CallOffered node1-1 anu",
                "Getvar DEVICE_STATE(PJSIP/1001)",
                "PhoneBack anu",
            ],
        )

    def test_a_node_that_remembers_a_later_router_is_given_a_still_later_one(self) -> None:
        self.link.globals["CC_EPOCH"] = "41"
        self.successResultOf(self.come_up())
        self.assertEqual(self.take()[:3], ["Getvar CC_EPOCH", "keep epoch 42", "Setvar CC_EPOCH 42"])
        self.assertEqual(self.dispatcher.epoch, 42)

    def test_a_node_that_remembers_an_earlier_one_or_nonsense_is_given_ours(self) -> None:
        for remembered in ("6", "7", "", "soon"):
            self.link.globals["CC_EPOCH"] = remembered
            self.successResultOf(self.come_up())
            self.assertEqual(self.link.globals["CC_EPOCH"], "7")
            self.station.went_down("for the next")

    def test_callers_in_the_native_queue_are_taken_back_in_the_order_they_came(self) -> None:
        self.link.rows["CoreShowChannels"] = [
            caller_row(THIRD, "fallback", queued_at=993.0),
            caller_row("node1-9", "waiting", queued_at=990.0),
            caller_row(FIRST, "fallback", queued_at=991.0),
            caller_row(SECOND, "fallback", queued_at=992.0),
        ]
        self.successResultOf(self.come_up())
        self.assertEqual(
            self.actions("Redirect"),
            [f"Redirect {call} waiting s 1" for call in (FIRST, SECOND, THIRD)],
        )
        waiting = [call.id for call in self.dispatcher.floor.waiting(KWA)]
        self.assertEqual(waiting, ["node1-9", FIRST, SECOND, THIRD])

    def test_who_talks_or_rings_in_the_native_queue_is_left_there(self) -> None:
        self.free(ANU)
        self.seat(BEA)
        self.link.rows["CoreShowChannels"] = [
            caller_row(FIRST, "fallback", queued_at=991.0, bridge=BRIDGE),
            leg_row(FIRST, "1001", bridge=BRIDGE),
            caller_row(SECOND, "fallback", queued_at=992.0),
            leg_row(SECOND, "1002"),
        ]
        self.successResultOf(self.come_up())
        self.assertEqual(self.actions("Redirect"), [])
        self.assertEqual(self.call_state(FIRST), CallState.TALKING)
        self.assertEqual(self.agent_state(ANU), AgentState.TALKING)

    def test_one_who_cannot_be_taken_back_keeps_nobody_else_waiting(self) -> None:
        self.link.rows["CoreShowChannels"] = [
            caller_row(FIRST, "fallback", queued_at=991.0),
            caller_row(SECOND, "fallback", queued_at=992.0),
        ]
        self.link.fail(f"Redirect {FIRST}", refusal("Channel does not exist"))
        self.successResultOf(self.come_up())
        self.assertEqual(len(self.actions("Redirect")), 2)
        self.assertIn(NODE, self.dispatcher.serving)

    def test_a_node_that_refuses_its_office_is_not_served_and_the_link_hears_of_it(self) -> None:
        self.link.fail("Setvar CC_EPOCH", refusal("Permission denied"))
        self.failureResultOf(self.come_up())
        self.assertEqual(self.dispatcher.serving, {})

    def test_a_link_lost_on_the_way_is_not_served(self) -> None:
        self.free(ANU)
        self.link.rows["CoreShowChannels"] = [caller_row(FIRST, "fallback", queued_at=991.0)]
        self.link.hold("Redirect")
        coming = self.come_up()
        self.take()
        self.link.lose()
        self.successResultOf(coming)
        self.assertEqual(self.take(), [])
        self.assertEqual(self.dispatcher.serving, {})

    def test_the_phones_of_another_node_that_answer_it_are_followed_and_so_are_their_members(self) -> None:
        self.seat(ANU, node=NODE2)
        self.seat(BEA, node=NODE2)
        self.link.globals["DEVICE_STATE(PJSIP/1002)"] = "UNAVAILABLE"
        self.successResultOf(self.come_up())
        self.assertEqual(
            self.take()[-5:],
            [
                "Getvar DEVICE_STATE(PJSIP/1001)",
                "PhoneBack anu",
                f"QueueRemove kwa {ANU_ELSEWHERE}",
                f"{ADD_ANU} true",
                "Getvar DEVICE_STATE(PJSIP/1002)",
            ],
        )


class AFullWaitingRoom(StationStory):
    def setUp(self) -> None:
        super().setUp()
        self.up()
        self.link.rows["CoreShowChannels"] = [
            caller_row(f"node1-{n}", "waiting", queued_at=900.0 + n) for n in range(2 * ROWS_A_TURN + 1)
        ]
        self.link.hold("CoreShowChannels")
        self.clock.advance(CHECK_SECONDS)
        self.link.release()

    def test_offers_are_made_while_it_is_being_looked_at(self) -> None:
        self.free(ANU)
        self.queue(CallId("node1-new"))
        self.assertEqual(self.actions("OfferProposed"), ["OfferProposed node1-new anu"])
        self.clock.pump([0, 0])
        self.assertEqual(len(self.actions("CallQueued")), 2 * ROWS_A_TURN + 1)

    def test_nothing_is_believed_of_a_switch_that_was_lost_meanwhile(self) -> None:
        self.link.up = False
        self.clock.pump([0, 0])
        self.assertEqual(self.actions("CallQueued"), [])


class GoingAway(StationStory):
    def test_its_callers_stay_on_the_floor_and_get_no_offers(self) -> None:
        self.up()
        self.queue(FIRST)
        self.link.up = False
        self.station.went_down("connection lost")
        self.take()
        self.free(ANU)
        self.assertEqual(self.take(), ["AgentLoggedIn anu", "AvailabilityAsked anu"])
        self.assertEqual(self.call_state(FIRST), CallState.WAITING)

    def test_nothing_is_asked_of_it_any_more(self) -> None:
        self.up()
        self.link.up = False
        self.station.went_down("connection lost")
        self.take()
        self.clock.advance(CHECK_SECONDS * 3)
        self.station.check()
        self.assertEqual(self.take(), [])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_back_again_who_hung_up_meanwhile_is_lost_and_the_rest_go_on(self) -> None:
        self.up()
        self.queue(FIRST)
        self.queue(SECOND)
        self.station.went_down("connection lost")
        self.clock.advance(10)
        self.link.rows["CoreShowChannels"] = [caller_row(SECOND, "waiting", queued_at=1000.0)]
        self.successResultOf(self.come_up())
        self.assertIn("CallLost node1-1", self.take())
        self.assertEqual([call.id for call in self.dispatcher.floor.calls()], [SECOND])


class Told(StationStory):
    def test_an_event_becomes_facts_in_the_same_turn(self) -> None:
        self.up()
        self.free(ANU)
        self.take()
        self.station.told(user_event("CallQueued", FIRST, QUEUED_AT="1000.25"))
        self.assertEqual(self.take()[:3], ["CallQueued node1-1", "OfferProposed node1-1 anu", OFFERING_FIRST])

    def test_a_phone_that_registers_here_is_followed_and_so_is_its_member(self) -> None:
        self.up()
        self.seat(ANU, node=NODE2)
        self.assertEqual(self.members()[-1], f"QueueAdd kwa {ANU_ELSEWHERE} anu Custom:elsewhere true")
        registered = [("Event", "ContactStatus"), ("ContactStatus", "Reachable"), ("EndpointName", "1001")]
        self.station.told(Message.of(*registered))
        self.assertEqual(self.members(), [f"QueueRemove kwa {ANU_ELSEWHERE}", f"{ADD_ANU} true"])

    def test_an_event_that_makes_no_sense_is_counted_and_shows_no_caller(self) -> None:
        self.up()
        with capturedLogs() as events:
            self.station.told(user_event("CallQueued", FIRST, QUEUED_AT="soon", CALLER="9447012345"))
            self.station.told(Message.of(("Event", "Hangup"), ("ChanVariable", "CC_CALL=node1-1")))
        self.assertEqual(self.take(), ["fault untranslatable_event"] * 2)
        self.assertNotIn("9447012345", repr([e["log_format"].format(**e) for e in events]))

    def test_who_falls_back_while_a_router_is_there_is_taken_back_at_once(self) -> None:
        self.up()
        self.queue(FIRST)
        self.take()
        self.station.told(user_event("CallFellBack", FIRST))
        self.assertEqual(self.take(), ["Redirect node1-1 waiting s 1"])

    def test_who_is_offered_or_talks_meanwhile_is_not_torn_away(self) -> None:
        self.up()
        self.free(ANU)
        self.queue(FIRST)
        self.take()
        self.station.told(user_event("CallFellBack", FIRST))
        self.assertEqual(self.take(), [])

    def test_who_asks_for_a_callback_is_promised_one_when_the_floor_has_it(self) -> None:
        self.up()
        self.queue(FIRST)
        self.take()
        self.station.told(user_event("CallbackAsked", FIRST, CALLER="9447012345"))
        self.assertEqual(self.take(), ["CallbackAsked node1-1", "Redirect node1-1 callback-noted s 1"])

    def test_who_is_offered_in_that_moment_is_not_torn_away(self) -> None:
        self.up()
        self.free(ANU)
        self.queue(FIRST)
        self.take()
        self.station.told(user_event("CallbackAsked", FIRST, CALLER="9447012345"))
        self.assertEqual(self.take(), ["CallbackAsked node1-1"])

    def test_who_cannot_be_promised_one_waits_on_the_line(self) -> None:
        self.up()
        self.queue(FIRST, queued_at=990.0)
        self.link.fail("Redirect", refusal("Redirect failed"))
        self.station.told(user_event("CallbackAsked", FIRST, CALLER="9447012345"))
        self.clock.advance(CHECK_SECONDS)
        self.link.rows["CoreShowChannels"] = [caller_row(FIRST, "waiting", queued_at=990.0)]
        self.station.check()
        self.assertEqual(self.call_state(FIRST), CallState.WAITING)

    def test_a_phone_that_goes_is_told_to_the_floor(self) -> None:
        self.up()
        self.free(ANU)
        self.link.globals["DEVICE_STATE(PJSIP/1001)"] = "UNAVAILABLE"
        self.take()
        self.station.told(
            Message.of(("Event", "ContactStatus"), ("ContactStatus", "Removed"), ("EndpointName", "1001"))
        )
        self.assertIn("PhoneLost anu", self.take())

    def test_an_offer_of_the_process_before_deposes_nobody(self) -> None:
        self.up()
        self.free(ANU)
        self.queue(FIRST)
        self.take()
        self.station.told(stale("OfferStale", 6))
        self.assertEqual(self.take()[0], "OfferRefused node1-1 anu")
        self.assertIn(NODE, self.dispatcher.serving)

    def test_a_deposed_router_turns_nobody_away_either(self) -> None:
        self.up()
        self.take()
        self.station.told(stale("RouterStale", 7))
        self.assertEqual(self.take(), ["NodeDown", "fault deposed"])

    def test_a_deposed_router_offers_no_more(self) -> None:
        self.up()
        self.free(ANU)
        self.queue(FIRST)
        self.take()
        self.station.told(stale("OfferStale", 7))
        self.assertEqual(self.take(), ["NodeDown", "fault deposed", "OfferRefused node1-1 anu"])
        self.assertEqual(self.dispatcher.serving, {})

    def test_who_falls_back_before_the_node_is_served_is_not(self) -> None:
        self.station.told(user_event("CallFellBack", FIRST))
        self.station.told(user_event("CallFellBack", ""))
        self.assertEqual(self.take(), [])

    def test_a_leg_of_the_native_queue_is_attributed_by_the_phone_of_who_sits_there(self) -> None:
        self.up()
        self.seat(ANU)
        self.queue(FIRST)
        self.take()
        answered = [
            ("Event", "DialEnd"),
            ("Timestamp", "1000.5"),
            ("ChanVariable", "CC_CALL=node1-1"),
            ("DestChannel", "PJSIP/1001-0000000c"),
            ("DestChanVariable", "CC_LEG_OF=node1-1"),
            ("DialStatus", "ANSWER"),
        ]
        self.station.told(Message.of(*answered))
        self.assertEqual(self.take()[0], "CallAnswered node1-1 anu")


class Beats(StationStory):
    def test_a_beat_is_written_by_the_switches_own_clock_in_whole_seconds(self) -> None:
        self.up()
        self.station.beat(Instant(1795475170.9))
        self.assertEqual(self.take(), ["Setvar CC_BEAT 1795475170"])

    def test_a_beat_that_does_not_arrive_harms_nobody(self) -> None:
        self.up()
        self.link.fail("Setvar CC_BEAT", LinkDown("connection lost"))
        self.station.beat(Instant(1001.0))
        self.station.beat(Instant(1002.0))
        self.assertEqual(self.link.globals["CC_BEAT"], "1002")


class Checks(StationStory):
    def test_come_by_themselves_while_the_node_is_served(self) -> None:
        self.up()
        self.clock.advance(CHECK_SECONDS)
        self.clock.advance(CHECK_SECONDS)
        self.assertEqual(self.take(), ["CoreShowChannels"] * 2)

    def test_a_fact_that_was_lost_is_made_good(self) -> None:
        self.up()
        self.free(ANU)
        self.queue(FIRST)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.clock.advance(1)
        self.take()
        self.station.check()
        self.assertIn("CallLost node1-1", self.take())
        self.assertEqual(self.agent_state(ANU), AgentState.WRAP_UP)

    def test_a_refused_offer_is_settled_by_the_look_it_asks_for(self) -> None:
        self.up()
        self.queue(FIRST, queued_at=990.0)
        self.link.fail("Redirect", refusal("Redirect failed"))
        self.free(ANU, node=NODE)
        self.link.rows["CoreShowChannels"] = [caller_row(FIRST, "waiting", queued_at=990.0)]
        self.take()
        self.clock.advance(0.5)
        self.assertEqual(
            self.take(),
            [
                f"recheck {NODE}",
                "CoreShowChannels",
                "OfferRefused node1-1 anu",
                "CallQueued node1-1",
                "OfferProposed node1-1 anu",
                OFFERING_FIRST,
                "CallOffered node1-1 anu",
            ],
        )

    def test_one_at_a_time_and_once_more_when_asked_meanwhile(self) -> None:
        self.up()
        self.link.hold("CoreShowChannels")
        for _ in range(3):
            self.station.check()
        self.assertEqual(self.take(), ["CoreShowChannels"])
        self.link.release()
        self.assertEqual(self.take(), ["CoreShowChannels"])

    def test_one_that_fails_is_followed_by_the_next(self) -> None:
        self.up()
        self.link.fail("CoreShowChannels", refusal("not now"))
        self.station.check()
        self.station.check()
        self.assertEqual(self.take(), ["CoreShowChannels"] * 2)
        self.assertIn(NODE, self.dispatcher.serving)

    def test_whoever_is_in_the_native_queue_is_taken_back(self) -> None:
        self.up()
        self.link.rows["CoreShowChannels"] = [caller_row(FIRST, "fallback", queued_at=991.0)]
        self.station.check()
        self.assertEqual(self.actions("Redirect"), ["Redirect node1-1 waiting s 1"])


class QueueMembers(StationStory):
    def test_who_logs_in_takes_breaks_and_leaves_does_so_in_the_native_queue(self) -> None:
        self.up()
        self.seat(ANU)
        self.assertEqual(self.members(), [f"{ADD_ANU} true"])
        self.report(AvailabilityAsked, agent=ANU)
        self.assertEqual(self.members(), ["QueuePause PJSIP/1001 false kwa"])
        self.report(BreakAsked, agent=ANU, reason="tea")
        self.assertEqual(self.members(), ["QueuePause PJSIP/1001 true kwa"])
        self.report(LogoutAsked, agent=ANU)
        self.assertEqual(self.members(), ["QueueRemove kwa PJSIP/1001"])

    def test_calls_cost_nothing(self) -> None:
        self.up()
        self.free(ANU)
        self.members()
        self.queue(FIRST)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.assertEqual(self.members(), [])

    def test_what_the_switch_remembers_is_made_what_it_should_be(self) -> None:
        self.free(ANU)
        self.link.rows["QueueStatus"] = [
            member("kwa", "1001", "anu", paused=True),
            member("kwa", "1009", "zoe"),
        ]
        self.successResultOf(self.come_up())
        self.assertEqual(self.members(), ["QueueRemove kwa PJSIP/1009", "QueuePause PJSIP/1001 false kwa"])

    def test_what_changes_while_the_switch_answers_is_seen_to_afterwards(self) -> None:
        self.up()
        self.link.hold("QueueAdd")
        self.seat(ANU)
        self.report(AvailabilityAsked, agent=ANU)
        self.assertEqual(self.members(), [f"{ADD_ANU} true"])
        self.link.release()
        self.assertEqual(self.members(), ["QueuePause PJSIP/1001 false kwa"])

    def test_a_switch_that_disagrees_is_looked_at_again(self) -> None:
        """Somebody else has changed its members: what we believed they were would be refused for ever."""
        self.up()
        self.link.fail("QueueAdd", refusal("Unable to add interface: Already there"))
        self.seat(ANU)
        self.link.rows["QueueStatus"] = [member("kwa", "1001", "anu", paused=True)]
        self.take()
        self.report(AvailabilityAsked, agent=ANU)
        self.assertEqual(
            self.take(), ["AvailabilityAsked anu", "QueueStatus", "QueuePause PJSIP/1001 false kwa"]
        )

    def test_and_the_next_check_does_so_when_nothing_else_does(self) -> None:
        self.up()
        self.link.fail("QueueAdd", refusal("Unable to add interface: Already there"))
        self.seat(ANU)
        self.take()
        self.clock.advance(CHECK_SECONDS)
        self.assertEqual(self.take()[:3], ["CoreShowChannels", "QueueStatus", f"{ADD_ANU} true"])

    def test_while_the_link_is_down_nothing_is_tried_and_afterwards_everything_is_right(self) -> None:
        self.up()
        self.link.up = False
        self.station.went_down("connection lost")
        with capturedLogs() as events:
            self.free(ANU)
            self.seat(BEA, KWA, FOOD)
        self.assertEqual(self.members(), [])
        self.assertEqual(events, [])
        self.successResultOf(self.come_up())
        self.assertEqual(len(self.members()), 3)

    def test_a_member_of_a_helpline_is_one_of_its_queue_only(self) -> None:
        self.up()
        self.report(BreakAsked, agent=AgentId("nobody"), reason="")
        self.seat(BEA, FOOD)
        self.assertEqual(self.members(), ["QueueAdd food PJSIP/1002 bea PJSIP/1002 true"])
