"""The house: what is asked is answered in time, and what is said to be kept is on the disk."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from twisted.internet.defer import CancelledError, Deferred

from callcentre.enquiries.asker import Asker
from callcentre.enquiries.dockets import UNKNOWN_PER_CALL, UNKNOWN_PER_CALLER, WINDOW_SECONDS
from callcentre.enquiries.facts import CallJudged, MessageLeft, NoticeGiven, SelfServed
from callcentre.enquiries.house import KEEPING_LIMIT, LIMIT
from callcentre.enquiries.messages import EMPTY_BYTES
from callcentre.enquiries.texts import MOST_PER_NUMBER
from callcentre.projections.read import ticket
from callcentre.storage.schema import MessageRecord, TextRecord, TextState, TicketState
from callcentre.tickets.docket import docket_number, is_valid
from callcentre.tickets.facts import TicketRegistered
from ivr.exchange import (
    CardKind,
    DocketFound,
    DocketState,
    Done,
    FindDocket,
    FindRationCard,
    KeepJudgement,
    KeepMessage,
    NothingFound,
    RationCardFound,
    Registered,
    SendText,
    Unanswered,
)
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode
from tests.unit.parts.furnished import CALL, LANDLINE, LEELA, NOW, HouseStory, parameters

KNOWN = docket_number(2026, 7)
TODAY = date(2026, 11, 28)
MESSAGE = KeepMessage("kwa", "bill", "ml", 42)


def registered(docket: str = KNOWN, *, days_ago: float = 4, answered_only: bool = False) -> TicketRegistered:
    return TicketRegistered(
        at=Instant(NOW - days_ago * 86_400),
        docket=docket,
        call=CallId(CALL),
        helpline=HelplineId("kwa"),
        category="bill",
        agent=AgentId("anju"),
        caller=LEELA,
        citizen="Leela",
        place="Muttathara",
        district="01",
        description="too high",
        language=LanguageCode("ml"),
        answered_only=answered_only,
    )


class Dockets(HouseStory):
    def test_where_it_stands_and_nothing_of_whose_it_is(self) -> None:
        self.fold(registered())
        due = date(2026, 12, 15)
        found = DocketFound(DocketState.REGISTERED, "kwa", date(2026, 11, 24), "name/kwa", due)
        self.assertEqual(self.ask(FindDocket(KNOWN)), found)
        self.assertEqual(self.ask(FindDocket(KNOWN), caller=LANDLINE), found)

    def test_an_answer_given_is_closed_until_it_was_not_enough(self) -> None:
        self.fold(registered(answered_only=True))
        closed = self.ask(FindDocket(KNOWN))
        assert isinstance(closed, DocketFound)
        self.assertEqual((closed.state, closed.office, closed.due), (DocketState.CLOSED, "", None))
        self.ask(KeepJudgement(KNOWN, solved=False, rating=None))
        self.assertEqual(self.ask(FindDocket(KNOWN)).state, DocketState.REGISTERED)  # type: ignore[union-attr]

    def test_one_that_nobody_has_and_one_that_cannot_be(self) -> None:
        self.assertEqual(self.ask(FindDocket(docket_number(2026, 8))), NothingFound())
        asked = self.database.transactions
        self.assertEqual(self.ask(FindDocket("1234567890")), NothingFound())
        self.assertEqual(self.database.transactions, asked)

    def test_whoever_guesses_is_brought_to_a_person(self) -> None:
        self.fold(registered())
        for serial in range(UNKNOWN_PER_CALL):
            self.assertEqual(self.ask(FindDocket(docket_number(2026, 100 + serial))), NothingFound())
        self.is_unanswered(self.ask(FindDocket(KNOWN)), "docket-guessing")
        self.assertIsInstance(self.ask(FindDocket(KNOWN), call="another"), DocketFound)

    def test_nor_can_he_go_on_in_call_after_call(self) -> None:
        self.fold(registered())
        for n in range(UNKNOWN_PER_CALLER):
            self.ask(FindDocket(docket_number(2026, 100 + n)), call=f"call-{n}")
        self.is_unanswered(self.ask(FindDocket(KNOWN), call="next"), "docket-guessing")
        self.assertIsInstance(self.ask(FindDocket(KNOWN), call="other", caller=LANDLINE), DocketFound)
        self.clock.advance(WINDOW_SECONDS)
        self.assertIsInstance(self.ask(FindDocket(KNOWN), call="later"), DocketFound)

    def test_withholding_the_number_is_no_way_around(self) -> None:
        for n in range(UNKNOWN_PER_CALLER):
            self.ask(FindDocket(docket_number(2026, 100 + n)), call=f"call-{n}", caller="")
        self.is_unanswered(self.ask(FindDocket(KNOWN), call="next", caller=""), "docket-guessing")

    def test_a_database_that_is_away_leads_to_a_person(self) -> None:
        self.database.away = True
        self.is_unanswered(self.ask(FindDocket(KNOWN)), "enquiry-failed")

    def test_a_database_that_hangs_leads_to_a_person_in_time(self) -> None:
        self.database.held = Deferred()
        asking = Deferred.fromCoroutine(self.house.answer(FindDocket(KNOWN), _leela()))
        self.clock.advance(LIMIT)
        self.is_unanswered(self.successResultOf(asking), "enquiry-late")


class Cards(HouseStory):
    def setUp(self) -> None:
        super().setUp()
        self.asking = Deferred.fromCoroutine(self.house.answer(FindRationCard("1"), _leela()))

    def test_what_the_service_says_is_passed_on(self) -> None:
        card = RationCardFound(CardKind.AAY, active=True, members=5)
        self.cards.answer.callback(card)
        self.assertEqual(self.successResultOf(self.asking), card)

    def test_nothing_takes_longer_than_three_seconds(self) -> None:
        self.clock.advance(LIMIT - 0.1)
        self.assertNoResult(self.asking)
        self.clock.advance(0.1)
        self.is_unanswered(self.successResultOf(self.asking), "enquiry-late")

    def test_a_fault_of_ours_is_logged_and_leads_to_a_person(self) -> None:
        self.cards.answer.errback(ZeroDivisionError())
        self.is_unanswered(self.successResultOf(self.asking), "enquiry-failed")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_a_caller_who_hangs_up_is_no_fault(self) -> None:
        self.asking.cancel()
        self.failureResultOf(self.asking, CancelledError)
        self.assertEqual(self.faults, [])


class Texts(HouseStory):
    def rows(self) -> list[TextRecord]:
        return self.database.ask(lambda session: list(session.scalars(select(TextRecord))))

    def test_what_is_wanted_is_in_the_outbox_and_on_the_disk(self) -> None:
        self.assertEqual(self.ask(SendText(f"docket/{KNOWN}"), caller="09447000001", language="ta"), Done())
        self.assertEqual([type(told).__name__ for told in self.transcript], ["TextWanted", "str"])
        (row,) = self.rows()
        self.assertEqual((row.recipient, row.template, row.language), (LEELA, "docket", "ta"))
        self.assertEqual((parameters(row.parameters), row.state), ({"docket": KNOWN}, TextState.WAITING))

    def test_an_office_and_the_same_again_is_one_text(self) -> None:
        for _ in range(2):
            self.assertEqual(self.ask(SendText("office/kwa")), Done())
        (row,) = self.rows()
        self.assertEqual(parameters(row.parameters), {"helpline": "kwa"})

    def test_what_cannot_be_sent_is_refused(self) -> None:
        for about in ("docket/1234567890", "office/police", "docket", "weather/today", ""):
            self.assertEqual(self.ask(SendText(about)), Unanswered())
        for caller in (LANDLINE, ""):
            self.assertEqual(self.ask(SendText("office/kwa"), caller=caller), Unanswered())
        self.assertEqual((self.transcript, self.faults), ([], ["text-refused"] * 7))

    def test_a_number_gets_so_many_in_an_hour(self) -> None:
        answers = [self.ask(SendText("office/kwa"), call=f"c{n}") for n in range(MOST_PER_NUMBER + 1)]
        self.assertEqual(answers, [*[Done()] * MOST_PER_NUMBER, Unanswered()])

    def test_a_full_disk_promises_nothing(self) -> None:
        self.disk_full = True
        self.is_unanswered(self.ask(SendText("office/kwa")), "enquiry-failed")


class SpokenMessages(HouseStory):
    def speak(self, call: str = CALL, size: int = 4_000) -> None:
        (self.messages / f"{call}.wav").write_bytes(b"\0" * size)

    def test_a_message_becomes_a_ticket_with_its_recording(self) -> None:
        self.speak()
        answer = self.ask(MESSAGE)
        assert isinstance(answer, Registered)
        self.assertTrue(is_valid(answer.docket))
        kinds = [type(told).__name__ for told in self.transcript]
        self.assertEqual(kinds, ["TicketRegistered", "str", "MessageLeft", "str"])
        left = MessageLeft(
            at=Instant(NOW), call=CallId(CALL), docket=answer.docket, file=f"{CALL}-1.wav", seconds=42
        )
        self.assertEqual(self.transcript[2], left)
        row = self.database.ask(lambda session: ticket(session, answer.docket))
        assert row is not None
        self.assertEqual((row.agent, row.category, row.caller, row.language), ("menu", "bill", LEELA, "ml"))
        self.assertEqual(row.description, "A spoken message of 42 s")
        kept = self.database.ask(lambda session: session.get_one(MessageRecord, answer.docket))
        self.assertEqual((kept.file, kept.seconds, kept.call), (f"{CALL}-1.wav", 42, CALL))

    def test_a_second_message_of_the_same_call_leaves_the_first_as_it_is(self) -> None:
        for size in (4_000, 9_000):
            self.speak(size=size)
            self.assertIsInstance(self.ask(MESSAGE), Registered)
        files = [told.file for told in self.transcript if isinstance(told, MessageLeft)]
        self.assertEqual(files, [f"{CALL}-1.wav", f"{CALL}-2.wav"])
        self.assertEqual([(self.messages / file).stat().st_size for file in files], [4_000, 9_000])

    def test_a_busy_disk_is_waited_for_longer_than_an_answer(self) -> None:
        self.speak()
        self.disk_busy = Deferred()
        keeping = Deferred.fromCoroutine(self.house.answer(MESSAGE, _leela()))
        self.clock.advance(KEEPING_LIMIT - 0.1)
        self.disk_busy.callback(None)
        self.assertIsInstance(self.successResultOf(keeping), Registered)

    def test_it_is_kept_although_its_caller_has_hung_up_and_nobody_waits(self) -> None:
        self.speak()
        self.disk_busy = Deferred()
        keeping = Deferred.fromCoroutine(self.house.answer(MESSAGE, _leela()))
        keeping.cancel()
        self.failureResultOf(keeping, CancelledError)
        self.disk_busy.callback(None)
        self.assertEqual(len([told for told in self.transcript if isinstance(told, MessageLeft)]), 1)

    def test_one_about_something_else_is_taken_all_the_same(self) -> None:
        for category in ("", "police"):
            self.speak()
            self.assertIsInstance(self.ask(KeepMessage("kwa", category, "ml", 3)), Registered)
        tickets = [told for told in self.transcript if isinstance(told, TicketRegistered)]
        self.assertEqual([told.category for told in tickets], ["other", "other"])

    def test_a_number_that_is_none_keeps_nobody_from_speaking(self) -> None:
        self.speak()
        self.assertIsInstance(self.ask(MESSAGE, caller="9" * 40), Registered)

    def test_without_a_recording_there_is_no_ticket(self) -> None:
        self.assertEqual(self.ask(MESSAGE), Unanswered())
        self.speak(size=EMPTY_BYTES)
        self.assertEqual(self.ask(MESSAGE), Unanswered())
        self.assertEqual((self.transcript, self.faults), ([], ["message-missing"] * 2))

    def test_a_recording_lies_in_its_folder_only(self) -> None:
        (self.messages.parent / "elsewhere.wav").write_bytes(b"\0" * 4_000)
        self.addCleanup((self.messages.parent / "elsewhere.wav").unlink)
        (self.messages / "link.wav").symlink_to(self.messages.parent / "elsewhere.wav")
        for call in ("../elsewhere", "link", "", ".", "a\nb"):
            self.assertEqual(self.ask(MESSAGE, call=call), Unanswered())
        self.assertEqual(self.transcript, [])

    def test_an_unknown_helpline_or_no_docket_left_promises_nothing(self) -> None:
        self.speak()
        self.is_unanswered(self.ask(KeepMessage("police", "", "ml", 3)), "enquiry-failed")
        for _ in range(4):
            self.speak()
            self.assertIsInstance(self.ask(MESSAGE), Registered)
        self.speak()
        self.assertEqual(self.ask(MESSAGE), Unanswered())

    def test_a_full_disk_promises_nothing(self) -> None:
        self.speak()
        self.disk_full = True
        self.is_unanswered(self.ask(MESSAGE), "enquiry-failed")


class Kept(HouseStory):
    def test_what_he_says_of_the_call_is_on_the_disk(self) -> None:
        self.fold(registered())
        self.assertEqual(self.ask(KeepJudgement(KNOWN, solved=False, rating=2)), Done())
        judged = CallJudged(at=Instant(NOW), call=CallId(CALL), docket=KNOWN, solved=False, rating=2)
        self.assertEqual(self.transcript, [judged, "synced"])
        row = self.database.ask(lambda session: ticket(session, KNOWN))
        assert row is not None
        self.assertIs(row.state, TicketState.REOPENED)

    def test_whoever_says_nothing_has_judged_nothing(self) -> None:
        self.assertEqual(self.ask(KeepJudgement(KNOWN, solved=None, rating=None)), Done())
        self.assertEqual(self.transcript, [])

    def test_what_is_no_docket_is_left_out(self) -> None:
        self.ask(KeepJudgement("12", solved=True, rating=None))
        self.assertEqual(self.transcript[0].docket, "")  # type: ignore[attr-defined]

    def test_the_notice_and_the_service_are_noted_at_once(self) -> None:
        self.house.noticed(CALL, version="2026-1", recorded=False, language="ml")
        self.house.served(CALL, language="ta")
        at, call = Instant(NOW), CallId(CALL)
        self.assertEqual(
            self.transcript,
            [
                NoticeGiven(at=at, call=call, version="2026-1", recorded=False, language=LanguageCode("ml")),
                SelfServed(at=at, call=call, language=LanguageCode("ta")),
            ],
        )

    def test_a_full_disk_stops_no_menu(self) -> None:
        self.disk_full = True
        self.house.noticed(CALL, version="1", recorded=True, language="ml")
        self.house.served(CALL)
        self.assertEqual(self.faults, ["unkept", "unkept"])


def test_an_askers_number_stays_out_of_logs() -> None:
    assert LEELA not in repr(_leela())


def _leela() -> Asker:
    return Asker(call=CALL, caller=LEELA, helpline="kwa")
