"""The desk: a docket is given only for a ticket that no power cut can lose."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from callcentre.journal.codec import LINE_LIMIT, encode
from callcentre.tickets.desk import (
    LONGEST,
    Choices,
    Desk,
    Fault,
    Problem,
    TicketForm,
    TicketRefused,
    problems_of,
)
from callcentre.tickets.docket import is_valid
from callcentre.tickets.docket_book import DocketBook, NoDocketLeft
from callcentre.tickets.facts import TicketRegistered
from routing.facts import Fact
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode
from tests.unit.parts.inline_database import InlineDatabase, memory_engine

ANJU = AgentId("anju.k")
CHOICES = Choices(
    categories={HelplineId("kwa"): ("no-water", "bill"), HelplineId("food"): ("hygiene",)},
    districts=("01", "14"),
)
FORM = TicketForm(
    call="node1-1764000000.17",
    helpline="kwa",
    category="no-water",
    caller="+919447000001",
    citizen="Leela",
    place="Ward 4\nMuttathara",
    pincode="695001",
    district="14",
    description="വെള്ളമില്ല\nthree days",
    language="ml",
)
# Not typed, so not at its longest.
CHOSEN = {"helpline", "category", "district", "pincode"}
AADHAAR = "2345 6789 0124"


class DeskStory(SynchronousTestCase):
    """One desk whose every step is written to a transcript."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1764000000.25)
        opened = memory_engine()
        engine = opened.__enter__()
        self.addCleanup(opened.__exit__, None, None, None)
        self.book = DocketBook(
            InlineDatabase(engine), clock=self.clock, zone=ZoneInfo("Asia/Kolkata"), block=4
        )
        self.successResultOf(Deferred.fromCoroutine(self.book.fill()))
        self.transcript: list[object] = []
        self.flushes: list[Deferred[None]] = []
        self.desk = Desk(
            choices=CHOICES, dockets=self.book, clock=self.clock, append=self.append, sync=self.sync
        )

    def append(self, fact: Fact) -> None:
        self.transcript.append(fact)

    async def sync(self) -> None:
        self.transcript.append("sync")
        flush: Deferred[None] = Deferred()
        self.flushes.append(flush)
        await flush
        self.transcript.append("synced")

    def hand_in(self, form: TicketForm) -> Deferred[str]:
        return Deferred.fromCoroutine(self.desk.register(form, agent=ANJU))

    def stored(self, form: TicketForm) -> TicketRegistered:
        handed_in = self.hand_in(form)
        self.flushes[-1].callback(None)
        self.successResultOf(handed_in)
        fact = self.transcript[0]
        assert isinstance(fact, TicketRegistered)
        return fact

    def test_the_docket_comes_after_the_disk(self) -> None:
        handed_in = self.hand_in(FORM)
        self.assertNoResult(handed_in)
        fact, *rest = self.transcript
        self.assertEqual(rest, ["sync"])
        self.flushes[0].callback(None)
        docket = self.successResultOf(handed_in)
        self.assertTrue(is_valid(docket))
        self.assertEqual(
            fact,
            TicketRegistered(
                at=Instant(1764000000.25),
                docket=docket,
                call=CallId(FORM.call),
                helpline=HelplineId("kwa"),
                category="no-water",
                agent=ANJU,
                caller=FORM.caller,
                citizen="Leela",
                place=FORM.place,
                pincode="695001",
                district="14",
                description=FORM.description,
                language=LanguageCode("ml"),
                answered_only=False,
            ),
        )

    def test_a_disk_that_fails_gives_no_docket(self) -> None:
        handed_in = self.hand_in(FORM)
        self.flushes[0].errback(OSError("no space"))
        self.failureResultOf(handed_in, OSError)

    def test_a_form_that_is_refused_takes_no_docket_and_leaves_no_fact(self) -> None:
        failure = self.failureResultOf(self.hand_in(replace(FORM, category="")), TicketRefused)
        self.assertEqual(failure.value.problems, [Problem("category", Fault.REQUIRED)])
        self.assertEqual((self.transcript, self.book.in_hand), ([], 4))

    def test_without_a_docket_nothing_is_written(self) -> None:
        for _ in range(4):
            self.book.take()
        self.failureResultOf(self.hand_in(FORM), NoDocketLeft)
        self.assertEqual(self.transcript, [])

    def test_aadhaar_numbers_are_masked_in_every_free_text(self) -> None:
        form = replace(FORM, citizen=f"Leela {AADHAAR}", place=AADHAAR, description=f"card\n{AADHAAR}")
        fact = self.stored(form)
        self.assertNotIn(b"6789", encode(fact))
        self.assertEqual(fact.citizen, "Leela XXXX XXXX 0124")

    def test_browsers_line_ends_and_stray_spaces_go(self) -> None:
        fact = self.stored(replace(FORM, citizen="  Leela ", description="one\r\ntwo \r\n"))
        self.assertEqual((fact.citizen, fact.description), ("Leela", "one\ntwo"))

    def test_what_was_not_filled_in_is_none(self) -> None:
        fact = self.stored(replace(FORM, call="", pincode="", district="", citizen=""))
        self.assertEqual((fact.call, fact.pincode, fact.district, fact.citizen), (None, None, None, ""))

    def test_a_district_that_was_not_chosen_is_that_of_the_pin_code(self) -> None:
        fact = self.stored(replace(FORM, pincode="671-121 ", district=""))
        self.assertEqual((fact.pincode, fact.district), ("671121", "14"))

    def test_a_pin_code_of_two_districts_or_of_none_of_the_sites_chooses_none(self) -> None:
        for pincode in ("670511", "682001", "110001", "999999"):
            self.transcript.clear()
            fact = self.stored(replace(FORM, pincode=pincode, district=""))
            self.assertEqual((fact.pincode, fact.district), (pincode, None))

    def test_the_longest_form_fits_the_journal(self) -> None:
        filled = {name: "🚰" * length for name, length in LONGEST.items() if name not in CHOSEN}
        self.assertLess(len(encode(self.stored(replace(FORM, **filled)))), LINE_LIMIT)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({}, []),
        ({"helpline": ""}, [("helpline", Fault.REQUIRED)]),
        ({"helpline": "police"}, [("helpline", Fault.UNKNOWN)]),
        ({"category": "hygiene"}, [("category", Fault.UNKNOWN)]),
        ({"district": "15"}, [("district", Fault.UNKNOWN)]),
        ({"pincode": ""}, []),
        ({"pincode": "069500"}, [("pincode", Fault.NOT_A_PINCODE)]),
        ({"pincode": "6950011"}, [("pincode", Fault.NOT_A_PINCODE)]),
        ({"pincode": "6950\n1"}, [("pincode", Fault.NOT_A_PINCODE)]),
        ({"description": ""}, [("description", Fault.REQUIRED)]),
        ({"description": "", "answered_only": True}, []),
        ({"description": "x" * 4001}, [("description", Fault.TOO_LONG)]),
        ({"citizen": "a\nb"}, [("citizen", Fault.CONTROL_CHARACTER)]),
        ({"place": "a\0b"}, [("place", Fault.CONTROL_CHARACTER)]),
        ({"description": "\ud800"}, [("description", Fault.CONTROL_CHARACTER)]),
        ({"citizen": "ലീല\u200d"}, []),
        (
            {"district": "99", "category": "", "caller": "9" * 21},
            [("category", Fault.REQUIRED), ("caller", Fault.TOO_LONG), ("district", Fault.UNKNOWN)],
        ),
    ],
)
def test_each_wrong_field_is_named(changed: dict[str, object], problems: list[tuple[str, Fault]]) -> None:
    form = replace(FORM, **changed)  # type: ignore[arg-type]
    assert problems_of(form, CHOICES) == [Problem(*problem) for problem in problems]


def test_a_forms_repr_names_no_citizen() -> None:
    assert not any(told in repr(FORM) for told in ("Leela", "9447", "Muttathara", "three days"))
