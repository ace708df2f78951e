"""Phones that go away, come back and move to another node, and what their agents are meanwhile."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from callcentre.acd.phones import agent_at, last_at
from callcentre.telephony.ami.codec import Message
from callcentre.telephony.registrations import phone_told
from callcentre.telephony.switch import Switch
from routing.agent import AgentState
from routing.facts import CallAnswered, LogoutAsked, OfferUnreachable
from routing.ids import NOWHERE, AgentId, NodeId, Phone
from tests.unit.parts.fake_link import FakeLink, refusal
from tests.unit.parts.shell_floor import ANU, BEA, CALLING_BACK, FIRST, NODE, PHONES, ShellFloor

NODE2 = NodeId("node2")
DESK = PHONES[ANU]
DEVICE = "DEVICE_STATE(PJSIP/1001)"


class PhoneStory(ShellFloor):
    """Two nodes, both served; Anu is available at a phone that answers the first."""

    def setUp(self) -> None:
        super().setUp()
        self.links = {NODE: self.link, NODE2: FakeLink(self.happened)}
        self.switches = {NODE: self.switch, NODE2: Switch(NODE2, self.links[NODE2], CALLING_BACK)}
        for switch in self.switches.values():
            self.dispatcher.serve(switch)
        self.free(ANU, node=NODE)
        self.answers(NODE)
        self.take()

    def answers(self, *nodes: NodeId) -> None:
        """The desk phone answers these nodes and no others."""
        for node, link in self.links.items():
            link.globals[DEVICE] = "NOT_INUSE" if node in nodes else "UNAVAILABLE"

    def go_away(self) -> None:
        self.answers()
        self.phones.told(NODE, DESK, answers=False)

    def node_of(self, agent: AgentId) -> NodeId:
        known = self.dispatcher.floor.agent(agent)
        assert known is not None
        return known.node

    def locate(self, agent: AgentId = ANU) -> bool:
        return self.successResultOf(Deferred.fromCoroutine(self.phones.locate(agent)))

    def look(self) -> None:
        self.successResultOf(Deferred.fromCoroutine(self.phones.look()))


class Told(PhoneStory):
    def test_whose_phone_is_gone_gets_no_calls_until_it_is_back(self) -> None:
        self.go_away()
        self.assertEqual(self.take()[-1], "PhoneLost anu")
        self.assertEqual(self.agent_state(ANU), AgentState.UNREACHABLE)
        self.phones.told(NODE, DESK, answers=True)
        self.assertEqual(self.take(), ["PhoneBack anu"])
        self.assertEqual(self.agent_state(ANU), AgentState.AVAILABLE)

    def test_one_that_has_registered_anew_from_another_port_is_not_gone(self) -> None:
        """Asterisk tells first that the new contact answers, and then that the old one is removed."""
        self.phones.told(NODE, DESK, answers=False)
        self.assertEqual(self.take(), [f"Getvar {DEVICE}"])

    def test_nor_one_of_which_a_switch_cannot_say(self) -> None:
        self.answers()
        self.links[NODE2].fail("Getvar", refusal("not now"))
        self.phones.told(NODE, DESK, answers=False)
        self.assertEqual(self.agent_state(ANU), AgentState.AVAILABLE)

    def test_one_that_registers_elsewhere_is_followed_in_whatever_state_its_agent_is(self) -> None:
        self.phones.told(NODE2, DESK, answers=True)
        self.assertEqual(self.take(), ["PhoneBack anu"])
        self.assertEqual((self.node_of(ANU), self.agent_state(ANU)), (NODE2, AgentState.AVAILABLE))
        self.queue(FIRST)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.phones.told(NODE, DESK, answers=True)
        self.assertEqual((self.node_of(ANU), self.agent_state(ANU)), (NODE, AgentState.TALKING))

    def test_one_that_leaves_its_node_is_looked_for_at_the_others(self) -> None:
        self.answers(NODE2)
        self.phones.told(NODE, DESK, answers=False)
        self.assertEqual((self.node_of(ANU), self.agent_state(ANU)), (NODE2, AgentState.AVAILABLE))

    def test_one_that_registers_again_where_it_was_is_no_news(self) -> None:
        self.phones.told(NODE, DESK, answers=True)
        self.assertEqual(self.take(), [])

    def test_nobody_is_logged_in_by_a_phone(self) -> None:
        self.phones.told(NODE2, PHONES[BEA], answers=True)
        self.report(LogoutAsked, agent=ANU)
        self.take()
        self.phones.told(NODE2, DESK, answers=True)
        self.phones.told(NODE2, DESK, answers=False)
        self.assertEqual(self.take(), [])

    def test_nor_kept_by_one_from_going_after_the_call(self) -> None:
        self.queue(FIRST)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.report(LogoutAsked, agent=ANU)
        self.phones.told(NODE2, DESK, answers=True)
        known = self.dispatcher.floor.agent(ANU)
        assert known is not None and known.intent is not None
        self.assertEqual((known.node, known.intent.state), (NODE2, AgentState.LOGGED_OUT))


class Located(PhoneStory):
    def test_its_own_node_is_asked_first(self) -> None:
        self.phones.told(NODE2, DESK, answers=True)
        self.answers(NODE, NODE2)
        self.take()
        self.assertTrue(self.locate())
        self.assertEqual(self.take(), [f"Getvar {DEVICE}"])
        self.assertEqual(self.node_of(ANU), NODE2)

    def test_where_it_answers_there_it_is(self) -> None:
        self.seat(BEA)
        self.links[NODE].globals["DEVICE_STATE(PJSIP/1002)"] = "UNAVAILABLE"
        self.assertEqual(self.node_of(BEA), NOWHERE)
        self.assertTrue(self.locate(BEA))
        self.assertEqual(self.node_of(BEA), NODE2)

    def test_one_that_answers_nowhere_cannot_be_rung(self) -> None:
        self.answers()
        self.assertFalse(self.locate())
        self.assertEqual(self.node_of(ANU), NODE)

    def test_what_a_node_that_is_down_knows_counts_for_nothing(self) -> None:
        self.dispatcher.pause(NODE)
        self.assertFalse(self.locate())

    def test_a_node_that_cannot_answer_leaves_it_in_doubt(self) -> None:
        self.answers()
        self.links[NODE2].fail("Getvar", refusal("not now"))
        self.assertTrue(self.locate())

    def test_and_so_does_nobody_to_ask(self) -> None:
        self.dispatcher.pause(NODE)
        self.dispatcher.pause(NODE2)
        self.assertTrue(self.locate())

    def test_somebody_unknown_is_nowhere(self) -> None:
        self.assertFalse(self.locate(BEA))


class Looked(PhoneStory):
    """For phones of which nobody was there to tell, or of which there is nothing to tell."""

    def find_unreachable(self) -> None:
        self.queue(FIRST)
        self.report(OfferUnreachable, call=FIRST, agent=ANU)
        self.assertEqual(self.agent_state(ANU), AgentState.UNREACHABLE)
        self.take()

    def test_one_that_can_be_rung_after_all_is_found(self) -> None:
        self.find_unreachable()
        self.look()
        self.assertEqual(self.take()[:2], [f"Getvar {DEVICE}", "PhoneBack anu"])

    def test_one_that_cannot_is_not(self) -> None:
        self.find_unreachable()
        self.answers()
        self.look()
        self.assertEqual(self.agent_state(ANU), AgentState.UNREACHABLE)

    def test_nor_one_of_which_no_switch_can_say(self) -> None:
        self.find_unreachable()
        self.answers()
        self.link.fail("Getvar", refusal("not now"))
        self.look()
        self.assertEqual(self.agent_state(ANU), AgentState.UNREACHABLE)

    def test_one_whose_node_is_down_is_looked_for_at_the_others(self) -> None:
        self.dispatcher.pause(NODE)
        self.answers(NODE2)
        self.look()
        self.assertEqual(self.node_of(ANU), NODE2)

    def test_and_stays_where_it_was_if_it_answers_none(self) -> None:
        self.dispatcher.pause(NODE)
        self.look()
        self.assertEqual((self.node_of(ANU), self.agent_state(ANU)), (NODE, AgentState.AVAILABLE))

    def test_no_switch_is_asked_for_one_that_is_where_it_was_or_where_nobody_sits(self) -> None:
        self.seat(BEA)
        self.report(LogoutAsked, agent=BEA)
        self.take()
        self.look()
        self.assertEqual(self.take(), [])


class WhoSitsWhere(PhoneStory):
    def test_nobody_sits_at_the_phone_of_who_has_logged_out(self) -> None:
        floor = self.dispatcher.floor
        self.assertEqual(agent_at(floor, DESK), ANU)
        self.report(LogoutAsked, agent=ANU)
        self.assertIsNone(agent_at(floor, DESK))
        self.assertEqual(last_at(floor, DESK), ANU)
        self.assertIsNone(agent_at(floor, PHONES[BEA]))


class TestWhatAsteriskTells:
    @pytest.mark.parametrize(
        ("status", "told"),
        [
            ("NonQualified", None),
            ("Reachable", (DESK, True)),
            ("Updated", None),
            ("Unreachable", (DESK, False)),
            ("Removed", (DESK, False)),
        ],
    )
    def test_a_phone_answers_from_its_first_answer_to_its_last(
        self, status: str, told: tuple[Phone, bool] | None
    ) -> None:
        event = Message.of(
            ("Event", "ContactStatus"),
            ("URI", "sip:1001@127.0.0.1:22504"),
            ("ContactStatus", status),
            ("AOR", "1001"),
            ("EndpointName", "1001"),
        )
        assert phone_told(event) == told

    def test_no_other_event_speaks_of_phones(self) -> None:
        assert phone_told(Message.of(("Event", "Hangup"), ("ContactStatus", "Removed"))) is None
