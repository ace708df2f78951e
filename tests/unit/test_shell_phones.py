"""Phones that go away and come back, and what their agents are meanwhile."""

from __future__ import annotations

from callcentre.telephony.ami.codec import Message
from callcentre.telephony.registrations import phone_told
from routing.agent import AgentState
from routing.facts import LogoutAsked, OfferUnreachable
from routing.ids import Phone
from tests.unit.parts.fake_link import refusal
from tests.unit.parts.shell_floor import ANU, BEA, FIRST, PHONES, ShellFloor

DEVICE = "DEVICE_STATE(PJSIP/1001)"


class PhoneStory(ShellFloor):
    """Anu is available at a phone that answers."""

    def setUp(self) -> None:
        super().setUp()
        self.dispatcher.serve(self.switch)
        self.free(ANU)
        self.link.globals[DEVICE] = "NOT_INUSE"
        self.take()

    def go_away(self, phone: Phone = PHONES[ANU]) -> None:
        self.link.globals[DEVICE] = "UNAVAILABLE"
        self.phones.told(phone, answers=False)

    def look(self) -> None:
        self.tasks.start(self.phones.look(), what="looking for phones")


class Told(PhoneStory):
    def test_whose_phone_is_gone_gets_no_calls_until_it_is_back(self) -> None:
        self.go_away()
        self.assertEqual(self.take()[-1], "PhoneLost anu")
        self.assertEqual(self.agent_state(ANU), AgentState.UNREACHABLE)
        self.phones.told(PHONES[ANU], answers=True)
        self.assertEqual(self.take(), ["PhoneBack anu"])
        self.assertEqual(self.agent_state(ANU), AgentState.AVAILABLE)

    def test_one_that_has_registered_anew_from_elsewhere_is_not_gone(self) -> None:
        self.phones.told(PHONES[ANU], answers=False)
        self.assertEqual(self.take(), [f"Getvar {DEVICE}"])

    def test_nor_one_of_which_the_switch_cannot_say(self) -> None:
        self.link.fail("Getvar", refusal("not now"))
        self.phones.told(PHONES[ANU], answers=False)
        self.assertEqual(self.agent_state(ANU), AgentState.AVAILABLE)

    def test_one_that_answers_and_was_not_missed_is_no_news(self) -> None:
        self.phones.told(PHONES[ANU], answers=True)
        self.assertEqual(self.take(), [])

    def test_a_phone_where_nobody_sits_is_nobodys(self) -> None:
        self.go_away(PHONES[BEA])
        self.report(LogoutAsked, agent=ANU)
        self.take()
        self.go_away()
        self.assertEqual(self.take(), [])


class Looked(PhoneStory):
    """Who was found unreachable by an offer may never have been away: nothing is told of her coming back."""

    def setUp(self) -> None:
        super().setUp()
        self.queue(FIRST)
        self.report(OfferUnreachable, call=FIRST, agent=ANU)
        self.assertEqual(self.agent_state(ANU), AgentState.UNREACHABLE)
        self.take()

    def test_a_phone_that_can_be_rung_after_all_is_found(self) -> None:
        self.look()
        self.assertEqual(self.take()[:2], [f"Getvar {DEVICE}", "PhoneBack anu"])

    def test_one_that_cannot_is_not(self) -> None:
        self.link.globals[DEVICE] = "UNAVAILABLE"
        self.look()
        self.assertEqual(self.agent_state(ANU), AgentState.UNREACHABLE)

    def test_nor_one_of_which_the_switch_cannot_say(self) -> None:
        self.link.fail("Getvar", refusal("not now"))
        self.look()
        self.assertEqual(self.agent_state(ANU), AgentState.UNREACHABLE)


class WhatASwitchTells(ShellFloor):
    def status(self, status: str) -> tuple[Phone, bool] | None:
        return phone_told(
            Message.of(("Event", "ContactStatus"), ("ContactStatus", status), ("EndpointName", "1001"))
        )

    def test_a_phone_is_there_when_it_has_answered_and_gone_when_it_says_so_or_stops_answering(self) -> None:
        self.assertEqual(self.status("Reachable"), ("1001", True))
        self.assertEqual(self.status("Removed"), ("1001", False))
        self.assertEqual(self.status("Unreachable"), ("1001", False))

    def test_one_that_has_not_been_asked_yet_says_nothing(self) -> None:
        self.assertIsNone(self.status("NonQualified"))
        self.assertIsNone(phone_told(Message.of(("Event", "Hangup"))))
