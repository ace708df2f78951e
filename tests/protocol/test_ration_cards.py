"""Ration cards over the wire: what the contract has is understood, whatever else comes leads to a person."""

from __future__ import annotations

from typing import Any

import pytest
from treq.testing import RequestTraversalAgent
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from callcentre.configuration.model import RationSettings
from callcentre.enquiries.credentials import ApiKey
from callcentre.enquiries.ration import MOST_AT_ONCE, RationCards
from callcentre.enquiries.ration_contract import Malformed, Refused, answer
from ivr.exchange import CardKind, NothingFound, RationCardFound, Unanswered
from tests.protocol.parts.ration_document import Document
from tests.protocol.parts.ration_office import (
    BROKEN,
    CLIENT,
    CUT,
    ENDLESS,
    FIFTH,
    KEY,
    LATE,
    OTHER,
    PAGE,
    RationOffice,
)

CARD = b'{"status":"A","number":"7","CertificateData":{"RationCard":{"type":"PHH","members":4}}}'


class RationCardsOverTheWire(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.faults: list[str] = []
        self.late: list[Any] = []
        self.office = RationOffice(later=self.late.append)
        self.agent = RequestTraversalAgent(self.office)
        self.cards = self.known_by(KEY)

    def known_by(self, key: str | None, url: str = "http://127.0.0.1:1/") -> RationCards:
        return RationCards(
            self.agent,
            RationSettings(url=url, timeout_seconds=2.0),
            None if key is None else ApiKey(client=CLIENT, key=key),
            clock=self.clock,
            on_fault=self.faults.append,
        )

    def ask(self, number: str) -> Deferred[Any]:
        asked = Deferred.fromCoroutine(self.cards.find(number))
        self.agent.flush()
        return asked

    def found(self, number: str) -> Any:
        return self.successResultOf(self.ask(number))

    def test_a_card_of_each_kind(self) -> None:
        self.assertEqual(
            [self.found(f"100000000{n}") for n in range(1, 5)],
            [
                RationCardFound(CardKind.AAY, active=True, members=5),
                RationCardFound(CardKind.PHH, active=True, members=4),
                RationCardFound(CardKind.NPS, active=True, members=3),
                RationCardFound(CardKind.NPNS, active=False, members=0),
            ],
        )

    def test_a_card_that_nobody_has(self) -> None:
        self.assertEqual(self.found("1000000055"), NothingFound())
        self.assertEqual(self.faults, [])

    def test_what_is_said_is_in_the_published_contract(self) -> None:
        document = Document()
        for number in ("1000000001", "1000000055", BROKEN):
            self.found(number)
        self.cards = self.known_by("wrong")
        self.found("1000000001")
        for exchange in self.office.exchanges:
            self.assertEqual(document.faults_of_request(exchange.headers, exchange.body), [])
            answered = (exchange.status, exchange.content_type, exchange.answer)
            self.assertEqual(document.faults_of_answer(*answered), [])
        self.assertEqual([exchange.status for exchange in self.office.exchanges], [200, 404, 500, 401])

    def test_what_goes_wrong_leads_to_a_person_and_is_counted(self) -> None:
        expected = {
            BROKEN: "ration-refused",
            PAGE: "ration-malformed",
            ENDLESS: "ration-malformed",
            CUT: "ration-away",
            OTHER: "ration-malformed",
            FIFTH: "ration-malformed",
        }
        for number, fault in expected.items():
            self.faults.clear()
            self.assertEqual(self.found(number), Unanswered(), number)
            self.assertEqual(self.faults, [fault], number)

    def test_a_service_that_is_late_is_not_waited_for(self) -> None:
        asked = self.ask(LATE)
        self.clock.advance(1.9)
        self.assertNoResult(asked)
        self.clock.advance(0.2)
        self.assertEqual(self.successResultOf(asked), Unanswered())
        self.late[0]()
        self.agent.flush()
        self.assertEqual(self.faults, ["ration-away"])

    def test_a_service_that_hangs_holds_so_many_callers_and_no_more(self) -> None:
        waiting = [self.ask(LATE) for _ in range(MOST_AT_ONCE)]
        self.assertEqual(self.found("1000000001"), Unanswered())
        self.assertEqual(self.faults, ["ration-busy"])
        self.clock.advance(2)
        self.assertEqual([self.successResultOf(asked) for asked in waiting], [Unanswered()] * MOST_AT_ONCE)
        self.assertIsInstance(self.found("1000000001"), RationCardFound)

    def test_a_key_that_is_not_known_is_a_fault(self) -> None:
        self.cards = self.known_by("wrong")
        self.assertEqual((self.found("1000000001"), self.faults), (Unanswered(), ["ration-refused"]))

    def test_nobody_is_asked_without_an_address_or_a_key(self) -> None:
        for cards in (self.known_by(KEY, url=""), self.known_by(None)):
            self.cards = cards
            self.assertEqual(self.found("1000000001"), Unanswered())
        self.assertEqual((self.faults, self.office.exchanges), ([], []))

    def test_a_wrong_address_is_not_taken_for_an_unknown_card(self) -> None:
        self.cards = self.known_by(KEY, url="http://127.0.0.1:1/elsewhere")
        self.assertEqual((self.found("1000000001"), self.faults), (Unanswered(), ["ration-refused"]))


def test_numbers_are_read_whether_or_not_they_are_in_quotes() -> None:
    found = RationCardFound(CardKind.PHH, active=True, members=4)
    assert answer(200, CARD, number="7") == found
    assert answer(200, CARD.replace(b'"7"', b"7"), number="7") == found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"A"', b'"?"'),
        (b'"A"', b"[]"),
        (b'"7"', b'"8"'),
        (b'"7"', b"null"),
        (b'"PHH"', b"{}"),
        (b":4", b':"4"'),
        (b":4", b":true"),
        (b":4", b":-1"),
        (b":4", b":1e400"),
        (b":4", b":100"),
        (b'{"type":"PHH","members":4}', b"[]"),
        (CARD, b""),
        (CARD, b"null"),
        (CARD, b"\xff\xfe{}"),
        (CARD, b"[" * 16_000),
    ],
)
def test_whatever_else_comes_is_malformed(old: bytes, new: bytes) -> None:
    with pytest.raises(Malformed):
        answer(200, CARD.replace(old, new), number="7")


@pytest.mark.parametrize(
    ("status", "body", "raised"),
    [
        (404, b"<html>", Malformed),
        (404, b'{"error":"url_not_found"}', Refused),
        (503, b'{"error":"service_unavailable"}', Refused),
        (302, b"{}", Malformed),
        (400, b'{"error":7}', Malformed),
    ],
)
def test_only_a_record_that_is_not_found_is_no_card(
    status: int, body: bytes, raised: type[Exception]
) -> None:
    with pytest.raises(raised):
        answer(status, body, number="7")
