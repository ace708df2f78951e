"""Where agents' phones are: told by the nodes, asked of them where it matters, and followed."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from callcentre.acd.phones import agent_at, last_at
from callcentre.telephony.ami.codec import Message
from callcentre.telephony.registrations import phone_told
from callcentre.telephony.switch import Switch
from routing.agent import AgentState
from routing.facts import AvailabilityAsked, CallAnswered, LogoutAsked
from routing.ids import NOWHERE, AgentId, NodeId, Phone
from tests.unit.parts.fake_link import FakeLink, refusal
from tests.unit.parts.shell_floor import ANU, BEA, FIRST, NODE, ShellFloor

NODE2 = NodeId("node2")
DESK = Phone("1001")


class PhonesStory(ShellFloor):
    """Two nodes; what each is asked begins with its name in the transcript."""

    def setUp(self) -> None:
        super().setUp()
        self.asked: list[str] = []
        self.links = {node: FakeLink(self.asked) for node in (NODE, NODE2)}
        self.switches = {node: Switch(node, link) for node, link in self.links.items()}

    def serve(self, *nodes: NodeId) -> None:
        for node in nodes:
            self.dispatcher.serve(self.switches[node])

    def answers(self, *nodes: NodeId) -> None:
        """The desk phone answers these nodes and no others."""
        for node, link in self.links.items():
            state = "NOT_INUSE" if node in nodes else "UNAVAILABLE"
            link.globals["DEVICE_STATE(PJSIP/1001)"] = state

    def node_of(self, agent: AgentId) -> NodeId:
        known = self.dispatcher.floor.agent(agent)
        assert known is not None
        return known.node

    def locate(self) -> bool:
        return self.successResultOf(Deferred.fromCoroutine(self.phones.locate(ANU)))

    def look(self, node: NodeId) -> None:
        self.successResultOf(Deferred.fromCoroutine(self.phones.look(self.switches[node])))


class Told(PhonesStory):
    def test_a_phone_that_registers_elsewhere_is_followed_in_whatever_state_its_agent_is(self) -> None:
        self.free(ANU)
        self.take()
        self.phones.told(NODE2, DESK, answers=True)
        self.assertEqual(self.take(), ["AgentLoggedIn anu"])
        self.assertEqual((self.node_of(ANU), self.agent_state(ANU)), (NODE2, AgentState.AVAILABLE))
        self.queue(FIRST)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.phones.told(NODE, DESK, answers=True)
        self.assertEqual((self.node_of(ANU), self.agent_state(ANU)), (NODE, AgentState.TALKING))

    def test_one_that_registers_again_where_it_was_is_no_news(self) -> None:
        self.free(ANU)
        self.take()
        self.phones.told(NODE, DESK, answers=True)
        self.assertEqual(self.take(), [])

    def test_nobody_is_logged_in_by_a_phone(self) -> None:
        self.phones.told(NODE2, DESK, answers=True)
        self.seat(ANU)
        self.report(LogoutAsked, agent=ANU)
        self.take()
        self.phones.told(NODE2, DESK, answers=True)
        self.phones.told(NODE2, DESK, answers=False)
        self.assertEqual(self.take(), [])

    def test_nor_kept_by_one_from_going_after_the_call(self) -> None:
        self.free(ANU)
        self.queue(FIRST)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.report(LogoutAsked, agent=ANU)
        self.take()
        self.phones.told(NODE2, DESK, answers=True)
        self.assertEqual(self.take(), [])

    def test_one_that_leaves_its_node_is_looked_for_at_the_others(self) -> None:
        self.serve(NODE, NODE2)
        self.free(ANU)
        self.answers(NODE2)
        self.phones.told(NODE, DESK, answers=False)
        self.assertEqual(self.node_of(ANU), NODE2)

    def test_one_that_has_only_changed_its_port_has_not_left(self) -> None:
        """Asterisk tells first that the new contact answers, and then that the old one is removed."""
        self.serve(NODE, NODE2)
        self.free(ANU)
        self.answers(NODE, NODE2)
        self.phones.told(NODE, DESK, answers=False)
        self.assertEqual(self.node_of(ANU), NODE)


class Located(PhonesStory):
    def test_its_own_node_is_asked_first(self) -> None:
        self.serve(NODE, NODE2)
        self.seat(ANU, node=NODE2)
        self.answers(NODE, NODE2)
        self.assertTrue(self.locate())
        self.assertEqual(self.node_of(ANU), NODE2)
        self.assertEqual(len(self.asked), 1)

    def test_where_it_answers_there_it_is(self) -> None:
        self.serve(NODE, NODE2)
        self.seat(ANU, node=NOWHERE)
        self.answers(NODE2)
        self.assertTrue(self.locate())
        self.assertEqual(self.node_of(ANU), NODE2)

    def test_one_that_answers_nowhere_cannot_be_rung(self) -> None:
        self.serve(NODE, NODE2)
        self.seat(ANU)
        self.answers()
        self.assertFalse(self.locate())
        self.assertEqual(self.node_of(ANU), NODE)

    def test_what_a_node_that_is_down_knows_counts_for_nothing(self) -> None:
        self.serve(NODE2)
        self.seat(ANU, node=NODE)
        self.answers(NODE)
        self.assertFalse(self.locate())

    def test_a_node_that_cannot_answer_leaves_it_in_doubt(self) -> None:
        self.seat(ANU)
        self.answers()
        self.assertTrue(self.locate())
        self.serve(NODE, NODE2)
        self.links[NODE2].fail("Getvar", refusal("not now"))
        self.assertTrue(self.locate())

    def test_somebody_unknown_is_nowhere(self) -> None:
        self.assertFalse(self.locate())


class Looked(PhonesStory):
    """Agents seated by an older version, by a restart, or at a node that is down."""

    def test_a_node_that_comes_up_is_asked_for_the_phones_that_no_other_has(self) -> None:
        self.serve(NODE)
        self.free(ANU, node=NODE2)
        self.seat(BEA, node=NODE)
        self.answers(NODE2)
        self.look(NODE2)
        self.assertEqual(self.asked, [])
        self.dispatcher.pause(NODE)
        self.seat(ANU, node=NODE)
        self.look(NODE2)
        self.assertEqual(self.node_of(ANU), NODE2)
        self.assertEqual(self.asked[0], "Getvar DEVICE_STATE(PJSIP/1001)")

    def test_one_that_answers_nobody_stays_where_it_was(self) -> None:
        self.seat(ANU, node=NOWHERE)
        self.answers()
        self.look(NODE)
        self.assertEqual(self.node_of(ANU), NOWHERE)

    def test_who_has_logged_out_is_not_looked_for(self) -> None:
        self.seat(ANU, node=NOWHERE)
        self.report(LogoutAsked, agent=ANU)
        self.look(NODE)
        self.assertEqual(self.asked, [])


class WhoSitsWhere(PhonesStory):
    def test_nobody_sits_at_the_phone_of_who_has_logged_out(self) -> None:
        floor = self.dispatcher.floor
        self.seat(ANU)
        self.assertEqual(agent_at(floor, DESK), ANU)
        self.report(LogoutAsked, agent=ANU)
        self.assertIsNone(agent_at(floor, DESK))
        self.assertEqual(last_at(floor, DESK), ANU)
        self.assertIsNone(agent_at(floor, Phone("1002")))

    def test_who_sits_there_now_comes_before_who_was_there_last(self) -> None:
        self.seat(ANU)
        self.report(AvailabilityAsked, agent=ANU)
        self.report(LogoutAsked, agent=ANU)
        self.clock.advance(1)
        self.seat(BEA)
        self.assertEqual(last_at(self.dispatcher.floor, Phone("1002")), BEA)


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
