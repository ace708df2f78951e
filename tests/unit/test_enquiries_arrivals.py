"""What is known of a caller when he comes, and that nothing of it is waited for too long."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred

from callcentre.enquiries.arrivals import DOCKET_REMEMBERED, KNOWN_WITHIN, LANGUAGE_REMEMBERED
from callcentre.enquiries.lookups import MOST_AT_ONCE
from callcentre.storage.schema import CallRecord, TicketRecord, TicketState
from ivr.exchange import Announcement, Arrived, OpenDocket
from routing.call import CallState
from routing.facts import CallArrived
from routing.ids import CallId, Instant, NodeId
from tests.unit.parts.furnished import LANDLINE, LEELA, NOW, HouseStory

TODAY = date(2026, 11, 28)
DAY = 86_400.0


class CallerStory(HouseStory):
    """What there is of a caller from before."""

    def had_call(self, ago: float, language: str | None, *, caller: str = LEELA) -> None:
        row = CallRecord(call=f"n-{ago}", seen_at=NOW - ago, state=CallState.ENDED, folded_to="")
        row.caller, row.language = caller, language
        self.add(row)

    def has_ticket(self, docket: str, ago: float, **changed: object) -> None:
        row = TicketRecord(docket=docket, registered_at=NOW - ago, helpline="kwa", category="bill")
        row.agent = row.citizen = row.place = row.description = ""
        row.caller, row.language = LEELA, "ml"
        row.answered_only, row.state = False, TicketState.REGISTERED
        for name, value in changed.items():
            setattr(row, name, value)
        self.add(row)

    def add(self, row: CallRecord | TicketRecord) -> None:
        def write(session: Session) -> None:
            session.add(row)

        self.database.ask(write)

    def calls(self, times: int, *, caller: str = LEELA, every: float = 0.0) -> None:
        for n in range(times):
            at = Instant(self.clock.seconds() - every * n)
            self.house.follow(
                CallArrived(
                    at=at,
                    call=CallId(f"c{n}"),
                    node=NodeId("n"),
                    dialled="1916",
                    caller=caller,
                    caller_raw=caller,
                )
            )


class WhoCalls(CallerStory):
    def test_of_a_stranger_it_is_known_what_day_it_is_here(self) -> None:
        self.assertEqual(self.arrived(), Arrived(today=TODAY, textable=True))

    def test_the_language_of_his_last_call_that_had_one(self) -> None:
        self.had_call(3000, "hi")
        self.had_call(2000, "ta")
        self.had_call(1000, None)
        self.had_call(500, "ml", caller=LANDLINE)
        self.assertEqual(self.arrived().language, "ta")

    def test_half_a_year_later_it_is_forgotten(self) -> None:
        self.had_call(LANGUAGE_REMEMBERED + 1, "ta")
        self.assertIsNone(self.arrived().language)

    def test_a_number_is_the_same_however_the_network_sends_it(self) -> None:
        self.had_call(10, "ta")
        for sent in ("09447000001", "9447000001", "+919447000001"):
            self.assertEqual(self.arrived(sent).language, "ta")

    def test_his_newest_open_docket(self) -> None:
        self.has_ticket("2600000010", 5 * DAY)
        self.has_ticket("2600000029", 2 * DAY)
        self.has_ticket("2600000038", DAY, answered_only=True)
        self.has_ticket("2600000047", DAY, caller=LANDLINE)
        self.assertEqual(self.arrived().docket, OpenDocket("2600000029", "kwa", date(2026, 11, 26)))

    def test_an_answer_that_was_not_enough_is_open(self) -> None:
        self.has_ticket("2600000010", DAY, answered_only=True, state=TicketState.REOPENED)
        self.assertIsNotNone(self.arrived().docket)

    def test_an_old_docket_is_not_asked_about(self) -> None:
        self.has_ticket("2600000010", DOCKET_REMEMBERED + 1)
        self.assertIsNone(self.arrived().docket)

    def test_whoever_withholds_his_number_is_a_stranger(self) -> None:
        self.had_call(10, "ta", caller="")
        self.has_ticket("2600000010", DAY, caller="")
        self.calls(20, caller="")
        self.assertEqual(self.arrived(""), Arrived(today=TODAY))

    def test_what_supervisors_have_announced(self) -> None:
        self.board.announced, self.board.surge = (("kwa", Announcement("announcement/7")),), True
        known = self.arrived()
        self.assertEqual((known.announcements, known.surge), (self.board.announced, True))

    def test_a_number_that_calls_more_often_than_five_times_in_half_an_hour(self) -> None:
        self.calls(5)
        self.assertFalse(self.arrived().flooding)
        self.calls(1)
        self.assertTrue(self.arrived().flooding)
        self.assertFalse(self.arrived(LANDLINE).flooding)
        self.clock.advance(30 * 60)
        self.assertFalse(self.arrived().flooding)

    def test_calls_of_a_whole_day_are_no_flood(self) -> None:
        self.calls(40, every=600.0)
        self.assertFalse(self.arrived().flooding)

    def test_an_sms_reaches_mobiles_of_this_country_only(self) -> None:
        told = {number: self.arrived(number).textable for number in (LEELA, LANDLINE, "+447400123456", "100")}
        self.assertEqual(told, {LEELA: True, LANDLINE: False, "+447400123456": False, "100": False})


class InTime(CallerStory):
    def test_a_database_that_is_away_makes_him_a_stranger(self) -> None:
        self.had_call(10, "ta")
        self.database.away = True
        self.assertEqual(self.arrived(), Arrived(today=TODAY, textable=True))

    def test_a_database_that_is_late_is_not_waited_for(self) -> None:
        self.had_call(10, "ta")
        self.database.held = Deferred()
        arriving = Deferred.fromCoroutine(self.house.arrived(caller=LEELA, helpline="kwa"))
        self.clock.advance(KNOWN_WITHIN - 0.01)
        self.assertNoResult(arriving)
        self.clock.advance(0.01)
        self.assertEqual(self.successResultOf(arriving), Arrived(today=TODAY, textable=True))

    def test_a_database_that_hangs_is_not_asked_by_ever_more_callers(self) -> None:
        self.database.held = Deferred()
        for _ in range(MOST_AT_ONCE):
            Deferred.fromCoroutine(self.house.arrived(caller=LEELA, helpline="kwa"))
        # At once: it is not even asked.
        self.assertIsNone(self.arrived().language)

    def test_a_fault_of_ours_is_counted_and_the_caller_goes_on(self) -> None:
        self.board.for_arrivals = lambda: 1 / 0  # type: ignore[method-assign]
        self.assertEqual(self.arrived(), Arrived(today=TODAY))
        self.assertEqual(self.faults, ["enquiry-failed"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
